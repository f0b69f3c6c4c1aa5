package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/handoff-oss/handoff/infra/dynamodb/dynamotest"
	"github.com/handoff-oss/handoff/infra/local/identity"
	"github.com/handoff-oss/handoff/shared/access"
	"github.com/handoff-oss/handoff/shared/clock"
	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/idp"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/session"
	"github.com/handoff-oss/handoff/shared/table"
)

// noon is the time of the tests, far from the machine's own.
var noon = time.Date(2031, 3, 3, 12, 0, 0, 0, time.UTC)

// desk is an authorizer with all that it asks.
type desk struct {
	t        *testing.T
	handler  *handler
	table    *table.Table
	provider *identity.Provider
	settings idp.Settings
	secret   session.Secret
	now      time.Time
	away     bool // the provider answers nothing
	log      bytes.Buffer
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	client, name := dynamotest.CreateTable(t)
	d := &desk{t: t, table: table.New(client, name), now: noon, secret: session.Secret{Keys: []string{"newest", "older"}}}
	d.provider = newProvider(t, func() time.Time { return d.now })
	pages := d.provider.Handler()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if d.away {
			http.Error(w, "away", http.StatusBadGateway)
			return
		}
		pages.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	d.provider.Issuer = server.URL + identity.Path
	d.settings = idp.Settings{Issuer: d.provider.Issuer, ClientID: identity.Web, CLIClientID: identity.CLI, Operators: []string{identity.OperatorEmail}}
	d.handler = &handler{
		table: d.table, policy: policy.NewLoader(d.table.Policy, decode), provider: idp.New(http.DefaultTransport, clock.System),
		access: func(context.Context, time.Time) (idp.Settings, error) { return d.settings, nil },
		keys:   func(context.Context, time.Time) (session.Secret, error) { return d.secret, nil },
		jar:    session.JarOf("http://127.0.0.1:3000"), clock: func(context.Context) time.Time { return d.now },
		log: slog.New(slog.NewJSONHandler(&d.log, nil)),
	}
	return d
}

func newProvider(t *testing.T, now func() time.Time) *identity.Provider {
	t.Helper()
	der, err := identity.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	key, err := identity.ParseKey(der)
	if err != nil {
		t.Fatal(err)
	}
	p, err := policy.Decode(policy.Default())
	if err != nil {
		t.Fatal(err)
	}
	return &identity.Provider{Key: key, Now: now, People: func() []identity.Person { return identity.People(p) }}
}

// person finds one of the default policy's people by their id.
func (d *desk) person(id string) identity.Person {
	d.t.Helper()
	for _, p := range d.provider.People() {
		if p.ID == id {
			return p
		}
	}
	d.t.Fatalf("there is nobody called %s", id)
	return identity.Person{}
}

// signIn stores a session of somebody and returns the secret of its cookie.
func (d *desk) signIn(id string) session.Cookie {
	d.t.Helper()
	p := d.person(id)
	who := access.Identity{Issuer: d.settings.Issuer, Subject: p.ID, Email: p.Email, Name: p.Name, Groups: p.Groups}
	var random [session.IDSize]byte
	copy(random[:], id+d.now.String())
	c := session.Cookie{Owner: session.OwnerOf(who), ID: session.NewID(random)}
	s := session.Session{Ref: c.ID.Ref(c.Owner), Identity: who, Created: d.now, Seen: d.now}
	if err := d.table.PutSession(d.t.Context(), s, d.now.Add(168*time.Hour)); err != nil {
		d.t.Fatal(err)
	}
	return c
}

// cookie is what a browser sends for a session.
func (d *desk) cookie(key string, c session.Cookie) []string {
	d.t.Helper()
	value, err := session.Sign(key, c)
	if err != nil {
		d.t.Fatal(err)
	}
	return []string{"theme=dark", "handoff=" + value}
}

// token is a program's header for somebody.
func (d *desk) token(p *identity.Provider, id, client string) map[string]string {
	d.t.Helper()
	token, err := p.Token(d.person(id), client, "")
	if err != nil {
		d.t.Fatal(err)
	}
	return map[string]string{"authorization": "Bearer " + token}
}

// ask asks about one request.
func (d *desk) ask(route string, cookies []string, headers map[string]string) (access.Person, bool, error) {
	d.t.Helper()
	got, err := d.handler.handle(d.t.Context(), request{RouteKey: route, Cookies: cookies, Headers: headers})
	return access.FromContext(got.Context), got.IsAuthorized, err
}

func TestASessionIsRecognized(t *testing.T) {
	d := newDesk(t)
	c := d.signIn("alex")
	who, ok, err := d.ask("GET /", d.cookie("older", c), nil)
	if err != nil || !ok || who.Rep != "alex" || who.Email != "alex.rivera@our-company.example" || who.Token != c.ID.FormToken() {
		t.Errorf("%+v, %v, %v", who, ok, err)
	}
	if ref, err := session.ParseRef(who.Session); err != nil || ref != c.ID.Ref(c.Owner) {
		t.Errorf("the session is %q", who.Session)
	}
	if strings.Contains(d.log.String(), "alex.rivera") || strings.Contains(d.log.String(), string(c.ID)) {
		t.Errorf("the log says %s", d.log.String())
	}
}

// A cookie of the same name that another program of the host has set does not
// hide ours.
func TestAnotherCookieOfTheNameHidesNone(t *testing.T) {
	d := newDesk(t)
	cookies := append([]string{"handoff=something", "handoff="}, d.cookie("newest", d.signIn("alex"))...)
	if who, _, err := d.ask("GET /", cookies, nil); err != nil || who.Rep != "alex" {
		t.Errorf("%+v, %v", who, err)
	}
}

// Signing out, the end of a role and a new role act with the next request; a
// policy within a minute.
func TestWhatIsRevokedIsGoneAtOnce(t *testing.T) {
	d := newDesk(t)
	c := d.signIn("marketer")
	first, second := d.cookie("newest", c), d.cookie("newest", d.signInAgain("marketer"))
	if who, _, _ := d.ask("GET /leads", first, nil); !who.Is(access.Marketer) {
		t.Fatalf("%+v", who)
	}
	if err := d.table.EndSession(t.Context(), c.ID.Ref(c.Owner)); err != nil {
		t.Fatal(err)
	}
	if who, _, err := d.ask("GET /leads", first, nil); who.Known() || err != nil {
		t.Errorf("the ended session is %+v, %v", who, err)
	}
	if who, _, _ := d.ask("GET /leads", second, nil); !who.Known() {
		t.Error("the other session ended too")
	}
	if n, err := d.table.EndSessions(t.Context(), c.Owner); n != 1 || err != nil {
		t.Fatalf("%d, %v", n, err)
	}
	if who, _, _ := d.ask("GET /leads", second, nil); who.Known() {
		t.Errorf("the other session is still %+v", who)
	}
}

// signInAgain makes a second session of somebody.
func (d *desk) signInAgain(id string) session.Cookie {
	d.now = d.now.Add(time.Second)
	return d.signIn(id)
}

func TestSessionsRollOnAndEnd(t *testing.T) {
	tests := []struct {
		name  string
		uses  []time.Duration // since the sign-in
		last  time.Duration
		known bool
	}{
		{"used within the idle time", nil, 12*time.Hour - time.Second, true},
		{"not used for the idle time", nil, 12 * time.Hour, false},
		{"rolled on by a use", []time.Duration{6 * time.Hour}, 17 * time.Hour, true},
		{"a use that is too soon to be noted", []time.Duration{time.Hour}, 12 * time.Hour, false},
		{"after a use, not used for the idle time", []time.Duration{6 * time.Hour}, 18 * time.Hour, false},
		{"used all the time until the longest", every(6*time.Hour, 167*time.Hour), 168*time.Hour - time.Second, true},
		{"used all the time for longer than that", every(6*time.Hour, 167*time.Hour), 168 * time.Hour, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := newDesk(t)
			cookies := d.cookie("newest", d.signIn("alex"))
			for _, at := range tt.uses {
				d.now = noon.Add(at)
				if who, _, err := d.ask("GET /", cookies, nil); !who.Known() {
					t.Fatalf("after %s nobody is known: %v", at, err)
				}
			}
			d.now = noon.Add(tt.last)
			if who, _, _ := d.ask("GET /", cookies, nil); who.Known() != tt.known {
				t.Errorf("known: %t", who.Known())
			}
		})
	}
}

// A page that reads itself again is no use of the session: left open, it does
// not keep anybody signed in.
func TestAPageThatReadsItselfAgainKeepsNoSessionAlive(t *testing.T) {
	for name, tt := range map[string]struct {
		headers map[string]string
		known   bool
	}{
		"read by a person":      {nil, true},
		"read again by itself":  {map[string]string{"x-handoff-refresh": "1"}, false},
		"in the letters it has": {map[string]string{"X-Handoff-Refresh": "1"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t)
			cookies := d.cookie("newest", d.signIn("alex"))
			for _, at := range every(time.Hour, 12*time.Hour) {
				d.now = noon.Add(at)
				if who, _, err := d.ask("GET /", cookies, tt.headers); !who.Known() {
					t.Fatalf("after %s nobody is known: %v", at, err)
				}
			}
			d.now = noon.Add(13 * time.Hour)
			if who, _, _ := d.ask("GET /", cookies, tt.headers); who.Known() != tt.known {
				t.Errorf("known: %t", who.Known())
			}
		})
	}
}

func every(step, until time.Duration) (all []time.Duration) {
	for at := step; at < until; at += step {
		all = append(all, at)
	}
	return all
}

// losePolicy has the policy read once, and never again.
func losePolicy(d *desk) {
	read := false
	d.handler.policy = policy.NewLoader(func(ctx context.Context) (policy.Version, []byte, error) {
		if read {
			return "", nil, fault.New(fault.Unavailable, "away")
		}
		read = true
		return d.table.Policy(ctx)
	}, decode)
	if _, err := d.handler.policy.Current(d.t.Context(), d.now); err != nil {
		d.t.Fatal(err)
	}
	d.now = d.now.Add(2 * time.Minute)
}

// When it cannot be known who somebody is, nobody is let in: a page is told
// nobody, a program an error that it may try again, or no.
func TestNothingWorksHalf(t *testing.T) {
	gone := func(d *desk) {
		broken := table.New(dynamodb.New(dynamodb.Options{Region: "us-east-1", BaseEndpoint: aws.String("http://127.0.0.1:1"), RetryMaxAttempts: 1, Credentials: aws.AnonymousCredentials{}}), "t")
		d.handler.table, d.handler.policy = broken, policy.NewLoader(broken.Policy, decode)
	}
	tests := []struct {
		name    string
		breaks  func(*desk)
		session bool // sessions go on working
		program bool // programs are told no, and not that something is broken
	}{
		{"the table is away", gone, false, false},
		{"the policy is away after it was read", losePolicy, false, false},
		{"the policy cannot be used", func(d *desk) {
			if err := d.table.PutPolicy(d.t.Context(), "p-broken", []byte("access: [unfinished"), d.now); err != nil {
				d.t.Fatal(err)
			}
		}, false, true},
		{"the secret of access is not filled in", func(d *desk) { d.settings = idp.Settings{} }, false, true},
		{"the secret of access is away", func(d *desk) {
			d.handler.access = func(context.Context, time.Time) (idp.Settings, error) {
				return idp.Settings{}, fault.New(fault.Unavailable, "away")
			}
		}, false, false},
		{"the identity provider is away", func(d *desk) { d.away = true }, true, false},
		{"another identity provider is configured", func(d *desk) { d.settings.Issuer = "https://other.example" }, false, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := newDesk(t)
			cookies, headers := d.cookie("newest", d.signIn("operator")), d.token(d.provider, "operator", identity.CLI)
			tt.breaks(d)
			who, ok, err := d.ask("GET /leads", cookies, nil)
			if who.Known() != tt.session || !ok || err != nil {
				t.Errorf("the page gets %+v, %v, %v", who, ok, err)
			}
			if _, ok, err := d.ask("GET /api/leads", nil, headers); ok || (err == nil) != tt.program {
				t.Errorf("a program gets %v, %v", ok, err)
			}
			if !strings.Contains(d.log.String(), `"error":`) {
				t.Errorf("the log does not say why: %s", d.log.String())
			}
		})
	}
}

// Once its keys are known the provider may be away for a while.
func TestKnownKeysServeWhileTheProviderIsAway(t *testing.T) {
	d := newDesk(t)
	if _, ok, err := d.ask("GET /api/leads", nil, d.token(d.provider, "operator", identity.CLI)); !ok || err != nil {
		t.Fatalf("%v, %v", ok, err)
	}
	d.away = true
	if _, ok, err := d.ask("GET /api/leads", nil, d.token(d.provider, "operator", identity.CLI)); !ok || err != nil {
		t.Errorf("%v, %v", ok, err)
	}
}

// unsigned makes a token that says it needs no signature.
func unsigned(t *testing.T, issuer string) map[string]string {
	t.Helper()
	part := func(v any) string {
		b, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return base64.RawURLEncoding.EncodeToString(b)
	}
	head, body := part(map[string]string{"alg": "none", "typ": "JWT"}), part(map[string]any{
		"iss": issuer, "aud": identity.CLI, "sub": "operator", "email": identity.OperatorEmail, "exp": noon.Add(time.Hour).Unix(),
	})
	return map[string]string{"Authorization": "Bearer " + head + "." + body + "."}
}

func discard() *slog.Logger { return slog.New(slog.DiscardHandler) }
