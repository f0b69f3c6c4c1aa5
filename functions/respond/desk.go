package main

import (
	"context"
	"errors"
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

// source is the name of this function as the source of signals.
const source = "respond"

// limits bound what happens before a reply.
type limits struct{ read, put, park time.Duration }

// patient are the limits for a browser.
func patient() limits {
	return limits{read: 2 * time.Second, put: 2 * time.Second, park: 2 * time.Second}
}

// state is what became of a request, or what a page shows.
type state string

const (
	stateAsk         state = "open"           // the link can act; nothing was changed
	stateRecorded    state = "recorded"       // this request acted
	stateParked      state = "parked"         // this request acted; the answer waits on the queue
	stateDone        state = "done"           // the same was answered before
	stateContrary    state = "answered"       // something else was answered before that rules it out
	stateMoved       state = "moved"          // the lead is not this holder's any more
	stateLimit       state = "limit_reached"  // the rep has rejected all that a day allows
	stateUsedUp      state = "pauses_used_up" // the handoff was paused as often as the policy allows
	stateNoPause     state = "no_pauses"      // the policy allows none
	stateStranger    state = "not_the_holder" // somebody else pressed a button that was made for the rep
	stateExpired     state = "link_expired"   //
	stateForged      state = "link_invalid"   //
	stateGone        state = "lead_gone"      //
	stateInvalid     state = "invalid"        // the form lacks something
	stateMethod      state = "method"         //
	stateUnavailable state = "unavailable"    //
	stateFailed      state = "failed"         //
	stateIgnored     state = "ignored"        // Slack told of something that is no answer
)

// result is what became of a request.
type result struct {
	state   state
	claims  link.Claims
	lead    *lead.Lead // set when the rep of the link may see it now
	given   given
	terms   terms
	left    int64          // of purpose reject: how many more a day allows; below zero: no limit
	signal  *signal.Signal // what this request stored or parked
	steps   []step         // what the rep can do next
	form    form           // what was posted, when it lacks something
	problem problem        // what the form lacks
	err     error          // for the log
}

// answered tells whether the answer of the link is recorded.
func (r result) answered() bool { return r.state == stateRecorded || r.state == stateDone }

// desk receives the answers, by links and by buttons.
type desk struct {
	table  *table.Table
	park   func(ctx context.Context, bodies ...string) error                   // sends messages to the park queue
	keys   func(ctx context.Context, now time.Time) (keys []string, err error) // of links
	policy func(ctx context.Context, now time.Time) (*book, error)             //
	limits limits
}

// answer checks the link and, on POST, acts on it once.
func (d desk) answer(ctx context.Context, r request, now time.Time) result {
	post := r.method == http.MethodPost
	if !post && r.method != http.MethodGet && r.method != http.MethodHead {
		return result{state: stateMethod}
	}
	keys, err := d.signers(ctx, now)
	if err != nil {
		return result{state: stateUnavailable, err: err}
	}
	claims, err := link.Verify(keys, r.token, now)
	if err != nil {
		if errors.Is(err, link.ErrExpired) {
			return result{state: stateExpired, claims: claims}
		}
		return result{state: stateForged}
	}
	res := d.look(ctx, claims, now)
	if r.slack && !res.terms.isRep(r.user) {
		return stranger(res)
	}
	if post && res.state == stateUnavailable {
		res.state = stateAsk // the link is genuine; an answer must not wait for the table
	}
	if post && res.state == stateAsk {
		res = d.act(ctx, res, r, now)
	}
	if res.answered() {
		steps, err := nextSteps(keys[0], res, now)
		res.steps, res.err = steps, errors.Join(res.err, err)
	}
	return res
}

// stranger is the result for a button that somebody else pressed, or of whom
// nobody can say now whether they may.
func stranger(res result) result {
	out := result{state: stateStranger, claims: res.claims, err: res.err}
	if res.terms.book == nil {
		out.state = stateUnavailable
	}
	return out
}

func (d desk) signers(ctx context.Context, now time.Time) ([]string, error) {
	ctx, cancel := context.WithTimeout(ctx, d.limits.read)
	defer cancel()
	keys, err := d.keys(ctx, now)
	if err == nil && len(keys) == 0 {
		err = fault.New(fault.Unavailable, "there is no key for links")
	}
	return keys, err
}

// act stores the answer as a signal, or parks it while the table is away.
func (d desk) act(ctx context.Context, res result, r request, now time.Time) result {
	f, err := parseForm(r)
	if err != nil {
		res.state, res.problem, res.err = stateInvalid, problem{text: "What was sent cannot be read."}, err
		return res
	}
	s, lacks := answering{claims: res.claims, form: f, terms: res.terms, lead: res.lead, now: now}.signal()
	if lacks.text != "" {
		res.state, res.form, res.problem = stateInvalid, f, lacks
		return res
	}
	res.signal = &s
	stored, err := d.put(ctx, res, s)
	for try := 1; try < mostTries && err != nil && fault.KindOf(err) == fault.Conflict; try++ {
		if seen := d.look(ctx, res.claims, now); seen.state != stateAsk && seen.state != stateUnavailable {
			return seen
		}
		stored, err = d.put(ctx, res, s)
	}
	switch {
	case err == nil && stored:
		res.state = stateRecorded
		res.given.add(res.claims.Purpose)
	case err == nil:
		res.state = stateDone
	default:
		res.state, res.err = stateParked, err
		if err := d.hold(ctx, res.claims.Lead, s); err != nil {
			res.state, res.err = stateUnavailable, err
		}
	}
	return res
}

// mostTries is how often an answer is stored while others to the same handoff
// come in the same moment. Then it is parked, and the core says which was first.
const mostTries = 5

func (d desk) put(ctx context.Context, res result, s signal.Signal) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, d.limits.put)
	defer cancel()
	return d.table.PutAnswer(ctx, res.claims.Lead, s, ruledOut(res))
}

// ruledOut are the ids of the answers that exclude the one of a link, whichever
// comes first: two people, or two clicks, may answer in the same moment.
func ruledOut(res result) []string {
	others := []link.Purpose{link.Reject}
	switch res.claims.Purpose {
	case link.Comment:
		return nil
	case link.Reject:
		others = []link.Purpose{link.Accept, link.Contacted, link.Meeting, link.Snooze, link.Feedback}
	case link.Accept, link.Contacted, link.Meeting, link.Snooze, link.Feedback:
	}
	ids := make([]string, len(others))
	for i, p := range others {
		c := link.Claims{Handoff: res.claims.Handoff, Purpose: p}
		if res.lead != nil {
			c.Nth = nth(p, res.lead.Journey.Handoff, res.given)
		}
		ids[i] = signalID(c)
	}
	return ids
}

// hold parks the answer, to be stored when the table is back.
func (d desk) hold(ctx context.Context, key signal.LeadKey, s signal.Signal) error {
	ctx, cancel := context.WithTimeout(ctx, d.limits.park)
	defer cancel()
	body, err := inbox.KeyedMessage(key, s)
	if err != nil {
		return err
	}
	return d.park(ctx, body)
}

// signalID is the same for every use of a link, and so makes it act once.
func signalID(c link.Claims) string {
	id := handoffPrefix(c) + string(c.Purpose)
	if c.Nth > 0 {
		id += "." + strconv.Itoa(c.Nth)
	}
	return id
}

// handoffPrefix begins the ids of all answers to a handoff.
func handoffPrefix(c link.Claims) string { return strconv.Itoa(c.Handoff) + "." }
