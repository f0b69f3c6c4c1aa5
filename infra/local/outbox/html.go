package outbox

import (
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/handoff-oss/handoff/infra/local/welcome"
)

// anchors returns the links of an HTML document by their text.
func anchors(document string) []welcome.Link {
	root, err := html.Parse(strings.NewReader(document))
	if err != nil {
		return nil
	}
	var links []welcome.Link
	for n := range root.Descendants() {
		if n.Type != html.ElementNode || n.DataAtom != atom.A {
			continue
		}
		for _, a := range n.Attr {
			if a.Key == "href" && a.Val != "" {
				links = append(links, welcome.Link{Label: inner(n), URL: a.Val})
			}
		}
	}
	return links
}

// inner is the text inside an element, with white space as a browser shows it.
func inner(n *html.Node) string {
	var b strings.Builder
	for c := range n.Descendants() {
		if c.Type == html.TextNode {
			b.WriteString(c.Data)
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}
