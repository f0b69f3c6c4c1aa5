package inbound_test

import (
	"strings"
	"testing"

	"github.com/handoff-oss/handoff/shared/inbound"
	"github.com/handoff-oss/handoff/shared/secret"
)

func TestEveryProviderSaysHowItIsConnected(t *testing.T) {
	for _, provider := range inbound.Providers() {
		a := lookup(t, provider)
		about := a.About()
		for what, s := range map[string]string{
			"Title": about.Title, "Paste": about.Paste, "Key": about.Key, "Signs": about.Signs, "EventID": about.EventID, "Test": about.Test, "Retries": about.Retries,
		} {
			if s == "" || strings.HasSuffix(s, ".") || strings.TrimSpace(s) != s || strings.ContainsAny(s, "\n|") {
				t.Errorf("%s: %s is %q", provider, what, s)
			}
		}
		switch about.Choose {
		case inbound.TheyChoose, inbound.WeChoose, inbound.WeChooseWhsec:
		default:
			t.Errorf("%s: the secret is chosen by %q", provider, about.Choose)
		}
		if _, challenges := a.(inbound.Challenger); about.Sample.Kind != "" && !inbound.Takes(a, about.Sample.Kind) {
			t.Errorf("%s: the sample is of the kind %s (challenges: %v)", provider, about.Sample.Kind, challenges)
		}
	}
}

// What the command line tries an address with verifies, parses, and leaves
// nothing behind.
func TestSamplesVerifyAndLeaveNothing(t *testing.T) {
	for _, provider := range inbound.Providers() {
		a := lookup(t, provider)
		r := sample(t, provider, a)
		if err := a.Verify(r); err != nil {
			t.Errorf("%s: %v", provider, err)
		}
		d, err := a.Parse(r)
		if err != nil || len(d.Signals) != 1 {
			t.Errorf("%s: %+v %v", provider, d, err)
		}
		for _, s := range d.Signals {
			if _, err := s.LeadKey(); err == nil && !s.Test {
				t.Errorf("%s: the sample makes a lead: %+v", provider, s)
			}
		}
	}
}

// sample returns the sealed sample of a provider as it comes in.
func sample(t *testing.T, provider string, a inbound.Adapter) inbound.Request {
	t.Helper()
	s, kind := a.About().Sample, a.Kinds()[0]
	if s.Kind != "" {
		kind = s.Kind
	}
	signing, verifying := sampleKeys(t, provider)
	l := inbound.Letter{Method: "POST", URL: "https://in.handoff.example/webhooks/" + string(kind) + "/" + provider, Body: []byte(s.Body), Key: signing, At: recordTime}
	headers, body, err := inbound.Seal(a, l)
	if err != nil || s.Body == "" {
		t.Fatalf("%s: %v", provider, err)
	}
	r := inbound.Request{Method: "POST", URL: l.URL, Headers: map[string]string{}, Body: body, ReceivedAt: recordTime, Kind: kind, Source: provider, Keys: secret.Keys{verifying}}
	for name, value := range headers {
		r.Headers[strings.ToLower(name)] = value
	}
	if got := r.Headers["content-type"]; got != s.ContentType {
		t.Errorf("%s: Sign says %s, the sample %s", provider, got, s.ContentType)
	}
	return r
}

// sampleKeys makes up a key of the form that the provider wants, for signing
// and for verifying.
func sampleKeys(t *testing.T, provider string) (signing, verifying string) {
	t.Helper()
	switch {
	case provider == "sendgrid":
		return ecdsaKey(t)
	case lookup(t, provider).About().Choose == inbound.WeChooseWhsec:
		const key = "whsec_c2FtcGxlLWtleS1vZi0yNC1ieXRlcyEhIQ=="
		return key, key
	}
	return "a key", "a key"
}
