package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/google/go-cmp/cmp"
	"golang.org/x/sync/errgroup"

	"github.com/handoff-oss/handoff/infra/dynamodb/dynamotest"
	"github.com/handoff-oss/handoff/shared/contract"
	"github.com/handoff-oss/handoff/shared/link"
	"github.com/handoff-oss/handoff/shared/table"
)

func TestAHandoffIsToldOnceOnEachChannel(t *testing.T) {
	s := open(t)
	m := carry(t, "m1", handedOff())
	if again := s.send(t, m); len(again) > 0 {
		t.Fatalf("left in the queue: %v\n%s", again, s.log)
	}
	want := map[string]int{"slack": 1, "webhook": 1, "email": 1}
	if diff := cmp.Diff(want, s.world.effects()); diff != "" {
		t.Fatalf("effects (-want +got):\n%s\n%s", diff, s.log)
	}
	if again := s.send(t, redelivered(m), redelivered(m)); len(again) > 0 {
		t.Errorf("left in the queue: %v", again)
	}
	if diff := cmp.Diff(want, s.world.effects()); diff != "" {
		t.Errorf("effects of a redelivery (-want +got):\n%s", diff)
	}
	log := s.log.String()
	if strings.Contains(log, "Rosa") || strings.Contains(log, "seller.example") || strings.Contains(log, "Maya") {
		t.Errorf("the log names a person:\n%s", log)
	}
	if !has(log, `"deliveries":"slack/rep:maya=sent email/rep:maya=sent webhook/system=sent"`, `"outcome":"done"`, "slack/rep:maya=sent_before") {
		t.Errorf("the log does not say what was done:\n%s", log)
	}
}

// silent is an event about a source, which belongs to no lead.
func silent() contract.Event {
	return contract.Event{
		ID: contract.SourceEventID("webinar-forms", monday, 0), Type: contract.SourceSilent, Time: monday, PolicyVersion: "p-1",
		Summary: "The source webinar-forms is silent.",
		Detail: contract.Detail{Source: &contract.SourceRef{
			Name: "webinar-forms", Provider: "typeform", Alert: "silent", Reason: "Usually 12 an hour on Monday mornings, none for 3 h.", Since: monday.Add(-3 * time.Hour),
		}},
	}
}

func TestTheOperatorIsToldOfASourceOnce(t *testing.T) {
	s := open(t)
	m := carry(t, "m1", silent())
	for range 2 {
		if again := s.send(t, m); len(again) > 0 {
			t.Fatalf("left in the queue: %v\n%s", again, s.log)
		}
	}
	if diff := cmp.Diff(map[string]int{"slack": 1, "webhook": 1, "email": 1}, s.world.effects()); diff != "" {
		t.Fatalf("effects (-want +got):\n%s\n%s", diff, s.log)
	}
	mail, err := json.Marshal(s.world.requests("/v2/email/outbound-emails")[0].body)
	if err != nil {
		t.Fatal(err)
	}
	if !has(string(mail), "riley@seller.example", "Nothing comes from webinar-forms", "none for 3 h", "https://handoff.seller.example/sources") || strings.Contains(string(mail), "/leads/") {
		t.Errorf("the operator is told %s", mail)
	}
	if !has(s.log.String(), `"deliveries":"slack/operator=sent email/operator=sent webhook/system=sent"`) {
		t.Errorf("log: %s", s.log)
	}
}

func TestTheHolderGetsLinksThatAnswer(t *testing.T) {
	s := open(t)
	s.send(t, carry(t, "m1", handedOff()))
	body, err := json.Marshal(s.world.requests("/slack")[0].body)
	if err != nil {
		t.Fatal(err)
	}
	for _, purpose := range []link.Purpose{link.Accept, link.Reject, link.Contacted} {
		token, err := link.Sign(linkKey, link.Claims{Lead: leadKey, Handoff: 1, Rep: "maya", Purpose: purpose, Expires: monday.Add(24 * time.Hour)})
		if err != nil {
			t.Fatal(err)
		}
		if !has(string(body), "https://handoff.seller.example/r/"+token) {
			t.Errorf("no link to %s in %s", purpose, body)
		}
	}
	hook, err := json.Marshal(s.world.requests("/webhook")[0].body)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(hook), "/r/") || !has(string(hook), `"label":"Open the lead"`, `"company":"Baltic Ferries"`) {
		t.Errorf("the system is told %s", hook)
	}
}

func TestALeadThatMovedOnIsNotAnswered(t *testing.T) {
	s := open(t)
	moved := known()
	moved.Version, moved.Journey.Handoff.Number, moved.Journey.Handoff.Rep, moved.Journey.Handoff.RepName = 2, 2, "omar", "Omar Diaz"
	if err := s.table.Commit(t.Context(), table.Change{Lead: moved}); err != nil {
		t.Fatal(err)
	}
	s.send(t, carry(t, "m1", handedOff()))
	body, err := json.Marshal(s.world.requests("/v2/email/outbound-emails")[0].body)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(body), "/r/") || !has(string(body), "moved on", "Omar Diaz", "maya@seller.example") {
		t.Errorf("maya is told %s", body)
	}
}

// However often and however concurrently an event is delivered, each channel
// sees it once.
func TestConcurrentDeliveriesHaveOneEffect(t *testing.T) {
	s := open(t)
	m := carry(t, "m1", handedOff())
	var g errgroup.Group
	for range 8 {
		g.Go(func() error {
			_, err := s.handle(context.Background(), events.SQSEvent{Records: []events.SQSMessage{m, m}})
			return err
		})
	}
	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}
	*s.clock = monday.Add(lease + time.Second)
	if again := s.send(t, redelivered(m)); len(again) > 0 {
		t.Errorf("left in the queue: %v", again)
	}
	if diff := cmp.Diff(map[string]int{"slack": 1, "webhook": 1, "email": 1}, s.world.effects()); diff != "" {
		t.Errorf("effects (-want +got):\n%s", diff)
	}
	for _, seconds := range s.hidden() {
		if seconds < int(lease/time.Second) {
			t.Errorf("comes back after %d s, before the lease ends", seconds)
		}
	}
}

// deaf lets every request to DynamoDB through except the mark of a delivery.
type deaf struct{ http.RoundTripper }

func (d deaf) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	var in struct{ UpdateExpression string }
	if err := json.Unmarshal(body, &in); err != nil {
		return nil, err
	}
	if strings.Contains(in.UpdateExpression, "delivered_at = ") {
		return nil, context.DeadlineExceeded
	}
	return d.RoundTripper.RoundTrip(r)
}

// The one repeat that no system can exclude: the channel took the message and
// the mark was not written. It carries the same id.
func TestACrashBetweenSendingAndMarkingRepeatsTheSameID(t *testing.T) {
	s := open(t)
	client, name := dynamotest.CreateTable(t)
	cfg := dynamotest.Config(t)
	cfg.HTTPClient, cfg.Retryer = &http.Client{Transport: deaf{http.DefaultTransport}}, func() aws.Retryer { return aws.NopRetryer{} }
	s.table = table.New(dynamodb.NewFromConfig(cfg), name)
	if err := table.New(client, name).Commit(t.Context(), table.Change{Lead: known()}); err != nil {
		t.Fatal(err)
	}
	m := carry(t, "m1", handedOff())
	if again := s.send(t, m); len(again) != 1 {
		t.Fatal("a delivery without its mark was settled")
	}
	*s.clock = monday.Add(time.Second)
	s.table = table.New(client, name)
	if again := s.send(t, redelivered(m)); len(again) != 1 {
		t.Error("a delivery was repeated within the lease")
	}
	*s.clock = monday.Add(lease + time.Second)
	if again := s.send(t, redelivered(m)); len(again) > 0 {
		t.Errorf("left in the queue: %v\n%s", again, s.log)
	}
	if got := s.world.requests("/slack"); len(got) != 2 || got[0].header.Get("Handoff-Event-Id") != got[1].header.Get("Handoff-Event-Id") {
		t.Errorf("%d messages on Slack, want one and its repeat with the same id", len(got))
	}
}

// A process that dies after it took the claim and before it sent loses nothing.
func TestACrashBeforeSendingIsMadeUpFor(t *testing.T) {
	s := open(t)
	if err := s.table.Claim(t.Context(), table.Delivery{Event: handedOff().ID, Channel: "slack", To: "all"}, monday, lease); err != nil {
		t.Fatal(err)
	}
	m := carry(t, "m1", handedOff())
	if again := s.send(t, m); len(again) != 1 {
		t.Fatal("a delivery that another try holds was settled")
	}
	if diff := cmp.Diff(map[string]int{"slack": 0, "webhook": 1, "email": 1}, s.world.effects()); diff != "" {
		t.Errorf("effects (-want +got):\n%s", diff)
	}
	*s.clock = monday.Add(lease + time.Second)
	s.send(t, redelivered(m))
	if diff := cmp.Diff(map[string]int{"slack": 1, "webhook": 1, "email": 1}, s.world.effects()); diff != "" {
		t.Errorf("effects after the lease (-want +got):\n%s", diff)
	}
}

func TestWhatMayPassIsTriedAgain(t *testing.T) {
	s := open(t)
	s.world.refuse("/slack", http.StatusTooManyRequests, "Retry-After", "120")
	m := carry(t, "m1", handedOff())
	if again := s.send(t, m); len(again) != 1 || again[0] != "m1" {
		t.Fatalf("left in the queue: %v", again)
	}
	if got := s.hidden(); len(got) != 1 || got[0] < 120 || got[0] > 132 {
		t.Errorf("hidden for %v s, want 120 and at most a tenth", got)
	}
	s.world.allow("/slack")
	*s.clock = monday.Add(2 * time.Minute)
	if again := s.send(t, redelivered(m)); len(again) > 0 {
		t.Errorf("left in the queue: %v", again)
	}
	if diff := cmp.Diff(map[string]int{"slack": 2, "webhook": 1, "email": 1}, s.world.effects()); diff != "" {
		t.Errorf("requests (-want +got): the channels that had it must not get it again\n%s", diff)
	}
	if got := len(s.world.requests("AmazonSQS.SendMessage")); got != 0 {
		t.Errorf("%d dead letters", got)
	}
}

func TestWhatCannotPassIsADeadLetterAtOnce(t *testing.T) {
	s := open(t)
	s.world.refuse("/webhook", http.StatusGone)
	m := carry(t, "m1", handedOff())
	if again := s.send(t, m); len(again) > 0 {
		t.Fatalf("left in the queue: %v", again)
	}
	dead := s.world.requests("AmazonSQS.SendMessage")
	if len(dead) != 1 || dead[0].body["QueueUrl"] != deadURL || dead[0].body["MessageBody"] != m.Body {
		t.Fatalf("dead letters: %v", dead)
	}
	if attributes, err := json.Marshal(dead[0].body["MessageAttributes"]); err != nil || !has(string(attributes), "the receiver answered 410") {
		t.Errorf("the dead letter does not say why: %s %v", attributes, err)
	}
	if diff := cmp.Diff(map[string]int{"slack": 1, "webhook": 1, "email": 1}, s.world.effects()); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
	// Sent back to the queue after the repair, it is told to the webhook alone.
	s.world.allow("/webhook")
	s.send(t, redelivered(m))
	if diff := cmp.Diff(map[string]int{"slack": 1, "webhook": 2, "email": 1}, s.world.effects()); diff != "" {
		t.Errorf("requests after the redrive (-want +got):\n%s", diff)
	}
}

// What was sent, and what was not and why, can be looked up.
func TestDeliveriesAreKeptWithTheirResult(t *testing.T) {
	s := open(t)
	s.queue.Most = 3
	s.world.refuse("/slack", http.StatusServiceUnavailable)
	m := carry(t, "m1", handedOff())
	states := func(tries string) map[string]string {
		t.Helper()
		m.Attributes = map[string]string{"ApproximateReceiveCount": tries}
		s.send(t, m)
		*s.clock = s.clock.Add(time.Minute)
		all, next, err := s.table.Sent(t.Context(), "", *s.clock, "", 10)
		if err != nil || next != "" {
			t.Fatalf("%q %v", next, err)
		}
		got := map[string]string{}
		for _, d := range all {
			if d.Event != handedOff().ID || d.Lead != leadKey || d.Type != "lead.handed_off" {
				t.Errorf("%+v", d)
			}
			got[d.Channel+"/"+d.Whom] = fmt.Sprintf("%s after %d: %s", d.State, d.Tries, d.Error)
		}
		return got
	}
	want := map[string]string{
		"slack/rep:maya": "waiting after 1: the receiver answered 503", "email/rep:maya": "accepted after 1: ", "webhook/system": "accepted after 1: ",
	}
	if diff := cmp.Diff(want, states("1")); diff != "" {
		t.Errorf("after a failure (-want +got):\n%s", diff)
	}
	want["slack/rep:maya"] = "waiting after 2: the receiver answered 503"
	if diff := cmp.Diff(want, states("2")); diff != "" {
		t.Errorf("after another (-want +got):\n%s", diff)
	}
	want["slack/rep:maya"] = "given_up after 3: the receiver answered 503"
	if diff := cmp.Diff(want, states("3")); diff != "" {
		t.Errorf("after the last (-want +got):\n%s", diff)
	}
	dead := s.world.requests("AmazonSQS.SendMessage")
	if attributes, err := json.Marshal(dead); len(dead) != 1 || err != nil || !has(fmt.Sprint(dead[0].body), "the receiver answered 503", "tries") {
		t.Fatalf("the last try must go to the dead letters with its reason: %s %v", attributes, err)
	}
	s.world.allow("/slack")
	want["slack/rep:maya"] = "accepted after 4: "
	if diff := cmp.Diff(want, states("1")); diff != "" {
		t.Errorf("after the repair (-want +got):\n%s", diff)
	}
}

func TestWhatCannotBeBuriedStays(t *testing.T) {
	s := open(t)
	s.world.refuse("/webhook", http.StatusGone)
	s.world.refuse("AmazonSQS.SendMessage", http.StatusInternalServerError)
	if again := s.send(t, carry(t, "m1", handedOff())); len(again) != 1 {
		t.Error("a message that is in no queue was settled")
	}
}

func TestAMixOfTheHopelessAndTheHopefulComesBack(t *testing.T) {
	s := open(t)
	s.world.refuse("/webhook", http.StatusGone)
	s.world.refuse("/slack", http.StatusServiceUnavailable)
	if again := s.send(t, carry(t, "m1", handedOff())); len(again) != 1 || len(s.world.requests("AmazonSQS.SendMessage")) > 0 {
		t.Errorf("left in the queue: %v", again)
	}
}

func TestOneBadMessageHoldsUpNobody(t *testing.T) {
	s := open(t)
	garbage := events.SQSMessage{MessageId: "garbage", Body: "{", ReceiptHandle: "r"}
	empty := events.SQSMessage{MessageId: "empty", Body: `{"detail":{}}`, ReceiptHandle: "r"}
	foreign := events.SQSMessage{MessageId: "foreign", Body: `{"detail":[1]}`, ReceiptHandle: "r"}
	later := handedOff()
	later.ID, later.Type = contract.EventID(leadKey, 9, 0), "lead.teleported"
	quiet := handedOff()
	quiet.ID, quiet.Type, quiet.Detail.Handoff = contract.EventID(leadKey, 9, 1), contract.LeadHeld, nil
	unheld := handedOff()
	unheld.ID, unheld.Detail.Handoff = contract.EventID(leadKey, 9, 2), nil
	again := s.send(t, garbage, carry(t, "later", later), empty, carry(t, "quiet", quiet), foreign, carry(t, "unheld", unheld), carry(t, "good", handedOff()))
	if len(again) > 0 {
		t.Errorf("left in the queue: %v\n%s", again, s.log)
	}
	if got := len(s.world.requests("AmazonSQS.SendMessage")); got != 3 {
		t.Errorf("%d dead letters, want the three that are no events\n%s", got, s.log)
	}
	if diff := cmp.Diff(map[string]int{"slack": 3, "webhook": 2, "email": 3}, s.world.effects()); diff != "" {
		t.Errorf("effects (-want +got):\n%s", diff)
	}
}

func TestAPanicConcernsOneEvent(t *testing.T) {
	s := open(t)
	s.policy = nil
	if again := s.send(t, carry(t, "m1", handedOff())); len(again) != 1 || !has(s.log.String(), "panic") {
		t.Errorf("left in the queue: %v\n%s", again, s.log)
	}
}

func TestChannelsThatAreNotSetUpAreSkipped(t *testing.T) {
	s := open(t)
	s.world.secret["channels"], s.mailFrom = `{}`, ""
	if again := s.send(t, carry(t, "m1", handedOff())); len(again) > 0 {
		t.Errorf("left in the queue: %v", again)
	}
	if diff := cmp.Diff(map[string]int{"slack": 0, "webhook": 0, "email": 0}, s.world.effects()); diff != "" {
		t.Errorf("effects (-want +got):\n%s", diff)
	}
	if !has(s.log.String(), "slack/rep:maya=not_configured", "email/rep:maya=not_configured") {
		t.Errorf("the log: %s", s.log)
	}
}

func TestWhatIsNeededFirstMayBeAway(t *testing.T) {
	for _, name := range []string{"channels", "links"} {
		s := open(t)
		kept := s.world.secret[name]
		s.world.secret[name] = "no JSON"
		m := carry(t, "m1", handedOff())
		if again := s.send(t, m); len(again) != 1 {
			t.Errorf("%s: left in the queue: %v", name, again)
		}
		s.world.secret[name] = kept
		*s.clock = monday.Add(2 * time.Minute)
		if again := s.send(t, redelivered(m)); len(again) > 0 {
			t.Errorf("%s: left in the queue: %v\n%s", name, again, s.log)
		}
		if diff := cmp.Diff(map[string]int{"slack": 1, "webhook": 1, "email": 1}, s.world.effects()); diff != "" {
			t.Errorf("%s: effects (-want +got):\n%s", name, diff)
		}
	}
}

func TestAnErasedPersonIsNotSpokenOf(t *testing.T) {
	s := open(t)
	e := handedOff()
	e.Lead = "1erasedleadkeyabcdefghijklm"
	if again := s.send(t, carry(t, "m1", e)); len(again) > 0 || len(s.world.requests("/slack")) > 0 {
		t.Errorf("left in the queue: %v", again)
	}
}

func TestNothingIsBegunWithoutTimeToFinish(t *testing.T) {
	s := open(t)
	ctx, cancel := context.WithDeadline(t.Context(), time.Now().Add(reserve-time.Second))
	defer cancel()
	out, err := s.handle(ctx, events.SQSEvent{Records: []events.SQSMessage{carry(t, "m1", handedOff())}})
	if err != nil || len(out.BatchItemFailures) != 1 || len(s.world.requests("/slack")) > 0 {
		t.Errorf("%v, %v", out, err)
	}
}

// Which leads history has made one other systems hear, and nobody is woken by it.
func TestAQuietMergeIsToldToSystemsAlone(t *testing.T) {
	s := open(t)
	e := handedOff()
	e.Type, e.Detail.Quiet = contract.LeadMerged, true
	again := s.send(t, carry(t, "m1", e))
	if got := s.world.effects(); len(again) > 0 || got["email"]+got["slack"] > 0 || got["webhook"] != 1 {
		t.Errorf("left in the queue: %v; effects: %v", again, got)
	}
}

// An import of history is on the bus, and nobody is told of it.
func TestQuietEventsWakeNobody(t *testing.T) {
	s := open(t)
	e := handedOff()
	e.Detail.Quiet = true
	if again := s.send(t, carry(t, "m1", e)); len(again) > 0 || s.world.effects()["email"]+s.world.effects()["slack"]+s.world.effects()["webhook"] > 0 {
		t.Errorf("left in the queue: %v; effects: %v", again, s.world.effects())
	}
}
