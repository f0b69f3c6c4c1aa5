package awsapi_test

import (
	"errors"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	eventtypes "github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	secrettypes "github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	mailtypes "github.com/aws/aws-sdk-go-v2/service/sesv2/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	queuetypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/google/go-cmp/cmp"

	"github.com/handoff-oss/handoff/infra/cfn"
	"github.com/handoff-oss/handoff/infra/dynamodb/engine"
	"github.com/handoff-oss/handoff/infra/local/awsapi"
	"github.com/handoff-oss/handoff/infra/local/bus"
	"github.com/handoff-oss/handoff/infra/local/hosttest"
	"github.com/handoff-oss/handoff/infra/local/outbox"
	"github.com/handoff-oss/handoff/infra/local/queue"
	"github.com/handoff-oss/handoff/infra/local/welcome"
	"github.com/handoff-oss/handoff/shared/fault"
)

// cloud is the emulated services and a configuration of clients for them.
type cloud struct {
	aws.Config
	clock  *hosttest.Time
	queues *queue.Queues
	bus    *bus.Bus
	outbox *outbox.Outbox
}

const queueURL = "http://queues/000000000000/work"

func start(t *testing.T) *cloud {
	t.Helper()
	c := &cloud{clock: hosttest.Start()}
	db := hosttest.DB(t, "")
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	var err error
	c.queues, err = queue.Open(db, []cfn.Queue{{ID: "Work", Name: "work", ARN: "arn:aws:sqs:::work", URL: queueURL, Visibility: time.Minute, Retention: time.Hour}}, c.clock.Now, func() {})
	must(err)
	c.bus, err = bus.New(db, []cfn.Rule{{
		ID: "Rule", Bus: "handoff", Pattern: `{"source":["handoff"],"detail-type":[{"prefix":"lead."}]}`, Enabled: true, Targets: []cfn.Target{{ARN: "arn:aws:sqs:::work"}},
	}}, func(arn, body string) error {
		q, err := c.queues.Get(arn)
		if err != nil {
			return err
		}
		_, err = q.Send(queue.Outgoing{Body: body, Delay: -1})
		return err
	}, c.clock.Now)
	must(err)
	c.outbox, err = outbox.New(db, c.clock.Now)
	must(err)
	api := awsapi.API{Queues: c.queues, Bus: c.bus, Outbox: c.outbox, Log: hosttest.Log(), Secret: func(id string) (string, error) {
		if id == "arn:known" {
			return `{"a":"b"}`, nil
		}
		return "", fault.New(fault.NotFound, "no secret %s", id)
	}}
	s := httptest.NewServer(api.Handler())
	t.Cleanup(s.Close)
	c.Config = engine.Config(s.URL)
	c.RetryMaxAttempts = 1
	return c
}

func TestQueuesThroughTheSDK(t *testing.T) {
	c := start(t)
	client, url := sqs.NewFromConfig(c.Config), aws.String(queueURL)
	if _, err := client.SendMessage(t.Context(), &sqs.SendMessageInput{
		QueueUrl: url, MessageBody: aws.String("one"),
		MessageAttributes: map[string]queuetypes.MessageAttributeValue{"kind": {DataType: aws.String("String"), StringValue: aws.String("test")}},
	}); err != nil {
		t.Fatal(err)
	}
	batch, err := client.SendMessageBatch(t.Context(), &sqs.SendMessageBatchInput{QueueUrl: url, Entries: []queuetypes.SendMessageBatchRequestEntry{
		{Id: aws.String("a"), MessageBody: aws.String("two")}, {Id: aws.String("b"), MessageBody: aws.String("later"), DelaySeconds: 60},
	}})
	if err != nil || len(batch.Successful) != 2 || len(batch.Failed) != 0 {
		t.Fatalf("%+v, %v", batch, err)
	}
	got, err := client.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: url, MaxNumberOfMessages: 10})
	if err != nil || len(got.Messages) != 2 || aws.ToString(got.Messages[0].MessageAttributes["kind"].StringValue) != "test" {
		t.Fatalf("%+v, %v", got, err)
	}
	if _, err := client.DeleteMessage(t.Context(), &sqs.DeleteMessageInput{QueueUrl: url, ReceiptHandle: got.Messages[0].ReceiptHandle}); err != nil {
		t.Fatal(err)
	}
	if _, err := client.ChangeMessageVisibility(t.Context(), &sqs.ChangeMessageVisibilityInput{QueueUrl: url, ReceiptHandle: got.Messages[1].ReceiptHandle, VisibilityTimeout: 0}); err != nil {
		t.Fatal(err)
	}
	counts, err := client.GetQueueAttributes(t.Context(), &sqs.GetQueueAttributesInput{QueueUrl: url})
	if err != nil || counts.Attributes["ApproximateNumberOfMessages"] != "1" || counts.Attributes["ApproximateNumberOfMessagesDelayed"] != "1" {
		t.Errorf("%+v, %v", counts, err)
	}
	var stale *queuetypes.ReceiptHandleIsInvalid
	_, err = client.ChangeMessageVisibility(t.Context(), &sqs.ChangeMessageVisibilityInput{QueueUrl: url, ReceiptHandle: aws.String("stale"), VisibilityTimeout: 5})
	if !errors.As(err, &stale) {
		t.Errorf("a stale receipt gives %v", err)
	}
	var missing *queuetypes.QueueDoesNotExist
	_, err = client.SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: aws.String("http://queues/0/nobody"), MessageBody: aws.String("x")})
	if !errors.As(err, &missing) {
		t.Errorf("a queue that is not there gives %v", err)
	}
}

func TestBatchesAreBounded(t *testing.T) {
	client := sqs.NewFromConfig(start(t).Config)
	var many []queuetypes.SendMessageBatchRequestEntry
	for i := range 11 {
		many = append(many, queuetypes.SendMessageBatchRequestEntry{Id: aws.String(string(rune('a' + i))), MessageBody: aws.String("x")})
	}
	var tooMany *queuetypes.TooManyEntriesInBatchRequest
	if _, err := client.SendMessageBatch(t.Context(), &sqs.SendMessageBatchInput{QueueUrl: aws.String(queueURL), Entries: many}); !errors.As(err, &tooMany) {
		t.Errorf("eleven give %v", err)
	}
	many[1].Id = many[0].Id
	var same *queuetypes.BatchEntryIdsNotDistinct
	if _, err := client.SendMessageBatch(t.Context(), &sqs.SendMessageBatchInput{QueueUrl: aws.String(queueURL), Entries: many[:2]}); !errors.As(err, &same) {
		t.Errorf("the same id twice gives %v", err)
	}
}

func TestEventsGoByTheRules(t *testing.T) {
	c := start(t)
	put, err := eventbridge.NewFromConfig(c.Config).PutEvents(t.Context(), &eventbridge.PutEventsInput{Entries: []eventtypes.PutEventsRequestEntry{
		{
			EventBusName: aws.String("handoff"), Source: aws.String("handoff"), DetailType: aws.String("lead.handed_off"), Time: aws.Time(c.clock.Now()),
			Detail: aws.String(`{"id":"1a.3.0","type":"lead.handed_off","time":"2026-03-02T09:00:00.5Z","lead":"1a","detail":{"stage":"handed_off"}}`),
		},
		{EventBusName: aws.String("handoff"), Source: aws.String("handoff"), DetailType: aws.String("clock.started"), Detail: aws.String(`{"id":"1a.3.1","lead":"1a"}`)},
		{EventBusName: aws.String("handoff"), Source: aws.String("handoff"), DetailType: aws.String("lead.created"), Detail: aws.String(`no object`)},
		{EventBusName: aws.String("elsewhere"), Source: aws.String("handoff"), DetailType: aws.String("lead.created"), Detail: aws.String(`{}`)},
	}})
	if err != nil {
		t.Fatal(err)
	}
	if put.FailedEntryCount != 2 || aws.ToString(put.Entries[2].ErrorCode) != "MalformedDetail" || aws.ToString(put.Entries[3].ErrorCode) != "ResourceNotFoundException" {
		t.Errorf("the result is %+v", put)
	}
	q, err := c.queues.Get("work")
	if err != nil {
		t.Fatal(err)
	}
	got, err := q.Receive(10, -1)
	if err != nil || len(got) != 1 {
		t.Fatalf("the queue got %+v, %v", got, err)
	}
	want := `{"version":"0","id":"` + aws.ToString(put.Entries[0].EventId) + `","detail-type":"lead.handed_off","source":"handoff","account":"000000000000","time":"2026-03-02T09:00:00Z","region":"us-east-1","resources":[],` +
		`"detail":{"id":"1a.3.0","type":"lead.handed_off","time":"2026-03-02T09:00:00.5Z","lead":"1a","detail":{"stage":"handed_off"}}}`
	if diff := cmp.Diff(want, got[0].Body); diff != "" {
		t.Error(diff)
	}
	seen, err := c.bus.Events()
	if err != nil || len(seen) != 2 {
		t.Fatalf("seen %+v, %v", seen, err)
	}
	if s := seen[0]; s.ID != "1a.3.0" || s.Type != "lead.handed_off" || s.Lead != "1a" || string(s.Detail) != `{"stage":"handed_off"}` || s.Time.Nanosecond() == 0 {
		t.Errorf("seen %+v", s)
	}
}

func TestSecretsThroughTheSDK(t *testing.T) {
	client := secretsmanager.NewFromConfig(start(t).Config)
	got, err := client.GetSecretValue(t.Context(), &secretsmanager.GetSecretValueInput{SecretId: aws.String("arn:known")})
	if err != nil || aws.ToString(got.SecretString) != `{"a":"b"}` {
		t.Errorf("%+v, %v", got, err)
	}
	var missing *secrettypes.ResourceNotFoundException
	_, err = client.GetSecretValue(t.Context(), &secretsmanager.GetSecretValueInput{SecretId: aws.String("arn:unknown")})
	if !errors.As(err, &missing) {
		t.Errorf("got %v", err)
	}
}

func TestMailThroughTheSDKLandsInTheOutbox(t *testing.T) {
	c := start(t)
	text := func(s string) *mailtypes.Content { return &mailtypes.Content{Data: aws.String(s)} }
	header := func(name, value string) mailtypes.MessageHeader {
		return mailtypes.MessageHeader{Name: aws.String(name), Value: aws.String(value)}
	}
	_, err := sesv2.NewFromConfig(c.Config).SendEmail(t.Context(), &sesv2.SendEmailInput{
		FromEmailAddress: aws.String("handoff@localhost"), Destination: &mailtypes.Destination{ToAddresses: []string{"rep@own.example"}},
		Content: &mailtypes.EmailContent{Simple: &mailtypes.Message{
			Subject: text("A lead"), Body: &mailtypes.Body{Text: text("Ada"), Html: text(`<p>Ada <a href="http://127.0.0.1:3000/r/t&amp;1"><b>Accept</b></a> <a>none</a></p>`)},
			Headers: []mailtypes.MessageHeader{header("X-Handoff-Event-Id", "1a.3.0"), header("X-Handoff-Event-Type", "lead.handed_off"), header("X-Handoff-Lead", "1a"), header("X-Handoff-To", "rep:ada")},
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
	got, err := c.outbox.Messages()
	if err != nil {
		t.Fatal(err)
	}
	want := []welcome.Message{{
		ID: "1", Channel: "email", To: "rep@own.example", Subject: "A lead", Text: "Ada", HTML: `<p>Ada <a href="http://127.0.0.1:3000/r/t&amp;1"><b>Accept</b></a> <a>none</a></p>`,
		Links: []welcome.Link{{Label: "Accept", URL: "http://127.0.0.1:3000/r/t&1"}}, Event: welcome.EventRef{ID: "1a.3.0", Type: "lead.handed_off", Lead: "1a"}, At: c.clock.Now(),
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestWhatIsNotEmulatedIsRefusedByName(t *testing.T) {
	_, err := sqs.NewFromConfig(start(t).Config).PurgeQueue(t.Context(), &sqs.PurgeQueueInput{QueueUrl: aws.String(queueURL)})
	if err == nil {
		t.Error("a call that is not emulated succeeds")
	}
}
