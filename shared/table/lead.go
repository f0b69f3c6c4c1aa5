package table

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/routing"
	"github.com/handoff-oss/handoff/shared/signal"
)

// Lead reads a lead consistently. Kind: NotFound.
func (t *Table) Lead(ctx context.Context, k signal.LeadKey) (*lead.Lead, error) {
	it, err := t.get(ctx, leadItemKey(k))
	if err != nil {
		return nil, err
	}
	var l lead.Lead
	if err := decode(it, &l); err != nil {
		return nil, err
	}
	return &l, nil
}

// Pool reads the state of a pool consistently. A pool that has no state yet is
// returned empty, at version 0.
func (t *Table) Pool(ctx context.Context, name string) (routing.Pool, error) {
	state := routing.Pool{Name: name}
	it, err := t.get(ctx, poolKey(name))
	if fault.KindOf(err) == fault.NotFound {
		return state, nil
	}
	if err != nil {
		return state, err
	}
	return state, decode(it, &state)
}

// Change is what one decision writes: the lead, and with it the log item and
// the pool when the decision made them. Lead.Version and Pool.Version are the
// new versions; what is stored must be at the version before.
type Change struct {
	Lead *lead.Lead
	Log  *lead.LogItem
	Pool *routing.Pool
}

// Commit writes a change completely or not at all. A lead alone costs one
// plain write; together with others it is one transaction. Kinds: Conflict
// when anything changed since it was read, Unavailable.
func (t *Table) Commit(ctx context.Context, c Change) error {
	if c.Lead.Version == 1 {
		if err := t.markFirstDay(ctx, c.Lead.CreatedAt); err != nil {
			return err
		}
	}
	leadPut, err := t.leadPut(c.Lead)
	if err != nil {
		return err
	}
	if c.Log == nil && c.Pool == nil {
		_, err = t.client.PutItem(ctx, &dynamodb.PutItemInput{
			TableName: leadPut.TableName, Item: leadPut.Item, ConditionExpression: leadPut.ConditionExpression,
			ExpressionAttributeValues: leadPut.ExpressionAttributeValues,
		})
		return translate("put lead", err)
	}
	writes := []types.TransactWriteItem{{Put: leadPut}}
	if c.Log != nil {
		put, err := t.versioned(logKey(c.Log.Key, c.Log.Version), c.Log, 1)
		if err != nil {
			return err
		}
		writes = append(writes, types.TransactWriteItem{Put: put})
	}
	if c.Pool != nil {
		put, err := t.versioned(poolKey(c.Pool.Name), c.Pool, c.Pool.Version)
		if err != nil {
			return err
		}
		writes = append(writes, types.TransactWriteItem{Put: put})
	}
	_, err = t.client.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{TransactItems: writes})
	return translate("commit decision", err)
}

// versioned is a put of a document on the condition that the stored version is
// the one before, or that nothing is stored for version 1.
func (t *Table) versioned(k key, doc any, version int64) (*types.Put, error) {
	d, err := t.document(doc)
	if err != nil {
		return nil, err
	}
	it := k.item()
	it[attrDoc] = d
	it[attrVersion] = number(version)
	put := &types.Put{TableName: &t.name, Item: it, ConditionExpression: aws.String("attribute_not_exists(pk)")}
	if version > 1 {
		put.ConditionExpression = aws.String("version = :before")
		put.ExpressionAttributeValues = item{":before": number(version - 1)}
	}
	return put, nil
}

// leadPut adds the index keys. They change only when a stage, a holder or a
// deadline does, so that a plain signal rewrites the snapshot and no index.
func (t *Table) leadPut(l *lead.Lead) (*types.Put, error) {
	put, err := t.versioned(leadItemKey(l.Key), l, l.Version)
	if err != nil {
		return nil, err
	}
	it := put.Item
	it[attrStage] = text(string(l.Journey.Stage))
	it[attrCohort] = text(cohortOf(l.Key, l.CreatedAt))
	it[attrCohortSort] = text(formatTime(l.Journey.StageAt[l.Journey.Stage]))
	if at, ok := l.NextDue(); ok {
		it[attrDueShard] = text(dueShard(l.Key))
		it[attrDueAt] = text(formatTime(at))
	}
	if h := l.Journey.Holder(); h != nil {
		it[attrOwner] = text(h.Rep)
		it[attrOwnerSort] = text(formatTime(h.Since))
	}
	return put, nil
}
