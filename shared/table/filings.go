package table

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/signal"
)

// File files a lead under what others may have as well. Filing it twice changes nothing.
func (t *Table) File(ctx context.Context, k signal.LeadKey, filings []lead.Filing) error {
	for _, f := range filings {
		_, err := t.client.PutItem(ctx, &dynamodb.PutItemInput{TableName: &t.name, Item: filedKey(f, k).item()})
		if err != nil {
			return translate("file lead", err)
		}
	}
	return nil
}

// Unfile takes a lead out of where it was filed.
func (t *Table) Unfile(ctx context.Context, k signal.LeadKey, filings []lead.Filing) error {
	for _, f := range filings {
		_, err := t.client.DeleteItem(ctx, &dynamodb.DeleteItemInput{TableName: &t.name, Key: filedKey(f, k).item()})
		if err != nil {
			return translate("take lead out of its file", err)
		}
	}
	return nil
}

// Filed returns the keys of at most so many leads that are filed under the same,
// consistently. One of them may have become part of another lead, or may have
// changed: whoever reads it finds out.
func (t *Table) Filed(ctx context.Context, f lead.Filing, most int32) ([]signal.LeadKey, error) {
	out, err := t.client.Query(ctx, &dynamodb.QueryInput{
		TableName: &t.name, ConsistentRead: aws.Bool(true), Limit: &most,
		KeyConditionExpression: aws.String("pk = :pk"), ExpressionAttributeValues: item{":pk": text(filedPK(f))},
	})
	if err != nil {
		return nil, translate("query file", err)
	}
	keys := make([]signal.LeadKey, len(out.Items))
	for i, it := range out.Items {
		keys[i] = signal.LeadKey(textOf(it, attrSK))
	}
	return keys, nil
}
