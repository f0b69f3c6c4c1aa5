package inbound_test

import (
	"testing"

	"github.com/handoff-oss/handoff/shared/inbound"
	"github.com/handoff-oss/handoff/shared/secret"
)

const fuzzKey = "a key that no seed has"

func FuzzCustomerio(f *testing.F)  { fuzzAdapter(f, "customerio", fuzzKey) }
func FuzzIntercom(f *testing.F)    { fuzzAdapter(f, "intercom", fuzzKey) }
func FuzzMailchimp(f *testing.F)   { fuzzAdapter(f, "mailchimp", fuzzKey) }
func FuzzMailgun(f *testing.F)     { fuzzAdapter(f, "mailgun", fuzzKey) }
func FuzzMandrill(f *testing.F)    { fuzzAdapter(f, "mandrill", fuzzKey) }
func FuzzMarketo(f *testing.F)     { fuzzAdapter(f, "marketo", fuzzKey) }
func FuzzPosthog(f *testing.F)     { fuzzAdapter(f, "posthog", fuzzKey) }
func FuzzPostmark(f *testing.F)    { fuzzAdapter(f, "postmark", fuzzKey) }
func FuzzRudderstack(f *testing.F) { fuzzAdapter(f, "rudderstack", fuzzKey) }
func FuzzSnowplow(f *testing.F)    { fuzzAdapter(f, "snowplow", fuzzKey) }
func FuzzZoom(f *testing.F)        { fuzzAdapter(f, "zoom", fuzzKey) }

// FuzzCloudevents reads bodies in all three modes, and any header's value.
func FuzzCloudevents(f *testing.F) {
	a := lookup(f, "cloudevents")
	for _, fx := range fixtures(f) {
		if fx.Provider == "cloudevents" {
			f.Add([]byte(fx.Body), fx.Headers["content-type"], fx.Headers["ce-subject"])
		}
	}
	f.Add([]byte(`[{},null,1,"x",[]]`), "application/cloudevents-batch+json", "%C0%A0")
	f.Add([]byte("plain"), "text/plain", `"\"`)
	f.Fuzz(func(t *testing.T, body []byte, contentType, value string) {
		for _, binary := range []bool{false, true} {
			r := inbound.Request{
				Method: "POST", URL: "https://in.handoff.example/webhooks/engagement/cloudevents", Body: body, ReceivedAt: noon,
				Source: "cloudevents", Kind: inbound.Engagement, Keys: secret.Keys{fuzzKey}, Headers: map[string]string{"content-type": contentType},
			}
			if binary {
				r.Headers = map[string]string{
					"content-type": contentType, "ce-specversion": "1.0", "ce-id": value, "ce-source": "/a", "ce-type": value, "ce-subject": value, "ce-x": value,
					"x-handoff-token": value, "webhook-id": value, "webhook-signature": value,
				}
			}
			if a.Verify(r) == nil {
				t.Fatalf("a stranger was let in: %q", value)
			}
			checkParse(t, a, r)
			checkSigned(t, a, r, fuzzKey)
		}
	})
}
