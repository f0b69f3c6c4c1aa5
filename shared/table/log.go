package table

import (
	"context"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/signal"
)

// Timeline reads up to limit log items of a lead, newest first. next is the
// cursor of the following page, "" on the last one. Kind: Invalid for a cursor
// that is none of ours.
func (t *Table) Timeline(ctx context.Context, k signal.LeadKey, cursor string, limit int) (items []lead.LogItem, next string, err error) {
	in := &dynamodb.QueryInput{
		TableName: &t.name, ScanIndexForward: aws.Bool(false), Limit: aws.Int32(int32(min(max(limit, 1), 200))),
		KeyConditionExpression:    aws.String("pk = :pk AND begins_with(sk, :sk)"),
		ExpressionAttributeValues: item{":pk": text(leadPK(k)), ":sk": text(logPrefix)},
	}
	if cursor != "" {
		at, err := parseCursor(cursor)
		if err != nil {
			return nil, "", err
		}
		in.ExclusiveStartKey = logKey(k, at).item()
	}
	out, err := t.client.Query(ctx, in)
	if err != nil {
		return nil, "", translate("query timeline", err)
	}
	for _, it := range out.Items {
		var l lead.LogItem
		if err := decode(it, &l); err != nil {
			return nil, "", err
		}
		items = append(items, l)
	}
	if out.LastEvaluatedKey != nil && len(items) > 0 {
		next = formatCursor(items[len(items)-1].Version)
	}
	return items, next, nil
}

// LogItemFromImage decodes the new image of a stream record of a log item.
// Kind: Invalid.
func LogItemFromImage(image map[string]events.DynamoDBAttributeValue) (lead.LogItem, error) {
	var l lead.LogItem
	if err := decodeImage(image, &l); err != nil {
		return l, err
	}
	if l.Key == "" {
		return l, fault.New(fault.Invalid, "the log item names no lead")
	}
	return l, nil
}

// LogAt reads the log item of the decision that brought the lead to version.
// Kind: NotFound.
func (t *Table) LogAt(ctx context.Context, k signal.LeadKey, version int64) (lead.LogItem, error) {
	var l lead.LogItem
	it, err := t.get(ctx, logKey(k, version))
	if err != nil {
		return l, err
	}
	return l, decode(it, &l)
}
