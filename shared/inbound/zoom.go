package inbound

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/signal"
)

// zoom takes the webhooks of Zoom about webinars
// (https://developers.zoom.us/docs/api/webhooks/): one event a request, to be
// answered within three seconds. x-zm-signature is v0= and the hex of
// HMAC-SHA256 over v0:, x-zm-request-timestamp, : and the body, with the app's
// secret token. It is not documented whether a retry is signed anew; the window
// assumes so.
//
// Who registers becomes the tracked event webinar.registered, who joins
// webinar.attended, who leaves webinar.left; the host's own coming and going is
// other, and about nobody. Zoom sends no test events.
//
// Zoom asks by endpoint.url_validation whether the address is ours, when it is
// entered and every 72 hours.
type zoom struct{}

const (
	zoomValidation = "endpoint.url_validation"
	zoomMaxToken   = 128
)

func zoomProof() stamped {
	return stamped{signature: "x-zm-signature", timestamp: "x-zm-request-timestamp", prefix: "v0=", window: 5 * time.Minute}
}

// About says how it is connected.
func (zoom) About() About {
	return About{
		Title:   "Zoom Webinars",
		Paste:   "App Marketplace → your app → Features → Access → Event subscription: Event notification endpoint URL, then Validate. Choose Registration created, Participant joined and left, of webinars",
		Key:     "The app's secret token (Features → Access)",
		Signs:   "x-zm-signature: HMAC-SHA256 over v0, x-zm-request-timestamp and the body",
		Window:  zoomProof().window,
		EventID: "The hash of the event, its time, the webinar and the person",
		Test:    "None; the address is checked when it is entered, and every 72 hours",
		Retries: "All but 2xx within three seconds, after 5, 20 and 60 minutes",
		Sample:  Sample{ContentType: "application/json", Body: `{"event":"webinar.ended","event_ts":1,"payload":{"object":{"id":1}}}`},
	}
}

// Kinds returns engagement.
func (zoom) Kinds() []Kind { return []Kind{Engagement} }

// Verify checks x-zm-signature and x-zm-request-timestamp.
func (zoom) Verify(r Request) error { return zoomProof().verify(r) }

// Sign returns the two headers.
func (zoom) Sign(l Letter) (map[string]string, error) {
	return zoomProof().sign(l, "X-Zm-Signature", "X-Zm-Request-Timestamp")
}

// Answer follows the table of answers.
func (zoom) Answer(r Request, res Result) Answer {
	return machine{"zoom"}.Answer(r, res)
}

// Challenge answers endpoint.url_validation with the token and its HMAC. A
// signature must fit where there is one; whether Zoom signs this question is
// not stated, so it need not be there. What is signed for a stranger holds no
// colon, so it can never be the v0:time:body of a webhook.
func (zoom) Challenge(r Request) (answer Answer, asked bool, err error) {
	v, asked := zoomQuestion(r)
	if !asked {
		return Answer{}, false, nil
	}
	key := first(r.Keys...)
	if p := zoomProof(); r.Headers[p.signature] != "" {
		if key, err = p.key(r); err != nil {
			return Answer{}, true, err
		}
	}
	plain := text(v, "payload", "plainToken")
	if key == "" || !zoomToken(plain) {
		return Answer{}, true, fault.New(fault.Invalid, "payload.plainToken is missing or no token")
	}
	body := struct {
		PlainToken     string `json:"plainToken"`
		EncryptedToken string `json:"encryptedToken"`
	}{plain, hex.EncodeToString(mac(sha256.New, key, []byte(plain)))}
	return proven("application/json", encode(body)), true, nil
}

func zoomQuestion(r Request) (v any, asked bool) {
	if r.Method != "POST" || !bytes.Contains(r.Body, []byte(zoomValidation)) {
		return nil, false
	}
	v, err := decode(r.Body)
	return v, err == nil && text(v, "event") == zoomValidation
}

// zoomToken reports whether s can be a token: letters, digits and what base64 has.
func zoomToken(s string) bool {
	odd := strings.IndexFunc(s, func(c rune) bool {
		return (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') && !strings.ContainsRune("-_+/=.", c)
	})
	return s != "" && len(s) <= zoomMaxToken && odd < 0
}

// Parse reads one event.
func (zoom) Parse(r Request) (Delivery, error) {
	v, err := decode(r.Body)
	if err != nil {
		return Delivery{}, err
	}
	kind, about := text(v, "event"), at(v, "payload", "object")
	if kind == "" {
		return Delivery{}, fault.New(fault.Invalid, "not a Zoom event: the field event is missing")
	}
	registrant, participant := at(about, "registrant"), at(about, "participant")
	d := newDraft(signal.Other)
	host := zoomHost(about, participant)
	if name := zoomEvent(kind); name != "" && !host {
		d.kind = signal.EventTracked
		d.attributes.put(signal.AttrEvent, name)
	} else {
		d.original(kind)
	}
	stamp := text(v, "event_ts")
	d.id = hashed("event.", kind, stamp, first(text(about, "uuid"), text(about, "id")), text(registrant, "id"), text(registrant, "email"),
		text(participant, "user_id"), text(participant, "participant_uuid"), text(participant, "email"))
	d.occurredAt = timeOf(first(stamp, text(participant, "join_time"), text(participant, "leave_time")), time.Millisecond)
	d.attributes.put(signal.AttrPage, text(about, "topic"))
	zoomRegistrant(d, registrant)
	if !host { // who is nobody's lead
		zoomParticipant(d, participant)
	}
	o, _ := about.(object)
	for _, name := range sortedKeys(o) {
		if name != "registrant" && name != "participant" {
			flatten(d.attributes, name, o[name])
		}
	}
	return Delivery{Signals: []signal.Signal{d.signal(r)}}, nil
}

func zoomEvent(kind string) string {
	switch kind {
	case "webinar.registration_created":
		return "webinar.registered"
	case "webinar.participant_joined":
		return "webinar.attended"
	case "webinar.participant_left":
		return "webinar.left"
	}
	return ""
}

// zoomHost reports whether the participant is the webinar's host.
func zoomHost(about, participant any) bool {
	host := text(about, "host_id")
	return host != "" && text(participant, "id") == host
}

func zoomRegistrant(d *draft, registrant any) {
	o, ok := registrant.(object)
	if !ok {
		return
	}
	d.identity.ContactID = text(o, "id")
	for _, name := range sortedKeys(o) {
		switch name {
		case "id", "join_url", "custom_questions":
		case "org":
			d.lead.put(signal.FieldCompany, text(o, name))
		case "no_of_employees":
			d.lead.put(signal.FieldEmployees, text(o, name))
		default:
			if !d.field(canonical(name), text(o, name)) {
				flatten(d.attributes, name, o[name])
			}
		}
	}
	for _, q := range list(o, "custom_questions") {
		title, value := text(q, "title"), text(q, "value")
		if !d.field(canonicalTitle(title), value) {
			d.attributes.put(title, value)
		}
	}
}

func zoomParticipant(d *draft, participant any) {
	o, ok := participant.(object)
	if !ok {
		return
	}
	d.identity.Email = first(d.identity.Email, text(o, "email"))
	d.identity.ContactID = first(d.identity.ContactID, text(o, "registrant_id"))
	if d.identity.Email == "" && d.identity.ContactID == "" {
		d.identity.UserID = first(text(o, "participant_user_id"), text(o, "id"), text(o, "participant_uuid"))
	}
	d.field(fieldFullName, text(o, "user_name"))
	for _, name := range sortedKeys(o) {
		switch name {
		case "email", "user_name", "id", "registrant_id", "public_ip", "private_ip", "phone_number":
		default:
			flatten(d.attributes, "participant."+name, o[name])
		}
	}
}
