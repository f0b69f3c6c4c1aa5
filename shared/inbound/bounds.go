package inbound

import (
	"crypto/sha256"
	"encoding/base64"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/handoff-oss/handoff/shared/signal"
)

// Limits of one signal. Whatever is sent, a stored item stays far below the
// 400 KB that DynamoDB takes and fits a message of a queue, and a lead's snapshot stays small.
const (
	maxValue      = 2 << 10  // bytes of one value; longer ones are cut
	maxName       = 128      // bytes of an attribute's name
	maxAttributes = 100      // attributes of a signal, our own marks among them
	ownMarks      = 4        // attrDropped, attrUnsigned, signal.AttrFetch and attrSaidFetch
	maxFields     = 40       // profile fields of a signal
	maxTotal      = 16 << 10 // bytes of names and values together, for attributes and for fields each; JSON may write six for one
	maxID         = 200      // bytes of an event id or an identity; longer ones are replaced by a hash
)

// attrDropped counts attributes that did not fit.
const attrDropped = "attributes_dropped"

// attrSaidFetch is where a sender's own attribute named signal.AttrFetch goes.
const attrSaidFetch = "fetch_said"

// cutMark ends a value that was cut.
const cutMark = "…[cut]"

// cut shortens s to at most limit bytes at the start of a character.
func cut(s string, limit int) string {
	s = toUTF8(s)
	if len(s) <= limit {
		return s
	}
	n := limit - len(cutMark)
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + cutMark
}

// bag collects attributes or fields within the limits. The first value of a
// name stays, so what matters most is put first.
type bag struct {
	values  map[string]string
	limit   int
	size    int
	dropped int
}

func newBag(limit int) *bag { return &bag{values: map[string]string{}, limit: limit} }

func (b *bag) put(name, value string) {
	name, value = cut(strings.TrimSpace(name), maxName), cut(value, maxValue)
	if name == "" || value == "" {
		return
	}
	if _, ok := b.values[name]; ok {
		return
	}
	if len(b.values) >= b.limit || b.size+len(name)+len(value) > maxTotal {
		b.dropped++
		return
	}
	b.values[name] = value
	b.size += len(name) + len(value)
}

// mark puts what we say ourselves, whatever the sender said under that name.
func (b *bag) mark(name, value string) { b.values[name] = value }

func (b *bag) has(name string) bool { return b.values[name] != "" }

// result returns what was collected, or nil when that is nothing.
func (b *bag) result() map[string]string {
	if len(b.values) == 0 {
		return nil
	}
	return b.values
}

// draft is a signal in the making.
type draft struct {
	id         string
	kind       signal.Type
	occurredAt time.Time // zero: the provider does not say
	identity   signal.Identity
	lead       *bag
	attributes *bag
	fetch      string // the kind of record to fetch, when the payload is thin
	act        *act   // what one of us did, when that is what it says
	test       bool
}

func newDraft(t signal.Type) *draft {
	return &draft{kind: t, lead: newBag(maxFields), attributes: newBag(maxAttributes - ownMarks)}
}

// original marks a type that has no counterpart.
func (d *draft) original(name string) {
	d.kind = signal.Other
	d.attributes.put(signal.AttrOriginalType, name)
}

// earliest is the first year that a sender is believed about.
const earliest = 2000

// signal finishes the draft: event id, times and identities within their bounds.
func (d *draft) signal(r Request) signal.Signal {
	received := r.ReceivedAt.UTC()
	occurred := d.occurredAt.UTC()
	if occurred.Year() < earliest || occurred.After(received) {
		occurred = received
	}
	d.sayAct()
	if d.attributes.dropped > 0 {
		d.attributes.mark(attrDropped, strconv.Itoa(d.attributes.dropped))
	}
	if said := d.attributes.values[signal.AttrFetch]; said != "" {
		d.attributes.mark(attrSaidFetch, said)
		delete(d.attributes.values, signal.AttrFetch)
	}
	if d.fetch != "" {
		d.attributes.mark(signal.AttrFetch, d.fetch)
	}
	id := d.identity
	id.Email = strings.TrimSpace(id.Email)
	if len(id.Email) > maxID+64 { // no address is longer than 254 bytes
		id.Email = ""
	}
	id.ContactID, id.UserID, id.AnonymousID = bounded(id.ContactID), bounded(id.UserID), bounded(id.AnonymousID)
	id.Phone = cut(id.Phone, maxID)
	if signal.NormalizeEmail(id.Email) != "" {
		d.lead.put(signal.FieldEmail, id.Email)
	}
	return signal.Signal{
		Source: r.Source, ID: bounded(d.id), Type: d.kind, OccurredAt: occurred, ReceivedAt: received,
		Identity: id, Lead: d.lead.result(), Attributes: d.attributes.result(), Test: d.test,
	}
}

// bounded returns an id that fits a key: as it is when it is short and
// printable, else its hash, which is the same for every redelivery.
func bounded(id string) string {
	plain := len(id) <= maxID && utf8.ValidString(id)
	for i := 0; plain && i < len(id); i++ {
		plain = id[i] > ' ' && id[i] != 0x7f
	}
	if plain {
		return id
	}
	return hashed("sha256.", id)
}

// hashed derives an id from content.
func hashed(prefix string, parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		h.Write([]byte(strconv.Itoa(len(p)) + ":" + p))
	}
	return prefix + base64.RawURLEncoding.EncodeToString(h.Sum(nil)[:18])
}
