// Package table stores everything in one DynamoDB table: signals (the inbox),
// leads, the log (the outbox), pools, policies and marks of what was sent. One
// file per access pattern; keys are built in keys.go alone. It translates the
// SDK's errors to fault kinds. It knows neither how leads are decided about
// nor who reads the streams.
package table

import (
	"context"
	"errors"
	"net"
	"strconv"
	"sync"
	"sync/atomic"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"

	"github.com/handoff-oss/handoff/shared/fault"
)

// Table is the one DynamoDB table.
type Table struct {
	client  *dynamodb.Client
	name    string
	writers sync.Pool   // of *flate.Writer
	started atomic.Bool // the day of the first lead is known to be stored
}

// New returns the table with that name.
func New(client *dynamodb.Client, name string) *Table {
	return &Table{client: client, name: name}
}

type item = map[string]types.AttributeValue

func text(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }

func number(n int64) types.AttributeValue {
	return &types.AttributeValueMemberN{Value: strconv.FormatInt(n, 10)}
}

func textOf(it item, name string) string {
	if s, ok := it[name].(*types.AttributeValueMemberS); ok {
		return s.Value
	}
	return ""
}

// numberOf reads a number; 0 where there is none.
func numberOf(it item, name string) int64 {
	n, err := numberIn(it, name)
	if err != nil {
		return 0
	}
	return n
}

// numberIn reads a number that an item cannot do without. Kind: Internal.
func numberIn(it item, name string) (int64, error) {
	n, ok := it[name].(*types.AttributeValueMemberN)
	if !ok {
		return 0, fault.New(fault.Internal, "an item has no number %s", name)
	}
	v, err := strconv.ParseInt(n.Value, 10, 64)
	return v, fault.Wrap(fault.Internal, "read "+name, err)
}

// get reads one item consistently. Kind: NotFound when there is none.
func (t *Table) get(ctx context.Context, k key) (item, error) {
	out, err := t.client.GetItem(ctx, &dynamodb.GetItemInput{
		TableName: &t.name, Key: k.item(), ConsistentRead: aws.Bool(true),
	})
	if err != nil {
		return nil, translate("get item", err)
	}
	if out.Item == nil {
		return nil, fault.New(fault.NotFound, "no item %s %s", k.pk, k.sk)
	}
	return out.Item, nil
}

// getInto reads one item consistently into a value, which stays as it is when
// there is none.
func (t *Table) getInto(ctx context.Context, k key, value any) error {
	it, err := t.get(ctx, k)
	if fault.KindOf(err) == fault.NotFound {
		return nil
	}
	if err != nil {
		return err
	}
	return decode(it, value)
}

// query reads all pages of a query and hands each item to use.
func (t *Table) query(ctx context.Context, in *dynamodb.QueryInput, use func(item) error) error {
	in.TableName = &t.name
	pages := dynamodb.NewQueryPaginator(t.client, in)
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return translate("query", err)
		}
		for _, it := range page.Items {
			if err := use(it); err != nil {
				return err
			}
		}
	}
	return nil
}

// collect reads the documents of all items of a query, in the query's order.
func collect[T any](ctx context.Context, t *Table, in *dynamodb.QueryInput) ([]T, error) {
	var all []T
	err := t.query(ctx, in, func(it item) error {
		var one T
		err := decode(it, &one)
		all = append(all, one)
		return err
	})
	return all, err
}

// translate gives an SDK error its kind, by type.
func translate(op string, err error) error {
	if err == nil {
		return nil
	}
	return fault.Wrap(kindOf(err), op, err)
}

func kindOf(err error) fault.Kind {
	var failed *types.ConditionalCheckFailedException
	var conflict *types.TransactionConflictException
	var canceled *types.TransactionCanceledException
	switch {
	case errors.As(err, &failed), errors.As(err, &conflict):
		return fault.Conflict
	case errors.As(err, &canceled):
		return kindOfReasons(canceled.CancellationReasons)
	}
	var api smithy.APIError
	if !errors.As(err, &api) {
		return kindOfTransport(err)
	}
	if api.ErrorFault() == smithy.FaultServer || isThrottle(api.ErrorCode()) {
		return fault.Unavailable
	}
	return fault.Internal
}

func kindOfReasons(reasons []types.CancellationReason) fault.Kind {
	kind := fault.Internal
	for _, r := range reasons {
		switch code := aws.ToString(r.Code); {
		case code == "ConditionalCheckFailed", code == "TransactionConflict":
			return fault.Conflict
		case isThrottle(code):
			kind = fault.Unavailable
		}
	}
	return kind
}

func isThrottle(code string) bool {
	switch code {
	case "ThrottlingException", "ThrottlingError", "ProvisionedThroughputExceededException",
		"ProvisionedThroughputExceeded", "RequestLimitExceeded", "InternalServerError", "ServiceUnavailable":
		return true
	}
	return false
}

// kindOfTransport classifies what never reached DynamoDB: no connection, a
// broken answer or the end of the context's time.
func kindOfTransport(err error) fault.Kind {
	var network net.Error
	var sending interface{ ConnectionError() bool }
	var operation *smithy.OperationError
	if errors.As(err, &network) || errors.As(err, &sending) ||
		errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) || errors.As(err, &operation) {
		return fault.Unavailable
	}
	return fault.Internal
}
