package main

import (
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/handoff-oss/handoff/infra/sim/office"
	"github.com/handoff-oss/handoff/shared/contract"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/routing"
	"github.com/handoff-oss/handoff/shared/signal"
)

// numbers are what is reported and drawn.
type numbers struct {
	policy *policy.Policy
	reps   map[string]*rep
	start  time.Time

	ledgers map[string]*ledger // by pool
	events  map[contract.EventType]int
	offered map[signal.LeadKey]handedOver // who has which lead now
	ordered int                           // handoffs by somebody's word
	twice   int                           // decisions of two handoffs, of which one is not accounted for

	accept   []float64 // minutes of the holder's business time, until they accepted
	contact  []float64 // minutes of the team's business time, from the customer's request to the first contact
	breaches map[promise][]float64
	hourly   []sample
}

// handedOver is a handoff that is under way, and where it stands in a ledger.
type handedOver struct {
	pool string
	deal int // index in the ledger; -1 when it was given by somebody's word
}

// sample is how things stand at a full hour.
type sample struct {
	at     time.Time
	held   map[string]int     // by pool
	oldest map[string]float64 // hours that the oldest held lead has waited, by pool
	apart  map[string]float64 // received minus entitled, by rep
}

func newNumbers(p *policy.Policy, reps map[string]*rep, start time.Time, days int) *numbers {
	n := &numbers{
		policy: p, reps: reps, start: start, ledgers: map[string]*ledger{}, events: map[contract.EventType]int{},
		offered: map[signal.LeadKey]handedOver{}, breaches: map[promise][]float64{},
	}
	for name, pool := range p.Routing.Pools {
		n.ledgers[name] = newLedger(pool)
	}
	for _, of := range promises() {
		n.breaches[of] = make([]float64, days)
	}
	return n
}

// upTo takes the samples of the full hours up to t, as things stand now.
func (n *numbers) upTo(t time.Time, p *play) {
	for at := n.start.Add(time.Duration(len(n.hourly)) * time.Hour); !at.After(t) && at.Before(p.end); at = at.Add(time.Hour) {
		s := sample{at: at, held: map[string]int{}, oldest: map[string]float64{}, apart: map[string]float64{}}
		for pool, queue := range p.checks.waiting {
			s.held[pool] = len(queue)
			for _, w := range queue {
				s.oldest[pool] = max(s.oldest[pool], at.Sub(w.since).Hours())
			}
		}
		for _, l := range n.ledgers {
			for _, id := range l.reps {
				s.apart[id] = l.apart(id)
			}
		}
		n.hourly = append(n.hourly, s)
	}
}

// see takes in one event of a decision.
func (n *numbers) see(e contract.Event, d office.Decided) {
	n.events[e.Type]++
	h := d.Lead.Journey.Handoff
	switch e.Type { //nolint:exhaustive // The others are only counted.
	case contract.LeadHandedOff, contract.LeadReassigned:
		n.assigned(e, d)
	case contract.LeadRejected:
		o := n.offered[d.Lead.Key]
		n.released(d.Lead.Key, e.Time)
		if replaces(n.policy, e.Detail.Reason) && o.deal >= 0 {
			before := d.Before.Journey.Handoff
			n.ledgers[o.pool].takeBack(o.deal, before.Rep, before.Shares)
		}
	case contract.LeadRecycled, contract.LeadDisqualified:
		n.released(d.Lead.Key, e.Time)
	case contract.LeadStageChanged:
		if s := lead.Stage(e.Detail.Stage); s == lead.Won || s == lead.Lost {
			n.released(d.Lead.Key, e.Time)
		}
	case contract.LeadAccepted:
		n.accept = append(n.accept, n.reps[h.Rep].desk().Elapsed(h.Since, e.Time).Minutes())
	case contract.LeadContacted:
		if first := h.Attempts == 1 && h.Number == firstContacted(d); first {
			n.contact = append(n.contact, n.reps[h.Rep].team.Elapsed(h.Waits, e.Time).Minutes())
		}
	case contract.ClockBreached:
		if day := int(e.Detail.Clock.DueAt.Sub(n.start).Hours() / 24); day < len(n.breaches[promises()[0]]) {
			n.breaches[promiseOf(e.Detail.Clock)][day]++
		}
	}
}

// firstContacted returns the number of the handoff in which the lead was
// contacted first, -1 when that was before this decision.
func firstContacted(d office.Decided) int {
	if d.Before != nil && !d.Before.Journey.StageAt[lead.Contacted].IsZero() {
		return -1
	}
	return d.Lead.Journey.Handoff.Number
}

func replaces(p *policy.Policy, reason string) bool {
	return slices.ContainsFunc(p.Routing.Rejections.Reasons, func(r policy.Rejection) bool { return r.ID == reason && r.Replace })
}

// assigned enters a handoff in the pool's ledger.
func (n *numbers) assigned(e contract.Event, d office.Decided) {
	n.released(d.Lead.Key, e.Time)
	h := d.Lead.Journey.Handoff
	l := n.ledgers[e.Detail.Handoff.Pool]
	switch {
	case h.Number != e.Detail.Handoff.Number:
		n.twice++
	case !ours(h.By):
		n.ordered++
		l.given[h.Rep]++
		n.offered[d.Lead.Key] = handedOver{h.Pool, -1}
	default:
		n.offered[d.Lead.Key] = handedOver{h.Pool, l.deal(e.Time, h.Rep, h.Shares, couldNot(d.Log.Route))}
	}
}

// couldNot returns who of the last pool that was asked could not receive the lead,
// being away or about to be.
func couldNot(route []lead.RouteStep) func(rep string) bool {
	return func(id string) bool {
		return len(route) > 0 && slices.ContainsFunc(route[len(route)-1].Considered, func(c routing.Considered) bool {
			return c.Rep == id && (strings.HasPrefix(c.Why, "on leave") || strings.HasPrefix(c.Why, "leave from"))
		})
	}
}

// released notes when a handoff ended.
func (n *numbers) released(k signal.LeadKey, at time.Time) {
	if o, ok := n.offered[k]; ok && o.deal >= 0 {
		n.ledgers[o.pool].deals[o.deal].until = at
	}
	delete(n.offered, k)
}

// ledger is who of a pool was entitled to what, and received what.
type ledger struct {
	reps     []string // in the policy's order
	weight   map[string]float64
	keeps    bool // those who are away are entitled to their turn
	entitled map[string]float64
	received map[string]float64
	given    map[string]int     // leads that somebody gave them by name
	worst    map[string]float64 // the largest difference ever
	deals    []deal
}

// deal is one choice: who could receive the lead, who did, and until when they
// had it.
type deal struct {
	at, until time.Time // until is zero for ever
	able      []string
	chosen    string
	void      bool // it was given back, and counts for nothing
}

func newLedger(p policy.Pool) *ledger {
	l := &ledger{
		weight: map[string]float64{}, entitled: map[string]float64{}, received: map[string]float64{},
		given: map[string]int{}, worst: map[string]float64{}, keeps: p.Absence == policy.AbsenceKeep,
	}
	for _, r := range p.Reps {
		l.reps = append(l.reps, r.ID)
		l.weight[r.ID] = r.Weight
	}
	return l
}

// deal enters a choice among those who have shares. What each is entitled to
// follows from the weights; of those who are away it is what they were given.
// Without shares one alone could receive.
func (l *ledger) deal(at time.Time, chosen string, shares map[string]int64, away func(string) bool) int {
	able, rest, sum := []string{chosen}, 1.0, l.weight[chosen]
	for _, id := range l.reps {
		switch {
		case id == chosen || shares[id] == 0:
		case l.keeps && away(id):
			part := float64(shares[id]) / float64(routing.Lead)
			l.entitled[id] += part
			rest -= part
		default:
			able = append(able, id)
			sum += l.weight[id]
		}
	}
	for _, id := range able {
		l.entitled[id] += rest * l.weight[id] / sum
	}
	l.received[chosen]++
	l.note()
	slices.SortFunc(able, func(a, b string) int { return slices.Index(l.reps, a) - slices.Index(l.reps, b) })
	l.deals = append(l.deals, deal{at: at, able: able, chosen: chosen})
	return len(l.deals) - 1
}

// takeBack makes a lead count for nothing that its receiver gave back.
func (l *ledger) takeBack(deal int, rep string, shares map[string]int64) {
	l.deals[deal].void = true
	l.received[rep]--
	if len(shares) == 0 {
		l.entitled[rep]--
	}
	for id, part := range shares {
		l.entitled[id] -= float64(part) / float64(routing.Lead)
	}
	l.note()
}

// apart returns what a rep received more than they were entitled to.
func (l *ledger) apart(id string) float64 { return l.received[id] - l.entitled[id] }

func (l *ledger) note() {
	for _, id := range l.reps {
		if x := l.apart(id); math.Abs(x) > math.Abs(l.worst[id]) {
			l.worst[id] = x
		}
	}
}

// bound is how far apart a rep may be: one less than the pool has reps, and one
// more where those away keep their turn.
func (l *ledger) bound() float64 {
	if l.keeps {
		return float64(len(l.reps))
	}
	return float64(len(l.reps) - 1)
}

// quantile returns the value below which a share of the values lies; 0 for none.
func quantile(values []float64, share float64) float64 {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(values))
	return sorted[min(len(sorted)-1, int(share*float64(len(sorted))))]
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// handedOff returns how many leads were handed off so far.
func (p *play) handedOff() int { return p.numbers.events[contract.LeadHandedOff] }
