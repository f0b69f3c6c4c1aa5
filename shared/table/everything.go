package table

import (
	"bytes"
	"compress/flate"
	"context"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/signal"
)

// Stored is an item as it lies in the table, for whoever has to know all that is
// held of a person.
type Stored struct {
	PK, SK string
	Doc    string            // its document, as JSON; "" for none
	Other  map[string]string // its other attributes as text, by name
}

// Contains tells whether a text stands anywhere in the item, in any case of
// letters.
func (s Stored) Contains(text string) bool {
	text = strings.ToLower(text)
	for _, in := range append([]string{s.PK, s.SK, s.Doc}, slices.Collect(maps.Values(s.Other))...) {
		if strings.Contains(strings.ToLower(in), text) {
			return true
		}
	}
	return false
}

// Everything reads the whole table, item by item, and hands each to use. It
// costs a read of every byte that is stored.
func (t *Table) Everything(ctx context.Context, use func(Stored) error) error {
	pages := dynamodb.NewScanPaginator(t.client, &dynamodb.ScanInput{TableName: &t.name, ConsistentRead: aws.Bool(true)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return translate("scan", err)
		}
		for _, it := range page.Items {
			s, err := storedOf(it)
			if err != nil {
				return err
			}
			if err := use(s); err != nil {
				return err
			}
		}
	}
	return nil
}

// Under reads everything that is stored under a name, consistently.
func (t *Table) Under(ctx context.Context, k signal.LeadKey) ([]Stored, error) {
	var all []Stored
	err := t.query(ctx, &dynamodb.QueryInput{
		ConsistentRead: aws.Bool(true), KeyConditionExpression: aws.String("pk = :pk"), ExpressionAttributeValues: item{":pk": text(leadPK(k))},
	}, func(it item) error {
		s, err := storedOf(it)
		all = append(all, s)
		return err
	})
	return all, err
}

// DeliveriesOf reads what is known of the deliveries of an event.
func (t *Table) DeliveriesOf(ctx context.Context, event string) ([]Sent, error) {
	var all []Sent
	err := t.query(ctx, &dynamodb.QueryInput{
		KeyConditionExpression: aws.String("pk = :pk"), ExpressionAttributeValues: item{":pk": text(sentPrefix + event)},
	}, func(it item) error {
		all = append(all, sentOf(it))
		return nil
	})
	return all, err
}

func storedOf(it item) (Stored, error) {
	s := Stored{PK: textOf(it, attrPK), SK: textOf(it, attrSK), Other: map[string]string{}}
	for name, value := range it {
		switch v := value.(type) {
		case *types.AttributeValueMemberS:
			s.Other[name] = v.Value
		case *types.AttributeValueMemberN:
			s.Other[name] = v.Value
		case *types.AttributeValueMemberB:
			b, err := io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(v.Value)), longest))
			if err != nil {
				return s, fault.Wrap(fault.Internal, "inflate "+s.PK+" "+s.SK, err)
			}
			s.Other[name] = string(b)
		}
	}
	s.Doc = s.Other[attrDoc]
	for _, name := range []string{attrPK, attrSK, attrDoc} {
		delete(s.Other, name)
	}
	return s, nil
}
