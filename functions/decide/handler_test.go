package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"golang.org/x/sync/errgroup"

	"github.com/handoff-oss/handoff/infra/dynamodb/dynamotest"
	"github.com/handoff-oss/handoff/shared/clock"
	"github.com/handoff-oss/handoff/shared/decision"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/policy/rules"
	"github.com/handoff-oss/handoff/shared/signal"
	"github.com/handoff-oss/handoff/shared/table"
)

var monday = time.Date(2026, 5, 18, 14, 0, 0, 0, time.UTC)

// sent collects what goes to the retry queue.
type sent struct {
	mu     sync.Mutex
	bodies []string
	err    error
}

func (s *sent) Send(_ context.Context, bodies ...string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		return s.err
	}
	s.bodies = append(s.bodies, bodies...)
	return nil
}

// end is the end of the retry queue: it knows the last try, and what was buried.
type end struct {
	last   bool
	away   error
	buried []string
}

func (e *end) Last(events.SQSMessage) bool { return e.last }

func (e *end) Bury(_ context.Context, m events.SQSMessage, why error) error {
	if e.away == nil {
		e.buried = append(e.buried, m.MessageId+": "+why.Error())
	}
	return e.away
}

func newHandler(t *testing.T) (handler, *table.Table, *sent) {
	t.Helper()
	client, name := dynamotest.CreateTable(t)
	tb := table.New(client, name)
	retry := &sent{}
	return handler{
		signals: tb, decide: decision.New(tb, rules.NewLoader(tb.Policy)), retry: retry, retries: &end{},
		now: clock.Fixed(monday), log: slog.New(slog.DiscardHandler),
	}, tb, retry
}

func demo(id, email string) signal.Signal {
	return signal.Signal{
		Source: "typeform", ID: id, Type: signal.FormSubmitted, OccurredAt: monday, ReceivedAt: monday,
		Identity: signal.Identity{Email: email}, Attributes: map[string]string{"form": "Request a demo"},
	}
}

// stream stores the signals and returns the batch that the table's stream
// makes of them.
func stream(t *testing.T, tb *table.Table, signals ...signal.Signal) json.RawMessage {
	t.Helper()
	var records []any
	for i, s := range signals {
		if _, err := tb.PutSignal(t.Context(), s); err != nil {
			t.Fatal(err)
		}
		k, err := s.LeadKey()
		if err != nil {
			t.Fatal(err)
		}
		doc, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		records = append(records, record(fmt.Sprint(i+1), "LEAD#"+string(k), "SIG#"+s.Source+"#"+s.ID, string(doc)))
	}
	return batchOf(t, records...)
}

func record(sequence, pk, sk, doc string) any {
	text := func(s string) any { return map[string]string{"S": s} }
	return map[string]any{
		"eventID": sequence, "eventName": "INSERT", "eventSource": "aws:dynamodb",
		"dynamodb": map[string]any{
			"SequenceNumber": sequence, "Keys": map[string]any{"pk": text(pk), "sk": text(sk)},
			"NewImage": map[string]any{"pk": text(pk), "sk": text(sk), "doc": text(doc)},
		},
	}
}

func batchOf(t *testing.T, records ...any) json.RawMessage {
	t.Helper()
	raw, err := json.Marshal(map[string]any{"Records": records})
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func find(t *testing.T, tb *table.Table, email string) *lead.Lead {
	t.Helper()
	k, err := signal.KeyOfEmail(email)
	if err != nil {
		t.Fatal(err)
	}
	l, err := tb.Lead(t.Context(), k)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestABatchOfOneLeadIsOneWrite(t *testing.T) {
	h, tb, _ := newHandler(t)
	visit := demo("2", "ada@engines.example")
	visit.Type, visit.Attributes = signal.EventTracked, map[string]string{"event": "Pricing Page Viewed"}
	raw := stream(t, tb, visit, demo("1", "ada@engines.example"))
	for range 3 { // the same batch again changes nothing
		out, err := h.handle(t.Context(), raw)
		if err != nil || len(out.BatchItemFailures) > 0 {
			t.Fatalf("%+v, %v", out, err)
		}
	}
	l := find(t, tb, "ada@engines.example")
	if l.Version != 1 || l.Facts.Signals != 2 || l.Journey.Stage != lead.HandedOff {
		t.Errorf("version %d, %d signals, stage %s; want one write of two signals that hands off", l.Version, l.Facts.Signals, l.Journey.Stage)
	}
}

func TestRacingBatchesShareThePoolFairly(t *testing.T) {
	h, tb, retry := newHandler(t)
	const leads = 30
	var g errgroup.Group
	for i := range leads {
		raw := stream(t, tb, demo("1", fmt.Sprintf("p%d@c%d.example", i, i)))
		for range 2 {
			g.Go(func() error {
				out, err := h.handle(t.Context(), raw)
				if len(out.BatchItemFailures) > 0 {
					return errors.New("a record failed")
				}
				return err
			})
		}
	}
	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}
	got := map[string]int{}
	for i := range leads {
		got[find(t, tb, fmt.Sprintf("p%d@c%d.example", i, i)).Journey.Handoff.Rep]++
	}
	if len(retry.bodies) > 0 {
		t.Fatalf("%d signals were set aside", len(retry.bodies))
	}
	for rep, n := range got {
		if n != leads/3 {
			t.Errorf("%s got %d of %d leads, want a third: %v", rep, n, leads, got)
		}
	}
}

// failing decides about every lead but one.
type failing struct {
	decider
	lead signal.LeadKey
}

func (f failing) Apply(ctx context.Context, k signal.LeadKey, signals []signal.Signal, now time.Time) (decision.Outcome, error) {
	if k == f.lead {
		panic("a rule is broken") //nolint:forbidigo // what this test is about
	}
	return f.decider.Apply(ctx, k, signals, now)
}

func TestALeadThatFailsHoldsUpNobodyAndIsTriedAgain(t *testing.T) {
	h, tb, retry := newHandler(t)
	bad, err := signal.KeyOfEmail("bad@engines.example")
	if err != nil {
		t.Fatal(err)
	}
	whole := h.decide
	h.decide = failing{whole, bad}
	raw := stream(t, tb, demo("1", "bad@engines.example"), demo("1", "good@engines.example"))
	out, err := h.handle(t.Context(), raw)
	if err != nil || len(out.BatchItemFailures) > 0 {
		t.Fatalf("%+v, %v; the stream must go on", out, err)
	}
	if find(t, tb, "good@engines.example").Journey.Stage != lead.HandedOff {
		t.Error("the good lead was held up")
	}
	if len(retry.bodies) != 1 {
		t.Fatalf("set aside: %v", retry.bodies)
	}
	message := batchOf(t, map[string]any{"eventSource": "aws:sqs", "messageId": "m1", "body": retry.bodies[0]})
	out, err = h.handle(t.Context(), message)
	if err != nil || len(out.BatchItemFailures) != 1 || out.BatchItemFailures[0].ItemIdentifier != "m1" {
		t.Fatalf("%+v, %v; a message that fails again must stay in the queue", out, err)
	}
	last := &end{last: true, away: errors.New("no dead letters")}
	h.retries = last
	if out, err = h.handle(t.Context(), message); err != nil || len(out.BatchItemFailures) != 1 {
		t.Fatalf("%+v, %v; what cannot be buried must stay in the queue", out, err)
	}
	last.away = nil
	if out, err = h.handle(t.Context(), message); err != nil || len(out.BatchItemFailures) > 0 || len(last.buried) != 1 || last.buried[0] != "m1: panic: a rule is broken" {
		t.Fatalf("%+v, %v, buried %v; the last try goes to the dead letters with its reason", out, err, last.buried)
	}
	h.decide = whole
	if out, err = h.handle(t.Context(), message); err != nil || len(out.BatchItemFailures) > 0 {
		t.Fatalf("%+v, %v", out, err)
	}
	if find(t, tb, "bad@engines.example").Journey.Stage != lead.HandedOff {
		t.Error("the retried lead was not handed off")
	}
}

func TestWithoutARetryQueueTheStreamBringsTheRecordAgain(t *testing.T) {
	h, tb, retry := newHandler(t)
	bad, err := signal.KeyOfEmail("bad@engines.example")
	if err != nil {
		t.Fatal(err)
	}
	h.decide, retry.err = failing{h.decide, bad}, errors.New("the queue is away")
	out, err := h.handle(t.Context(), stream(t, tb, demo("1", "good@engines.example"), demo("1", "bad@engines.example")))
	if err != nil || len(out.BatchItemFailures) != 1 || out.BatchItemFailures[0].ItemIdentifier != "2" {
		t.Errorf("%+v, %v; want the failed record's sequence number", out, err)
	}
}

func TestARecordThatCannotBeReadFailsAlone(t *testing.T) {
	h, _, _ := newHandler(t)
	out, err := h.handle(t.Context(), batchOf(t, record("7", "LEAD#1a", "SIG#x#1", "no document")))
	if err != nil || len(out.BatchItemFailures) != 1 || out.BatchItemFailures[0].ItemIdentifier != "7" {
		t.Errorf("%+v, %v", out, err)
	}
	if _, err := h.handle(t.Context(), json.RawMessage(`{"Records":[]}`)); err == nil {
		t.Error("an empty batch is no error")
	}
}
