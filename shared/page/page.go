// Package page renders the HTML pages that people read: one layout, one small
// style sheet, one script that keeps times alive, all inlined, so that a page
// is one response and needs nothing else. Everything works without the script.
// It knows how a page looks and how it is protected, but neither leads nor
// HTTP routes.
package page

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"html/template"
	"io/fs"
	"strings"
	"time"

	"github.com/handoff-oss/handoff/shared/fault"
)

// assets are the layout, the style sheet and the script.
//
//go:embed layout.html style.css live.js
var assets embed.FS

// Doc is what one page shows around and in its body.
type Doc struct {
	Title   string
	Nav     []Link    // empty for a page that leads nowhere else
	Account string    // who is signed in; empty when nobody needs to be
	Token   string    // of the session, for forms of the layout; see package web
	Now     time.Time // the time that the page speaks of, which need not be the browser's
	Data    any       // what the body template is executed with
	Live    bool      // include the script that counts down and localizes times
	Script  string    // a script of this page's own, trusted code
	Frames  bool      // the page shows frames of its own origin
	Zone    string    // whose clock the times are by, as "New York"; empty is UTC
	Refresh int       // seconds after which a browser without scripts loads the page again; 0 is never
}

// Link is one entry of the navigation.
type Link struct {
	Label, URL string
	Here       bool // the page that is shown
}

// Page is a rendered page: the HTML and the headers that belong to it.
type Page struct {
	HTML    string
	Headers map[string]string
}

// Set holds the layout and the body templates of one function.
type Set struct {
	templates *template.Template
	style     template.CSS
	live      template.JS
}

// Parse reads the body templates that match patterns in files. Each is a
// complete html/template named by its file or by {{define}}; the functions of
// Funcs are at hand. Kind: Internal, for a template that does not parse.
func Parse(files fs.FS, patterns ...string) (*Set, error) {
	style, err := assets.ReadFile("style.css")
	if err != nil {
		return nil, fault.Wrap(fault.Internal, "read style sheet", err)
	}
	live, err := assets.ReadFile("live.js")
	if err != nil {
		return nil, fault.Wrap(fault.Internal, "read script", err)
	}
	t, err := template.New("").Funcs(Funcs()).ParseFS(assets, "layout.html")
	if err != nil {
		return nil, fault.Wrap(fault.Internal, "parse layout", err)
	}
	if t, err = t.ParseFS(files, patterns...); err != nil {
		return nil, fault.Wrap(fault.Internal, "parse page templates", err)
	}
	return &Set{
		templates: t,
		style:     template.CSS(compact(style, true)), //nolint:gosec // Our own file.
		live:      template.JS(compact(live, false)),  //nolint:gosec // Our own file.
	}, nil
}

// Add reads further body templates, as Parse does. Kind: Internal.
func (s *Set) Add(files fs.FS, patterns ...string) error {
	_, err := s.templates.ParseFS(files, patterns...)
	return fault.Wrap(fault.Internal, "parse page templates", err)
}

// Render executes the body template called name with d.Data and puts it into
// the layout. Kind: Internal.
func (s *Set) Render(name string, d Doc) (Page, error) {
	body, err := s.Fragment(name, d.Data)
	if err != nil {
		return Page{}, err
	}
	view := struct {
		Doc
		Body    template.HTML
		Style   template.CSS
		Scripts []template.JS
	}{Doc: d, Body: body, Style: s.style}
	if d.Live {
		view.Scripts = append(view.Scripts, s.live)
	}
	if d.Script != "" {
		view.Scripts = append(view.Scripts, template.JS(d.Script)) //nolint:gosec // Trusted by its documentation.
	}
	var out bytes.Buffer
	if err := s.templates.ExecuteTemplate(&out, "layout.html", view); err != nil {
		return Page{}, fault.Wrap(fault.Internal, "render page "+name, err)
	}
	return Page{HTML: out.String(), Headers: headers(d, view.Style, view.Scripts)}, nil
}

// Fragment executes a template alone, for parts of pages. Kind: Internal.
func (s *Set) Fragment(name string, data any) (template.HTML, error) {
	var out bytes.Buffer
	if err := s.templates.ExecuteTemplate(&out, name, data); err != nil {
		return "", fault.Wrap(fault.Internal, "render "+name, err)
	}
	return template.HTML(out.String()), nil //nolint:gosec // It comes from html/template, escaped.
}

// headers allow the page exactly what it contains, keep it out of caches and
// frames, and keep its address to itself: a URL may carry a token.
func headers(d Doc, style template.CSS, scripts []template.JS) map[string]string {
	frames := "'none'"
	if d.Frames {
		frames = "'self'"
	}
	allowed, connect := "'none'", "'none'"
	if len(scripts) > 0 {
		hashes := make([]string, len(scripts))
		for i, s := range scripts {
			hashes[i] = Hash(string(s))
		}
		allowed, connect = strings.Join(hashes, " "), "'self'"
	}
	h := Security()
	h["Content-Type"] = "text/html; charset=utf-8"
	h["Content-Security-Policy"] = "default-src 'none'; style-src " + Hash(string(style)) +
		"; script-src " + allowed + "; connect-src " + connect + "; frame-src " + frames +
		"; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
	return h
}

// Security returns the headers that every answer carries, of whatever type.
func Security() map[string]string {
	return map[string]string{
		"Cache-Control":                "no-store",
		"Referrer-Policy":              "same-origin",
		"X-Content-Type-Options":       "nosniff",
		"X-Frame-Options":              "DENY",
		"Cross-Origin-Resource-Policy": "same-origin",
	}
}

// Hash returns the source expression that allows an inline block in a content
// security policy.
func Hash(s string) string {
	sum := sha256.Sum256([]byte(s))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

// compact drops whole-line comments and indentation, and in a style sheet the
// spaces that say nothing. A style sheet must have none of "{};:,>" followed by
// a space inside a string.
func compact(text []byte, isStyle bool) string {
	var out strings.Builder
	comment := false
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		switch {
		case isStyle && (comment || strings.HasPrefix(line, "/*")):
			comment = !strings.HasSuffix(line, "*/")
		case line != "" && !strings.HasPrefix(line, "//"):
			out.WriteString(line)
			out.WriteByte('\n')
		}
	}
	if !isStyle {
		return out.String()
	}
	return strings.NewReplacer(" {\n", "{", " {", "{", "{ ", "{", ";\n", ";", "; ", ";", ": ", ":", ",\n", ",", ", ", ",", " > ", ">", " }", "}").Replace(out.String())
}
