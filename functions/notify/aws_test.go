package main

import (
	"bytes"
	"context"
	"crypto/md5"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/handoff-oss/handoff/infra/dynamodb/dynamotest"
	"github.com/handoff-oss/handoff/shared/contract"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/outbound"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/queue"
	"github.com/handoff-oss/handoff/shared/scoring"
	"github.com/handoff-oss/handoff/shared/secret"
	"github.com/handoff-oss/handoff/shared/signal"
	"github.com/handoff-oss/handoff/shared/table"
)

const (
	queueURL = "https://sqs.example/notify"
	deadURL  = "https://sqs.example/notify-dead-letters"
	linkKey  = "a key of the links in these tests"
	leadKey  = "1notifytestsleadkeyabcdefgh"
)

var monday = time.Date(2026, 5, 18, 14, 0, 0, 0, time.UTC)

// request is one request that the outside world got.
type request struct {
	path   string // "/slack", "/webhook", or the AWS operation
	header http.Header
	body   map[string]any
}

// world is everything outside: Slack, the webhook's receiver, and the AWS
// services, each by the protocol that the real clients speak.
type world struct {
	t      *testing.T
	url    string
	mu     sync.Mutex
	got    []request
	answer map[string]func(w http.ResponseWriter) // by path; missing is success
	secret map[string]string
}

func (w *world) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	raw, err := io.ReadAll(r.Body)
	if err != nil {
		w.t.Error(err)
	}
	path := r.URL.Path
	if target := r.Header.Get("X-Amz-Target"); target != "" {
		path = target
	}
	body := map[string]any{}
	if err := json.Unmarshal(raw, &body); err != nil {
		w.t.Errorf("%s: %v", path, err)
	}
	w.mu.Lock()
	w.got = append(w.got, request{path, r.Header.Clone(), body})
	answer := w.answer[path]
	value, known := w.secret[text(body, "SecretId")]
	w.mu.Unlock()
	rw.Header().Set("Content-Type", "application/json")
	out := map[string]any{}
	switch {
	case answer != nil:
		answer(rw)
		return
	case path == "secretsmanager.GetSecretValue" && !known:
		rw.Header().Set("X-Amzn-Errortype", "ResourceNotFoundException")
		rw.WriteHeader(http.StatusBadRequest)
	case path == "secretsmanager.GetSecretValue":
		out["SecretString"] = value
	case path == "AmazonSQS.SendMessage":
		sum := md5.Sum([]byte(text(body, "MessageBody")))
		out["MessageId"], out["MD5OfMessageBody"] = "dead-1", hex.EncodeToString(sum[:])
	case path == "/api/chat.postMessage":
		out["ok"], out["channel"], out["ts"] = true, "D"+text(body, "channel"), fmt.Sprintf("1.%06d", len(w.requests(path)))
	case path == "/api/chat.update":
		out["ok"] = true
	case path == "/v2/email/outbound-emails":
		out["MessageId"] = "mail-1"
	}
	if err := json.NewEncoder(rw).Encode(out); err != nil {
		w.t.Error(err)
	}
}

func text(m map[string]any, name string) string {
	s, ok := m[name].(string)
	if !ok {
		return ""
	}
	return s
}

// requests returns what a path got.
func (w *world) requests(path string) []request {
	w.mu.Lock()
	defer w.mu.Unlock()
	var some []request
	for _, r := range w.got {
		if r.path == path {
			some = append(some, r)
		}
	}
	return some
}

// effects counts what people and systems saw.
func (w *world) effects() map[string]int {
	return map[string]int{
		"slack": len(w.requests("/slack")), "webhook": len(w.requests("/webhook")), "email": len(w.requests("/v2/email/outbound-emails")),
	}
}

// refuse makes a path answer with a status.
func (w *world) refuse(path string, status int, header ...string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.answer[path] = func(rw http.ResponseWriter) {
		for i := 0; i+1 < len(header); i += 2 {
			rw.Header().Set(header[i], header[i+1])
		}
		rw.WriteHeader(status)
	}
}

func (w *world) allow(path string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.answer, path)
}

// stage is a handler in a world of its own, on a real table.
type stage struct {
	handler
	world *world
	log   *bytes.Buffer
	clock *time.Time
}

const teamPolicy = `
name: tests
sla: {calendar: office}
calendars: {office: {zone: America/New_York}}
routing:
  fallback: inbound
  link_hours: 24
  pools:
    inbound:
      manager: {name: Noor Haddad, email: noor@seller.example, slack: U0NOOR}
      reps:
        - {id: maya, name: Maya Lind, email: maya@seller.example, slack: U0MAYA}
        - {id: omar, name: Omar Diaz, email: omar@seller.example}
operator: {name: Riley Chen, email: riley@seller.example}
notifications:
  - {on: source.silent, to: operator, channels: [slack, email]}
  - {on: source.silent, to: system, channels: [webhook]}
  - {on: lead.handed_off, to: operator, channels: [email]}
  - {on: lead.handed_off, to: holder, channels: [slack, email]}
  - {on: lead.handed_off, to: system, channels: [webhook]}
  - {on: lead.merged, to: holder, channels: [slack, email]}
  - {on: lead.merged, to: system, channels: [webhook]}
  - {on: lead.escalated, to: manager, channels: [slack, email]}
  - {on: lead.held, to: manager, channels: [slack, email]}
`

func open(t *testing.T) *stage {
	t.Helper()
	w := &world{t: t, answer: map[string]func(http.ResponseWriter){}}
	srv := httptest.NewServer(w)
	t.Cleanup(srv.Close)
	w.url = srv.URL
	w.secret = map[string]string{
		"links":    `{"keys":["` + linkKey + `"]}`,
		"channels": `{"slack":{"webhook_url":"` + srv.URL + `/slack"},"webhook":{"url":"` + srv.URL + `/webhook","secret":"whsec_bm90aWZ5LXRlc3RzLWtleS0zMi1ieXRlcy1sb25nISE="}}`,
	}
	client, name := dynamotest.CreateTable(t)
	tb := table.New(client, name)
	yaml := []byte(teamPolicy)
	if err := tb.PutPolicy(t.Context(), policy.VersionOf(yaml), yaml, monday); err != nil {
		t.Fatal(err)
	}
	if err := tb.Commit(t.Context(), table.Change{Lead: known()}); err != nil {
		t.Fatal(err)
	}
	cfg := aws.Config{Region: "eu-west-1", BaseEndpoint: &srv.URL, Credentials: credentials.NewStaticCredentialsProvider("id", "secret", ""), RetryMaxAttempts: 1}
	secrets := secretsmanager.NewFromConfig(cfg)
	s := &stage{world: w, log: &bytes.Buffer{}}
	now := monday
	s.clock = &now
	s.handler = handler{
		table: tb, policy: policy.NewLoader(tb.Policy, decode),
		links: secret.New(secrets, "links"), channels: secret.New(secrets, "channels"),
		publicURL: "https://handoff.seller.example/", mailFrom: "handoff@seller.example",
		http: outbound.NewHTTPClient(), mail: sesv2.NewFromConfig(cfg),
		queue: queue.Worked{Client: sqs.NewFromConfig(cfg), URL: queueURL, DeadLetters: deadURL},
		now:   func(context.Context) time.Time { return *s.clock },
		log:   slog.New(slog.NewJSONHandler(s.log, nil)),
	}
	return s
}

// send hands the messages to the function and returns the ids that stay in the queue.
func (s *stage) send(t *testing.T, messages ...events.SQSMessage) []string {
	t.Helper()
	out, err := s.handle(t.Context(), events.SQSEvent{Records: messages})
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, f := range out.BatchItemFailures {
		ids = append(ids, f.ItemIdentifier)
	}
	return ids
}

// hidden returns the visibility timeouts that were asked for, in seconds.
func (s *stage) hidden() []int {
	var all []int
	for _, r := range s.world.requests("AmazonSQS.ChangeMessageVisibility") {
		seconds, ok := r.body["VisibilityTimeout"].(float64)
		if !ok || r.body["QueueUrl"] != queueURL || r.body["ReceiptHandle"] == "" {
			s.world.t.Errorf("ChangeMessageVisibility %v", r.body)
		}
		all = append(all, int(seconds))
	}
	return all
}

// known is a lead that was handed to maya.
func known() *lead.Lead {
	field := func(v string) scoring.Field { return scoring.Field{Value: v, At: monday, Event: "typeform#1"} }
	return &lead.Lead{
		Key: leadKey, Version: 1, CreatedAt: monday, UpdatedAt: monday,
		Facts: scoring.Facts{Profile: map[string]scoring.Field{
			signal.FieldFirstName: field("Rosa"), signal.FieldCompany: field("Baltic Ferries"), signal.FieldEmail: field("rosa@baltic-ferries.example"),
		}},
		Journey: lead.Journey{
			Stage: lead.HandedOff, StageAt: map[lead.Stage]time.Time{lead.HandedOff: monday},
			Handoff: &lead.Handoff{Number: 1, Pool: "inbound", Rep: "maya", RepName: "Maya Lind", Since: monday, Reason: "Asked for a demo"},
		},
	}
}

func handedOff() contract.Event {
	return contract.Event{
		ID: contract.EventID(leadKey, 1, 1), Type: contract.LeadHandedOff, Time: monday, Lead: leadKey, PolicyVersion: "p-1", Summary: "Handed off.",
		Detail: contract.Detail{Handoff: &contract.HandoffRef{Number: 1, Pool: "inbound", Rep: "maya"}, Reason: "Asked for a demo"},
	}
}

// carry wraps an event as EventBridge and SQS do.
func carry(t *testing.T, id string, e contract.Event) events.SQSMessage {
	t.Helper()
	detail, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	body, err := json.Marshal(events.EventBridgeEvent{Version: "0", ID: "eb-" + id, Source: contract.Source, DetailType: string(e.Type), Time: e.Time, Detail: detail})
	if err != nil {
		t.Fatal(err)
	}
	return events.SQSMessage{
		MessageId: id, ReceiptHandle: "receipt-" + id, Body: string(body), EventSource: "aws:sqs",
		Attributes: map[string]string{"ApproximateReceiveCount": "1"},
	}
}

func redelivered(m events.SQSMessage) events.SQSMessage {
	m.ReceiptHandle += "'"
	m.Attributes = map[string]string{"ApproximateReceiveCount": "2"}
	return m
}

func has(s string, words ...string) bool {
	for _, w := range words {
		if !strings.Contains(s, w) {
			return false
		}
	}
	return true
}
