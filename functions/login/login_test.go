package main

import (
	"bytes"
	"context"
	"html"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"github.com/handoff-oss/handoff/infra/dynamodb/dynamotest"
	"github.com/handoff-oss/handoff/infra/local/identity"
	"github.com/handoff-oss/handoff/shared/access"
	"github.com/handoff-oss/handoff/shared/clock"
	"github.com/handoff-oss/handoff/shared/idp"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/session"
	"github.com/handoff-oss/handoff/shared/table"
	"github.com/handoff-oss/handoff/shared/web"
	"github.com/handoff-oss/handoff/shared/web/webtest"
)

const publicURL = "https://handoff.example"

var noon = time.Date(2031, 3, 3, 12, 0, 0, 0, time.UTC)

// stack is the function with an identity provider to send people to.
type stack struct {
	t        *testing.T
	handler  *handler
	table    *table.Table
	settings idp.Settings
	policy   *policy.Policy
	now      time.Time
	log      bytes.Buffer
}

func newStack(t *testing.T) *stack {
	t.Helper()
	client, name := dynamotest.CreateTable(t)
	s := &stack{t: t, table: table.New(client, name), now: noon}
	der, err := identity.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	key, err := identity.ParseKey(der)
	if err != nil {
		t.Fatal(err)
	}
	if s.policy, err = policy.Decode(policy.Default()); err != nil {
		t.Fatal(err)
	}
	provider := &identity.Provider{
		PublicURL: publicURL, Secret: "s3cret", Key: key, Now: func() time.Time { return s.now }, People: func() []identity.Person { return identity.People(s.policy) },
	}
	server := httptest.NewServer(provider.Handler())
	t.Cleanup(server.Close)
	provider.Issuer = server.URL + identity.Path
	s.settings = idp.Settings{Issuer: provider.Issuer, ClientID: identity.Web, ClientSecret: "s3cret", CLIClientID: identity.CLI}
	log := slog.New(slog.NewJSONHandler(&s.log, nil))
	s.handler = &handler{
		table: s.table, policy: policy.NewLoader(s.table.Policy, decode), provider: idp.New(http.DefaultTransport, clock.System),
		access: func(context.Context, time.Time) (idp.Settings, error) { return s.settings, nil },
		keys: func(context.Context, time.Time) (session.Secret, error) {
			return session.Secret{Keys: []string{"key"}}, nil
		},
		publicURL: publicURL, jar: session.JarOf(publicURL), log: log,
	}
	pages, err := web.Pages(templates, "*.html")
	if err != nil {
		t.Fatal(err)
	}
	s.handler.site = &web.Site{Routes: s.handler.routes(), Pages: pages, Clock: func(context.Context) time.Time { return s.now }, Log: log}
	return s
}

// browser keeps cookies, and is let through to closed routes as the authorizer
// would let it.
type browser struct {
	*stack
	cookies map[string]string
}

func (s *stack) browser() *browser { return &browser{stack: s, cookies: map[string]string{}} }

// who is the person of the browser's session.
func (b *browser) who() access.Person {
	b.t.Helper()
	c, err := session.Verify([]string{"key"}, b.cookies["__Host-handoff"])
	if err != nil {
		return access.Person{}
	}
	s, err := b.table.Session(b.t.Context(), c.ID.Ref(c.Owner))
	if err != nil {
		return access.Person{}
	}
	who := access.Of(s.Identity, b.policy, nil)
	who.Token, who.Session = c.ID.FormToken(), c.ID.Ref(c.Owner).String()
	return who
}

// send sends an event with the browser's cookies, and keeps those of the answer.
func (b *browser) send(e events.APIGatewayV2HTTPRequest) web.Response {
	b.t.Helper()
	for name, value := range b.cookies {
		e.Cookies = append(e.Cookies, name+"="+value)
	}
	e.RequestContext.DomainName = "handoff.example"
	out, err := b.handler.site.Handle(b.t.Context(), e)
	if err != nil {
		b.t.Fatal(err)
	}
	for _, line := range out.Cookies {
		c, err := http.ParseSetCookie(line)
		if err != nil || !c.Secure || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" {
			b.t.Errorf("the cookie %q: %v", line, err)
		}
		if b.cookies[c.Name] = c.Value; c.MaxAge <= 0 {
			delete(b.cookies, c.Name)
		}
	}
	return out
}

func (b *browser) get(target string) web.Response {
	b.t.Helper()
	return b.send(webtest.Event(b.t, http.MethodGet, target, b.who()))
}

func (b *browser) post(target string, fields url.Values) web.Response {
	b.t.Helper()
	e := webtest.Form(b.t, target, b.who(), fields)
	e.Headers["origin"] = publicURL
	return b.send(e)
}

// choose picks somebody on the provider's page, and returns where the browser
// is sent back to.
func (b *browser) choose(address, person string) string {
	b.t.Helper()
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	req, err := http.NewRequestWithContext(b.t.Context(), http.MethodGet, address+"&person="+person, nil)
	if err != nil {
		b.t.Fatal(err)
	}
	res, err := client.Do(req)
	if err != nil {
		b.t.Fatal(err)
	}
	_ = res.Body.Close()
	back, ok := strings.CutPrefix(res.Header.Get("Location"), publicURL)
	if !ok {
		b.t.Fatalf("the provider answers %d, to %q", res.StatusCode, res.Header.Get("Location"))
	}
	return back
}

// signIn signs in from a page, and returns where that leads.
func (b *browser) signIn(person, from string) string {
	b.t.Helper()
	out := b.get("/login?" + url.Values{"return": {from}}.Encode())
	if out.StatusCode != http.StatusSeeOther {
		b.t.Fatalf("the login answers %d: %s", out.StatusCode, out.Body)
	}
	out = b.get(b.choose(out.Headers["Location"], person))
	if out.StatusCode != http.StatusSeeOther {
		b.t.Fatalf("the callback answers %d: %s", out.StatusCode, out.Body)
	}
	return out.Headers["Location"]
}

func TestSigningInLeadsBackToThePage(t *testing.T) {
	s := newStack(t)
	b := s.browser()
	if to := b.signIn("alex", "/leads/abc?tab=1"); to != "/leads/abc?tab=1" {
		t.Errorf("it leads to %s", to)
	}
	if who := b.who(); who.Rep != "alex" {
		t.Errorf("it is %+v", who)
	}
	if strings.Contains(s.log.String(), "alex") {
		t.Errorf("the log names somebody: %s", s.log.String())
	}
	first := b.who().Session
	b.signIn("bo", "/")
	if b.who().Rep != "bo" {
		t.Errorf("the second sign-in is %+v", b.who())
	}
	ref, err := session.ParseRef(first)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.table.Session(t.Context(), ref); err == nil {
		t.Error("the session before it lasts, and no cookie has it")
	}
}

func TestThePageHasOneButton(t *testing.T) {
	s := newStack(t)
	out := s.browser().get("/login")
	if out.StatusCode != http.StatusOK || strings.Count(out.Body, `class="button"`) != 1 || !strings.Contains(out.Body, "/login?return=%2F") {
		t.Errorf("%d %s", out.StatusCode, out.Body)
	}
}

// Two tabs may sign in beside each other; what was begun in another browser,
// too long ago or with another state, or was finished already, signs nobody in.
func TestASignInBelongsToItsBrowser(t *testing.T) {
	s := newStack(t)
	b, thief := s.browser(), s.browser()
	one, two := b.get("/login?return=/one").Headers["Location"], b.get("/login?return=/two").Headers["Location"]
	back := b.choose(one, "alex")
	thief.get("/login?return=/x")
	if out := thief.get(back); out.StatusCode != http.StatusForbidden || thief.who().Known() {
		t.Errorf("another browser: %d, %+v", out.StatusCode, thief.who())
	}
	if out := b.get(back); out.StatusCode != http.StatusForbidden {
		t.Errorf("after another browser tried: %d", out.StatusCode)
	}
	back = b.choose(two, "alex")
	if out := b.get(back); out.Headers["Location"] != "/two" {
		t.Errorf("the second tab: %d %s", out.StatusCode, out.Body)
	}
	if out := b.get(back); out.StatusCode != http.StatusForbidden || !strings.Contains(out.Body, "Sign in again") {
		t.Errorf("the same again: %d %s", out.StatusCode, out.Body)
	}
	for _, q := range []string{"", "?state=x&code=y", "?code=y"} {
		if out := b.get("/login/callback" + q); out.StatusCode != http.StatusForbidden {
			t.Errorf("%q: %d", q, out.StatusCode)
		}
	}
	late := b.choose(b.get("/login?return=/").Headers["Location"], "alex")
	s.now = s.now.Add(16 * time.Minute)
	if out := b.get(late); out.StatusCode != http.StatusForbidden {
		t.Errorf("too late: %d", out.StatusCode)
	}
}

func TestTheProviderSignsNobodyIn(t *testing.T) {
	s := newStack(t)
	b := s.browser()
	u, err := url.Parse(b.get("/login?return=/").Headers["Location"])
	if err != nil {
		t.Fatal(err)
	}
	out := b.get("/login/callback?error=access_denied&state=" + u.Query().Get("state"))
	if out.StatusCode != http.StatusForbidden || !strings.Contains(out.Body, "access_denied") || b.who().Known() {
		t.Errorf("%d %s", out.StatusCode, out.Body)
	}
	u, err = url.Parse(b.get("/login?return=/").Headers["Location"])
	if err != nil {
		t.Fatal(err)
	}
	if out := b.get("/login/callback?error=%3Cscript%3E&state=" + u.Query().Get("state")); strings.Contains(out.Body, "script>") && strings.Contains(out.Body, "says: <") {
		t.Errorf("the page carries what the address says: %s", out.Body)
	}
}

// A form that was sent after the session had ended waits behind the login, is
// shown, and is sent only by the button, with the token of the new session.
func TestAFormIsKept(t *testing.T) {
	s := newStack(t)
	b := s.browser()
	out := b.post("/login", url.Values{"return": {"/leads/abc/move"}, "field.to": {"bo"}, "field.why_now": {"He knows <them>\nwell"}, "field.form_token": {"old"}})
	to, ok := strings.CutPrefix(out.Headers["Refresh"], "0; url=")
	if out.StatusCode != http.StatusOK || !ok || !strings.Contains(html.UnescapeString(out.Body), to) {
		t.Fatalf("%d %v %s", out.StatusCode, out.Headers, out.Body)
	}
	out = b.get(b.choose(to, "manager-sales"))
	done := out.Headers["Location"]
	if !strings.HasPrefix(done, "/login/done?form=") {
		t.Fatalf("it leads to %q: %s", done, out.Body)
	}
	for range 2 { // a reload shows it again
		out = b.get(done)
		for _, want := range []string{`action="/leads/abc/move"`, `name="to" value="bo"`, "<dt>Why now</dt><dd>He knows &lt;them&gt;", `name="form_token" value="` + b.who().Token} {
			if !strings.Contains(out.Body, want) {
				t.Errorf("the page lacks %s: %s", want, out.Body)
			}
		}
		if strings.Contains(out.Body, `value="old"`) {
			t.Error("the page has the token of the session that ended")
		}
	}
	other := s.browser()
	other.signIn("bo", "/")
	if out := other.get(done); out.StatusCode != http.StatusNotFound {
		t.Errorf("somebody else gets %d", out.StatusCode)
	}
	s.now = s.now.Add(2 * time.Hour)
	if out := b.get(done); out.StatusCode != http.StatusNotFound {
		t.Errorf("too late: %d", out.StatusCode)
	}
}

// A form that another site made up is not kept: who signs in would find it, and
// might send it.
func TestAFormOfAnotherSiteIsNotKept(t *testing.T) {
	for origin, kept := range map[string]bool{publicURL: true, "https://evil.example": false, "null": false, "": false} {
		s := newStack(t)
		b := s.browser()
		e := webtest.Form(t, "/login", access.Person{}, url.Values{"return": {"/leads"}, "field.to": {"bo"}})
		if origin != "" {
			e.Headers["origin"] = origin
		}
		to := strings.TrimPrefix(b.send(e).Headers["Refresh"], "0; url=")
		back := b.get(b.choose(to, "alex")).Headers["Location"]
		if strings.HasPrefix(back, "/login/done") != kept {
			t.Errorf("from %q it leads to %s", origin, back)
		}
	}
}

func TestAFormThatIsTooLongIsNotKept(t *testing.T) {
	s := newStack(t)
	out := s.browser().post("/login", url.Values{"field.note": {strings.Repeat("x", maxKept+1)}})
	if out.StatusCode != http.StatusRequestEntityTooLarge {
		t.Errorf("%d", out.StatusCode)
	}
}

func TestUntilTheSecretsAreFilledInNobodySignsIn(t *testing.T) {
	s := newStack(t)
	s.settings = idp.Settings{Issuer: "https://login.example"}
	for _, out := range []web.Response{s.browser().get("/login"), s.browser().get("/login?return=/"), s.browser().post("/login", nil), s.browser().get("/login/callback?state=x")} {
		for _, want := range []string{"AccessSecret lacks client_id", publicURL + "/login/callback", "put-secret-value"} {
			if out.StatusCode != http.StatusServiceUnavailable || !strings.Contains(out.Body, want) {
				t.Errorf("%d, without %q: %s", out.StatusCode, want, out.Body)
			}
		}
	}
	if out := s.browser().get("/api/login"); out.StatusCode != http.StatusServiceUnavailable || out.Headers["Content-Type"] != "application/problem+json" {
		t.Errorf("%d %s", out.StatusCode, out.Body)
	}
	s.settings = idp.Settings{Issuer: "http://127.0.0.1:1/none", ClientID: "c"}
	if out := s.browser().get("/login?return=/"); out.StatusCode != http.StatusServiceUnavailable || !strings.Contains(out.Body, "Try again") {
		t.Errorf("the provider is away: %d %s", out.StatusCode, out.Body)
	}
}

func TestSigningOut(t *testing.T) {
	s := newStack(t)
	b := s.browser()
	b.signIn("alex", "/")
	stolen := s.browser()
	stolen.cookies["__Host-handoff"] = b.cookies["__Host-handoff"]
	if out := b.post("/logout", url.Values{web.TokenField: {"forged"}}); out.StatusCode != http.StatusForbidden || !b.who().Known() {
		t.Errorf("without the token: %d", out.StatusCode)
	}
	out := b.post("/logout", nil)
	if out.StatusCode != http.StatusOK || b.cookies["__Host-handoff"] != "" || !strings.Contains(out.Body, "end_session") || strings.Contains(out.Body, "Alex") {
		t.Errorf("%d %s", out.StatusCode, out.Body)
	}
	if stolen.who().Known() {
		t.Error("the cookie opens something still")
	}
}

// field reads a hidden field of the form that ends in a button with a label.
func field(t *testing.T, body, name, label string) string {
	t.Helper()
	for _, form := range regexp.MustCompile(`(?s)<form.*?</form>`).FindAllString(body, -1) {
		found := regexp.MustCompile(`name="` + name + `" value="([^"]*)"`).FindStringSubmatch(form)
		if strings.Contains(form, label) && found != nil {
			return html.UnescapeString(found[1])
		}
	}
	t.Fatalf("no form with %q has %s: %s", label, name, body)
	return ""
}

func TestWhoIsSignedIn(t *testing.T) {
	s := newStack(t)
	operator, alex, phone, bo := s.browser(), s.browser(), s.browser(), s.browser()
	operator.signIn("policy-operator", "/")
	alex.signIn("alex", "/")
	phone.signIn("alex", "/")
	bo.signIn("bo", "/")

	mine := alex.get("/sessions").Body
	if strings.Contains(mine, "Bo Lindqvist") || strings.Count(mine, ">End</button>") != 2 || strings.Count(mine, "this browser") != 1 {
		t.Errorf("a rep sees %s", mine)
	}
	all := operator.get("/sessions").Body
	for _, name := range []string{"Riley Chen (you)", "Alex Rivera", "Bo Lindqvist"} {
		if !strings.Contains(all, name) {
			t.Errorf("the operator does not see %s", name)
		}
	}
}

// An operator ends anybody's sessions, everybody else their own.
func TestWhoMayEndASession(t *testing.T) {
	s := newStack(t)
	operator, alex, phone, bo := s.browser(), s.browser(), s.browser(), s.browser()
	operator.signIn("policy-operator", "/")
	alex.signIn("alex", "/")
	phone.signIn("alex", "/")
	bo.signIn("bo", "/")
	all := operator.get("/sessions").Body
	bos := field(t, all, "person", "Sign out everywhere: Bo Lindqvist")
	if out := alex.post("/sessions", url.Values{"person": {bos}}); out.StatusCode != http.StatusForbidden || !bo.who().Known() {
		t.Errorf("a rep ends another's sessions: %d", out.StatusCode)
	}
	if out := alex.post("/sessions", url.Values{"session": {bo.who().Session}}); out.StatusCode != http.StatusForbidden || !bo.who().Known() {
		t.Errorf("a rep ends another's session: %d", out.StatusCode)
	}
	if out := alex.post("/sessions", url.Values{"session": {phone.who().Session}}); out.StatusCode != http.StatusSeeOther || phone.who().Known() || !alex.who().Known() {
		t.Errorf("a rep ends a session of their own: %d", out.StatusCode)
	}
	if out := operator.post("/sessions", url.Values{"person": {field(t, all, "person", "Sign Alex Rivera out")}}); out.StatusCode != http.StatusSeeOther || alex.who().Known() || !bo.who().Known() {
		t.Errorf("the operator signs somebody out: %d", out.StatusCode)
	}
	for _, fields := range []url.Values{{}, {"session": {"?"}}} {
		if out := operator.post("/sessions", fields); out.StatusCode != http.StatusBadRequest {
			t.Errorf("%v: %d", fields, out.StatusCode)
		}
	}
	s.now = s.now.Add(13 * time.Hour)
	if body := operator.get("/sessions").Body; strings.Contains(body, "Bo Lindqvist") {
		t.Error("a session that has run out is shown")
	}
}

func TestWhoAmI(t *testing.T) {
	s := newStack(t)
	b := s.browser()
	b.signIn("stranger", "/")
	out := b.get("/api/whoami")
	if out.StatusCode != http.StatusOK || !strings.Contains(out.Body, `"roles":[]`) || !strings.Contains(out.Body, `"ask":"Riley Chen`) {
		t.Errorf("%d %s", out.StatusCode, out.Body)
	}
	if out := b.get("/api/login"); out.StatusCode != http.StatusOK || !strings.Contains(out.Body, `"client_id":"handoffctl"`) || strings.Contains(out.Body, "s3cret") {
		t.Errorf("%d %s", out.StatusCode, out.Body)
	}
}
