package decision

import (
	"crypto/sha256"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/signal"
)

// mostValue is how many characters an entered value has at most.
const mostValue = 200

// entryMark stands in the id of the signal of an entry.
const entryMark = ".data."

// Entry is what a person enters about a lead.
type Entry struct {
	Fields map[string]string // by profile field, each of Enterable; what is empty says nothing
	Reason string            // how they know, at most 500 characters; may be empty
	By     string            // the person's name, at most 80 characters; required
}

// Enterable lists the profile fields that a person may enter about a lead: those
// that every source has, and those that the policy asks for of leads that came
// from where it did. The e-mail address is none of them: a lead is known by it.
func Enterable(l *lead.Lead, c policy.Completeness) []string {
	all := signal.Fields()
	needs := c.For(l.Facts.Origin.Source())
	for _, n := range slices.Concat(needs.HandedOff, needs.Qualified, needs.Known) {
		for _, f := range n.Fields() {
			if !slices.Contains(all, f) {
				all = append(all, f)
			}
		}
	}
	return slices.DeleteFunc(all, func(f string) bool { return f == signal.FieldEmail })
}

// EntryFor is the signal of what a person enters about a lead, to be stored with
// table.PutSignalFor. Its word ranks with the policy's highest source; see
// scoring.Facts. A lead that waits for that data goes on when decide has seen it.
// The same entry about the same version of a lead is the same signal. Kind:
// Invalid, with a sentence for the person.
func EntryFor(l *lead.Lead, c policy.Completeness, e Entry, at time.Time) (signal.Signal, error) {
	fields, err := e.fields(Enterable(l, c))
	if err != nil {
		return signal.Signal{}, err
	}
	e.Reason, e.By = strings.TrimSpace(e.Reason), strings.TrimSpace(e.By)
	switch {
	case utf8.RuneCountInString(e.Reason) > mostReason:
		return signal.Signal{}, fault.New(fault.Invalid, "the reason is too long: say it in %d characters at most", mostReason)
	case e.By == "":
		return signal.Signal{}, fault.New(fault.Invalid, "say who you are: your name is kept with what you enter")
	case utf8.RuneCountInString(e.By) > mostBy:
		return signal.Signal{}, fault.New(fault.Invalid, "the name is too long: %d characters at most", mostBy)
	}
	a := map[string]string{signal.AttrBy: e.By}
	if e.Reason != "" {
		a[signal.AttrReason] = e.Reason
	}
	return signal.Signal{
		Source: Operator, ID: entryID(l.Version, fields, e.By), Type: signal.ContactChanged, OccurredAt: at, ReceivedAt: at,
		Lead: fields, Attributes: a,
	}, nil
}

// fields returns what was entered, checked and trimmed.
func (e Entry) fields(may []string) (map[string]string, error) {
	fields := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(e.Fields)) {
		value := strings.TrimSpace(e.Fields[name])
		words := policy.Need(name).Words()
		switch {
		case value == "":
			continue
		case !slices.Contains(may, name):
			return nil, fault.New(fault.Invalid, "%q cannot be entered: choose one of %s", name, strings.Join(may, ", "))
		case !signal.Says(value):
			return nil, fault.New(fault.Invalid, "%q says nothing of the %s: enter what is known, or hand the lead off as it is", value, words)
		case utf8.RuneCountInString(value) > mostValue:
			return nil, fault.New(fault.Invalid, "the %s is too long: %d characters at most", words, mostValue)
		case !utf8.ValidString(value), strings.ContainsFunc(value, unicode.IsControl):
			return nil, fault.New(fault.Invalid, "the %s has characters that are no text: write it in one line", words)
		}
		fields[name] = value
	}
	if len(fields) == 0 {
		return nil, fault.New(fault.Invalid, "enter at least one field")
	}
	return fields, nil
}

func entryID(version int64, fields map[string]string, by string) string {
	text := []string{by}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		text = append(text, name, fields[name])
	}
	sum := sha256.Sum256([]byte(strings.Join(text, "\x00")))
	return fmt.Sprintf("%d%s%x", version, entryMark, sum[:6])
}

// IsEntry tells whether the id is that of the signal of an entry, and not of an
// order.
func IsEntry(id string) bool { return strings.Contains(id, entryMark) }
