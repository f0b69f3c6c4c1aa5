package lead_test

import (
	"testing"
	"time"

	"github.com/handoff-oss/handoff/shared/contract"
	"github.com/handoff-oss/handoff/shared/funnel"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/signal"
)

// joined are leads in memory that are joined and split.
type joined struct {
	t    *testing.T
	core *lead.Core
	of   map[signal.LeadKey]*lead.Lead
	was  map[lead.LogRef]*lead.Lead
}

func newJoined(t *testing.T, leads ...*lead.Lead) joined {
	t.Helper()
	j := joined{t, newCore(t, nil), map[signal.LeadKey]*lead.Lead{}, map[lead.LogRef]*lead.Lead{}}
	for i, l := range leads {
		l.Version, l.Kind, l.CreatedAt = 1, signal.ByEmail, monday.Add(time.Duration(i)*time.Minute)
		if l.Journey.Stage == "" {
			l.Journey.Stage = lead.Known
		}
		l.Journey.StageAt = map[lead.Stage]time.Time{}
		j.of[l.Key] = l
	}
	return j
}

// carry carries a join out, and keeps what becomes of the leads.
func (j joined) carry(join lead.Join) lead.Decision {
	j.t.Helper()
	w := lead.World{Parts: map[signal.LeadKey][]signal.Signal{}, Identities: map[signal.LeadKey]lead.Standing{}}
	for _, l := range []*lead.Lead{join.Into, join.From} {
		for _, k := range l.Keys() {
			w.Parts[k] = nil
		}
	}
	if join.Kind == lead.Splitting {
		m := join.From.MergeOf(join.Name.Key)
		w.Snapshot = j.was[lead.LogRef{Key: m.From, Version: m.Log}]
		w.Identities[m.From] = lead.Standing{Lead: join.From, Version: m.Log}
	}
	d := j.core.Join(w, join, monday.Add(time.Hour))
	if d.Needs.Any() {
		j.t.Fatalf("needs %+v", d.Needs)
	}
	j.of[d.Lead.Key] = d.Lead
	if also := d.Also.Lead; also != nil {
		j.of[also.Key] = also
	}
	if log := d.Also.Log; log != nil && log.Snapshot != nil {
		j.was[lead.LogRef{Key: log.Key, Version: log.Version}] = log.Snapshot
		delete(j.of, log.Key)
	}
	return d
}

func orderOf(typ signal.Type) signal.Signal {
	return signal.Signal{
		Source: lead.Operator, ID: string(typ), Type: typ, OccurredAt: monday, ReceivedAt: monday,
		Attributes: map[string]string{signal.AttrReason: "said so", signal.AttrBy: "Morgan Hale"},
	}
}

func (j joined) merge(a, b signal.LeadKey) {
	j.t.Helper()
	j.carry(lead.Join{Into: j.of[a], From: j.of[b], Name: signal.Name{Key: b}, Of: a, Signal: orderOf(signal.OrderMerge)})
	if j.of[a] == nil || j.of[b] != nil {
		j.t.Fatalf("%s is no part of %s", b, a)
	}
}

// mergeAll makes three leads one: c with b first, or each with a.
func (j joined) mergeAll(nested bool) {
	j.t.Helper()
	if nested {
		j.merge("b", "c")
		j.merge("a", "b")
		return
	}
	j.merge("a", "b")
	j.merge("a", "c")
}

// split takes b out of a.
func (j joined) split(b signal.LeadKey) {
	j.t.Helper()
	j.carry(lead.Join{Kind: lead.Splitting, Into: j.of["a"], From: j.of["a"], Name: signal.Name{Key: b}, Of: "a", Signal: orderOf(signal.OrderSplit)})
}

func (j joined) phase(k signal.LeadKey) string {
	if e := j.of[k].Journey.Enrolment; e != nil {
		return e.Phase
	}
	return ""
}

// In whatever order merges are taken back, each lead is in the arm that it was
// in by itself.
func TestEnrolmentsOfLeadsThatAreSplit(t *testing.T) {
	enrolled := func(k signal.LeadKey, phase string, at int) *lead.Lead {
		l := &lead.Lead{Key: k}
		if phase != "" {
			l.Journey.Enrolment = &lead.Enrolment{Phase: phase, Drawn: true, At: monday.Add(time.Duration(at) * time.Minute)}
		}
		return l
	}
	for _, tt := range []struct {
		name    string
		a, b, c string
		nested  bool // c becomes part of b, which becomes part of a
		first   signal.LeadKey
		between string
	}{
		{name: "the later merge first", b: "first", c: "second", first: "c", between: "first"},
		{name: "the earlier merge first", b: "first", c: "second", first: "b", between: "second"},
		{name: "the earlier merge first, of one that is enrolled", a: "own", b: "first", c: "second", first: "b", between: "own"},
		{name: "what was part of a part first", a: "own", c: "second", nested: true, first: "c", between: "own"},
		{name: "what was part of a part first, and all are enrolled", a: "own", b: "first", c: "second", nested: true, first: "c", between: "own"},
		{name: "what was part of a part first, and the part is enrolled", b: "first", c: "second", nested: true, first: "c", between: "first"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			j := newJoined(t, enrolled("a", tt.a, 0), enrolled("b", tt.b, 1), enrolled("c", tt.c, 2))
			j.mergeAll(tt.nested)
			j.split(tt.first)
			if got := j.phase("a"); got != tt.between {
				t.Errorf("in between a is in %q, want %q", got, tt.between)
			}
			second := signal.LeadKey("b")
			if tt.first == "b" {
				second = "c"
			}
			j.split(second)
			if got, want := j.phase("a")+"/"+j.phase("b")+"/"+j.phase("c"), tt.a+"/"+tt.b+"/"+tt.c; got != want {
				t.Errorf("in %s, want %s", got, want)
			}
		})
	}
}

// Who had qualified before others joined keeps the lead's holder when one of
// them goes, whichever lead that one came by.
func TestWhoHadQualifiedStaysSo(t *testing.T) {
	a := &lead.Lead{Key: "a"}
	a.Journey.Stage, a.Journey.Handoff = lead.HandedOff, &lead.Handoff{Number: 1, Rep: "alex", Pool: "sales"}
	j := newJoined(t, a, &lead.Lead{Key: "b"}, &lead.Lead{Key: "c"})
	j.merge("b", "c")
	j.merge("a", "b")
	j.split("c")
	if again := j.of["a"].Journey.Anew; again == nil || again.Back {
		t.Errorf("%+v", again)
	}
}

// Of two leads the one remains that is further on, though the other is older: one
// that was left to the existing process, or waits for a person to decide about it,
// is further on than one that never qualified, or that went back.
func TestWhichOfTwoLeadsRemains(t *testing.T) {
	gaveBack := &lead.Handoff{Number: 1, Rep: "alex", Answer: lead.AnswerRejected}
	for _, tt := range []struct {
		name         string
		older, newer lead.Journey
	}{
		{"left to the existing process", lead.Journey{Stage: lead.Engaged}, lead.Journey{Stage: lead.Qualified}},
		{"contacted by it", lead.Journey{Stage: lead.Engaged}, lead.Journey{Stage: lead.Contacted}},
		{"given back", lead.Journey{Stage: lead.Engaged}, lead.Journey{Stage: lead.Qualified, Handoff: gaveBack}},
		{"not in nurture", lead.Journey{Stage: lead.Recycled, Handoff: gaveBack}, lead.Journey{Stage: lead.Qualified}},
		{"in nurture", lead.Journey{Stage: lead.Engaged}, lead.Journey{Stage: lead.Recycled}},
		{"to be confirmed", lead.Journey{Stage: lead.Qualified, Handoff: gaveBack}, lead.Journey{Stage: lead.Qualified, Suggested: &lead.Suggestion{}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			j := newJoined(t, &lead.Lead{Key: "a", Journey: tt.older}, &lead.Lead{Key: "b", Journey: tt.newer})
			j.merge("b", "a")
		})
	}
}

// A promise that was broken to a lead stays broken when it becomes part of another
// one, whose clocks know nothing of it.
func TestABrokenPromiseOutlivesAMerge(t *testing.T) {
	late := monday.Add(30 * time.Minute)
	enrolled := func() *lead.Enrolment {
		return &lead.Enrolment{Phase: "pilot", Drawn: true, At: monday}
	}
	a, b := &lead.Lead{Key: "a"}, &lead.Lead{Key: "b"}
	a.Journey.Stage, a.Journey.Handoff = lead.HandedOff, &lead.Handoff{Number: 1, Rep: "alex", Pool: "sales"}
	b.Journey.Clocks = []lead.Clock{{Kind: lead.FirstContactClock, Scope: lead.CustomerScope, State: lead.Breached, EndedAt: late}}
	a.Journey.Enrolment, b.Journey.Enrolment = enrolled(), enrolled()
	j := newJoined(t, a, b)
	before := j.core.Record(b).Events[funnel.Late]
	j.merge("a", "b")
	if after := j.core.Record(j.of["a"]).Events[funnel.Late]; !before.Equal(late) || !after.Equal(before) {
		t.Errorf("late at %v, and after the merge at %v", before, after)
	}
}

// What imported history joins wakes nobody.
func TestAMergeByHistoryIsQuiet(t *testing.T) {
	a, b := &lead.Lead{Key: "a"}, &lead.Lead{Key: "b"}
	a.Journey.Stage, a.Journey.Handoff = lead.HandedOff, &lead.Handoff{Number: 1, Rep: "alex", Pool: "sales"}
	b.Journey.Stage, b.Journey.Handoff = lead.HandedOff, &lead.Handoff{Number: 1, Rep: "blake", Pool: "sales"}
	b.Journey.Clocks = []lead.Clock{{Kind: lead.AcceptClock, Scope: lead.HolderScope, State: lead.Running, Handoff: 1}}
	j := newJoined(t, a, b)
	s := signal.Signal{Source: "crm", ID: "1", Type: signal.ContactCreated, Quiet: true, OccurredAt: monday, ReceivedAt: monday}
	d := j.carry(lead.Join{Into: a, From: b, Name: signal.Name{Kind: signal.ByContact, Key: "b"}, Of: "a", Signal: s})
	told := 0
	for _, e := range append(append([]contract.Event(nil), d.Log.Entries...), d.Also.Log.Entries...) {
		told++
		if !e.Detail.Quiet {
			t.Errorf("%s is told", e.Type)
		}
	}
	if told != 3 {
		t.Errorf("%d events, want 3", told)
	}
}

// Both leads say who ordered a merge, and who took it back.
func TestWhoOrderedAMerge(t *testing.T) {
	j := newJoined(t, &lead.Lead{Key: "a"}, &lead.Lead{Key: "b"})
	by := func(d lead.Decision, typ contract.EventType) {
		t.Helper()
		for _, log := range []*lead.LogItem{d.Log, d.Also.Log} {
			for _, e := range log.Entries {
				if e.Type == typ && e.Detail.By != "Morgan Hale" {
					t.Errorf("%s of %s is by %q", e.Type, log.Key, e.Detail.By)
				}
			}
		}
	}
	by(j.carry(lead.Join{Into: j.of["a"], From: j.of["b"], Name: signal.Name{Key: "b"}, Of: "a", Signal: orderOf(signal.OrderMerge)}), contract.LeadMerged)
	a := j.of["a"]
	by(j.carry(lead.Join{Kind: lead.Splitting, Into: a, From: a, Name: signal.Name{Key: "b"}, Of: "a", Signal: orderOf(signal.OrderSplit)}), contract.LeadSplit)
}

// An order that a lead has carried out long ago is not carried out again because
// the lead was part of another one meanwhile.
func TestOrdersHeardBeforeAMergeStayHeard(t *testing.T) {
	b := &lead.Lead{Key: "b"}
	old := signal.Signal{Source: lead.Operator, ID: "1.recycle", Type: signal.OrderRecycle, ReceivedAt: monday}
	j := newJoined(t, &lead.Lead{Key: "a"}, b)
	j.of["b"] = heard(t, j.core, b, old)
	j.merge("a", "b")
	j.split("b")
	if !j.of["b"].Journey.HasHeard(old) {
		t.Error("it would be carried out again")
	}
}

// heard is a lead that has heard an order.
func heard(t *testing.T, core *lead.Core, l *lead.Lead, order signal.Signal) *lead.Lead {
	t.Helper()
	w := lead.World{Key: l.Key, Lead: l, StoredLoaded: true}
	d, err := core.Decide(w, []signal.Signal{order}, monday)
	if err != nil || d.Needs.Any() || d.Lead == nil || !d.Lead.Journey.HasHeard(order) {
		t.Fatalf("%+v, %v", d.Needs, err)
	}
	return d.Lead
}
