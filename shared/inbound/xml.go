package inbound

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"

	"github.com/handoff-oss/handoff/shared/fault"
)

// maxXMLDepth is how many elements may stand within each other.
const maxXMLDepth = 12

// element is an element of an XML document, by its name without the prefix.
type element struct {
	name     string
	kind     string // the attribute xsi:type, without the prefix
	value    []byte // the text of the element itself
	children []*element
}

// child returns the first element of that name within e, else an empty one.
func (e *element) child(name string) *element {
	for _, c := range e.children {
		if c.name == name {
			return c
		}
	}
	return &element{}
}

func (e *element) text(name string) string { return strings.TrimSpace(string(e.child(name).value)) }

// parseXML reads a document in UTF-8 without a document type, and returns an
// element around it. So there are no entities but the five of XML itself,
// nothing is fetched and nothing grows.
func parseXML(body []byte) (*element, error) {
	d := xml.NewDecoder(bytes.NewReader(body))
	t := xmlTree{open: []*element{{}}}
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) && len(t.open) == 1 && len(t.open[0].children) == 1 {
			return t.open[0], nil
		}
		if err != nil {
			return nil, fault.New(fault.Invalid, "the body is not XML in UTF-8")
		}
		if why := t.add(token); why != "" {
			return nil, fault.New(fault.Invalid, "the body is XML that %s", why)
		}
	}
}

// xmlTree is a document in the making.
type xmlTree struct{ open []*element }

// add takes the next token; the decoder makes sure that ends match starts. It
// returns what is wrong, or "".
func (t *xmlTree) add(token xml.Token) (why string) {
	top := t.open[len(t.open)-1]
	switch token := token.(type) {
	case xml.StartElement:
		if len(t.open) > maxXMLDepth {
			return "is nested too deep"
		}
		e := &element{name: token.Name.Local}
		for _, a := range token.Attr {
			if a.Name.Local == "type" {
				e.kind = a.Value[strings.IndexByte(a.Value, ':')+1:]
			}
		}
		top.children = append(top.children, e)
		t.open = append(t.open, e)
	case xml.EndElement:
		t.open = t.open[:len(t.open)-1]
	case xml.CharData:
		top.value = append(top.value, token...)
	case xml.Directive:
		return "has a document type"
	}
	return ""
}
