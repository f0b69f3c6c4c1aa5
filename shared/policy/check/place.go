package check

import (
	"errors"
	"fmt"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"github.com/handoff-oss/handoff/shared/fault"
)

// places maps the path of a field to the line of its key, or of the entry of
// a list.
type places map[string]int

// line returns the line of the field, else of what it is in, else 1.
func (p places) line(path string) int {
	for {
		if n, ok := p[path]; ok {
			return n
		}
		cut := strings.LastIndexAny(path, ".[")
		if cut < 0 {
			return max(p[""], 1)
		}
		path = path[:cut]
	}
}

// document is a file as plain values, and where each stands.
type document struct {
	value  any
	places places
}

func parse(text []byte) (document, error) {
	file, err := parser.ParseBytes(text, 0)
	if err != nil {
		return document{}, err
	}
	d := document{places: places{}}
	var bodies []ast.Node
	for _, doc := range file.Docs {
		if doc.Body != nil {
			bodies = append(bodies, doc.Body)
		}
	}
	switch len(bodies) {
	case 0:
		return document{}, fault.New(fault.Invalid, "the file is empty")
	case 1:
	default:
		return document{}, fault.New(fault.Invalid, "the file holds several documents; a policy is one")
	}
	d.places.walk("", bodies[0])
	if err := yaml.Unmarshal(text, &d.value); err != nil {
		return document{}, err
	}
	return d, nil
}

func (p places) walk(path string, node ast.Node) {
	if _, ok := p[path]; !ok && node.GetToken() != nil {
		p[path] = node.GetToken().Position.Line
	}
	switch n := node.(type) {
	case *ast.MappingNode:
		for _, v := range n.Values {
			p.walk(path, v)
		}
	case *ast.MappingValueNode:
		key := join(path, n.Key.GetToken().Value)
		p[key] = n.Key.GetToken().Position.Line
		p.walk(key, n.Value)
	case *ast.SequenceNode:
		for i, v := range n.Values {
			p.walk(fmt.Sprintf("%s[%d]", path, i), v)
		}
	case *ast.AnchorNode:
		p.walk(path, n.Value)
	case *ast.TagNode:
		p.walk(path, n.Value)
	}
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

// syntax adds what the YAML reader says, at its line.
func (c *checker) syntax(err error) {
	p := &Problem{File: c.file, Line: 1, Message: err.Error()}
	var at yaml.Error
	if errors.As(err, &at) {
		p.Message = "not YAML: " + at.GetMessage()
		if t := at.GetToken(); t != nil && t.Position != nil {
			p.Line = t.Position.Line
		}
	}
	c.errors = append(c.errors, p)
}
