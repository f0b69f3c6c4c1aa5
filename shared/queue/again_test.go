package queue_test

import (
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"github.com/handoff-oss/handoff/shared/queue"
)

func TestBackoffIsCappedAndJittered(t *testing.T) {
	for n := -1; n < 200; n++ {
		d := queue.Backoff(n)
		if d < queue.FirstWait/2 || d > queue.MostWait {
			t.Fatalf("backoff(%d) = %v", n, d)
		}
		if n > 10 && d < queue.MostWait/2 {
			t.Fatalf("backoff(%d) = %v, want at least half of %v", n, d, queue.MostWait)
		}
	}
}

func TestReceives(t *testing.T) {
	for value, want := range map[string]int{"": 1, "x": 1, "-1": 1, "0": 1, "1": 1, "17": 17} {
		if got := queue.Receives(events.SQSMessage{Attributes: map[string]string{"ApproximateReceiveCount": value}}); got != want {
			t.Errorf("%q: %d, want %d", value, got, want)
		}
	}
}

func TestWaitIsAtLeastWhatWasAsked(t *testing.T) {
	for asked, want := range map[time.Duration]time.Duration{0: queue.FirstWait / 2, time.Minute: time.Minute, 48 * time.Hour: time.Hour} {
		if got := queue.Wait(1, asked); got < want || got > max(want+want/10, queue.FirstWait) {
			t.Errorf("asked for %v: %v", asked, got)
		}
	}
}
