package table

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"golang.org/x/sync/errgroup"

	"github.com/handoff-oss/handoff/shared/account"
	"github.com/handoff-oss/handoff/shared/fault"
)

const (
	// mostNames is how many names that begin with the same word are looked
	// through for close ones, in the order of the alphabet. One costs about
	// 80 bytes to read, so all of them 10 read units.
	mostNames = 1_000
	// mostAccounts is how many companies are compared with one lead; as many
	// as one batch reads.
	mostAccounts = 100
)

// Account reads a company consistently. One that nothing is stored of is
// returned with its key alone, at version 0.
func (t *Table) Account(ctx context.Context, k account.Key) (account.Account, error) {
	a := account.Account{Key: k}
	err := t.getInto(ctx, accountKey(k), &a)
	return a, err
}

// PutAccount stores the next version of a company by itself. Kind: Conflict when
// it has changed since it was read.
func (t *Table) PutAccount(ctx context.Context, a account.Account) error {
	put, err := t.versioned(accountKey(a.Key), a, a.Version)
	if err != nil {
		return err
	}
	return t.put(ctx, "put account", put)
}

// NameAccount files a company under its name and the initials of a long one, so
// that it is found by them, and under its domain when its key is not made of
// that. It costs one write unit for each, also when it was filed before, which
// changes nothing. A name without a company is harmless: file it before the
// company is stored.
func (t *Table) NameAccount(ctx context.Context, a account.Account) error {
	var names []key
	for _, word := range a.Filed() {
		names = append(names, accountNameKey(word, a.Normal, a.Key))
	}
	if f := (account.Facts{Domain: a.Domain}); a.Domain != "" && f.Key() != a.Key {
		names = append(names, accountNameKey(a.Domain, a.Domain, a.Key))
	}
	for _, k := range names {
		_, err := t.client.PutItem(ctx, &dynamodb.PutItemInput{
			TableName: &t.name, Item: k.item(), ConditionExpression: aws.String("attribute_not_exists(pk)"),
		})
		if err = translate("name account", err); err != nil && fault.KindOf(err) != fault.Conflict {
			return err
		}
	}
	return nil
}

// AccountsLike reads, consistently, the companies that a lead may belong to,
// each once: the lead's own by its key, those with its domain, those of the
// same name and of a close one, and the companies above its own. Names are looked
// up by some of their words, see account.Facts.Words, and a moment after they
// were filed; the lead's own company is there at once.
func (t *Table) AccountsLike(ctx context.Context, f account.Facts) ([]account.Account, error) {
	if !f.Known() {
		return nil, nil
	}
	names, err := t.namesLike(ctx, f)
	if err != nil {
		return nil, err
	}
	keys := append([]account.Key{f.Key()}, f.Parents...)
	keys = keys[:min(len(keys), mostAccounts)]
	add := func(wanted func(name string) bool) {
		for _, n := range names {
			if len(keys) < mostAccounts && wanted(n.name) && !slices.Contains(keys, n.key) {
				keys = append(keys, n.key)
			}
		}
	}
	add(func(name string) bool { return name == f.Normal || name == f.Domain })
	add(func(name string) bool { return account.Close(name, f.Normal) })
	return t.accountsByKey(ctx, keys)
}

// filed is a name and the company that is filed under it.
type filed struct {
	name string
	key  account.Key
}

// namesLike reads the names that share a word with the lead's. The one that is
// the same is asked for by itself: among many it could come late.
func (t *Table) namesLike(ctx context.Context, f account.Facts) ([]filed, error) {
	begins := []key{}
	for _, w := range f.Words() {
		begins = append(begins, key{pk: accountNamePK(w)})
	}
	if own := (account.Account{Normal: f.Normal}); f.Normal != "" {
		begins = append(begins, accountNameKey(own.Word(), f.Normal, ""))
	}
	if f.Domain != "" {
		begins = append(begins, accountNameKey(f.Domain, f.Domain, ""))
	}
	found := make([][]filed, len(begins))
	g, ctx := errgroup.WithContext(ctx)
	for i, k := range begins {
		g.Go(func() error {
			var err error
			found[i], err = t.names(ctx, k)
			return err
		})
	}
	err := g.Wait()
	return slices.Concat(found...), err
}

// names reads the names of one word whose sort key begins with the key's.
func (t *Table) names(ctx context.Context, begin key) ([]filed, error) {
	in := &dynamodb.QueryInput{
		TableName: &t.name, Limit: aws.Int32(mostNames), KeyConditionExpression: aws.String("pk = :pk"),
		ExpressionAttributeValues: item{":pk": text(begin.pk)},
	}
	if begin.sk != "" {
		in.KeyConditionExpression = aws.String("pk = :pk AND begins_with(sk, :begin)")
		in.ExpressionAttributeValues[":begin"] = text(begin.sk)
	}
	out, err := t.client.Query(ctx, in)
	if err != nil {
		return nil, translate("query names of accounts", err)
	}
	names := make([]filed, 0, len(out.Items))
	for _, it := range out.Items {
		name, k, _ := strings.Cut(textOf(it, attrSK), "#")
		names = append(names, filed{name, account.Key(k)})
	}
	return names, nil
}

// accountsByKey reads the accounts that are stored, consistently, in the order
// of the keys, which are at most mostAccounts.
func (t *Table) accountsByKey(ctx context.Context, keys []account.Key) ([]account.Account, error) {
	wanted := types.KeysAndAttributes{ConsistentRead: aws.Bool(true), Keys: itemKeys(keys, accountKey)}
	var accounts []account.Account
	err := t.getAll(ctx, "get accounts", wanted, func(it item) error {
		var a account.Account
		err := decode(it, &a)
		accounts = append(accounts, a)
		return err
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(accounts, func(a, b account.Account) int {
		return slices.Index(keys, a.Key) - slices.Index(keys, b.Key)
	})
	return accounts, nil
}
