package inbound_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/inbound"
	"github.com/handoff-oss/handoff/shared/secret"
	"github.com/handoff-oss/handoff/shared/signal"
)

func FuzzHTML(f *testing.F)     { fuzzAdapter(f, "html", "token") }
func FuzzHubspot(f *testing.F)  { fuzzAdapter(f, "hubspot", "client-secret") }
func FuzzSegment(f *testing.F)  { fuzzAdapter(f, "segment", "shared-secret") }
func FuzzSendgrid(f *testing.F) { fuzzAdapter(f, "sendgrid", "") }
func FuzzStandard(f *testing.F) {
	fuzzAdapter(f, "standard", "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=")
}
func FuzzTypeform(f *testing.F) { fuzzAdapter(f, "typeform", "secret") }

// fuzzAdapter gives an adapter any body, once signed and once with any
// headers, and checks what must hold for all.
func fuzzAdapter(f *testing.F, provider, key string) {
	f.Helper()
	a := lookup(f, provider)
	verifyKey := key
	if provider == "sendgrid" {
		key, verifyKey = ecdsaKey(f)
	}
	for _, fx := range fixtures(f) {
		if fx.Provider == provider {
			f.Add([]byte(fx.Body), fx.Headers[slices.Concat(signatureHeaders(provider), []string{""})[0]], "123", "form=x&token=y", true)
		}
	}
	f.Add([]byte(`[{},null,1,"x",[]]`), "", "", "%", false)
	f.Add([]byte(`{"event_type":1,"type":[],"event":{}}`), "v1,", "-1", "", true)
	now := time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, body []byte, header, stamp, query string, forms bool) {
		r := inbound.Request{
			Method: "POST", URL: "https://in.handoff.example/webhooks/x?" + query, Query: query, Body: body,
			ReceivedAt: now, Source: provider, Kind: inbound.Engagement, Keys: secret.Keys{verifyKey},
		}
		if forms {
			r.Kind = inbound.Forms
		}
		r.Headers = map[string]string{"authorization": "Basic " + header, "content-type": "application/x-www-form-urlencoded", "referer": header}
		for i, name := range signatureHeaders(provider) {
			r.Headers[name] = []string{header, stamp}[min(i, 1)]
		}
		if a.Verify(r) == nil && header != key && query != "token="+key {
			t.Fatalf("a stranger was let in: %q %q %q", header, stamp, query)
		}
		if c, ok := a.(inbound.Challenger); ok {
			checkChallenge(t, c, r, key)
		}
		checkParse(t, a, r) // must not crash even without proof
		checkSigned(t, a, r, key)
	})
}

// checkChallenge asks in both ways. What is answered must not sign anything.
func checkChallenge(t *testing.T, c inbound.Challenger, r inbound.Request, key string) {
	t.Helper()
	for _, method := range []string{"GET", "POST"} {
		r.Method = method
		answer, asked, err := c.Challenge(r)
		if !asked && (err != nil || answer.Status != 0) || asked && err == nil && answer.Status != 200 || strings.Contains(answer.Body, key) {
			t.Fatalf("asked %v, answered %+v %v", asked, answer, err)
		}
	}
}

// checkSigned signs what the provider can sign, and expects to be let in.
func checkSigned(t *testing.T, a inbound.Adapter, r inbound.Request, key string) {
	t.Helper()
	headers, err := a.Sign(inbound.Letter{URL: r.URL, Body: r.Body, Key: key, At: r.ReceivedAt})
	if err != nil {
		return
	}
	r.Headers = map[string]string{}
	for name, value := range headers {
		r.Headers[strings.ToLower(name)] = value
	}
	if err := a.Verify(r); err != nil {
		t.Fatalf("our own signature was refused: %v", err)
	}
	checkParse(t, a, r)
}

func checkParse(t *testing.T, a inbound.Adapter, r inbound.Request) {
	t.Helper()
	d, err := a.Parse(r)
	again, err2 := a.Parse(r)
	if diff := cmp.Diff(d, again); diff != "" || (err == nil) != (err2 == nil) {
		t.Fatalf("parsed twice, two results: %s %v %v", diff, err, err2)
	}
	if err != nil {
		if fault.KindOf(err) != fault.Invalid {
			t.Fatalf("kind %v of %v", fault.KindOf(err), err)
		}
		return
	}
	for _, s := range d.Signals {
		checkSignal(t, r, s)
	}
}

func checkSignal(t *testing.T, r inbound.Request, s signal.Signal) {
	t.Helper()
	b, err := json.Marshal(s)
	if err != nil {
		t.Fatalf("cannot be stored: %v", err)
	}
	var back signal.Signal
	if err := json.Unmarshal(b, &back); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(s, back); diff != "" {
		t.Fatalf("changes when it is stored: %s", diff)
	}
	switch {
	case s.ID == "" && r.Headers["webhook-id"] != "", len(s.ID) > 200, !utf8.ValidString(s.ID):
		t.Fatalf("event id %q", s.ID)
	case s.Source != r.Source, s.OccurredAt.After(s.ReceivedAt), s.OccurredAt.Year() < 2000:
		t.Fatalf("source %q, occurred %v, received %v", s.Source, s.OccurredAt, s.ReceivedAt)
	case len(s.Attributes) > 100, len(s.Lead) > 41, len(b) > 200<<10:
		t.Fatalf("%d attributes, %d fields, %d bytes", len(s.Attributes), len(s.Lead), len(b))
	}
	total := 0
	for name, value := range s.Attributes {
		total += len(name) + len(value)
		if len(value) > 2<<10 || len(name) > 128 || !utf8.ValidString(name+value) {
			t.Fatalf("attribute %q: %d bytes", name, len(value))
		}
	}
	if total > 17<<10 {
		t.Fatalf("attributes of %d bytes", total)
	}
}
