package table

import (
	"context"
	"errors"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

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

// PutAnswer stores an answer like PutSignalFor, unless one of the answers with
// the other ids from its source is stored, which rule it out. Kinds: Conflict
// when one of them is there or comes in the same moment, Unavailable.
func (t *Table) PutAnswer(ctx context.Context, k signal.LeadKey, s signal.Signal, unless []string) (stored bool, err error) {
	if len(unless) == 0 {
		return t.PutSignalFor(ctx, k, s)
	}
	doc, err := t.document(s)
	if err != nil {
		return false, err
	}
	it := signalKey(k, s.Source, s.ID).item()
	it[attrDoc] = doc
	absent := aws.String("attribute_not_exists(pk)")
	writes := []types.TransactWriteItem{{Put: &types.Put{TableName: &t.name, Item: it, ConditionExpression: absent}}}
	for _, id := range unless {
		writes = append(writes, types.TransactWriteItem{ConditionCheck: &types.ConditionCheck{
			TableName: &t.name, Key: signalKey(k, s.Source, id).item(), ConditionExpression: absent,
		}})
	}
	_, err = t.client.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{TransactItems: writes})
	var canceled *types.TransactionCanceledException
	if errors.As(err, &canceled) && len(canceled.CancellationReasons) > 0 && aws.ToString(canceled.CancellationReasons[0].Code) == "ConditionalCheckFailed" {
		return false, nil
	}
	return err == nil, translate("put answer", err)
}
