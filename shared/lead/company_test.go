package lead_test

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/routing"
	"github.com/handoff-oss/handoff/shared/signal"
)

// happen lets something happen to one of some leads of a company.
func (s *story) happen(rt *rapid.T, i int, now time.Time) {
	at := now.Add(-time.Duration(rapid.IntRange(0, 20).Draw(rt, "late")) * time.Minute)
	id := fmt.Sprint(i)
	rep := rapid.SampledFrom([]string{"", "alex", "bo", "casey", "dana"})
	switch rapid.IntRange(0, 9).Draw(rt, "what") {
	case 0:
		s.hear(now, demo("again"+id, at))
	case 1:
		s.hear(now, said(0, rapid.SampledFrom([]signal.Type{signal.DealOpened, signal.DealWon, signal.DealLost, signal.DealDeleted}).Draw(rt, "deal"), "deal", rapid.SampledFrom([]string{"7", "8"}).Draw(rt, "which"), "n", id))
	case 2:
		s.hear(now, said(0, rapid.SampledFrom([]signal.Type{signal.MeetingBooked, signal.MeetingCanceled, signal.MeetingHeld}).Draw(rt, "meeting"), "meeting", "m", "n", id))
	case 3:
		if s.lead.Journey.Handoff != nil || s.lead.Journey.Held != nil {
			s.hear(now, order(s.lead, at, rep.Draw(rt, "to")))
		}
	case 4:
		if held := s.lead.Journey.Held; held != nil && !s.lead.UpdatedAt.Before(held.Until) {
			s.offer(now)
		}
	case 5:
		s.hear(now, logged("call"+id, at))
	case 6:
		for n := range rapid.IntRange(1, 70).Draw(rt, "visits") {
			s.hear(now, visit(fmt.Sprint("v", id, ".", n), at))
		}
	case 7:
		s.answerAnything(rt, now, at)
	case 8:
		s.orderAnything(rt, now, at, rep)
	default:
		s.decide(now)
	}
}

// orderAnything has somebody in charge order something about the lead as it is,
// or as it was; the order may be stored and delivered later.
func (s *story) orderAnything(rt *rapid.T, now, at time.Time, rep *rapid.Generator[string]) {
	what := rapid.SampledFrom([]signal.Type{
		signal.OrderReassign, signal.OrderTakeBack, signal.OrderHold, signal.OrderRecycle, signal.OrderDisqualify, signal.OrderHandoff, signal.OrderRemind,
	}).Draw(rt, "order")
	until := at.Add(time.Duration(rapid.IntRange(-1, 40).Draw(rt, "hours")) * time.Hour)
	if what == signal.OrderRecycle {
		until = at.AddDate(0, 0, 60) // as long as a rep's word
	}
	o := s.wants(what, at, signal.AttrTo, rep.Draw(rt, "to"), signal.AttrUntil, until.Format(time.RFC3339))
	s.store(o)
	for range rapid.IntRange(0, 2).Draw(rt, "deliveries") {
		s.decide(now, o)
	}
}

func (s *story) answerAnything(rt *rapid.T, now, at time.Time) {
	if s.lead.Journey.Handoff == nil {
		return
	}
	kind := rapid.SampledFrom([]signal.Type{signal.RepAccepted, signal.RepRejected, signal.RepRejected, signal.RepContacted, signal.RepSnoozed, signal.RepFeedback}).Draw(rt, "answer")
	reason := rapid.SampledFrom([]string{"no_time", "not_a_fit", "too_early", "already_in_touch", "big"}).Draw(rt, "reason")
	a := saying(kind, s.lead, at, signal.AttrReason, reason, signal.AttrUntil, now.Add(26*time.Hour).Format(time.RFC3339))
	s.store(a)
	if rapid.Bool().Draw(rt, "delivered") {
		s.decide(now, a)
	}
}

// company is some leads of one company, whose reps and pools are the same.
type company []*story

// share has all of them know what one of them has changed.
func (c company) share(from *story) {
	for _, s := range c {
		s.known, s.roster = from.known, from.roster
	}
}

// tight is a policy with little room, and two pools.
func tight(p *policy.Policy) {
	twoPools(p)
	pool := p.Routing.Pools["sales"]
	pool.Caps = []policy.Cap{{Most: 2, Per: policy.CapOpen}, {Most: 3, Per: policy.CapDay}}
	p.Routing.Pools["sales"] = pool
	p.Routing.Rejections.Reasons = append(p.Routing.Rejections.Reasons, policy.Rejection{Option: policy.Option{ID: "big"}, Then: "big"})
	p.Routing.Rejections.PerDay = 2
}

// live lets random things happen to the leads, and then time pass.
func (c company) live(rt *rapid.T, cores []*lead.Core) {
	now := monday
	for _, s := range c {
		s.hear(now, demo("0", now))
		c.share(s)
	}
	for i := range rapid.IntRange(1, 40).Draw(rt, "steps") {
		now = now.Add(time.Duration(rapid.IntRange(0, 3*3600).Draw(rt, "seconds")) * time.Second)
		s := c[rapid.IntRange(0, len(c)-1).Draw(rt, "lead")]
		s.core = cores[rapid.IntRange(0, len(cores)-1).Draw(rt, "policy")]
		s.happen(rt, i, now)
		c.share(s)
		c.countedRight(rt)
	}
	for range 60 {
		now = now.Add(8 * time.Hour)
		for _, s := range c {
			s.decide(now)
			c.share(s)
		}
	}
}

// Whatever happens to the leads of a company, pools and company count as open
// exactly those that somebody holds and works on, and queues those that wait.
func TestNothingIsCountedTwiceOrForgotten(t *testing.T) {
	cores := []*lead.Core{
		newCore(t, tight),
		newCore(t, func(p *policy.Policy) { tight(p); allOff(p) }),
		newCore(t, func(p *policy.Policy) { p.Escalation.MaxReps = 2 }),
	}
	rapid.Check(t, func(rt *rapid.T) {
		c, pools := company{}, map[string]routing.Pool{}
		for range 4 {
			c = append(c, &story{t: t, core: cores[0], pools: pools})
		}
		c.live(rt, cores)
		c.countedRight(rt)
		for _, s := range c {
			s.verdicts(rt)
		}
	})
}

// countedRight compares what pools and company count with what the leads say.
func (c company) countedRight(rt *rapid.T) {
	open, held, all := map[[2]string]int64{}, map[string]int64{}, map[string]int64{}
	for _, s := range c {
		s.somewhere(rt)
		j := s.lead.Journey
		if h := j.Holder(); h != nil && len(h.Counted) > 0 {
			open[[2]string{h.Pool, h.Rep}]++
			all[h.Rep]++
		}
		if j.Held != nil && j.Held.Until.IsZero() { // held back by order it does not wait for room
			held[j.Held.Pool]++
		}
	}
	for name, p := range c[0].pools {
		if p.Held != held[name] || (p.Held == 0) != p.Reopens.IsZero() {
			rt.Fatalf("pool %s holds %d until %s, %d wait", name, p.Held, p.Reopens, held[name])
		}
		repsRight(rt, p, open)
	}
	for _, a := range c[0].known {
		if a.Owner.Open > all[a.Owner.Rep] {
			rt.Fatalf("%s has %d leads of the company, and %d at all", a.Owner.Rep, a.Owner.Open, all[a.Owner.Rep])
		}
	}
}

// repsRight compares what a pool says of its reps, by pool and rep.
func repsRight(rt *rapid.T, p routing.Pool, open map[[2]string]int64) {
	sum := int64(0)
	for id, r := range p.Reps {
		sum += r.Balance
		if want := open[[2]string{p.Name, id}]; r.Open[""] != want {
			rt.Fatalf("%s of %s has %d open, want %d", id, p.Name, r.Open[""], want)
		}
	}
	if sum != 0 {
		rt.Fatalf("the balances of %s add up to %d", p.Name, sum)
	}
}

// somewhere checks that the lead is in one place, and not forgotten.
func (s *story) somewhere(rt *rapid.T) {
	j := s.lead.Journey
	h := j.Holder()
	if j.Held != nil && h != nil {
		rt.Fatalf("held and with %s", h.Rep)
	}
	for _, c := range j.Clocks {
		if (c.State == lead.Running || c.State == lead.Paused) && c.Scope == lead.HolderScope && (h == nil || c.Handoff != h.Number) {
			rt.Fatalf("%s of handoff %d runs, holder %+v", c.Kind, c.Handoff, h)
		}
	}
	if j.Orders.Count > 0 && j.Orders.Last == nil {
		rt.Fatalf("%d orders, and no last one", j.Orders.Count)
	}
	if j.Reached() == lead.Qualified && j.Handoff == nil && j.Held == nil && j.Dropped == nil {
		rt.Fatalf("qualified, and forgotten: %+v", j)
	}
}

// verdicts checks that every clock that was started came to one end.
func (s *story) verdicts(rt *rapid.T) {
	told, running := map[string]int{}, 0
	for _, e := range s.log {
		told[string(e.Type)]++
	}
	for _, c := range s.lead.Journey.Clocks {
		if c.State == lead.Running || c.State == lead.Paused {
			running++
		}
		if c.State == lead.Stopped && c.Paused == "" && c.DueAt.Before(c.EndedAt) && c.DueAt.After(c.StartedAt) {
			rt.Fatalf("due at %s, and stopped at %s: %+v", c.DueAt, c.EndedAt, c)
		}
	}
	if told["clock.started"] != told["clock.met"]+told["clock.breached"]+told["clock.stopped"]+running || running > 0 {
		rt.Fatalf("%d run, events %v", running, told)
	}
}
