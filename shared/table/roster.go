package table

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/handoff-oss/handoff/shared/routing"
	"github.com/handoff-oss/handoff/shared/signal"
)

// Roster reads what is said about reps, consistently. Before anything was said
// it is empty, at version 0.
func (t *Table) Roster(ctx context.Context) (routing.Roster, error) {
	var r routing.Roster
	err := t.getInto(ctx, rosterKey(), &r)
	return r, err
}

// PutRoster writes the next version of the roster and what made it, together or
// not at all. Kind: Conflict when somebody else wrote meanwhile.
func (t *Table) PutRoster(ctx context.Context, r routing.Roster) error {
	puts, err := t.rosterPuts(r)
	if err != nil {
		return err
	}
	writes := make([]types.TransactWriteItem, len(puts))
	for i, put := range puts {
		writes[i].Put = put
	}
	_, err = t.client.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{TransactItems: writes})
	return translate("put roster", err)
}

// rosterPuts are the roster and the change that made it.
func (t *Table) rosterPuts(r routing.Roster) ([]*types.Put, error) {
	put, err := t.versioned(rosterKey(), r, r.Version)
	puts := []*types.Put{put}
	if change, ok := r.History(); ok {
		kept, failed := t.versioned(rosterChangeKey(r.Version), change, 1)
		puts, err = append(puts, kept), errors.Join(err, failed)
	}
	return puts, err
}

// RosterChanges reads what changed about a rep, or about all for "", newest
// first: at most so many of those before a version, of the latest for 0.
// More is the version to go on before, 0 when there is nothing older.
func (t *Table) RosterChanges(ctx context.Context, rep string, before int64, most int) (changes []routing.Change, more int64, err error) {
	in := &dynamodb.QueryInput{
		TableName: &t.name, ScanIndexForward: aws.Bool(false), ConsistentRead: aws.Bool(true),
		KeyConditionExpression:    aws.String("pk = :pk AND begins_with(sk, :sk)"),
		ExpressionAttributeValues: item{":pk": text(rosterKey().pk), ":sk": text(changePrefix)},
	}
	if before > 0 {
		in.ExclusiveStartKey = rosterChangeKey(before).item()
	}
	pages := dynamodb.NewQueryPaginator(t.client, in)
	for pages.HasMorePages() && len(changes) <= most {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, 0, translate("query roster changes", err)
		}
		for _, it := range page.Items {
			var c routing.Change
			if err := decode(it, &c); err != nil {
				return nil, 0, err
			}
			if rep == "" || c.Rep == rep {
				changes = append(changes, c)
			}
		}
	}
	if len(changes) <= most {
		return changes, 0, nil
	}
	return changes[:most], changes[most-1].Version, nil
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
	err := t.getInto(ctx, reviewKey(), &r)
	return r, err
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
