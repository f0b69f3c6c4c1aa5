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
	going := map[lead.ClockKind]int{}
	for _, k := range p.office.Leads() {
		for _, c := range p.office.Lead(k).Journey.Clocks {
			if c.State == lead.Running || c.State == lead.Paused {
				going[c.Kind]++
			}
		}
	}
	n := p.checks.clocks
	for _, kind := range clockKinds() {
		started := n[contract.ClockStarted][kind]
		ended := n[contract.ClockMet][kind] + n[contract.ClockBreached][kind] + n[contract.ClockStopped][kind]
		if started != ended+going[kind] {
			p.checks.breaks(wrongVerdict, p.now(), "%s: %d started, %d ended, %d go on", kind, started, ended, going[kind])
		}
	}
}

func clockKinds() []lead.ClockKind {
	return []lead.ClockKind{lead.AcceptClock, lead.FirstContactClock, lead.FollowUpClock, lead.FeedbackClock}
}
