package table

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/session"
)

// Login is what is kept while somebody is away at the identity provider, and
// of a form until they have sent it after all.
type Login struct {
	Nonce    string              `json:"nonce,omitempty"`
	Verifier string              `json:"verifier,omitempty"` // of PKCE
	Browser  string              `json:"browser,omitempty"`  // hash of the cookie of the browser that began it
	Owner    session.Owner       `json:"owner,omitempty"`    // who may see the form
	Return   string              `json:"return"`             // a path of ours
	Fields   map[string][]string `json:"fields,omitempty"`   // of the form; nil for none
}

// PutLogin keeps a login under a name that nobody can guess, until it is too
// old. Kind: Conflict when the name is taken.
func (t *Table) PutLogin(ctx context.Context, name string, l Login, until time.Time) error {
	doc, err := t.document(l)
	if err != nil {
		return err
	}
	it := loginKey(name).item()
	it[attrDoc], it[attrExpires] = doc, number(until.Unix())
	condition := "attribute_not_exists(pk)"
	_, err = t.client.PutItem(ctx, &dynamodb.PutItemInput{TableName: &t.name, Item: it, ConditionExpression: &condition})
	return translate("put login", err)
}

// Login reads what is kept under a name. Kinds: NotFound when there is nothing,
// or it is too old; Unavailable.
func (t *Table) Login(ctx context.Context, name string, now time.Time) (Login, error) {
	it, err := t.get(ctx, loginKey(name))
	if err != nil {
		return Login{}, err
	}
	return loginOf(it, now)
}

// TakeLogin reads what is kept under a name, and deletes it: of two who come
// at the same time one gets it. Kinds: NotFound, Unavailable.
func (t *Table) TakeLogin(ctx context.Context, name string, now time.Time) (Login, error) {
	out, err := t.client.DeleteItem(ctx, &dynamodb.DeleteItemInput{
		TableName: &t.name, Key: loginKey(name).item(), ReturnValues: types.ReturnValueAllOld,
	})
	if err != nil {
		return Login{}, translate("take login", err)
	}
	if len(out.Attributes) == 0 {
		return Login{}, fault.New(fault.NotFound, "no such login is under way")
	}
	return loginOf(out.Attributes, now)
}

func loginOf(it item, now time.Time) (Login, error) {
	var l Login
	until, err := numberIn(it, attrExpires)
	if err != nil {
		return l, err
	}
	// The table deletes what has expired days later.
	if now.Unix() >= until {
		return l, fault.New(fault.NotFound, "the login was begun too long ago")
	}
	return l, decode(it, &l)
}
