package table

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/handoff-oss/handoff/shared/find"
)

// Views reads the saved views that a person sees: everybody's, then their own,
// each by name.
func (t *Table) Views(ctx context.Context, person string) ([]find.View, error) {
	var all []find.View
	for _, owner := range slices.Compact([]string{"", person}) {
		some, err := collect[find.View](ctx, t, &dynamodb.QueryInput{
			ConsistentRead: aws.Bool(true), KeyConditionExpression: aws.String("pk = :pk"),
			ExpressionAttributeValues: item{":pk": text(viewPK(owner))},
		})
		if err != nil {
			return nil, err
		}
		slices.SortStableFunc(some, func(a, b find.View) int { return strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)) })
		all = append(all, some...)
	}
	return all, nil
}

// View reads one view of a person's, or of everybody's for "". Kind: NotFound.
func (t *Table) View(ctx context.Context, owner, id string) (find.View, error) {
	var v find.View
	it, err := t.get(ctx, viewKey(owner, id))
	if err != nil {
		return v, err
	}
	return v, decode(it, &v)
}

// PutView stores a view whose version is one more than what is stored. Kind:
// Conflict when somebody else was first.
func (t *Table) PutView(ctx context.Context, v find.View) error {
	put, err := t.versioned(viewKey(v.Owner, v.ID), v, v.Version)
	if err != nil {
		return err
	}
	return t.put(ctx, "put view", put)
}

// DeleteView removes a view as it was read. Kind: Conflict when it has changed
// since.
func (t *Table) DeleteView(ctx context.Context, v find.View) error {
	_, err := t.client.DeleteItem(ctx, &dynamodb.DeleteItemInput{
		TableName: &t.name, Key: viewKey(v.Owner, v.ID).item(), ConditionExpression: aws.String("version = :version"),
		ExpressionAttributeValues: item{":version": number(v.Version)},
	})
	return translate("delete view", err)
}
