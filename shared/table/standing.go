package table

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/signal"
)

// mostHops is how often a pointer is read anew when what it points to has moved
// on meanwhile.
const mostHops = 5

// Lead reads the lead that a name is of, consistently: in one read when the key
// is the lead's own, in two when the name's item points to it. The key of what is
// returned is the lead's own. Kinds: NotFound for nobody's, and for that of a
// person who was erased; Conflict when it went from lead to lead meanwhile.
func (t *Table) Lead(ctx context.Context, k signal.LeadKey) (*lead.Lead, error) {
	st, err := t.Standing(ctx, k)
	switch {
	case err != nil:
		return nil, err
	case st.Lead == nil:
		return nil, fault.New(fault.NotFound, "no lead %s", k)
	}
	return st.Lead, nil
}

// Standing reads what stands at the item of a name, consistently. Kind: Conflict
// when it went from lead to lead meanwhile.
func (t *Table) Standing(ctx context.Context, k signal.LeadKey) (lead.Standing, error) {
	for range mostHops {
		it, err := t.found(ctx, leadItemKey(k))
		st := lead.Standing{Version: numberOf(it, attrVersion), Erased: textOf(it, attrErased) != ""}
		into := signal.LeadKey(textOf(it, attrMergedInto))
		if err != nil || it == nil || st.Erased {
			return st, err
		}
		if into == "" {
			st.Lead, err = leadOf(it)
			return st, err
		}
		root, err := t.found(ctx, leadItemKey(into))
		if err != nil {
			return lead.Standing{}, err
		}
		if isLead(root) {
			if st.Lead, err = leadOf(root); err != nil || st.Lead.Has(k) {
				return st, err
			}
		}
	}
	return lead.Standing{}, fault.New(fault.Conflict, "the name %s goes from lead to lead", k)
}

// found reads one item consistently, nil when there is none.
func (t *Table) found(ctx context.Context, k key) (item, error) {
	it, err := t.get(ctx, k)
	if fault.KindOf(err) == fault.NotFound {
		return nil, nil //nolint:nilnil // What stands at a name may be nothing.
	}
	return it, err
}

// isLead tells whether a lead stands at a name's item, and no pointer or tombstone.
func isLead(it item) bool {
	return it != nil && textOf(it, attrMergedInto) == "" && textOf(it, attrErased) == ""
}

func leadOf(it item) (*lead.Lead, error) {
	var l lead.Lead
	if err := decode(it, &l); err != nil {
		return nil, err
	}
	l.Answers = numberOf(it, attrAnswers)
	return &l, nil
}

// pointWrite lets the item of a name point to a lead: on the condition that
// nothing stands there yet, or that what stands there is as it was read.
func (t *Table) pointWrite(p lead.Point) types.TransactWriteItem {
	to := text(string(p.To))
	if p.From != "" {
		return types.TransactWriteItem{Update: &types.Update{
			TableName: &t.name, Key: leadItemKey(p.Key).item(), UpdateExpression: aws.String("SET merged_into = :to"),
			ConditionExpression:       aws.String("merged_into = :from"),
			ExpressionAttributeValues: item{":to": to, ":from": text(string(p.From))},
		}}
	}
	it := leadItemKey(p.Key).item()
	it[attrMergedInto], it[attrVersion] = to, number(1)
	put := &types.Put{TableName: &t.name, Item: it, ConditionExpression: aws.String("attribute_not_exists(pk)")}
	if l := p.Lead; l != nil {
		it[attrVersion] = number(l.Version + 1)
		put.ConditionExpression, put.ExpressionAttributeValues = aws.String("version = :before"), item{":before": number(l.Version)}
		unheard(put, l)
	}
	return types.TransactWriteItem{Put: put}
}
