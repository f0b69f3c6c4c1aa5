package lead

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/handoff-oss/handoff/shared/scoring"
	"github.com/handoff-oss/handoff/shared/signal"
)

// mostMembers bounds how many names a lead has beside its own, so that it and
// all that points to it can be written at once. A name that would join more
// joins nobody: no person has that many, and a test account may.
const mostMembers = 60

// Member is one more name of a person.
type Member struct {
	Kind signal.NameKind `json:"k"`
	// Of is the name by which it came to the lead: it goes where that goes when a merge is taken back.
	Of signal.LeadKey `json:"o"`
	// Mark is the earliest signal that has both names. Of those of several people it says whose an anonymous id is.
	scoring.Mark
}

// Merge is what is remembered of a lead that became part of this one.
type Merge struct {
	From   signal.LeadKey   `json:"from"`
	Keys   []signal.LeadKey `json:"keys"` // the names that it had, its own first
	At     time.Time        `json:"at"`
	By     string           `json:"by"`               // as contract.MergeRef has it
	Reason string           `json:"reason"`           // in words
	Name   string           `json:"name,omitempty"`   // of who ordered it
	Log    int64            `json:"log,omitempty"`    // the version of From whose log item has it as it was; 0: it never was a lead of its own
	Worked bool             `json:"worked,omitempty"` // this lead had qualified by then, without the other's signals
	// Theirs is the enrolment that the other had by itself, without those that were part of it; nil for none.
	Theirs *Enrolment `json:"theirs,omitempty"`
}

// Standing is what stands at the item of a name: nothing, a lead, a pointer to
// the lead that it is part of, or that the person was erased.
type Standing struct {
	Lead    *Lead // whose name it is; nil for nobody's
	Version int64 // of the item; 0 when there is none
	Erased  bool
}

// Ties is what the names in signals make of leads.
type Ties struct {
	// Unknown are the names of which it must be known first what stands at their items; nothing else is then said.
	Unknown []signal.LeadKey
	// Lead is whom the signals are about; nil for a new one.
	Lead *Lead
	// Members are names that the lead gets with the decision, or that it has got an earlier mark for.
	Members map[signal.LeadKey]Member
	// Points are those of them whose items do not exist yet.
	Points []signal.LeadKey
	// Adopted is the merge that a new address makes, which was no lead before.
	Adopted *Merge
	// Join is what must be made one, or two, before anything is decided; nil for nothing.
	Join *Join
	// Barred are the signals of people who were erased. They are not among Signals.
	Barred  []signal.Signal
	Signals []signal.Signal
}

// JoinKind is what becomes of two leads.
type JoinKind int

// What can become of two leads.
const (
	Merging   JoinKind = iota // From becomes part of Into, or the other way round: see Core.Join
	Moving                    // one name of From is Into's: it was seen with Into earlier
	Splitting                 // the merge that brought Name to From is taken back
)

// Join is a change of whose a name is.
type Join struct {
	Kind JoinKind
	Into *Lead          // nil for a lead that is new: its key is Of
	From *Lead          //
	Name signal.Name    // by which they are joined, or that is moved or split off
	Of   signal.LeadKey // the name that the signal is stored under
	// Signal is what says so: one with both names, or the order of a person.
	Signal signal.Signal
}

// mark is when the two names were seen together.
func (j Join) mark() scoring.Mark { return markOf(j.Signal) }

func markOf(s signal.Signal) scoring.Mark {
	return scoring.Mark{At: s.OccurredAt, Event: s.ID + " " + s.Source}
}

// Tie says whose the signals are. All are stored under the key of the world,
// whose Identities it reads. Signals that were applied before tie what they name
// as well: a deadline may have looked at one before anybody asked whose it is.
func (c *Core) Tie(w World, signals []signal.Signal) Ties {
	home, ok := w.Identities[w.Key]
	if !ok {
		return Ties{Unknown: []signal.LeadKey{w.Key}}
	}
	t := &tying{core: c, world: w, Ties: Ties{Lead: home.Lead, Members: map[signal.LeadKey]Member{}}}
	if home.Erased {
		t.Barred = signals
		return t.Ties
	}
	var others [][]signal.Name
	for _, s := range signals {
		if names := t.others(s); t.takes(names) {
			t.Signals, others = append(t.Signals, s), append(others, names)
		} else {
			t.Barred = append(t.Barred, s)
		}
	}
	for i, s := range t.Signals {
		t.tie(s, others[i])
		if t.Join != nil {
			break
		}
	}
	t.order()
	if len(t.Unknown) > 0 {
		return Ties{Unknown: slices.Compact(slices.Sorted(slices.Values(t.Unknown)))}
	}
	return t.Ties
}

// news tells whether the names say anything that the lead does not know yet.
func (t Ties) news() bool { return len(t.Members) > 0 }

// tying is a Ties in the making.
type tying struct {
	Ties
	core  *Core
	world World
}

// standing returns what stands at a name's item. ok is false when that must be
// looked up first.
func (t *tying) standing(k signal.LeadKey) (st Standing, ok bool) {
	st, ok = t.world.Identities[k]
	if !ok {
		t.Unknown = append(t.Unknown, k)
	}
	return st, ok
}

// takes tells whether the other names of a signal are of nobody who was erased.
func (t *tying) takes(others []signal.Name) bool {
	for _, n := range others {
		if n.Kind == signal.ByAnonymous || t.Lead != nil && t.Lead.Has(n.Key) {
			continue
		}
		if st, ok := t.standing(n.Key); ok && st.Erased {
			return false
		}
	}
	return true
}

// others are the names of a signal beside the one that it is stored under. Where
// the policy joins mailboxes, one spelling of the address is among them.
func (t *tying) others(s signal.Signal) []signal.Name {
	names := s.Names()
	if len(names) == 0 || names[0].Key != t.world.Key {
		return nil // an answer or an order, which names nobody
	}
	joins := t.core.policy.Identity
	all := slices.DeleteFunc(slices.Clone(names[1:]), func(n signal.Name) bool { return !joins.Joins(string(n.Kind)) })
	if names[0].Kind != signal.ByEmail || !joins.JoinsMailboxes() {
		return all
	}
	mailbox, err := signal.KeyOfEmail(t.core.policy.Book().Mail(s.Identity.Email).Standard)
	if err != nil || mailbox == names[0].Key {
		return all
	}
	return append([]signal.Name{{Kind: signal.ByEmail, Key: mailbox}}, all...)
}

// At returns the signal as the lead knows one that is stored under a key.
func (l *Lead) At(home signal.LeadKey, s signal.Signal) signal.Signal {
	s.Home = home
	if home == l.Key {
		s.Home = ""
	}
	return s
}

// tie gives the lead the other names of a signal, as far as they are nobody's.
func (t *tying) tie(s signal.Signal, others []signal.Name) {
	mark := markOf(s)
	for _, n := range others {
		if t.Lead != nil && n.Key == t.Lead.Key || t.again(n, mark) {
			continue
		}
		st, ok := t.standing(n.Key)
		switch {
		case !ok, st.Erased:
		case st.Lead == nil:
			t.add(n, st, Member{Kind: n.Kind, Of: t.world.Key, Mark: mark})
		case t.Lead != nil && st.Lead.Key == t.Lead.Key:
			t.Lead = st.Lead // it has got the name since it was read first
			t.again(n, mark)
		default:
			t.meet(s, n, st.Lead)
		}
		if t.Join != nil {
			return
		}
	}
}

// again notes a name that the lead has, and that is seen with it once more. It
// returns whether the lead has it.
func (t *tying) again(n signal.Name, mark scoring.Mark) bool {
	old, ok := t.member(n.Key)
	if ok && n.Kind == signal.ByAnonymous && precedes(mark, old.Mark) {
		old.Mark, old.Of = mark, t.world.Key
		t.Members[n.Key] = old
	}
	return ok
}

func (t *tying) member(k signal.LeadKey) (Member, bool) {
	m, ok := t.Members[k]
	if !ok && t.Lead != nil {
		m, ok = t.Lead.Members[k]
	}
	return m, ok
}

// add gives the lead a name that nobody has yet.
func (t *tying) add(n signal.Name, st Standing, m Member) {
	known := len(t.Members)
	if t.Lead != nil {
		known += len(t.Lead.Members)
	}
	if known >= mostMembers || st.Version > 0 || t.Lead != nil && slices.Contains(t.Lead.Apart, n.Key) {
		return
	}
	t.Members[n.Key] = m
	t.Points = append(t.Points, n.Key)
}

// meet decides what becomes of the lead and of another one that has a name of
// the same signal.
func (t *tying) meet(s signal.Signal, n signal.Name, other *Lead) {
	join := &Join{Into: t.Lead, From: other, Name: n, Of: t.world.Key, Signal: s}
	switch {
	case t.Lead != nil && (t.Lead.KeptFrom(other) || len(t.Lead.Members)+len(other.Members) >= mostMembers):
	case n.Kind == signal.ByAnonymous && other.Key != n.Key && other.Kind != signal.ByAnonymous:
		join.Kind = Moving
		if precedes(join.mark(), other.Members[n.Key].Mark) {
			t.Join = join
		}
	case t.Lead == nil && n.Kind != signal.ByAnonymous:
		t.adopt(s, n, other)
	default:
		t.Join = join
	}
}

// adopt makes the new name that the signal is stored under one of a lead that
// has another name of it.
func (t *tying) adopt(s signal.Signal, n signal.Name, other *Lead) {
	home := s.Names()[0]
	if len(other.Members) >= mostMembers || slices.Contains(other.Apart, home.Key) {
		return
	}
	t.Lead = other
	t.add(home, t.world.Identities[home.Key], Member{Kind: home.Kind, Of: n.Key, Mark: markOf(s)})
	if home.Kind == signal.ByEmail && other.named(signal.ByEmail) {
		t.Adopted = &Merge{
			From: home.Key, Keys: []signal.LeadKey{home.Key}, By: string(n.Kind), Reason: sameName(n.Kind, s.Source), Worked: other.worked(),
		}
	}
}

// named tells whether one of the person's names is of a kind.
func (l *Lead) named(kind signal.NameKind) bool {
	return l.Kind == kind || slices.ContainsFunc(slices.Collect(maps.Values(l.Members)), func(m Member) bool { return m.Kind == kind })
}

// KeptFrom tells whether somebody said that the two are not one person.
func (l *Lead) KeptFrom(o *Lead) bool {
	return slices.ContainsFunc(l.Apart, o.Has) || slices.ContainsFunc(o.Apart, l.Has)
}

// sameName says by what two leads were joined.
func sameName(kind signal.NameKind, source string) string {
	switch kind {
	case signal.ByContact:
		return "the same contact id of " + source
	case signal.ByUser:
		return "the same user id of " + source
	case signal.ByAnonymous:
		return "the same browser, by its anonymous id"
	case signal.ByEmail:
	}
	return "the same mailbox"
}

// order looks for a merge or a split that somebody ordered. One that makes no
// sense any more is passed over: what it is about is as it was wanted, or gone.
func (t *tying) order() {
	for _, s := range t.Signals {
		if t.Join != nil || t.Lead == nil || s.Source != Operator || t.Lead.Journey.HasHeard(atHome(t.world.Key, s)) {
			continue
		}
		with := signal.LeadKey(s.Attributes[signal.AttrWith])
		join := &Join{Into: t.Lead, Name: signal.Name{Key: with}, Of: t.world.Key, Signal: s}
		switch s.Type { //nolint:exhaustive // The others are orders about one lead.
		case signal.OrderMerge:
			st, ok := t.standing(with)
			if ok && st.Lead != nil && st.Lead.Key != t.Lead.Key && len(t.Lead.Members)+len(st.Lead.Members) < mostMembers {
				join.From, t.Join = st.Lead, join
			}
		case signal.OrderSplit:
			if _, ok := t.standing(with); ok && t.Lead.MergeOf(with) != nil {
				join.Kind, join.From, t.Join = Splitting, t.Lead, join
			}
		}
	}
}

// atHome returns an order about whose names are whose as it is remembered: by
// where it is stored, whichever lead that belongs to later.
func atHome(home signal.LeadKey, s signal.Signal) signal.Signal {
	s.Home = home
	return s
}

// MergeOf returns what is remembered of a lead that became part of this one, nil for none.
func (l *Lead) MergeOf(from signal.LeadKey) *Merge {
	if i := slices.IndexFunc(l.Merges, func(m Merge) bool { return m.From == from }); i >= 0 {
		return &l.Merges[i]
	}
	return nil
}

// precedes orders the marks of names: the earlier first, then by id.
func precedes(a, b scoring.Mark) bool {
	return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Event, b.Event)) < 0
}
