package table

import (
	"context"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/signal"
)

// Due reads the keys of up to limit leads of one shard (0 to DueShards-1) whose
// next warning, deadline or follow-up is at or before now, earliest first. The
// index is eventually consistent: the lead itself decides.
func (t *Table) Due(ctx context.Context, shard int, now time.Time, limit int) ([]signal.LeadKey, error) {
	out, err := t.client.Query(ctx, &dynamodb.QueryInput{
		TableName: &t.name, IndexName: aws.String(indexDue),
		Limit:                     aws.Int32(int32(min(max(limit, 1), 1000))),
		KeyConditionExpression:    aws.String("due_shard = :shard AND due_at <= :now"),
		ExpressionAttributeValues: item{":shard": text(strconv.Itoa(shard)), ":now": text(formatTime(now))},
	})
	if err != nil {
		return nil, translate("query due", err)
	}
	keys := make([]signal.LeadKey, 0, len(out.Items))
	for _, it := range out.Items {
		k, ok := leadKeyOf(textOf(it, attrPK))
		if !ok {
			return nil, fault.New(fault.Internal, "the due index holds %q, which is no lead", textOf(it, attrPK))
		}
		keys = append(keys, k)
	}
	return keys, nil
}

// NextDue returns the earliest instant at which any lead needs attention
// without a signal. ok is false when there is none.
func (t *Table) NextDue(ctx context.Context) (at time.Time, ok bool, err error) {
	for shard := range DueShards {
		out, err := t.client.Query(ctx, &dynamodb.QueryInput{
			TableName: &t.name, IndexName: aws.String(indexDue), Limit: aws.Int32(1),
			KeyConditionExpression:    aws.String("due_shard = :shard"),
			ExpressionAttributeValues: item{":shard": text(strconv.Itoa(shard))},
		})
		if err != nil {
			return time.Time{}, false, translate("query due", err)
		}
		for _, it := range out.Items {
			t, err := time.Parse(timeKey, textOf(it, attrDueAt))
			if err != nil {
				return time.Time{}, false, fault.Wrap(fault.Internal, "read due_at", err)
			}
			if !ok || t.Before(at) {
				at, ok = t, true
			}
		}
	}
	return at, ok, nil
}
