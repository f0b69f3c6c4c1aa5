package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/google/go-cmp/cmp"

	"github.com/handoff-oss/handoff/shared/bus"
	"github.com/handoff-oss/handoff/shared/clock"
	"github.com/handoff-oss/handoff/shared/contract"
	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/signal"
)

var monday = time.Date(2026, 5, 18, 14, 0, 0, 0, time.UTC)

// road is a bus that refuses some events.
type road struct {
	puts   int
	taken  []string
	refuse []string
}

func (r *road) Put(_ context.Context, all []contract.Event) []bus.Failure {
	r.puts++
	var failed []bus.Failure
	for i, e := range all {
		if slices.Contains(r.refuse, e.ID) {
			failed = append(failed, bus.Failure{Index: i, Err: fault.New(fault.Unavailable, "refused")})
			continue
		}
		r.taken = append(r.taken, e.ID)
	}
	return failed
}

// record is a stream record of a log item with some entries.
func record(t *testing.T, key signal.LeadKey, version int64, entries int) map[string]any {
	t.Helper()
	item := lead.LogItem{Key: key, Version: version, At: monday, PolicyVersion: "p-1", Inputs: []string{"tick"}}
	for i := range entries {
		item.Entries = append(item.Entries, contract.Event{ID: contract.EventID(string(key), version, i), Type: contract.LeadCreated, Time: monday, Lead: string(key)})
	}
	doc, err := json.Marshal(item)
	if err != nil {
		t.Fatal(err)
	}
	keys := map[string]any{
		"pk": map[string]any{"S": "LEAD#" + key},
		"sk": map[string]any{"S": fmt.Sprintf("LOG#%012d", version)},
	}
	return map[string]any{
		"eventID": fmt.Sprintf("%s-%d", key, version), "eventName": "INSERT", "eventSource": "aws:dynamodb", "awsRegion": "eu-west-1",
		"dynamodb": map[string]any{
			"Keys": keys, "SequenceNumber": fmt.Sprintf("10000%s%d", key, version), "StreamViewType": "NEW_AND_OLD_IMAGES",
			"NewImage": map[string]any{"pk": keys["pk"], "sk": keys["sk"], "doc": map[string]any{"S": string(doc)}},
		},
	}
}

// batch decodes records as Lambda hands them to a function.
func batch(t *testing.T, records ...map[string]any) events.DynamoDBEvent {
	t.Helper()
	b, err := json.Marshal(map[string]any{"Records": records})
	if err != nil {
		t.Fatal(err)
	}
	var in events.DynamoDBEvent
	if err := json.Unmarshal(b, &in); err != nil {
		t.Fatal(err)
	}
	return in
}

func TestABatchIsPublishedInOrder(t *testing.T) {
	broken := record(t, "1b", 7, 1)
	broken["dynamodb"].(map[string]any)["NewImage"] = map[string]any{"doc": map[string]any{"S": "{"}} //nolint:errcheck,forcetypeassert // made above
	for _, tc := range []struct {
		name    string
		records []map[string]any
		refuse  []string
		taken   []string
		failed  []string
	}{
		{"nothing", nil, nil, nil, nil},
		{"one decision of three entries", []map[string]any{record(t, "1a", 1, 3)}, nil, []string{"1a.1.0", "1a.1.1", "1a.1.2"}, nil},
		{
			"several leads",
			[]map[string]any{record(t, "1a", 1, 1), record(t, "1b", 4, 2), record(t, "1a", 2, 1)},
			nil,
			[]string{"1a.1.0", "1b.4.0", "1b.4.1", "1a.2.0"},
			nil,
		},
		{
			"one refused",
			[]map[string]any{record(t, "1a", 1, 1), record(t, "1b", 4, 2), record(t, "1a", 2, 1)},
			[]string{"1b.4.0", "1b.4.1"},
			[]string{"1a.1.0", "1a.2.0"},
			[]string{"100001b4"},
		},
		{
			"one that is no log item holds up nobody",
			[]map[string]any{record(t, "1a", 1, 1), broken, record(t, "1c", 2, 1)},
			nil,
			[]string{"1a.1.0", "1c.2.0"},
			[]string{"100001b7"},
		},
		{
			"all refused",
			[]map[string]any{record(t, "1a", 1, 1), record(t, "1b", 1, 1)},
			[]string{"1a.1.0", "1b.1.0"},
			nil,
			[]string{"100001a1", "100001b1"},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := &road{refuse: tc.refuse}
			h := handler{bus: r, now: clock.Fixed(monday), log: slog.New(slog.DiscardHandler)}
			out, err := h.handle(t.Context(), batch(t, tc.records...))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.failed, failures(out)); diff != "" {
				t.Errorf("failed (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tc.taken, r.taken); diff != "" {
				t.Errorf("taken (-want +got):\n%s", diff)
			}
			if r.puts > 1 {
				t.Errorf("%d calls of the bus, want one", r.puts)
			}
		})
	}
}

func failures(out events.DynamoDBEventResponse) []string {
	var ids []string
	for _, f := range out.BatchItemFailures {
		ids = append(ids, f.ItemIdentifier)
	}
	return ids
}
