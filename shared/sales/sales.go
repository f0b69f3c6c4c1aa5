// Package sales keeps what calendars and CRMs say about a lead: its meetings,
// its deals and its owner there, and says how far that brings the lead. It
// knows no providers, no storage, and nothing of handoffs and promises.
package sales

import (
	"cmp"
	"crypto/sha256"
	"encoding/base64"
	"maps"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/handoff-oss/handoff/shared/signal"
)

// Facts is what a set of signals says about the meetings, the deals and the
// owner of one lead. Folding is commutative, and folding a signal twice changes
// nothing: it does not matter in which order and how often deliveries arrive.
type Facts struct {
	Meetings map[string]Meeting `json:"meetings,omitempty"` // by Key
	Deals    map[string]Deal    `json:"deals,omitempty"`    // by Key
	Owner    *Owner             `json:"owner,omitempty"`    // the last one that was named
}

// most is how many meetings and how many deals are kept. What has ended goes
// first, and of the rest what is oldest. Beyond it order may matter.
const most = 24

// Owner is who is answerable for the lead in a CRM.
type Owner struct {
	Source string    `json:"source"`
	ID     string    `json:"id,omitempty"`
	Email  string    `json:"email,omitempty"` // normalized
	At     time.Time `json:"at"`              // since when, by the source's word
}

// Said is a value as it was said last. Of two that were said at the same time
// the larger one stands, so that order does not matter.
type Said struct {
	Value string    `json:"v"`
	At    time.Time `json:"t"`
}

// Key names a meeting or a deal within its lead. A long id stands there as its
// hash.
func Key(source, id string) string {
	if len(id) > maxID {
		sum := sha256.Sum256([]byte(id))
		id = "sha256." + base64.RawURLEncoding.EncodeToString(sum[:18])
	}
	return source + "#" + id
}

// What a source says is kept in a lead's snapshot, which is written with every
// signal: texts are cut to these bytes.
const (
	maxID   = 200
	maxText = 200
)

// short cuts a text at the start of a character.
func short(s string) string {
	if len(s) <= maxText {
		return s
	}
	n := maxText - len("…")
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + "…"
}

// About tells whether the signal is one that Fold takes in.
func About(s signal.Signal) bool {
	return isMeeting(s) || isDeal(s) || isOwner(s)
}

// isOwner leaves out owners of deals: who has a deal need not have the lead.
func isOwner(s signal.Signal) bool {
	return s.Type == signal.OwnerChanged && s.Attributes[signal.AttrDeal] == ""
}

// Of folds a whole set of signals.
func Of(signals []signal.Signal) Facts {
	var f Facts
	for _, s := range signals {
		f = f.Fold(s)
	}
	return f
}

// Fold returns the facts with one signal more. The receiver is unchanged.
func (f Facts) Fold(s signal.Signal) Facts {
	switch {
	case isMeeting(s):
		f.Meetings = foldMeeting(maps.Clone(f.Meetings), s)
	case isDeal(s):
		f.Deals = keep(maps.Clone(f.Deals), Key(s.Source, s.Attributes[signal.AttrDeal]), Deal.order, func(d Deal) Deal { return d.fold(s) })
	case isOwner(s):
		o := Owner{
			Source: s.Source, ID: short(s.Attributes[signal.AttrOwner]), At: s.OccurredAt,
			Email: signal.NormalizeEmail(s.Attributes[signal.AttrOwnerEmail]),
		}
		if f.Owner == nil || o.order(*f.Owner) > 0 {
			f.Owner = &o
		}
	}
	return f
}

// keep changes the entry of a key, and lets go of the least entry when there
// are too many.
func keep[T any](all map[string]T, key string, order func(a, b T) int, change func(T) T) map[string]T {
	if all == nil {
		all = map[string]T{}
	}
	all[key] = change(all[key])
	for len(all) > most {
		delete(all, slices.MinFunc(slices.Sorted(maps.Keys(all)), func(a, b string) int { return order(all[a], all[b]) }))
	}
	return all
}

func (o Owner) order(p Owner) int {
	return cmp.Or(o.At.Compare(p.At), cmp.Compare(o.Source, p.Source), cmp.Compare(o.ID, p.ID), cmp.Compare(o.Email, p.Email))
}

// or returns the value, or what was said later.
func (v Said) or(value string, at time.Time) Said {
	if value == "" || cmp.Or(at.Compare(v.At), cmp.Compare(value, v.Value)) <= 0 {
		return v
	}
	return Said{Value: value, At: at}
}
