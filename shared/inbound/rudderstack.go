package inbound

import (
	"time"

	"github.com/handoff-oss/handoff/shared/fault"
)

// rudderstack takes the events that RudderStack's Webhook destination sends
// (https://www.rudderstack.com/docs/destinations/streaming-destinations/webhook/):
// one event a request, in the shapes of Segment's specification. Choose the
// method POST and the format JSON. RudderStack does not sign; put the secret
// into a header of the destination (X-Handoff-Token), or into the address.
//
// Old versions write names with underscores (message_id, user_id); both are read.
type rudderstack struct{ byToken }

// About says how it is connected.
func (rudderstack) About() About {
	return About{
		Title:   "RudderStack",
		Paste:   "Destinations → New destination → Webhook: Webhook URL, method POST, format JSON",
		Key:     "Make one up: under Headers, X-Handoff-Token",
		Choose:  WeChoose,
		Signs:   "Nothing; the token proves who sends, and not what",
		EventID: "messageId",
		Test:    "None that can be told from others",
		Retries: "5xx and 429 are tried again; for how long is not stated",
		Sample:  Sample{ContentType: "application/json", Body: `{"type":"track","event":"Sample","messageId":"sample"}`},
	}
}

// Kinds returns engagement.
func (rudderstack) Kinds() []Kind { return []Kind{Engagement} }

// Parse reads one event, or a list.
func (rudderstack) Parse(r Request) (Delivery, error) {
	v, err := decode(r.Body)
	if err != nil {
		return Delivery{}, fault.New(fault.Invalid, "the body is not JSON: choose the format JSON in the destination's settings")
	}
	events, isList := v.([]any)
	if !isList {
		events = []any{v}
	}
	return each(events, func(_ int, e any) (*draft, bool) { return rudderstackEvent(e) }, r)
}

func rudderstackEvent(e any) (*draft, bool) {
	d, ok := segmentEvent(e)
	if !ok {
		return nil, false
	}
	d.test = false // Segment's mark of a test means nothing here
	if old := text(e, "message_id"); old != "" && text(e, "messageId") == "" {
		d.id = old
	}
	d.identity.UserID = first(d.identity.UserID, text(e, "user_id"))
	d.identity.AnonymousID = first(d.identity.AnonymousID, text(e, "anonymous_id"))
	if d.occurredAt.IsZero() {
		d.occurredAt = timeOf(first(text(e, "original_timestamp"), text(e, "sent_at")), time.Second)
	}
	return d, true
}
