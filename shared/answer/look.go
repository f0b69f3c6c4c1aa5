package answer

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/link"
	"github.com/handoff-oss/handoff/shared/signal"
)

// given are the answers that were stored for a handoff, applied or not.
type given struct {
	times map[link.Purpose]int
	ids   []string
}

// has tells whether the very answer of the claims was stored.
func (g given) has(c link.Claims) bool { return slices.Contains(g.ids, SignalID(c)) }

func (g given) any(purposes ...link.Purpose) bool {
	for _, p := range purposes {
		if g.times[p] > 0 {
			return true
		}
	}
	return false
}

func (g given) add(p link.Purpose) { g.times[p]++ }

// Look reads the policy, the lead and the answers stored so far, and says what
// can become of the answer that claims name: of that rep, to that handoff, and
// which of several of its purpose.
func (d Desk) Look(ctx context.Context, c link.Claims, now time.Time) Result {
	ctx, cancel := context.WithTimeout(ctx, d.Limits.Read)
	defer cancel()
	res, pol := d.begin(ctx, c, now)
	l, err := d.Table.Lead(ctx, c.Lead)
	if err != nil {
		return failed(res, err)
	}
	res.Claims.Lead = l.Key // which the lead of the link may have become part of
	return d.judge(ctx, d.about(ctx, res, pol, l), l, now)
}

// Next is Look for the answer of a purpose that the rep would give next to the
// handoff that the lead is in.
func (d Desk) Next(ctx context.Context, k signal.LeadKey, rep string, p link.Purpose, now time.Time) Result {
	ctx, cancel := context.WithTimeout(ctx, d.Limits.Read)
	defer cancel()
	res, pol := d.begin(ctx, link.Claims{Lead: k, Rep: rep, Purpose: p}, now)
	l, err := d.Table.Lead(ctx, k)
	if err != nil {
		return failed(res, err)
	}
	res.Claims.Handoff = l.Journey.About()
	res = d.about(ctx, res, pol, l)
	if res.Lead != nil {
		res.Claims.Nth = nth(p, l.Journey.Handoff, res.given)
	}
	return d.judge(ctx, res, l, now)
}

// Of says what the holder of a lead that was read can say now: its Steps and
// Deadlines, and no State unless the answers so far cannot be read. book may be nil.
func (d Desk) Of(ctx context.Context, l *lead.Lead, book *Book) Result {
	res := Result{Claims: link.Claims{Lead: l.Key, Handoff: l.Journey.About()}, Left: -1, given: given{times: map[link.Purpose]int{}}}
	if h := l.Journey.Holder(); h != nil {
		res.Claims.Rep = h.Rep
	}
	return d.about(ctx, res, book, l)
}

// begin begins a result with what the policy says to the rep.
func (d Desk) begin(ctx context.Context, c link.Claims, now time.Time) (Result, *Book) {
	res := Result{Claims: c, Left: -1, given: given{times: map[link.Purpose]int{}}}
	pol, err := d.Policy(ctx, now)
	if err != nil {
		pol, res.Err = nil, err
	}
	res.Terms = TermsOf(pol, "", c.Rep)
	return res, pol
}

// about adds what is known of the lead. Its state is "" unless that failed.
func (d Desk) about(ctx context.Context, res Result, pol *Book, l *lead.Lead) Result {
	c := res.Claims
	if l.Journey.Handoff != nil {
		res.Terms = TermsOf(pol, l.Journey.Handoff.Pool, c.Rep)
	}
	ids, err := d.Table.SignalIDs(ctx, c.Lead, Source, handoffPrefix(c))
	if err != nil {
		return failed(res, err)
	}
	res.given.ids = ids
	for _, id := range ids {
		purpose, _, _ := strings.Cut(strings.TrimPrefix(id, handoffPrefix(c)), ".")
		res.given.add(link.Purpose(purpose))
	}
	if holds(c, l) {
		res.Lead = l
	}
	return res
}

// judge says what can become of the answer.
func (d Desk) judge(ctx context.Context, res Result, l *lead.Lead, now time.Time) Result {
	if res.State != "" {
		return res
	}
	res.State = standing(res.Claims, l, res.given)
	return d.allowed(ctx, res, now)
}

// Accepted tells whether the holder has accepted, in words or by what they
// reported, applied or not.
func (r Result) Accepted() bool { return r.Lead != nil && hasAccepted(r.Lead.Journey.Handoff, r.given) }

// Rejected tells whether the holder has given the lead back, which is perhaps
// not applied yet.
func (r Result) Rejected() bool { return r.given.any(link.Reject) }

// failed maps an error of the table.
func failed(res Result, err error) Result {
	res.Err = err
	switch fault.KindOf(err) {
	case fault.NotFound:
		res.State = Gone
	case fault.Unavailable:
		res.State = Unavailable
	case fault.Internal, fault.Invalid, fault.Conflict, fault.Denied:
		res.State = Failed
	}
	return res
}

// holds tells whether the rep of the claims is the lead’s holder by their handoff.
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

// standing says what can become of an answer, by the lead and by the answers that were
// stored and perhaps not applied yet.
func standing(c link.Claims, l *lead.Lead, g given) State {
	if g.has(c) {
		return Done
	}
	if !holds(c, l) {
		return Moved
	}
	h := l.Journey.Handoff
	switch {
	case g.any(link.Reject), c.Purpose == link.Reject && hasAccepted(h, g):
		return Contrary
	case c.Purpose == link.Accept && hasAccepted(h, g), isCounted(c, h):
		return Done
	}
	return Open
}

// isCounted tells whether as many of a kind were applied as the answer was made
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

// allowed holds an open answer against what the policy allows.
func (d Desk) allowed(ctx context.Context, res Result, now time.Time) Result {
	if res.State != Open || (res.Claims.Purpose != link.Reject && res.Claims.Purpose != link.Snooze) {
		return res
	}
	t := res.Terms
	if t.book == nil { // nothing can be offered; an answer is kept all the same
		res.State = Unavailable
		return res
	}
	if res.Claims.Purpose == link.Snooze {
		used := max(res.Lead.Journey.Handoff.Pauses, res.given.times[link.Snooze])
		switch {
		case !t.mayPause(0):
			res.State = NoPauses
		case !t.mayPause(used):
			res.State = PausesUsedUp
		}
		return res
	}
	most := t.book.Routing.Rejections.PerDay
	if most <= 0 {
		return res
	}
	state, err := d.Table.Pool(ctx, res.Lead.Journey.Handoff.Pool)
	if err != nil {
		return failed(res, err)
	}
	res.Left = int64(most) - state.Rejections(res.Claims.Rep, t.day(now))
	if res.Left <= 0 {
		res.State = LimitReached
	}
	return res
}
