package fetch_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/fetch"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/remote"
	"github.com/handoff-oss/handoff/shared/signal"
)

var now = time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)

func thin(source string) signal.Signal {
	return signal.Signal{
		Source: source, ID: "7", Type: signal.ContactCreated, OccurredAt: now, ReceivedAt: now, Identity: signal.Identity{ContactID: "501"},
		Attributes: map[string]string{signal.AttrFetch: "hubspot_contact", "objectId": "501"},
	}
}

func TestTheRequestIsKeptBeforeTheSignal(t *testing.T) {
	full := signal.Signal{Source: "s", ID: "1"}
	away := fault.New(fault.Unavailable, "away")
	for _, c := range []struct {
		name         string
		signal       signal.Signal
		sendErr      error
		sent, stored int
		fails        bool
	}{
		{"thin", thin("hubspot"), nil, 1, 1, false},
		{"complete", full, nil, 0, 1, false},
		{"thin, queue away", thin("hubspot"), away, 1, 0, true},
		{"complete, queue away", full, away, 0, 1, false},
	} {
		sent, stored := 0, 0
		put := fetch.Before(func(_ context.Context, bodies ...string) error {
			sent += len(bodies)
			if r, err := fetch.Parse(bodies[0]); err != nil || r.Signal.ID != "7" {
				t.Errorf("%s: %+v %v", c.name, r, err)
			}
			return c.sendErr
		}, func(context.Context, signal.Signal) (bool, error) {
			stored++
			return true, nil
		})
		_, err := put(t.Context(), c.signal)
		if sent != c.sent || stored != c.stored || (err != nil) != c.fails || (err != nil && fault.KindOf(err) != fault.Unavailable) {
			t.Errorf("%s: %d sent, %d stored, %v", c.name, sent, stored, err)
		}
	}
}

func TestMessagesThatAreNoRequests(t *testing.T) {
	for _, body := range []string{"", "x", "{}", `{"signal":{}}`, `{"signal":{"source":"s","id":"1"}}`, `{"signal":{"source":"s","id":"1","attributes":{"fetch":"else"}}}`} {
		if _, err := fetch.Parse(body); fault.KindOf(err) != fault.Invalid || err == nil {
			t.Errorf("%q: %v", body, err)
		}
	}
}

// api plays HubSpot's API and returns its address and what it was asked.
func api(t *testing.T, answer string) (url string, asked *[]string) {
	t.Helper()
	asked = new([]string)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		*asked = append(*asked, r.URL.Path+" "+r.Header.Get("Authorization")+" "+r.URL.Query().Get("appsecret_proof"))
		_, _ = w.Write([]byte(answer))
	}))
	t.Cleanup(s.Close)
	return s.URL, asked
}

func TestWhichTokenIsUsed(t *testing.T) {
	url, asked := api(t, `{"id":"501","properties":{"email":"ida@contoso.example"}}`)
	client := fetch.Client{HTTP: remote.NewClient(time.Second)}
	all := fetch.Accesses{
		"hubspot":      {Token: "everybody's", Base: url + "/"},
		"hubspot-emea": {Token: "own", Base: url, Secret: "s"},
		"hubspot-off":  {Skip: true},
		"hubspot-bad":  {Token: "a\r\nHost: evil.example", Base: url},
	}
	for _, c := range []struct{ source, asked, err string }{
		{"hubspot", "/crm/v3/objects/contacts/501 Bearer everybody's ", ""},
		{"another", "/crm/v3/objects/contacts/501 Bearer everybody's ", ""},
		{"hubspot-emea", "/crm/v3/objects/contacts/501 Bearer own 99765332755bb4213e50b7146f1ac89e2394e92e76c3bd4d2f052c1159717ff6", ""},
		{"hubspot-off", "", "not fetched"},
		{"hubspot-bad", "", "no access token"},
	} {
		*asked = nil
		s, err := client.Complete(t.Context(), fetch.Request{Signal: thin(c.source)}, all, policy.Source{}, now)
		if c.err != "" {
			if err == nil || !strings.Contains(err.Error(), c.err) || len(*asked) > 0 {
				t.Errorf("%s: %v, asked %q", c.source, err, *asked)
			}
			continue
		}
		if err != nil || s.Identity.Email != "ida@contoso.example" || s.Source != c.source || len(*asked) != 1 {
			t.Fatalf("%s: %+v %v, asked %q", c.source, s, err, *asked)
		}
		if (*asked)[0] != c.asked {
			t.Errorf("%s: asked %q, want %q", c.source, *asked, c.asked)
		}
	}
}

func TestASilentAPIIsLeft(t *testing.T) {
	release := make(chan struct{})
	s := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release }))
	defer s.Close()
	defer close(release)
	client := fetch.Client{HTTP: remote.NewClient(50 * time.Millisecond)}
	_, err := client.Complete(t.Context(), fetch.Request{Signal: thin("hubspot")}, fetch.Accesses{"hubspot": {Token: "x", Base: s.URL}}, policy.Source{}, now)
	if fault.KindOf(err) != fault.Unavailable || err == nil || strings.Contains(err.Error(), s.URL) {
		t.Error(err)
	}
}
