package table

import (
	"cmp"
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/handoff-oss/handoff/shared/account"
)

// Listed is a company as it is found by the beginning of a name.
type Listed struct {
	Key    account.Key
	Normal string // what it is listed under: its normalized name, else its domain
	Name   string // as the last lead that was listed wrote it; "" when none did
}

// MostListed is how many entries of the list of companies are looked through
// for one search.
const MostListed = 300

// ListCompany makes the company of a lead findable by its name, or by its domain
// when the lead gives no name, before anybody received a lead of it. It costs one
// write unit, also when it was listed before, which changes the spelling alone.
func (t *Table) ListCompany(ctx context.Context, f account.Facts) error {
	name := cmp.Or(f.Normal, f.Domain)
	if name == "" {
		return nil
	}
	it := companyKey(name, f.Key()).item()
	if f.Name != "" {
		it[attrName] = text(f.Name)
	}
	_, err := t.client.PutItem(ctx, &dynamodb.PutItemInput{TableName: &t.name, Item: it})
	return translate("list company", err)
}

// Companies reads the companies whose normalized name or domain begins with two
// letters or more, in the order of the alphabet, each once. more is true when
// there are further ones.
func (t *Table) Companies(ctx context.Context, begin string) (found []Listed, more bool, err error) {
	return t.companies(ctx, begin, begin)
}

// CompaniesCalled reads the companies of which a lead gave exactly this
// normalized name.
func (t *Table) CompaniesCalled(ctx context.Context, normal string) ([]Listed, error) {
	found, _, err := t.companies(ctx, normal, normal+"#")
	return found, err
}

func (t *Table) companies(ctx context.Context, name, begin string) (found []Listed, more bool, err error) {
	out, err := t.client.Query(ctx, &dynamodb.QueryInput{
		TableName: &t.name, Limit: aws.Int32(MostListed), KeyConditionExpression: aws.String("pk = :pk AND begins_with(sk, :begin)"),
		ExpressionAttributeValues: item{":pk": text(companyPK(name)), ":begin": text(begin)},
	})
	if err != nil {
		return nil, false, translate("query companies", err)
	}
	seen := map[account.Key]bool{}
	for _, it := range out.Items {
		normal, k, _ := strings.Cut(textOf(it, attrSK), "#")
		if !seen[account.Key(k)] {
			seen[account.Key(k)] = true
			found = append(found, Listed{Key: account.Key(k), Normal: normal, Name: textOf(it, attrName)})
		}
	}
	return found, out.LastEvaluatedKey != nil, nil
}
