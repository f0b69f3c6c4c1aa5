package table

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/policy"
)

// Applied is a policy that was applied.
type Applied struct {
	Version policy.Version
	Text    []byte // YAML
	At      time.Time
}

// Applied reads the current policy, and since when it is that. Kind: NotFound
// when none was ever applied.
func (t *Table) Applied(ctx context.Context) (Applied, error) {
	it, err := t.get(ctx, currentPolicyKey())
	if err != nil {
		return Applied{}, err
	}
	at, err := time.Parse(timeKey, textOf(it, attrApplied))
	return Applied{policy.Version(textOf(it, attrVersion)), []byte(textOf(it, attrDoc)), at}, fault.Wrap(fault.Internal, "read applied_at", err)
}

// attrApplied is when a policy was made the current one.
const attrApplied = "applied_at"

// Policy reads the current policy as YAML text. Kind: NotFound when none was
// ever applied.
func (t *Table) Policy(ctx context.Context) (policy.Version, []byte, error) {
	it, err := t.get(ctx, currentPolicyKey())
	if err != nil {
		return "", nil, err
	}
	return policy.Version(textOf(it, attrVersion)), []byte(textOf(it, attrDoc)), nil
}

// PutPolicy stores a version, which never changes afterwards, and makes it the
// current one. Applying the current version again changes nothing but the time.
func (t *Table) PutPolicy(ctx context.Context, v policy.Version, yaml []byte, now time.Time) error {
	write := func(k key, condition *string) types.TransactWriteItem {
		it := k.item()
		it[attrVersion] = text(string(v))
		it[attrDoc] = text(string(yaml))
		it[attrApplied] = text(formatTime(now))
		put := &types.Put{TableName: &t.name, Item: it, ConditionExpression: condition}
		if condition != nil {
			put.ExpressionAttributeValues = item{":doc": text(string(yaml))}
		}
		return types.TransactWriteItem{Put: put}
	}
	_, err := t.client.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{TransactItems: []types.TransactWriteItem{
		write(policyKey(v), aws.String("attribute_not_exists(pk) OR doc = :doc")),
		write(currentPolicyKey(), nil),
	}})
	return translate("put policy", err)
}
