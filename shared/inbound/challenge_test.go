package inbound_test

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/inbound"
	"github.com/handoff-oss/handoff/shared/secret"
)

func challenge(t *testing.T, provider, method, query string, keys ...string) (inbound.Answer, bool, error) {
	t.Helper()
	c, ok := lookup(t, provider).(inbound.Challenger)
	if !ok {
		t.Fatalf("%s asks nothing", provider)
	}
	return c.Challenge(inbound.Request{Method: method, Query: query, Keys: secret.Keys(keys), Kind: inbound.Forms, ReceivedAt: noon})
}

func TestMetaIsAnsweredWhenItKnowsTheVerifyToken(t *testing.T) {
	const good = "hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=my+token"
	keys := []string{"app-secret", "verify:older", "verify:my token"}
	for _, c := range []struct {
		name, method, query string
		keys                []string
		asked               bool
		kind                fault.Kind // Internal: answered
	}{
		{"right", "GET", good, keys, true, fault.Internal},
		{"wrong token", "GET", strings.Replace(good, "my+token", "my+toke", 1), keys, true, fault.Denied},
		{"no token", "GET", "hub.mode=subscribe&hub.challenge=1", keys, true, fault.Denied},
		{"no token, and none in the secret", "GET", "hub.mode=subscribe&hub.challenge=1", []string{"app-secret", "verify:", ""}, true, fault.Denied},
		{"the app's secret is no token", "GET", strings.Replace(good, "my+token", "app-secret", 1), keys, true, fault.Denied},
		{"no keys", "GET", good, nil, true, fault.Denied},
		{"another mode", "GET", strings.Replace(good, "subscribe", "x", 1), keys, true, fault.Invalid},
		{"endless", "GET", strings.Replace(good, "1158201444", strings.Repeat("1", 201), 1), keys, true, fault.Invalid},
		{"somebody looks", "GET", "", keys, false, fault.Internal},
		{"a webhook", "POST", good, keys, false, fault.Internal},
	} {
		answer, asked, err := challenge(t, "meta", c.method, c.query, c.keys...)
		if asked != c.asked || (err != nil) != (c.kind != fault.Internal) || (err != nil && fault.KindOf(err) != c.kind) {
			t.Errorf("%s: asked %v, %v", c.name, asked, err)
		}
		if c.asked && err == nil && (answer.Status != 200 || answer.Body != "1158201444" || !strings.HasPrefix(answer.Headers["Content-Type"], "text/plain")) {
			t.Errorf("%s: %+v", c.name, answer)
		}
	}
}

func TestAVerifyTokenSignsNothing(t *testing.T) {
	a := lookup(t, "meta")
	if _, err := a.Sign(inbound.Letter{Body: []byte("{}"), Key: "verify:my token"}); fault.KindOf(err) != fault.Invalid {
		t.Errorf("signed: %v", err)
	}
	for _, key := range []string{"my token", "verify:my token"} {
		// A stranger who has seen the token signs with it.
		r := inbound.Request{Body: []byte("{}"), Headers: map[string]string{}, Keys: secret.Keys{"app-secret", "verify:my token"}}
		r.Headers["x-hub-signature-256"] = map[string]string{ // echo -n '{}' | openssl dgst -sha256 -hmac KEY
			"my token":        "sha256=6f900efb06c438eee49500c9bad088a3e6a5a7958f861b7de8c006c29023e5c6",
			"verify:my token": "sha256=c034e0cce1bd0b670359e401163ab69db30e669c39e71539cbab5581fcdd85fc",
		}[key]
		if a.Verify(r) == nil {
			t.Errorf("%s let a stranger in", key)
		}
	}
}

func TestLinkedInIsAnsweredWithTheMACOfItsCode(t *testing.T) {
	const code = "890e4665-4dfe-4ab1-b689-ed553bceeed0"
	answer, asked, err := challenge(t, "linkedin", "GET", "applicationId=1&challengeCode="+code, "client-secret", "older")
	if !asked || err != nil || answer.Status != 200 || answer.Headers["Content-Type"] != "application/json" {
		t.Fatalf("%v %v %+v", asked, err, answer)
	}
	var got struct{ ChallengeCode, ChallengeResponse string }
	if err := json.Unmarshal([]byte(answer.Body), &got); err != nil {
		t.Fatal(err)
	}
	// printf %s CODE | openssl dgst -sha256 -hmac client-secret
	const want = "8ab4bbad570533d66462deba280bde93c1cad8b543e7f526d3e962acaf6c391a"
	if got.ChallengeCode != code || got.ChallengeResponse != want {
		t.Errorf("%+v", got)
	}
	if _, asked, err := challenge(t, "linkedin", "GET", "challengeCode="+code); !asked || fault.KindOf(err) != fault.Denied {
		t.Errorf("without a secret: %v %v", asked, err)
	}
	for _, query := range []string{"", "token=x", "challengecode=" + code} {
		if _, asked, _ := challenge(t, "linkedin", "GET", query, "client-secret"); asked {
			t.Errorf("%q is no question", query)
		}
	}
	if _, asked, _ := challenge(t, "linkedin", "POST", "challengeCode="+code, "client-secret"); asked {
		t.Error("a webhook is no question")
	}
}

// Whoever gets the MAC of a text of their choice can sign with it.
func TestLinkedInAnswersNothingThatSignsANotification(t *testing.T) {
	for _, code := range []string{
		`hmacsha256={"type":"LEAD_ACTION","leadAction":"CREATED","leadGenFormResponse":"urn:li:leadGenFormResponse:1"}`,
		"hmacsha256=", "hmacsha256=0e4665-4dfe-4ab1-b689-ed553bceeed0", "1", "890e4665-4dfe-4ab1-b689-ed553bceeed0 ", "890e46654dfe4ab1b689ed553bceeed0",
		"890e4665-4dfe-4ab1-b689-ed553bceeedg", "{890e4665-4dfe-4ab1-b689-ed553bceee}",
	} {
		answer, asked, err := challenge(t, "linkedin", "GET", "challengeCode="+url.QueryEscape(code), "client-secret")
		if !asked || fault.KindOf(err) != fault.Invalid || answer.Body != "" {
			t.Errorf("%q: %v %v %+v", code, asked, err, answer)
		}
	}
}
