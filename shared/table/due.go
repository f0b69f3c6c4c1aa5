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

// Due is what needs attention: leads whose next step or deadline has come, and
// pools whose held leads are to be offered again.
type Due struct {
	Leads []signal.LeadKey
	Pools []string
}

// Due reads up to limit entries of one shard (0 to DueShards-1) that are at or
// before now, earliest first. The index is eventually consistent: the items
// themselves decide.
func (t *Table) Due(ctx context.Context, shard int, now time.Time, limit int) (Due, error) {
	out, err := t.client.Query(ctx, &dynamodb.QueryInput{
		TableName: &t.name, IndexName: aws.String(indexDue),
		Limit:                     aws.Int32(int32(min(max(limit, 1), 1000))),
		KeyConditionExpression:    aws.String("due_shard = :shard AND due_at <= :now"),
		ExpressionAttributeValues: item{":shard": text(strconv.Itoa(shard)), ":now": text(formatTime(now))},
	})
	if err != nil {
		return Due{}, translate("query due", err)
	}
	var due Due
	for _, it := range out.Items {
		if err := due.add(it); err != nil {
			return Due{}, err
		}
	}
	return due, nil
}

// Clocked reads the keys of all leads of one shard that have a clock running,
// whenever it is due.
func (t *Table) Clocked(ctx context.Context, shard int) ([]signal.LeadKey, error) {
	var due Due
	err := t.query(ctx, &dynamodb.QueryInput{
		IndexName: aws.String(indexDue), KeyConditionExpression: aws.String("due_shard = :shard"),
		ExpressionAttributeValues: item{":shard": text(strconv.Itoa(shard))},
	}, due.add)
	return due.Leads, err
}

func (d *Due) add(it item) error {
	pk := textOf(it, attrPK)
	if name, ok := poolOfKey(pk); ok {
		d.Pools = append(d.Pools, name)
		return nil
	}
	k, ok := leadKeyOf(pk)
	if !ok {
		return fault.New(fault.Internal, "the due index holds %q, which is neither lead nor pool", pk)
	}
	d.Leads = append(d.Leads, k)
	return nil
}

// NextDue returns the earliest instant at which a lead or a pool needs
// attention without a signal; it has passed when the roster was changed since
// the clocks were last reviewed, or a review is under way. ok is false when there is none.
func (t *Table) NextDue(ctx context.Context) (at time.Time, ok bool, err error) {
	roster, err := t.Roster(ctx)
	if err != nil {
		return time.Time{}, false, err
	}
	reviewed, err := t.Reviewed(ctx)
	if err != nil || reviewed.Roster != roster.Version || reviewed.Walk != nil {
		return time.Time{}, err == nil, err
	}
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
