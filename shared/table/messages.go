package table

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/handoff-oss/handoff/shared/signal"
)

// Message is a message about a lead that was sent and can be changed where it
// is: which event it tells of, whom, and where Slack keeps it.
type Message struct {
	Lead    signal.LeadKey `json:"lead"`
	Event   string         `json:"event"` // id
	To      string         `json:"to"`    // the recipient, as "rep:maya"
	Channel string         `json:"channel"`
	TS      string         `json:"ts"`
}

// messageKept is how long a message is kept true.
const messageKept = 90 * 24 * time.Hour

// PutMessage remembers a message that was sent.
func (t *Table) PutMessage(ctx context.Context, m Message, now time.Time) error {
	it := messageKey(m).item()
	doc, err := t.document(m)
	if err != nil {
		return err
	}
	it[attrDoc] = doc
	it[attrExpires] = number(now.Add(messageKept).Unix())
	_, err = t.client.PutItem(ctx, &dynamodb.PutItemInput{TableName: &t.name, Item: it})
	return translate("put message", err)
}

// Messages reads consistently what is remembered of a lead's messages.
func (t *Table) Messages(ctx context.Context, k signal.LeadKey) ([]Message, error) {
	return collect[Message](ctx, t, &dynamodb.QueryInput{
		ConsistentRead:            aws.Bool(true),
		KeyConditionExpression:    aws.String("pk = :pk AND begins_with(sk, :sk)"),
		ExpressionAttributeValues: item{":pk": text(leadPK(k)), ":sk": text(messagePrefix)},
	})
}

// ForgetMessage forgets a message that is gone from where it was.
func (t *Table) ForgetMessage(ctx context.Context, m Message) error {
	_, err := t.client.DeleteItem(ctx, &dynamodb.DeleteItemInput{TableName: &t.name, Key: messageKey(m).item()})
	return translate("forget message", err)
}
