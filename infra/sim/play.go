package main

import (
	"cmp"
	"container/heap"
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"time"

	"github.com/handoff-oss/handoff/infra/sim/office"
	"github.com/handoff-oss/handoff/shared/contract"
	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/signal"
)

// game is what is played: how long, with how many visitors, by which dice.
type game struct {
	seed     uint64
	days     int
	visitors int
	// promised is the policy that the checks hold the office to; nil is the one in force.
	promised *policy.Policy
	progress func(day int, p *play) // called once a day; may be nil
}

// begin is when every game begins: a Monday. Europe and America put their
// clocks back in its course, one after the other.
func begin() time.Time { return time.Date(2026, 10, 5, 0, 0, 0, 0, time.UTC) }

// play is a game in progress.
type play struct {
	rng    *rand.Rand
	policy *policy.Policy
	office *office.Office
	reps   map[string]*rep
	people map[signal.LeadKey]*visitor
	todo   todo
	end    time.Time

	news    []office.Decided // decided since they were last looked at
	checks  *checker
	numbers *numbers
	nth     map[string]int // of the answers that may be given several times
	crm     int            // ids given by the CRM so far
}

// run plays a game to its end, and then until everything is settled that the
// last day left open for a while.
func run(g game) (*play, error) {
	p, err := loadCompany()
	if err != nil {
		return nil, err
	}
	return runUnder(p, g)
}

func runUnder(inForce *policy.Policy, g game) (*play, error) {
	start := begin()
	o, err := office.New(inForce, start)
	if err != nil {
		return nil, err
	}
	reps, err := staff(inForce)
	if err != nil {
		return nil, err
	}
	promised := g.promised
	if promised == nil {
		promised = inForce
	}
	p := &play{
		rng:    rand.New(rand.NewPCG(g.seed, 1)), //nolint:gosec // a game needs no secrecy
		policy: inForce, office: o, reps: reps, people: map[signal.LeadKey]*visitor{}, end: start.AddDate(0, 0, g.days),
		nth: map[string]int{},
	}
	p.checks, p.numbers = newChecker(promised, reps), newNumbers(promised, reps, start, g.days)
	o.Watch(func(d office.Decided) { p.news = append(p.news, d) })
	p.planAbsences(start, g.days)
	for _, v := range demand(p.rng, start, g.days, g.visitors) {
		p.at(v.at, func() error { return p.visits(&v) })
	}
	for day := range g.days {
		p.at(start.AddDate(0, 0, day), func() error {
			if g.progress != nil {
				g.progress(day, p)
			}
			return nil
		})
	}
	if err := p.loop(); err != nil {
		return p, err
	}
	p.settle()
	return p, nil
}

// loop lets the next thing happen until nothing is left, or the game is over.
func (p *play) loop() error {
	for {
		at, do := p.next()
		if do == nil || at.After(p.end) {
			err := p.office.Advance(p.end)
			p.look()
			return err
		}
		p.numbers.upTo(at, p)
		if err := p.office.Advance(at); err != nil {
			return err
		}
		p.look()
		if err := do(); err != nil {
			return err
		}
		p.look()
	}
}

// next returns what comes next: a sweep, which needs nothing but time, or what
// somebody does.
func (p *play) next() (at time.Time, do func() error) {
	sweep, due := p.office.NextSweep()
	at, ok := p.todo.next()
	switch {
	case due && (!ok || !sweep.After(at)):
		return sweep, func() error { return nil }
	case ok:
		return at, func() error { return p.todo.take()() }
	}
	return at, nil
}

func (p *play) now() time.Time { return p.office.Now() }

// at has something happen at a time; at once, when it has passed.
func (p *play) at(t time.Time, do func() error) { p.todo.add(t, do) }

// look takes in what was decided: for the checks, the numbers, and those whom
// it calls on.
func (p *play) look() {
	for len(p.news) > 0 {
		d := p.news[0]
		p.news = p.news[1:]
		if d.Log == nil {
			continue
		}
		v := p.people[d.Lead.Key]
		for _, e := range d.Log.Entries {
			p.checks.see(e, d, v)
			p.numbers.see(e, d)
			p.react(e, d.Lead)
		}
	}
}

// react has people do what an event makes them do.
func (p *play) react(e contract.Event, l *lead.Lead) {
	switch e.Type { //nolint:exhaustive // Nobody acts on the others.
	case contract.LeadHandedOff, contract.LeadReassigned:
		p.receives(l.Key, *e.Detail.Handoff)
	case contract.LeadEscalated:
		if l.Journey.Holder() == nil && l.Journey.Held == nil {
			p.managerDecides(l.Key, e.Detail.Handoff)
		}
	case contract.RepOffline:
		p.switchedOff(e.Detail.Handoff.Rep)
	}
}

// visits has a visitor do what they came for. Senders deliver one in twenty
// forms twice.
func (p *play) visits(v *visitor) error {
	k, err := signal.KeyOfEmail(v.email)
	if err != nil {
		return err
	}
	p.people[k] = v
	form := p.form(v, v.form, p.now())
	if v.kind == browses {
		for i := range 2 + p.rng.IntN(5) {
			p.at(p.now().Add(p.lognormal(8*time.Hour, 1)*time.Duration(i+1)), func() error { return p.views(v, i) })
		}
	}
	if p.rng.Float64() < 0.05 {
		p.at(p.now().Add(p.lognormal(5*time.Second, 1)), func() error { return p.office.Hear(p.now(), form) })
	}
	return p.office.Hear(p.now(), form)
}

func (p *play) form(v *visitor, title string, at time.Time) signal.Signal {
	return signal.Signal{
		Source: "typeform", ID: v.email + title, Type: signal.FormSubmitted, OccurredAt: at.Add(-time.Second), ReceivedAt: at,
		Identity: signal.Identity{Email: v.email}, Lead: v.profile, Attributes: map[string]string{signal.AttrForm: title},
	}
}

// views has a visitor look at the prices.
func (p *play) views(v *visitor, nth int) error {
	return p.office.Hear(p.now(), signal.Signal{
		Source: "segment", ID: fmt.Sprintf("%s view %d", v.email, nth), Type: signal.PageViewed, OccurredAt: p.now(), ReceivedAt: p.now(),
		Identity: signal.Identity{Email: v.email}, Attributes: map[string]string{signal.AttrURL: "https://www.our-company.example/pricing"},
	})
}

// answer has a rep answer a handoff, as function respond says it.
func (p *play) answer(k signal.LeadKey, h contract.HandoffRef, t signal.Type, more map[string]string) error {
	name := fmt.Sprintf("%s %d %s", k, h.Number, t)
	n := p.nth[name]
	p.nth[name]++
	attributes := map[string]string{
		signal.AttrHandoff: strconv.Itoa(h.Number), signal.AttrRep: h.Rep, signal.AttrNth: strconv.Itoa(n),
	}
	for name, value := range more {
		attributes[name] = value
	}
	return p.office.HearOf(p.now(), k, signal.Signal{
		Source: "respond", ID: fmt.Sprintf("%d.%s.%d", h.Number, t, n), Type: t, OccurredAt: p.now(), ReceivedAt: p.now(), Attributes: attributes,
	})
}

// crmSays has the CRM report something about a lead.
func (p *play) crmSays(k signal.LeadKey, t signal.Type, occurred time.Time, attributes map[string]string) error {
	v := p.people[k]
	if v == nil {
		return fault.New(fault.Internal, "nobody knows the person of lead %s", k)
	}
	p.crm++
	return p.office.Hear(p.now(), signal.Signal{
		Source: "hubspot", ID: strconv.Itoa(p.crm), Type: t, OccurredAt: occurred, ReceivedAt: p.now(),
		Identity: signal.Identity{Email: v.email}, Attributes: attributes,
	})
}

// lognormal draws a duration with a median; the wider, the longer the tail.
func (p *play) lognormal(median time.Duration, width float64) time.Duration {
	return time.Duration(float64(median) * math.Exp(width*p.rng.NormFloat64())).Truncate(time.Millisecond)
}

// todo is what is going to happen, earliest first; of the same time, what was
// thought of first.
type todo struct {
	heap  deeds
	count int
}

type deed struct {
	at    time.Time
	order int
	do    func() error
}

func (t *todo) add(at time.Time, do func() error) {
	t.count++
	heap.Push(&t.heap, deed{at, t.count, do})
}

func (t *todo) next() (time.Time, bool) {
	if len(t.heap) == 0 {
		return time.Time{}, false
	}
	return t.heap[0].at, true
}

func (t *todo) take() func() error {
	d, _ := heap.Pop(&t.heap).(deed)
	return d.do
}

type deeds []deed

func (d deeds) Len() int      { return len(d) }
func (d deeds) Swap(i, j int) { d[i], d[j] = d[j], d[i] }
func (d deeds) Less(i, j int) bool {
	return cmp.Or(d[i].at.Compare(d[j].at), cmp.Compare(d[i].order, d[j].order)) < 0
}

// Push is for package heap.
func (d *deeds) Push(x any) {
	if v, ok := x.(deed); ok {
		*d = append(*d, v)
	}
}

// Pop is for package heap.
func (d *deeds) Pop() any {
	old := *d
	last := old[len(old)-1]
	*d = old[:len(old)-1]
	return last
}
