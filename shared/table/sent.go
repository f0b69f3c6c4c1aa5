package table

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/signal"
)

// Sent is what is known of a delivery. To is not: keys have it hashed.
type Sent struct {
	Delivery
	State DeliveryState
	Tries int
	At    time.Time // when it was accepted, else of the latest try
	Error string    // the channel's word about the latest failure; "" when accepted

	sort string
}

// sentDays is how far back deliveries are listed.
const sentDays = 30

// mostSent bounds a page, by what one read of items takes.
const mostSent = 100

// Sent lists deliveries in one state, or in any for "", the latest first: those
// that were accepted by that time, the others by their first failure. next is
// the cursor of the following page, "" on the last one; nothing older than 30
// days is listed. The index is eventually consistent. Kind: Invalid for a
// cursor that is none of ours.
func (t *Table) Sent(ctx context.Context, state DeliveryState, now time.Time, cursor string, limit int) (all []Sent, next string, err error) {
	before := formatTime(now.Add(time.Minute)) // clocks differ
	if cursor != "" {
		if _, err := time.Parse(timeKey, cursor[:min(len(cursor), len(timeKey))]); err != nil {
			return nil, "", fault.New(fault.Invalid, "a cursor that is none of ours")
		}
		before = cursor
	}
	limit = min(max(limit, 1), mostSent)
	var keys []sentKey
	for _, s := range DeliveryStates() {
		if state != "" && state != s {
			continue
		}
		found, err := t.sentKeys(ctx, s, now, before, limit+1)
		if err != nil {
			return nil, "", err
		}
		keys = append(keys, found...)
	}
	slices.SortFunc(keys, func(a, b sentKey) int { return cmp.Compare(b.sort, a.sort) })
	if len(keys) > limit {
		keys = keys[:limit]
		next = keys[limit-1].sort
	}
	all, err = t.sentAt(ctx, keys, state)
	return all, next, err
}

// sentKey is an entry of the index.
type sentKey struct {
	key
	sort string
}

// sentKeys reads the entries of one state, the latest first.
func (t *Table) sentKeys(ctx context.Context, state DeliveryState, now time.Time, before string, limit int) ([]sentKey, error) {
	if state != SentAccepted {
		return t.sentUnder(ctx, unsentOwner(state), before, limit)
	}
	day, err := time.Parse(time.DateOnly, before[:len(time.DateOnly)])
	if err != nil {
		return nil, fault.New(fault.Invalid, "a cursor that is none of ours")
	}
	var all []sentKey
	for ; len(all) < limit && now.Sub(day) < sentDays*24*time.Hour; day = day.AddDate(0, 0, -1) {
		found, err := t.sentUnder(ctx, sentOn(day), before, limit-len(all))
		if err != nil {
			return nil, err
		}
		all = append(all, found...)
	}
	return all, nil
}

func (t *Table) sentUnder(ctx context.Context, owner, before string, limit int) ([]sentKey, error) {
	out, err := t.client.Query(ctx, &dynamodb.QueryInput{
		TableName: &t.name, IndexName: aws.String(indexOwner), ScanIndexForward: aws.Bool(false),
		Limit:                     aws.Int32(int32(min(limit, mostSent+1))), //nolint:gosec // bounded
		KeyConditionExpression:    aws.String("#owner = :owner AND #sort < :before"),
		ExpressionAttributeNames:  map[string]string{"#owner": attrOwner, "#sort": attrOwnerSort},
		ExpressionAttributeValues: item{":owner": text(owner), ":before": text(before)},
	})
	if err != nil {
		return nil, translate("query deliveries", err)
	}
	var keys []sentKey
	for _, it := range out.Items {
		keys = append(keys, sentKey{key{textOf(it, attrPK), textOf(it, attrSK)}, textOf(it, attrOwnerSort)})
	}
	return keys, nil
}

// sentAt reads the deliveries with these keys that are in the state, "" for
// any, the latest first.
func (t *Table) sentAt(ctx context.Context, keys []sentKey, state DeliveryState) ([]Sent, error) {
	all := make([]Sent, 0, len(keys))
	wanted := types.KeysAndAttributes{Keys: itemKeys(keys, func(k sentKey) key { return k.key })}
	err := t.getAll(ctx, "get deliveries", wanted, func(it item) error {
		if s := sentOf(it); state == "" || s.State == state {
			all = append(all, s)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(all, func(a, b Sent) int { return cmp.Compare(b.sort, a.sort) })
	return all, nil
}

func sentOf(it item) Sent {
	channel, _, _ := strings.Cut(textOf(it, attrSK), "#")
	s := Sent{
		Delivery: Delivery{
			Event: strings.TrimPrefix(textOf(it, attrPK), sentPrefix), Channel: channel, Whom: textOf(it, attrWhom),
			Lead: signal.LeadKey(textOf(it, attrLead)), Type: textOf(it, attrType),
		},
		State: SentAccepted, Tries: int(numberOf(it, attrTries)), Error: textOf(it, attrError), sort: textOf(it, attrOwnerSort),
	}
	if _, done := it[attrDelivered]; !done {
		s.State = SentWaiting
		if textOf(it, attrOwner) == unsentOwner(SentGivenUp) {
			s.State = SentGivenUp
		}
	}
	if at, err := time.Parse(timeKey, textOf(it, attrTried)); err == nil {
		s.At = at
	}
	return s
}
