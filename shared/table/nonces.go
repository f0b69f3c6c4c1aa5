package table

import (
	"context"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/handoff-oss/handoff/shared/fault"
)

// SpendNonce binds a value that a source's sender made once to the content that
// it came with first, and keeps that until the value is refused by itself. The
// same content again is fine. Kinds: Conflict when it was spent on another
// content, Unavailable.
func (t *Table) SpendNonce(ctx context.Context, source, value, content string, until time.Time) error {
	it := nonceKey(source, value).item()
	it["content"] = text(content)
	it[attrExpires] = number(until.Add(time.Hour).Unix())
	_, err := t.client.PutItem(ctx, &dynamodb.PutItemInput{
		TableName: &t.name, Item: it,
		ConditionExpression:       aws.String("attribute_not_exists(pk) OR content = :content"),
		ExpressionAttributeValues: item{":content": text(content)},
	})
	var failed *types.ConditionalCheckFailedException
	if errors.As(err, &failed) {
		return fault.Wrap(fault.Conflict, "the value was spent on another content", err)
	}
	return translate("spend nonce", err)
}
