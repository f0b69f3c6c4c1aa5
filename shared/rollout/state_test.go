package rollout_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/rollout"
)

var opening = time.Date(2026, 6, 1, 9, 0, 0, 0, time.UTC)

// track is a rollout in four phases, the last of which may not begin before July.
func track() []rollout.Step {
	return []rollout.Step{
		{Name: "watch", Mode: rollout.Shadow, Share: 1},
		{Name: "quarter", Mode: rollout.Auto, Share: 0.25},
		{Name: "half", Mode: rollout.Auto, Share: 0.5},
		{Name: "everybody", Mode: rollout.Auto, Share: 1, Start: time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC)},
	}
}

func by(days int) rollout.Order {
	return rollout.Order{By: "Morgan Hale", Why: "because", At: opening.AddDate(0, 0, days)}
}

type act func(rollout.State, int) (rollout.State, error)

func acts() map[string]act {
	return map[string]act{
		"begin":    func(s rollout.State, d int) (rollout.State, error) { return s.Begin(track(), by(d)) },
		"promote":  func(s rollout.State, d int) (rollout.State, error) { return s.Promote(track(), by(d)) },
		"hold":     func(s rollout.State, d int) (rollout.State, error) { return s.Hold(track(), by(d)) },
		"pause":    func(s rollout.State, d int) (rollout.State, error) { return s.Pause(track(), by(d)) },
		"resume":   func(s rollout.State, d int) (rollout.State, error) { return s.Resume(track(), "", by(d)) },
		"rollback": func(s rollout.State, d int) (rollout.State, error) { return s.RollBack(track(), by(d)) },
		"to watch": func(s rollout.State, d int) (rollout.State, error) { return s.Resume(track(), "watch", by(d)) },
		"to half":  func(s rollout.State, d int) (rollout.State, error) { return s.Resume(track(), "half", by(d)) },
		"to moon":  func(s rollout.State, d int) (rollout.State, error) { return s.Resume(track(), "moon", by(d)) },
	}
}

// Each act a day after the one before, from nothing stored.
func TestActs(t *testing.T) {
	for _, tc := range []struct {
		acts    string
		phase   string
		status  rollout.Status
		round   int
		started int // the day of the act with which the round began; -1 for never
		refused string
	}{
		{"begin", "watch", rollout.Running, 1, 0, ""},
		{"begin begin", "watch", rollout.Running, 1, 0, "has begun already"},
		{"promote", "quarter", rollout.Running, 2, 0, ""},
		{"begin promote promote", "half", rollout.Running, 3, 2, ""},
		{"begin promote promote promote", "half", rollout.Running, 3, 2, "begins on 2026-07-01"},
		{"begin hold", "watch", rollout.Running, 1, 0, ""},
		{"begin pause", "watch", rollout.Paused, 1, 0, ""},
		{"begin pause pause", "watch", rollout.Paused, 1, 0, "is paused; resume it first"},
		{"begin pause promote", "watch", rollout.Paused, 1, 0, "is paused; resume it first"},
		{"begin pause hold", "watch", rollout.Paused, 1, 0, "is paused; resume it first"},
		{"begin pause resume", "watch", rollout.Running, 1, 0, ""},
		{"begin resume", "watch", rollout.Running, 1, 0, "runs already"},
		{"begin promote rollback", "quarter", rollout.RolledBack, 2, 1, ""},
		{"begin promote rollback rollback", "quarter", rollout.RolledBack, 2, 1, "rolled back already"},
		{"begin promote rollback promote", "quarter", rollout.RolledBack, 2, 1, "is rolled back; resume it first"},
		{"begin promote rollback resume", "quarter", rollout.Running, 3, 3, ""},
		{"begin promote pause rollback resume", "quarter", rollout.Running, 3, 4, ""},
		{"begin promote|to watch", "watch", rollout.Running, 3, 2, ""},
		{"begin promote pause|to watch", "watch", rollout.Running, 3, 3, ""},
		{"begin promote|to half", "quarter", rollout.Running, 2, 1, "comes after quarter; promote instead"},
		{"begin|to moon", "watch", rollout.Running, 1, 0, "has no phase moon"},
		{"rollback", "watch", rollout.RolledBack, 1, -1, ""},
	} {
		t.Run(tc.acts, func(t *testing.T) {
			s, done, err := play(tc.acts)
			if (err == nil) != (tc.refused == "") || err != nil && (!strings.Contains(err.Error(), tc.refused) || fault.KindOf(err) != fault.Invalid) {
				t.Errorf("refused by %v, want %q", err, tc.refused)
			}
			started := time.Time{}
			if tc.started >= 0 {
				started = opening.AddDate(0, 0, tc.started)
			}
			if s.Phase != tc.phase || s.Status != tc.status || s.Round != tc.round || !s.Started.Equal(started) || s.Version != done {
				t.Errorf("%+v, want started %s, version %d", s, started, done)
			}
		})
	}
}

// play does one act a day, and returns what came of it, how many were done, and
// the error of the last.
func play(text string) (s rollout.State, done int64, err error) {
	names := strings.Fields(strings.ReplaceAll(strings.ReplaceAll(text, "to ", "to_"), "|", " "))
	for day, name := range names {
		var next rollout.State
		if next, err = acts()[strings.ReplaceAll(name, "_", " ")](s, day); err == nil {
			s, done = next, done+1
		}
	}
	return s, done, err
}

func TestThereIsNothingAfterTheLastPhase(t *testing.T) {
	s := rollout.State{Version: 4, Phase: "everybody", Mode: rollout.Auto, Share: 1, Status: rollout.Running, Round: 4}
	if _, err := s.Promote(track(), by(60)); err == nil || !strings.Contains(err.Error(), "is the last phase") {
		t.Error(err)
	}
	half := rollout.State{Version: 3, Phase: "half", Mode: rollout.Auto, Share: 0.5, Status: rollout.Running, Round: 3}
	if s, err := half.Promote(track(), by(30)); err != nil || s.Phase != "everybody" {
		t.Error(s, err)
	}
}

func TestNobodyActsWithoutAReason(t *testing.T) {
	for _, o := range []rollout.Order{{By: " ", Why: "because"}, {By: "Morgan Hale"}} {
		if _, err := (rollout.State{}).Promote(track(), o); fault.KindOf(err) != fault.Invalid || err == nil {
			t.Errorf("%+v: %v", o, err)
		}
	}
	for name, a := range map[string]func() (rollout.State, error){
		"begin":   func() (rollout.State, error) { return rollout.State{}.Begin(nil, by(0)) },
		"promote": func() (rollout.State, error) { return rollout.State{}.Promote(nil, by(0)) },
		"resume":  func() (rollout.State, error) { return rollout.State{}.Resume(nil, "", by(0)) },
	} {
		if _, err := a(); err == nil {
			t.Errorf("%s without phases is let through", name)
		}
	}
}

// A phase that the policy has lost, or changed.
func TestThePolicyChangesUnderAPhase(t *testing.T) {
	half := rollout.State{Version: 3, Phase: "half", Mode: rollout.Auto, Share: 0.5, Status: rollout.Running, Round: 3, Started: opening}
	without := func(name string) []rollout.Step {
		return slices.DeleteFunc(track(), func(p rollout.Step) bool { return p.Name == name })
	}
	renamed, wider := track(), track()
	renamed[2].Name, wider[2].Share = "two_quarters", 0.6
	far := []rollout.Step{{Name: "everybody", Mode: rollout.Auto, Share: 1}}
	for _, tc := range []struct {
		name    string
		steps   []rollout.Step
		in      string
		changed bool
		why     string
	}{
		{"nothing", track(), "half", false, ""},
		{"another phase is gone", without("watch"), "half", false, ""},
		{"it is gone: the one before goes no further", without("half"), "quarter", true, "The policy has no phase half any more; quarter, which goes no further, is in force instead."},
		{"it has another name", renamed, "two_quarters", true, "The policy has no phase half any more; two_quarters, which goes no further, is in force instead."},
		{"it is wider", wider, "half", true, "The policy has changed phase half from auto for 50 % to auto for 60 %."},
		{"all that are left go further: the first", far, "everybody", true, "The policy has no phase half any more; everybody, the first of its phases, is in force instead."},
	} {
		t.Run(tc.name, func(t *testing.T) {
			i, _ := half.In(tc.steps)
			next, changed := half.Follow(tc.steps, rollout.Order{By: "handoff", At: opening.AddDate(0, 0, 5)})
			if tc.steps[i].Name != tc.in || changed != tc.changed || next.Phase != tc.in {
				t.Fatalf("in %s, then %+v, changed %v", tc.steps[i].Name, next, changed)
			}
			if changed && (next.Why != tc.why || next.Round != 4 || next.Version != 4 || !next.Started.Equal(opening.AddDate(0, 0, 5)) || next.Act != rollout.ActFollow) {
				t.Errorf("%+v", next)
			}
		})
	}
	if _, changed := (rollout.State{}).Follow(track(), by(0)); changed {
		t.Error("what is not stored follows nothing")
	}
}

// What was counted of other units is no evidence about these.
func TestThePolicyDrawsOtherUnits(t *testing.T) {
	of := func(unit string) []rollout.Step {
		steps := track()
		for i := range steps {
			steps[i].Unit = unit
		}
		return steps
	}
	s, err := rollout.State{}.Begin(of("rep"), by(0))
	if err != nil || s.Unit != "rep" {
		t.Fatalf("%+v, %v", s, err)
	}
	if _, changed := s.Follow(of("rep"), by(1)); changed {
		t.Error("the same unit begins a round")
	}
	next, changed := s.Follow(of("account"), by(1))
	if want := "The policy draws accounts in phase watch now, and no longer reps."; !changed || next.Round != 2 || next.Unit != "account" || next.Why != want {
		t.Errorf("%+v", next)
	}
	s.Unit = "" // as it was stored before
	if _, changed := s.Follow(of("account"), by(1)); changed {
		t.Error("what is not known has not changed")
	}
}

// follows tells whether a state may come after another: a version later, in no
// earlier round, and in the same one after a pause.
func follows(next, s rollout.State) bool {
	later := next.Version == s.Version+1 && next.Round >= s.Round && !next.Started.Before(s.Started)
	return later && (next.Status != rollout.Paused || next.Round == max(1, s.Round))
}

// Whatever is done, versions count up, rounds never go back, and a state comes
// back from JSON as it was.
func TestStatesOnlyGoForward(t *testing.T) {
	names := []string{"begin", "promote", "hold", "pause", "resume", "rollback", "to watch", "to half", "to moon"}
	rapid.Check(t, func(rt *rapid.T) {
		var s rollout.State
		for day := range rapid.IntRange(1, 20).Draw(rt, "n") {
			next, err := acts()[rapid.SampledFrom(names).Draw(rt, "act")](s, day)
			if err != nil {
				continue
			}
			if !follows(next, s) {
				rt.Fatalf("%+v after %+v", next, s)
			}
			s = next
		}
		b, err := json.Marshal(s)
		if err != nil {
			rt.Fatal(err)
		}
		var back rollout.State
		if err := json.Unmarshal(b, &back); err != nil || back != s {
			rt.Fatalf("%+v came back as %+v, %v", s, back, err)
		}
	})
}
