package main

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/handoff-oss/handoff/infra/dynamodb/dynamotest"
	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/inbox"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/secret"
	"github.com/handoff-oss/handoff/shared/table"
)

// metaBatch is a delivery of n leads of one page.
func metaBatch(n int) string {
	changes := make([]string, n)
	for i := range changes {
		changes[i] = fmt.Sprintf(`{"field":"leadgen","value":{"leadgen_id":"%d","page_id":"7","form_id":"9","created_time":1772445590}}`, 500000+i)
	}
	return `{"object":"page","entry":[{"id":"7","time":1772445590,"changes":[` + strings.Join(changes, ",") + `]}]}`
}

// Meta puts up to a thousand leads into one delivery. All are kept, and the
// answer is there before the least patient provider hangs up.
func TestAThousandLeadsOfMetaAreTakenInTime(t *testing.T) {
	client, name := dynamotest.CreateTable(t)
	tab := table.New(client, name)
	var mu sync.Mutex
	var parked []string
	park := func(_ context.Context, bodies ...string) error {
		mu.Lock()
		defer mu.Unlock()
		parked = append(parked, bodies...)
		return nil
	}
	h, _ := open(tab.PutSignal, park, policy.NewSourcesLoader(tab.Policy).Source)
	h.receiver.Keys = func(context.Context, time.Time) (map[string]secret.Keys, error) {
		return map[string]secret.Keys{"meta": {testKey}}, nil
	}
	start := time.Now()
	got, err := h.handle(t.Context(), post(t, "meta", metaBatch(1000)))
	took := time.Since(start)
	if err != nil || got.StatusCode != 200 || !strings.Contains(got.Body, `"parked":1000`) || took > 3*time.Second {
		t.Fatalf("after %v: %d %s %v", took, got.StatusCode, got.Body, err)
	}
	stored := 0
	for _, body := range parked {
		for try := range 20 { // as the queue does, on a busy machine
			done, err := inbox.StoreChunk(t.Context(), tab.PutSignal, body)
			stored += done.New
			if err == nil {
				break
			}
			if fault.KindOf(err) != fault.Unavailable || try == 19 {
				t.Fatal(err)
			}
		}
	}
	if stored != 1000 {
		t.Errorf("%d of 1000 leads are stored", stored)
	}
}
