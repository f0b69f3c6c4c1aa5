package table

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/signal"
)

// Tombstone is what stands at the items of a person's names when they were
// erased. It holds no personal data: keys are hashes.
type Tombstone struct {
	Root    signal.LeadKey   `json:"root"` // the lead's own key
	Keys    []signal.LeadKey `json:"keys"` // of all names, the root first
	At      time.Time        `json:"at"`
	Reason  lead.Reason      `json:"reason"`
	By      string           `json:"by,omitempty"` // a colleague
	Version int64            `json:"version"`      // one more than that of the lead
	// Filed is what the person is filed under elsewhere, as hashes, until it is removed.
	Filed   []lead.Filing `json:"filed,omitempty"`
	Cleared time.Time     `json:"cleared,omitzero"` // when everything else was removed; zero: not yet, as far as is known
	Forget  time.Time     `json:"forget,omitzero"`  // when the tombstone itself is forgotten; zero for never
}

// unfinished tells whether something is to be done about it yet: what it stands
// for is to be removed, or it is to be lifted itself.
func (s Tombstone) unfinished() bool { return s.Cleared.IsZero() || s.Reason == lead.OverTime }

// Unfinished returns the own keys of the leads whose erasure began before a time
// and is not over, as far as is known: at most so many, the oldest first. The
// index is eventually consistent.
func (t *Table) Unfinished(ctx context.Context, before time.Time, most int) ([]signal.LeadKey, error) {
	out, err := t.client.Query(ctx, &dynamodb.QueryInput{
		TableName: &t.name, IndexName: aws.String(indexOwner), Limit: aws.Int32(int32(min(max(most, 1), MostLeads))),
		KeyConditionExpression:    aws.String("#owner = :owner AND owner_sort < :before"),
		ExpressionAttributeNames:  map[string]string{"#owner": attrOwner},
		ExpressionAttributeValues: item{":owner": text(erasingOwner), ":before": text(formatTime(before))},
	})
	if err != nil {
		return nil, translate("query unfinished erasures", err)
	}
	var keys []signal.LeadKey
	for _, it := range out.Items {
		if k, ok := leadKeyOf(textOf(it, attrPK)); ok {
			keys = append(keys, k)
		}
	}
	return keys, nil
}

// Retained says where the run of the policy's retention ended that ran out of
// its bound. The zero value is for one that came to the end of the list.
type Retained struct {
	Cursor string `json:"cursor,omitempty"` // of the list of leads
}

// Retained reads the mark.
func (t *Table) Retained(ctx context.Context) (Retained, error) {
	var r Retained
	err := t.getInto(ctx, retainedKey(), &r)
	return r, err
}

// PutRetained writes the mark. Of two that race one wins, and what the other has
// passed over is looked at by a later run.
func (t *Table) PutRetained(ctx context.Context, r Retained) error {
	doc, err := t.document(r)
	if err != nil {
		return err
	}
	it := retainedKey().item()
	it[attrDoc] = doc
	_, err = t.client.PutItem(ctx, &dynamodb.PutItemInput{TableName: &t.name, Item: it})
	return translate("put retention", err)
}

// Tombstone reads what stands at a name of a person who was erased. Kind:
// NotFound when nobody was.
func (t *Table) Tombstone(ctx context.Context, k signal.LeadKey) (Tombstone, error) {
	var s Tombstone
	it, err := t.get(ctx, leadItemKey(k))
	if err != nil {
		return s, err
	}
	if textOf(it, attrErased) == "" {
		return s, fault.New(fault.NotFound, "lead %s was not erased", k)
	}
	if err := decode(it, &s); err != nil {
		return s, err
	}
	if s.Root == k {
		return s, nil
	}
	return t.Tombstone(ctx, s.Root)
}

// tombPuts put a tombstone in the place of a lead, as it was read, and of each
// pointer to it. Those of the members name the root alone.
func (t *Table) tombPuts(s Tombstone, l *lead.Lead) ([]*types.Put, error) {
	before := s.Version - 1
	root, err := t.tombPut(s.Root, s, s.Version)
	if err != nil {
		return nil, err
	}
	root.ConditionExpression = aws.String("attribute_not_exists(pk)")
	if before > 0 {
		root.ConditionExpression, root.ExpressionAttributeValues = aws.String("version = :before AND attribute_not_exists(merged_into)"), item{":before": number(before)}
		unheard(root, l)
	}
	puts := []*types.Put{root}
	for _, k := range s.Keys {
		if k == s.Root {
			continue
		}
		put, failed := t.tombPut(k, Tombstone{Root: s.Root, At: s.At, Forget: s.Forget}, 1)
		if failed != nil {
			return nil, failed
		}
		put.ConditionExpression = aws.String("merged_into = :root")
		put.ExpressionAttributeValues = item{":root": text(string(s.Root))}
		puts = append(puts, put)
	}
	return puts, nil
}

func (t *Table) tombPut(k signal.LeadKey, s Tombstone, version int64) (*types.Put, error) {
	doc, err := t.document(s)
	if err != nil {
		return nil, err
	}
	it := leadItemKey(k).item()
	it[attrDoc], it[attrErased], it[attrVersion] = doc, text(formatTime(s.At)), number(version)
	root := len(s.Keys) > 0
	if root && s.unfinished() {
		it[attrOwner], it[attrOwnerSort] = text(erasingOwner), text(formatTime(s.At))
	}
	// As long as something is left that only the root leads to, it stays.
	if stays := root && s.Cleared.IsZero(); !s.Forget.IsZero() && !stays {
		it[attrExpires] = number(s.Forget.Unix())
	}
	return &types.Put{TableName: &t.name, Item: it}, nil
}

// Bury puts a tombstone where no lead stands, so that what is under way about a
// person finds it. Kind: Conflict when something stands there.
func (t *Table) Bury(ctx context.Context, s Tombstone) error {
	puts, err := t.tombPuts(s, nil)
	if err != nil {
		return err
	}
	return t.put(ctx, "put tombstone", puts[0])
}

// Clear removes everything that is stored about a person who was erased but the
// tombstones, and says so there. The log item that tells of the erasure goes, too,
// whose event the stream has: when the tombstone is gone one day, versions begin
// anew. The orders to erase go last: as long as one is there it is not carried
// out to the end. It may be called again at any time: what is there is removed.
func (t *Table) Clear(ctx context.Context, s Tombstone, now time.Time) (removed int, err error) {
	var orders []key
	for _, k := range s.Keys {
		pairs, err := t.ForgetDuplicates(ctx, k)
		if err != nil {
			return removed, err
		}
		n, more, err := t.clearPartition(ctx, k)
		removed, orders = removed+2*pairs+n, append(orders, more...) // a pair stands under both
		if err == nil {
			err = t.Unfile(ctx, k, s.Filed)
		}
		if err != nil {
			return removed, err
		}
	}
	if s.Cleared.IsZero() {
		if err := t.markCleared(ctx, s, now); err != nil {
			return removed, err
		}
	}
	return removed + len(orders), t.deleteAll(ctx, orders)
}

// markCleared says at a tombstone that everything else was removed.
func (t *Table) markCleared(ctx context.Context, s Tombstone, now time.Time) error {
	s.Cleared, s.Filed = now, nil
	put, err := t.tombPut(s.Root, s, s.Version)
	if err != nil {
		return err
	}
	put.ConditionExpression = aws.String("erased_at = :at")
	put.ExpressionAttributeValues = item{":at": text(formatTime(s.At))}
	if err = t.put(ctx, "mark tombstone", put); fault.KindOf(err) == fault.Conflict {
		err = nil // it was lifted meanwhile
	}
	return err
}

// clearPartition removes what is stored under one name: of a log item first what
// it alone names. Orders to erase are left, and returned.
func (t *Table) clearPartition(ctx context.Context, k signal.LeadKey) (removed int, orders []key, err error) {
	var doomed []key
	err = t.query(ctx, &dynamodb.QueryInput{
		ConsistentRead: aws.Bool(true), KeyConditionExpression: aws.String("pk = :pk"), ExpressionAttributeValues: item{":pk": text(leadPK(k))},
	}, func(it item) error {
		at := key{textOf(it, attrPK), textOf(it, attrSK)}
		switch {
		case at.sk == leadSK:
			return nil
		case strings.HasPrefix(at.sk, signalKey(k, signal.Operator, "").sk):
			if ordered, err := isEraseOrder(it); err != nil || ordered {
				orders = append(orders, at)
				return err
			}
		}
		doomed = append(doomed, at)
		if !strings.HasPrefix(at.sk, logPrefix) {
			return nil
		}
		sent, err := t.sentAbout(ctx, it)
		doomed = append(sent, doomed...)
		return err
	})
	if err != nil {
		return 0, nil, err
	}
	return len(doomed), orders, t.deleteAll(ctx, doomed)
}

func isEraseOrder(it item) (bool, error) {
	var s signal.Signal
	err := decode(it, &s)
	return s.Type == signal.OrderErase, err
}

// sentAbout returns the marks of the deliveries of a log item's events.
func (t *Table) sentAbout(ctx context.Context, it item) ([]key, error) {
	var l lead.LogItem
	if err := decode(it, &l); err != nil {
		return nil, err
	}
	var sent []key
	for _, e := range l.Entries {
		err := t.query(ctx, &dynamodb.QueryInput{
			KeyConditionExpression: aws.String("pk = :pk"), ProjectionExpression: aws.String("pk, sk"),
			ExpressionAttributeValues: item{":pk": text(sentPrefix + e.ID)},
		}, func(it item) error {
			sent = append(sent, key{textOf(it, attrPK), textOf(it, attrSK)})
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return sent, nil
}

// deleteAll removes items, in order. What DynamoDB has no room for at once is
// sent again, more and more slowly.
func (t *Table) deleteAll(ctx context.Context, keys []key) error {
	for len(keys) > 0 {
		n := min(len(keys), mostPut)
		requests := make([]types.WriteRequest, n)
		for i, k := range keys[:n] {
			requests[i].DeleteRequest = &types.DeleteRequest{Key: k.item()}
		}
		for try := 0; len(requests) > 0; try++ {
			if err := pause(ctx, try); err != nil {
				return err
			}
			out, err := t.client.BatchWriteItem(ctx, &dynamodb.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{t.name: requests}})
			if err != nil {
				return translate("delete items", err)
			}
			requests = out.UnprocessedItems[t.name]
		}
		keys = keys[n:]
	}
	return nil
}

// DropSignals removes signals from the inbox of a lead, of which nothing is to be
// kept.
func (t *Table) DropSignals(ctx context.Context, k signal.LeadKey, signals []signal.Signal) error {
	var keys []key
	for _, s := range signals {
		if at := signalKey(k, s.Source, s.ID); !slices.Contains(keys, at) { // DynamoDB takes no key twice
			keys = append(keys, at)
		}
	}
	return t.deleteAll(ctx, keys)
}

// Lift removes the tombstones of a person who wants to be heard of again. Kind:
// NotFound when they were not erased.
func (t *Table) Lift(ctx context.Context, k signal.LeadKey) error {
	s, err := t.Tombstone(ctx, k)
	if err != nil {
		return err
	}
	// The root last: whoever begins again finds all names by it.
	for i := len(s.Keys) - 1; i >= 0; i-- {
		_, err := t.client.DeleteItem(ctx, &dynamodb.DeleteItemInput{
			TableName: &t.name, Key: leadItemKey(s.Keys[i]).item(), ConditionExpression: aws.String("attribute_exists(erased_at)"),
		})
		var failed *types.ConditionalCheckFailedException
		if err != nil && !errors.As(err, &failed) {
			return translate("lift tombstone", err)
		}
	}
	return nil
}
