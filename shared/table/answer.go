package table

import (
	"context"
	"errors"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/signal"
)

// Signal reads one stored signal of a lead by its source and id, consistently:
// whether a rep has answered already, before the answer is applied. Kind:
// NotFound.
func (t *Table) Signal(ctx context.Context, k signal.LeadKey, source, id string) (signal.Signal, error) {
	var s signal.Signal
	it, err := t.get(ctx, signalKey(k, source, id))
	if err != nil {
		return s, err
	}
	return s, decode(it, &s)
}

// SignalIDs returns the ids of the stored signals of a lead from one source
// that begin with a prefix, consistently and in the order of their text: which
// answers a rep has given to a handoff, before they are applied.
func (t *Table) SignalIDs(ctx context.Context, k signal.LeadKey, source, prefix string) ([]string, error) {
	var ids []string
	before := signalKey(k, source, "").sk
	err := t.query(ctx, &dynamodb.QueryInput{
		ConsistentRead:         aws.Bool(true),
		ProjectionExpression:   aws.String(attrSK),
		KeyConditionExpression: aws.String("pk = :pk AND begins_with(sk, :sk)"),
		ExpressionAttributeValues: item{
			":pk": text(leadPK(k)), ":sk": text(before + prefix),
		},
	}, func(it item) error {
		ids = append(ids, strings.TrimPrefix(textOf(it, attrSK), before))
		return nil
	})
	return ids, err
}

// SignalsFrom reads stored signals of a lead from one source, in one query and
// consistently: at most so many, those whose ids come last in the order of their
// text. more tells whether there are others: what reps have written about a lead,
// however often they answered.
func (t *Table) SignalsFrom(ctx context.Context, k signal.LeadKey, source string, most int32) (all []signal.Signal, more bool, err error) {
	out, err := t.client.Query(ctx, &dynamodb.QueryInput{
		TableName: &t.name, ScanIndexForward: aws.Bool(false), ConsistentRead: aws.Bool(true), Limit: &most,
		KeyConditionExpression: aws.String("pk = :pk AND begins_with(sk, :sk)"),
		ExpressionAttributeValues: item{
			":pk": text(leadPK(k)), ":sk": text(signalKey(k, source, "").sk),
		},
	})
	if err != nil {
		return nil, false, translate("query signals of a source", err)
	}
	all = make([]signal.Signal, len(out.Items))
	for i, it := range out.Items {
		if err := decode(it, &all[i]); err != nil {
			return nil, false, err
		}
	}
	return all, out.LastEvaluatedKey != nil, nil
}

// PutAnswer stores an answer in the inbox of a lead like PutSignalFor, while
// the lead is as it was read, and unless one of the answers with the other ids
// from its source is stored, which rule it out. A decision about the lead that
// is under way does not pass over it: it is in conflict, and hears the answer.
// Kinds: Conflict when the lead has changed, or one of the others is there or
// comes in the same moment; Unavailable.
func (t *Table) PutAnswer(ctx context.Context, l *lead.Lead, s signal.Signal, unless []string) (stored bool, err error) {
	doc, err := t.document(s)
	if err != nil {
		return false, err
	}
	it := signalKey(l.Key, s.Source, s.ID).item()
	it[attrDoc] = doc
	absent := aws.String("attribute_not_exists(pk)")
	writes := []types.TransactWriteItem{
		{Put: &types.Put{TableName: &t.name, Item: it, ConditionExpression: absent}},
		{Update: &types.Update{
			TableName: &t.name, Key: leadItemKey(l.Key).item(), UpdateExpression: aws.String("ADD answers :one"),
			ConditionExpression: aws.String("version = :read"), ExpressionAttributeValues: item{":one": number(1), ":read": number(l.Version)},
		}},
	}
	for _, id := range unless {
		writes = append(writes, types.TransactWriteItem{ConditionCheck: &types.ConditionCheck{
			TableName: &t.name, Key: signalKey(l.Key, s.Source, id).item(), ConditionExpression: absent,
		}})
	}
	_, err = t.client.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{TransactItems: writes})
	var canceled *types.TransactionCanceledException
	if errors.As(err, &canceled) && len(canceled.CancellationReasons) > 0 && aws.ToString(canceled.CancellationReasons[0].Code) == "ConditionalCheckFailed" {
		return false, nil
	}
	return err == nil, translate("put answer", err)
}
