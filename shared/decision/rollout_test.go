package decision_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/handoff-oss/handoff/shared/contract"
	"github.com/handoff-oss/handoff/shared/decision"
	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/rollout"
	"github.com/handoff-oss/handoff/shared/signal"
)

// pilot is one lead under a rollout, on the table.
type pilot struct {
	metered
	t *testing.T
	k signal.LeadKey
}

// newPilot applies a policy with a phase for a share of the companies, and has a
// lead of one ask for a demo.
func newPilot(t *testing.T, mode rollout.Mode, share float64, change func(*policy.Policy)) pilot {
	t.Helper()
	p, err := policy.Decode(policy.Default())
	if err != nil {
		t.Fatal(err)
	}
	p.Rollout.Phases = []policy.Phase{{Name: "pilot", Mode: mode, Share: share}, {Name: "everybody", Mode: rollout.Auto, Share: 100}}
	if change != nil {
		change(p)
	}
	text, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	out := pilot{metered: newMetered(t), t: t}
	if err := out.table.PutPolicy(t.Context(), policy.VersionOf(text), text, monday.AddDate(0, 0, -1)); err != nil {
		t.Fatal(err)
	}
	if out.k, err = request("ada@engines.example").LeadKey(); err != nil {
		t.Fatal(err)
	}
	return out
}

func (p pilot) lead() *lead.Lead {
	p.t.Helper()
	l, err := p.table.Lead(p.t.Context(), p.k)
	if err != nil {
		p.t.Fatal(err)
	}
	return l
}

// hear stores a signal and decides about it, as the functions do.
func (p pilot) hear(s signal.Signal, err error) {
	p.t.Helper()
	if err == nil {
		_, err = p.table.PutSignalFor(p.t.Context(), p.k, s)
	}
	if err == nil {
		_, err = p.maker.Apply(p.t.Context(), p.k, []signal.Signal{s}, s.ReceivedAt)
	}
	if err != nil {
		p.t.Fatal(err)
	}
}

// order is a manager's about the lead as it is.
func (p pilot) order(typ signal.Type, to, reason string, at time.Time) (signal.Signal, error) {
	return decision.OrderFor(p.lead(), decision.Order{Type: typ, To: to, Reason: reason, By: "Morgan Hale"}, at)
}

// log lists what was told, oldest first, and the version of the rollout that the
// last decision with one was made under.
func (p pilot) log() (told string, under int64) {
	p.t.Helper()
	items, _, err := p.table.Timeline(p.t.Context(), p.k, "", 50)
	if err != nil {
		p.t.Fatal(err)
	}
	var names []string
	under = -1
	for _, item := range slices.Backward(items) {
		for _, e := range item.Entries {
			if !strings.HasPrefix(string(e.Type), "clock.") {
				names = append(names, string(e.Type))
			}
		}
		if v := item.Rollout; v != nil {
			under = *v
		}
	}
	return strings.Join(names, " "), under
}

// A story in each mode and arm, with what the indexes and the pool say of it.
func TestARolloutOnTheTable(t *testing.T) {
	const in, out = 100, 0.01
	at := request("x@y.example").ReceivedAt
	later := func(hours int) time.Time { return at.Add(time.Duration(hours) * time.Hour) }
	for _, tc := range []struct {
		mode  rollout.Mode
		share float64
		name  string
		then  func(p pilot)
		told  string
		owner string // "" for nobody
		waits int    // suggestions
	}{
		{rollout.Auto, in, "in", nil, "lead.created lead.qualified lead.enrolled lead.handed_off", "alex", 0},
		{rollout.Auto, out, "out", nil, "lead.created lead.qualified lead.enrolled lead.control_routed", "", 0},
		{rollout.Shadow, in, "in", nil, "lead.created lead.qualified lead.enrolled lead.shadowed", "", 0},
		{rollout.Suggest, in, "unanswered", nil, "lead.created lead.qualified lead.enrolled lead.suggested", "", 1},
		{rollout.Suggest, in, "confirmed", func(p pilot) {
			p.hear(p.order(signal.OrderConfirm, "", "", later(1)))
		}, "lead.created lead.qualified lead.enrolled lead.suggested lead.handed_off", "alex", 0},
		{rollout.Suggest, in, "confirmed for another", func(p pilot) {
			p.hear(p.order(signal.OrderConfirm, "casey", "knows them", later(1)))
		}, "lead.created lead.qualified lead.enrolled lead.suggested lead.handed_off", "casey", 0},
		{rollout.Suggest, in, "declined", func(p pilot) {
			p.hear(p.order(signal.OrderDecline, "", "a partner", later(1)))
		}, "lead.created lead.qualified lead.enrolled lead.suggested lead.control_routed", "", 0},
		{rollout.Suggest, in, "forgotten", func(p pilot) {
			p.tick(later(5))
			p.tick(later(72))
		}, "lead.created lead.qualified lead.enrolled lead.suggested lead.suggested lead.control_routed", "", 0},
	} {
		t.Run(string(tc.mode)+" "+tc.name, func(t *testing.T) {
			p := newPilot(t, tc.mode, tc.share, nil)
			units := p.receive(t, request("ada@engines.example"))
			t.Logf("to qualify costs %.0f write units", units)
			if tc.then != nil {
				tc.then(p)
			}
			told, under := p.log()
			if told != tc.told || under != 0 {
				t.Errorf("told of %q under version %d, want %q", told, under, tc.told)
			}
			p.expectOwner(tc.owner)
			head, n, err := p.maker.Suggested(t.Context(), "sales", 10)
			if err != nil || n != tc.waits || len(head) != tc.waits {
				t.Errorf("%d suggestions, %v", n, err)
			}
		})
	}
}

// tick lets what is due at a time happen, and something must be.
func (p pilot) tick(now time.Time) {
	p.t.Helper()
	if at, ok, err := p.table.NextDue(p.t.Context()); err != nil || !ok || at.After(now) {
		p.t.Fatalf("due %s, %v, %v", at, ok, err)
	}
	if _, err := p.maker.Apply(p.t.Context(), p.k, nil, now); err != nil {
		p.t.Fatal(err)
	}
}

// expectOwner checks who holds the lead by the index, "" for nobody, and that
// the pool counts it only then.
func (p pilot) expectOwner(owner string) {
	p.t.Helper()
	for _, rep := range []string{"alex", "casey"} {
		held, err := p.table.HeldBy(p.t.Context(), rep)
		if err != nil || (len(held) == 1) != (rep == owner) {
			p.t.Errorf("%s holds %v, %v", rep, held, err)
		}
	}
	if state, err := p.table.Pool(p.t.Context(), "sales"); err != nil || (state.Version > 0) != (owner != "") {
		p.t.Errorf("the pool is at version %d, %v", state.Version, err)
	}
}

// What is stored about the rollout is what the next lead is enrolled under.
func TestARollbackOnTheTable(t *testing.T) {
	p := newPilot(t, rollout.Auto, 100, nil)
	p.receive(t, request("ada@engines.example"))
	steps := []rollout.Step{{Name: "pilot", Mode: rollout.Auto, Share: 1}, {Name: "everybody", Mode: rollout.Auto, Share: 1}}
	back, err := rollout.State{}.RollBack(steps, rollout.Order{By: "handoff", Why: "harm", At: monday})
	if err == nil {
		err = p.table.PutRollout(t.Context(), back)
	}
	if err != nil {
		t.Fatal(err)
	}
	first := p.lead()
	for i, mail := range []string{"charles@engines.example", "grace@navy.example"} {
		s := request(mail)
		s.ID = fmt.Sprint("later", i)
		p.receive(t, s)
		if p.k, err = s.LeadKey(); err != nil {
			t.Fatal(err)
		}
		if e := p.lead().Journey.Enrolment; e.Arm != lead.Control || e.Drawn || e.Rollout != 1 {
			t.Errorf("%+v", e)
		}
		if told, under := p.log(); under != 1 || !strings.HasSuffix(told, string(contract.LeadControlRouted)) {
			t.Errorf("told of %q under version %d", told, under)
		}
	}
	p.k = first.Key
	if now := p.lead(); now.Version != first.Version || now.Journey.Holder() == nil {
		t.Error("who was handed off before has changed")
	}
}

// Orders about what is not suggested are refused in words.
func TestOnlyWhatIsSuggestedIsConfirmed(t *testing.T) {
	refused := func(l *lead.Lead, o decision.Order, want string) {
		t.Helper()
		o.By = "Morgan Hale"
		if _, err := decision.OrderFor(l, o, monday); fault.KindOf(err) != fault.Invalid || err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", o.Type, err, want)
		}
	}
	l := &lead.Lead{Key: "1ada"}
	refused(l, decision.Order{Type: signal.OrderConfirm}, "no handoff of the lead waits to be confirmed")
	l.Journey.Suggested = &lead.Suggestion{Handoff: lead.Handoff{Number: 2}}
	refused(l, decision.Order{Type: signal.OrderDecline}, "say why")
	refused(l, decision.Order{Type: signal.OrderReassign, Reason: "knows them"}, "confirm it, for another rep if you like")
	s, err := decision.OrderFor(l, decision.Order{Type: signal.OrderConfirm, To: "bo", By: "Morgan Hale"}, monday)
	if err != nil || s.Attributes[signal.AttrHandoff] != "2" || s.Attributes[signal.AttrTo] != "bo" || s.Attributes[signal.AttrBy] != "Morgan Hale" {
		t.Errorf("%+v, %v", s, err)
	}
}
