package lead

import (
	"slices"
	"time"

	"github.com/handoff-oss/handoff/shared/contract"
	"github.com/handoff-oss/handoff/shared/scoring"
	"github.com/handoff-oss/handoff/shared/signal"
)

// Anew asks to decide anew what follows from a lead's facts, as soon as it can
// be done. What qualifies by them is handed off: it is a person's word, and no
// old news.
type Anew struct {
	At  time.Time `json:"at"`
	Why string    `json:"why"` // in the words of who ordered it
	// Back is true when the lead qualified with what is another's now: it goes back when it does not qualify without,
	// and nobody has accepted it.
	Back bool `json:"back,omitempty"`
}

// anew decides anew what a merge or a split has made of the lead, when that is
// to be done. It returns whether it was.
func (d *draft) anew(r scoring.Result) bool {
	j := &d.lead.Journey
	a := j.Anew
	if a == nil || d.now.Before(a.At) {
		return false
	}
	j.Anew = nil
	if !a.Back || r.Qualification.Qualified || !j.unanswered() {
		return true
	}
	d.takeFrom(Order{Reason: a.Why, At: d.now})
	d.leave(Known)
	j.Dropped = nil
	return true
}

// unanswered tells whether the lead has qualified and nobody has accepted it yet.
func (j Journey) unanswered() bool {
	h := j.Holder()
	return j.Held != nil || j.Suggested != nil || j.Reached() == Qualified || h != nil && h.Answer == AnswerNone
}

// side returns the names that a merge brought to the lead, and those that came by them since.
func (l *Lead) side(m Merge) []signal.LeadKey {
	all := slices.Clone(m.Keys)
	for range l.Members { // each round finds what came by the one before
		before := len(all)
		for k, member := range l.Members {
			if !slices.Contains(all, k) && slices.Contains(all, member.Of) {
				all = append(all, k)
			}
		}
		if len(all) == before {
			break
		}
	}
	return slices.DeleteFunc(slices.Compact(slices.Sorted(slices.Values(all))), func(k signal.LeadKey) bool { return k == l.Key || !l.Has(k) })
}

// Aside returns the names that would be another lead's if the merge with from
// were taken back, and those that would stay.
func (l *Lead) Aside(from signal.LeadKey) (other, stay []signal.LeadKey) {
	m := l.MergeOf(from)
	if m == nil {
		return nil, l.Keys()
	}
	other = l.side(*m)
	return other, slices.DeleteFunc(l.Keys(), func(k signal.LeadKey) bool { return slices.Contains(other, k) })
}

// split takes a merge back: what became part of the lead is a lead of its own
// again.
func (c *Core) split(w World, j Join, now time.Time) Decision {
	from := j.From
	m := *from.MergeOf(j.Name.Key)
	if m.Log > 0 && w.Snapshot == nil {
		return Decision{Needs: Needs{Snapshot: &LogRef{m.From, m.Log}}}
	}
	other, stay := from.Aside(m.From)
	why, by := j.Signal.Attributes[signal.AttrReason], j.Signal.Attributes[signal.AttrBy]
	detail := contract.Detail{Reason: why, By: by, Merge: &contract.MergeRef{From: string(m.From), Into: string(from.Key), By: m.By}}
	d := c.one(w, from, from.Key, now)
	s := c.one(w, w.restored(m), m.From, d.now)
	s.lead.Version, s.lead.Kind = w.Identities[m.From].Version, from.Members[m.From].Kind
	if s.isNew {
		s.lead.CreatedAt = m.At
		s.enter(Known)
	}
	d.part(s.lead, m, other, stay)
	d.fail(d.remake(w.applied(from, stay, from.Key)))
	s.fail(s.remake(w.applied(from, other, m.From)))
	d.hear(j)
	d.lead.Journey.Anew.Back = !m.Worked
	s.remember(w.heard(d.lead, other))
	s.lead.Journey.Anew = &Anew{At: s.now, Why: why}
	d.tell(contract.LeadSplit, "Two people again: "+why, detail)
	s.tell(contract.LeadSplit, "A lead of its own again: "+why, detail)
	d.resettle()
	s.resettle()
	for _, k := range other {
		if k != m.From {
			d.points = append(d.points, Point{Key: k, To: m.From, From: from.Key})
		}
	}
	if d.needs.Any() || s.needs.Any() {
		return Decision{Needs: d.needs.or(s.needs)}
	}
	return both(d, s, j.Signal)
}

// part divides names, merges and enrolments between the lead and the one that is
// split off.
func (d *draft) part(s *Lead, m Merge, other, stay []signal.LeadKey) {
	l := d.lead
	own, enrolled := l.ownEnrolment(), m.Theirs != nil
	s.Members, s.Merges = map[signal.LeadKey]Member{}, nil
	for _, k := range other {
		if k != s.Key {
			s.Members[k] = l.Members[k]
		}
		delete(l.Members, k)
	}
	for _, one := range l.Merges {
		if one.From != m.From && slices.Contains(other, one.From) {
			s.Merges = append(s.Merges, one)
			enrolled = enrolled || one.Theirs != nil
		}
	}
	l.Merges = slices.DeleteFunc(l.Merges, func(one Merge) bool { return slices.Contains(other, one.From) })
	s.Apart = append(slices.Clone(l.Apart), l.people(stay)...)
	l.Apart = append(l.Apart, s.people(other)...)
	s.enrolAs(m.Theirs)
	if enrolled {
		l.enrolAs(own)
	}
}

// ownEnrolment is the lead's enrolment without those of the leads that are part of it.
func (l *Lead) ownEnrolment() *Enrolment {
	if slices.ContainsFunc(l.Merges, func(m Merge) bool { return m.Theirs != nil }) {
		return l.Journey.Own
	}
	return l.Journey.Enrolment
}

// enrolAs puts the lead in the arm of the earliest of its own enrolment and those
// of the leads that are part of it.
func (l *Lead) enrolAs(own *Enrolment) {
	l.Journey.Own, l.Journey.Enrolment = own.clone(), own.clone()
	for _, m := range l.Merges {
		l.Journey.Enrolment = EarlierEnrolment(l.Journey.Enrolment, m.Theirs)
	}
}

// people are those of the lead's names that are one person's.
func (l *Lead) people(keys []signal.LeadKey) []signal.LeadKey {
	return slices.DeleteFunc(slices.Clone(keys), func(k signal.LeadKey) bool {
		if k == l.Key {
			return l.Kind == signal.ByAnonymous
		}
		return l.Members[k].Kind == signal.ByAnonymous
	})
}

// restored is the lead that a merge has ended, in nobody's hands; nil for one that
// never was a lead of its own.
func (w World) restored(m Merge) *Lead {
	if m.Log == 0 {
		return nil
	}
	l := *w.Snapshot
	j := l.Journey.clone()
	if j.Reached() != Recycled && j.Reached() != Disqualified {
		j.Stage = Known
	} else {
		j.Stage = j.Reached()
	}
	j.Process, j.Deal, j.Held, j.Suggested, j.Incomplete, j.Dropped, j.NearSince = "", "", nil, nil, nil, nil, time.Time{}
	for i := range j.Clocks {
		if c := &j.Clocks[i]; c.State == Running || c.State == Paused {
			c.State, c.EndedAt, c.ResumeAt = Stopped, m.At, time.Time{}
		}
		j.Clocks[i].StepAt = time.Time{}
	}
	if h := j.Handoff; h != nil {
		h.Counted, h.HadBy = nil, nil
		if h.TakenAt.IsZero() && h.Answer != AnswerRejected {
			h.TakenAt = m.At
		}
	}
	l.Journey = j
	return &l
}
