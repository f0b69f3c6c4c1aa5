package lead

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/handoff-oss/handoff/shared/contract"
	"github.com/handoff-oss/handoff/shared/scoring"
	"github.com/handoff-oss/handoff/shared/signal"
)

// byOrder is what joins two leads that a person says to be one.
const byOrder = "order"

// isJoin tells whether an order is about whose names are whose. Tie and Join
// carry it out, before anything else is decided.
func isJoin(s signal.Signal) bool {
	return s.Source == Operator && (s.Type == signal.OrderMerge || s.Type == signal.OrderSplit)
}

// names gives the lead the names that its signals bring.
func (d *draft) names(w World, inputs []signal.Signal) {
	for i := 0; d.lead.Kind == "" && i < len(inputs); i++ {
		if names := inputs[i].Names(); len(names) > 0 && names[0].Key == d.lead.Key {
			d.lead.Kind = names[0].Kind
		}
	}
	d.lead.take(w.Ties.Members)
	for _, k := range w.Ties.Points {
		d.points = append(d.points, Point{Key: k, To: d.lead.Key})
	}
	if m := w.Ties.Adopted; m != nil {
		adopted := *m
		adopted.At = d.now
		d.lead.Merges = append(d.lead.Merges, adopted)
		d.tell(contract.LeadMerged, "Known under another address, too: "+m.Reason, contract.Detail{
			Reason: m.Reason, Merge: &contract.MergeRef{From: string(m.From), Into: string(d.lead.Key), By: m.By}, Quiet: allQuiet(inputs),
		})
	}
}

// take gives the lead more names.
func (l *Lead) take(members map[signal.LeadKey]Member) {
	if l.Members == nil && len(members) > 0 {
		l.Members = map[signal.LeadKey]Member{}
	}
	maps.Copy(l.Members, members)
}

// Join carries out a change of whose a name is. All that follows from it is
// decided anew, in a decision of its own; here leads get the facts of their
// signals, and what became part of another lead leaves sales' hands. Signals
// that were not applied before are not applied by it. While Needs asks for
// anything the rest is not to be used.
func (c *Core) Join(w World, j Join, now time.Time) Decision {
	if missing := w.missing(j); len(missing) > 0 {
		return Decision{Needs: Needs{Parts: missing}}
	}
	switch j.Kind {
	case Moving:
		return c.move(w, j, now)
	case Splitting:
		return c.split(w, j, now)
	case Merging:
	}
	return c.merge(w, j, now)
}

// missing are the names whose stored signals must be loaded first.
func (w World) missing(j Join) []signal.LeadKey {
	keys := j.From.Keys()
	if j.Into != nil {
		keys = append(keys, j.Into.Keys()...)
	}
	return slices.DeleteFunc(keys, func(k signal.LeadKey) bool { _, loaded := w.Parts[k]; return loaded })
}

// applied returns the stored signals of some of a lead's names that were
// applied to it, as another lead knows them.
func (w World) applied(l *Lead, keys []signal.LeadKey, to signal.LeadKey) []signal.Signal {
	var all []signal.Signal
	for _, k := range keys {
		for _, s := range w.Parts[k] {
			if known := l.At(k, s); l.Seen.has(signalName(known)) || l.Seen.forgets(known) {
				all = append(all, (&Lead{Key: to}).At(k, s))
			}
		}
	}
	return all
}

// one begins a draft of one of the leads of a join.
func (c *Core) one(w World, l *Lead, key signal.LeadKey, now time.Time) *draft {
	w.Lead, w.Key = l, key
	d := c.begin(w, now)
	d.at = d.now
	return d
}

// beside begins a draft of the other lead of a join, in what this one has decided.
func (d *draft) beside(l *Lead, key signal.LeadKey) *draft {
	o := d.core.one(d.world, l, key, d.now)
	o.pools, o.account, o.named, o.people, o.quiet = d.pools, d.account, d.named, d.people, d.quiet
	return o
}

// survivor says which of two leads the other becomes part of: the one that is
// known by more than a browser; else the one that is further on in sales' hands;
// else the older one.
func survivor(a, b *Lead) (into, from *Lead) {
	if cmp.Or(
		cmp.Compare(b.identified(), a.identified()), cmp.Compare(b.Journey.rank(), a.Journey.rank()),
		a.CreatedAt.Compare(b.CreatedAt), cmp.Compare(a.Key, b.Key),
	) <= 0 {
		return a, b
	}
	return b, a
}

// identified is 1 for a lead that is known by a name that is one person's.
func (l *Lead) identified() int {
	if l.Kind == signal.ByAnonymous || l.Kind == "" && l.Facts.Profile[signal.FieldEmail].Value == "" {
		return 0
	}
	return 1
}

// rank orders journeys by how much would be lost with them.
func (j Journey) rank() int {
	switch {
	case j.Holder() != nil:
		return 10
	case j.Held != nil, j.Incomplete != nil:
		return 9
	case j.Suggested != nil:
		return 8
	}
	// It has qualified, and is left to the existing process or for a person to decide about.
	rank := 6
	switch j.Reached() { //nolint:exhaustive // All others have qualified.
	case Known:
		rank = 0
	case Engaged:
		rank = 2
	case Recycled, Disqualified:
		rank = 4
	}
	return rank + min(j.About(), 1)
}

// worked tells whether the lead has qualified.
func (l *Lead) worked() bool {
	s := l.Journey.Reached()
	return s != Known && s != Engaged
}

// merge makes one lead of two.
func (c *Core) merge(w World, j Join, now time.Time) Decision {
	var into *Lead
	from := j.From
	home, of := j.Of, j.Of
	if j.Into != nil {
		if into, from = survivor(j.Into, j.From); into == j.From {
			of = j.Name.Key
		}
		home = into.Key
	}
	m := Merge{From: from.Key, Keys: from.Keys(), By: string(j.Name.Kind), Reason: sameName(j.Name.Kind, j.Signal.Source), Log: from.Version + 1}
	if isJoin(j.Signal) {
		m.By, m.Reason, m.Name = byOrder, j.Signal.Attributes[signal.AttrReason], j.Signal.Attributes[signal.AttrBy]
	}
	ref := &contract.MergeRef{From: string(from.Key), Into: string(home), By: m.By}
	r := c.one(w, from, from.Key, now)
	r.quiet = j.Signal.Quiet
	r.retire(m, ref)
	d := r.beside(into, home)
	d.created(j.Signal.Quiet)
	m.At, m.Worked = d.now, d.lead.worked()
	d.absorb(from, m, Member{Kind: from.kind(j), Of: of, Mark: j.mark()})
	all := w.applied(from, from.Keys(), home)
	if into != nil {
		all = append(all, w.applied(into, into.Keys(), home)...)
	} else {
		d.lead.Kind, d.lead.CreatedAt = j.Signal.Names()[0].Kind, from.CreatedAt
	}
	d.fail(d.remake(all))
	d.remember(w.heard(from, from.Keys()))
	d.hear(j)
	d.tell(contract.LeadMerged, "Merged with another lead: "+m.Reason, contract.Detail{Reason: m.Reason, By: m.Name, Merge: ref})
	d.resettle()
	for _, k := range from.Keys()[1:] {
		d.points = append(d.points, Point{Key: k, To: home, From: from.Key})
	}
	d.points = append(d.points, Point{Key: from.Key, To: home, Lead: from})
	if r.needs.Any() || d.needs.Any() {
		return Decision{Needs: r.needs.or(d.needs)}
	}
	gone := r.finish(nil)
	gone.Log.Snapshot = from.anonymous()
	out := d.finish([]signal.Signal{j.Signal})
	gone.Log.Inputs = out.Log.Inputs
	out.Also = &Also{Log: gone.Log}
	return out
}

// anonymous is the lead without its profile. A log keeps it thus, beyond the
// erasure of somebody who was part of the lead; the signals have the profile.
func (l *Lead) anonymous() *Lead {
	kept := *l
	kept.Facts.Profile = nil
	return &kept
}

// or returns what either needs; a draft that waits for one thing need not know
// the others yet.
func (n Needs) or(m Needs) Needs {
	if n.Any() {
		return n
	}
	return m
}

// kind is that of the name that the lead's key is made of, as far as the join knows.
func (l *Lead) kind(j Join) signal.NameKind {
	switch names := j.Signal.Names(); {
	case l.Kind != "":
		return l.Kind
	case l.Key == j.Name.Key:
		return j.Name.Kind
	case len(names) > 0 && l.Key == names[0].Key:
		return names[0].Kind
	case l.Facts.Profile[signal.FieldEmail].Value != "":
		return signal.ByEmail
	}
	return signal.ByContact
}

// retire takes the lead out of sales' hands, since it is part of another one.
func (d *draft) retire(m Merge, ref *contract.MergeRef) {
	handoff := d.letGo()
	d.lead.Journey.Suggested, d.lead.Journey.Incomplete = nil, nil
	d.stopClocks("the lead is part of another one", func(Clock) bool { return true })
	d.tell(contract.LeadMerged, "Part of another lead now: "+m.Reason, contract.Detail{
		Reason: m.Reason, By: m.Name, Handoff: handoff, Merge: ref,
	})
}

// letGo takes the lead from its holder, and out of its queue. It returns the
// handoff of the holder, nil when nobody had it.
func (d *draft) letGo() (had *contract.HandoffRef) {
	if d.lead.Journey.Holder() != nil {
		had = d.handoffRef()
	}
	d.release(d.lead.Journey.Handoff)
	d.unhold()
	return had
}

// absorb takes over the names of a lead that becomes part of this one, and what
// is to be remembered of it.
func (d *draft) absorb(from *Lead, m Merge, as Member) {
	l := d.lead
	l.take(from.Members)
	l.take(map[signal.LeadKey]Member{from.Key: as})
	j := &l.Journey
	j.Own, m.Theirs = l.ownEnrolment(), from.ownEnrolment()
	j.Enrolment = EarlierEnrolment(j.Enrolment, from.Journey.Enrolment)
	for _, one := range from.Merges {
		one.Worked = one.Worked || m.Worked
		l.Merges = append(l.Merges, one)
	}
	l.Merges = append(l.Merges, m)
	l.Apart = slices.DeleteFunc(append(l.Apart, from.Apart...), l.Has)
	for s, at := range from.Journey.StageAt {
		if was, ok := j.StageAt[s]; !ok || at.Before(was) {
			j.StageAt[s] = at
		}
	}
	j.Firsts.absorb(from.Journey.Firsts)
	for _, c := range from.Journey.Clocks {
		j.forgets(c)
	}
	if old := from.Journey.Handoff; old != nil {
		j.Handoff.hadBefore(*old)
		j.Held.hadBefore(*old)
		if j.Incomplete != nil {
			j.Incomplete.hadBefore(*old)
		}
	}
}

// absorb keeps what was first of two.
func (f *Firsts) absorb(o Firsts) {
	f.Contact, f.Late = sooner(f.Contact, o.Contact), sooner(f.Late, o.Late)
	if f.Rejected.IsZero() || !o.Rejected.IsZero() && o.Rejected.Before(f.Rejected) {
		f.Rejected, f.Reason = o.Rejected, o.Reason
	}
}

// hadBefore lets nobody get a lead who gave back, or lost, the one that became part of it.
func (h *Handoff) hadBefore(old Handoff) {
	if h != nil {
		h.GaveBack, h.TakenFrom = also(h.GaveBack, old.GaveBack), also(h.TakenFrom, old.TakenFrom)
	}
}

// also returns a and what of b is not in it.
func also(a, b []string) []string {
	for _, s := range b {
		if !slices.Contains(a, s) {
			a = append(a, s)
		}
	}
	return a
}

// hear takes note of the order that is carried out, and asks to decide anew.
func (d *draft) hear(j Join) {
	if !isJoin(j.Signal) {
		return
	}
	o := &d.lead.Journey.Orders
	o.Heard = o.Heard.add(atHome(j.Of, j.Signal))
	o.Count++
	o.Last = &Carried{Type: j.Signal.Type, By: j.Signal.Attributes[signal.AttrBy], At: j.Signal.ReceivedAt, Handoff: d.lead.Journey.About()}
	d.lead.Journey.Anew = &Anew{At: d.now, Why: j.Signal.Attributes[signal.AttrReason]}
}

// heard returns the orders about whose names are whose that are stored under some
// names, and that a lead has heard.
func (w World) heard(l *Lead, keys []signal.LeadKey) (all []signal.Signal) {
	for _, k := range keys {
		for _, s := range w.Parts[k] {
			if at := atHome(k, s); isJoin(s) && l.Journey.HasHeard(at) {
				all = append(all, at)
			}
		}
	}
	return inOrder(all)
}

// remember takes note of orders that another lead has heard, under names that are this one's now.
func (d *draft) remember(orders []signal.Signal) {
	for _, s := range orders {
		if !d.lead.Journey.HasHeard(s) {
			d.lead.Journey.Orders.Heard = d.lead.Journey.Orders.Heard.add(s)
		}
	}
}

// resettle lets the lead stand where its facts say, as far as nobody has it for that.
func (d *draft) resettle() {
	result, err := scoring.Evaluate(d.core.policy, d.lead.Facts, d.now)
	d.fail(err)
	if d.lead.Journey.Reached() == Known && result.Engagement.Score >= d.core.policy.Journey.EngagedAt {
		d.enter(Engaged)
	}
	d.near(result)
}

// move gives one name of a lead to another, with which it was seen earlier. No
// lead is in other hands for it.
func (c *Core) move(w World, j Join, now time.Time) Decision {
	key := j.Of
	if j.Into != nil {
		key = j.Into.Key
	}
	ref := &contract.MergeRef{From: string(j.Name.Key), Into: string(j.From.Key), By: string(j.Name.Kind)}
	f := c.one(w, j.From, j.From.Key, now)
	f.quiet = j.Signal.Quiet
	delete(f.lead.Members, j.Name.Key)
	moved := j.From.MergeOf(j.Name.Key)
	f.lead.Merges = slices.DeleteFunc(f.lead.Merges, func(m Merge) bool { return m.From == j.Name.Key })
	f.fail(f.remake(w.applied(j.From, f.lead.Keys(), f.lead.Key)))
	f.tell(contract.LeadSplit, "What was done in a browser is somebody else's, who was there earlier", contract.Detail{Merge: ref})
	f.resettle()
	d := f.beside(j.Into, key)
	d.created(j.Signal.Quiet)
	all := w.applied(j.From, []signal.LeadKey{j.Name.Key}, key)
	if j.Into == nil {
		d.lead.Kind = j.Signal.Names()[0].Kind
	} else {
		all = append(all, w.applied(j.Into, j.Into.Keys(), key)...)
	}
	d.lead.take(map[signal.LeadKey]Member{j.Name.Key: {Kind: j.Name.Kind, Of: j.Of, Mark: j.mark()}})
	if moved != nil {
		kept := *moved
		kept.Worked, kept.Theirs = d.lead.worked(), nil // what the lead was enrolled in stays where it was
		d.lead.Merges = append(d.lead.Merges, kept)
	}
	d.fail(d.remake(all))
	why := sameName(j.Name.Kind, j.Signal.Source)
	d.tell(contract.LeadMerged, "What was done in a browser is this person's, who was there earlier than another", contract.Detail{
		Reason: why, Merge: &contract.MergeRef{From: string(j.Name.Key), Into: string(key), By: string(j.Name.Kind)},
	})
	d.resettle()
	d.points = append(d.points, Point{Key: j.Name.Key, To: key, From: j.From.Key})
	if f.needs.Any() || d.needs.Any() {
		return Decision{Needs: f.needs.or(d.needs)}
	}
	return both(d, f, j.Signal)
}

// both finishes two drafts that are written together.
func both(d, other *draft, cause signal.Signal) Decision {
	out := d.finish([]signal.Signal{cause})
	also := other.finish([]signal.Signal{cause})
	out.Also = &Also{Lead: also.Lead, Log: also.Log}
	return out
}
