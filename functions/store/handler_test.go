package main

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"strconv"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"github.com/handoff-oss/handoff/infra/dynamodb/dynamotest"
	"github.com/handoff-oss/handoff/shared/clock"
	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/inbox"
	"github.com/handoff-oss/handoff/shared/signal"
	"github.com/handoff-oss/handoff/shared/table"
)

func TestParkedSignalsAreStoredOnce(t *testing.T) {
	client, name := dynamotest.CreateTable(t)
	tab := table.New(client, name)
	received := time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)
	var q played
	h := handler{put: tab.PutSignal, queue: &q, clock: clock.Fixed(received.Add(time.Hour)), log: slog.New(slog.NewJSONHandler(&bytes.Buffer{}, nil))}
	s := signal.Signal{Source: "segment", ID: "m1", Type: signal.Other, OccurredAt: received, ReceivedAt: received, Identity: signal.Identity{Email: "a@b.example"}}
	chunks, err := inbox.Chunks([]signal.Signal{s})
	if err != nil {
		t.Fatal(err)
	}
	e := events.SQSEvent{Records: []events.SQSMessage{{MessageId: "1", Body: chunks[0]}, {MessageId: "2", Body: "no chunk"}, {MessageId: "3", Body: chunks[0]}}}
	out, err := h.handle(t.Context(), e)
	if err != nil || len(out.BatchItemFailures) != 0 {
		t.Errorf("%+v %v", out, err)
	}
	if len(q.buried) != 1 || q.buried["2"] == "" || len(q.delays) != 0 {
		t.Errorf("what is no list of signals must go to the dead letters at once: %+v", q)
	}
	key, err := s.LeadKey()
	if err != nil {
		t.Fatal(err)
	}
	stored, err := tab.Signals(t.Context(), key)
	if err != nil || len(stored) != 1 || !stored[0].ReceivedAt.Equal(received) {
		t.Errorf("%+v %v", stored, err)
	}
}

// played is a queue that remembers what was asked of it.
type played struct {
	last   bool
	away   error
	delays []time.Duration
	buried map[string]string // why, by message
}

func (p *played) Last(events.SQSMessage) bool { return p.last }

func (p *played) Hide(_ context.Context, _ events.SQSMessage, delay time.Duration) error {
	p.delays = append(p.delays, delay)
	return nil
}

func (p *played) Bury(_ context.Context, m events.SQSMessage, why error) error {
	if p.away != nil {
		return p.away
	}
	if p.buried == nil {
		p.buried = map[string]string{}
	}
	p.buried[m.MessageId] = why.Error()
	return nil
}

// The queue keeps a message for fourteen days and gives up after a thousand
// tries: an outage of that length must need fewer.
func TestAnOutageOfTwoWeeksMakesNoDeadLetters(t *testing.T) {
	waited, tries := time.Duration(0), 0
	for waited < 14*24*time.Hour {
		tries++
		waited += pause(events.SQSMessage{Attributes: map[string]string{"ApproximateReceiveCount": strconv.Itoa(tries)}})
	}
	if tries >= 1000 {
		t.Errorf("fourteen days take %d tries", tries)
	}
	if first := pause(events.SQSMessage{}); first > 10*time.Second {
		t.Errorf("the first pause is %s", first)
	}
}

func TestAnOutageKeepsTheMessage(t *testing.T) {
	var log bytes.Buffer
	away := func(context.Context, signal.Signal) (bool, error) { return false, fault.New(fault.Unavailable, "away") }
	var q played
	h := handler{put: away, queue: &q, clock: clock.System, log: slog.New(slog.NewJSONHandler(&log, nil))}
	out, err := h.handle(t.Context(), events.SQSEvent{Records: []events.SQSMessage{{MessageId: "1", Body: `[{"source":"s","id":"1"}]`}}})
	if err != nil || len(out.BatchItemFailures) != 1 || len(q.delays) != 1 {
		t.Errorf("%+v %v, hidden for %v", out, err, q.delays)
	}
	var line struct {
		Kind string `json:"error_kind"`
	}
	if err := json.Unmarshal(log.Bytes(), &line); err != nil || line.Kind != "unavailable" {
		t.Errorf("%s", &log)
	}
}

func TestTheLastTryIsBuriedWithItsReason(t *testing.T) {
	away := func(context.Context, signal.Signal) (bool, error) {
		return false, fault.New(fault.Unavailable, "the table is away")
	}
	m := events.SQSEvent{Records: []events.SQSMessage{{MessageId: "1", Body: `[{"source":"s","id":"1"}]`}}}
	for name, tt := range map[string]struct {
		queue  played
		keeps  int
		buried bool
	}{
		"the last try":                      {played{last: true}, 0, true},
		"the last try, and no dead letters": {played{last: true, away: fault.New(fault.Unavailable, "no queue")}, 1, false},
		"a try before":                      {played{}, 1, false},
	} {
		t.Run(name, func(t *testing.T) {
			h := handler{put: away, queue: &tt.queue, clock: clock.System, log: slog.New(slog.DiscardHandler)}
			out, err := h.handle(t.Context(), m)
			if err != nil || len(out.BatchItemFailures) != tt.keeps || (tt.queue.buried["1"] != "") != tt.buried {
				t.Errorf("%+v %v, buried %v", out, err, tt.queue.buried)
			}
		})
	}
}
