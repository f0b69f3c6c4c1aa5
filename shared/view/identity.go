package view

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/page"
	"github.com/handoff-oss/handoff/shared/signal"
)

// Identity is one name of a person, by its key: the name itself stands nowhere.
type Identity struct {
	Key  string    `json:"key"`
	Kind string    `json:"kind"`           // email, contact, user or anonymous; "" when it is not known
	Own  bool      `json:"own"`            // the lead's key is made of it
	At   time.Time `json:"since,omitzero"` // of the signal that joined it
}

// Words are what people call such a name.
func (i Identity) Words() string { return kindWords(signal.NameKind(i.Kind)) }

func kindWords(k signal.NameKind) string {
	switch k {
	case signal.ByEmail:
		return "address"
	case signal.ByContact:
		return "contact id"
	case signal.ByUser:
		return "user id"
	case signal.ByAnonymous:
		return "browser"
	}
	return "name"
}

// Identities are the names of a lead, its own first.
func Identities(l *lead.Lead) []Identity {
	var all []Identity
	for _, k := range l.Keys() {
		m, member := l.Members[k]
		one := Identity{Key: string(k), Kind: string(m.Kind), Own: !member}
		if !member {
			one.Kind = string(l.Kind)
		} else if !m.At.IsZero() {
			one.At = m.At.UTC()
		}
		all = append(all, one)
	}
	return all
}

// KnownBy counts the names of a lead by kind: "2 addresses, 1 browser".
func KnownBy(l *lead.Lead) string { return kindsOf(l, l.Keys()) }

// kindsOf counts some of the names of a lead by kind.
func kindsOf(l *lead.Lead, keys []signal.LeadKey) string {
	counts := map[string]int{}
	var order []string
	for _, i := range Identities(l) {
		if !slices.Contains(keys, signal.LeadKey(i.Key)) {
			continue
		}
		if counts[i.Words()]++; counts[i.Words()] == 1 {
			order = append(order, i.Words())
		}
	}
	all := make([]string, len(order))
	for n, w := range order {
		all[n] = fmt.Sprintf("%d %ses", counts[w], w)
		if w != "address" || counts[w] == 1 {
			all[n] = page.Plural(counts[w], w)
		}
	}
	return strings.Join(all, ", ")
}

// Merge is what is remembered of a lead that became part of another one.
type Merge struct {
	From   string    `json:"from"` // the key of the lead that it was
	At     time.Time `json:"at"`
	By     string    `json:"by"`             // contact, user, anonymous or order
	Reason string    `json:"reason"`         // in words
	Name   string    `json:"name,omitempty"` // of who ordered it
	Names  string    `json:"-"`              // what would go with it, as KnownBy says it
	Lead   string    `json:"-"`              // that it is part of
}

// Who says who merged the two.
func (m Merge) Who() string {
	if m.Name != "" {
		return "by order of " + m.Name
	}
	return "by itself"
}

// URL is the page on which the merge can be taken back.
func (m Merge) URL() string { return "/leads/" + m.Lead + "/merges/" + m.From }

// Merges are the merges of a lead, the latest first.
func Merges(l *lead.Lead) []Merge {
	all := []Merge{}
	for _, m := range slices.Backward(l.Merges) {
		other, _ := l.Aside(m.From)
		all = append(all, Merge{
			From: string(m.From), At: m.At.UTC(), By: m.By, Reason: m.Reason, Name: m.Name, Names: kindsOf(l, other), Lead: string(l.Key),
		})
	}
	return all
}
