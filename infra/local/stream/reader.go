package stream

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams/types"

	"github.com/handoff-oss/handoff/shared/fault"
)

// Shard is one shard of a stream.
type Shard struct{ ID, Parent string }

// Page is what one read gives.
type Page struct {
	Records []Record
	Closed  bool // the shard has ended and nothing more will come
}

// Latest asks Read for what comes from now on.
const Latest = "latest"

// Reader reads a stream.
type Reader interface {
	Shards(ctx context.Context) ([]Shard, error)
	// Read returns the records of a shard after a sequence number, from the start when it is "".
	Read(ctx context.Context, shard, after string) (Page, error)
}

// TableReader reads the current stream of a table. Each poller needs one of
// its own.
type TableReader struct {
	Tables    *dynamodb.Client
	Streams   *dynamodbstreams.Client
	Table     string
	Region    string
	SourceARN string           // what records name as their source
	Now       func() time.Time // the machine's time

	mu        sync.Mutex
	stream    string
	shards    []Shard
	listed    time.Time
	iterators map[string]iterator
}

// iterator continues reading a shard after a sequence number.
type iterator struct{ after, next string }

// relist is how long the list of shards is used when no shard has ended.
const relist = 30 * time.Second

// Shards lists the stream's shards.
func (r *TableReader) Shards(ctx context.Context) ([]Shard, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.shards != nil && r.Now().Sub(r.listed) < relist {
		return r.shards, nil
	}
	described, err := r.Tables.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &r.Table})
	if err != nil {
		return nil, fault.Wrap(fault.Unavailable, "describe the table", err)
	}
	r.stream = aws.ToString(described.Table.LatestStreamArn)
	var shards []Shard
	var last *string
	for {
		out, err := r.Streams.DescribeStream(ctx, &dynamodbstreams.DescribeStreamInput{StreamArn: &r.stream, ExclusiveStartShardId: last})
		if err != nil {
			return nil, fault.Wrap(fault.Unavailable, "describe the stream", err)
		}
		for _, s := range out.StreamDescription.Shards {
			shards = append(shards, Shard{ID: aws.ToString(s.ShardId), Parent: aws.ToString(s.ParentShardId)})
		}
		last = out.StreamDescription.LastEvaluatedShardId
		if last == nil {
			break
		}
	}
	r.shards, r.listed = shards, r.Now()
	return shards, nil
}

// Read reads on in a shard. Kind: Unavailable.
func (r *TableReader) Read(ctx context.Context, shard, after string) (Page, error) {
	it, err := r.iterator(ctx, shard, after)
	if err != nil {
		return Page{}, err
	}
	out, err := r.Streams.GetRecords(ctx, &dynamodbstreams.GetRecordsInput{ShardIterator: &it})
	if err != nil {
		r.forget(shard)
		return Page{}, fault.Wrap(fault.Unavailable, "read the stream", err)
	}
	page := Page{Closed: out.NextShardIterator == nil}
	for _, raw := range out.Records {
		record, err := encode(raw, r.Region, r.SourceARN)
		if err != nil {
			return Page{}, err
		}
		page.Records = append(page.Records, record)
	}
	if len(page.Records) > 0 {
		after = page.Records[len(page.Records)-1].Sequence
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.iterators[shard] = iterator{after: after, next: aws.ToString(out.NextShardIterator)}
	if page.Closed {
		r.shards = nil
	}
	return page, nil
}

func (r *TableReader) forget(shard string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.iterators, shard)
}

// iterator returns the one that the last read gave, when it is asked to go on
// from there, else a new one.
func (r *TableReader) iterator(ctx context.Context, shard, after string) (string, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.iterators == nil {
		r.iterators = map[string]iterator{}
	}
	if it, ok := r.iterators[shard]; ok && it.after == after && it.next != "" {
		return it.next, nil
	}
	in := &dynamodbstreams.GetShardIteratorInput{StreamArn: &r.stream, ShardId: &shard, ShardIteratorType: types.ShardIteratorTypeTrimHorizon}
	switch after {
	case "":
	case Latest:
		in.ShardIteratorType = types.ShardIteratorTypeLatest
	default:
		in.ShardIteratorType, in.SequenceNumber = types.ShardIteratorTypeAfterSequenceNumber, &after
	}
	out, err := r.Streams.GetShardIterator(ctx, in)
	var trimmed *types.TrimmedDataAccessException
	if errors.As(err, &trimmed) {
		in.ShardIteratorType, in.SequenceNumber = types.ShardIteratorTypeTrimHorizon, nil
		out, err = r.Streams.GetShardIterator(ctx, in)
	}
	if err != nil {
		return "", fault.Wrap(fault.Unavailable, "read the stream", err)
	}
	return aws.ToString(out.ShardIterator), nil
}
