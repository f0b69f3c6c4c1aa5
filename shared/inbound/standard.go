package inbound

import (
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/signal"
)

// standard takes our own signal, signed by Standard Webhooks
// (https://www.standardwebhooks.com). It is the way in for a company's own
// software. The event id is the header webhook-id; the body is
//
//	{"type": "form.submitted",            a type of package signal; others become "other"
//	 "occurred_at": "2026-03-02T10:00:00Z",   optional
//	 "identity": {"email", "contact_id", "user_id", "anonymous_id", "phone"},
//	 "lead": {"first_name", "last_name", "company", "title", "phone", "country", "employees", …},
//	 "attributes": {"form", "page", "url", "event", …},
//	 "test": true}                        optional: seen, never stored
//
// Nested values are flattened with dots. The types rep.* and order.* belong to
// the answers of reps, which have a way of their own, so from outside they become "other".
// An activity.logged says what one of us did, after it was done: its attributes
// are how (call, email, meeting, message) and direction (outbound, inbound), and
// optional automated (true for a sequence) and owner_email; occurred_at is when
// the act was. A type that is "test" or ends in ".test" marks a test event as well. The
// headers svix-id, svix-timestamp and svix-signature are accepted too.
type standard struct{}

const (
	standardID        = "webhook-id"
	standardTimestamp = "webhook-timestamp"
	standardSignature = "webhook-signature"
	standardWindow    = 5 * time.Minute
	secretPrefix      = "whsec_"
)

// About says how own software is connected.
func (standard) About() About {
	return About{
		Title:   "Your own software (Standard Webhooks)",
		Paste:   "The address that your software posts its signals to. The type activity.logged tells what one of you did: attributes how (call, email, meeting or message), direction (outbound or inbound), automated (true when a machine did it) and owner_email; occurred_at is when it was done",
		Key:     "Make one up, of the form whsec_ and base64, and give it to a library of standardwebhooks.com",
		Choose:  WeChooseWhsec,
		Signs:   "webhook-signature: HMAC-SHA256 over webhook-id, webhook-timestamp and the body",
		Window:  standardWindow,
		EventID: "webhook-id",
		Test:    "A signal with test: true, or of a type that ends in .test, is answered and stored nowhere",
		Retries: "As your software does it: again after 503, not after 4xx",
		Sample:  Sample{ContentType: "application/json", Body: `{"type":"handoff.test","identity":{"email":"sample@example.com"}}`},
	}
}

// Kinds returns all kinds.
func (standard) Kinds() []Kind { return []Kind{Forms, Engagement, CRM} }

// Verify checks the signature headers. The keys are whsec_ and base64, or
// base64 alone.
func (s standard) Verify(r Request) error {
	id, stated, given := s.headers(r)
	if id == "" || stated == "" || given == "" {
		return denied("the headers webhook-id, webhook-timestamp and webhook-signature are needed")
	}
	if !within(stated, time.Second, r.ReceivedAt, standardWindow) {
		return denied("the stated time is too far from now")
	}
	h := http.Header{}
	h.Set(standardID, id)
	h.Set(standardTimestamp, stated)
	h.Set(standardSignature, wellFormed(given))
	fits := func(key string) bool {
		w, err := standardKey(key)
		// The library's own window reads the machine's clock; ours was checked above.
		return err == nil && w.VerifyIgnoringTimestamp(r.Body, h) == nil
	}
	if !anyKey(r.Keys, fits) {
		return denied("no signature fits the body")
	}
	return nil
}

func (standard) headers(r Request) (id, stated, signatures string) {
	prefix := "webhook-"
	if r.Headers[standardID] == "" && r.Headers["svix-id"] != "" {
		prefix = "svix-"
	}
	return r.Headers[prefix+"id"], r.Headers[prefix+"timestamp"], r.Headers[prefix+"signature"]
}

// wellFormed keeps the signatures that consist of a version and a value: the
// library would overlook what follows a second comma.
func wellFormed(list string) string {
	var keep []string
	for _, s := range strings.Split(list, " ") {
		if strings.Count(s, ",") == 1 {
			keep = append(keep, s)
		}
	}
	return strings.Join(keep, " ")
}

// standardKey refuses an empty key, with which anybody could sign.
func standardKey(key string) (*standardwebhooks.Webhook, error) {
	raw, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(key, secretPrefix))
	if err != nil || len(raw) == 0 {
		return nil, fault.New(fault.Invalid, "the key is whsec_ followed by base64")
	}
	w, err := standardwebhooks.NewWebhookRaw(raw)
	return w, fault.Wrap(fault.Invalid, "read key", err)
}

// Sign returns the three headers.
func (standard) Sign(l Letter) (map[string]string, error) {
	w, err := standardKey(l.Key)
	if err != nil {
		return nil, err
	}
	id := l.ID
	if id == "" {
		id = hashed("msg_", string(l.Body))
	}
	signature, err := w.Sign(id, l.At, l.Body)
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, "sign", err)
	}
	return map[string]string{
		"Content-Type":      "application/json",
		"webhook-id":        id,
		"webhook-timestamp": strconv.FormatInt(l.At.Unix(), 10),
		"webhook-signature": signature,
	}, nil
}

// Answer follows the table of answers.
func (standard) Answer(r Request, res Result) Answer {
	return machine{"standard"}.Answer(r, res)
}

// Parse reads one signal.
func (s standard) Parse(r Request) (Delivery, error) {
	v, err := decode(r.Body)
	if err != nil {
		return Delivery{}, err
	}
	kind := text(v, "type")
	if kind == "" {
		return Delivery{}, fault.New(fault.Invalid, "the field type is missing")
	}
	d := newDraft(signal.Type(kind))
	if !fromOutside(d.kind) {
		d.original(kind)
	}
	d.id, _, _ = s.headers(r)
	d.test = text(v, "test") == "true" || kind == "test" || strings.HasSuffix(kind, ".test")
	stated := text(v, "occurred_at")
	d.occurredAt = timeOf(stated, time.Second)
	if stated != "" && d.occurredAt.IsZero() {
		return Delivery{}, fault.New(fault.Invalid, "occurred_at is not a time as in RFC 3339")
	}
	d.attributes.put(signal.AttrAmount, decimal(text(v, "attributes", signal.AttrAmount))) // 1e6 as 1000000
	ownSignal(d, v)
	if err := checkActivity(d, r.ReceivedAt); err != nil {
		return Delivery{}, err
	}
	if d.kind == signal.FormSubmitted {
		d.submission(d.id)
	}
	if d.nameless() {
		d.identity.ContactID = dealContact(text(v, "attributes", signal.AttrDeal))
	}
	return Delivery{Signals: []signal.Signal{d.signal(r)}}, nil
}

// fromOutside reports whether the type is one that a sender may state.
func fromOutside(t signal.Type) bool {
	switch t {
	case signal.FormSubmitted, signal.PageViewed, signal.EventTracked, signal.LeadIdentified,
		signal.EmailDelivered, signal.EmailOpened, signal.EmailClicked, signal.EmailBounced,
		signal.EmailUnsubscribed, signal.EmailComplained, signal.ConsentGiven, signal.ConsentWithdrawn,
		signal.ContactCreated, signal.ContactChanged, signal.ContactDeleted,
		signal.MeetingBooked, signal.MeetingCanceled, signal.MeetingNoShow, signal.MeetingHeld,
		signal.DealOpened, signal.DealChanged, signal.DealWon, signal.DealLost, signal.DealDeleted, signal.OwnerChanged,
		signal.ActivityLogged, signal.Other:
		return true
	case signal.RepAccepted, signal.RepRejected, signal.RepContacted, signal.RepSnoozed, signal.RepCommented, signal.RepFeedback,
		signal.OrderReassign, signal.OrderTakeBack, signal.OrderHold, signal.OrderRecycle, signal.OrderDisqualify,
		signal.OrderHandoff, signal.OrderRemind, signal.OrderConfirm, signal.OrderDecline, signal.OrderMerge, signal.OrderSplit,
		signal.OrderErase:
		return false
	}
	return false
}
