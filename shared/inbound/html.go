package inbound

import (
	"html"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/signal"
)

// plainHTML takes the post of a plain HTML form, without any script:
//
//	<form method="post" action="https://…/webhooks/forms/html?token=…">
//	  <input name="email" type="email" required> … <textarea name="message"></textarea>
//	  <input type="hidden" name="form" value="Contact sales">
//	  <input type="hidden" name="_next" value="https://www.example.com/thanks">
//	  <input name="_gotcha" style="display:none" tabindex="-1" autocomplete="off">
//	</form>
//
// A form with enctype="multipart/form-data" is taken as well; of a file its
// name is kept. Names of fields are read as people write them (email, first_name, "Work
// email"); what is no profile field becomes an attribute. The token stands in
// the page's source, so it keeps out strangers' robots and no more. Fields
// that begin with an underscore steer:
//
//   - _gotcha is the honeypot: a person does not see it, so who fills it in is
//     answered like everybody and stored nowhere
//   - _next is the page to go to afterwards, on one of the source's next_hosts
//     or on the host that takes the form
//   - _nonce is a value that the page makes for each visit: the event id.
//     Without it the content and the hour are, so that pressing twice counts once
//   - _test marks a test
type plainHTML struct{}

const (
	fieldHoneypot = "_gotcha"
	fieldNext     = "_next"
	fieldNonce    = "_nonce"
	fieldTest     = "_test"
)

// About says how a form is connected.
func (plainHTML) About() About {
	return About{
		Title:   "A plain HTML form",
		Paste:   "The form's action, with ?token= and the secret behind the address, and method=\"post\". Name the fields email, first_name, last_name, company, title, phone, message; _gotcha, hidden, catches robots; _next is the page to go to afterwards, on one of the source's next_hosts",
		Key:     "Make one up; it stands in the page, where anybody can read it",
		Choose:  WeChoose,
		Signs:   "Nothing; the token keeps out strangers' robots and no more",
		EventID: "_nonce, a value that the page makes for each visit; without it what was sent, and the hour",
		Test:    "A form with _test=1 is answered and stored nowhere",
		Retries: "None; the visitor sees a page that says what happened",
		Sample:  Sample{ContentType: typeForm, Body: "email=sample%40example.com&_test=1"},
	}
}

// Kinds returns forms.
func (plainHTML) Kinds() []Kind { return []Kind{Forms} }

// Verify checks the token.
func (plainHTML) Verify(r Request) error {
	if !hasToken(r) {
		return denied("the token is missing or wrong")
	}
	return nil
}

// Sign returns the token in the header X-Handoff-Token. A page puts it into
// the form's address instead.
func (plainHTML) Sign(l Letter) (map[string]string, error) {
	return map[string]string{
		"Content-Type":    formType(l.Body),
		"X-Handoff-Token": l.Key,
	}, nil
}

// Parse reads the fields.
func (plainHTML) Parse(r Request) (Delivery, error) {
	fields, err := formFields(r, maxPairBytes)
	if err != nil {
		return Delivery{}, err
	}
	d := newDraft(signal.FormSubmitted)
	control := map[string]string{}
	content := []string{r.Source}
	for _, f := range fields {
		if strings.HasPrefix(f.name, "_") {
			control[f.name] = first(control[f.name], f.value)
			continue
		}
		content = append(content, f.name, f.value)
	}
	if control[fieldHoneypot] != "" {
		return Delivery{Bait: true}, nil
	}
	if len(content) == 1 {
		return Delivery{}, fault.New(fault.Invalid, "the form is empty")
	}
	if nonce := control[fieldNonce]; nonce != "" {
		d.id = "nonce." + nonce
	} else {
		d.id = hashed("content.", append(content, r.ReceivedAt.UTC().Format("2006-01-02T15"))...)
	}
	d.test = control[fieldTest] != "" && control[fieldTest] != "false" && control[fieldTest] != "0"
	d.attributes.put(signal.AttrURL, r.Headers["referer"])
	d.attributes.put(signal.AttrUserAgent, r.Headers["user-agent"])
	d.answers(r, htmlAnswers(fields))
	d.submission(d.id)
	return Delivery{Signals: []signal.Signal{d.signal(r)}}, nil
}

// htmlAnswers joins fields of one name and leaves out those that steer.
func htmlAnswers(fields []pair) []answer {
	var out []answer
	place := map[string]int{}
	for _, f := range fields {
		if strings.HasPrefix(f.name, "_") || strings.TrimSpace(f.value) == "" {
			continue
		}
		at, again := place[f.name]
		switch {
		case !again:
			place[f.name] = len(out)
			out = append(out, answer{name: f.name, value: f.value})
		case len(out[at].value) < maxValue:
			out[at].value += ", " + f.value
		}
	}
	return out
}

// Answer sends the visitor on: to _next when its host is on the list, else to
// a page that says thanks. Scripts that ask for JSON get the counts.
func (plainHTML) Answer(r Request, res Result) Answer {
	a := machine{"html"}.Answer(r, res)
	if wantsJSON(r) {
		return a
	}
	if a.Status < http.StatusBadRequest {
		if to := nextPage(r); to != "" && res.Outcome != Probe {
			h := header("text/html; charset=utf-8")
			h["Location"] = to
			return Answer{Status: http.StatusSeeOther, Headers: h, Body: htmlPage("Thank you", "Your message has been received.", "")}
		}
		title, message := "Thank you", "Your message has been received."
		if res.Outcome == Probe {
			title, message = "This address works", "It takes the posts of a form."
		}
		return Answer{Status: a.Status, Headers: htmlHeader(a), Body: htmlPage(title, message, "")}
	}
	return refusalPage(a, res)
}

func wantsJSON(r Request) bool {
	accept := r.Headers["accept"]
	return strings.Contains(accept, "application/json") && !strings.Contains(accept, "text/html")
}

// refusalPage turns the problem in a into a page that says it to a visitor.
func refusalPage(a Answer, res Result) Answer {
	note := sentence(res.Detail)
	if a.Status == http.StatusServiceUnavailable {
		note = "Please try again in a minute: go back, and what you wrote is still there."
	}
	if res.RequestID != "" {
		note = strings.TrimSpace(note + " Reference: " + res.RequestID)
	}
	return Answer{Status: a.Status, Headers: htmlHeader(a), Body: htmlPage("Your message was not received", note, http.StatusText(a.Status))}
}

// sentence writes what was wrong as a sentence.
func sentence(s string) string {
	if s == "" {
		return ""
	}
	return strings.ToUpper(s[:1]) + strings.TrimSuffix(s[1:], ".") + "."
}

func htmlHeader(a Answer) map[string]string {
	a.Headers["Content-Type"] = "text/html; charset=utf-8"
	a.Headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'"
	return a.Headers
}

// nextPage returns where the visitor wants to go afterwards, when that is an
// http(s) address whose host is on the source's list or our own, and ""
// otherwise.
func nextPage(r Request) string {
	var wish string
	fields, err := formFields(r, maxPairBytes)
	if err != nil {
		return ""
	}
	for _, f := range fields {
		if f.name == fieldNext {
			wish = strings.TrimSpace(f.value)
			break
		}
	}
	// Browsers read a backslash as a slash, and net/url does not.
	if wish == "" || len(wish) > maxValue || strings.ContainsAny(wish, "\\\r\n\t\x00") {
		return ""
	}
	u, err := url.Parse(wish)
	if err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.User != nil || u.Opaque != "" {
		return ""
	}
	hosts := r.Policy.NextHosts
	if own, err := url.Parse(r.URL); err == nil {
		hosts = append(slices.Clone(hosts), own.Host)
	}
	for _, allowed := range hosts {
		if allowed != "" && strings.EqualFold(u.Host, allowed) {
			return u.String()
		}
	}
	return ""
}

// htmlPage is a small page. Everything in it is escaped.
func htmlPage(title, message, aside string) string {
	var b strings.Builder
	b.WriteString(`<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark"><title>`)
	b.WriteString(html.EscapeString(title))
	b.WriteString(`</title><style>body{font:1rem/1.5 system-ui,sans-serif;max-width:32rem;margin:20vh auto;padding:0 1rem}small{opacity:.75}</style><h1>`)
	b.WriteString(html.EscapeString(title))
	b.WriteString(`</h1><p>`)
	b.WriteString(html.EscapeString(message))
	b.WriteString(`</p>`)
	if aside != "" {
		b.WriteString(`<p><small>` + html.EscapeString(aside) + `</small></p>`)
	}
	b.WriteString("</html>\n")
	return b.String()
}
