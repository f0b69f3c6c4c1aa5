package stream

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/handoff-oss/handoff/infra/cfn"
	"github.com/handoff-oss/handoff/infra/local/hosttest"
	"github.com/handoff-oss/handoff/infra/local/lambda"
)

// records are numbered from 1.
func records(n int, at time.Time) []Record {
	var list []Record
	for i := 1; i <= n; i++ {
		list = append(list, Record{Sequence: fmt.Sprint(i), At: at, Event: json.RawMessage(fmt.Sprintf(`{"dynamodb":{"SequenceNumber":"%d"}}`, i))})
	}
	return list
}

// sequences says which records a call was for: "1 2 3".
func sequences(payload []byte) string {
	var e struct {
		Records []struct {
			Dynamodb struct{ SequenceNumber string }
		}
	}
	if err := json.Unmarshal(payload, &e); err != nil {
		return err.Error()
	}
	var list []string
	for _, r := range e.Records {
		list = append(list, r.Dynamodb.SequenceNumber)
	}
	return strings.Join(list, " ")
}

// outcome is what a delivery did.
type outcome struct {
	calls  []string
	dead   []string
	marks  []string
	pauses []int
}

func deliverAll(t *testing.T, source cfn.StreamSource, n int, age time.Duration, answer answers) outcome {
	t.Helper()
	clock := hosttest.Start()
	var out outcome
	fn := &hosttest.Function{Answer: func(call int, payload []byte) lambda.Result { return answer(call, sequences(payload)) }}
	d := delivery{
		source: source, function: fn, now: clock.Now,
		pause: func(_ context.Context, failed int) error { out.pauses = append(out.pauses, failed); return nil },
		dead: func(d Discarded) error {
			for _, r := range d.Records {
				out.dead = append(out.dead, r.Sequence+" "+d.Reason)
			}
			return nil
		},
		done: func(sequence string) error { out.marks = append(out.marks, sequence); return nil },
	}
	if err := d.deliver(t.Context(), records(n, clock.Now().Add(-age))); err != nil {
		t.Fatal(err)
	}
	for _, payload := range fn.Calls() {
		out.calls = append(out.calls, sequences(payload))
	}
	return out
}

func has(sequences, one string) bool { return slices.Contains(strings.Fields(sequences), one) }

// answers is what a function says to a call for some records.
type answers func(call int, sequences string) lambda.Result

func always(r lambda.Result) answers { return func(int, string) lambda.Result { return r } }

// when answers r where test holds, and that all is well elsewhere.
func when(test func(call int, sequences string) bool, r lambda.Result) answers {
	return func(call int, s string) lambda.Result {
		if test(call, s) {
			return r
		}
		return lambda.Result{}
	}
}

func firstCall(call int, _ string) bool { return call == 1 }

func TestDelivery(t *testing.T) {
	partial := cfn.Batching{PartialFailure: true}
	tests := []struct {
		name   string
		source cfn.StreamSource
		n      int
		age    time.Duration
		answer answers
		want   outcome
	}{
		{
			"all is well",
			cfn.StreamSource{Retries: 2, MaxAge: -1},
			3, 0,
			always(lambda.Result{}),
			outcome{calls: []string{"1 2 3"}, marks: []string{"3"}},
		},
		{
			"an error is tried again as often as allowed, then the batch is given up",
			cfn.StreamSource{Retries: 2, MaxAge: -1},
			2, 0,
			always(hosttest.Failed()),
			outcome{
				calls: []string{"1 2", "1 2", "1 2"}, pauses: []int{1, 2},
				dead: []string{"1 RetryAttemptsExhausted", "2 RetryAttemptsExhausted"}, marks: []string{"2"},
			},
		},
		{
			"bisection isolates the poison and spends no retry on it",
			cfn.StreamSource{Bisect: true, Retries: 1, MaxAge: -1},
			4, 0,
			when(func(_ int, s string) bool { return has(s, "3") }, hosttest.Failed()),
			outcome{
				calls: []string{"1 2 3 4", "1 2", "3 4", "3", "3", "4"}, pauses: []int{1},
				dead: []string{"3 RetryAttemptsExhausted"}, marks: []string{"2", "3", "4"},
			},
		},
		{
			"a partial failure goes on from the lowest record",
			cfn.StreamSource{Batch: partial, Retries: 5, MaxAge: -1},
			4, 0,
			when(firstCall, hosttest.FailedItems("4", "3")),
			outcome{calls: []string{"1 2 3 4", "3 4"}, pauses: []int{1}, marks: []string{"2", "4"}},
		},
		{
			"a partial failure with bisection",
			cfn.StreamSource{Batch: partial, Bisect: true, Retries: 1, MaxAge: -1},
			4, 0,
			when(func(_ int, s string) bool { return has(s, "2") }, hosttest.FailedItems("2")),
			outcome{
				calls: []string{"1 2 3 4", "2 3", "2", "2", "3", "4"}, pauses: []int{1},
				dead: []string{"2 RetryAttemptsExhausted"}, marks: []string{"1", "2", "3", "4"},
			},
		},
		{
			"progress gives the retries back",
			cfn.StreamSource{Batch: partial, Retries: 1, MaxAge: -1},
			3, 0,
			func(_ int, s string) lambda.Result {
				switch s {
				case "1 2 3":
					return hosttest.FailedItems("2")
				case "2 3":
					return hosttest.FailedItems("3")
				}
				return lambda.Result{}
			},
			outcome{calls: []string{"1 2 3", "2 3", "3"}, pauses: []int{1, 1}, marks: []string{"1", "2", "3"}},
		},
		{
			"an answer that names no record of the batch fails all of it",
			cfn.StreamSource{Batch: partial, Retries: 1, MaxAge: -1},
			2, 0,
			when(firstCall, hosttest.FailedItems("77")),
			outcome{calls: []string{"1 2", "1 2"}, pauses: []int{1}, marks: []string{"2"}},
		},
		{
			"partial failures count only where they were asked for",
			cfn.StreamSource{Retries: 1, MaxAge: -1},
			2, 0,
			always(hosttest.FailedItems("1")),
			outcome{calls: []string{"1 2"}, marks: []string{"2"}},
		},
		{
			"old records are not handed over",
			cfn.StreamSource{Retries: -1, MaxAge: time.Hour},
			2, 2 * time.Hour,
			always(lambda.Result{}),
			outcome{dead: []string{"1 MaximumRecordAgeExceeded", "2 MaximumRecordAgeExceeded"}, marks: []string{"2"}},
		},
		{
			"without a limit of retries it goes on until it works",
			cfn.StreamSource{Retries: -1, MaxAge: -1},
			1, 0,
			when(func(call int, _ string) bool { return call < 30 }, hosttest.Failed()),
			outcome{calls: slices.Repeat([]string{"1"}, 30), marks: []string{"1"}},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := deliverAll(t, tt.source, tt.n, tt.age, tt.answer)
			if tt.want.pauses == nil {
				got.pauses = nil
			}
			if diff := cmp.Diff(tt.want, got, cmp.AllowUnexported(outcome{})); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAnEndedContextEndsADelivery(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	fn := &hosttest.Function{Answer: func(int, []byte) lambda.Result { cancel(); return hosttest.Failed() }}
	d := delivery{source: cfn.StreamSource{Retries: -1, MaxAge: -1}, function: fn, now: time.Now, pause: pause}
	if err := d.deliver(ctx, records(1, time.Now())); err == nil {
		t.Error("the delivery ended as if it had been worked off")
	}
}
