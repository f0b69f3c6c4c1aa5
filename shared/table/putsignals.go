package table

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/signal"
)

const (
	mostPut      = 25 // items that one BatchWriteItem puts or deletes
	putTries     = 12 // with the waits between them about a minute and a half
	firstPause   = 50 * time.Millisecond
	longestPause = 20 * time.Second
)

// PutSignals stores signals, at most 25, in the inboxes of the leads that they
// name by themselves. It is for signals whose ids stand for their content, such
// as imported ones: one that is stored already is written again as it is, and
// reaches nobody, since the stream tells of items that are new. What DynamoDB
// has no room for at once is sent again, more and more slowly. Kinds: Invalid
// when a signal names nobody, Internal when two are the same, Unavailable.
func (t *Table) PutSignals(ctx context.Context, signals []signal.Signal) error {
	if len(signals) > mostPut {
		return fault.New(fault.Invalid, "%d signals at once, %d are the most", len(signals), mostPut)
	}
	left := make([]types.WriteRequest, len(signals))
	for i, s := range signals {
		k, err := s.LeadKey()
		if err != nil {
			return err
		}
		doc, err := t.document(s)
		if err != nil {
			return err
		}
		it := signalKey(k, s.Source, s.ID).item()
		it[attrDoc] = doc
		left[i] = types.WriteRequest{PutRequest: &types.PutRequest{Item: it}}
	}
	var last error
	for try := 0; len(left) > 0 && try < putTries; try++ {
		if err := pause(ctx, try); err != nil {
			return err
		}
		out, err := t.client.BatchWriteItem(ctx, &dynamodb.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{t.name: left}})
		last = translate("put signals", err)
		switch {
		case err == nil:
			left = out.UnprocessedItems[t.name]
		case fault.KindOf(last) != fault.Unavailable:
			return last
		}
	}
	if len(left) > 0 {
		return fault.Wrap(fault.Unavailable, "put signals", orFull(last))
	}
	return nil
}

func orFull(err error) error {
	if err != nil {
		return err
	}
	return fault.New(fault.Unavailable, "the table takes no more at the moment")
}

// pause waits before a try that is not the first, twice as long each time, up to
// a bound, and not at the same moment as others.
func pause(ctx context.Context, try int) error {
	if try == 0 {
		return nil
	}
	longest := min(firstPause<<min(try-1, 10), longestPause)
	timer := time.NewTimer(longest/2 + rand.N(longest/2)) //nolint:gosec // Spreads load; nothing depends on it.
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return fault.Wrap(fault.Unavailable, "wait for the table", ctx.Err())
	case <-timer.C:
		return nil
	}
}
