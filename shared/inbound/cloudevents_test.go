package inbound_test

import (
	"testing"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/inbound"
	"github.com/handoff-oss/handoff/shared/secret"
	"github.com/handoff-oss/handoff/shared/signal"
)

func event(t *testing.T, headers map[string]string, body string) (inbound.Delivery, error) {
	t.Helper()
	return lookup(t, "cloudevents").Parse(inbound.Request{
		Method: "POST", Source: "cloudevents", Kind: inbound.Engagement, Body: []byte(body), ReceivedAt: noon, Headers: headers,
	})
}

func TestHeadersOfEventsAreDecodedOnce(t *testing.T) {
	for in, want := range map[string]string{
		"Euro%20%E2%82%AC%20%F0%9F%98%80": "Euro € 😀",
		"plain text":                      "plain text",
		"%2525":                           "%25",
		"100%":                            "100%",
		"%e2%82%ac":                       "€",
		`"quoted"`:                        "quoted",
		`"a \"b\" \\ c"`:                  `a "b" \ c`,
		`"Euro%20%E2%82%AC"`:              "Euro €",
		"a+b":                             "a+b",
		"€":                               "€",
	} {
		d, err := event(t, map[string]string{"ce-specversion": "1.0", "ce-id": "1", "ce-source": "/a", "ce-type": "page.viewed", "ce-subject": in}, "")
		if err != nil || d.Signals[0].Attributes["subject"] != want {
			t.Errorf("%q: %+v %v, want %q", in, d.Signals, err, want)
		}
	}
	for _, bad := range []string{"%C0%A0", "%80", "\xff", "%ED%A0%80"} {
		_, err := event(t, map[string]string{"ce-specversion": "1.0", "ce-id": "1", "ce-source": "/a", "ce-type": "t", "ce-subject": bad}, "")
		if fault.KindOf(err) != fault.Invalid || err == nil {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func TestEventsMustBeOfVersionOne(t *testing.T) {
	structured := map[string]string{"content-type": "application/cloudevents+json"}
	for body, good := range map[string]bool{
		`{"specversion":"1.0","id":"1","source":"/a","type":"t"}`:                                             true,
		`{"specversion":"1.0","id":"1","source":"#f","type":"t","time":null,"subject":null,"data":null}`:      true,
		`{"specversion":"1.0","id":"1","source":"/a","type":"t","time":"2018-04-05T18:31:00+01:00","ext":10}`: true,
		`{"specversion":"0.3","id":"1","source":"/a","type":"t"}`:                                             false,
		`{"specversion":"1.0","id":"","source":"/a","type":"t"}`:                                              false,
		`{"specversion":"1.0","source":"/a","type":"t"}`:                                                      false,
		`{"specversion":"1.0","id":"1","type":"t"}`:                                                           false,
		`{"specversion":"1.0","id":"1","source":"/a"}`:                                                        false,
		`{"specversion":"1.0","id":"1","source":"/a","type":"t","time":"yesterday"}`:                          false,
		`[]`: false,
	} {
		if _, err := event(t, structured, body); (err == nil) != good {
			t.Errorf("%s: %v", body, err)
		}
	}
	if _, err := event(t, map[string]string{"content-type": "application/cloudevents+avro"}, "{}"); err == nil {
		t.Error("Avro was taken for JSON")
	}
	batch := map[string]string{"content-type": "application/cloudevents-batch+json; charset=utf-8"}
	if d, err := event(t, batch, "[]"); err != nil || len(d.Signals) != 0 {
		t.Errorf("an empty batch: %v", err)
	}
	if _, err := event(t, batch, `{"specversion":"1.0","id":"1","source":"/a","type":"t"}`); err == nil {
		t.Error("an object was taken for a batch")
	}
}

func TestEventsAreKnownBySourceAndID(t *testing.T) {
	structured := map[string]string{"content-type": "application/cloudevents+json"}
	id := func(source, id string) string {
		d, err := event(t, structured, `{"specversion":"1.0","id":"`+id+`","source":"`+source+`","type":"t"}`)
		if err != nil {
			t.Fatal(err)
		}
		return d.Signals[0].ID
	}
	if id("/a", "1") == id("/b", "1") || id("/a", "1") == id("/a", "2") || id("/a1", "2") == id("/a", "12") {
		t.Error("source and id together make the event id")
	}
}

// A signature counts where there is one, even beside a good token; without one
// the token does. In binary mode only webhook-id is covered, so it is the id.
func TestEventsProof(t *testing.T) {
	a := lookup(t, "cloudevents")
	const key = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
	body := []byte(`{"email":"a@b.example"}`)
	signed, err := lookup(t, "standard").Sign(inbound.Letter{Body: body, Key: key, ID: "msg_1", At: noon})
	if err != nil {
		t.Fatal(err)
	}
	request := func(edit func(h map[string]string)) inbound.Request {
		h := map[string]string{
			"content-type": "application/json", "ce-specversion": "1.0", "ce-id": "1", "ce-source": "/a", "ce-type": "page.viewed",
			"webhook-id": "msg_1", "webhook-timestamp": signed["webhook-timestamp"], "webhook-signature": signed["webhook-signature"],
		}
		edit(h)
		return inbound.Request{Method: "POST", Source: "cloudevents", Kind: inbound.Engagement, Body: body, ReceivedAt: noon, Headers: h, Keys: secret.Keys{key}}
	}
	for _, c := range []struct {
		name     string
		edit     func(h map[string]string)
		good     bool
		unsigned string
	}{
		{"signed", func(map[string]string) {}, true, "true"},
		{"signed, with token", func(h map[string]string) { h["x-handoff-token"] = key }, true, ""},
		{"token alone", func(h map[string]string) { delete(h, "webhook-signature"); h["x-handoff-token"] = key }, true, ""},
		{"wrongly signed, with token", func(h map[string]string) { h["webhook-signature"] = "v1,AAAA"; h["x-handoff-token"] = key }, false, ""},
		{"nothing", func(h map[string]string) { delete(h, "webhook-signature") }, false, ""},
	} {
		r := request(c.edit)
		if err := a.Verify(r); (err == nil) != c.good {
			t.Errorf("%s: %v", c.name, err)
		}
		if !c.good {
			continue
		}
		d, err := a.Parse(r)
		if err != nil || d.Signals[0].Attributes["unsigned"] != c.unsigned || d.Signals[0].Type != signal.PageViewed {
			t.Errorf("%s: %+v %v", c.name, d, err)
		}
	}
	first, err := a.Parse(request(func(map[string]string) {}))
	if err != nil {
		t.Fatal(err)
	}
	again, err := a.Parse(request(func(h map[string]string) { h["ce-id"] = "2" }))
	if err != nil || first.Signals[0].ID != again.Signals[0].ID {
		t.Errorf("a replay under another ce-id counts again: %v", err)
	}
}
