package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/handoff-oss/handoff/shared/rollout"
)

func scenes(t *testing.T, title string) []scene {
	t.Helper()
	all, err := chapters()
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(all, func(c chapter) bool { return c.title == title })
	if i < 0 {
		t.Fatalf("no chapter %s", title)
	}
	return all[i].scenes
}

// The hours that are not judged could not have been decided otherwise.
func TestHoursThatAreSkippedChangeNothing(t *testing.T) {
	for _, s := range []scene{scenes(t, "With harm")[3], scenes(t, "With a gain")[6], scenes(t, "Without harm")[3]} {
		s.phase.Most = 6 * week
		few := s.play(6, 7)
		s.hourly = true
		if all := s.play(6, 7); !slices.Equal(few.days, all.days) || few.rollbacks != all.rollbacks {
			t.Errorf("%s: decided after %v, and with every hour after %v", s.name, few.days, all.days)
		}
	}
}

// The same seed plays the same phases, however many work on them.
func TestASeedPlaysTheSame(t *testing.T) {
	s := scenes(t, "Spill-over")[1]
	a, b, c := s.play(8, 1), s.play(8, 1), s.play(8, 2)
	if !slices.Equal(a.days, b.days) || a.effect != b.effect || a.effect == c.effect {
		t.Errorf("%+v, %+v, and with other dice %+v", a, b, c)
	}
}

// Large harm is found, a large gain is proven, and neither the other way around.
func TestPlainTruthsAreFound(t *testing.T) {
	if got := scenes(t, "With harm")[3]; got.play(20, 3).rollbacks < 18 {
		t.Errorf("%s is rolled back %d times of 20", got.name, got.play(20, 3).rollbacks)
	}
	got := scenes(t, "With a gain")[3]
	if came := got.play(20, 3); came.promotions < 18 || came.rollbacks > 0 || came.day(0.5) < 14 {
		t.Errorf("%s: %+v", got.name, came)
	}
}

// Where leads are drawn and a colleague's gain is taken over, an effect looks
// smaller than it is; where accounts are drawn, it does not.
func TestSpillOverHidesAnEffect(t *testing.T) {
	s := scenes(t, "Spill-over")
	clean, crossed := s[1].play(40, 3).effect, s[5].play(40, 3).effect
	if crossed > 0.8*clean {
		t.Errorf("leads: an effect of %.3f looks like %.3f when all of it is taken over", clean, crossed)
	}
	if clean, crossed = s[0].play(40, 3).effect, s[4].play(40, 3).effect; crossed < 0.9*clean {
		t.Errorf("accounts: an effect of %.3f looks like %.3f when all of it is taken over", clean, crossed)
	}
}

func TestSimulate(t *testing.T) {
	dir := t.TempDir()
	var out bytes.Buffer
	if err := simulate(settings{seed: 1, runs: 10, out: dir}, &out, io.Discard); err != nil {
		t.Log(err) // so few phases may well err more often than allowed
	}
	for _, name := range []string{"without-harm.svg", "with-harm.svg", "with-a-gain.svg", "spill-over.svg"} {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil || !bytes.Contains(text, []byte("<svg")) || bytes.Contains(text, []byte("NaN")) {
			t.Errorf("%s: %d bytes, %v", name, len(text), err)
		}
	}
	if text, err := os.ReadFile(filepath.Join(dir, "report.txt")); err != nil || !strings.HasPrefix(out.String(), string(text)) {
		t.Errorf("the report is not what was printed: %v", err)
	}
}

// The report refuses what is decided in error more often than chance explains.
func TestTheReportRefusesErrors(t *testing.T) {
	g := rollout.Gate{Role: rollout.Guardrail, Alpha: 0.05}
	made := func(rollbacks int, same bool) []chapter {
		return []chapter{{null: true, scenes: []scene{{phase: rollout.Phase{Gates: []rollout.Gate{g}}, same: same, came: result{runs: 2000, rollbacks: rollbacks}}}}}
	}
	for _, tt := range []struct {
		rollbacks int
		same      bool
		fine      bool
	}{{50, false, true}, {110, false, true}, {160, false, false}, {400, true, true}} {
		if err := report(io.Discard, made(tt.rollbacks, tt.same)); (err == nil) != tt.fine {
			t.Errorf("%d rolled back of 2,000, which it is to show: %v: %v", tt.rollbacks, tt.same, err)
		}
	}
}
