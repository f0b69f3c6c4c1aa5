package lead

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/handoff-oss/handoff/shared/account"
	"github.com/handoff-oss/handoff/shared/contract"
	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/policy/rules"
	"github.com/handoff-oss/handoff/shared/rollout"
	"github.com/handoff-oss/handoff/shared/routing"
	"github.com/handoff-oss/handoff/shared/sales"
	"github.com/handoff-oss/handoff/shared/scoring"
	"github.com/handoff-oss/handoff/shared/signal"
	"github.com/handoff-oss/handoff/shared/worktime"
)

// Core is the decision core under one version of the policy. It is safe for
// concurrent use.
type Core struct {
	policy    *rules.Compiled
	calendars map[string]*worktime.Calendar
	phases    []rollout.Step // the phases of the rollout
	over      *overlay       // shared by the cores that Over returns
	groups    account.Groups // the companies that the policy names
}

// NewCore prepares the core for a policy. Kind: Invalid when a calendar of the
// policy cannot be used.
func NewCore(c *rules.Compiled) (*Core, error) {
	core := &Core{policy: c, calendars: map[string]*worktime.Calendar{}, groups: account.NewGroups(c.Accounts)}
	core.over = &overlay{base: core}
	for name := range c.Calendars {
		cal, err := worktime.FromPolicy(c.Policy, name)
		if err != nil {
			return nil, err
		}
		core.calendars[name] = cal
	}
	if core.calendars[c.SLA.Calendar] == nil {
		return nil, fault.New(fault.Invalid, "sla.calendar %q is none of the calendars", c.SLA.Calendar)
	}
	core.phases = c.Rollout.Steps(core.calendars[c.SLA.Calendar].Zone())
	return core, nil
}

// World is what was loaded for a decision.
type World struct {
	Key  signal.LeadKey
	Lead *Lead // nil: the lead is not known
	// Identities are what stands at the items of names, as far as it was looked up.
	Identities map[signal.LeadKey]Standing
	// Ties are what the names in the signals make of the lead: see Core.Tie.
	Ties Ties
	// Parts are the stored signals of each name, by its key, as far as they were loaded.
	Parts map[signal.LeadKey][]signal.Signal
	// Snapshot is the lead, before it became part of another one, whose merge is taken back; nil: not loaded.
	Snapshot *Lead
	// Stored are all stored signals of the lead, when StoredLoaded is true.
	Stored       []signal.Signal
	StoredLoaded bool
	Pools        map[string]routing.Pool // by name, as far as they were loaded
	Roster       *routing.Roster         // nil: not loaded
	// Accounts are the companies that the lead may belong to, when AccountsLoaded is true.
	Accounts       []account.Account
	AccountsLoaded bool
	// Rollout is where the rollout stands; nil: not loaded.
	Rollout *rollout.State
	// Rebuild asks for facts made anew from all stored signals.
	Rebuild bool
	// Review asks to look at the clocks again, since a calendar or a leave has changed.
	Review bool
	// Offer asks to offer a held lead to its reps again.
	Offer bool
}

// Needs names what must be loaded before the decision can be made.
type Needs struct {
	Stored   bool
	Pool     string
	Roster   bool
	Accounts *account.Facts // like which companies are wanted
	Rollout  bool           // where the rollout stands
	// Parts are the names whose stored signals are wanted.
	Parts []signal.LeadKey
	// Snapshot names the log item that has a lead as it was before it became part of another one.
	Snapshot *LogRef
}

// LogRef names a log item.
type LogRef struct {
	Key     signal.LeadKey
	Version int64
}

// Any tells whether anything must be loaded.
func (n Needs) Any() bool {
	return n.Stored || n.Pool != "" || n.Roster || n.Accounts != nil || n.Rollout || len(n.Parts) > 0 || n.Snapshot != nil
}

// Decision is what has to be written, together or not at all. While Needs asks
// for anything the rest is not to be used.
type Decision struct {
	Needs   Needs
	Lead    *Lead            // nil: nothing changed
	Log     *LogItem         // nil: nothing to tell
	Pools   []routing.Pool   // changed ones
	Roster  *routing.Roster  // nil: unchanged
	Account *account.Account // nil: unchanged
	// Also is the other lead of a change of whose a name is.
	Also *Also
	// Points are the names whose items are to point to a lead.
	Points []Point
	// Named is true when the account has got a name or a domain to find it by.
	Named bool
	// Refused says of a held lead that nobody could take when that may change.
	Refused *Refusal
	// Broken is the first error of a policy's expression; it counted as no match.
	Broken error
}

// Also is the other of two leads that are changed together.
type Also struct {
	Lead *Lead // as it is now; nil when it has become part of the other
	Log  *LogItem
}

// Point is the item of a name that is to point to a lead.
type Point struct {
	Key signal.LeadKey
	To  signal.LeadKey
	// From is where it points now, "" when nothing stands there yet.
	From signal.LeadKey
	// Lead is the lead that stands there now, nil when none does.
	Lead *Lead
}

// Refusal says when to offer a lead again that nobody could take.
type Refusal struct {
	Reopens time.Time // zero: no time will tell
	Shut    []string  // the pools of which nobody could have taken any lead
}

// Decide folds new signals into a lead and decides what follows at now. With
// no signals it is a tick, which lets deadlines pass. It is pure: the same
// arguments give the same decision.
//
// Signals applied before change nothing. What the window of applied signals
// cannot tell, or what other rules have counted, is made anew from all stored
// signals. Before a deadline is breached, and before a step is done, all stored
// signals are looked at.
func (c *Core) Decide(w World, signals []signal.Signal, now time.Time) (Decision, error) {
	d := c.begin(w, now)
	inputs, rebuild := d.sift(signals)
	rebuild = rebuild || w.Rebuild
	offered := w.Offer && d.lead.Journey.Held != nil && !d.lead.Journey.Held.onHold(d.now)
	idle := func() bool { return len(inputs) == 0 && !rebuild && !d.due() && !offered && !w.Ties.news() }
	if idle() && !w.Review {
		return Decision{}, nil
	}
	late := d.due() || d.mayBreach()
	if (late || w.Review) && d.roster() == nil {
		return Decision{Needs: d.needs}, nil
	}
	moved := d.reviewed()
	if (rebuild || d.due() || d.mayBreach()) && !w.StoredLoaded {
		return Decision{Needs: Needs{Stored: true}}, nil
	}
	if w.StoredLoaded {
		inputs, rebuild = d.withStored(w, inputs, rebuild)
	}
	if idle() && !moved {
		return Decision{}, nil
	}
	return d.decide(w, inOrder(inputs), rebuild, offered), nil
}

// decide folds the inputs, lets time pass and moves the journey on.
func (d *draft) decide(w World, inputs []signal.Signal, rebuild, offered bool) Decision {
	d.names(w, inputs)
	d.fail(d.facts(w, inputs, rebuild))
	for _, s := range inputs {
		d.at = s.ReceivedAt
		d.resumeUntil(d.at)
		d.breachUntil(d.at)
		d.take(s)
	}
	d.at = d.now
	d.resumeUntil(d.now)
	d.lapse()
	d.breachUntil(d.now) // before a step takes the lead away, and its clocks with it
	d.step()
	d.advance(inputs, offered)
	d.progress(inputs)
	if d.needs.Any() {
		return Decision{Needs: d.needs}
	}
	if len(inputs) == 0 && len(d.events) == 0 && d.refused != nil {
		return Decision{Refused: d.refused}
	}
	return d.finish(inputs)
}

// take applies one signal to the journey.
func (d *draft) take(s signal.Signal) {
	if s.Home != "" && isAnswer(s) {
		return // it is about what another lead was, before it became part of this one
	}
	d.answer(s)
	d.sell(s)
	d.activity(s)
	d.order(s)
	d.stir(s)
}

// draft is a decision in the making.
type draft struct {
	core    *Core
	now     time.Time
	at      time.Time // what is applied now happened then, to us: the receipt of an input, or now
	isNew   bool
	lead    *Lead
	world   World
	pools   map[string]routing.Pool // changed ones
	people  *routing.Roster         // changed
	account *account.Account        // changed
	named   bool
	needs   Needs
	refused *Refusal
	route   []RouteStep
	rollout *int64 // version of the rollout's state that was decided under; nil when it did not matter
	by      string // who gave the order that is carried out
	despite string // what the lead lacks that is handed off all the same
	// promised tells that the customer's clock runs already, of a lead that waited for data.
	promised bool
	// breached are the clocks that this decision breaches.
	breached map[int]bool
	points   []Point
	quiet    bool // what is told follows from imported history alone
	events   []contract.Event
	broken   error
}

// begin copies the lead, or starts a new one. Decisions never go back in time.
func (c *Core) begin(w World, now time.Time) *draft {
	if w.Roster != nil {
		c = c.Over(*w.Roster)
	}
	d := &draft{core: c, now: now.UTC().Truncate(time.Millisecond), world: w, pools: map[string]routing.Pool{}, breached: map[int]bool{}}
	if w.Lead == nil {
		d.isNew = true
		d.lead = &Lead{
			Key: w.Key, CreatedAt: d.now, Facts: scoring.New(c.policy),
			Journey: Journey{StageAt: map[Stage]time.Time{}},
		}
		return d
	}
	l := *w.Lead
	l.Facts = w.Lead.Facts.Clone()
	l.Journey = w.Lead.Journey.clone()
	l.Members, l.Merges, l.Apart = maps.Clone(l.Members), slices.Clone(l.Merges), slices.Clone(l.Apart)
	d.lead = &l
	if d.now.Before(l.UpdatedAt) {
		d.now = l.UpdatedAt
	}
	return d
}

func (j Journey) clone() Journey {
	j.StageAt = maps.Clone(j.StageAt)
	j.Clocks = slices.Clone(j.Clocks)
	for i := range j.Clocks {
		j.Clocks[i].Did = slices.Clone(j.Clocks[i].Did)
	}
	j.Handoff, j.Held, j.Dropped = j.Handoff.clone(), j.Held.clone(), j.Dropped.clone()
	j.Enrolment, j.Own, j.Suggested, j.Incomplete = j.Enrolment.clone(), j.Own.clone(), j.Suggested.clone(), j.Incomplete.clone()
	if j.Anew != nil {
		a := *j.Anew
		j.Anew = &a
	}
	return j
}

func (h *Handoff) clone() *Handoff {
	if h == nil {
		return nil
	}
	c := *h
	c.GaveBack, c.TakenFrom = slices.Clone(h.GaveBack), slices.Clone(h.TakenFrom)
	c.HadBy, c.Counted, c.Next = slices.Clone(h.HadBy), slices.Clone(h.Counted), maps.Clone(h.Next)
	return &c
}

// roster returns what is said about reps, nil when it must be loaded first.
func (d *draft) roster() *routing.Roster {
	if d.people != nil {
		return d.people
	}
	if d.world.Roster == nil {
		d.needs.Roster = true
	}
	return d.world.Roster
}

// pool returns the state of a pool. ok is false when it must be loaded first.
func (d *draft) pool(name string) (state routing.Pool, ok bool) {
	if p, changed := d.pools[name]; changed {
		return p, true
	}
	if p, loaded := d.world.Pools[name]; loaded {
		return p, true
	}
	d.needs.Pool = name
	return routing.Pool{Name: name}, false
}

// setPool keeps the changed state of a pool. Its version grows once a decision.
func (d *draft) setPool(p routing.Pool) {
	p.Version = d.world.Pools[p.Name].Version + 1
	d.pools[p.Name] = p
}

// Under names what is known of rules and people, for leads that were offered
// under it: when it changes, they are offered anew.
func Under(v policy.Version, r routing.Roster) string { return fmt.Sprintf("%s/%d", v, r.Version) }

func (d *draft) under() string { return Under(d.core.policy.Version, *d.roster()) }

// sift returns the signals that were not applied before, each once, and
// whether the facts must be made anew.
func (d *draft) sift(signals []signal.Signal) (fresh []signal.Signal, rebuild bool) {
	rebuild = d.lead.Facts.Scoring != d.core.policy.ScoringFingerprint()
	taken := map[string]bool{}
	for _, s := range signals {
		name := signalName(s)
		if taken[name] || d.lead.Seen.has(name) {
			continue
		}
		taken[name] = true
		if d.lead.Seen.forgets(s) || !d.lead.Facts.Fits(d.core.policy, s) {
			rebuild = true
		}
		fresh = append(fresh, s)
		d.notBefore(s)
	}
	// A tick on a lead that nothing is due for is no reason to make facts anew.
	if len(fresh) == 0 && !d.due() {
		rebuild = false
	}
	return fresh, rebuild && !d.isNew
}

// notBefore lets the decision be made at the receipt of an input or later:
// another machine's clock may be ahead of ours.
func (d *draft) notBefore(s signal.Signal) {
	if s.ReceivedAt.After(d.now) {
		d.now = s.ReceivedAt
	}
}

// withStored adds the stored signals that were not applied yet, so that an
// answer in flight is heard before a verdict. What the window may have
// forgotten counts as applied, but for answers: one that was parked is stored
// long after its receipt, and answering twice changes nothing. So that it is
// not counted twice either, the facts are then made anew.
func (d *draft) withStored(w World, inputs []signal.Signal, rebuild bool) ([]signal.Signal, bool) {
	taken := map[string]bool{}
	for _, s := range inputs {
		taken[signalName(s)] = true
	}
	for _, s := range w.Stored {
		name := signalName(s)
		forgotten := d.lead.Seen.forgets(s)
		if taken[name] || d.lead.Seen.has(name) || (forgotten && !isAnswer(s)) {
			continue
		}
		rebuild = rebuild || forgotten || !d.lead.Facts.Fits(d.core.policy, s)
		inputs = append(inputs, s)
		d.notBefore(s)
	}
	return inputs, rebuild
}

// inOrder sorts the inputs by receipt.
func inOrder(inputs []signal.Signal) []signal.Signal {
	slices.SortStableFunc(inputs, func(a, b signal.Signal) int {
		return cmp.Or(a.ReceivedAt.Compare(b.ReceivedAt), cmp.Compare(signalName(a), signalName(b)))
	})
	return inputs
}

// facts folds the inputs, or makes the facts anew from everything stored.
func (d *draft) facts(w World, inputs []signal.Signal, rebuild bool) error {
	var first error
	if rebuild {
		all := union(w.Stored, inputs)
		first = d.remake(all)
		d.lead.Sales = sales.Of(without(all, inputs)) // the inputs come in their turn
		return first
	}
	for _, s := range inputs {
		if err := d.lead.Facts.Fold(d.core.policy, s); err != nil && first == nil {
			first = err
		}
		d.lead.Seen = d.lead.Seen.add(s)
	}
	d.lead.Facts.Settle(d.core.policy, d.now)
	return first
}

// remake makes all facts anew from the signals that were applied.
func (d *draft) remake(all []signal.Signal) (err error) {
	all = inOrder(all)
	d.lead.Facts, err = scoring.Of(d.core.policy, all, d.now)
	d.lead.Sales = sales.Of(all)
	d.lead.Seen = Window{}
	for _, s := range all {
		d.lead.Seen = d.lead.Seen.add(s)
	}
	return err
}

// union returns the signals of a and those of b that are not in a.
func union(a, b []signal.Signal) []signal.Signal {
	all := slices.Clone(a)
	known := map[string]bool{}
	for _, s := range a {
		known[signalName(s)] = true
	}
	for _, s := range b {
		if !known[signalName(s)] {
			all = append(all, s)
		}
	}
	return all
}

// without returns the signals that are not among the others.
func without(all, others []signal.Signal) []signal.Signal {
	names := map[string]bool{}
	for _, s := range others {
		names[signalName(s)] = true
	}
	return slices.DeleteFunc(slices.Clone(all), func(s signal.Signal) bool { return names[signalName(s)] })
}

// finish numbers the decision and its events.
func (d *draft) finish(inputs []signal.Signal) Decision {
	d.lead.Version++
	d.lead.UpdatedAt = d.now
	out := Decision{Lead: d.lead, Roster: d.people, Account: d.account, Named: d.named, Points: d.points, Refused: d.refused, Broken: d.broken}
	for _, name := range slices.Sorted(maps.Keys(d.pools)) {
		out.Pools = append(out.Pools, d.pools[name])
	}
	if len(d.events) == 0 {
		return out
	}
	names := []string{"tick"}
	if len(inputs) > 0 {
		names = names[:0]
		for _, s := range inputs {
			names = append(names, signalName(s))
		}
	}
	for i := range d.events {
		e := &d.events[i]
		e.ID = contract.EventID(string(d.lead.Key), d.lead.Version, i)
		e.Time, e.Lead, e.PolicyVersion = d.now, string(d.lead.Key), string(d.core.policy.Version)
	}
	out.Log = &LogItem{
		Key: d.lead.Key, Version: d.lead.Version, At: d.now, PolicyVersion: d.core.policy.Version,
		Inputs: names, Entries: d.events, Route: d.route, Rollout: d.rollout,
	}
	if d.world.Roster != nil {
		out.Log.RosterVersion = d.world.Roster.Version
	}
	return out
}

// tell adds an event; its identity is filled in by finish.
func (d *draft) tell(t contract.EventType, summary string, detail contract.Detail) {
	detail.Stage, detail.Quiet = string(d.lead.Journey.Stage), detail.Quiet || d.quiet
	if t.Ordered() {
		detail.By = cmp.Or(detail.By, d.by)
	}
	if t == contract.LeadHandedOff {
		detail.Despite = d.despite
	}
	d.events = append(d.events, contract.Event{Type: t, Summary: summary, Detail: detail})
}

// enter moves the lead to a stage by qualification, handoff or answer. A stage
// that a meeting or a deal made stays in front of it.
func (d *draft) enter(s Stage) {
	if j := &d.lead.Journey; j.Process == "" {
		j.Stage = s
	} else {
		j.Process = s
	}
	d.reached(s)
}

func (d *draft) reached(s Stage) {
	if _, before := d.lead.Journey.StageAt[s]; !before {
		d.lead.Journey.StageAt[s] = d.now
	}
}
