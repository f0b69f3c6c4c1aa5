package inbound

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"
	"time"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/signal"
)

// calendly takes the webhooks of Calendly
// (https://developer.calendly.com/api-docs/d37c4b12ae7ab-webhook-payload): one
// event a request. Calendly-Webhook-Signature is t=<seconds>,v1=<hex>, the hex
// of HMAC-SHA256 over t, a point and the body, with the signing key of the
// subscription. The window of three minutes is the one that Calendly suggests;
// it takes for granted that every try is signed anew, which is not documented.
//
// A meeting is an invitee: two guests of one event are two meetings, each with
// its own fate. Who moves a meeting cancels one invitee and creates another;
// the two name each other as old_invitee and new_invitee, in either payload.
// invitee_no_show.deleted takes back that the guest did not come, so the
// booking stands again. A host who books for a guest is named as
// invitee_scheduled_by. Calendly says nowhere that a meeting was held, and
// sends no test events.
type calendly struct{}

const (
	calendlyHeader = "calendly-webhook-signature"
	calendlyWindow = 3 * time.Minute
)

// About says how meetings are connected.
func (calendly) About() About {
	return About{
		Title:   "Calendly",
		Paste:   "A subscription made through the API (POST https://api.calendly.com/webhook_subscriptions): url, with the events invitee.created, invitee.canceled, invitee_no_show.created and deleted, for the organization",
		Key:     "Make one up and give it there as signing_key",
		Choose:  WeChoose,
		Signs:   "Calendly-Webhook-Signature: HMAC-SHA256 over its time and the body",
		Window:  calendlyWindow,
		EventID: "event, the invitee's URI and created_at",
		Test:    "None",
		Retries: "All but 2xx for a day; then the subscription is disabled and must be made anew",
		Sample:  Sample{ContentType: "application/json", Body: `{"event":"sample","created_at":"2026-01-01T00:00:00Z","payload":{"uri":"sample"}}`},
	}
}

// Kinds returns crm.
func (calendly) Kinds() []Kind { return []Kind{CRM} }

// Verify checks Calendly-Webhook-Signature.
func (calendly) Verify(r Request) error {
	stated, given := calendlyParts(r.Headers[calendlyHeader])
	if stated == "" || len(given) == 0 {
		return denied("the header Calendly-Webhook-Signature is missing or not t=…,v1=…: give the subscription a signing_key")
	}
	if !within(stated, time.Second, r.ReceivedAt, calendlyWindow) {
		return denied("the stated time is too far from now")
	}
	if !anyKey(r.Keys, func(key string) bool {
		fits, want := false, calendlySignature(key, stated, r.Body)
		for _, g := range given {
			fits = equal(g, want) || fits
		}
		return fits
	}) {
		return denied("the signature does not fit the body")
	}
	return nil
}

// calendlyParts returns the time and the signatures of version 1. A time that
// is stated twice is none.
func calendlyParts(header string) (stated string, v1 []string) {
	times := 0
	for part := range strings.SplitSeq(header, ",") {
		name, value, _ := strings.Cut(part, "=")
		switch strings.TrimSpace(name) {
		case "t":
			stated = value
			times++
		case "v1":
			v1 = append(v1, value)
		}
	}
	if times != 1 {
		return "", nil
	}
	return stated, v1
}

func calendlySignature(key, stated string, body []byte) string {
	return hex.EncodeToString(mac(sha256.New, key, []byte(stated+"."), body))
}

// Sign returns Calendly-Webhook-Signature.
func (calendly) Sign(l Letter) (map[string]string, error) {
	stated := strconv.FormatInt(l.At.Unix(), 10)
	return map[string]string{
		"Content-Type":               "application/json",
		"Calendly-Webhook-Signature": "t=" + stated + ",v1=" + calendlySignature(l.Key, stated, l.Body),
	}, nil
}

// Answer follows the table of answers.
func (calendly) Answer(r Request, res Result) Answer { return machine{"calendly"}.Answer(r, res) }

// Parse reads one event.
func (calendly) Parse(r Request) (Delivery, error) {
	v, err := decode(r.Body)
	if err != nil {
		return Delivery{}, err
	}
	kind, p := text(v, "event"), at(v, "payload")
	if kind == "" {
		return Delivery{}, fault.New(fault.Invalid, "not a Calendly event: the field event is missing")
	}
	d := newDraft(signal.Other)
	uri, created := text(p, "uri"), text(v, "created_at")
	d.id = strings.Join([]string{kind, uri, created}, ".")
	if uri == "" && created == "" {
		d.id = hashed("content.", string(r.Body))
	}
	d.occurredAt = timeOf(created, time.Second)
	switch kind {
	case "invitee.created", "invitee_no_show.deleted":
		d.kind = signal.MeetingBooked
	case "invitee.canceled":
		d.kind = signal.MeetingCanceled
	case "invitee_no_show.created":
		d.kind = signal.MeetingNoShow
	case "routing_form_submission.created":
		d.kind = signal.FormSubmitted
		d.attributes.put(signal.AttrFormID, text(p, "routing_form"))
	default:
		d.original(kind)
	}
	if d.kind == signal.MeetingBooked || d.kind == signal.MeetingCanceled || d.kind == signal.MeetingNoShow {
		calendlyMeeting(d, kind, p)
	}
	calendlyPerson(r, d, p)
	d.submission(first(uri, d.id))
	if d.nameless() { // a no-show may come as a record of its own, which names the invitee alone
		d.identity.ContactID = text(p, "invitee")
	}
	return Delivery{Signals: []signal.Signal{d.signal(r)}}, nil
}

// calendlyMeeting reads what is about the meeting.
func calendlyMeeting(d *draft, kind string, p any) {
	d.attributes.put(signal.AttrMeeting, first(text(p, "invitee"), text(p, "uri")))
	d.attributes.put(signal.AttrStartsAt, text(p, "scheduled_event", "start_time"))
	d.attributes.put(signal.AttrReason, first(text(p, "cancellation", "reason"), text(p, "cancel_reason")))
	switch kind {
	case "invitee.created":
		d.attributes.put(signal.AttrPreviousMeeting, text(p, "old_invitee"))
		by := signal.BookedByLead
		if text(p, "invitee_scheduled_by") != "" {
			by = signal.BookedByRep
		}
		d.attributes.put(signal.AttrBookedBy, by)
	case "invitee.canceled":
		d.attributes.put(signal.AttrNextMeeting, text(p, "new_invitee"))
	}
}

// calendlyPerson reads the guest, their answers, and the rest.
func calendlyPerson(r Request, d *draft, p any) {
	d.identity.Email = text(p, "email")
	said := []answer{
		{name: "first_name", value: text(p, "first_name")},
		{name: "last_name", value: text(p, "last_name")},
		{name: "name", value: text(p, "name")},
		{name: "phone", value: text(p, "text_reminder_number")},
	}
	for _, qa := range list(p, "questions_and_answers") {
		question := text(qa, "question")
		said = append(said, answer{title: question, label: question, value: text(qa, "answer")})
	}
	d.answers(r, said)
	if d.kind == signal.FormSubmitted {
		d.onlyAddress(said)
	}
	d.attributes.put("meeting_name", text(p, "scheduled_event", "name"))
	d.attributes.put("event_type", text(p, "scheduled_event", "event_type"))
	d.attributes.put("ends_at", text(p, "scheduled_event", "end_time"))
	for i, m := range list(p, "scheduled_event", "event_memberships") {
		d.attributes.put("host."+strconv.Itoa(i), first(text(m, "user_email"), text(m, "user")))
	}
	for i, g := range list(p, "scheduled_event", "event_guests") {
		d.attributes.put("guest."+strconv.Itoa(i), text(g, "email"))
	}
	o, _ := p.(object)
	for _, name := range sortedKeys(o) {
		switch name {
		case "email", "first_name", "last_name", "name", "text_reminder_number", "questions_and_answers", "scheduled_event",
			"uri", "event", "old_invitee", "new_invitee", "invitee", "cancel_url", "reschedule_url":
			// The last two would let whoever reads them move the meeting.
		default:
			flatten(d.attributes, name, o[name])
		}
	}
}
