package signal

import (
	"strings"
	"unicode"
)

// FieldSet is a set of the fields that every source has: one bit for each, in the
// order of Fields.
type FieldSet uint32

// FieldsOf returns which fields a signal says something about.
func FieldsOf(s Signal) FieldSet {
	var set FieldSet
	for i, name := range Fields() {
		known := Says(s.Lead[name])
		switch name {
		case FieldEmail:
			known = known || Says(s.Identity.Email)
		case FieldPhone:
			known = known || Says(s.Identity.Phone)
		}
		if known {
			set |= 1 << i
		}
	}
	return set
}

// Says tells whether a value of a field says anything: where a form lets nobody go
// on without one, people write a dash, or n/a.
func Says(value string) bool {
	some := func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }
	return strings.ContainsFunc(value, some) && !strings.EqualFold(strings.TrimSpace(value), "n/a")
}

// Has tells whether a field is in the set. One that not every source has never is.
func (f FieldSet) Has(field string) bool {
	for i, name := range Fields() {
		if name == field {
			return f&(1<<i) != 0
		}
	}
	return false
}
