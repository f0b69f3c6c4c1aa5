package inbox_test

import (
	"context"
	"testing"
	"time"

	"github.com/handoff-oss/handoff/shared/inbox"
	"github.com/handoff-oss/handoff/shared/signal"
)

func TestOnlyWhatPassesIsForgotten(t *testing.T) {
	at := time.Date(2026, 5, 18, 9, 0, 0, 0, time.UTC)
	tests := []struct {
		name string
		s    signal.Signal
		days int
		want time.Time
	}{
		{"a visit", signal.Signal{Type: signal.PageViewed}, 400, at.AddDate(0, 0, 400)},
		{"a visit under a policy that keeps everything", signal.Signal{Type: signal.PageViewed}, 0, time.Time{}},
		{"a visit that says who it was", signal.Signal{Type: signal.PageViewed, Lead: map[string]string{"company": "Engines"}}, 400, time.Time{}},
		{"an event that says what they agree to", signal.Signal{Type: signal.EventTracked, Attributes: map[string]string{"consent.email": "given"}}, 400, time.Time{}},
		{"a form", signal.Signal{Type: signal.FormSubmitted}, 400, time.Time{}},
		{"an unsubscribe", signal.Signal{Type: signal.EmailUnsubscribed}, 400, time.Time{}},
		{"a meeting", signal.Signal{Type: signal.MeetingBooked}, 400, time.Time{}},
		{"a click", signal.Signal{Type: signal.EmailClicked}, 200, at.AddDate(0, 0, 200)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.s.ReceivedAt = at
			var got time.Time
			put := inbox.Keeping(
				func(context.Context, time.Time) int { return tt.days },
				func(_ context.Context, _ signal.Signal, until time.Time) (bool, error) { got = until; return true, nil },
			)
			if stored, err := put(t.Context(), tt.s); err != nil || !stored || !got.Equal(tt.want) {
				t.Errorf("kept until %v, want %v; %v", got, tt.want, err)
			}
		})
	}
}
