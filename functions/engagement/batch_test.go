package main

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/handoff-oss/handoff/infra/dynamodb/dynamotest"
	"github.com/handoff-oss/handoff/shared/clock"
	"github.com/handoff-oss/handoff/shared/inbox"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/secret"
	"github.com/handoff-oss/handoff/shared/signal"
	"github.com/handoff-oss/handoff/shared/table"
)

// segmentBatch is a batch of n events of as many people.
func segmentBatch(n int) string {
	batch := make([]string, n)
	for i := range batch {
		batch[i] = fmt.Sprintf(`{"type":"track","event":"Pricing Page Viewed","messageId":"b-%d","timestamp":"2026-03-02T09:59:00Z","context":{"traits":{"email":"p%d@many.example"}}}`, i, i)
	}
	return "[" + strings.Join(batch, ",") + "]"
}

// Segment puts up to four thousand events into one batch and waits five
// seconds for the answer. All are parked in time, each once.
func TestFourThousandEventsOfSegmentAreTakenInTime(t *testing.T) {
	const most = 4000
	client, name := dynamotest.CreateTable(t)
	tab := table.New(client, name)
	var parked []string
	h := handler{
		receiver: &inbox.Receiver{
			Put: tab.PutSignal, Source: policy.NewSourcesLoader(tab.Policy).Source,
			Park: func(_ context.Context, bodies ...string) error { parked = append(parked, bodies...); return nil },
			Keys: func(context.Context, time.Time) (map[string]secret.Keys, error) {
				return map[string]secret.Keys{"segment": {testKey}}, nil
			},
		},
		publicURL: address, clock: clock.Fixed(now()), log: slog.New(slog.NewJSONHandler(&bytes.Buffer{}, nil)),
	}
	start := time.Now()
	got, err := h.handle(t.Context(), post(t, "segment", segmentBatch(most)))
	took := time.Since(start)
	t.Logf("answered after %v", took)
	if err != nil || got.StatusCode != 200 || !strings.Contains(got.Body, `"parked":4000`) || took > 5*time.Second {
		t.Fatalf("after %v: %d %s %v", took, got.StatusCode, got.Body, err)
	}
	var mu sync.Mutex
	seen := map[string]bool{}
	for _, body := range parked {
		_, err := inbox.StoreChunk(t.Context(), func(_ context.Context, s signal.Signal) (bool, error) {
			mu.Lock()
			defer mu.Unlock()
			stored := !seen[s.ID]
			seen[s.ID] = true
			return stored, nil
		}, body)
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(seen) != most {
		t.Errorf("%d of %d events are parked", len(seen), most)
	}
}
