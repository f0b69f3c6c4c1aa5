package identity

import (
	"embed"
	"io"
	"net/http"
	"net/url"

	"github.com/handoff-oss/handoff/shared/page"
)

//go:embed *.html
var templates embed.FS

// choice is one person on the page.
type choice struct {
	Person
	URL string
}

func (p *Provider) choose(w http.ResponseWriter, q url.Values) {
	var all []choice
	for _, who := range p.People() {
		as := url.Values{"person": {who.ID}}
		for name, values := range q {
			if name != "person" {
				as[name] = values
			}
		}
		all = append(all, choice{who, Path + "/authorize?" + as.Encode()})
	}
	p.show(w, "choose.html", "Sign in as", all)
}

// endSession has no session of its own to end: it sends the browser back.
func (p *Provider) endSession(w http.ResponseWriter, r *http.Request) {
	if back := p.PublicURL + "/login"; r.URL.Query().Get("post_logout_redirect_uri") == back {
		http.Redirect(w, r, back, http.StatusSeeOther)
		return
	}
	p.show(w, "ended.html", "Signed out", nil)
}

func (p *Provider) show(w http.ResponseWriter, name, title string, data any) {
	set, err := page.Parse(templates, "*.html")
	var shown page.Page
	if err == nil {
		shown, err = set.Render(name, page.Doc{Title: title, Now: p.Now(), Data: data})
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	for name, value := range shown.Headers {
		w.Header().Set(name, value)
	}
	_, _ = io.WriteString(w, shown.HTML) // The client may be gone.
}
