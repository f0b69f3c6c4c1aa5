package inbound

import (
	"bytes"
	"crypto/sha1" //nolint:gosec // the provider signs with HMAC-SHA1, whose security does not rest on collisions
	"encoding/hex"
	"encoding/json"
	"strings"
	"time"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/signal"
)

// segment takes the webhooks of Segment, classic (one event) and Actions (a
// list of events), and those of tools that speak its specification
// (https://segment.com/docs/connections/spec/).
//
// Segment's limit: the signature of a list covers its first event alone. A
// list is taken all the same, because Segment sends no other proof; who can
// read one signed event could add events of their own to it. Signals that no
// proof covers carry the attribute unsigned=true, so that a policy can leave
// them out. A webhook that also carries the secret as ?token=, as the password
// of basic authentication or in X-Handoff-Token is proven as a whole; so
// configure Segment's webhook with one of them.
//
// The Event Tester's message ids begin with segment-test-message-.
type segment struct{}

const (
	segmentHeader     = "x-signature"
	segmentTestPrefix = "segment-test-message-"
	attrUnsigned      = "unsigned"
)

// About says how Segment is connected.
func (segment) About() About {
	return About{
		Title:   "Segment",
		Paste:   "Connections → Destinations → Webhooks (Actions) → a mapping's Send: URL. Or the classic Webhooks destination",
		Key:     "Make one up and enter it in the destination's settings as Shared secret. Add the header X-Handoff-Token with the same value: the signature of a batch covers its first event alone",
		Choose:  WeChoose,
		Signs:   "X-Signature: HMAC-SHA1 over the body, in a batch over its first event; the others carry unsigned=true unless the token comes too",
		EventID: "messageId",
		Test:    "The Event Tester's messages, whose ids begin with segment-test-message-, are answered and stored nowhere",
		Retries: "5xx and what takes longer than five seconds, for four hours; 4xx never",
		Sample:  Sample{ContentType: "application/json", Body: `{"type":"track","event":"Sample","messageId":"segment-test-message-1"}`},
	}
}

// Kinds returns engagement.
func (segment) Kinds() []Kind { return []Kind{Engagement} }

// proof is how much of a body is proven.
type proof int

const (
	unproven    proof = iota
	provenFirst       // the first element of a list
	provenAll
)

// Verify checks X-Signature: the hex of HMAC-SHA1 over the body, or over the
// first element of a list as JavaScript writes it.
func (s segment) Verify(r Request) error {
	if s.proven(r) == unproven {
		return denied("the signature does not fit the body")
	}
	return nil
}

func (s segment) proven(r Request) proof {
	given := r.Headers[segmentHeader]
	if given == "" {
		if hasToken(r) {
			return provenAll
		}
		return unproven
	}
	fits := func(signed []byte) bool {
		return anyKey(r.Keys, func(key string) bool { return equal(given, segmentSignature(key, signed)) })
	}
	if fits(r.Body) {
		return provenAll
	}
	signed, many := segmentSigned(r.Body)
	for _, candidate := range signed {
		if fits(candidate) {
			if !many || hasToken(r) {
				return provenAll
			}
			return provenFirst
		}
	}
	return unproven
}

// segmentSigned returns the forms in which the signed part of a body may have
// been signed, and whether there is more than that part.
func segmentSigned(body []byte) (forms [][]byte, many bool) {
	part := json.RawMessage(bytes.TrimSpace(body))
	if bytes.HasPrefix(part, []byte("[")) {
		var elements []json.RawMessage
		if json.Unmarshal(part, &elements) != nil || len(elements) == 0 {
			return nil, false
		}
		part, many = elements[0], len(elements) > 1
	}
	var compact bytes.Buffer
	if json.Compact(&compact, part) != nil {
		return nil, false
	}
	forms = [][]byte{compact.Bytes()}
	if js, err := stringify(part); err == nil && !bytes.Equal(js, compact.Bytes()) {
		forms = append(forms, js)
	}
	return forms, many
}

func segmentSignature(key string, signed []byte) string {
	return hex.EncodeToString(mac(sha1.New, key, signed))
}

// Sign returns X-Signature over the body, or over the first element of a list.
func (segment) Sign(l Letter) (map[string]string, error) {
	signed := l.Body
	if bytes.HasPrefix(bytes.TrimSpace(l.Body), []byte("[")) {
		forms, _ := segmentSigned(l.Body)
		if len(forms) == 0 {
			return nil, fault.New(fault.Invalid, "the body is not a list of events")
		}
		signed = forms[len(forms)-1]
	}
	return map[string]string{
		"Content-Type": "application/json",
		"X-Signature":  segmentSignature(l.Key, signed),
	}, nil
}

// Answer follows the table of answers.
func (segment) Answer(r Request, res Result) Answer {
	return machine{"segment"}.Answer(r, res)
}

// Parse reads one event or a list.
func (s segment) Parse(r Request) (Delivery, error) {
	v, err := decode(r.Body)
	if err != nil {
		return Delivery{}, err
	}
	events, isList := v.([]any)
	if !isList {
		events = []any{v}
	}
	unsigned := isList && s.proven(r) != provenAll
	return each(events, func(i int, e any) (*draft, bool) {
		d, ok := segmentEvent(e)
		if ok && unsigned && i > 0 {
			d.attributes.mark(attrUnsigned, "true")
		}
		return d, ok
	}, r)
}

// each turns the elements of a batch into signals. What cannot be read is
// skipped, so that one element does not keep the others out; when nothing can
// be read the whole is refused.
func each(elements []any, read func(i int, e any) (*draft, bool), r Request) (Delivery, error) {
	out := Delivery{Signals: make([]signal.Signal, 0, len(elements))}
	for i, e := range elements {
		d, ok := read(i, e)
		if !ok {
			out.Skipped++
			continue
		}
		out.Signals = append(out.Signals, d.signal(r))
	}
	if len(elements) > 0 && len(out.Signals) == 0 {
		return Delivery{}, fault.New(fault.Invalid, "no event could be read")
	}
	return out, nil
}

func segmentEvent(e any) (*draft, bool) {
	kind := text(e, "type")
	if kind == "" {
		return nil, false
	}
	d := newDraft(signal.Other)
	d.id = first(text(e, "messageId"), hashed("content.", encode(e)))
	d.test = strings.HasPrefix(d.id, segmentTestPrefix)
	d.occurredAt = timeOf(first(text(e, "timestamp"), text(e, "originalTimestamp"), text(e, "sentAt")), time.Second)
	d.identity = signal.Identity{UserID: text(e, "userId"), AnonymousID: text(e, "anonymousId")}
	switch kind {
	case "track":
		d.kind = signal.EventTracked
		d.attributes.put(signal.AttrEvent, text(e, "event"))
	case "page", "screen":
		d.kind = signal.PageViewed
		d.attributes.put(signal.AttrPage, first(text(e, "properties", "title"), text(e, "name")))
	case "identify":
		d.kind = signal.LeadIdentified
	case "group":
		d.kind = signal.LeadIdentified
		segmentCompany(d, at(e, "traits"))
	default:
		d.original(kind)
	}
	d.attributes.put(signal.AttrURL, first(text(e, "properties", "url"), text(e, "context", "page", "url")))
	d.attributes.put(signal.AttrUserAgent, text(e, "context", "userAgent"))
	if kind != "group" {
		segmentTraits(d, at(e, "traits"))
	}
	segmentTraits(d, at(e, "context", "traits"))
	if d.identity.Email == "" {
		d.identity.Email = text(e, "properties", "email")
	}
	flatten(d.attributes, "", at(e, "properties"))
	segmentContext(d, at(e, "context"))
	return d, true
}

// segmentTraits reads the reserved traits of a user; the others become attributes.
func segmentTraits(d *draft, traits any) {
	o, ok := traits.(object)
	if !ok {
		return
	}
	segmentCompany(d, o["company"])
	d.field(signal.FieldCountry, text(o, "address", "country"))
	// Parts of a name first, so that they win over the whole.
	for _, name := range []string{"firstName", "first_name", "lastName", "last_name"} {
		d.field(canonical(name), text(o, name))
	}
	for _, name := range sortedKeys(o) {
		if name == "company" || name == "address" || d.field(canonical(name), text(o, name)) {
			continue
		}
		flatten(d.attributes, "traits."+name, o[name])
	}
}

// segmentCompany reads a company: its name, or an object of group traits.
func segmentCompany(d *draft, company any) {
	if name := text(company); name != "" {
		d.lead.put(signal.FieldCompany, name)
		return
	}
	d.lead.put(signal.FieldCompany, text(company, "name"))
	d.lead.put(signal.FieldIndustry, text(company, "industry"))
	d.lead.put(signal.FieldWebsite, text(company, "website"))
	d.lead.put(signal.FieldEmployees, first(text(company, "employees"), text(company, "employee_count")))
	d.lead.put(signal.FieldCountry, text(company, "address", "country"))
}

// segmentContext keeps what the context says about the visit: campaign, page,
// locale. It leaves out what was read before, and the address of the device.
func segmentContext(d *draft, context any) {
	o, ok := context.(object)
	if !ok {
		return
	}
	for _, name := range sortedKeys(o) {
		switch name {
		case "traits", "userAgent", "ip", "library", "device", "network":
		default:
			flatten(d.attributes, "context."+name, o[name])
		}
	}
}
