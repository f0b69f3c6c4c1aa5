// Package directory changes what is said about reps: it is the one place
// through which pages, the command line and calendars edit a roster, so that
// all of them check the same and leave the same history. It also says how the
// reps stand at a moment. It does not know who may change what, nor where the
// roster is kept.
package directory

import (
	"errors"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/policy/nearest"
	"github.com/handoff-oss/handoff/shared/routing"
)

// Order asks for a change of one rep.
type Order struct {
	Rep string
	New bool   // the rep is not there yet
	By  string // who asks, for the history
	Why string // for the history; may be empty
	At  time.Time
	// Seen is the version of the rep's entry that the change was made on, 0 for one of whom nothing had been said; nil
	// when it does not matter what it was.
	Seen *int64
	Edit Edit
}

// Problem is what is wrong with one field of an order.
type Problem struct {
	Field   string `json:"field"`
	Message string `json:"message"` // what is wrong, and what to do about it
}

// Problems is everything that is wrong with an order.
type Problems []Problem

// Error lists them.
func (p Problems) Error() string {
	lines := make([]string, len(p))
	for i, one := range p {
		lines[i] = one.Field + ": " + one.Message
	}
	return strings.Join(lines, "; ")
}

func (p *Problems) add(field, message string) { *p = append(*p, Problem{field, message}) }

// ErrUnchanged is why an order is refused that asks for what is there already.
// Kind: Invalid.
var ErrUnchanged = errors.New("nothing would change")

// Apply returns the next version of a roster over a policy, with the order
// carried out and told in its history. Nothing of an order is done when
// anything of it is wrong. Kinds: Invalid, with Problems for what is wrong
// with fields, or ErrUnchanged when nothing would change; NotFound for a rep who is not
// there; Conflict when the rep was changed since it was seen, or is there
// already.
func Apply(p *policy.Policy, r routing.Roster, o Order) (routing.Roster, error) {
	_, _, there := routing.Find(r.Over(p), o.Rep)
	entry, said := r.Reps[o.Rep]
	switch {
	case o.New && there:
		return r, fault.New(fault.Conflict, "there is a rep %q already", o.Rep)
	case o.New && !ids().MatchString(o.Rep):
		return r, fault.Wrap(fault.Invalid, "add a rep", Problems{{"id", "an id is small letters, digits, dot, - and _, and begins with a letter or a digit"}})
	case o.New && slices.Contains(pages(), o.Rep):
		return r, fault.Wrap(fault.Invalid, "add a rep", Problems{{"id", "this id is the name of a page; choose another"}})
	case !o.New && !there && !said:
		return r, Unknown(p, r, o.Rep)
	case o.Seen != nil && entry.Version != *o.Seen:
		return r, fault.New(fault.Conflict, "%s was changed since: their entry is at version %d, not %d", o.Rep, entry.Version, *o.Seen)
	}
	var wrong Problems
	if o.New {
		entry.Gone = false
		wrong = o.Edit.complete()
	}
	c := change{policy: p, roster: r, order: o, entry: cloned(entry), wrong: wrong}
	c.apply()
	if len(c.wrong) > 0 {
		return r, fault.Wrap(fault.Invalid, "change rep "+o.Rep, c.wrong)
	}
	c.entry.By, c.entry.Changed = o.By, o.At
	next := r.Record(p, o.Rep, c.entry, o.Why)
	if len(next.Last.What) == 0 {
		return r, fault.Wrap(fault.Invalid, "change rep "+o.Rep, ErrUnchanged)
	}
	return next, nil
}

// Unknown is the error that there is no such rep, with those that there are.
// Kind: NotFound.
func Unknown(p *policy.Policy, r routing.Roster, rep string) error {
	known := routing.IDs(r.Over(p))
	return fault.New(fault.NotFound, "no pool has a rep %q%s; there are %s", rep, nearest.Hint(rep, known), strings.Join(known, ", "))
}

// cloned returns an entry whose lists may be changed.
func cloned(e routing.Entry) routing.Entry {
	e.Leave, e.Canceled = slices.Clone(e.Leave), slices.Clone(e.Canceled)
	if e.Feed != nil {
		feed := *e.Feed
		e.Feed = &feed
	}
	return e
}

// pages are ids that no new rep has, since addresses such as /people/new are
// those of pages.
func pages() []string { return []string{"me", "new"} }

// The forms of a rep's fields, as the policy's schema has them.
func ids() *regexp.Regexp    { return regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,63}$`) }
func mails() *regexp.Regexp  { return regexp.MustCompile(`^[^@\s<>,;]+@[^@\s<>,;]+$`) }
func slacks() *regexp.Regexp { return regexp.MustCompile(`^([UW][A-Z0-9]{2,20})?$`) }
func owners() *regexp.Regexp {
	return regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,62}:\S{1,100}$`)
}

func moments() *regexp.Regexp {
	return regexp.MustCompile(`^\d{4}-\d{2}-\d{2}(T([01]\d|2[0-3]):[0-5]\d)?$`)
}
