package table

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/rollout"
)

// PutRuling keeps a ruling about the rollout with everything that led to it. One
// of the same instant is kept already: then it changes nothing. Kind: Conflict
// when another one of that instant is kept.
func (t *Table) PutRuling(ctx context.Context, r rollout.Ruling) error {
	put, err := t.versioned(rulingKey(r.At), r, 1)
	if err != nil {
		return err
	}
	err = t.put(ctx, "put ruling", put)
	if fault.KindOf(err) != fault.Conflict || err == nil {
		return err
	}
	it, failed := t.get(ctx, rulingKey(r.At))
	if failed != nil {
		return failed
	}
	var kept rollout.Ruling
	if failed := decode(it, &kept); failed != nil {
		return failed
	}
	if kept.Case.State == r.Case.State && kept.Action == r.Action {
		return nil
	}
	return err
}

// Rulings reads rulings from one instant to another, both included, newest
// first, at most so many.
func (t *Table) Rulings(ctx context.Context, from, to time.Time, most int) ([]rollout.Ruling, error) {
	out, err := t.client.Query(ctx, &dynamodb.QueryInput{
		TableName: &t.name, ConsistentRead: aws.Bool(true), ScanIndexForward: aws.Bool(false), Limit: aws.Int32(int32(min(max(most, 1), 1000))),
		KeyConditionExpression: aws.String("pk = :pk AND sk BETWEEN :from AND :to"),
		ExpressionAttributeValues: item{
			":pk": text(rulingKey(from).pk), ":from": text(rulingKey(from).sk), ":to": text(rulingKey(to).sk),
		},
	})
	if err != nil {
		return nil, translate("query rulings", err)
	}
	all := make([]rollout.Ruling, len(out.Items))
	for i, it := range out.Items {
		if err := decode(it, &all[i]); err != nil {
			return nil, err
		}
	}
	return all, nil
}
