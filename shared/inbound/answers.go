package inbound

import (
	"maps"
	"slices"
	"strings"
	"unicode"

	"github.com/handoff-oss/handoff/shared/signal"
)

// answer is one field of a submitted form.
type answer struct {
	name  string // the form tool's name of the field
	title string // what the visitor read, where the tool says it
	kind  string // the canonical field that the type of the field implies, or ""
	label string // the attribute's name where the field is no canonical one; name when empty
	value string
}

// answers puts a form's answers where they belong: first as the source's
// policy says (fields), then by the name, the title and the type of the field;
// what means no canonical field becomes an attribute. Of several fields with
// one meaning the first counts, a business address before any other, parts of
// a name before the whole; the others are kept as attributes, and so is what
// stands in a field for an address and is none.
func (d *draft) answers(r Request, list []answer) {
	type placed struct {
		answer
		field string
		rank  int
	}
	all := make([]placed, 0, len(list))
	for _, a := range list {
		a.value = strings.TrimSpace(a.value)
		if a.value == "" {
			continue
		}
		p := placed{answer: a, field: fieldOf(r, a), rank: 1}
		if p.field == signal.FieldEmail && signal.NormalizeEmail(a.value) == "" {
			p.field = ""
		}
		switch {
		case p.field == "":
			p.rank = 3
		case p.field == fieldFullName:
			p.rank = 2
		case p.field == signal.FieldEmail && businesslike(a.name+" "+a.title):
			p.rank = 0
		}
		all = append(all, p)
	}
	slices.SortStableFunc(all, func(a, b placed) int { return a.rank - b.rank })
	for _, p := range all {
		if p.field == "" || d.taken(p.field, p.value) {
			d.attributes.put(first(p.label, p.name, p.title), p.value)
			continue
		}
		d.field(p.field, p.value)
	}
}

// flattened reads an object of fields. Nested values become fields of their
// own, with dotted names.
func (d *draft) flattened(v any) []answer {
	b := newBag(maxPairs)
	flatten(b, "", v)
	d.attributes.dropped += b.dropped
	out := make([]answer, 0, len(b.values))
	for _, name := range slices.Sorted(maps.Keys(b.values)) {
		out = append(out, answer{name: name, value: b.values[name]})
	}
	return out
}

// fieldOf returns the canonical field that an answer means, or "".
func fieldOf(r Request, a answer) string {
	for _, name := range []string{a.name, a.title} {
		if to := r.Policy.Fields[name]; name != "" && to != "" {
			return to
		}
	}
	return first(canonical(a.name), canonicalTitle(a.title), canonicalTitle(spaced(a.name)), a.kind)
}

// taken reports whether another value has the field already.
func (d *draft) taken(field, value string) bool {
	switch field {
	case signal.FieldEmail:
		return d.identity.Email != "" && !strings.EqualFold(d.identity.Email, value)
	case signal.AttrMessage:
		return d.attributes.has(signal.AttrMessage)
	case fieldFullName:
		return d.lead.has(signal.FieldFirstName) || d.lead.has(signal.FieldLastName)
	}
	return d.lead.has(field) && d.lead.values[field] != value
}

// businesslike reports whether a field asks for an address at work.
func businesslike(name string) bool {
	s := squeeze(name)
	for _, word := range []string{"work", "business", "company", "corporate"} {
		if strings.Contains(s, word) {
			return true
		}
	}
	return false
}

// spaced separates the words of a name in camel case: "yourEmail".
func spaced(name string) string {
	var b strings.Builder
	lower := false
	for _, c := range name {
		if lower && unicode.IsUpper(c) {
			b.WriteByte(' ')
		}
		lower = unicode.IsLower(c) || unicode.IsDigit(c)
		b.WriteRune(c)
	}
	return strings.ReplaceAll(b.String(), "_", " ")
}

// onlyAddress finds the address where fields have no telling names: when no
// field is known to be one and exactly one value is an address, it is.
func (d *draft) onlyAddress(list []answer) {
	if d.identity.Email != "" {
		return
	}
	found := ""
	for _, a := range list {
		if address := signal.NormalizeEmail(a.value); address != "" && strings.Contains(address[strings.IndexByte(address, '@'):], ".") {
			if found != "" && signal.NormalizeEmail(found) != address {
				return
			}
			found = first(found, strings.TrimSpace(a.value))
		}
	}
	d.identity.Email = found
}
