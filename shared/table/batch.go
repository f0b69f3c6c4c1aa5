package table

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// mostInBatch is how many keys DynamoDB takes in one BatchGetItem.
const mostInBatch = 100

// getAll reads the items with these keys, at most mostInBatch, and hands each to
// use, in no order. Those that are not there are left out.
func (t *Table) getAll(ctx context.Context, op string, wanted types.KeysAndAttributes, use func(item) error) error {
	for len(wanted.Keys) > 0 {
		out, err := t.client.BatchGetItem(ctx, &dynamodb.BatchGetItemInput{
			RequestItems: map[string]types.KeysAndAttributes{t.name: wanted},
		})
		if err != nil {
			return translate(op, err)
		}
		for _, it := range out.Responses[t.name] {
			if err := use(it); err != nil {
				return err
			}
		}
		wanted = out.UnprocessedKeys[t.name]
	}
	return nil
}

// itemKeys returns the keys of the items that documents are kept in.
func itemKeys[K any](all []K, of func(K) key) []item {
	keys := make([]item, len(all))
	for i, k := range all {
		keys[i] = of(k).item()
	}
	return keys
}
