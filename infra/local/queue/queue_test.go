package queue_test

import (
	"encoding/json"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"github.com/handoff-oss/handoff/infra/cfn"
	"github.com/handoff-oss/handoff/infra/local/activity"
	"github.com/handoff-oss/handoff/infra/local/hosttest"
	"github.com/handoff-oss/handoff/infra/local/lambda"
	"github.com/handoff-oss/handoff/infra/local/queue"
	"github.com/handoff-oss/handoff/shared/fault"
)

func open(t *testing.T, db *bbolt.DB, clock *hosttest.Time) (work, dead *queue.Queue) {
	t.Helper()
	qs, err := queue.Open(db, []cfn.Queue{
		{ID: "Work", Name: "work", ARN: "arn:work", URL: "http://q/work", Visibility: time.Minute, Retention: 96 * time.Hour, DeadLetters: "arn:dead", MaxReceives: 2},
		{ID: "Dead", Name: "dead", ARN: "arn:dead", URL: "http://q/dead", Visibility: time.Minute, Retention: 96 * time.Hour},
	}, clock.Now, func() {})
	if err != nil {
		t.Fatal(err)
	}
	return get(t, qs, "http://q/work"), get(t, qs, "arn:dead")
}

func get(t *testing.T, qs *queue.Queues, name string) *queue.Queue {
	t.Helper()
	q, err := qs.Get(name)
	if err != nil {
		t.Fatal(err)
	}
	return q
}

func send(t *testing.T, q *queue.Queue, delay time.Duration, bodies ...string) {
	t.Helper()
	for _, b := range bodies {
		if _, err := q.Send(queue.Outgoing{Body: b, Delay: delay}); err != nil {
			t.Fatal(err)
		}
	}
}

func receive(t *testing.T, q *queue.Queue) []queue.Message {
	t.Helper()
	got, err := q.Receive(10, -1)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func bodies(messages []queue.Message) []string {
	list := []string{}
	for _, m := range messages {
		list = append(list, m.Body)
	}
	return list
}

func wants(t *testing.T, got []queue.Message, want ...string) {
	t.Helper()
	if !slices.Equal(bodies(got), want) {
		t.Fatalf("received %v, want %v", bodies(got), want)
	}
}

func TestAMessageIsHiddenWhileItIsInFlight(t *testing.T) {
	clock := hosttest.Start()
	q, _ := open(t, hosttest.DB(t, ""), clock)
	send(t, q, -1, "a", "b")
	first := receive(t, q)
	wants(t, first, "a", "b")
	wants(t, receive(t, q))
	if err := q.Delete(first[0].Receipt); err != nil {
		t.Fatal(err)
	}
	clock.Add(time.Minute)
	again := receive(t, q)
	wants(t, again, "b")
	if again[0].Receives != 2 {
		t.Errorf("received %d times, want 2", again[0].Receives)
	}
}

func TestADelayedMessageComesLater(t *testing.T) {
	clock := hosttest.Start()
	q, _ := open(t, hosttest.DB(t, ""), clock)
	send(t, q, 30*time.Second, "later")
	wants(t, receive(t, q))
	if at, ok := q.NextVisible(); !ok || !at.Equal(clock.Now().Add(30*time.Second)) {
		t.Errorf("visible at %v, %v", at, ok)
	}
	if visible, delayed, inFlight := q.Counts(); visible != 0 || delayed != 1 || inFlight != 0 {
		t.Errorf("counts are %d, %d, %d", visible, delayed, inFlight)
	}
	clock.Add(30 * time.Second)
	wants(t, receive(t, q), "later")
}

func TestAMessageThatIsReceivedTooOftenGoesToTheDeadLetters(t *testing.T) {
	clock := hosttest.Start()
	q, dead := open(t, hosttest.DB(t, ""), clock)
	send(t, q, -1, "poison")
	for range 2 {
		wants(t, receive(t, q), "poison")
		clock.Add(time.Minute)
	}
	wants(t, receive(t, q))
	wants(t, receive(t, dead), "poison")
}

func TestVisibilityCanBeChanged(t *testing.T) {
	clock := hosttest.Start()
	q, _ := open(t, hosttest.DB(t, ""), clock)
	send(t, q, -1, "a")
	m := receive(t, q)[0]
	if err := q.ChangeVisibility(m.Receipt, 5*time.Minute); err != nil {
		t.Fatal(err)
	}
	clock.Add(time.Minute)
	wants(t, receive(t, q))
	clock.Add(4 * time.Minute)
	wants(t, receive(t, q), "a")
	if err := q.ChangeVisibility(m.Receipt, 0); fault.KindOf(err) != fault.NotFound {
		t.Errorf("an old receipt gives %v", err)
	}
}

func TestOldMessagesAreDropped(t *testing.T) {
	clock := hosttest.Start()
	q, _ := open(t, hosttest.DB(t, ""), clock)
	send(t, q, -1, "old")
	clock.Add(97 * time.Hour)
	send(t, q, -1, "new")
	wants(t, receive(t, q), "new")
}

func TestARestartKeepsMessagesAndFreesThoseInFlight(t *testing.T) {
	clock, file := hosttest.Start(), filepath.Join(t.TempDir(), "host.db")
	t.Run("before", func(t *testing.T) {
		q, _ := open(t, hosttest.DB(t, file), clock)
		send(t, q, -1, "in flight", "waiting")
		send(t, q, time.Hour, "delayed")
		if _, err := q.Receive(1, -1); err != nil {
			t.Fatal(err)
		}
	})
	t.Run("after", func(t *testing.T) {
		q, _ := open(t, hosttest.DB(t, file), clock)
		wants(t, receive(t, q), "in flight", "waiting")
		clock.Add(time.Hour)
		wants(t, receive(t, q), "waiting", "delayed") // the other one has been received twice
	})
}

// polling is a poller over a queue with messages, and the function that it
// calls.
type polling struct {
	*queue.Poller
	clock *hosttest.Time
	fn    *hosttest.Function
	q     *queue.Queue
	dead  *queue.Queue
}

func poll(t *testing.T, source cfn.QueueSource, answer func(call int, payload []byte) lambda.Result) polling {
	t.Helper()
	p := polling{clock: hosttest.Start(), fn: &hosttest.Function{Answer: answer}}
	p.q, p.dead = open(t, hosttest.DB(t, ""), p.clock)
	poller, err := queue.NewPoller(p.q, source, p.fn, "us-east-1", &activity.Tracker{}, hosttest.Log())
	if err != nil {
		t.Fatal(err)
	}
	p.Poller = poller
	return p
}

type event struct {
	Records []struct {
		MessageID  string            `json:"messageId"`
		Body       string            `json:"body"`
		MD5        string            `json:"md5OfBody"`
		Attributes map[string]string `json:"attributes"`
		Source     string            `json:"eventSourceARN"`
	}
}

func decode(t *testing.T, payload []byte) event {
	t.Helper()
	var e event
	if err := json.Unmarshal(payload, &e); err != nil {
		t.Fatal(err)
	}
	return e
}

func TestAPollHandsOverABatchAndDeletesIt(t *testing.T) {
	p := poll(t, cfn.QueueSource{Batch: cfn.Batching{Size: 2}}, nil)
	send(t, p.q, -1, "a", "b", "c")
	for p.Poll(t.Context()) {
	}
	calls := p.fn.Calls()
	if len(calls) != 2 {
		t.Fatalf("%d calls", len(calls))
	}
	e := decode(t, calls[0])
	if len(e.Records) != 2 || e.Records[0].Body != "a" || e.Records[0].MD5 != queue.MD5("a") || e.Records[0].Source != "arn:work" || e.Records[0].Attributes["ApproximateReceiveCount"] != "1" {
		t.Errorf("the event is %s", calls[0])
	}
	if visible, delayed, inFlight := p.q.Counts(); visible+delayed+inFlight != 0 {
		t.Error("messages are left")
	}
}

func TestOnlyTheFailedMessagesComeBack(t *testing.T) {
	p := poll(t, cfn.QueueSource{Batch: cfn.Batching{Size: 10, PartialFailure: true}}, func(call int, payload []byte) lambda.Result {
		if call > 1 {
			return lambda.Result{}
		}
		var e event
		if json.Unmarshal(payload, &e) != nil {
			return hosttest.Failed()
		}
		return hosttest.FailedItems(e.Records[1].MessageID)
	})
	send(t, p.q, -1, "good", "bad")
	if !p.Poll(t.Context()) || p.Poll(t.Context()) {
		t.Fatal("the message came back at once")
	}
	p.clock.Add(time.Second)
	if !p.Poll(t.Context()) {
		t.Fatal("the message did not come back")
	}
	if e := decode(t, p.fn.Calls()[1]); len(e.Records) != 1 || e.Records[0].Body != "bad" || e.Records[0].Attributes["ApproximateReceiveCount"] != "2" {
		t.Errorf("the second event is %s", p.fn.Calls()[1])
	}
}

func TestABatchFailsAsAWhole(t *testing.T) {
	for name, answer := range map[string]lambda.Result{
		"on an error":                   hosttest.Failed(),
		"on an answer that is none":     {Payload: []byte("not JSON")},
		"on an empty identifier":        hosttest.FailedItems(""),
		"on an identifier of no record": hosttest.FailedItems("nobody"),
	} {
		t.Run(name, func(t *testing.T) {
			p := poll(t, cfn.QueueSource{Batch: cfn.Batching{Size: 10, PartialFailure: true}}, func(int, []byte) lambda.Result { return answer })
			send(t, p.q, -1, "a", "b")
			for range 2 {
				if !p.Poll(t.Context()) {
					t.Fatal("there was nothing to hand over")
				}
				p.clock.Add(time.Minute)
			}
			if p.Poll(t.Context()) {
				t.Error("a message was handed over more often than the queue allows")
			}
			wants(t, receive(t, p.dead), "a", "b")
		})
	}
}

func TestAFunctionMaySayWhenAMessageComesBack(t *testing.T) {
	var p polling
	p = poll(t, cfn.QueueSource{Batch: cfn.Batching{Size: 1}}, func(_ int, payload []byte) lambda.Result {
		var e struct {
			Records []struct{ ReceiptHandle string }
		}
		if json.Unmarshal(payload, &e) == nil && p.q.ChangeVisibility(e.Records[0].ReceiptHandle, 10*time.Minute) != nil {
			t.Error("the receipt is not known")
		}
		return hosttest.Failed()
	})
	send(t, p.q, -1, "a")
	p.Poll(t.Context())
	p.clock.Add(9 * time.Minute)
	if p.Poll(t.Context()) {
		t.Error("the message came back too early")
	}
	p.clock.Add(time.Minute)
	if !p.Poll(t.Context()) {
		t.Error("the message did not come back")
	}
}

func TestAFilterDropsMessages(t *testing.T) {
	p := poll(t, cfn.QueueSource{Batch: cfn.Batching{Size: 10, Filters: []string{`{"body":[{"prefix":"keep"}]}`}}}, nil)
	send(t, p.q, -1, "keep", "drop")
	p.Poll(t.Context())
	if e := decode(t, p.fn.Calls()[0]); len(e.Records) != 1 || e.Records[0].Body != "keep" {
		t.Errorf("the event is %s", p.fn.Calls()[0])
	}
	if visible, delayed, inFlight := p.q.Counts(); visible+delayed+inFlight != 0 {
		t.Error("messages are left")
	}
}
