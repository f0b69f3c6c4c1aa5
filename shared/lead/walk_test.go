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

// policies are versions that a company may go back and forth between while
// leads are on their way.
func policies(t *testing.T) []*lead.Core {
	t.Helper()
	reps := func(from, to int) func(p *policy.Policy) {
		return func(p *policy.Policy) {
			pool := p.Routing.Pools["sales"]
			pool.Reps = pool.Reps[from:to]
			p.Routing.Pools["sales"] = pool
		}
	}
	return []*lead.Core{
		newCore(t, nil),
		newCore(t, allOff),
		newCore(t, reps(0, 2)),
		newCore(t, reps(2, 3)),
		newCore(t, reps(0, 0)),
		newCore(t, func(p *policy.Policy) { p.Escalation.MaxReps = 1; p.Escalation.Accept = nil }),
		newCore(t, func(p *policy.Policy) { p.Engagement.Rules = p.Engagement.Rules[1:] }),
		newCore(t, func(p *policy.Policy) {
			p.SLA.FirstContact.Within = policy.Duration(time.Minute)
		}),
	}
}

// walk lets random things happen to one lead.
func (s *story) walk(rt *rapid.T, cores []*lead.Core) time.Time {
	now := monday
	s.hear(now, demo("0", now))
	for i := range rapid.IntRange(1, 30).Draw(rt, "steps") {
		now = now.Add(time.Duration(rapid.IntRange(0, 40*60).Draw(rt, "seconds")) * time.Second)
		switch rapid.IntRange(0, 6).Draw(rt, "step") {
		case 0:
			s.core = rapid.SampledFrom(cores).Draw(rt, "policy")
		case 1:
			for n := range rapid.IntRange(1, 40).Draw(rt, "visits") {
				s.hear(now, visit(fmt.Sprintf("%d.%d", i, n), now.Add(-time.Duration(n)*time.Minute)))
			}
		case 2, 3:
			s.answerSomething(rt, now)
		default:
			s.decide(now)
		}
	}
	return now
}

// answerSomething has a rep answer; the answer may be stored and delivered later.
func (s *story) answerSomething(rt *rapid.T, now time.Time) {
	if s.lead.Journey.Handoff == nil {
		return
	}
	kind := rapid.SampledFrom([]signal.Type{signal.RepAccepted, signal.RepRejected, signal.RepRejected, signal.RepContacted}).Draw(rt, "answer")
	a := answer(kind, s.lead, now.Add(-time.Duration(rapid.IntRange(0, 50).Draw(rt, "late"))*time.Minute))
	s.store(a)
	if rapid.Bool().Draw(rt, "delivered") {
		s.decide(now, a)
	}
}

// Whatever happens to a lead and to the policy, decisions come to an end, at
// most one rep is asked at a time, and every deadline gets one verdict.
func TestNoWalkLeadsAstray(t *testing.T) {
	cores := policies(t)
	rapid.Check(t, func(rt *rapid.T) {
		s := &story{t: t, core: cores[0], pools: map[string]routing.Pool{}}
		now := s.walk(rt, cores)
		if holder, n := s.lead.Journey.Holder(), s.running(lead.AcceptClock); n > 1 || (n == 1 && (holder == nil || holder.Answer != lead.AnswerNone)) {
			rt.Fatalf("%d clocks to accept run, holder %+v", n, holder)
		}
		for range 90 {
			now = now.Add(8 * time.Hour)
			s.decide(now)
		}
		s.atRest(rt)
		s.openMatches(rt)
	})
}

// atRest checks that nothing is left to do, and that every clock has its verdict.
func (s *story) atRest(rt *rapid.T) {
	j := s.lead.Journey
	if at, due := s.lead.NextDue(); due {
		rt.Fatalf("something is left to do at %s: %+v", at, j)
	}
	if held := s.pools["sales"].Held; (held == 1) != (j.Held != nil) || held > 1 || (j.Held != nil && j.Holder() != nil) {
		rt.Fatalf("%d held, lead held %t, holder %+v", held, j.Held != nil, j.Holder())
	}
	told := map[string]int{}
	for _, e := range s.log {
		told[string(e.Type)]++
	}
	if told["clock.started"] != told["clock.met"]+told["clock.breached"]+told["clock.stopped"] {
		rt.Fatalf("events %v", told)
	}
}

// openMatches checks that the pools count the lead as open with its holder alone.
func (s *story) openMatches(rt *rapid.T) {
	open := map[string]int64{}
	for _, p := range s.pools {
		for id, r := range p.Reps {
			open[id] += r.Open[""]
		}
	}
	h := s.lead.Journey.Holder()
	for id, n := range open {
		want := int64(0)
		if h != nil && h.Rep == id && len(h.Counted) > 0 {
			want = 1
		}
		if n != want {
			rt.Fatalf("%s has %d open leads, want %d; holder %+v", id, n, want, h)
		}
	}
}

// running counts the running clocks of a kind.
func (s *story) running(kind lead.ClockKind) (n int) {
	for _, c := range s.lead.Journey.Clocks {
		if c.Kind == kind && c.State == lead.Running {
			n++
		}
	}
	return n
}
