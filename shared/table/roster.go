package table

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/routing"
	"github.com/handoff-oss/handoff/shared/signal"
)

// Roster reads what is said about reps, consistently. Before anything was said
// it is empty, at version 0.
func (t *Table) Roster(ctx context.Context) (routing.Roster, error) {
	var r routing.Roster
	it, err := t.get(ctx, rosterKey())
	if fault.KindOf(err) == fault.NotFound {
		return r, nil
	}
	if err != nil {
		return r, err
	}
	return r, decode(it, &r)
}

// PutRoster writes the next version of the roster. Kind: Conflict when
// somebody else did meanwhile.
func (t *Table) PutRoster(ctx context.Context, r routing.Roster) error {
	put, err := t.versioned(rosterKey(), r, r.Version)
	if err != nil {
		return err
	}
	return t.put(ctx, "put roster", put)
}

// Reviewed is under which policy and roster the running clocks were last
// looked at.
type Reviewed struct {
	Policy string `json:"policy"` // "" while some were looked at under another one
	Roster int64  `json:"roster"`
	Walk   *Walk  `json:"walk,omitempty"` // the review that is under way; nil for none
}

// Walk is a review that takes more than one sweep, in the order of keys.
type Walk struct {
	Policy string         `json:"policy"` // that it began under
	Roster int64          `json:"roster"`
	After  signal.LeadKey `json:"after,omitempty"` // the last lead that was looked at
}

// Reviewed reads the mark. Before the first review it is zero.
func (t *Table) Reviewed(ctx context.Context) (Reviewed, error) {
	var r Reviewed
	it, err := t.get(ctx, reviewKey())
	if fault.KindOf(err) == fault.NotFound {
		return r, nil
	}
	if err != nil {
		return r, err
	}
	return r, decode(it, &r)
}

// PutReviewed writes the mark. Two that race say the same or are repeated.
func (t *Table) PutReviewed(ctx context.Context, r Reviewed) error {
	doc, err := t.document(r)
	if err != nil {
		return err
	}
	it := reviewKey().item()
	it[attrDoc] = doc
	_, err = t.client.PutItem(ctx, &dynamodb.PutItemInput{TableName: &t.name, Item: it})
	return translate("put review", err)
}
