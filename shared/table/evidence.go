package table

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/handoff-oss/handoff/shared/evidence"
	"github.com/handoff-oss/handoff/shared/fault"
)

const (
	// OutcomeShards spreads the changes of one day: a partition takes 1,000 write
	// units a second, and a change costs two.
	OutcomeShards = 4
	// OutcomesKept is how long changes are kept for whoever counts them.
	OutcomesKept = 30 * 24 * time.Hour
	// MostCounted is how many units and days one CommitCount writes at most.
	MostCounted = 100
)

// outcomePut is the change of a lead's outcomes in the hour in which it was
// decided. A later one of the same hour takes its place.
func (t *Table) outcomePut(c evidence.Change, at time.Time) (*types.Put, error) {
	doc, err := t.document(c)
	if err != nil {
		return nil, err
	}
	it := outcomeKey(c, at).item()
	it[attrDoc], it[attrExpires] = doc, number(at.Add(OutcomesKept).Unix())
	return &types.Put{TableName: &t.name, Item: it}, nil
}

// Outcomes reads, consistently, the changes that were decided from the hour of an
// instant on to the end of its UTC day, of one shard, 0 to OutcomeShards-1.
func (t *Table) Outcomes(ctx context.Context, from time.Time, shard int) ([]evidence.Change, error) {
	return collect[evidence.Change](ctx, t, &dynamodb.QueryInput{
		ConsistentRead: aws.Bool(true), KeyConditionExpression: aws.String("pk = :pk AND sk >= :from"),
		ExpressionAttributeValues: item{":pk": text(outcomePK(from, shard)), ":from": text(outcomeHour(from))},
	})
}

// Units reads units consistently, at most 100. Those of which nothing is stored
// are left out.
func (t *Table) Units(ctx context.Context, keys []evidence.UnitKey) (map[evidence.UnitKey]evidence.Unit, error) {
	found := map[evidence.UnitKey]evidence.Unit{}
	wanted := types.KeysAndAttributes{ConsistentRead: aws.Bool(true), Keys: itemKeys(keys, unitKey)}
	return found, t.getAll(ctx, "get units", wanted, func(it item) error {
		var u evidence.Unit
		err := decode(it, &u)
		found[u.Key] = u
		return err
	})
}

// Days reads the sums of days consistently, at most 100. Those of which nothing
// is stored are left out.
func (t *Table) Days(ctx context.Context, keys []evidence.DayKey) (map[evidence.DayKey]evidence.Day, error) {
	found := map[evidence.DayKey]evidence.Day{}
	wanted := types.KeysAndAttributes{ConsistentRead: aws.Bool(true), Keys: itemKeys(keys, dayKey)}
	return found, t.getAll(ctx, "get days", wanted, func(it item) error {
		var d evidence.Day
		err := decode(it, &d)
		found[d.Key] = d
		return err
	})
}

// Counted reads the sums of all days of a round of a phase, in the order of days:
// two items a day, however many units there are.
func (t *Table) Counted(ctx context.Context, phase string, round int) ([]evidence.Day, error) {
	return collect[evidence.Day](ctx, t, &dynamodb.QueryInput{
		ConsistentRead: aws.Bool(true), KeyConditionExpression: aws.String("pk = :pk"),
		ExpressionAttributeValues: item{":pk": text(countedPK(phase, round))},
	})
}

// CommitCount writes the next version of units and days, all or none, at most
// MostCounted together. Kind: Conflict when anything changed since it was read.
func (t *Table) CommitCount(ctx context.Context, units []evidence.Unit, days []evidence.Day) error {
	if n := len(units) + len(days); n == 0 || n > MostCounted {
		return fault.New(fault.Invalid, "%d items are none, or more than %d", n, MostCounted)
	}
	var writes []types.TransactWriteItem
	add := func(k key, doc any, version int64) error {
		put, err := t.versioned(k, doc, version)
		writes = append(writes, types.TransactWriteItem{Put: put})
		return err
	}
	for _, u := range units {
		u.Version++
		if err := add(unitKey(u.Key), u, u.Version); err != nil {
			return err
		}
	}
	for _, d := range days {
		d.Version++
		if err := add(dayKey(d.Key), d, d.Version); err != nil {
			return err
		}
	}
	_, err := t.client.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{TransactItems: writes})
	return translate("commit count", err)
}

// CountMark says up to when changes were counted. The zero value is for never.
type CountMark struct {
	Version int64     `json:"version"`
	Through time.Time `json:"through"`
}

// CountMark reads the mark consistently.
func (t *Table) CountMark(ctx context.Context) (CountMark, error) {
	var m CountMark
	err := t.getInto(ctx, countMarkKey(), &m)
	return m, err
}

// MoveCountMark stores the mark as the version after the one that it was read
// at, and returns it. Kind: Conflict when somebody else moved it meanwhile.
func (t *Table) MoveCountMark(ctx context.Context, m CountMark) (CountMark, error) {
	next := m
	next.Version++
	put, err := t.versioned(countMarkKey(), next, next.Version)
	if err != nil {
		return m, err
	}
	if err := t.put(ctx, "move count mark", put); err != nil {
		return m, err
	}
	return next, nil
}
