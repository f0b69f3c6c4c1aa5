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

// Time limits of what happens before a reply.
const (
	readTimeout = 2 * time.Second
	putTimeout  = 2 * time.Second
	parkTimeout = 2 * time.Second
)

// nextLink is how long the link to the next step works at least.
const nextLink = 7 * 24 * time.Hour

// state is what became of a request, or what a page shows.
type state string

const (
	stateAsk         state = "open"         // the link can act; nothing was changed
	stateRecorded    state = "recorded"     // this request acted
	stateParked      state = "parked"       // this request acted; the answer waits on the queue
	stateDone        state = "done"         // the same was answered before
	stateContrary    state = "answered"     // something else was answered before that rules it out
	stateMoved       state = "moved"        // the lead is not this holder's any more
	stateExpired     state = "link_expired" //
	stateForged      state = "link_invalid" //
	stateGone        state = "lead_gone"    //
	stateInvalid     state = "invalid"      // the form lacks something
	stateMethod      state = "method"       //
	stateUnavailable state = "unavailable"  //
	stateFailed      state = "failed"       //
)

// result is what became of a request.
type result struct {
	state   state
	claims  link.Claims
	lead    *lead.Lead // set when the rep of the link may see it now
	given   given
	next    string // token of the link to the next step
	form    form   // what was posted, when it lacks something
	problem string // what the form lacks
	err     error  // for the log
}

// answered tells whether the answer of the link is recorded.
func (r result) answered() bool { return r.state == stateRecorded || r.state == stateDone }

// isAccepted tells whether the link has accepted a lead whose first contact is
// still to come.
func (r result) isAccepted() bool {
	return r.claims.Purpose == link.Accept && r.answered() && r.lead != nil &&
		r.lead.Journey.Handoff.Answer != lead.AnswerContacted && !r.given[link.Contacted]
}

// given are the answers that were stored for a handoff, applied or not.
type given map[link.Purpose]bool

// desk receives the answers.
type desk struct {
	table *table.Table
	park  func(ctx context.Context, bodies ...string) error                   // sends messages to the park queue
	keys  func(ctx context.Context, now time.Time) (keys []string, err error) // of links
}

// answer checks the link and, on POST, acts on it once.
func (d desk) answer(ctx context.Context, r request, now time.Time) result {
	post := r.method == http.MethodPost
	if !post && r.method != http.MethodGet && r.method != http.MethodHead {
		return result{state: stateMethod}
	}
	keys, err := d.keys(ctx, now)
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
	res := d.look(ctx, claims)
	if post && res.state == stateUnavailable {
		res.state = stateAsk // the link is genuine; an answer must not wait for the table
	}
	if post && res.state == stateAsk {
		res = d.act(ctx, res, r, now)
	}
	if res.isAccepted() {
		res.next, res.err = d.nextStep(keys, claims, now)
	}
	return res
}

// look reads the lead and the answers stored so far, and says what the link can
// still do.
func (d desk) look(ctx context.Context, c link.Claims) result {
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	res := result{claims: c, given: given{}}
	l, err := d.table.Lead(ctx, c.Lead)
	if err != nil {
		return failed(res, err)
	}
	for _, p := range []link.Purpose{link.Accept, link.Reject, link.Contacted} {
		_, err := d.table.Signal(ctx, c.Lead, source, signalID(c.Handoff, p))
		if err != nil && fault.KindOf(err) != fault.NotFound {
			return failed(res, err)
		}
		res.given[p] = err == nil
	}
	if holds(c, l) {
		res.lead = l
	}
	res.state = standing(c, l, res.given)
	return res
}

// failed maps an error of the table.
func failed(res result, err error) result {
	res.err = err
	switch fault.KindOf(err) {
	case fault.NotFound:
		res.state = stateGone
	case fault.Unavailable:
		res.state = stateUnavailable
	case fault.Internal, fault.Invalid, fault.Conflict, fault.Denied:
		res.state = stateFailed
	}
	return res
}

// holds tells whether the rep of the link is the lead's holder by the handoff
// of the link.
func holds(c link.Claims, l *lead.Lead) bool {
	h := l.Journey.Holder()
	return h != nil && h.Number == c.Handoff && h.Rep == c.Rep
}

// standing says what a link can do, by the lead and by the answers that were
// stored and perhaps not applied yet.
func standing(c link.Claims, l *lead.Lead, g given) state {
	if g[c.Purpose] {
		return stateDone
	}
	if !holds(c, l) {
		return stateMoved
	}
	answer := l.Journey.Handoff.Answer
	contacted := answer == lead.AnswerContacted || g[link.Contacted]
	accepted := answer == lead.AnswerAccepted || g[link.Accept] || contacted
	switch {
	case c.Purpose == link.Accept && accepted, c.Purpose == link.Contacted && contacted:
		return stateDone
	case c.Purpose == link.Reject && accepted, g[link.Reject]:
		return stateContrary
	}
	return stateAsk
}

// act stores the answer as a signal, or parks it while the table is away.
func (d desk) act(ctx context.Context, res result, r request, now time.Time) result {
	f, err := parseForm(r)
	if err != nil {
		res.state, res.problem, res.err = stateInvalid, "What was sent cannot be read.", err
		return res
	}
	s, problem := answerSignal(res.claims, f, now)
	if problem != "" {
		res.state, res.form, res.problem = stateInvalid, f, problem
		return res
	}
	stored, err := d.put(ctx, res.claims.Lead, s)
	switch {
	case err == nil && stored:
		res.state = stateRecorded
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

func (d desk) put(ctx context.Context, key signal.LeadKey, s signal.Signal) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, putTimeout)
	defer cancel()
	return d.table.PutSignalFor(ctx, key, s)
}

// hold parks the answer, to be stored when the table is back.
func (d desk) hold(ctx context.Context, key signal.LeadKey, s signal.Signal) error {
	ctx, cancel := context.WithTimeout(ctx, parkTimeout)
	defer cancel()
	body, err := inbox.KeyedMessage(key, s)
	if err != nil {
		return err
	}
	return d.park(ctx, body)
}

// nextStep makes the link by which a rep who has accepted reports first contact.
func (d desk) nextStep(keys []string, c link.Claims, now time.Time) (string, error) {
	c.Purpose = link.Contacted
	if until := now.Add(nextLink); c.Expires.Before(until) {
		c.Expires = until
	}
	return link.Sign(keys[0], c)
}

// signalID is the same for every use of a link, and so makes it act once.
func signalID(handoff int, p link.Purpose) string { return strconv.Itoa(handoff) + "." + string(p) }
