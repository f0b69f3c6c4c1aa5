package table

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"golang.org/x/sync/errgroup"

	"github.com/handoff-oss/handoff/shared/lead"
)

// Fill stores many leads, without their logs and without conditions.
func (t *Table) Fill(ctx context.Context, leads []*lead.Lead) error {
	oldest := slices.MinFunc(leads, func(a, b *lead.Lead) int { return a.CreatedAt.Compare(b.CreatedAt) })
	if err := t.markFirstDay(ctx, oldest.CreatedAt); err != nil {
		return err
	}
	const atOnce, inBatch = 8, 25
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(atOnce)
	for some := range slices.Chunk(leads, inBatch) {
		g.Go(func() error { return t.fillBatch(ctx, some) })
	}
	return g.Wait()
}

func (t *Table) fillBatch(ctx context.Context, leads []*lead.Lead) error {
	requests := make([]types.WriteRequest, len(leads))
	for i, l := range leads {
		put, err := t.leadPut(l)
		if err != nil {
			return err
		}
		requests[i].PutRequest = &types.PutRequest{Item: put.Item}
	}
	for len(requests) > 0 {
		out, err := t.client.BatchWriteItem(ctx, &dynamodb.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{t.name: requests}})
		if err != nil {
			return translate("fill", err)
		}
		requests = out.UnprocessedItems[t.name]
	}
	return nil
}
