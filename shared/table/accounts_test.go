package table_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/google/go-cmp/cmp"
	"golang.org/x/sync/errgroup"

	"github.com/handoff-oss/handoff/infra/dynamodb/dynamotest"
	"github.com/handoff-oss/handoff/shared/account"
	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/signal"
	"github.com/handoff-oss/handoff/shared/table"
)

// companies is a table with accounts, stored as decisions store them.
type companies struct {
	*table.Table
	t      *testing.T
	client *dynamodb.Client
	name   string
	leads  int
}

func newCompanies(t *testing.T) *companies {
	t.Helper()
	client, name := dynamotest.CreateTable(t)
	return &companies{Table: table.New(client, name), t: t, client: client, name: name}
}

func companyFacts(domain, name string) account.Facts {
	return account.FactsOf(domain, map[string]string{"company": name})
}

// commit stores an account with a lead, as one decision.
func (c *companies) commit(a account.Account) error {
	c.leads++
	at := time.Date(2026, 5, 20, 12, 0, 0, 0, time.UTC)
	return c.Commit(c.t.Context(), table.Change{
		Lead: &lead.Lead{
			Key: signal.LeadKey(fmt.Sprintf("1lead%d", c.leads)), Version: 1, CreatedAt: at, UpdatedAt: at,
			Journey: lead.Journey{Stage: lead.Known, StageAt: map[lead.Stage]time.Time{lead.Known: at}},
		},
		Account: &a,
	})
}

// add stores and files a company that received its first lead.
func (c *companies) add(domain, name string) account.Account {
	c.t.Helper()
	f := companyFacts(domain, name)
	a := account.Account{Key: f.Key()}.Assigned(f, "ana", "sales", "1ada", time.Date(2026, 5, 20, 12, 0, 0, 0, time.UTC))
	if err := c.NameAccount(c.t.Context(), a); err != nil {
		c.t.Fatal(err)
	}
	if err := c.commit(a); err != nil {
		c.t.Fatal(err)
	}
	return a
}

func (c *companies) like(f account.Facts) []account.Key {
	c.t.Helper()
	found, err := c.AccountsLike(c.t.Context(), f)
	if err != nil {
		c.t.Fatal(err)
	}
	keys := []account.Key{}
	for _, a := range found {
		keys = append(keys, a.Key)
	}
	return keys
}

func TestAnAccountIsWrittenByOneAtATime(t *testing.T) {
	c := newCompanies(t)
	first, err := c.Account(t.Context(), "d:acme.com")
	if diff := cmp.Diff(account.Account{Key: "d:acme.com"}, first); diff != "" || err != nil {
		t.Fatalf("%v %s", err, diff)
	}
	a := c.add("acme.com", "Acme, Inc.")
	stored, err := c.Account(t.Context(), a.Key)
	if diff := cmp.Diff(a, stored); diff != "" || err != nil {
		t.Fatalf("%v %s", err, diff)
	}
	if err := c.commit(a); fault.KindOf(err) != fault.Conflict {
		t.Errorf("the same version again: %v, want Conflict", err)
	}
	if err := c.commit(stored.Released("ana")); err != nil {
		t.Error(err)
	}
	if stored, err = c.Account(t.Context(), a.Key); err != nil || stored.Version != 2 || stored.Owner.Open != 0 {
		t.Errorf("%+v, %v; want version 2", stored, err)
	}
}

func TestAccountsLikeALead(t *testing.T) {
	c := newCompanies(t)
	for _, a := range [][2]string{
		{"acme.com", "Acme, Inc."},
		{"", "Acme"},
		{"acmebrick.com", "Acme Brick"},
		{"acme-tools.com", "Acme Tools and Hardware"},
		{"delta.com", "Delta Airlines"},
		{"deltafaucet.com", "Delta Faucet"},
		{"boeing.com", "Boeing"},
		{"ibm.com", "IBM"},
		{"nameless.com", ""},
		{"bosch.de", "Robert Bosch GmbH"},
		{"", "株式会社トヨタ"},
	} {
		c.add(a[0], a[1])
	}
	tests := []struct {
		given        string
		domain, name string
		want         []account.Key
	}{
		{"who names no company", "", "", []account.Key{}},
		{"its own by domain, once", "acme.com", "Acme", []account.Key{"d:acme.com", "n:acme", "d:acmebrick.com"}},
		{"its own by name", "", "ACME Ltd", []account.Key{"n:acme", "d:acme.com", "d:acmebrick.com"}},
		{"the same name at a domain that is not known", "acme.fr", "Acme", []account.Key{"d:acme.com", "n:acme", "d:acmebrick.com"}},
		{"a domain alone", "nameless.com", "", []account.Key{"d:nameless.com"}},
		{"a domain that is not known", "unheard.com", "", []account.Key{}},
		{"a name that is not known", "", "Unheard Of", []account.Key{}},
		{"the same first word, another company", "", "Delta Dental", []account.Key{}},
		{"a slip later in the name", "", "Delta Airlnes", []account.Key{"d:delta.com"}},
		{"a slip in the first word", "boeing.fr", "Boing", []account.Key{"d:boeing.com"}},
		{"initials", "ibm.de", "International Business Machines", []account.Key{"d:ibm.com"}},
		{"another order of words", "", "Bosch, Robert", []account.Key{"d:bosch.de"}},
		{"a script without spaces", "", "トヨタ株式会社", []account.Key{"n:トヨタ"}},
	}
	for _, tt := range tests {
		if diff := cmp.Diff(tt.want, c.like(companyFacts(tt.domain, tt.name))); diff != "" {
			t.Errorf("%s: %s", tt.given, diff)
		}
	}
}

func TestADomainThatBecomesKnownLeadsToTheCompany(t *testing.T) {
	c := newCompanies(t)
	a := c.add("", "Acme")
	said := companyFacts("acme.com", "Acme")
	next := a.Assigned(said, "ana", "sales", "1bob", a.Owner.Since)
	if err := c.NameAccount(t.Context(), next); err != nil {
		t.Fatal(err)
	}
	if err := c.commit(next); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]account.Key{"n:acme"}, c.like(companyFacts("acme.com", ""))); diff != "" {
		t.Error(diff)
	}
}

func TestANameIsFiledOnce(t *testing.T) {
	c := newCompanies(t)
	ctx := t.Context()
	a := account.Account{Key: "d:acme.com", Domain: "acme.com", Name: "Acme Brick", Normal: "acme brick"}
	var writers sync.WaitGroup
	for range 8 {
		writers.Go(func() {
			if err := c.NameAccount(ctx, a); err != nil {
				t.Error(err)
			}
		})
	}
	writers.Wait()
	if err := c.NameAccount(ctx, account.Account{Key: "d:nameless.com", Domain: "nameless.com"}); err != nil {
		t.Error(err)
	}
	out, err := c.client.Scan(ctx, &dynamodb.ScanInput{TableName: &c.name})
	if err != nil || len(out.Items) != 1 {
		t.Fatalf("%d items, %v; want one", len(out.Items), err)
	}
	if n := len(out.Items[0]); n != 2 {
		t.Errorf("the name has %d attributes, want its key alone", n)
	}
	// A name whose company was not stored, because the decision failed, leads nowhere.
	if diff := cmp.Diff([]account.Key{}, c.like(companyFacts("", "Acme Brick"))); diff != "" {
		t.Error(diff)
	}
}

func TestTheSameNameIsFoundAmongMany(t *testing.T) {
	c := newCompanies(t)
	c.add("zebra.com", "Delta Zebra")
	const names, writers = 1_200, 8 // more than are looked through
	var filing errgroup.Group
	filing.SetLimit(writers)
	for i := range names {
		filing.Go(func() error {
			f := companyFacts(fmt.Sprintf("a%04d.com", i), fmt.Sprintf("Delta A%04d", i))
			return c.NameAccount(t.Context(), account.Account{Key: f.Key(), Domain: f.Domain, Normal: f.Normal})
		})
	}
	if err := filing.Wait(); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]account.Key{"d:zebra.com"}, c.like(companyFacts("", "Delta Zebra Ltd"))); diff != "" {
		t.Error(diff)
	}
	// A name that is close to all of them is compared with a batch of them at the most.
	if diff := cmp.Diff([]account.Key{}, c.like(companyFacts("", "Delta"))); diff != "" {
		t.Error(diff)
	}
}

func TestCompaniesAreListedByHowTheirNamesBegin(t *testing.T) {
	c := newCompanies(t)
	for _, f := range []account.Facts{
		companyFacts("analytical.example", "Analytical Engines Ltd"), companyFacts("", "Analog Devices"), companyFacts("nameless.example", ""),
		companyFacts("analytical.test", "ANALYTICAL ENGINES"), companyFacts("analytical.example", "Analytical Engines Ltd"),
		{},
	} {
		if err := c.ListCompany(t.Context(), f); err != nil {
			t.Fatal(err)
		}
	}
	for begin, want := range map[string][]account.Key{
		"an":                 {"n:analog devices", "d:analytical.example", "d:analytical.test"},
		"analytical":         {"d:analytical.example", "d:analytical.test"},
		"analytical engines": {"d:analytical.example", "d:analytical.test"},
		"nameless.e":         {"d:nameless.example"},
		"engines":            nil,
		"x":                  nil,
	} {
		found, more, err := c.Companies(t.Context(), begin)
		if err != nil || more {
			t.Fatal(err, more)
		}
		var keys []account.Key
		for _, l := range found {
			keys = append(keys, l.Key)
		}
		if diff := cmp.Diff(want, keys); diff != "" {
			t.Errorf("%q: %s", begin, diff)
		}
	}
	called, err := c.CompaniesCalled(t.Context(), "analytical engines")
	want := []table.Listed{
		{Key: "d:analytical.example", Normal: "analytical engines", Name: "Analytical Engines Ltd"},
		{Key: "d:analytical.test", Normal: "analytical engines", Name: "ANALYTICAL ENGINES"},
	}
	if diff := cmp.Diff(want, called); diff != "" || err != nil {
		t.Error(err, diff)
	}
	if called, err = c.CompaniesCalled(t.Context(), "analytical"); err != nil || len(called) != 0 {
		t.Errorf("%v, %v: the beginning of a name is not the name", called, err)
	}
}

// Initials lead to a long name that was filed, and the parent of a company is
// read with it.
func TestInitialsAndParentsAreCandidates(t *testing.T) {
	c := newCompanies(t)
	long := c.add("ibm.example", "International Business Machines")
	parent := c.add("acme.example", "Acme")
	f := companyFacts("", "I.B.M.")
	f.Parents = []account.Key{parent.Key}
	found, err := c.AccountsLike(t.Context(), f)
	if err != nil {
		t.Fatal(err)
	}
	keys := map[account.Key]bool{}
	for _, a := range found {
		keys[a.Key] = true
	}
	if len(found) != 2 || !keys[long.Key] || !keys[parent.Key] {
		t.Errorf("found %v", keys)
	}
}
