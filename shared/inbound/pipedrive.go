package inbound

import (
	"encoding/base64"
	"strings"
	"time"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/signal"
)

// pipedrive takes the general webhooks of Pipedrive, version 2
// (https://pipedrive.readme.io/docs/guide-for-webhooks-v2) and version 1: one
// change a request. Pipedrive does not sign; the webhook's HTTP user is anything
// and its HTTP password the source's secret.
//
//   - A deal says its status in full with each change, so won and lost are told
//     by status, whatever changed. It names a person by id: the identity. A
//     deal of nobody is kept under the contact id deal:<id> of its own.
//   - A person brings the profile.
//   - When the owner of a person or a deal changed, that is a signal of its
//     own: owner.changed, by id, and where Pipedrive says it, by address.
//   - An activity that has been done is what one of us did: see
//     pipedrive_activity.go. One that is only planned is other.
//
// All else is other. Tries are counted in meta.attempt, or retry in version 1,
// and otherwise equal. Pipedrive sends no test events.
type pipedrive struct{}

// About says how deals and persons are connected.
func (pipedrive) About() About {
	return About{
		Title:   "Pipedrive",
		Paste:   "Settings → Tools and apps → Webhooks → Create new webhook: Endpoint URL; one for deals, one for persons and one for activities, event action all (version 2). Calls that came in are told from others by an activity type of their own, whose key is inbound_call",
		Key:     "Make one up and enter it as HTTP Auth password; the user is anything",
		Choose:  WeChoose,
		Signs:   "Nothing; the password proves who sends, and not what",
		EventID: "meta.id; of what was done, the activity and when it was done",
		Test:    "None",
		Retries: "All but 2xx three times; after long failure the webhook is deleted",
		Sample:  Sample{ContentType: "application/json", Body: `{"meta":{"id":"00000000-0000-4000-8000-000000000000","entity":"sample","action":"change","version":"2.0"},"data":{},"previous":null}`},
	}
}

// Kinds returns crm.
func (pipedrive) Kinds() []Kind { return []Kind{CRM} }

// Verify checks the password.
func (pipedrive) Verify(r Request) error {
	if !hasToken(r) {
		return denied("the HTTP password is missing or wrong: it is the source's secret")
	}
	return nil
}

// Sign returns the header of basic authentication.
func (pipedrive) Sign(l Letter) (map[string]string, error) {
	return map[string]string{
		"Content-Type":  "application/json",
		"Authorization": "Basic " + base64.StdEncoding.EncodeToString([]byte("handoff:"+l.Key)),
	}, nil
}

// Answer follows the table of answers.
func (pipedrive) Answer(r Request, res Result) Answer { return machine{"pipedrive"}.Answer(r, res) }

// pipedriveEvent is a change in either version.
type pipedriveEvent struct {
	id           string
	entity       string // deal, person, …
	action       string // create, change, delete, or the word for something else
	at           time.Time
	now, before  object // now is what was deleted, for a deletion
	entityID     string
	changedOwner bool
	changedIn    string // app or api
	bulk         bool   // one of many that were edited at once
}

// Parse reads one change.
func (pipedrive) Parse(r Request) (Delivery, error) {
	v, err := decode(r.Body)
	if err != nil {
		return Delivery{}, err
	}
	e, ok := pipedriveRead(v)
	if !ok {
		return Delivery{}, fault.New(fault.Invalid, "not a Pipedrive webhook: meta says neither entity nor object")
	}
	drafts := []*draft{e.signal()}
	if e.changedOwner {
		drafts = append(drafts, e.owner())
	}
	var out Delivery
	for _, d := range drafts {
		out.Signals = append(out.Signals, d.signal(r))
	}
	return out, nil
}

func pipedriveRead(v any) (pipedriveEvent, bool) {
	meta := at(v, "meta")
	e := pipedriveEvent{entity: text(meta, "entity"), action: text(meta, "action"), entityID: text(meta, "entity_id")}
	e.now, _ = at(v, "data").(object)
	if e.entity == "" { // version 1
		e.entity, e.entityID = text(meta, "object"), text(meta, "id")
		e.action = pipedriveAction(e.action)
		e.now, _ = at(v, "current").(object)
	}
	e.before, _ = at(v, "previous").(object)
	e.changedIn = text(meta, "change_source")
	e.bulk = text(meta, "is_bulk_edit") == "true" || text(meta, "is_bulk_update") == "true"
	stamp := first(text(meta, "timestamp_micro"), text(meta, "timestamp"))
	e.at = timeOf(text(meta, "timestamp"), time.Second)
	e.id = text(meta, "id")
	if len(e.id) < 16 { // not the UUID of an event: in version 1 it is the entity's
		e.id = strings.Join([]string{e.entity, e.action, e.entityID, stamp, hashed("", encode(e.now), encode(e.before))}, ".")
	}
	if e.now == nil {
		e.now, e.before = e.before, nil
	}
	owner, was := pipedriveOwner(e.now), pipedriveOwner(e.before)
	e.changedOwner = owner != "" && was != "" && owner != was && (e.entity == "person" || e.entity == "deal")
	return e, e.entity != "" && e.action != ""
}

// pipedriveAction returns the word of version 2 for one of version 1.
func pipedriveAction(v1 string) string {
	switch v1 {
	case "added":
		return "create"
	case "updated":
		return "change"
	case "deleted":
		return "delete"
	}
	return v1
}

// pipedriveOwner returns the id of the owner: of a deal it is user_id in version 1.
func pipedriveOwner(o object) string {
	for _, name := range []string{"owner_id", "user_id"} {
		if id := reference(o, name); id != "" {
			return id
		}
	}
	return ""
}

// reference returns the id that a field refers to. Version 1 may write the
// record itself there, with the id as its value.
func reference(o object, name string) string {
	return first(text(o, name), text(o, name, "value"), text(o, name, "id"))
}

func (e pipedriveEvent) signal() *draft {
	d := newDraft(signal.Other)
	d.id, d.occurredAt = e.id, e.at
	switch e.entity {
	case "deal":
		e.deal(d)
	case "person":
		e.person(d)
	case "activity":
		e.activity(d)
	default:
		d.identity.ContactID = reference(e.now, "person_id")
	}
	if d.kind == signal.Other {
		d.original(e.entity + "." + e.action)
	}
	for _, name := range sortedKeys(e.now) {
		profile := canonical(name) != "" || name == "emails" || name == "phones"
		if e.entity != "person" || !profile {
			flatten(d.attributes, name, e.now[name])
		}
	}
	return d
}

// deal reads a deal as it is now.
func (e pipedriveEvent) deal(d *draft) {
	id := first(e.entityID, text(e.now, "id"))
	d.attributes.put(signal.AttrDeal, id)
	d.attributes.put(signal.AttrDealStage, text(e.now, "stage_id"))
	d.attributes.put(signal.AttrAmount, decimal(text(e.now, "value")))
	d.attributes.put(signal.AttrCurrency, text(e.now, "currency"))
	d.attributes.put(signal.AttrReason, text(e.now, "lost_reason"))
	d.attributes.put(signal.AttrOwner, pipedriveOwner(e.now))
	d.identity.ContactID = first(reference(e.now, "person_id"), dealContact(id))
	d.identity.Email = primary(at(e.now, "person_id", "email"))
	status := text(e.now, "status")
	if e.action != "create" && e.action != "change" && e.action != "delete" {
		return
	}
	switch {
	case e.action == "delete" || status == "deleted":
		d.kind = signal.DealDeleted
	case status == "won":
		d.kind = signal.DealWon
		e.ended(d, "won_time")
	case status == "lost":
		d.kind = signal.DealLost
		e.ended(d, "lost_time")
	case e.action == "create":
		d.kind = signal.DealOpened
	default:
		d.kind = signal.DealChanged
		if status == "open" {
			d.attributes.put(signal.AttrDealStatus, signal.DealOpen)
		}
	}
}

// ended says when a deal was won or lost, which each later change says again.
func (e pipedriveEvent) ended(d *draft, field string) {
	if t := pipedriveTime(text(e.now, field)); !t.IsZero() {
		d.attributes.put(signal.AttrEndedAt, t.UTC().Format(time.RFC3339))
	}
}

// person reads a person's profile.
func (e pipedriveEvent) person(d *draft) {
	d.identity.ContactID = first(e.entityID, text(e.now, "id"))
	d.identity.Email = first(primary(at(e.now, "emails")), primary(at(e.now, "email")))
	for _, name := range []string{"first_name", "last_name", "name", "job_title"} {
		d.field(canonical(name), text(e.now, name))
	}
	d.field(signal.FieldPhone, first(primary(at(e.now, "phones")), primary(at(e.now, "phone"))))
	d.field(signal.FieldCompany, first(text(e.now, "org_name"), text(e.now, "org_id", "name")))
	switch e.action {
	case "create":
		d.kind = signal.ContactCreated
	case "change":
		d.kind = signal.ContactChanged
	case "delete":
		d.kind = signal.ContactDeleted
	}
}

// owner is the signal that the owner changed.
func (e pipedriveEvent) owner() *draft {
	d := newDraft(signal.OwnerChanged)
	d.id, d.occurredAt = e.id+".owner", e.at
	d.attributes.put(signal.AttrOwner, pipedriveOwner(e.now))
	d.attributes.put(signal.AttrOwnerEmail, first(text(e.now, "owner_id", "email"), text(e.now, "user_id", "email")))
	d.attributes.put("previous_owner", pipedriveOwner(e.before))
	if e.entity == "deal" {
		id := first(e.entityID, text(e.now, "id"))
		d.attributes.put(signal.AttrDeal, id)
		d.identity.ContactID = first(reference(e.now, "person_id"), dealContact(id))
		return d
	}
	d.identity.ContactID = first(e.entityID, text(e.now, "id"))
	d.identity.Email = first(primary(at(e.now, "emails")), primary(at(e.now, "email")))
	return d
}

// primary returns the first of several addresses or numbers, each
// {value, primary}, that is the primary one, else the first.
func primary(v any) string {
	if s := text(v); s != "" {
		return s
	}
	all, _ := v.([]any)
	best := ""
	for _, one := range all {
		value := first(text(one, "value"), text(one))
		if text(one, "primary") == "true" && value != "" {
			return value
		}
		best = first(best, value)
	}
	return best
}
