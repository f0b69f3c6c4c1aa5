package scoring_test

import (
	"testing"
	"time"

	"github.com/handoff-oss/handoff/shared/scoring"
	"github.com/handoff-oss/handoff/shared/signal"
)

func TestActiveOn(t *testing.T) {
	c := compiled(t)
	const day = 24 * time.Hour
	midnight := now.Truncate(day)
	unsubscribed := event("u", 0, func(s *signal.Signal) { s.Type = signal.EmailUnsubscribed })
	tests := []struct {
		given   string
		signals []signal.Signal
		want    time.Time // zero: never
	}{
		{"nothing", nil, time.Time{}},
		{"a visit today", []signal.Signal{pricing("1", 0)}, midnight},
		{"visits on two days", []signal.Signal{pricing("1", 9*day), pricing("2", 3*day)}, midnight.Add(-3 * day)},
		{"a request", []signal.Signal{form("1", "Request a demo", 2*day, nil)}, midnight.Add(-2 * day)},
		{"what counts for nothing", []signal.Signal{event("1", 0, func(s *signal.Signal) { s.Attributes[signal.AttrEvent] = "Something else" })}, time.Time{}},
		{"an unsubscription after a visit", []signal.Signal{pricing("1", 3*day), unsubscribed}, midnight.Add(-3 * day)},
		{"a visit beyond the horizon", []signal.Signal{pricing("1", time.Duration(c.Engagement.HorizonDays+1)*day)}, time.Time{}},
		{
			"a scanner's click", []signal.Signal{
				mail("d", signal.EmailDelivered, time.Hour, "m", ""), mail("c", signal.EmailClicked, time.Hour-time.Second, "m", "https://x.example/"),
			}, time.Time{},
		},
	}
	for _, tt := range tests {
		f, err := scoring.Of(c, tt.signals, now)
		if err != nil {
			t.Fatal(err)
		}
		got, ok := scoring.ActiveOn(c, f, now)
		if ok == tt.want.IsZero() || ok && !got.Equal(tt.want) {
			t.Errorf("%s: %v, %v; want %v", tt.given, got, ok, tt.want)
		}
	}
}
