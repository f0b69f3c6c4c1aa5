package evidence_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/handoff-oss/handoff/shared/evidence"
	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/funnel"
	"github.com/handoff-oss/handoff/shared/rollout"
)

func phaseOf(unit string, gates ...rollout.Gate) rollout.Phase {
	return rollout.Phase{Name: "half", Unit: unit, Share: 0.5, Started: monday, Least: 14 * day, Most: 90 * day, Gates: gates}
}

func criterion(outcome string, m rollout.Measure, r rollout.Reference, line float64) rollout.Gate {
	g := rollout.Gate{Outcome: outcome, Role: rollout.Criterion, Measure: m, Against: r, Direction: rollout.Higher, Line: line, Alpha: 0.05, Minimum: rollout.LeastUnits}
	if m == rollout.Mean {
		g.Direction, g.Minimum = rollout.Lower, rollout.LeastOfMean
	}
	return g
}

// At 40 accounts a week a gate on meetings is hopeless, and one on acceptance is not.
func ExampleOutlook() {
	phase := phaseOf(funnel.UnitAccount,
		criterion("meeting_rate", rollout.Share, rollout.Control, 0),
		criterion("acceptance", rollout.Share, rollout.Threshold, 0.8))
	before := rollout.Evidence{Outcomes: map[string]rollout.Arms{"meeting_rate": {Control: rollout.Successes(30, 100, 0)}}}
	o, err := evidence.Outlook(phase, 40, before, nil)
	if err != nil {
		return
	}
	for _, words := range o.Words {
		fmt.Println(words)
	}
	// Output:
	// meeting_rate: at 40 accounts a week this gate stays open for about 9 months, longer than the phase, if the truth is 10.0 points better than control: choose another. In the 3 months of the phase it can tell 19.4 points from there.
	// acceptance: at 40 accounts a week this gate decides within about 3 months, 8 times in 10, if the truth is 10.0 points better than 80 %. In the 3 months of the phase it can tell 9.5 points from there.
}

// Every outcome has an outlook, for every unit, though nothing is known; but for
// what control is not asked.
func TestOutlookOfEverything(t *testing.T) {
	for _, unit := range []string{funnel.UnitAccount, funnel.UnitLead, funnel.UnitRep, funnel.UnitTeam} {
		for _, o := range funnel.Outcomes() {
			for _, role := range []rollout.Role{rollout.Criterion, rollout.Guardrail} {
				g := criterion(o.Name, o.MeasureOf(unit), rollout.Threshold, 0.95)
				g.Role, g.Direction = role, o.Direction
				hasOutlook(t, unit, o, g, true)
				g.Against, g.Line = rollout.Control, 0
				hasOutlook(t, unit, o, g, !o.Asked)
			}
		}
	}
}

func hasOutlook(t *testing.T, unit string, o funnel.Outcome, g rollout.Gate, want bool) {
	t.Helper()
	got, err := evidence.Outlook(phaseOf(unit, g), 100, rollout.Evidence{}, nil)
	switch {
	case !want && fault.KindOf(err) != fault.Invalid:
		t.Errorf("%s of %s against %s: %v", o.Name, unit, g.Against, err)
	case want && (err != nil || len(got.Prospects) != 1 || got.Prospects[0].Open < o.Window()):
		t.Errorf("%s of %s, a %s against %s: %+v, %v", o.Name, unit, g.Role, g.Against, got, err)
	}
}

// A gate that can find nothing does not hide what the others can.
func TestOutlookOfAGateWithoutRoom(t *testing.T) {
	guardrail := criterion("meeting_rate", rollout.Share, rollout.Control, -0.05)
	guardrail.Role = rollout.Guardrail
	gain := criterion("contact_rate", rollout.Share, rollout.Control, 0.3)
	before := rollout.Evidence{Outcomes: map[string]rollout.Arms{
		"meeting_rate": {Control: rollout.Successes(3, 100, 0)}, "contact_rate": {Control: rollout.Successes(80, 100, 0)},
	}}
	o, err := evidence.Outlook(phaseOf(funnel.UnitAccount, guardrail, gain, criterion("acceptance", rollout.Share, rollout.Threshold, 0.8)), 40, before, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{
		"meeting_rate: with control at 3 % nothing can be worse than control -5.0 points, so that this gate finds nothing: choose another.",
		"contact_rate: with control at 80 % nothing can be better than control +30.0 points, so that this gate finds nothing: choose another.",
		"acceptance: at 40 accounts a week this gate decides within about 3 months",
	} {
		if !strings.HasPrefix(o.Words[i], want) {
			t.Errorf("got %q, want %q", o.Words[i], want)
		}
	}
}

// Two gates of one outcome have a line each, and what is supposed from there.
func TestOutlookOfTwoGatesOfAnOutcome(t *testing.T) {
	guardrail := criterion("acceptance", rollout.Share, rollout.Threshold, 0.6)
	guardrail.Role = rollout.Guardrail
	o, err := evidence.Outlook(phaseOf(funnel.UnitAccount, criterion("acceptance", rollout.Share, rollout.Threshold, 0.95), guardrail), 40, rollout.Evidence{}, nil)
	if err != nil || !strings.Contains(o.Words[0], "5.0 points better than 95 %") || !strings.Contains(o.Words[1], "10.0 points worse than 60 %") {
		t.Errorf("%q, %v", o.Words, err)
	}
}

// What was measured before is taken over, control's before that of the process.
func TestOutlookTakesWhatIsKnown(t *testing.T) {
	hours := criterion("time_to_first_contact", rollout.Mean, rollout.Control, 0)
	before := func(spread float64) rollout.Evidence {
		arm := rollout.Arm{N: 100, Sum: 1000, Squares: 100*100 + 99*spread*spread} // a mean of 10
		return rollout.Evidence{Outcomes: map[string]rollout.Arms{"time_to_first_contact": {Treated: arm}}}
	}
	assumed := map[string]rollout.Assumption{"time_to_first_contact": {Deviation: 2, Change: 1}}
	for _, tt := range []struct {
		name     string
		evidence rollout.Evidence
		assumed  map[string]rollout.Assumption
		says     string
	}{
		{"nothing", rollout.Evidence{}, nil, "if the truth is 6 better"},
		{"a spread of 4 hours", before(4), nil, "if the truth is 2 better"},
		{"what somebody supposes", before(4), assumed, "if the truth is 1 better"},
	} {
		o, err := evidence.Outlook(phaseOf(funnel.UnitAccount, hours), 40, tt.evidence, tt.assumed)
		if err != nil || !strings.Contains(o.Words[0], tt.says) {
			t.Errorf("%s: %q, %v; want %q", tt.name, o.Words, err, tt.says)
		}
	}
	if _, err := evidence.Outlook(phaseOf(funnel.UnitAccount, hours), 0, rollout.Evidence{}, nil); fault.KindOf(err) != fault.Invalid {
		t.Errorf("nobody comes: %v", err)
	}
}
