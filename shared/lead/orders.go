package lead

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/handoff-oss/handoff/shared/contract"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/scoring"
	"github.com/handoff-oss/handoff/shared/signal"
)

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// order carries out what somebody in charge says. One that comes too late, or
// that cannot be carried out, changes nothing and stands in the log with why.
func (d *draft) order(s signal.Signal) {
	orders := &d.lead.Journey.Orders
	if !s.Type.Ordered() || s.Source != Operator || isJoin(s) || d.lead.Journey.HasHeard(s) {
		return
	}
	orders.Heard = orders.Heard.add(s)
	o := orderOf(s)
	o.By = cmp.Or(o.By, "somebody in charge")
	d.by = o.By
	defer func() { d.by = "" }()
	why := d.lead.Journey.Refuses(o)
	if d.isStale(s) {
		why = d.since(o, s)
	}
	if why == "" {
		why = d.carryOut(o)
	}
	switch {
	case why != "":
		d.ignore(o, why)
	case o.Type != signal.OrderRemind:
		orders.Count++
		orders.Last = &Carried{Type: o.Type, By: o.By, At: o.At, Handoff: d.lead.Journey.About()}
	}
}

// isStale tells whether the lead is not as it was when the order was given:
// another handoff, with somebody or not, or another order was carried out. What
// an order does not say is not compared.
func (d *draft) isStale(s signal.Signal) bool {
	j, a := &d.lead.Journey, s.Attributes
	about, _ := strconv.Atoi(a[signal.AttrHandoff])
	after, err := strconv.Atoi(a[signal.AttrAfter])
	stage := Stage(a[signal.AttrStage])
	return about != j.About() || (err == nil && after != j.Orders.Count) || (stage != "" && !j.SameHands(stage))
}

// side is whose a lead is in a stage: the same for stages between which it moves
// without leaving anybody's hands.
func side(s Stage) Stage {
	switch s { //nolint:exhaustive // The others stand for themselves.
	case Engaged:
		return Known
	case Accepted, Contacted:
		return HandedOff
	}
	return s
}

// carryOut does what an order says. It returns why it cannot, "" when it did.
func (d *draft) carryOut(o Order) (whyNot string) {
	j := &d.lead.Journey
	switch o.Type { //nolint:exhaustive // The others are no orders.
	case signal.OrderReassign:
		return d.orderedOn(o)
	case signal.OrderTakeBack:
		d.takeBack(o)
	case signal.OrderHold:
		d.holdBack(o)
	case signal.OrderRecycle:
		d.takeFrom(o)
		d.recycle(o.Reason, o.Until)
		j.Dropped = nil
	case signal.OrderDisqualify:
		d.takeFrom(o)
		d.disqualify(o.Reason)
		j.Dropped = nil
	case signal.OrderHandoff:
		return d.byWord(o)
	case signal.OrderConfirm:
		return d.confirm(o)
	case signal.OrderDecline:
		d.decline(o)
	case signal.OrderRemind:
		j.Handoff.Reminded = o.At
		d.tell(contract.LeadReminded, "The holder is reminded: "+o.Reason, contract.Detail{
			Handoff: d.handoffRef(), Reason: o.Reason, Clock: d.nextClock(),
		})
	}
	return ""
}

// nextClock names the running clock of the lead that is due first, nil for none.
func (d *draft) nextClock() *contract.ClockRef {
	var next *Clock
	for i := range d.lead.Journey.Clocks {
		c := &d.lead.Journey.Clocks[i]
		if c.State == Running && d.counts(*c) && (next == nil || c.DueAt.Before(next.DueAt)) {
			next = c
		}
	}
	if next == nil {
		return nil
	}
	return next.ref()
}

// orderedOn gives a lead that somebody has, or had, or that is held to the rep
// who is named, or to whom the rules choose.
func (d *draft) orderedOn(o Order) (whyNot string) {
	j := &d.lead.Journey
	switch {
	case o.To != "":
		if whyNot = d.unknown(o.To); whyNot == "" {
			d.takeFrom(o)
			d.giveTo(o.To, "by order", o.Reason)
		}
		return whyNot
	case j.Held != nil && !j.Held.Until.IsZero():
		d.world.Offer = true // it is its turn
		d.endHold()
		return ""
	case j.Held != nil:
		d.world.Offer = true
		if d.offer(j.Held.clone()); j.Held != nil {
			return "nobody can receive the lead now, so it goes on waiting"
		}
		return ""
	}
	return d.passOnBy(o)
}

// passOnBy gives the lead to another rep than who has or had it. When nobody
// else can take it, it stays where it is.
func (d *draft) passOnBy(o Order) (whyNot string) {
	holder, old := d.lead.Journey.Holder(), d.lead.Journey.Handoff
	next := old.next()
	pools, company, counted := maps.Clone(d.pools), d.account, old.Counted
	d.release(old)
	r := d.find(next, "")
	switch {
	case d.needs.Any():
	case r.found:
		d.takeFrom(o)
		d.reassign(next, r, o.Reason)
	case holder != nil:
		d.pools, d.account, old.Counted = pools, company, counted
		return "nobody else can take the lead now, so it stays where it is"
	case r.nobody:
		return "nobody is left to give the lead to: name a rep"
	default:
		d.enter(Qualified)
		d.hold(next, r)
	}
	return ""
}

// unknown says that no pool has a rep, "" when one does, and while the roster,
// which has a say in it, must be loaded first.
func (d *draft) unknown(rep string) string {
	if d.roster() == nil {
		return ""
	}
	if _, ok := d.core.poolOf(rep, ""); !ok {
		return "no pool has a rep " + strconv.Quote(rep)
	}
	return ""
}

// takeFrom takes the lead from its holder, if somebody has it, and tells them.
// They hold it no more, and none of their clocks runs on.
func (d *draft) takeFrom(o Order) {
	h := d.lead.Journey.Holder()
	if h == nil {
		return
	}
	d.tell(contract.LeadTakenBack, "Taken back from its holder: "+o.Reason, contract.Detail{Handoff: d.handoffRef(), Reason: o.Reason})
	d.release(h)
	d.stopClocks("the lead was taken back", func(c Clock) bool { return c.Scope == HolderScope })
	h.TakenAt = o.At
}

// takeBack takes the lead from its holder, and offers it to the others by the
// rules. Until one of them can take it, it waits.
func (d *draft) takeBack(o Order) {
	old := d.lead.Journey.Handoff
	next := old.next()
	next.TakenFrom = append(next.TakenFrom, old.Rep)
	d.takeFrom(o)
	d.enter(Qualified)
	switch r := d.find(next, ""); {
	case d.needs.Any():
	case r.found:
		d.reassign(next, r, o.Reason)
	default:
		d.hold(next, r)
	}
}

// holdBack takes the lead from whoever has it, and lets it wait in the queue of
// its pool, where nobody is offered it before a time. What the customer was
// promised stays promised: their clock goes on. It takes no room in the queue:
// whoever is behind it need not wait for it.
func (d *draft) holdBack(o Order) {
	j := &d.lead.Journey
	next := j.Held.clone()
	if next == nil {
		next = j.Handoff.next()
	}
	d.takeFrom(o)
	d.unhold()
	next.Until = o.Until
	j.Held, j.Dropped = next, nil
	d.enter(Qualified)
	d.tell(contract.LeadHeld, "Held back: "+o.Reason, contract.Detail{Reason: o.Reason, Until: &o.Until})
}

// onHold tells whether nobody is to be offered a held lead at a time, by order.
func (h *Handoff) onHold(now time.Time) bool { return h != nil && now.Before(h.Until) }

// endHold offers a lead that was held back. From now on it waits like any other,
// if nobody can take it.
func (d *draft) endHold() {
	j := &d.lead.Journey
	h := j.Held.clone()
	h.Until, j.Held = time.Time{}, nil
	d.offer(h)
}

// byWord hands off a lead that did not qualify, because a person says so. What
// the rules had against it stands in the log, and stops nobody.
func (d *draft) byWord(o Order) (whyNot string) {
	if o.To != "" {
		if whyNot = d.unknown(o.To); whyNot != "" {
			return whyNot
		}
	}
	if d.lead.Journey.Incomplete != nil {
		d.asItIs(o)
		return ""
	}
	result, err := scoring.Evaluate(d.core.policy, d.lead.Facts, d.now)
	d.fail(err)
	h := d.wordOf(o, result)
	despite := d.against(result)
	d.lead.Journey.RecycledUntil = time.Time{}
	d.enter(Qualified)
	d.tell(contract.LeadQualified, capital(h.Reason), contract.Detail{Reason: h.Reason, Parts: h.Parts, Despite: despite})
	company, _ := d.company()
	h.Tier, err = d.core.policy.Tier(d.env(h, company.Account))
	d.fail(err)
	if o.To != "" {
		d.give(h, o.To, "by order", h.Reason)
	} else {
		d.offer(h)
	}
	d.startClock(Clock{Kind: FirstContactClock, Scope: CustomerScope}, d.core.policy.TierClocks(h.Tier).FirstContact, h.Waits)
	return ""
}

// wordOf begins the handoff of a lead by a person's word.
func (d *draft) wordOf(o Order, r scoring.Result) *Handoff {
	h := &Handoff{
		Number: 1, Reason: "handed off by " + o.By + ": " + o.Reason, Parts: explanation(r), Waits: o.At,
		Source: Operator, Request: r.Qualification.Request, AsIs: true,
	}
	if old := d.lead.Journey.Handoff; old != nil {
		h.Number, h.HadBy = old.Number+1, slices.Clone(old.HadBy)
	}
	return h
}

// against lists what the rules have against a lead, in words.
func (d *draft) against(r scoring.Result) string {
	var all []string
	switch d.lead.Journey.Reached() { //nolint:exhaustive // The others are on the way.
	case Disqualified:
		all = append(all, "was disqualified")
	case Recycled:
		all = append(all, "was in nurture until "+d.lead.Journey.RecycledUntil.UTC().Format(time.DateOnly))
	}
	for _, b := range r.Qualification.Blockers {
		all = append(all, b.Reason)
	}
	if lacking := policy.Lacking(d.lacks(&Handoff{})); lacking != "" {
		all = append(all, lacking)
	}
	return strings.Join(all, "; ")
}

// ignore says in the log that an order changed nothing: who wanted what, and why.
func (d *draft) ignore(o Order, why string) {
	ref := &contract.OrderRef{Type: string(o.Type), To: o.To, Reason: o.Reason}
	if !o.Until.IsZero() {
		ref.Until = &o.Until
	}
	d.tell(contract.OrderIgnored, fmt.Sprintf("%s wanted %s, and nothing changed: %s", o.By, d.core.wish(o), why), contract.Detail{
		Handoff: d.handoffRef(), Reason: why, Order: ref,
	})
}

// giveTo hands the lead to a rep who was named, by a person or a CRM.
func (d *draft) giveTo(rep, by, why string) {
	next := d.lead.Journey.Held.clone()
	if i := d.lead.Journey.Incomplete; i != nil {
		next = i.Handoff.clone()
	}
	if next == nil {
		next = d.lead.Journey.Handoff.next()
	}
	d.give(next, rep, by, why)
}

// give makes a rep who was named the holder. Caps and hours are for our own
// choices; a lead that comes so still counts as open.
func (d *draft) give(next *Handoff, rep, by, why string) {
	if d.roster() == nil {
		return
	}
	name, ok := d.core.poolOf(rep, next.Pool)
	if !ok {
		return
	}
	d.release(d.lead.Journey.Handoff)
	state, ok := d.pool(name)
	if !ok {
		return
	}
	pool := d.core.policy.Routing.Pools[name]
	company, _ := d.company()
	concerns, err := d.core.policy.Concerns(d.env(next, company.Account))
	d.fail(err)
	r := found{found: true, pool: name, by: by}
	r.choice.Rep, _ = pool.Rep(rep) // poolOf has found them there
	r.choice.From = d.now
	r.choice.State, r.choice.Counted = state.Take(pool, rep, concerns)
	d.route = []RouteStep{{By: by, Pool: name, Why: why}}
	d.reassign(next, r, why)
}
