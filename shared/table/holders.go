package table

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/signal"
)

// HeldBy reads the keys of the leads that a rep holds, longest held first. The
// index is eventually consistent: the lead itself decides.
func (t *Table) HeldBy(ctx context.Context, rep string) ([]signal.LeadKey, error) {
	return t.keysOf(ctx, rep)
}

// Waiting is a lead in the queue of a pool.
type Waiting struct {
	Lead  signal.LeadKey
	Pool  string
	Since time.Time // when the customer began to wait; of a lead that is held back by order, until when
}

// Queue reads the leads that wait for a pool, oldest first, and behind them those
// that are held back by order, which nobody is offered before Since.
func (t *Table) Queue(ctx context.Context, pool string) ([]Waiting, error) {
	return t.waiting(ctx, queueOwner(pool), pool)
}

// waiting reads the leads that stand in the owner index for a pool.
func (t *Table) waiting(ctx context.Context, owner, pool string) ([]Waiting, error) {
	var all []Waiting
	err := t.owned(ctx, owner, func(k signal.LeadKey, sort string) error {
		since, err := time.Parse(timeKey, sort)
		all = append(all, Waiting{Lead: k, Pool: pool, Since: since})
		return fault.Wrap(fault.Internal, "read owner_sort", err)
	})
	return all, err
}

// Incomplete reads the leads that wait for data before somebody of a pool gets
// them, the customer who waits longest first.
func (t *Table) Incomplete(ctx context.Context, pool string) ([]Waiting, error) {
	return t.waiting(ctx, incompleteOwner(pool), pool)
}

// Undecided reads the keys of the leads of a pool that nobody has and that wait
// for nobody: their holders gave them back, and a person decides what becomes of
// them. Those that wait longest come first.
func (t *Table) Undecided(ctx context.Context, pool string) ([]signal.LeadKey, error) {
	return t.keysOf(ctx, undecidedOwner(pool))
}

// keysOf reads the keys of the leads that stand in the owner index for an owner.
func (t *Table) keysOf(ctx context.Context, owner string) ([]signal.LeadKey, error) {
	var keys []signal.LeadKey
	err := t.owned(ctx, owner, func(k signal.LeadKey, _ string) error {
		keys = append(keys, k)
		return nil
	})
	return keys, err
}

func (t *Table) owned(ctx context.Context, owner string, use func(k signal.LeadKey, sort string) error) error {
	return t.query(ctx, &dynamodb.QueryInput{
		IndexName: aws.String(indexOwner), KeyConditionExpression: aws.String("#owner = :owner"),
		ExpressionAttributeNames: map[string]string{"#owner": attrOwner}, ExpressionAttributeValues: item{":owner": text(owner)},
	}, func(it item) error {
		if k, ok := leadKeyOf(textOf(it, attrPK)); ok {
			return use(k, textOf(it, attrOwnerSort))
		}
		return nil
	})
}

// OldestHeld returns since when the lead that waits longest for a pool waits;
// that is to come when all of them are held back by order. ok is false when none
// waits.
func (t *Table) OldestHeld(ctx context.Context, pool string) (since time.Time, ok bool, err error) {
	out, err := t.client.Query(ctx, &dynamodb.QueryInput{
		TableName: &t.name, IndexName: aws.String(indexOwner), Limit: aws.Int32(1),
		KeyConditionExpression:    aws.String("#owner = :owner"),
		ExpressionAttributeNames:  map[string]string{"#owner": attrOwner},
		ExpressionAttributeValues: item{":owner": text(queueOwner(pool))},
	})
	if err != nil {
		return time.Time{}, false, translate("query queue", err)
	}
	for _, it := range out.Items {
		since, err = time.Parse(timeKey, textOf(it, attrOwnerSort))
		return since, err == nil, fault.Wrap(fault.Internal, "read owner_sort", err)
	}
	return time.Time{}, false, nil
}
