package inbound_test

import (
	"encoding/json"
	"flag"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/inbound"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/secret"
)

var update = flag.Bool("update", false, "write the golden files")

// fixture is a signed request. The signatures were made with Node's crypto
// module after the providers' documents, not by this package.
type fixture struct {
	name       string
	Provider   string            `json:"provider"`
	Method     string            `json:"method"`
	Kind       inbound.Kind      `json:"kind"`
	URL        string            `json:"url"`
	Headers    map[string]string `json:"headers"`
	Keys       []string          `json:"keys"`
	NextHosts  []string          `json:"next_hosts"`
	Fields     map[string]string `json:"fields"`
	Body       string            `json:"body"`
	ReceivedAt time.Time         `json:"received_at"`
}

func fixtures(tb testing.TB) []fixture {
	tb.Helper()
	files, err := filepath.Glob("testdata/requests/*.json")
	if err != nil || len(files) == 0 {
		tb.Fatalf("no fixtures: %v", err)
	}
	out := make([]fixture, 0, len(files))
	for _, file := range files {
		f := fixture{name: strings.TrimSuffix(filepath.Base(file), ".json")}
		readJSON(tb, file, &f)
		out = append(out, f)
	}
	return out
}

func readJSON(tb testing.TB, file string, v any) {
	tb.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		tb.Fatal(err)
	}
	if err := json.Unmarshal(b, v); err != nil {
		tb.Fatalf("%s: %v", file, err)
	}
}

func (f fixture) request() inbound.Request {
	_, query, _ := strings.Cut(f.URL, "?")
	return inbound.Request{
		Method: f.Method, URL: f.URL, Query: query, Headers: maps.Clone(f.Headers), Body: []byte(f.Body),
		ReceivedAt: f.ReceivedAt, Kind: f.Kind, Source: f.Provider,
		Policy: policy.Source{Provider: f.Provider, NextHosts: f.NextHosts, Fields: f.Fields}, Keys: secret.Keys(f.Keys),
	}
}

func (f fixture) adapter(tb testing.TB) inbound.Adapter {
	tb.Helper()
	return lookup(tb, f.Provider)
}

func lookup(tb testing.TB, provider string) inbound.Adapter {
	tb.Helper()
	a, ok := inbound.Lookup(provider)
	if !ok {
		tb.Fatalf("no adapter %q", provider)
	}
	return a
}

func TestProvidersAreFoundAndSorted(t *testing.T) {
	names := inbound.Providers()
	for i, name := range names {
		a := lookup(t, name)
		if i > 0 && names[i-1] >= name {
			t.Errorf("%s stands after %s", name, names[i-1])
		}
		if len(a.Kinds()) == 0 {
			t.Errorf("%s sends nothing", name)
		}
	}
	if _, ok := inbound.Lookup("nosuch"); ok {
		t.Error("an unknown provider was found")
	}
}

// TestSignedRequestsBecomeSignals compares what every fixture says with its
// golden file.
func TestSignedRequestsBecomeSignals(t *testing.T) {
	for _, f := range fixtures(t) {
		t.Run(f.name, func(t *testing.T) {
			a, r := f.adapter(t), f.request()
			if err := a.Verify(r); err != nil {
				t.Fatalf("refused: %v", err)
			}
			d, err := a.Parse(r)
			if err != nil {
				t.Fatal(err)
			}
			compareGolden(t, filepath.Join("testdata", "signals", f.name+".json"), d)
		})
	}
}

func compareGolden(t *testing.T, file string, v any) {
	t.Helper()
	got, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(file, append(got, '\n'), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.TrimSpace(string(want)), string(got)); diff != "" {
		t.Error(diff)
	}
}

// proof is how a provider proves that it sent a request.
type proof struct {
	headers []string      // what stands in headers and must not be changed
	window  time.Duration // how far the stated time may be off; 0: it states none
	noBody  bool          // the body is not covered: a token, or a key in the body
	inBody  bool          // the proof stands in the body
}

func proofOf(provider string) proof {
	token := proof{headers: []string{"x-handoff-token"}, noBody: true}
	all := map[string]proof{
		"calcom":        {headers: []string{"x-cal-signature-256"}},
		"calendly":      {headers: []string{"calendly-webhook-signature"}, window: 3 * time.Minute},
		"cloudevents":   {headers: []string{"webhook-id", "webhook-timestamp", "x-handoff-token"}, window: 5 * time.Minute},
		"customerio":    {headers: []string{"x-cio-signature", "x-cio-timestamp"}, window: 5 * time.Minute},
		"google-ads":    {noBody: true, inBody: true},
		"gravity-forms": token,
		"html":          token,
		"intercom":      {headers: []string{"x-hub-signature"}},
		"jotform":       token,
		"linkedin":      {headers: []string{"x-li-signature"}},
		"mailchimp":     token,
		"mailgun":       {noBody: true, inBody: true}, // its window is tested on its own
		"mandrill":      {headers: []string{"x-mandrill-signature"}},
		"marketo":       token,
		"meta":          {headers: []string{"x-hub-signature-256"}},
		"pipedrive":     token,
		"posthog":       token,
		"postmark":      token,
		"rudderstack":   token,
		"salesforce":    token,
		"snowplow":      token,
		"tally":         {headers: []string{"tally-signature"}},
		"unbounce":      token,
		"zoom":          {headers: []string{"x-zm-signature", "x-zm-request-timestamp"}, window: 5 * time.Minute},
		"webflow":       {headers: []string{"x-webflow-signature", "x-webflow-timestamp"}, window: 5 * time.Minute},
		"hubspot":       {headers: []string{"x-hubspot-signature", "x-hubspot-signature-v3", "x-hubspot-request-timestamp"}, window: 5 * time.Minute},
		"segment":       {headers: []string{"x-signature"}},
		"sendgrid": {
			headers: []string{"x-twilio-email-event-webhook-signature", "x-twilio-email-event-webhook-timestamp"},
			window:  10 * time.Minute,
		},
		"standard": {headers: []string{"webhook-id", "webhook-timestamp"}, window: 5 * time.Minute},
		"typeform": {headers: []string{"typeform-signature"}},
	}
	return all[provider]
}

func signatureHeaders(provider string) []string { return proofOf(provider).headers }

func TestEveryProviderHasAProofAndAFixture(t *testing.T) {
	has := map[string]bool{}
	for _, f := range fixtures(t) {
		has[f.Provider] = true
	}
	for _, name := range inbound.Providers() {
		if p := proofOf(name); len(p.headers) == 0 && !p.inBody || !has[name] {
			t.Errorf("%s: say in proofOf how it proves itself, and add a signed request to testdata/requests", name)
		}
	}
}

func refused(t *testing.T, f fixture, r inbound.Request, what string) {
	t.Helper()
	err := f.adapter(t).Verify(r)
	if err == nil {
		t.Errorf("%s: accepted", what)
		return
	}
	if fault.KindOf(err) != fault.Denied {
		t.Errorf("%s: kind %v", what, fault.KindOf(err))
	}
}

func TestAlteredProofsAreRefused(t *testing.T) {
	for _, f := range fixtures(t) {
		t.Run(f.name, func(t *testing.T) {
			for _, name := range signatureHeaders(f.Provider) {
				alterHeader(t, f, name)
			}
		})
	}
}

// alterHeader cuts, changes and lengthens one header in every way.
func alterHeader(t *testing.T, f fixture, name string) {
	t.Helper()
	value := f.Headers[name]
	if value == "" {
		return
	}
	values := []string{value + "A"}
	for n := range len(value) {
		values = append(values, value[:n]+string(value[n]^1)+value[n+1:])
		if n > 0 || !strings.Contains(f.URL, "token=") { // without a signature the token lets it in
			values = append(values, value[:n])
		}
	}
	for _, v := range values {
		r := f.request()
		r.Headers[name] = v
		refused(t, f, r, name+": "+v)
	}
}

func TestStandardSignaturesAreRefusedWhenAltered(t *testing.T) {
	for _, f := range fixtures(t) {
		if f.Provider != "standard" {
			continue
		}
		list := f.Headers["webhook-signature"]
		last := strings.LastIndexByte(list, ' ') + 1
		for n := last; n < len(list); n++ {
			r := f.request()
			r.Headers["webhook-signature"] = list[:n]
			refused(t, f, r, "cut")
			r.Headers["webhook-signature"] = list[:n] + string(list[n]^1) + list[n+1:]
			refused(t, f, r, "altered")
		}
		for _, bad := range []string{"v1," + list[last+3:] + ",x", "v2," + list[last+3:], "v1a," + list[last+3:], "v1,", list[last+3:]} {
			r := f.request()
			r.Headers["webhook-signature"] = bad
			refused(t, f, r, bad)
		}
	}
}

func TestAlteredBodiesAreRefused(t *testing.T) {
	for _, f := range fixtures(t) {
		if p := proofOf(f.Provider); !p.noBody && f.Headers[p.headers[0]] != "" {
			t.Run(f.name, func(t *testing.T) { alterBody(t, f) })
		}
	}
}

// alterBody changes every byte and cuts the body everywhere. What Segment does
// not sign is left out: spelling, and all but the first element of a batch.
func alterBody(t *testing.T, f fixture) {
	t.Helper()
	respelled := f.name == "segment_batch_respelled"
	end := len(f.Body)
	if strings.HasPrefix(f.name, "segment_batch") {
		end = firstElementEnd(t, f.Body)
	}
	for n := range end {
		r := f.request()
		r.Body[n] ^= 1
		if respelled && sameMeaning(f.Body, string(r.Body)) {
			continue
		}
		refused(t, f, r, "body altered at "+f.Body[max(0, n-5):n+1])
		r = f.request()
		r.Body = r.Body[:n]
		refused(t, f, r, "body cut")
	}
	if f.Provider != "segment" {
		r := f.request()
		r.Body = append(r.Body, ' ')
		refused(t, f, r, "body lengthened")
	}
}

// firstElementEnd returns where the first element of a list ends: Segment
// proves no more of a batch.
func firstElementEnd(t *testing.T, body string) int {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(body))
	if _, err := d.Token(); err != nil {
		t.Fatal(err)
	}
	var element json.RawMessage
	if err := d.Decode(&element); err != nil {
		t.Fatal(err)
	}
	return int(d.InputOffset())
}

// sameMeaning reports whether the first elements of two lists are the same for
// JavaScript, though their spelling differs (0.0000001 and 0.0000001 0).
func sameMeaning(a, b string) bool {
	var x, y []any
	if json.Unmarshal([]byte(a), &x) != nil || json.Unmarshal([]byte(b), &y) != nil || len(y) == 0 {
		return false
	}
	return cmp.Equal(x[0], y[0])
}

func TestWrongAndMissingKeysAreRefused(t *testing.T) {
	for _, f := range fixtures(t) {
		for what, keys := range map[string]secret.Keys{
			"no key": nil, "an empty key": {""}, "another key": {"d3Jvbmcgc2VjcmV0"}, "an empty whsec": {"whsec_"},
		} {
			r := f.request()
			r.Keys = keys
			refused(t, f, r, f.name+" with "+what)
		}
		r := f.request()
		r.Keys = append(secret.Keys{"d3Jvbmcgc2VjcmV0"}, r.Keys...)
		if err := f.adapter(t).Verify(r); err != nil {
			t.Errorf("%s: during a rotation: %v", f.name, err)
		}
		if proofOf(f.Provider).inBody {
			continue
		}
		r.Headers = map[string]string{"content-type": "application/json"}
		r.Query = ""
		refused(t, f, r, f.name+" without headers")
	}
}

func TestStaleRequestsAreRefused(t *testing.T) {
	for _, f := range fixtures(t) {
		limit := proofOf(f.Provider).window
		if limit == 0 || f.Headers[proofOf(f.Provider).headers[0]] == "" || (f.Provider == "hubspot" && f.Headers["x-hubspot-signature-v3"] == "") {
			continue
		}
		for _, c := range []struct {
			off  time.Duration
			good bool
		}{{limit, true}, {-limit, true}, {limit + time.Second, false}, {-limit - time.Second, false}, {30 * time.Minute, false}, {-24 * time.Hour, false}} {
			r := f.request()
			r.ReceivedAt = r.ReceivedAt.Add(c.off)
			if c.good {
				if err := f.adapter(t).Verify(r); err != nil {
					t.Errorf("%s received %v later: %v", f.name, c.off, err)
				}
				continue
			}
			refused(t, f, r, f.name+" received later by "+c.off.String())
		}
	}
}

// TestSignAndVerifyAgree also covers keys that Verify cannot have seen.
func TestSignAndVerifyAgree(t *testing.T) {
	private, public := ecdsaKey(t)
	now := time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)
	for _, f := range fixtures(t) {
		l := inbound.Letter{URL: f.URL, Body: []byte(f.Body), Key: f.Keys[len(f.Keys)-1], At: now}
		r := f.request()
		if f.Provider == "sendgrid" {
			l.Key, r.Keys = private, secret.Keys{public}
		}
		headers, err := f.adapter(t).Sign(l)
		if err != nil {
			t.Errorf("%s: %v", f.name, err)
			continue
		}
		r.Headers = map[string]string{}
		for name, value := range headers {
			r.Headers[strings.ToLower(name)] = value
		}
		if err := f.adapter(t).Verify(r); err != nil {
			t.Errorf("%s: %v", f.name, err)
		}
	}
}
