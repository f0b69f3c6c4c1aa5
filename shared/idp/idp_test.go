package idp_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/handoff-oss/handoff/infra/local/identity"
	"github.com/handoff-oss/handoff/shared/access"
	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/idp"
)

var noon = time.Date(2031, 3, 3, 12, 0, 0, 0, time.UTC)

// world is an identity provider, and a client of it.
type world struct {
	provider *identity.Provider
	settings idp.Settings
	client   *idp.Client
	real     time.Time // the machine's time, by which the client waits
	away     atomic.Bool
	asked    map[string]int // by path
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{real: noon, asked: map[string]int{}}
	w.provider = &identity.Provider{
		PublicURL: "https://handoff.example", Secret: "s3cret", Now: func() time.Time { return noon },
		People: func() []identity.Person {
			return []identity.Person{{ID: "ann", Name: "Ann", Email: "Ann@ours.example", Groups: []string{"sales"}, Role: "Rep"}}
		},
	}
	w.newKey(t)
	pages := w.provider.Handler()
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		w.asked[strings.TrimPrefix(r.URL.Path, identity.Path)]++
		if w.away.Load() {
			http.Error(rw, "away", http.StatusServiceUnavailable)
			return
		}
		pages.ServeHTTP(rw, r)
	}))
	t.Cleanup(server.Close)
	w.provider.Issuer = server.URL + identity.Path
	w.settings = idp.Settings{Issuer: w.provider.Issuer, ClientID: identity.Web, ClientSecret: "s3cret"}
	w.client = idp.New(http.DefaultTransport, func(context.Context) time.Time { return w.real })
	return w
}

// newKey has the provider sign with another key.
func (w *world) newKey(t *testing.T) {
	t.Helper()
	der, err := identity.NewKey()
	if err == nil {
		w.provider.Key, err = identity.ParseKey(der)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func (w *world) find(t *testing.T) *idp.Provider {
	t.Helper()
	p, err := w.client.Provider(t.Context(), w.settings)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// back signs in as Ann and returns the query that the browser comes back with.
func (w *world) back(t *testing.T, address string) url.Values {
	t.Helper()
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address+"&person=ann", nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	u, err := url.Parse(res.Header.Get("Location"))
	if err != nil {
		t.Fatal(err)
	}
	return u.Query()
}

func flow() idp.Flow {
	return idp.Flow{Redirect: "https://handoff.example/login/callback", State: "state", Nonce: "nonce", Verifier: strings.Repeat("v", 43)}
}

func TestSigningIn(t *testing.T) {
	w := newWorld(t)
	p := w.find(t)
	q := w.back(t, p.SignInURL(flow()))
	if q.Get("state") != "state" {
		t.Errorf("it comes back with %v", q)
	}
	got, err := p.Finish(t.Context(), flow(), q.Get("code"), "groups", noon)
	want := access.Identity{Issuer: w.settings.Issuer, Subject: "ann", Email: "Ann@ours.example", Name: "Ann", Groups: []string{"sales"}}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v\n%s", err, diff)
	}
	if _, err := p.Finish(t.Context(), flow(), q.Get("code"), "groups", noon); fault.KindOf(err) != fault.Denied {
		t.Errorf("the code works twice: %v", err)
	}
}

func TestASignInThatDoesNotHold(t *testing.T) {
	tests := []struct {
		name   string
		change func(*world, *idp.Flow)
		at     time.Time
		kind   fault.Kind
	}{
		{"another verifier", func(_ *world, f *idp.Flow) { f.Verifier = strings.Repeat("w", 43) }, noon, fault.Denied},
		{"another nonce", func(_ *world, f *idp.Flow) { f.Nonce = "other" }, noon, fault.Denied},
		{"another redirect", func(_ *world, f *idp.Flow) { f.Redirect += "/more" }, noon, fault.Denied},
		{"a token that has run out", func(*world, *idp.Flow) {}, noon.Add(2 * time.Hour), fault.Denied},
		{"a secret that is wrong", func(w *world, _ *idp.Flow) { w.provider.Secret = "changed" }, noon, fault.Denied},
		{"the provider is away", func(w *world, _ *idp.Flow) { w.away.Store(true) }, noon, fault.Unavailable},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t)
			p := w.find(t)
			q, f := w.back(t, p.SignInURL(flow())), flow()
			tt.change(w, &f)
			if id, err := p.Finish(t.Context(), f, q.Get("code"), "groups", tt.at); fault.KindOf(err) != tt.kind || id.Subject != "" {
				t.Errorf("%+v, %v", id, err)
			}
		})
	}
}

func (w *world) token(t *testing.T) string {
	t.Helper()
	token, err := w.provider.Token(w.provider.People()[0], identity.Web, "")
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// The keys are asked for once; for a key that is not known again, but not all
// the time, however many tokens with unknown keys come.
func TestKeysAreAskedForWhenTheyChangeAndNotMoreOften(t *testing.T) {
	w := newWorld(t)
	p := w.find(t)
	verify := func(token string) error {
		_, err := p.Verify(t.Context(), token, "groups", noon)
		return err
	}
	old := w.token(t)
	for range 3 {
		if err := verify(old); err != nil {
			t.Fatal(err)
		}
	}
	if w.asked["/keys"] != 1 {
		t.Errorf("asked %d times", w.asked["/keys"])
	}
	w.newKey(t)
	fresh := w.token(t)
	for range 5 {
		if err := verify(fresh); fault.KindOf(err) != fault.Denied {
			t.Fatalf("a moment after the last time: %v", err)
		}
	}
	if w.asked["/keys"] != 1 {
		t.Errorf("asked %d times within a moment", w.asked["/keys"])
	}
	w.real = w.real.Add(11 * time.Second)
	if err := settled(t, func() error { return verify(fresh) }, func(err error) bool { return err == nil }); err != nil {
		t.Errorf("a while later: %v", err)
	}
	denied := func(err error) bool { return fault.KindOf(err) == fault.Denied }
	if err := settled(t, func() error { return verify(old) }, denied); !denied(err) {
		t.Errorf("a key that is withdrawn: %v", err)
	}
	if w.asked["/keys"] != 2 {
		t.Errorf("asked %d times", w.asked["/keys"])
	}
}

// settled repeats try until its outcome is good, for at most some seconds, and
// returns the last one. go-oidc tells whoever waits for keys that they are here,
// or are not, a moment before it keeps them and is ready to ask again.
func settled(t *testing.T, try func() error, good func(error) bool) error {
	t.Helper()
	deadline := time.Now().Add(5 * time.Second)
	err := try()
	for !good(err) && time.Now().Before(deadline) {
		runtime.Gosched()
		err = try()
	}
	return err
}

func TestAProviderThatIsAway(t *testing.T) {
	w := newWorld(t)
	w.away.Store(true)
	for range 3 {
		if _, err := w.client.Provider(t.Context(), w.settings); fault.KindOf(err) != fault.Unavailable {
			t.Fatalf("got %v", err)
		}
	}
	if n := w.asked["/.well-known/openid-configuration"]; n != 1 {
		t.Errorf("asked %d times within a moment", n)
	}
	w.away.Store(false)
	w.real = w.real.Add(3 * time.Second)
	p := w.find(t)
	w.away.Store(true)
	if _, err := p.Verify(t.Context(), w.token(t), "groups", noon); fault.KindOf(err) != fault.Unavailable {
		t.Errorf("without keys: %v", err)
	}
	w.real = w.real.Add(2 * time.Hour)
	if _, err := w.client.Provider(t.Context(), w.settings); err != nil {
		t.Errorf("what is known does not serve: %v", err)
	}
}

func TestAudiences(t *testing.T) {
	w := newWorld(t)
	for _, tt := range []struct {
		audience, cli string
		good          bool
	}{{"", "", true}, {"api", "", false}, {"api", identity.Web, true}, {identity.Web, "other", true}, {"", "other", true}} {
		w.settings.Audience, w.settings.CLIClientID = tt.audience, tt.cli
		if _, err := w.find(t).Verify(t.Context(), w.token(t), "groups", noon); (err == nil) != tt.good {
			t.Errorf("%+v: %v", tt, err)
		}
	}
}

func TestSettings(t *testing.T) {
	full := idp.Settings{Issuer: "https://a.example", ClientID: "c"}
	tests := []struct {
		name     string
		settings idp.Settings
		says     string // "" when it is fine
	}{
		{"full", full, ""},
		{"on this machine", idp.Settings{Issuer: "http://127.0.0.1:3000/x", ClientID: "c"}, ""},
		{"empty", idp.Settings{}, "client_id and issuer"},
		{"no client", idp.Settings{Issuer: "https://a.example"}, "client_id"},
		{"no https", idp.Settings{Issuer: "http://a.example", ClientID: "c"}, "https"},
		{"no address", idp.Settings{Issuer: "a.example", ClientID: "c"}, "https"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := tt.settings.Check()
			if (err == nil) != (tt.says == "") || err != nil && (!strings.Contains(err.Error(), tt.says) || fault.KindOf(err) != fault.Invalid) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestSignOutAtTheProvider(t *testing.T) {
	w := newWorld(t)
	u, err := url.Parse(w.find(t).SignOutURL("https://handoff.example/login"))
	if err != nil || u.Query().Get("post_logout_redirect_uri") != "https://handoff.example/login" || u.Query().Get("client_id") != identity.Web {
		t.Errorf("%v, %v", u, err)
	}
}
