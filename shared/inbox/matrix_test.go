package inbox_test

import (
	"context"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/inbound"
	"github.com/handoff-oss/handoff/shared/inbox"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/secret"
	"github.com/handoff-oss/handoff/shared/signal"
)

// genuine is a request that a provider signed, one that becomes a signal of a lead.
type genuine struct {
	Provider   string            `json:"provider"`
	Kind       inbound.Kind      `json:"kind"`
	URL        string            `json:"url"`
	Headers    map[string]string `json:"headers"`
	Keys       secret.Keys       `json:"keys"`
	Body       string            `json:"body"`
	ReceivedAt time.Time         `json:"received_at"`
}

func (g genuine) request() inbound.Request {
	_, query, _ := strings.Cut(g.URL, "?")
	return inbound.Request{
		Method: "POST", URL: g.URL, Query: query, Headers: maps.Clone(g.Headers), Body: []byte(g.Body), ReceivedAt: g.ReceivedAt,
		Kind: g.Kind, Source: g.Provider, Keys: g.Keys,
	}
}

// signedRequests returns one for each provider.
func signedRequests(t *testing.T) map[string]genuine {
	t.Helper()
	files, err := filepath.Glob("../inbound/testdata/requests/*.json")
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]genuine{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var g genuine
		if err := json.Unmarshal(text, &g); err != nil {
			t.Fatal(err)
		}
		if _, known := found[g.Provider]; !known && becomesASignal(g) {
			found[g.Provider] = g
		}
	}
	return found
}

func becomesASignal(g genuine) bool {
	a, ok := inbound.Lookup(g.Provider)
	if !ok {
		return false
	}
	d, err := a.Parse(g.request())
	return err == nil && slices.ContainsFunc(d.Signals, func(s signal.Signal) bool {
		_, err := s.LeadKey()
		return err == nil && !s.Test
	})
}

// unreadable returns a request that verifies and cannot be read, or none where
// the proof stands in what would be unreadable.
func unreadable(g genuine) (inbound.Request, bool) {
	a, _ := inbound.Lookup(g.Provider)
	for _, body := range []string{"{", "", "[]", "{}", "x=1"} {
		r := g.request()
		headers, sealed, err := inbound.Seal(a, inbound.Letter{URL: g.URL, Body: []byte(body), Key: g.Keys[0], At: g.ReceivedAt})
		if err != nil {
			continue
		}
		r.Body = sealed
		for name, value := range headers {
			r.Headers[strings.ToLower(name)] = value
		}
		if a.Verify(withKeys(r, g.Keys)) != nil {
			continue
		}
		if _, err := a.Parse(r); err != nil {
			return r, true
		}
	}
	return inbound.Request{}, false
}

func withKeys(r inbound.Request, keys secret.Keys) inbound.Request {
	r.Keys = keys
	return r
}

// otherKind is one that the provider does not send; "" when it sends all.
func otherKind(provider string) inbound.Kind {
	a, _ := inbound.Lookup(provider)
	for _, k := range []inbound.Kind{inbound.Forms, inbound.Engagement, inbound.CRM} {
		if !inbound.Takes(a, k) {
			return k
		}
	}
	return ""
}

// TestEveryProviderGetsItsAnswerToEveryOutcome brings each outcome about, for
// each provider, and compares what is answered with the table of answers.
func TestEveryProviderGetsItsAnswerToEveryOutcome(t *testing.T) {
	table := map[string]map[inbound.Outcome]inbound.Answer{}
	for _, row := range inbound.Table() {
		if table[row.Provider] == nil {
			table[row.Provider] = map[inbound.Outcome]inbound.Answer{}
		}
		table[row.Provider][row.Outcome] = row.Answer
	}
	signed := signedRequests(t)
	for _, provider := range inbound.Providers() {
		g, ok := signed[provider]
		if !ok {
			t.Errorf("%s has no signed request that becomes a signal", provider)
			continue
		}
		t.Run(provider, func(t *testing.T) {
			for o, got := range bringAbout(t, g) {
				want := table[provider][o]
				if got.Result.Outcome != o || got.Answer.Status != want.Status || got.Answer.Headers["Retry-After"] != want.Headers["Retry-After"] {
					t.Errorf("%s: %s, %d %v, want %d (%v)", o, got.Result.Outcome, got.Answer.Status, got.Answer.Headers, want.Status, got.Err)
				}
			}
		})
	}
}

// bringAbout makes each outcome happen.
func bringAbout(t *testing.T, g genuine) map[inbound.Outcome]inbox.Report {
	t.Helper()
	away := fault.New(fault.Unavailable, "away")
	var mu sync.Mutex
	stored := map[string]bool{}
	var putErr, parkErr error
	r := inbox.Receiver{
		Put: func(_ context.Context, s signal.Signal) (bool, error) {
			mu.Lock()
			defer mu.Unlock()
			known := stored[s.ID]
			stored[s.ID] = putErr == nil
			return !known, putErr
		},
		Park:  func(context.Context, ...string) error { return parkErr },
		Spend: func(context.Context, string, string, string, time.Time) error { return nil },
		Source: func(context.Context, time.Time, string) (policy.Source, error) {
			return policy.Source{Provider: g.Provider}, nil
		},
		Keys: func(context.Context, time.Time) (map[string]secret.Keys, error) {
			return map[string]secret.Keys{g.Provider: g.Keys}, nil
		},
	}
	receive := func(req inbound.Request) inbox.Report { return r.Receive(t.Context(), req, "1") }
	changed := func(change func(*inbound.Request)) inbox.Report {
		req := g.request()
		change(&req)
		return receive(req)
	}
	got := map[inbound.Outcome]inbox.Report{inbound.Accepted: receive(g.request()), inbound.Duplicate: receive(g.request())}
	got[inbound.TooLarge] = changed(func(req *inbound.Request) { req.Body = make([]byte, inbound.MaxBody+1) })
	got[inbound.BadMethod] = changed(func(req *inbound.Request) { req.Method = "PUT" })
	got[inbound.Probe] = changed(func(req *inbound.Request) { req.Method, req.Body = "GET", nil })
	if kind := otherKind(g.Provider); kind != "" {
		got[inbound.WrongPath] = changed(func(req *inbound.Request) { req.Kind = kind })
	}
	if req, ok := unreadable(g); ok {
		got[inbound.Malformed] = receive(req)
	}
	clear(stored)
	putErr = away
	got[inbound.Parked] = receive(g.request())
	parkErr = away
	got[inbound.Unavailable] = receive(g.request())
	putErr, parkErr, g.Keys = nil, nil, secret.Keys{"another key"}
	got[inbound.BadSignature] = receive(g.request())
	return got
}
