// Package answer is what a rep may say about a lead that they hold, whichever
// way they say it: by a link in a message, by a button, or on their own pages.
// It knows what each answer asks for, what the policy allows, what came first,
// and how an answer is stored so that it counts once. It knows neither links
// nor sessions, which prove who answers, and decides nothing that follows.
package answer

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/inbox"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/link"
	"github.com/handoff-oss/handoff/shared/signal"
	"github.com/handoff-oss/handoff/shared/table"
)

// Source is the source of the signals that answers become.
const Source = lead.Respond

// Limits bound what happens before a reply.
type Limits struct{ Read, Put, Park time.Duration }

// Patient are the limits for a browser.
func Patient() Limits {
	return Limits{Read: 2 * time.Second, Put: 2 * time.Second, Park: 2 * time.Second}
}

// State is what became of an answer, or what can become of it.
type State string

// The states of an answer.
const (
	Open         State = "open"           // it can be given; nothing was changed
	Recorded     State = "recorded"       // it was stored
	Parked       State = "parked"         // it waits on the queue
	Done         State = "done"           // the same was answered before
	Contrary     State = "answered"       // something else was answered before that rules it out
	Moved        State = "moved"          // the lead is not this holder's any more
	LimitReached State = "limit_reached"  // the rep has rejected all that a day allows
	PausesUsedUp State = "pauses_used_up" // the handoff was paused as often as the policy allows
	NoPauses     State = "no_pauses"      // the policy allows none
	Gone         State = "lead_gone"      //
	Invalid      State = "invalid"        // the form lacks something
	Unavailable  State = "unavailable"    //
	Failed       State = "failed"         //
)

// Status is the HTTP status of a state.
func (s State) Status() int {
	switch s {
	case Open, Done, Recorded:
		return http.StatusOK
	case Parked:
		return http.StatusAccepted
	case Moved, Contrary, LimitReached, PausesUsedUp, NoPauses:
		return http.StatusConflict
	case Gone:
		return http.StatusGone
	case Invalid:
		return http.StatusUnprocessableEntity
	case Unavailable:
		return http.StatusServiceUnavailable
	case Failed:
	}
	return http.StatusInternalServerError
}

// Result is what became of an answer, or what can become of it.
type Result struct {
	State   State
	Claims  link.Claims
	Lead    *lead.Lead // set when the rep of the claims may see it now
	Terms   Terms
	Left    int64          // of a rejection: how many more a day allows; below zero: no limit
	Signal  *signal.Signal // what was stored or parked
	Form    Form           // what was posted, when it lacks something
	Problem Problem        // what the form lacks
	Err     error          // for the log

	given given
}

// Answered tells whether the answer is recorded.
func (r Result) Answered() bool { return r.State == Recorded || r.State == Done }

// Desk receives the answers.
type Desk struct {
	Table  *table.Table
	Park   func(ctx context.Context, bodies ...string) error       // sends messages to the park queue
	Policy func(ctx context.Context, now time.Time) (*Book, error) // as Current returns it
	Limits Limits
}

// Act stores the answer of an open result as a signal, or parks it while the
// table is away. What else came in the meantime is in the result.
func (d Desk) Act(ctx context.Context, res Result, f Form, now time.Time) Result {
	s, lacks := answering{claims: res.Claims, form: f, terms: res.Terms, lead: res.Lead, now: now}.signal()
	if lacks.Text != "" {
		res.State, res.Form, res.Problem = Invalid, f, lacks
		return res
	}
	res.Signal = &s
	stored, err := d.put(ctx, res, s)
	for try := 1; try < mostTries && err != nil && fault.KindOf(err) == fault.Conflict; try++ {
		seen := d.Look(ctx, res.Claims, now)
		if seen.State != Open && seen.State != Unavailable {
			return seen
		}
		res.Lead, res.given = seen.Lead, seen.given
		stored, err = d.put(ctx, res, s)
	}
	switch {
	case err == nil && stored:
		res.State = Recorded
		res.given.add(res.Claims.Purpose)
	case err == nil:
		res.State = Done
	default:
		res.State, res.Err = Parked, err
		if err := d.hold(ctx, res.Claims.Lead, s); err != nil {
			res.State, res.Err = Unavailable, err
		}
	}
	return res
}

// mostTries is how often an answer is stored while the lead changes, or others
// answer. Then it is parked, and the core says what came first.
const mostTries = 5

// put stores the answer. All but a comment depend on what the lead is: whoever
// else changes it in the same moment hears the answer, or it hears them.
func (d Desk) put(ctx context.Context, res Result, s signal.Signal) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, d.Limits.Put)
	defer cancel()
	if res.Lead == nil || res.Claims.Purpose == link.Comment {
		return d.Table.PutSignalFor(ctx, res.Claims.Lead, s)
	}
	return d.Table.PutAnswer(ctx, res.Lead, s, ruledOut(res))
}

// ruledOut are the ids of the answers that exclude the one that is given,
// whichever comes first: two people, or two clicks, may answer in the same moment.
func ruledOut(res Result) []string {
	others := []link.Purpose{link.Reject}
	if res.Claims.Purpose == link.Reject {
		others = []link.Purpose{link.Accept, link.Contacted, link.Meeting, link.Snooze, link.Feedback}
	}
	ids := make([]string, len(others))
	for i, p := range others {
		ids[i] = SignalID(link.Claims{Handoff: res.Claims.Handoff, Purpose: p, Nth: nth(p, res.Lead.Journey.Handoff, res.given)})
	}
	return ids
}

// hold parks the answer, to be stored when the table is back.
func (d Desk) hold(ctx context.Context, key signal.LeadKey, s signal.Signal) error {
	ctx, cancel := context.WithTimeout(ctx, d.Limits.Park)
	defer cancel()
	body, err := inbox.KeyedMessage(key, s)
	if err != nil {
		return err
	}
	return d.Park(ctx, body)
}

// SignalID is the same for the same answer by whatever way it comes, and so
// makes it count once.
func SignalID(c link.Claims) string {
	id := handoffPrefix(c) + string(c.Purpose)
	if c.Nth > 0 {
		id += "." + strconv.Itoa(c.Nth)
	}
	return id
}

// handoffPrefix begins the ids of all answers to a handoff.
func handoffPrefix(c link.Claims) string { return strconv.Itoa(c.Handoff) + "." }
