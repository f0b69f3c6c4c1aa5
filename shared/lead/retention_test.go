package lead_test

import (
	"testing"
	"time"

	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/scoring"
)

func TestWhoWasKeptLongEnough(t *testing.T) {
	now := monday.AddDate(2, 0, 0)
	days := func(n int) time.Time { return now.AddDate(0, 0, -n) }
	tests := []struct {
		name   string
		change func(*lead.Lead)
		days   int
		want   bool
	}{
		{"quiet for long", func(*lead.Lead) {}, 365, true},
		{"exactly so long", func(l *lead.Lead) { l.Facts.Latest.At = days(365) }, 365, true},
		{"a day less", func(l *lead.Lead) { l.Facts.Latest.At = days(364) }, 365, false},
		{"old news that was imported lately", func(l *lead.Lead) { l.CreatedAt = days(3) }, 365, false},
		{"a policy that keeps everybody", func(*lead.Lead) {}, 0, false},
		{"with a rep", func(l *lead.Lead) { l.Journey.Handoff = &lead.Handoff{Rep: "maya"} }, 365, false},
		{"given back", func(l *lead.Lead) { l.Journey.Handoff = &lead.Handoff{Rep: "maya", Answer: lead.AnswerRejected} }, 365, true},
		{"held", func(l *lead.Lead) { l.Journey.Held = &lead.Handoff{} }, 365, false},
		{"waits for a manager", func(l *lead.Lead) { l.Journey.Suggested = &lead.Suggestion{} }, 365, false},
		{"waits for data", func(l *lead.Lead) { l.Journey.Incomplete = &lead.Incomplete{} }, 365, false},
		{"a clock runs", func(l *lead.Lead) { l.Journey.Clocks = []lead.Clock{{State: lead.Paused}} }, 365, false},
		{"a deal is open", func(l *lead.Lead) { l.Journey.Stage = lead.Opportunity }, 365, false},
		{"won, and still in a rep's name", func(l *lead.Lead) { l.Journey.Stage, l.Journey.Handoff = lead.Won, &lead.Handoff{Rep: "maya"} }, 365, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l := &lead.Lead{CreatedAt: monday, Facts: scoring.Facts{Latest: scoring.Mark{At: monday}}}
			tt.change(l)
			if got := l.Overdue(policy.Retention{LeadsDays: tt.days}, now); got != tt.want {
				t.Errorf("%v", got)
			}
		})
	}
}
