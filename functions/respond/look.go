package main

import (
	"context"
	"strings"
	"time"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/link"
)

// given are the answers that were stored for a handoff, applied or not.
type given struct {
	times map[link.Purpose]int
	acted bool // by the very link that is looked at
}

func (g given) any(purposes ...link.Purpose) bool {
	for _, p := range purposes {
		if g.times[p] > 0 {
			return true
		}
	}
	return false
}

func (g given) add(p link.Purpose) { g.times[p]++ }

// look reads the policy, the lead and the answers stored so far, and says what
// the link can still do.
func (d desk) look(ctx context.Context, c link.Claims, now time.Time) result {
	ctx, cancel := context.WithTimeout(ctx, d.limits.read)
	defer cancel()
	res := result{claims: c, given: given{times: map[link.Purpose]int{}}, left: -1}
	pol, err := d.policy(ctx, now)
	if err != nil {
		pol, res.err = nil, err
	}
	res.terms = termsOf(pol, "", c.Rep)
	l, err := d.table.Lead(ctx, c.Lead)
	if err != nil {
		return failed(res, err)
	}
	if l.Journey.Handoff != nil {
		res.terms = termsOf(pol, l.Journey.Handoff.Pool, c.Rep)
	}
	stored, err := d.table.SignalIDs(ctx, c.Lead, source, handoffPrefix(c))
	if err != nil {
		return failed(res, err)
	}
	for _, id := range stored {
		purpose, _, _ := strings.Cut(strings.TrimPrefix(id, handoffPrefix(c)), ".")
		res.given.add(link.Purpose(purpose))
		res.given.acted = res.given.acted || id == signalID(c)
	}
	if holds(c, l) {
		res.lead = l
	}
	res.state = standing(c, l, res.given)
	return d.allowed(ctx, res, now)
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

// hasAccepted tells whether the holder has accepted, in words or by what they
// reported, applied or not.
func hasAccepted(h *lead.Handoff, g given) bool {
	return h.Answer != lead.AnswerNone || g.any(link.Accept, link.Contacted, link.Meeting, link.Snooze, link.Feedback)
}

// hasContacted tells whether the holder has been in touch with the lead.
func hasContacted(h *lead.Handoff, g given) bool {
	return h.Answer == lead.AnswerContacted || g.any(link.Contacted, link.Meeting)
}

// standing says what a link can do, by the lead and by the answers that were
// stored and perhaps not applied yet.
func standing(c link.Claims, l *lead.Lead, g given) state {
	if g.acted {
		return stateDone
	}
	if !holds(c, l) {
		return stateMoved
	}
	h := l.Journey.Handoff
	switch {
	case g.any(link.Reject), c.Purpose == link.Reject && hasAccepted(h, g):
		return stateContrary
	case c.Purpose == link.Accept && hasAccepted(h, g), isCounted(c, h):
		return stateDone
	}
	return stateAsk
}

// isCounted tells whether as many of a kind were applied as the link was made
// for, by whatever way they came.
func isCounted(c link.Claims, h *lead.Handoff) bool {
	if c.Nth < h.Next[typeOf(c.Purpose)] {
		return true
	}
	switch c.Purpose {
	case link.Contacted:
		return h.Attempts > c.Nth
	case link.Snooze:
		return h.Pauses > c.Nth
	case link.Feedback:
		return h.Outcome != ""
	case link.Accept, link.Reject, link.Meeting, link.Comment:
	}
	return false
}

// allowed holds an open link against what the policy allows.
func (d desk) allowed(ctx context.Context, res result, now time.Time) result {
	if res.state != stateAsk || (res.claims.Purpose != link.Reject && res.claims.Purpose != link.Snooze) {
		return res
	}
	t := res.terms
	if t.book == nil { // nothing can be offered; an answer is kept all the same
		res.state = stateUnavailable
		return res
	}
	if res.claims.Purpose == link.Snooze {
		used := max(res.lead.Journey.Handoff.Pauses, res.given.times[link.Snooze])
		switch {
		case !t.mayPause(0):
			res.state = stateNoPause
		case !t.mayPause(used):
			res.state = stateUsedUp
		}
		return res
	}
	most := t.book.Routing.Rejections.PerDay
	if most <= 0 {
		return res
	}
	state, err := d.table.Pool(ctx, res.lead.Journey.Handoff.Pool)
	if err != nil {
		return failed(res, err)
	}
	res.left = int64(most) - state.Rejections(res.claims.Rep, t.day(now))
	if res.left <= 0 {
		res.state = stateLimit
	}
	return res
}
