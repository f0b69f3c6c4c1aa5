package scoring_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/policy/rules"
	"github.com/handoff-oss/handoff/shared/scoring"
	"github.com/handoff-oss/handoff/shared/signal"
)

// What a person enters goes before what was known, whoever said it, and only a
// later word of the highest source goes before that, in whatever order they come.
func TestAPersonsEntryRanksWithTheHighestSource(t *testing.T) {
	p, err := policy.Decode(policy.Default())
	if err != nil {
		t.Fatal(err)
	}
	c, err := rules.Compile(p, "test")
	if err != nil {
		t.Fatal(err)
	}
	noon := time.Date(2026, 5, 18, 12, 0, 0, 0, time.UTC)
	says := func(source, value string, hours int) signal.Signal {
		at := noon.Add(time.Duration(hours) * time.Hour)
		return signal.Signal{Source: source, ID: value, Type: signal.ContactChanged, OccurredAt: at, ReceivedAt: at, Lead: map[string]string{"phone": value}}
	}
	for name, tt := range map[string]struct {
		signals []signal.Signal
		want    string
	}{
		"after the highest":         {[]signal.Signal{says("hubspot", "1", 0), says(signal.Operator, "2", 1)}, "2"},
		"before the highest":        {[]signal.Signal{says("hubspot", "1", 2), says(signal.Operator, "2", 1)}, "1"},
		"before a lower one":        {[]signal.Signal{says("typeform", "1", 2), says(signal.Operator, "2", 1)}, "2"},
		"before an unknown one":     {[]signal.Signal{says("strange", "1", 2), says(signal.Operator, "2", 1)}, "2"},
		"after another of a person": {[]signal.Signal{says(signal.Operator, "1", 0), says(signal.Operator, "2", 1)}, "2"},
	} {
		back := []signal.Signal{tt.signals[1], tt.signals[0]}
		for _, signals := range [][]signal.Signal{tt.signals, back} {
			f, err := scoring.Of(c, signals, noon.Add(24*time.Hour))
			if got := f.Profile["phone"].Value; err != nil || got != tt.want {
				t.Errorf("%s: %q, want %q; %v", name, got, tt.want, err)
			}
		}
	}
}

func TestWhatALeadLacks(t *testing.T) {
	f := scoring.Facts{Profile: map[string]scoring.Field{"email": {Value: "a@b.example"}, "title": {Value: "CTO"}}}
	needs := []policy.Need{"phone", "email", "company or website", "phone or title"}
	if diff := cmp.Diff([]policy.Need{"phone", "company or website"}, f.Lacking(needs)); diff != "" {
		t.Error(diff)
	}
	for value, says := range map[string]bool{"-": false, " . ": false, "N/A": false, "?": false, "Na": true, "李": true, "3": true} {
		f := scoring.Facts{Profile: map[string]scoring.Field{"last_name": {Value: value}}}
		if got := len(f.Lacking([]policy.Need{"last_name"})) == 0; got != says {
			t.Errorf("%q is known: %t", value, got)
		}
	}
	if got := f.Lacking(nil); got != nil {
		t.Errorf("of nothing %v", got)
	}
}
