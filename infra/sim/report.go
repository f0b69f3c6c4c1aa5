package main

import (
	"fmt"
	"io"
	"time"

	"github.com/handoff-oss/handoff/shared/contract"
	"github.com/handoff-oss/handoff/shared/routing"
)

// report writes what came of a game.
func report(w io.Writer, p *play, rivals []rival) error {
	b := &page{}
	b.reps(p)
	b.totals(p)
	b.deadlines(p)
	b.rivals(rivals)
	b.invariants(p.checks)
	_, err := io.WriteString(w, b.text)
	return err
}

// page is text in the making.
type page struct{ text string }

func (b *page) line(format string, args ...any) { b.text += fmt.Sprintf(format, args...) + "\n" }

func (b *page) reps(p *play) {
	b.line("%-11s %-5s %6s %9s %9s %7s %8s %8s %8s", "pool", "rep", "weight", "entitled", "received", "apart", "furthest", "balance", "by order")
	for _, name := range sortedKeys(p.numbers.ledgers) {
		l, state := p.numbers.ledgers[name], p.office.Pool(name)
		for _, id := range l.reps {
			balance := float64(state.Reps[id].Balance) / float64(routing.Lead)
			b.line("%-11s %-5s %6.1f %9.2f %9.0f %+7.2f %+8.2f %+8.2f %8d",
				name, id, l.weight[id], l.entitled[id], l.received[id], l.apart(id), l.worst[id], balance, l.given[id])
		}
		b.line("%-11s nobody may ever be further apart than %.0f leads", name, l.bound())
	}
	b.line("")
}

func (b *page) totals(p *play) {
	n, c := p.numbers.events, p.checks
	waiting := 0
	for _, queue := range c.waiting {
		waiting += len(queue)
	}
	b.line("visitors %d, qualified %d, handed off %d, given to another rep %d (%d of all by a person's order)",
		n[contract.LeadCreated], n[contract.LeadQualified], n[contract.LeadHandedOff], n[contract.LeadReassigned], p.numbers.ordered)
	b.line("held %d, the longest for %s; %d still wait; %d came before an older lead of another pool's queue", c.held, c.longest.Round(time.Minute), waiting, c.overtook)
	b.line("rejected %d, recycled %d, disqualified %d, escalated %d, reminded %d, reps set offline %d",
		n[contract.LeadRejected], n[contract.LeadRecycled], n[contract.LeadDisqualified], n[contract.LeadEscalated], n[contract.ClockWarned], n[contract.RepOffline])
	b.line("")
}

func (b *page) deadlines(p *play) {
	accept, contact := p.numbers.accept, p.numbers.contact
	b.line("in business time:     median      90%%")
	b.line("  until accepted   %9s %8s", minutes(quantile(accept, 0.5)), minutes(quantile(accept, 0.9)))
	b.line("  until contacted  %9s %8s", minutes(quantile(contact, 0.5)), minutes(quantile(contact, 0.9)))
	b.line("%-24s %8s %8s %9s %14s %8s %8s", "deadlines", "started", "met", "breached", "in time after", "stopped", "met, %")
	for _, what := range promises() {
		of := func(t contract.EventType) int { return p.checks.clocks[t][what] }
		met, breached, corrected := of(contract.ClockMet), of(contract.ClockBreached), of(contract.ClockCorrected)
		share := 100 * float64(met+corrected) / float64(max(1, met+breached))
		b.line("%-24s %8d %8d %9d %14d %8d %8.1f", what, of(contract.ClockStarted), met, breached, corrected, of(contract.ClockStopped), share)
	}
	b.line("")
}

// minutes writes a number of minutes as "12m" or "3h05m".
func minutes(m float64) string {
	if m < 60 {
		return fmt.Sprintf("%.0fm", m)
	}
	return fmt.Sprintf("%dh%02dm", int(m)/60, int(m)%60)
}

func (b *page) rivals(all []rival) {
	b.line("%-26s %s", "way to choose", "furthest anybody came from their share, of the same leads")
	for _, r := range all {
		b.line("%-26s %8.2f leads", r.name, r.worst)
	}
	b.line("")
}

// invariants lists what must never happen, and of what did the first cases.
func (b *page) invariants(c *checker) {
	const most = 5
	b.line("what must never happen")
	for _, i := range invariants() {
		cases := c.broken[i]
		b.line("%6d %s", len(cases), i)
		for _, text := range cases[:min(most, len(cases))] {
			b.line("         %s", text)
		}
	}
}

// isBroken tells whether anything happened that never must.
func (c *checker) isBroken() bool {
	for _, cases := range c.broken {
		if len(cases) > 0 {
			return true
		}
	}
	return false
}
