package deadletter

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"golang.org/x/sync/errgroup"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/table"
)

// objects are the records of the stream that Lambda gave up, in the bucket of
// its failure destination: each object is one call with all its records.
// Source: https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html.
type objects struct{ bucket *Bucket }

// mostCounted is how far objects are counted.
const mostCounted = 1000

func (o objects) count(ctx context.Context) (Count, error) {
	all, _, err := o.bucket.List(ctx, mostCounted)
	return Count{Letters: len(all)}, err
}

// take reads the oldest of the first thousand objects.
func (o objects) take(ctx context.Context, most int) ([]Letter, error) {
	all, _, err := o.bucket.List(ctx, mostCounted)
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(all, func(a, b Object) int { return a.At.Compare(b.At) })
	all = all[:min(len(all), most)]
	letters := make([]Letter, len(all))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(inParallel)
	for i, object := range all {
		g.Go(func() error {
			l, err := o.letter(ctx, object)
			if err != nil && fault.KindOf(err) == fault.NotFound {
				return nil // somebody was faster
			}
			letters[i] = l
			return err
		})
	}
	err = g.Wait()
	return slices.DeleteFunc(letters, func(l Letter) bool { return l.ID == "" }), err
}

func (o objects) one(ctx context.Context, id string) (Letter, error) {
	return o.letter(ctx, Object{Key: id})
}

func (objects) giveBack(context.Context, []Letter) {}

func (o objects) remove(ctx context.Context, l Letter) error { return o.bucket.Delete(ctx, l.ID) }

// letter reads one object. Kinds: NotFound, Unavailable.
func (o objects) letter(ctx context.Context, object Object) (Letter, error) {
	if object.Key == "" {
		return Letter{}, fault.New(fault.NotFound, "no object without a key")
	}
	body, err := o.bucket.Get(ctx, object.Key)
	if err != nil {
		return Letter{}, err
	}
	return records(object, body), nil
}

// call is the record of a call that Lambda gave up, as far as it is used.
type call struct {
	RequestContext givenUp   `json:"requestContext"`
	Timestamp      time.Time `json:"timestamp"`
	Payload        string    `json:"payload"` // what the function was called with
}

// records reads an object's call and its records.
func records(object Object, body []byte) Letter {
	l := Letter{Place: Stream, ID: object.Key, At: object.At, Body: string(body), About: unknown()}
	var c call
	var in events.DynamoDBEvent
	if err := json.Unmarshal(body, &c); err != nil {
		return l
	}
	if !c.Timestamp.IsZero() {
		l.At = c.Timestamp
	}
	l.Tries = c.RequestContext.Tries
	l.Reason = whyGivenUp(c.RequestContext)
	if err := json.Unmarshal([]byte(c.Payload), &in); err != nil {
		return l
	}
	for _, r := range in.Records {
		if !l.take(r) {
			l.About = unknown()
			return l
		}
	}
	l.describe()
	return l
}

// take adds one record; ok is false for one that is neither signal nor log entry.
func (l *Letter) take(r events.DynamoDBEventRecord) (ok bool) {
	ref, s, err := table.SignalFromImage(r.Change.NewImage)
	if ref.Source() != "" {
		if err == nil && len(l.signals) == 0 {
			l.Type = string(s.Type)
		}
		if len(l.signals) == 0 {
			l.Source = ref.Source()
		}
		l.signals = append(l.signals, ref)
		return true
	}
	item, err := table.LogItemFromImage(r.Change.NewImage)
	if err != nil {
		return false
	}
	l.events = append(l.events, item.Entries...)
	return true
}

// describe says what the records are, in sum.
func (l *Letter) describe() {
	l.Count = len(l.signals) + len(l.events)
	switch {
	case l.Count == 0:
		l.About = unknown()
	case len(l.signals) > 0:
		l.Lead = leadOf(l.signals[0])
		l.What = inWords(len(l.signals), l.Source)
		if len(l.events) > 0 {
			l.What += fmt.Sprintf(", and %d events", len(l.events))
		}
	default:
		all := l.events
		l.About = ofEvents(all)
		l.events = all
	}
}

// whyGivenUp puts Lambda's condition into words. What the function said is in
// its log alone.
func whyGivenUp(c givenUp) string {
	name := cmp.Or(function(c.FunctionARN), "the function")
	switch c.Condition {
	case "RetryAttemptsExhausted":
		return name + " failed in every try; its log says why"
	case "MaximumRecordAgeExceeded", "RecordAgeExceeded":
		return name + " failed until the records were too old; its log says why"
	case "":
		return ""
	}
	return name + ": " + c.Condition
}
