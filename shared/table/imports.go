package table

import (
	"cmp"
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/handoff-oss/handoff/shared/imports"
)

// attrOffset is how far an import has come.
const attrOffset = "at_offset"

// NewImport stores the state of an import that begins. Kind: Conflict when it
// has begun before.
func (t *Table) NewImport(ctx context.Context, id string, s imports.State) error {
	it, err := t.importItem(id, s)
	if err != nil {
		return err
	}
	_, err = t.client.PutItem(ctx, &dynamodb.PutItemInput{
		TableName: &t.name, Item: it, ConditionExpression: aws.String("attribute_not_exists(pk)"),
	})
	return translate("put import", err)
}

// PutImport stores how far an import has come. Kind: Conflict when it has not
// been at that offset before: somebody else goes on with it.
func (t *Table) PutImport(ctx context.Context, id string, s imports.State, before int64) error {
	it, err := t.importItem(id, s)
	if err != nil {
		return err
	}
	_, err = t.client.PutItem(ctx, &dynamodb.PutItemInput{
		TableName: &t.name, Item: it, ConditionExpression: aws.String(attrOffset + " = :before"),
		ExpressionAttributeValues: item{":before": number(before)},
	})
	return translate("put import", err)
}

func (t *Table) importItem(id string, s imports.State) (item, error) {
	doc, err := t.document(s)
	if err != nil {
		return nil, err
	}
	it := importKey(id).item()
	it[attrDoc], it[attrOffset] = doc, number(s.At.Offset)
	return it, nil
}

// Import reads an import by its id. Kind: NotFound.
func (t *Table) Import(ctx context.Context, id string) (imports.State, error) {
	var s imports.State
	it, err := t.get(ctx, importKey(id))
	if err != nil {
		return s, err
	}
	return s, decode(it, &s)
}

// Imports reads all imports that there ever were, the newest first. A company
// has dozens.
func (t *Table) Imports(ctx context.Context) ([]imports.State, error) {
	all, err := collect[imports.State](ctx, t, &dynamodb.QueryInput{
		ConsistentRead: aws.Bool(true), KeyConditionExpression: aws.String("pk = :pk"),
		ExpressionAttributeValues: item{":pk": text(importsPK)},
	})
	slices.SortFunc(all, func(a, b imports.State) int {
		return cmp.Or(b.StartedAt.Compare(a.StartedAt), cmp.Compare(a.Sum, b.Sum))
	})
	return all, err
}
