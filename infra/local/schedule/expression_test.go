package schedule_test

import (
	"testing"
	"time"

	"github.com/handoff-oss/handoff/infra/local/schedule"
)

func TestAtOrAfter(t *testing.T) {
	tests := []struct{ expression, from, want string }{
		{"rate(1 minute)", "2026-11-22T10:00:00Z", "2026-11-22T10:00:00Z"},
		{"rate(1 minute)", "2026-11-22T10:00:00.001Z", "2026-11-22T10:01:00Z"},
		{"rate(5 minutes)", "2026-11-22T10:01:00Z", "2026-11-22T10:05:00Z"},
		{"rate(1 hour)", "2026-11-22T10:01:00Z", "2026-11-22T11:00:00Z"},
		{"rate(1 day)", "2026-11-22T10:01:00Z", "2026-11-23T00:00:00Z"},
		{"cron(0 8 ? * MON-FRI *)", "2026-11-20T08:00:01Z", "2026-11-23T08:00:00Z"},
		{"cron(17 3 * * ? *)", "2026-11-20T03:17:01Z", "2026-11-21T03:17:00Z"},
		{"cron(0/15 9-17 * * ? *)", "2026-11-20T09:16:00Z", "2026-11-20T09:30:00Z"},
		{"cron(0/15 9-17 * * ? *)", "2026-11-20T17:50:00Z", "2026-11-21T09:00:00Z"},
		{"cron(30 6 1 JAN,APR,JUL,OCT ? *)", "2026-11-20T09:16:00Z", "2027-01-01T06:30:00Z"},
		{"cron(0 0 29 2 ? *)", "2026-11-20T09:16:00Z", "2028-02-29T00:00:00Z"},
		{"cron(0 0 1 1 ? 2020)", "2026-11-20T09:16:00Z", ""},
	}
	for _, tt := range tests {
		t.Run(tt.expression+" "+tt.from, func(t *testing.T) {
			e, err := schedule.Parse(tt.expression)
			if err != nil {
				t.Fatal(err)
			}
			from, err := time.Parse(time.RFC3339, tt.from)
			if err != nil {
				t.Fatal(err)
			}
			at, ok := e.AtOrAfter(from)
			got := ""
			if ok {
				got = at.Format(time.RFC3339)
			}
			if got != tt.want {
				t.Errorf("due at %q, want %q", got, tt.want)
			}
		})
	}
}

func TestParseRefuses(t *testing.T) {
	for _, s := range []string{"", "rate(1 fortnight)", "rate(0 minutes)", "rate(5)", "every day", "cron(0 8 * *)", "cron(61 8 * * ? *)", "cron(0 8 ? * MON-XXX *)", "cron(0/0 8 ? * * *)"} {
		if _, err := schedule.Parse(s); err == nil {
			t.Errorf("%q parses", s)
		}
	}
}
