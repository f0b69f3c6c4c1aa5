package table

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/handoff-oss/handoff/shared/duplicate"
	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/signal"
)

// Duplicate reads what is thought of two leads, consistently. Kind: NotFound
// when nothing is kept of them.
func (t *Table) Duplicate(ctx context.Context, n duplicate.Names) (duplicate.Pair, error) {
	var p duplicate.Pair
	it, err := t.get(ctx, duplicateKey(n.A, n.B))
	if err != nil {
		return p, err
	}
	return p, decode(it, &p)
}

// PutDuplicate stores a pair whose version is one more than what is stored. The
// pair stands with the lead of the smaller key, and an item that leads to it
// with the other. Kind: Conflict when somebody else was first.
func (t *Table) PutDuplicate(ctx context.Context, p duplicate.Pair) error {
	put, err := t.versioned(duplicateKey(p.A, p.B), p, p.Version)
	if err != nil {
		return err
	}
	if p.State == duplicate.Open {
		put.Item[attrOwner] = text(duplicatesOwner(p.Names))
		put.Item[attrOwnerSort] = text(formatTime(p.Since) + "#" + string(p.B))
	}
	if p.Version == 1 {
		// First, since one that leads nowhere is harmless.
		if err := t.put(ctx, "put duplicate", &types.Put{TableName: &t.name, Item: duplicateKey(p.B, p.A).item()}); err != nil {
			return err
		}
	}
	return t.put(ctx, "put duplicate", put)
}

// DuplicatesOf reads all pairs that a lead is of, consistently.
func (t *Table) DuplicatesOf(ctx context.Context, k signal.LeadKey) ([]duplicate.Pair, error) {
	var all []duplicate.Pair
	names, err := t.duplicateNames(ctx, k)
	if err != nil {
		return nil, err
	}
	err = t.pairs(ctx, names, func(p duplicate.Pair) { all = append(all, p) })
	return all, err
}

// duplicateNames reads which pairs a lead is of.
func (t *Table) duplicateNames(ctx context.Context, k signal.LeadKey) ([]duplicate.Names, error) {
	var names []duplicate.Names
	err := t.query(ctx, &dynamodb.QueryInput{
		ConsistentRead: aws.Bool(true), KeyConditionExpression: aws.String("pk = :pk AND begins_with(sk, :sk)"),
		ProjectionExpression:      aws.String("sk"),
		ExpressionAttributeValues: item{":pk": text(leadPK(k)), ":sk": text(duplicatePrefix)},
	}, func(it item) error {
		other, _ := strings.CutPrefix(textOf(it, attrSK), duplicatePrefix)
		names = append(names, duplicate.Of(k, signal.LeadKey(other)))
		return nil
	})
	return names, err
}

// OpenDuplicates reads the pairs that are suggested and of which nobody has said
// anything yet, at most so many, in no order, and tells whether there are more.
// The index is eventually consistent.
func (t *Table) OpenDuplicates(ctx context.Context, most int) (open []duplicate.Pair, more bool, err error) {
	var names []duplicate.Names
	for shard := range duplicateShards {
		err := t.query(ctx, &dynamodb.QueryInput{
			IndexName: aws.String(indexOwner), KeyConditionExpression: aws.String("#owner = :owner"),
			ExpressionAttributeNames: map[string]string{"#owner": attrOwner}, ExpressionAttributeValues: item{":owner": text(duplicatesShard(shard))},
		}, func(it item) error {
			if n, ok := duplicateOfKey(textOf(it, attrPK), textOf(it, attrSK)); ok {
				names = append(names, n)
			}
			return nil
		})
		if err != nil {
			return nil, false, err
		}
	}
	more = len(names) > most
	err = t.pairs(ctx, names[:min(len(names), most)], func(p duplicate.Pair) {
		if p.State == duplicate.Open {
			open = append(open, p)
		}
	})
	return open, more, err
}

// pairs reads the pairs of some names. One that is not there is left out.
func (t *Table) pairs(ctx context.Context, names []duplicate.Names, use func(duplicate.Pair)) error {
	for len(names) > 0 {
		some := names[:min(len(names), mostInBatch)]
		names = names[len(some):]
		keys := make([]map[string]types.AttributeValue, len(some))
		for i, n := range some {
			keys[i] = duplicateKey(n.A, n.B).item()
		}
		err := t.getAll(ctx, "get duplicates", types.KeysAndAttributes{Keys: keys, ConsistentRead: aws.Bool(true)}, func(it item) error {
			var p duplicate.Pair
			if err := decode(it, &p); err != nil {
				return err
			}
			use(p)
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// ForgetDuplicates removes everything that is kept of pairs that a lead is of,
// with the other leads too. It returns how many pairs there were.
func (t *Table) ForgetDuplicates(ctx context.Context, k signal.LeadKey) (int, error) {
	names, err := t.duplicateNames(ctx, k)
	if err != nil {
		return 0, err
	}
	for _, n := range names {
		other := n.Other(k)
		// What leads to the pair goes last: until then it can be found again.
		for _, gone := range []key{duplicateKey(other, k), duplicateKey(k, other)} {
			if _, err := t.client.DeleteItem(ctx, &dynamodb.DeleteItemInput{TableName: &t.name, Key: gone.item()}); err != nil {
				return 0, translate("delete duplicate", err)
			}
		}
	}
	return len(names), nil
}

// ChangeDuplicate reads what is kept of two leads, lets change make of it what
// is to be kept, and stores that unless change says that there is nothing to
// store. When somebody else was first it starts over.
func (t *Table) ChangeDuplicate(ctx context.Context, n duplicate.Names, change func(duplicate.Pair) (duplicate.Pair, bool, error)) (duplicate.Pair, error) {
	const tries = 5
	for range tries {
		was, err := t.Duplicate(ctx, n)
		if err != nil && fault.KindOf(err) != fault.NotFound {
			return was, err
		}
		was.Names = n
		is, write, err := change(was)
		if err != nil || !write {
			return is, err
		}
		if err = t.PutDuplicate(ctx, is); err == nil || fault.KindOf(err) != fault.Conflict {
			return is, err
		}
	}
	return duplicate.Pair{}, fault.New(fault.Conflict, "what is thought of the leads %s and %s changed under each of %d tries", n.A, n.B, tries)
}
