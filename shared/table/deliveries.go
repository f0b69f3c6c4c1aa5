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

// Delivery names one effect: one event told to one recipient on one channel.
type Delivery struct {
	Event   string
	Channel string
	To      string
}

// ErrDelivered says that the delivery was made before.
var ErrDelivered = errors.New("delivered before")

// deliveryKept is how long a mark is kept: longer than any queue keeps its message.
const deliveryKept = 30 * 24 * time.Hour

// Claim takes the right to make a delivery for the length of a lease. It
// returns ErrDelivered when it was made before. Kinds: Conflict while another
// try holds the lease, Unavailable.
func (t *Table) Claim(ctx context.Context, d Delivery, now time.Time, lease time.Duration) error {
	it := deliveryKey(d).item()
	it["leased_until"] = number(now.Add(lease).UnixMilli())
	it[attrExpires] = number(now.Add(deliveryKept).Unix())
	_, err := t.client.PutItem(ctx, &dynamodb.PutItemInput{
		TableName: &t.name, Item: it,
		ConditionExpression:                 aws.String("attribute_not_exists(pk) OR (attribute_not_exists(delivered_at) AND leased_until < :now)"),
		ExpressionAttributeValues:           item{":now": number(now.UnixMilli())},
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	})
	var failed *types.ConditionalCheckFailedException
	if errors.As(err, &failed) {
		if _, done := failed.Item["delivered_at"]; done {
			return ErrDelivered
		}
		return fault.Wrap(fault.Conflict, "another try holds the delivery", err)
	}
	return translate("claim delivery", err)
}

// Delivered marks a delivery as made.
func (t *Table) Delivered(ctx context.Context, d Delivery, now time.Time) error {
	it := deliveryKey(d).item()
	it["delivered_at"] = text(formatTime(now))
	it[attrExpires] = number(now.Add(deliveryKept).Unix())
	_, err := t.client.PutItem(ctx, &dynamodb.PutItemInput{TableName: &t.name, Item: it})
	return translate("mark delivery", err)
}

// Release gives a claim back after a failed try, so that the next one need not
// wait for the lease to end.
func (t *Table) Release(ctx context.Context, d Delivery) error {
	_, err := t.client.DeleteItem(ctx, &dynamodb.DeleteItemInput{
		TableName: &t.name, Key: deliveryKey(d).item(),
		ConditionExpression: aws.String("attribute_not_exists(delivered_at)"),
	})
	return translate("release delivery", err)
}
