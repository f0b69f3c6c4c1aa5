package main

import (
	"math"

	"github.com/handoff-oss/handoff/shared/contract"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/routing"
)

// settle compares, at the end of a game, what the office has written down with
// what the events said.
func (p *play) settle() {
	for _, name := range sortedKeys(p.numbers.ledgers) {
		p.settleShares(name)
		p.settleHolders(name)
	}
	p.settleClocks()
}

// settleShares checks that nobody of a pool was ever further from their share
// than the bound, and that the balances say what we counted.
func (p *play) settleShares(name string) {
	l, state := p.numbers.ledgers[name], p.office.Pool(name)
	var sum int64
	for _, id := range l.reps {
		balance := state.Reps[id].Balance
		sum += balance
		if math.Abs(l.worst[id]) > l.bound() {
			p.checks.breaks(beyondBound, p.now(), "%s was %+.2f leads from their share, more than %.0f", id, l.worst[id], l.bound())
		}
		const rounding = 0.001 // of a lead, in a million of them
		if own := -l.apart(id); math.Abs(own-float64(balance)/float64(routing.Lead)) > rounding {
			p.checks.breaks(wrongBalance, p.now(), "%s: %.4f, and the office has %s", id, own, routing.Leads(balance))
		}
	}
	if sum != 0 {
		p.checks.breaks(wrongBalance, p.now(), "those of %s add up to %d parts", name, sum)
	}
}

// settleHolders checks that the pool counts as open, and as held, what is.
func (p *play) settleHolders(name string) {
	l, state := p.numbers.ledgers[name], p.office.Pool(name)
	for _, id := range l.reps {
		if n := state.Reps[id].Open[""]; n != int64(len(p.checks.open[id])) {
			p.checks.breaks(wrongHolder, p.now(), "%s holds %d leads, and the office has %d", id, len(p.checks.open[id]), n)
		}
	}
	waiting, queued := len(p.checks.waiting[name]), len(p.office.Queue(name))
	if int64(waiting) != state.Held || waiting != queued {
		p.checks.breaks(wrongHolder, p.now(), "%d leads wait for %s; it counts %d and has queued %d", waiting, name, state.Held, queued)
	}
}

// settleClocks checks that every clock that was started was met, breached or
// stopped, once, or runs on.
func (p *play) settleClocks() {
	going := map[promise]int{}
	for _, k := range p.office.Leads() {
		for _, c := range p.office.Lead(k).Journey.Clocks {
			if c.State == lead.Running || c.State == lead.Paused {
				going[promise{c.Kind, c.Scope}]++
			}
		}
	}
	n := p.checks.clocks
	for _, of := range promises() {
		started := n[contract.ClockStarted][of]
		ended := n[contract.ClockMet][of] + n[contract.ClockBreached][of] + n[contract.ClockStopped][of]
		if started != ended+going[of] {
			p.checks.breaks(wrongVerdict, p.now(), "%s: %d started, %d ended, %d go on", of, started, ended, going[of])
		}
	}
}

// promise is what clocks stand for: the customer's first contact is another
// promise than each holder's.
type promise struct {
	kind  lead.ClockKind
	scope lead.ClockScope
}

func promiseOf(c *contract.ClockRef) promise {
	return promise{lead.ClockKind(c.Kind), lead.ClockScope(c.Scope)}
}

func promises() []promise {
	return []promise{
		{lead.AcceptClock, lead.HolderScope},
		{lead.FirstContactClock, lead.CustomerScope},
		{lead.FirstContactClock, lead.HolderScope},
		{lead.FollowUpClock, lead.HolderScope},
		{lead.FeedbackClock, lead.HolderScope},
	}
}

// String names the promise as tables and charts do.
func (p promise) String() string {
	switch p.kind {
	case lead.FirstContactClock:
		if p.scope == lead.CustomerScope {
			return "customer's first contact"
		}
		return "rep's first contact"
	case lead.FollowUpClock:
		return "next attempt"
	case lead.AcceptClock, lead.FeedbackClock:
	}
	return string(p.kind)
}
