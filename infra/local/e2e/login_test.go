package e2e

import (
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"
)

// visitor is somebody with a browser of their own.
type visitor struct {
	world
	client *http.Client
}

func (w world) visitor() visitor {
	w.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		w.t.Fatal(err)
	}
	stay := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return visitor{w, &http.Client{Jar: jar, CheckRedirect: stay, Timeout: time.Minute}}
}

// page is what a browser gets.
type page struct {
	status int
	at     string // path and query
	body   string
	header http.Header
}

// send makes one request as a browser does when it opens a page.
func (v visitor) send(method, target string, fields url.Values) page {
	v.t.Helper()
	if strings.HasPrefix(target, "/") {
		target = v.URL + target
	}
	r, err := http.NewRequestWithContext(v.t.Context(), method, target, strings.NewReader(fields.Encode()))
	v.must(err)
	r.Header.Set("Sec-Fetch-Mode", "navigate")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	if method == http.MethodPost {
		r.Header.Set("Origin", v.URL)
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	res, err := v.client.Do(r)
	v.must(err)
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	v.must(err)
	return page{res.StatusCode, r.URL.RequestURI(), string(body), res.Header}
}

// open follows redirections.
func (v visitor) open(target string) page {
	v.t.Helper()
	for range 10 {
		p := v.send(http.MethodGet, target, nil)
		to := p.header.Get("Location")
		if to == "" {
			return p
		}
		target = to
	}
	v.t.Fatalf("%s leads in a circle", target)
	return page{}
}

// as chooses somebody on the page of the identity provider.
func (v visitor) as(p page, person string) page {
	v.t.Helper()
	for _, found := range regexp.MustCompile(`href="([^"]+)"`).FindAllStringSubmatch(p.body, -1) {
		to := html.UnescapeString(found[1])
		if u, err := url.Parse(to); err == nil && u.Query().Get("person") == person {
			return v.open(to)
		}
	}
	v.t.Fatalf("%s does not offer %s: %s", p.at, person, p.body)
	return page{}
}

func token(t *testing.T, p page) string {
	t.Helper()
	found := regexp.MustCompile(`name="form_token" value="([^"]+)"`).FindStringSubmatch(p.body)
	if found == nil {
		t.Fatalf("%s has no form token: %s", p.at, p.body)
	}
	return found[1]
}

// People sign in at the identity provider of this machine, see what their role
// lets them see, and are out when they or an operator say so: through the same
// functions that run in AWS.
func TestPeopleSignInAndOut(t *testing.T) {
	w := start(t)
	alex := w.visitor()
	p := alex.open("/sessions")
	if !strings.HasPrefix(p.at, "/_local/identity/authorize?") {
		t.Fatalf("a stranger is sent to %s", p.at)
	}
	if p = alex.as(p, "alex"); p.status != 200 || p.at != "/sessions" || !strings.Contains(p.body, "Alex Rivera (you)") {
		t.Fatalf("signed in: %d at %s: %s", p.status, p.at, p.body)
	}
	mine := token(t, p)
	w.seesWhatTheirRoleOpens(alex)
	w.signsOutEverywhere(alex)
	p = alex.send(http.MethodPost, "/sessions", url.Values{"note": {"Kept, so it is"}, "form_token": {mine}})
	if p.status != 401 || !strings.Contains(p.body, "Your session has ended") {
		t.Fatalf("after that: %d %s", p.status, p.body)
	}
	w.goesOn(alex, p, mine)
}

// seesWhatTheirRoleOpens looks at pages as a rep, and as others who may less.
func (w world) seesWhatTheirRoleOpens(alex visitor) {
	w.t.Helper()
	if p := alex.open("/leads"); p.status != 403 || !strings.Contains(p.body, "Your role does not include this") {
		w.t.Errorf("a rep at the list of all leads: %d %s", p.status, p.body)
	}
	if p := alex.open("/api/leads"); p.status != 403 {
		w.t.Errorf("a rep at the API: %d", p.status)
	}
	if p := w.visitor().as(w.visitor().open("/leads"), "stranger"); p.status != 403 {
		w.t.Errorf("a sign-in that another browser began: %d", p.status)
	}
	stranger := w.visitor()
	if p := stranger.as(stranger.open("/leads"), "stranger"); p.status != 403 || !strings.Contains(p.body, "Ask Riley Chen") {
		w.t.Errorf("somebody without a role: %d %s", p.status, p.body)
	}
}

// signsOutEverywhere has the operator end Alex's sessions.
func (w world) signsOutEverywhere(alex visitor) {
	w.t.Helper()
	operator := w.visitor()
	p := operator.as(operator.open("/sessions"), "operator")
	person := regexp.MustCompile(`name="person" value="([^"]+)"><p class="row"><button class="bad" aria-label="Sign out everywhere: Alex Rivera`).FindStringSubmatch(p.body)
	if p.status != 200 || person == nil {
		w.t.Fatalf("the operator sees %d %s", p.status, p.body)
	}
	if p := alex.send(http.MethodPost, "/sessions", url.Values{"person": {"x"}}); p.status != 403 || !strings.Contains(p.body, "This form was not made for your session") {
		w.t.Errorf("a form without its token: %d", p.status)
	}
	if p := operator.send(http.MethodPost, "/sessions", url.Values{"person": {person[1]}, "form_token": {token(w.t, p)}}); p.status != 303 {
		w.t.Errorf("the operator signs Alex out: %d %s", p.status, p.body)
	}
}

// goesOn signs in from the page that kept a form, finds the form, and signs out.
func (w world) goesOn(alex visitor, p page, before string) {
	w.t.Helper()
	kept := url.Values{}
	for _, f := range regexp.MustCompile(`<input type="hidden" name="([^"]+)" value="([^"]*)"`).FindAllStringSubmatch(p.body, -1) {
		kept.Add(html.UnescapeString(f[1]), html.UnescapeString(f[2]))
	}
	p = alex.send(http.MethodPost, "/login", kept)
	_, to, ok := strings.Cut(p.header.Get("Refresh"), "url=")
	if p.status != 200 || !ok {
		w.t.Fatalf("the form is not taken: %d %s", p.status, p.body)
	}
	if p = alex.as(alex.open(to), "alex"); p.status != 200 || !strings.Contains(p.body, "Kept, so it is") || token(w.t, p) == before {
		w.t.Errorf("the form is not shown: %d %s", p.status, p.body)
	}
	if p := alex.send(http.MethodPost, "/logout", url.Values{"form_token": {token(w.t, p)}}); p.status != 200 || !strings.Contains(p.body, "You have signed out") {
		w.t.Errorf("signing out: %d %s", p.status, p.body)
	}
	if p := alex.open("/leads"); !strings.HasPrefix(p.at, "/_local/identity/authorize?") {
		w.t.Errorf("after signing out: %s", p.at)
	}
}

// A session ends by the time of the stack, which is moved here.
func TestASessionEndsByTheStacksTime(t *testing.T) {
	w := start(t)
	v := w.visitor()
	if p := v.as(v.open("/leads"), "marketer"); p.status != 200 || p.at != "/leads" {
		t.Fatalf("%d at %s", p.status, p.at)
	}
	now, err := w.Now(t.Context())
	w.must(err)
	w.must(w.MoveTo(t.Context(), now.Add(11*time.Hour)))
	if p := v.open("/leads"); p.status != 200 || p.at != "/leads" {
		t.Errorf("within the idle time: %d at %s", p.status, p.at)
	}
	w.must(w.MoveTo(t.Context(), now.Add(24*time.Hour)))
	if p := v.open("/leads"); !strings.HasPrefix(p.at, "/_local/identity/authorize?") {
		t.Errorf("after it: %d at %s", p.status, p.at)
	}
}
