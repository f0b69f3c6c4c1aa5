// Package scoring turns signals into facts and facts into scores: fit,
// engagement and qualification. Facts are a function of the set of signals, so
// order and repeats do not matter; scores are a function of facts, policy and
// a time. The package knows no storage and no journey.
package scoring

import (
	"strings"
	"time"
)

// Facts is what the set of a lead's signals says by itself.
type Facts struct {
	Profile map[string]Field `json:"profile,omitempty"` // by field name
	Scoring string           `json:"scoring"`           // fingerprint of the rules that the counts were made with
	// Counts holds, per engagement rule and UTC day (days since 1970-01-01), how many signals matched.
	Counts map[string]map[int]int `json:"counts,omitempty"`
	// Items holds, for rules that count an item once, the latest day of each item (by hash).
	Items map[string]map[string]int `json:"items,omitempty"`
	// Mail is evidence that a later signal can take back: deliveries, opens and
	// clicks of the last days, some of which may turn out to be a scanner's.
	Mail []MailEvent `json:"mail,omitempty"`
	// MailFrom is the first day whose mail events are still evidence; those of
	// earlier days were judged and are in Counts and Items.
	MailFrom int             `json:"mail_from,omitempty"`
	Requests map[string]Mark `json:"requests,omitempty"` // latest match of each explicit request
	Latest   Mark            `json:"latest"`             // the latest signal
	Origin   Origin          `json:"origin,omitzero"`    // where the lead came from
	// Consent is what the person has agreed and objected to, by purpose.
	Consent map[string]Consent `json:"consent,omitempty"`
	Signals int                `json:"signals"` // how many signals were folded
}

// Field is one value of the profile with what decides which value wins.
type Field struct {
	Value string    `json:"v"`
	Rank  int       `json:"r,omitempty"`
	At    time.Time `json:"t"`
	Event string    `json:"e"` // source and id of the signal
}

// Source is the source whose word the value is.
func (f Field) Source() string {
	source, _, _ := strings.Cut(f.Event, "#")
	return source
}

// Mark is a point in the order of signals.
type Mark struct {
	At    time.Time `json:"t"`
	Event string    `json:"e"`
}

// MailEvent is one delivery, open or click that is still open to doubt.
type MailEvent struct {
	Message string    `json:"m"`
	Kind    string    `json:"k"` // see mailDelivered and its neighbors
	At      time.Time `json:"t"`
	Link    string    `json:"l,omitempty"` // hash of the link
	Event   string    `json:"e"`
	Hits    []Hit     `json:"h,omitempty"` // the rules it counts for, if it is a person's
}

// Hit is one match of an engagement rule.
type Hit struct {
	Rule string `json:"r"`
	Item string `json:"i,omitempty"`
}
