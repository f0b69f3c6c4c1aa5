package privacy

import (
	"context"
	"slices"
	"strings"
	"unicode"

	"github.com/handoff-oss/handoff/shared/signal"
	"github.com/handoff-oss/handoff/shared/table"
)

// Identifiers are the texts by which a person can be found: addresses, numbers,
// ids, and their whole names.
type Identifiers struct {
	Texts []string // each at least five characters, sorted
	Names []Name
}

// Name is a name that the person went by. In items it stands in a sentence, or
// its parts stand apart: both in one item are the person's.
type Name struct{ First, Last string }

// shortest is how many characters a text needs to be looked for: a shorter one
// stands everywhere.
const shortest = 5

// IdentifiersOf collects them from signals.
func IdentifiersOf(signals []signal.Signal) Identifiers {
	var ids Identifiers
	add := func(text string) {
		text = strings.ToLower(strings.TrimSpace(text))
		if len(text) >= shortest && !slices.Contains(ids.Texts, text) {
			ids.Texts = append(ids.Texts, text)
		}
	}
	for _, s := range signals {
		for _, text := range []string{signal.NormalizeEmail(s.Identity.Email), s.Identity.Email, s.Lead[signal.FieldEmail], s.Identity.ContactID, s.Identity.UserID, s.Identity.AnonymousID} {
			add(text)
		}
		for _, number := range []string{s.Identity.Phone, s.Lead[signal.FieldPhone]} {
			add(number)
			add(digits(number))
		}
		name := Name{strings.ToLower(s.Lead[signal.FieldFirstName]), strings.ToLower(s.Lead[signal.FieldLastName])}
		if name.First != "" && name.Last != "" && !slices.Contains(ids.Names, name) {
			ids.Names = append(ids.Names, name)
		}
	}
	slices.Sort(ids.Texts)
	return ids
}

// digits are the last eight digits of a number, as a company's is kept.
func digits(number string) string {
	var all []rune
	for _, r := range number {
		if unicode.IsDigit(r) {
			all = append(all, r)
		}
	}
	const kept = 8
	return string(all[max(0, len(all)-kept):])
}

// Add adds an address by which the person is known; other words are passed over.
func (ids *Identifiers) Add(address string) {
	if n := signal.NormalizeEmail(address); len(n) >= shortest && !slices.Contains(ids.Texts, n) {
		ids.Texts = append(ids.Texts, n)
	}
}

// Count is how many there are.
func (ids Identifiers) Count() int { return len(ids.Texts) + len(ids.Names) }

// In tells whether an item has one of them.
func (ids Identifiers) In(s table.Stored) bool {
	named := func(n Name) bool {
		return s.Contains(n.First+" "+n.Last) || s.Contains(quoted(n.First)) && s.Contains(quoted(n.Last))
	}
	return slices.ContainsFunc(ids.Texts, s.Contains) || slices.ContainsFunc(ids.Names, named)
}

// quoted looks for a name as a whole value of a document: "Ada" is not "Adam".
func quoted(name string) string { return `"` + name + `"` }

// Leftover is an item that should not be.
type Leftover struct {
	PK, SK string
	Why    string
}

// Proof is what was looked at, and what was found.
type Proof struct {
	Items int        // looked at
	Found []Leftover // that still hold something
}

// Left looks under all names of a person who was erased for what should not be
// there. It reads their partitions alone.
func Left(ctx context.Context, t *table.Table, tomb table.Tombstone) (Proof, error) {
	var p Proof
	for _, k := range tomb.Keys {
		all, err := t.Under(ctx, k)
		if err != nil {
			return p, err
		}
		for _, s := range all {
			p.Items++
			if s.Other["erased_at"] == "" {
				p.Found = append(p.Found, Leftover{s.PK, s.SK, "stands under a name of the person"})
			}
		}
	}
	return p, nil
}

// Search looks through the whole table for the identifiers of a person. It reads
// every byte that is stored, so that it costs what that costs.
func Search(ctx context.Context, t *table.Table, ids Identifiers) (Proof, error) {
	var p Proof
	err := t.Everything(ctx, func(s table.Stored) error {
		p.Items++
		if ids.In(s) {
			p.Found = append(p.Found, Leftover{s.PK, s.SK, "has an identifier of the person"})
		}
		return nil
	})
	return p, err
}
