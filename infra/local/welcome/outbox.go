package welcome

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/handoff-oss/handoff/shared/page"
)

// shownMessages bounds the page of the outbox; the JSON has all of them.
const shownMessages = 50

// view is a message as the page shows it.
type view struct {
	Message
	Reader string // who would get it, in words
	Body   string // the text without a first line that repeats the subject
	Frame  string // address of the message's HTML, "" when it has none
	Safe   []Link // links that lead to a web page, for a message that does not show them itself
}

func (s *site) outbox(w http.ResponseWriter, r *http.Request) {
	all := s.cfg.Outbox()
	if id := r.URL.Query().Get("message"); id != "" {
		s.message(w, r, all, id)
		return
	}
	lead := r.URL.Query().Get("lead")
	var views []view
	for _, m := range slices.Backward(all) {
		if lead == "" || m.Event.Lead == lead {
			views = append(views, viewOf(m))
		}
	}
	total := len(views)
	s.write(w, r, "outbox.html", page.Doc{
		Title: "Outbox", Nav: navigation("/_local/outbox"), Live: true, Frames: true,
		Data: map[string]any{
			"Messages": views[:min(total, shownMessages)],
			"Total":    total,
			"Lead":     lead,
			"Now":      s.cfg.Now(),
		},
	})
}

func viewOf(m Message) view {
	v := view{Message: m, Reader: reader(m.To), Body: m.Text}
	if first, rest, ok := strings.Cut(m.Text, "\n"); ok && first == m.Subject {
		v.Body = strings.TrimLeft(rest, "\n")
	}
	if m.HTML != "" {
		v.Frame = "/_local/outbox?message=" + url.QueryEscape(m.ID)
		return v
	}
	for _, l := range m.Links {
		if slices.ContainsFunc(m.Actions, func(a Action) bool { return a.Label == l.Label }) {
			continue // its button is there
		}
		if strings.HasPrefix(l.URL, "http://") || strings.HasPrefix(l.URL, "https://") {
			v.Safe = append(v.Safe, l)
		}
	}
	return v
}

// reader says in words who "rep:maya", "manager:sales" and "system" are.
func reader(to string) string {
	kind, name, _ := strings.Cut(to, ":")
	switch kind {
	case "rep":
		return "the rep " + name
	case "manager":
		return "the manager of " + name
	case "system":
		return "your systems"
	}
	return to
}

// message answers with the HTML of one message as a mail program would show
// it: no script, no form, no request to anywhere; links open beside the page.
func (s *site) message(w http.ResponseWriter, r *http.Request, all []Message, id string) {
	at := slices.IndexFunc(all, func(m Message) bool { return m.ID == id })
	if at < 0 || all[at].HTML == "" {
		http.Error(w, "no such message", http.StatusNotFound)
		return
	}
	for name, value := range page.Security() {
		w.Header().Set(name, value)
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("X-Frame-Options", "SAMEORIGIN")
	w.Header().Set("Content-Security-Policy", "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; "+
		"style-src 'unsafe-inline'; img-src data:; base-uri 'self'; form-action 'none'; frame-ancestors 'self'")
	if r.Method == http.MethodHead {
		return
	}
	// The browser puts a <base> that comes first into the head of the document.
	_, _ = w.Write([]byte(`<!doctype html><base target="_blank">` + all[at].HTML))
}
