package table

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

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
