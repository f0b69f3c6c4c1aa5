package inbound

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/signal"
)

// calcom takes the webhooks of Cal.com
// (https://cal.com/docs/developing/guides/automation/webhooks): one event a
// request, in the default form of the payload. X-Cal-Signature-256 is the hex of
// HMAC-SHA256 over the body. It covers no time, so there is no replay window; a
// replay has the same event id and changes nothing. Without a secret Cal.com
// sends the words no-secret-provided, which let nobody in.
//
// A booking is one meeting with each of its attendees, so an event becomes a
// signal for each of them. A booking that is moved gets a new uid and names the
// old one as rescheduleUid. MEETING_ENDED says that a booking's time has passed,
// whoever came, so it stays other: Cal.com does not say that a meeting was held.
// The ping test is marked as a test.
type calcom struct{}

const (
	calcomHeader   = "x-cal-signature-256"
	calcomNoSecret = "no-secret-provided"
	maxAttendees   = 100
)

// About says how bookings are connected.
func (calcom) About() About {
	return About{
		Title:   "Cal.com",
		Paste:   "Settings → Developer → Webhooks → New: Subscriber URL; leave the payload template empty",
		Key:     "Make one up and enter it there as Secret",
		Choose:  WeChoose,
		Signs:   "X-Cal-Signature-256: HMAC-SHA256 over the body",
		EventID: "triggerEvent, uid and createdAt, and for further attendees the address",
		Test:    "Ping test is answered and stored nowhere",
		Retries: "None is known; what is lost must be looked up in Cal.com",
		Sample:  Sample{ContentType: "application/json", Body: `{"triggerEvent":"PING","createdAt":"2026-01-01T00:00:00Z","payload":{"uid":"sample"}}`},
	}
}

// Kinds returns crm.
func (calcom) Kinds() []Kind { return []Kind{CRM} }

// Verify checks X-Cal-Signature-256.
func (calcom) Verify(r Request) error {
	given := r.Headers[calcomHeader]
	if given == "" || given == calcomNoSecret {
		return denied("the webhook is not signed: set a secret in its settings")
	}
	if !anyKey(r.Keys, func(key string) bool { return equal(given, calcomSignature(key, r.Body)) }) {
		return denied("the signature does not fit the body")
	}
	return nil
}

func calcomSignature(key string, body []byte) string {
	return hex.EncodeToString(mac(sha256.New, key, body))
}

// Sign returns X-Cal-Signature-256.
func (calcom) Sign(l Letter) (map[string]string, error) {
	return map[string]string{"Content-Type": "application/json", "X-Cal-Signature-256": calcomSignature(l.Key, l.Body)}, nil
}

// Answer follows the table of answers.
func (calcom) Answer(r Request, res Result) Answer { return machine{"calcom"}.Answer(r, res) }

// Parse reads one event.
func (calcom) Parse(r Request) (Delivery, error) {
	v, err := decode(r.Body)
	if err != nil {
		return Delivery{}, fault.New(fault.Invalid, "%s: leave the webhook's custom payload template empty", err.Error())
	}
	kind := text(v, "triggerEvent")
	if kind == "" {
		return Delivery{}, fault.New(fault.Invalid, "not a Cal.com event: the field triggerEvent is missing")
	}
	p := at(v, "payload")
	if p == nil { // MEETING_STARTED and MEETING_ENDED have no envelope
		p = v
	}
	people := list(p, "attendees")
	if len(people) > maxAttendees {
		people = people[:maxAttendees]
	}
	if len(people) == 0 {
		people = []any{nil}
	}
	return each(people, func(i int, person any) (*draft, bool) {
		return calcomEvent(r, kind, v, p, person, i), true
	}, r)
}

func calcomEvent(r Request, kind string, v, p, person any, i int) *draft {
	d := newDraft(signal.Other)
	d.kind = calcomType(kind, person)
	if d.kind == signal.Other {
		d.original(kind)
	}
	d.test = kind == "PING"
	uid, created := first(text(p, "uid"), text(p, "bookingUid")), text(v, "createdAt")
	d.id = strings.Join([]string{kind, first(uid, text(p, "bookingId"), hashed("content.", encode(p))), created}, ".")
	email := text(person, "email")
	if i > 0 {
		d.id += hashed(".", strings.ToLower(email))
	}
	d.occurredAt = timeOf(created, time.Second)
	d.identity.Email = email
	d.attributes.put(signal.AttrMeeting, uid)
	d.attributes.put(signal.AttrPreviousMeeting, text(p, "rescheduleUid"))
	d.attributes.put(signal.AttrStartsAt, text(p, "startTime"))
	d.attributes.put(signal.AttrReason, first(text(p, "cancellationReason"), text(p, "rejectionReason")))
	d.attributes.put("meeting_name", text(p, "eventTitle"))
	d.attributes.put("host", text(p, "organizer", "email"))
	said := []answer{
		{name: "first_name", value: text(person, "firstName")},
		{name: "last_name", value: text(person, "lastName")},
		{name: "name", value: text(person, "name")},
		{name: "phone", value: text(person, "phoneNumber")},
	}
	if i == 0 { // who booked has answered the questions
		said = append(said, calcomResponses(p)...)
	}
	d.answers(r, said)
	calcomRest(d, p)
	if kind == "FORM_SUBMITTED" || kind == "FORM_SUBMITTED_NO_EVENT" {
		d.kind = signal.FormSubmitted
		d.attributes.put(signal.AttrForm, text(p, "formName"))
		d.attributes.put(signal.AttrFormID, text(p, "formId"))
		d.onlyAddress(said)
		d.submission(d.id)
	}
	return d
}

func calcomType(kind string, person any) signal.Type {
	switch kind {
	case "BOOKING_CREATED", "BOOKING_RESCHEDULED":
		return signal.MeetingBooked
	case "BOOKING_CANCELLED", "BOOKING_REJECTED":
		return signal.MeetingCanceled
	case "BOOKING_NO_SHOW_UPDATED":
		if text(person, "noShow") == "false" { // taken back: the booking stands
			return signal.MeetingBooked
		}
		return signal.MeetingNoShow
	case "AFTER_GUESTS_CAL_VIDEO_NO_SHOW":
		return signal.MeetingNoShow
	}
	return signal.Other
}

// calcomResponses reads the answers of the booking form, each {label, value}.
func calcomResponses(p any) []answer {
	o, _ := at(p, "responses").(object)
	var said []answer
	for _, name := range sortedKeys(o) {
		value := at(o[name], "value")
		if joined, ok := value.([]any); ok {
			s, _ := joinScalars(joined)
			said = append(said, answer{name: name, title: text(o[name], "label"), value: s})
			continue
		}
		said = append(said, answer{name: name, title: text(o[name], "label"), value: first(text(value), text(o[name]))})
	}
	return said
}

// calcomRest keeps what else is said about the booking, but for people who are
// read elsewhere, calendars, and what would let whoever reads it into the call.
func calcomRest(d *draft, p any) {
	o, _ := p.(object)
	for _, name := range sortedKeys(o) {
		switch name {
		case "attendees", "organizer", "responses", "userFieldsResponses", "customInputs", "uid", "bookingUid", "rescheduleUid", "startTime",
			"eventTitle", "cancellationReason", "rejectionReason", "destinationCalendar", "videoCallData", "conferenceData",
			"metadata", "appsStatus", "message", "team", "user", "references":
		case "currency": // of the event's price
			d.attributes.put("price_currency", text(o[name]))
		default:
			flatten(d.attributes, name, o[name])
		}
	}
}
