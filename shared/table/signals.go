package table

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/signal"
)

// PutSignal stores a signal in the inbox of the lead that it names by itself.
// stored is false when the same source sent the same id before: then nothing
// has changed. Kinds: Invalid when the signal names nobody, Unavailable.
func (t *Table) PutSignal(ctx context.Context, s signal.Signal) (stored bool, err error) {
	k, err := s.LeadKey()
	if err != nil {
		return false, err
	}
	return t.PutSignalFor(ctx, k, s)
}

// PutSignalUntil is PutSignal of a signal that may be forgotten from a time on;
// the zero time is never. DynamoDB removes it within days of that. Kinds: as of
// PutSignal.
func (t *Table) PutSignalUntil(ctx context.Context, s signal.Signal, until time.Time) (stored bool, err error) {
	k, err := s.LeadKey()
	if err != nil {
		return false, err
	}
	return t.putSignal(ctx, k, s, until)
}

// PutSignalFor stores a signal in the inbox of a lead that is known otherwise,
// as with a rep's answer.
func (t *Table) PutSignalFor(ctx context.Context, k signal.LeadKey, s signal.Signal) (stored bool, err error) {
	return t.putSignal(ctx, k, s, time.Time{})
}

func (t *Table) putSignal(ctx context.Context, k signal.LeadKey, s signal.Signal, until time.Time) (stored bool, err error) {
	doc, err := t.document(s)
	if err != nil {
		return false, err
	}
	it := signalKey(k, s.Source, s.ID).item()
	it[attrDoc] = doc
	if !until.IsZero() {
		it[attrExpires] = number(until.Unix())
	}
	_, err = t.client.PutItem(ctx, &dynamodb.PutItemInput{
		TableName: &t.name, Item: it, ConditionExpression: aws.String("attribute_not_exists(pk)"),
	})
	var failed *types.ConditionalCheckFailedException
	if errors.As(err, &failed) {
		return false, nil
	}
	return err == nil, translate("put signal", err)
}

// Signals reads all stored signals of a lead, consistently.
func (t *Table) Signals(ctx context.Context, k signal.LeadKey) ([]signal.Signal, error) {
	var out []signal.Signal
	err := t.query(ctx, &dynamodb.QueryInput{
		ConsistentRead:         aws.Bool(true),
		KeyConditionExpression: aws.String("pk = :pk AND begins_with(sk, :sk)"),
		ExpressionAttributeValues: item{
			":pk": text(leadPK(k)), ":sk": text(signalPrefix),
		},
	}, func(it item) error {
		var s signal.Signal
		if err := decode(it, &s); err != nil {
			return err
		}
		out = append(out, s)
		return nil
	})
	return out, err
}

// SignalsOf reads all stored signals of a lead, under whichever of its names they
// came, consistently. Their Home says so.
func (t *Table) SignalsOf(ctx context.Context, l *lead.Lead) ([]signal.Signal, error) {
	var all []signal.Signal
	for _, k := range l.Keys() {
		some, err := t.Signals(ctx, k)
		if err != nil {
			return nil, err
		}
		for _, s := range some {
			all = append(all, l.At(k, s))
		}
	}
	return all, nil
}

// SignalRef names a stored signal by its keys, as a stream record or a message
// on the retry queue does.
type SignalRef struct {
	PK string `json:"pk"`
	SK string `json:"sk"`
}

// Lead returns the key of the lead that the signal belongs to. Kind: Invalid.
func (r SignalRef) Lead() (signal.LeadKey, error) {
	k, ok := leadKeyOf(r.PK)
	if !ok {
		return "", fault.New(fault.Invalid, "%q is not the partition key of a lead", r.PK)
	}
	return k, nil
}

// SignalAt reads one stored signal. Kind: NotFound.
func (t *Table) SignalAt(ctx context.Context, r SignalRef) (signal.Signal, error) {
	var s signal.Signal
	it, err := t.get(ctx, key{r.PK, r.SK})
	if err != nil {
		return s, err
	}
	return s, decode(it, &s)
}

// SignalFromImage decodes the new image of a stream record. Kind: Invalid.
func SignalFromImage(image map[string]events.DynamoDBAttributeValue) (SignalRef, signal.Signal, error) {
	ref := SignalRef{PK: imageText(image, attrPK), SK: imageText(image, attrSK)}
	var s signal.Signal
	err := decodeImage(image, &s)
	return ref, s, err
}

// Source returns the name of the signal's source, "" when the keys are of none.
func (r SignalRef) Source() string {
	rest, ok := strings.CutPrefix(r.SK, signalPrefix)
	if !ok {
		return ""
	}
	source, _, _ := strings.Cut(rest, "#")
	return source
}
