package scoring_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/handoff-oss/handoff/shared/scoring"
	"github.com/handoff-oss/handoff/shared/signal"
)

// person is a signal that brings a profile and some engagement.
func person(id, email, title string) signal.Signal {
	s := pricing(id, 0)
	s.Identity.Email = email
	s.Lead = map[string]string{"company": "Engines", "title": title}
	return s
}

// request asks for a demo.
func request(email string) signal.Signal {
	s := form("1", "Request a demo", 0, nil)
	s.Identity.Email = email
	return s
}

func TestLack(t *testing.T) {
	c := compiled(t) // A from 65 with 30, B from 45 with 45, C from 20 with 75
	const day = 24 * time.Hour
	tests := []struct {
		name     string
		signals  []signal.Signal
		want     scoring.Lack
		distance int
		words    string
	}{
		{
			"a grade short of engagement",
			[]signal.Signal{person("1", "ada@engines.example", "CTO"), pricing("2", 0)},
			scoring.Lack{Points: 10, Grade: "A"},
			10, "10 points (grade A)",
		},
		{
			"nothing",
			[]signal.Signal{person("1", "ada@engines.example", "CTO"), pricing("2", 0), pricing("3", day), pricing("4", day), pricing("5", 2*day)},
			scoring.Lack{Grade: "A"},
			0, "",
		},
		{
			"an exclusion",
			[]signal.Signal{request("gus@gmail.com"), person("2", "gus@gmail.com", "")},
			scoring.Lack{Exclusions: []string{"free_mail"}},
			15, "the exclusion free_mail",
		},
		{
			"a field",
			[]signal.Signal{request(""), person("2", "", "")},
			scoring.Lack{Fields: []string{"email"}},
			10, "the email",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := evaluate(t, c, now, tt.signals...)
			got := scoring.LackOf(c, r)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("lack of fit %s %d, engagement %d (-want +got):\n%s", r.Fit.Grade, r.Fit.Score, r.Engagement.Score, diff)
			}
			if got.Distance() != tt.distance || got.String() != tt.words {
				t.Errorf("distance %d, %q; want %d, %q", got.Distance(), got, tt.distance, tt.words)
			}
		})
	}
}

// A lead lacks nothing exactly when it qualifies.
func TestNothingIsLackingExactlyWhenTheLeadQualifies(t *testing.T) {
	c := compiled(t)
	rapid.Check(t, func(t *rapid.T) {
		f, err := scoring.Of(c, drawSignals(t), now)
		if err != nil {
			t.Fatal(err)
		}
		r, err := scoring.Evaluate(c, f, now)
		if err != nil {
			t.Fatal(err)
		}
		lack := scoring.LackOf(c, r)
		if (lack.Distance() == 0) != r.Qualification.Qualified {
			t.Fatalf("%+v, but %+v", lack, r.Qualification)
		}
		if len(scoring.OneMore(c, f, now)) > 0 && len(lack.Fields)+len(lack.Exclusions) > 0 {
			t.Fatal("engagement alone makes up for a field or an exclusion")
		}
	})
}

// A lead becomes nearly qualified at a smaller distance than it ceases to be,
// and while it stays so its time changes once a month at the most.
func TestNearSince(t *testing.T) {
	before := now.Add(-time.Hour)
	tests := []struct {
		name     string
		distance int
		before   time.Time
		want     time.Time
	}{
		{"far away", 16, time.Time{}, time.Time{}},
		{"comes close", 15, time.Time{}, now},
		{"stays close", 15, before, before},
		{"fades a little", 25, before, before},
		{"fades away", 26, before, time.Time{}},
		{"stays for long", 10, now.Add(-31 * 24 * time.Hour), now},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := (scoring.Lack{Points: tt.distance}).NearSince(tt.before, now); !got.Equal(tt.want) {
				t.Errorf("near since %v, want %v", got, tt.want)
			}
		})
	}
}

func TestOneMore(t *testing.T) {
	c := compiled(t)
	f, err := scoring.Of(c, []signal.Signal{person("1", "ada@engines.example", "CTO"), pricing("2", 0)}, now)
	if err != nil {
		t.Fatal(err)
	}
	got := scoring.OneMore(c, f, now)
	if !slices.Contains(got, "Asked for a guide or a webinar") || !slices.Contains(got, "Started a trial") {
		t.Errorf("one more of %q", got)
	}
	if slices.Contains(got, "Looked at the prices") { // two a day count
		t.Error("a third look at the prices of one day counts nothing")
	}
	if got[len(got)-1] != "Started a trial" {
		t.Errorf("the most points come last: %q", got)
	}
	if r := evaluate(t, c, now); r.Qualification.Qualified {
		t.Fatal("nobody qualifies")
	}
	if got := scoring.OneMore(c, scoring.New(c), now); len(got) != 0 {
		t.Errorf("one thing makes a stranger qualify: %q", got)
	}
}
