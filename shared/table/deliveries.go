package table

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/signal"
)

// Delivery names one effect: one event told to one recipient on one channel.
// Whom, Lead and Type say more about it; they are no part of the name.
type Delivery struct {
	Event   string
	Channel string
	To      string // whose it is: "rep:maya", or "all" for what many read
	Whom    string // whom it addresses, as references with commas: "rep:maya,system"
	Lead    signal.LeadKey
	Type    string // of the event
}

// DeliveryState is how far a delivery has come.
type DeliveryState string

// The states. A delivery that was claimed and not yet settled for the first
// time is in none of them.
const (
	SentAccepted DeliveryState = "accepted" // the channel took it
	SentWaiting  DeliveryState = "waiting"  // it failed, and is tried again by itself
	SentGivenUp  DeliveryState = "given_up" // it failed, and its event lies among the dead letters
)

// DeliveryStates returns all of them.
func DeliveryStates() []DeliveryState { return []DeliveryState{SentAccepted, SentWaiting, SentGivenUp} }

// ErrDelivered says that the delivery was made before.
var ErrDelivered = errors.New("delivered before")

const (
	// deliveryKept is how long a mark is kept: longer than any queue keeps its
	// message, and than its dead letters do when somebody sends them back at the
	// last moment, twice.
	deliveryKept = 90 * 24 * time.Hour
	// longestError is how many bytes of a channel's error are kept.
	longestError = 300

	attrDelivered = "delivered_at"
	attrTried     = "tried_at"
	attrTries     = "tries"
	attrWhom      = "whom"
	attrLead      = "lead"
	attrType      = "type"
)

// Claim takes the right to make a delivery for the length of a lease, and
// counts the try. It returns ErrDelivered when it was made before. Kinds:
// Conflict while another try holds the lease, Unavailable.
func (t *Table) Claim(ctx context.Context, d Delivery, now time.Time, lease time.Duration) error {
	names, values := d.names(), d.values(now)
	names["#tries"] = attrTries
	values[":one"], values[":until"], values[":now"] = number(1), number(now.Add(lease).UnixMilli()), number(now.UnixMilli())
	_, err := t.client.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &t.name, Key: deliveryKey(d).item(),
		UpdateExpression:         aws.String("SET " + describes + ", leased_until = :until ADD #tries :one"),
		ConditionExpression:      aws.String("attribute_not_exists(pk) OR (attribute_not_exists(delivered_at) AND (attribute_not_exists(leased_until) OR leased_until < :now))"),
		ExpressionAttributeNames: names, ExpressionAttributeValues: values,
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	})
	var failed *types.ConditionalCheckFailedException
	if errors.As(err, &failed) {
		if _, done := failed.Item[attrDelivered]; done {
			return ErrDelivered
		}
		return fault.Wrap(fault.Conflict, "another try holds the delivery", err)
	}
	return translate("claim delivery", err)
}

// describes sets what a delivery is, whoever writes it.
const describes = "#whom = :whom, #lead = :lead, #type = :type, #expires = :expires"

func (d Delivery) names() map[string]string {
	return map[string]string{"#whom": attrWhom, "#lead": attrLead, "#type": attrType, "#expires": attrExpires}
}

func (d Delivery) values(now time.Time) item {
	return item{
		":whom": text(d.Whom), ":lead": text(string(d.Lead)), ":type": text(d.Type),
		":expires": number(now.Add(deliveryKept).Unix()),
	}
}

// Delivered marks a delivery as made, and files it under its day.
func (t *Table) Delivered(ctx context.Context, d Delivery, now time.Time) error {
	names, values := d.names(), d.values(now)
	names["#owner"], names["#sort"], names["#error"] = attrOwner, attrOwnerSort, attrError
	values[":owner"], values[":sort"], values[":at"] = text(sentOn(now)), text(sentSort(d, now)), text(formatTime(now))
	_, err := t.client.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &t.name, Key: deliveryKey(d).item(),
		UpdateExpression:         aws.String("SET " + describes + ", delivered_at = :at, tried_at = :at, #owner = :owner, #sort = :sort REMOVE leased_until, #error"),
		ExpressionAttributeNames: names, ExpressionAttributeValues: values,
	})
	return translate("mark delivery", err)
}

// Failed gives a claim back after a failed try, so that the next one need not
// wait for the lease to end, and keeps why it failed. It is listed among those
// that wait, by the time of its first failure: further ones do not change the
// index. Kinds: Conflict when it was made meanwhile, Unavailable.
func (t *Table) Failed(ctx context.Context, d Delivery, now time.Time, why string) error {
	return t.unsent(ctx, d, now, SentWaiting, why)
}

// GiveUp says that nobody tries a delivery again by itself. Kinds: as of Failed.
func (t *Table) GiveUp(ctx context.Context, d Delivery, now time.Time, why string) error {
	return t.unsent(ctx, d, now, SentGivenUp, why)
}

func (t *Table) unsent(ctx context.Context, d Delivery, now time.Time, state DeliveryState, why string) error {
	names, values := d.names(), d.values(now)
	names["#owner"], names["#sort"], names["#error"] = attrOwner, attrOwnerSort, attrError
	values[":owner"], values[":sort"], values[":at"] = text(unsentOwner(state)), text(sentSort(d, now)), text(formatTime(now))
	values[":error"] = text(strings.ToValidUTF8(why[:min(len(why), longestError)], ""))
	_, err := t.client.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &t.name, Key: deliveryKey(d).item(),
		UpdateExpression: aws.String("SET " + describes + ", tried_at = :at, #error = :error, #owner = :owner, " +
			"#sort = if_not_exists(#sort, :sort) REMOVE leased_until"),
		ConditionExpression:      aws.String("attribute_not_exists(delivered_at)"),
		ExpressionAttributeNames: names, ExpressionAttributeValues: values,
	})
	return translate("mark failed delivery", err)
}
