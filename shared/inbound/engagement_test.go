package inbound_test

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/inbound"
	"github.com/handoff-oss/handoff/shared/secret"
	"github.com/handoff-oss/handoff/shared/signal"
)

func TestMalformedEngagementIsInvalid(t *testing.T) {
	for provider, bodies := range map[string][]string{
		"cloudevents": {"", "{}", `{"specversion":"1.0","id":"1","source":"/a","type":"t"}`}, // no content type, no ce- headers
		"customerio":  {"", "{", "{}", "[]", `{"object_type":"email"}`, `{"metric":"opened"}`, `{"event_type":"email"}`},
		"intercom":    {"", "{", "{}", "[]", `{"topic":null}`},
		"mailchimp":   {"", "&&", "data[id]=1", `{"type":"subscribe"}`},
		"mailgun":     {"", "{", "{}", `{"signature":{}}`, `{"event-data":{"id":"1"}}`},
		"mandrill":    {"", "x=1", "mandrill_events=", "mandrill_events={}", "mandrill_events=[{}]", "mandrill_events=[]&mandrill_events=[]"},
		"marketo":     {"", "{", "{}", "[]", `{"email": {{lead.Email Address}}}`, "a=b"},
		"posthog":     {"", "{", "{}", `{"event":"$pageview"}`, `{"event":{}}`},
		"postmark":    {"", "{", "{}", "[]", `{"MessageID":"1"}`},
		"rudderstack": {"", "{", "{}", "type=track", "<event/>"},
		"snowplow":    {"", "{", "{}", "[]", `{"schema":"payload_data"}`, `{"schema":"iglu:com.snowplowanalytics.snowplow/payload_data/jsonschema/1-0-4","data":{}}`},
		"zoom":        {"", "{", "{}", "[]", `{"payload":{}}`},
	} {
		for _, body := range bodies {
			if _, err := parse(t, provider, inbound.Engagement, body); fault.KindOf(err) != fault.Invalid || err == nil {
				t.Errorf("%s: %.60q: %v", provider, body, err)
			}
		}
	}
}

func TestEngagementAnswersAreWhatTheProviderHandlesWell(t *testing.T) {
	for _, c := range []struct {
		provider string
		outcome  inbound.Outcome
		status   int
	}{
		{"mailgun", inbound.Malformed, 406}, // no retry
		{"mailgun", inbound.TooLarge, 406},
		{"mailgun", inbound.BadSignature, 401}, // retry
		{"mailgun", inbound.Unavailable, 503},
		{"mailgun", inbound.Parked, 200}, // only 200 is success
		{"postmark", inbound.Malformed, 403},
		{"postmark", inbound.TooLarge, 403},
		{"postmark", inbound.BadSignature, 401},
		{"postmark", inbound.WrongPath, 400},
		{"postmark", inbound.Unavailable, 503},
		{"customerio", inbound.Malformed, 200},
		{"customerio", inbound.BadSignature, 401},
		{"customerio", inbound.Unavailable, 503},
		{"zoom", inbound.Parked, 200},
		{"zoom", inbound.Unavailable, 503},
		{"mandrill", inbound.Probe, 200},
		{"mailchimp", inbound.Probe, 200},
	} {
		if got := lookup(t, c.provider).Answer(inbound.Request{}, inbound.Result{Outcome: c.outcome}); got.Status != c.status {
			t.Errorf("%s, %s: %d, want %d", c.provider, c.outcome, got.Status, c.status)
		}
	}
}

func mac256(key, message string) string {
	m := hmac.New(sha256.New, []byte(key))
	m.Write([]byte(message))
	return hex.EncodeToString(m.Sum(nil))
}

// mailgunRequest signs the body as Mailgun's documentation says.
func mailgunRequest(key, token, data string, at, received time.Time) inbound.Request {
	stated := fmt.Sprint(at.Unix())
	body := fmt.Sprintf(`{"signature":{"timestamp":"%s","token":"%s","signature":"%s"},"event-data":%s}`, stated, token, mac256(key, stated+token), data)
	return inbound.Request{Method: "POST", Body: []byte(body), ReceivedAt: received, Source: "mailgun", Kind: inbound.Engagement, Keys: secret.Keys{"older", "mg"}, Headers: map[string]string{}}
}

const opened = `{"event":"opened","id":"1","recipient":"a@b.example"}`

func TestMailgunRefusesAlteredAndStaleSignatures(t *testing.T) {
	a := lookup(t, "mailgun")
	for _, c := range []struct {
		name string
		r    inbound.Request
		good bool
	}{
		{"now", mailgunRequest("mg", "tok", opened, noon, noon), true},
		{"the last retry", mailgunRequest("mg", "tok", opened, noon.Add(-8*time.Hour-10*time.Minute), noon), true},
		{"an old one", mailgunRequest("mg", "tok", opened, noon.Add(-12*time.Hour-time.Second), noon), false},
		{"from the future", mailgunRequest("mg", "tok", opened, noon.Add(13*time.Hour), noon), false},
		{"milliseconds", mailgunRequest("mg", "tok", opened, time.Unix(noon.UnixMilli(), 0), noon), false},
		{"another key", mailgunRequest("other", "tok", opened, noon, noon), false},
		{"no token", mailgunRequest("mg", "", opened, noon, noon), false},
	} {
		if err := a.Verify(c.r); (err == nil) != c.good || (err != nil && fault.KindOf(err) != fault.Denied) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	good := mailgunRequest("mg", "tok", opened, noon, noon)
	end := strings.Index(string(good.Body), `,"event-data"`)
	for n := range end {
		r := good
		r.Body = append([]byte(nil), good.Body...)
		r.Body[n] ^= 1
		if a.Verify(r) == nil {
			t.Errorf("altered at %s", r.Body[:n+1])
		}
		r.Body = r.Body[:n]
		if a.Verify(r) == nil {
			t.Errorf("cut at %d", n)
		}
	}
}

// What Mailgun signs does not cover the event: the nonce must tell another
// event from a redelivery.
func TestMailgunsTokenIsBoundToTheEvent(t *testing.T) {
	a, ok := lookup(t, "mailgun").(inbound.Nonced)
	if !ok {
		t.Fatal("no nonce")
	}
	nonce := func(token, data string) inbound.Nonce { return a.Nonce(mailgunRequest("mg", token, data, noon, noon)) }
	first := nonce("tok", opened)
	if first != nonce("tok", `{ "recipient":"a@b.example", "id":"1","event":"opened"}`) {
		t.Error("a redelivery in another spelling is another event")
	}
	if first.Content == nonce("tok", strings.Replace(opened, "a@b", "c@b", 1)).Content {
		t.Error("another event has the same content")
	}
	if first.Value == nonce("tok2", opened).Value || !first.Until.Equal(noon.Add(12*time.Hour)) {
		t.Errorf("%+v", first)
	}
}

func TestSealPutsTheProofWhereItBelongs(t *testing.T) {
	for _, provider := range []string{"mailgun", "zoom"} {
		a := lookup(t, provider)
		headers, body, err := inbound.Seal(a, inbound.Letter{Body: []byte(`{"event-data":` + opened + `,"event":"x"}`), Key: "mg", At: noon})
		if err != nil {
			t.Fatal(err)
		}
		r := inbound.Request{Method: "POST", Body: body, ReceivedAt: noon, Keys: secret.Keys{"mg"}, Headers: map[string]string{}}
		for name, value := range headers {
			r.Headers[strings.ToLower(name)] = value
		}
		if err := a.Verify(r); err != nil {
			t.Errorf("%s: %v", provider, err)
		}
	}
	if _, _, err := inbound.Seal(lookup(t, "mailgun"), inbound.Letter{Body: []byte(`[]`), Key: "mg", At: noon}); fault.KindOf(err) != fault.Invalid {
		t.Errorf("%v", err)
	}
	if _, err := lookup(t, "mailgun").Sign(inbound.Letter{Body: []byte(`{"event-data":{}}`), Key: "mg"}); fault.KindOf(err) != fault.Invalid {
		t.Errorf("an unsigned body: %v", err)
	}
}

// mandrillRequest signs as Mandrill's documentation says, for the address that
// was entered there.
func mandrillRequest(key, entered, public, events string) inbound.Request {
	m := hmac.New(sha1.New, []byte(key))
	m.Write([]byte(entered + "mandrill_events" + events))
	return inbound.Request{
		Method: "POST", URL: public, Body: []byte("mandrill_events=" + url.QueryEscape(events)), ReceivedAt: noon, Source: "mandrill",
		Keys: secret.Keys{"older", "md"}, Headers: map[string]string{"x-mandrill-signature": base64.StdEncoding.EncodeToString(m.Sum(nil))},
	}
}

func TestMandrillSignsTheAddressThatWasEntered(t *testing.T) {
	const events, public = `[{"event":"open","_id":"1","ts":1}]`, "https://in.handoff.example/webhooks/engagement/mandrill?a=b%20c"
	withUser := func(r inbound.Request, credentials string) inbound.Request {
		r.Headers["authorization"] = "Basic " + base64.StdEncoding.EncodeToString([]byte(credentials))
		return r
	}
	entered := "https://hook:p@in.handoff.example/webhooks/engagement/mandrill?a=b%20c"
	for _, c := range []struct {
		name string
		r    inbound.Request
		good bool
	}{
		{"as it is", mandrillRequest("md", public, public, events), true},
		{"with credentials", withUser(mandrillRequest("md", entered, public, events), "hook:p"), true},
		{"with others", withUser(mandrillRequest("md", entered, public, events), "hook:q"), false},
		{"credentials not sent", mandrillRequest("md", entered, public, events), false},
		{"another query", mandrillRequest("md", public, public+"x", events), false},
		{"another host", mandrillRequest("md", public, strings.Replace(public, "in.", "on.", 1), events), false},
		{"another key", mandrillRequest("other", public, public, events), false},
		{"the key of the first look, with events", mandrillRequest("test-webhook", public, public, events), false},
		{"the first look", mandrillRequest("test-webhook", public, public, "[]"), true},
		{"the encoded value is not what is signed", mandrillRequest("md", public, public, url.QueryEscape(events)), true}, // a value of its own
	} {
		if err := lookup(t, "mandrill").Verify(c.r); (err == nil) != c.good {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	encoded := mandrillRequest("md", public, public, events)
	encoded.Headers["x-mandrill-signature"] = mandrillRequest("md", public, public, url.QueryEscape(events)).Headers["x-mandrill-signature"]
	if lookup(t, "mandrill").Verify(encoded) == nil {
		t.Error("a signature over the encoded value was taken")
	}
}

func TestZoomsQuestionIsAnsweredAndSignsNothing(t *testing.T) {
	a, ok := lookup(t, "zoom").(inbound.Challenger)
	if !ok {
		t.Fatal("no challenger")
	}
	ask := func(token string) inbound.Request {
		body := fmt.Sprintf(`{"event":"endpoint.url_validation","event_ts":1,"payload":{"plainToken":%q}}`, token)
		return inbound.Request{Method: "POST", Body: []byte(body), ReceivedAt: noon, Keys: secret.Keys{"newer", "zm"}, Headers: map[string]string{}}
	}
	sign := func(r inbound.Request, key string, at time.Time) inbound.Request {
		stated := fmt.Sprint(at.Unix())
		r.Headers["x-zm-request-timestamp"] = stated
		r.Headers["x-zm-signature"] = "v0=" + mac256(key, "v0:"+stated+":"+string(r.Body))
		return r
	}
	for _, c := range []struct {
		name string
		r    inbound.Request
		key  string // that the answer must be made with; "": refused
		kind fault.Kind
	}{
		{"unsigned", ask("qgg8vlvZRS6UYooatFL8Aw"), "newer", 0},
		{"signed with the older key", sign(ask("qgg8vlvZRS6UYooatFL8Aw"), "zm", noon), "zm", 0},
		{"wrongly signed", sign(ask("qgg8vlvZRS6UYooatFL8Aw"), "x", noon), "", fault.Denied},
		{"signed long ago", sign(ask("qgg8vlvZRS6UYooatFL8Aw"), "zm", noon.Add(-time.Hour)), "", fault.Denied},
		{"what would sign a webhook", ask("v0:1772445600:{}"), "", fault.Invalid},
		{"nothing", ask(""), "", fault.Invalid},
		{"too long", ask(strings.Repeat("a", 129)), "", fault.Invalid},
	} {
		answer, asked, err := a.Challenge(c.r)
		if !asked || (c.key == "") != (err != nil) || (err != nil && fault.KindOf(err) != c.kind) {
			t.Errorf("%s: asked %v, %v", c.name, asked, err)
			continue
		}
		var got struct{ PlainToken, EncryptedToken string }
		if err == nil && (json.Unmarshal([]byte(answer.Body), &got) != nil || answer.Status != 200 ||
			got.PlainToken != "qgg8vlvZRS6UYooatFL8Aw" || got.EncryptedToken != mac256(c.key, got.PlainToken)) {
			t.Errorf("%s: %+v", c.name, answer)
		}
	}
	for _, body := range []string{"", "{}", `{"event":"webinar.ended","payload":{"object":{"topic":"endpoint.url_validation"}}}`, `endpoint.url_validation`} {
		r := ask("x")
		r.Body = []byte(body)
		if _, asked, err := a.Challenge(r); asked || err != nil {
			t.Errorf("%q is taken for a question", body)
		}
	}
}

func TestEngagementIDsSurviveRetriesAndTellEventsApart(t *testing.T) {
	id := func(provider, body string) string { return one(t, provider, inbound.Engagement, body).ID }
	same := [][3]string{
		{"intercom", `{"topic":"ping","id":null,"created_at":1,"delivery_attempts":1,"data":{"item":{"type":"ping"}}}`, `{"topic":"ping","id":null,"created_at":1,"delivery_attempts":2,"first_sent_at":9,"data":{"item":{"type":"ping"}}}`},
		{"mailchimp", "type=profile&fired_at=2026-03-02+09:00:00&data[id]=1", "data%5Bid%5D=1&fired_at=2026-03-02+09:00:00&type=profile"},
		{"customerio", `{"event_id":"e","object_type":"email","metric":"opened"}`, `{"event_id":"e","object_type":"email","metric":"opened","x":1}`},
		{"mailgun", `{"signature":{"token":"a"},"event-data":` + opened + `}`, `{"signature":{"token":"b"},"event-data":` + opened + `}`},
	}
	for _, c := range same {
		if id(c[0], c[1]) != id(c[0], c[2]) {
			t.Errorf("%s: two ids for one event", c[0])
		}
	}
	mandrill := func(extra string) string { return `mandrill_events=[{"event":"click","_id":"m","ts":7,` + extra + `}]` }
	other := [][3]string{
		{"mandrill", mandrill(`"url":"https://a.example/"`), mandrill(`"url":"https://b.example/"`)},
		{"postmark", `{"RecordType":"Open","MessageID":"m","ReceivedAt":"2026-03-02T09:00:00Z"}`, `{"RecordType":"Click","MessageID":"m","ReceivedAt":"2026-03-02T09:00:00Z"}`},
		{"postmark", `{"RecordType":"Bounce","ID":1}`, `{"RecordType":"Bounce","ID":2}`},
		{"mailchimp", "type=profile&fired_at=x&data[id]=1&data[merges][FNAME]=A", "type=profile&fired_at=x&data[id]=1&data[merges][FNAME]=B"},
		{"zoom", `{"event":"webinar.participant_joined","event_ts":1,"payload":{"object":{"id":1,"participant":{"user_id":"1"}}}}`, `{"event":"webinar.participant_joined","event_ts":1,"payload":{"object":{"id":1,"participant":{"user_id":"2"}}}}`},
	}
	for _, c := range other {
		if id(c[0], c[1]) == id(c[0], c[2]) {
			t.Errorf("%s: two events share an id", c[0])
		}
	}
}

func TestUnknownEngagementKeepsItsName(t *testing.T) {
	for _, c := range []struct{ provider, body, name string }{
		{"customerio", `{"object_type":"push","metric":"sent","data":{"customer_id":"1"}}`, "push_sent"},
		{"intercom", `{"topic":"ticket.created","id":"n","data":{"item":{"type":"ticket"}}}`, "ticket.created"},
		{"mailchimp", "type=newthing&data[email]=a@b.example", "newthing"},
		{"mailgun", `{"event-data":{"event":"stored","id":"1"}}`, "stored"},
		{"mandrill", `mandrill_events=[{"event":"whatever","_id":"1"}]`, "whatever"},
		{"marketo", `{"type":"deal.imagined","lead":{"email":"a@b.example"}}`, "deal.imagined"},
		{"posthog", `{"event":{"event":"$heatmap","distinct_id":"1"}}`, "$heatmap"},
		{"postmark", `{"RecordType":"Novelty"}`, "Novelty"},
		{"rudderstack", `{"type":"alias","messageId":"1"}`, "alias"},
		{"snowplow", `{"schema":"iglu:com.snowplowanalytics.snowplow/payload_data/jsonschema/1-0-4","data":[{"e":"pp"}]}`, "pp"},
		{"zoom", `{"event":"webinar.alerts"}`, "webinar.alerts"},
	} {
		s := one(t, c.provider, inbound.Engagement, c.body)
		if s.Type != signal.Other || s.Attributes[signal.AttrOriginalType] != c.name {
			t.Errorf("%s: %s %v", c.provider, s.Type, s.Attributes)
		}
	}
}
