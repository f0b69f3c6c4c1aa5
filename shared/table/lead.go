package table

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/handoff-oss/handoff/shared/account"
	"github.com/handoff-oss/handoff/shared/evidence"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/routing"
)

// Change is what one decision writes: the lead, and with it the log item, the
// pools, the roster and the account when the decision made or changed them.
// Versions are the new ones; what is stored must be at the version before.
type Change struct {
	Lead    *lead.Lead
	Log     *lead.LogItem
	Pools   []routing.Pool
	Roster  *routing.Roster
	Account *account.Account
	// Also is the other lead of a change of whose a name is, and Points are the names whose items change.
	Also   *lead.Also
	Points []lead.Point
	// Tomb is what takes the place of Lead, which is forgotten; nil for nothing.
	Tomb *Tombstone
	// Outcomes are what a lead that was drawn for a phase counts for now, when that
	// has changed; see Outcomes.
	Outcomes []evidence.Change
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
	puts, err := t.puts(c)
	if err != nil {
		return err
	}
	if len(puts) == 1 && len(c.Points) == 0 {
		return t.put(ctx, "put lead", puts[0])
	}
	writes := make([]types.TransactWriteItem, len(puts), len(puts)+len(c.Points))
	for i, put := range puts {
		writes[i].Put = put
	}
	for _, p := range c.Points {
		writes = append(writes, t.pointWrite(p))
	}
	_, err = t.client.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{TransactItems: writes})
	return translate("commit decision", err)
}

// puts are the items of a change, the lead first.
func (t *Table) puts(c Change) ([]*types.Put, error) {
	puts, err := t.standingPuts(c)
	if err != nil {
		return nil, err
	}
	add := func(k key, doc any, version int64) *types.Put {
		put, failed := t.versioned(k, doc, version)
		err = errors.Join(err, failed)
		puts = append(puts, put)
		return put
	}
	if c.Log != nil {
		add(logKey(c.Log.Key, c.Log.Version), c.Log, 1)
	}
	for _, p := range c.Pools {
		if put := add(poolKey(p.Name), p, p.Version); put != nil {
			markDue(put.Item, p)
		}
	}
	if c.Roster != nil {
		made, failed := t.rosterPuts(*c.Roster)
		puts, err = append(puts, made...), errors.Join(err, failed)
	}
	if c.Account != nil {
		add(accountKey(c.Account.Key), c.Account, c.Account.Version)
	}
	if c.Also != nil {
		if l := c.Also.Lead; l != nil {
			put, failed := t.leadPut(l)
			puts, err = append(puts, put), errors.Join(err, failed)
		}
		if log := c.Also.Log; log != nil {
			add(logKey(log.Key, log.Version), log, 1)
		}
	}
	for _, o := range c.Outcomes {
		put, failed := t.outcomePut(o, c.Lead.UpdatedAt)
		err = errors.Join(err, failed)
		puts = append(puts, put)
	}
	return puts, err
}

// standingPuts are what is to stand at the lead's item: its snapshot, or the
// tombstone of it and of all that points to it.
func (t *Table) standingPuts(c Change) ([]*types.Put, error) {
	if c.Tomb != nil {
		return t.tombPuts(*c.Tomb, c.Lead)
	}
	put, err := t.leadPut(c.Lead)
	return []*types.Put{put}, err
}

// put makes one put by itself, rather than in a transaction.
func (t *Table) put(ctx context.Context, op string, put *types.Put) error {
	_, err := t.client.PutItem(ctx, &dynamodb.PutItemInput{
		TableName: put.TableName, Item: put.Item, ConditionExpression: put.ConditionExpression,
		ExpressionAttributeValues: put.ExpressionAttributeValues,
	})
	return translate(op, err)
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

// leadPut adds what the indexes hold; see indexLead.
//
// A lead for which an answer was taken since it was read has changed, too:
// whoever decides about it has to hear the answer first.
func (t *Table) leadPut(l *lead.Lead) (*types.Put, error) {
	put, err := t.versioned(leadItemKey(l.Key), l, l.Version)
	if err != nil {
		return nil, err
	}
	if l.Version > 1 {
		unheard(put, l)
	}
	if l.Answers > 0 {
		put.Item[attrAnswers] = number(l.Answers)
	}
	indexLead(put.Item, l)
	return put, nil
}

// unheard adds the condition that no answer was taken since the lead was read.
func unheard(put *types.Put, l *lead.Lead) {
	more := " AND attribute_not_exists(answers)"
	if l.Answers > 0 {
		more = " AND answers = :answers"
		put.ExpressionAttributeValues[":answers"] = number(l.Answers)
	}
	put.ConditionExpression = aws.String(*put.ConditionExpression + more)
}
