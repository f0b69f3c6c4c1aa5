package funnel

import (
	"cmp"
	"slices"
	"time"
)

// Unit is what became of one unit that was drawn with all of its leads, counted
// from the enrolment of its first lead. A later lead of an account is no unit of
// its own, and what it does counts for the account, within the same window.
type Unit struct {
	Enrolment Enrolment     // of the first lead
	Ages      map[Event]int // whole days from the enrolment to the first event of any lead
	Reason    string        // of the first rejection
	Mixed     bool          // some leads were on the other side: control and process touched

	// Of the first lead alone:
	Contacted  bool      // whether it was contacted
	ContactAge int       // in whole days, when it was
	Minutes    int64     // until it was; see Record
	Rep        string    // who was given it
	Given      time.Time // when
}

// Join puts the records of a unit's leads together, which must all have been
// drawn for the same phase. Their order does not matter. Where they are on both
// sides, the unit stays on the side of its first lead: it counts as it was drawn,
// and not as it was treated. Without records it is the zero value.
func Join(records []Record) Unit {
	if len(records) == 0 {
		return Unit{}
	}
	all := slices.Clone(records)
	slices.SortFunc(all, func(a, b Record) int {
		return cmp.Or(a.Enrolment.At.Compare(b.Enrolment.At), cmp.Compare(a.Enrolment.Arm, b.Enrolment.Arm), a.order(b))
	})
	first := all[0]
	u := Unit{Enrolment: first.Enrolment, Ages: map[Event]int{}, Minutes: first.Minutes, Rep: first.Rep, Given: first.Events[HandedOff]}
	if at, ok := first.Events[Contacted]; ok {
		u.Contacted, u.ContactAge = true, age(first.Enrolment.At, at)
	}
	var rejected time.Time
	for _, r := range all {
		u.Mixed = u.Mixed || r.Enrolment.Crossed || r.Enrolment.Arm != first.Enrolment.Arm
		for e, at := range r.Events {
			if known, ok := u.Ages[e]; !ok || age(first.Enrolment.At, at) < known {
				u.Ages[e] = age(first.Enrolment.At, at)
			}
			if e == Rejected && (rejected.IsZero() || at.Before(rejected)) {
				rejected, u.Reason = at, r.Reason
			}
		}
	}
	return u
}

// age is in whole days.
func age(from, to time.Time) int { return int(to.Sub(from) / (24 * time.Hour)) }

// order makes the order of records that were enrolled at the same time the same
// every time.
func (r Record) order(o Record) int {
	given := r.Events[HandedOff].Compare(o.Events[HandedOff])
	contact := r.Events[Contacted].Compare(o.Events[Contacted])
	return cmp.Or(given, contact, cmp.Compare(r.Minutes, o.Minutes), cmp.Compare(r.Rep, o.Rep), cmp.Compare(r.Reason, o.Reason))
}
