package table

import (
	"context"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"golang.org/x/sync/errgroup"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/session"
)

const (
	attrSeen = "seen" // milliseconds of the last use that was noted
	// ownersAtOnce bounds how many people's sessions are read at the same time.
	ownersAtOnce = 8
)

// PutSession stores a new session. It is forgotten at the time given, whatever
// becomes of it.
func (t *Table) PutSession(ctx context.Context, s session.Session, forget time.Time) error {
	doc, err := t.document(s)
	if err != nil {
		return err
	}
	it := sessionKey(s.Ref).item()
	it[attrDoc], it[attrSeen], it[attrExpires] = doc, number(s.Seen.UnixMilli()), number(forget.Unix())
	it[attrOwner], it[attrOwnerSort] = text(sessionsOwner), text(formatTime(s.Created))
	_, err = t.client.PutItem(ctx, &dynamodb.PutItemInput{TableName: &t.name, Item: it, ConditionExpression: aws.String("attribute_not_exists(pk)")})
	return translate("put session", err)
}

// Session reads a session consistently, whether it still lasts or not. Kinds:
// NotFound when it was ended, Unavailable.
func (t *Table) Session(ctx context.Context, r session.Ref) (session.Session, error) {
	it, err := t.get(ctx, sessionKey(r))
	if err != nil {
		return session.Session{}, err
	}
	return sessionOf(it)
}

func sessionOf(it item) (session.Session, error) {
	o, _ := sessionOwnerOf(textOf(it, attrPK))
	s := session.Session{Ref: session.Ref{Owner: o, Hash: textOf(it, attrSK)}}
	if err := decode(it, &s); err != nil {
		return s, err
	}
	seen, err := numberIn(it, attrSeen)
	s.Seen = time.UnixMilli(seen).UTC()
	return s, err
}

// SeeSession notes that a session was used. It revives none that was ended
// meanwhile. Kind: NotFound.
func (t *Table) SeeSession(ctx context.Context, r session.Ref, now time.Time) error {
	_, err := t.client.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &t.name, Key: sessionKey(r).item(),
		UpdateExpression: aws.String("SET #seen = :now"), ConditionExpression: aws.String("attribute_exists(pk)"),
		ExpressionAttributeNames: map[string]string{"#seen": attrSeen}, ExpressionAttributeValues: item{":now": number(now.UnixMilli())},
	})
	var failed *types.ConditionalCheckFailedException
	if errors.As(err, &failed) {
		return fault.Wrap(fault.NotFound, "note the use of a session", err)
	}
	return translate("note the use of a session", err)
}

// EndSession deletes a session. One that is gone already is fine.
func (t *Table) EndSession(ctx context.Context, r session.Ref) error {
	_, err := t.client.DeleteItem(ctx, &dynamodb.DeleteItemInput{TableName: &t.name, Key: sessionKey(r).item()})
	return translate("end session", err)
}

// Sessions reads all sessions of one person consistently, those that have run
// out too until they are forgotten.
func (t *Table) Sessions(ctx context.Context, o session.Owner) ([]session.Session, error) {
	var all []session.Session
	err := t.query(ctx, &dynamodb.QueryInput{
		ConsistentRead: aws.Bool(true), KeyConditionExpression: aws.String("pk = :pk"), ExpressionAttributeValues: item{":pk": text(sessionPK(o))},
	}, func(it item) error {
		s, err := sessionOf(it)
		all = append(all, s)
		return err
	})
	return all, err
}

// AllSessions reads the sessions of everybody, by person. Whoever signed in
// within the last second may be missing.
func (t *Table) AllSessions(ctx context.Context) ([]session.Session, error) {
	owners, seen := []session.Owner{}, map[session.Owner]bool{}
	err := t.query(ctx, &dynamodb.QueryInput{
		IndexName: aws.String(indexOwner), KeyConditionExpression: aws.String("#owner = :owner"),
		ExpressionAttributeNames: map[string]string{"#owner": attrOwner}, ExpressionAttributeValues: item{":owner": text(sessionsOwner)},
	}, func(it item) error {
		if o, ok := sessionOwnerOf(textOf(it, attrPK)); ok && !seen[o] {
			owners, seen[o] = append(owners, o), true
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	found := make([][]session.Session, len(owners))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(ownersAtOnce)
	for i, o := range owners {
		g.Go(func() (err error) {
			found[i], err = t.Sessions(ctx, o)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	var all []session.Session
	for _, some := range found {
		all = append(all, some...)
	}
	return all, nil
}

// EndSessions deletes all sessions of one person, and says how many there were.
func (t *Table) EndSessions(ctx context.Context, o session.Owner) (int, error) {
	all, err := t.Sessions(ctx, o)
	if err != nil {
		return 0, err
	}
	for i, s := range all {
		if err := t.EndSession(ctx, s.Ref); err != nil {
			return i, err
		}
	}
	return len(all), nil
}
