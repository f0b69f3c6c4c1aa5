package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/smithy-go/middleware"
	"github.com/google/go-cmp/cmp"

	"github.com/handoff-oss/handoff/shared/access"
	"github.com/handoff-oss/handoff/shared/account"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/signal"
	"github.com/handoff-oss/handoff/shared/table"
	"github.com/handoff-oss/handoff/shared/web/webtest"
)

// groupedPolicy is the policy of these tests with companies of several names,
// and with owners of companies.
const groupedPolicy = `
accounts:
  active_days: 14
  engagement: { others: 50, most: 30 }
  groups:
    - { name: Acme, domains: [acme.example, acme.test], names: [Roadrunner] }
    - { name: Acme Robotics, domains: [robots.example], parent: Acme }
`

func (b bench) apply(t *testing.T, text string) {
	t.Helper()
	text = strings.Replace(text, "account: { match: [] }", "account: { match: [domain, name], parent: true }", 1)
	if err := b.leads.PutPolicy(t.Context(), "p-grouped", []byte(text), now); err != nil {
		t.Fatal(err)
	}
}

// writes lets somebody send a form, which is decided about as in the function.
func (b bench) writes(t *testing.T, email, form string, ago time.Duration, fields ...string) signal.LeadKey {
	t.Helper()
	at := now.Add(-ago)
	s := signal.Signal{
		Source: "typeform", ID: fmt.Sprint(email, form, ago), Type: signal.FormSubmitted, OccurredAt: at, ReceivedAt: at,
		Identity: signal.Identity{Email: email}, Lead: map[string]string{"email": email}, Attributes: map[string]string{signal.AttrForm: form},
	}
	for i := 0; i+1 < len(fields); i += 2 {
		s.Lead[fields[i]] = fields[i+1]
	}
	key, err := s.LeadKey()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.leads.PutSignal(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	if _, err := b.decide.Apply(t.Context(), key, []signal.Signal{s}, at); err != nil {
		t.Fatal(err)
	}
	return key
}

func accountPath(k account.Key) string { return "/accounts/" + url.PathEscape(string(k)) }

func (b bench) accountOf(t *testing.T, k account.Key, who access.Person) accountAnswer {
	t.Helper()
	out := b.send(t, webtest.Event(t, http.MethodGet, "/api"+accountPath(k), who))
	var a accountAnswer
	if err := json.Unmarshal([]byte(out.Body), &a); err != nil || out.StatusCode != http.StatusOK {
		t.Fatalf("%s answers %d: %v\n%s", k, out.StatusCode, err, out.Body)
	}
	sum := 0
	for _, p := range a.Engagement.Parts {
		sum += p.Points
	}
	if sum != a.Engagement.Score {
		t.Errorf("%s: the parts add up to %d, the engagement is %d", k, sum, a.Engagement.Score)
	}
	return a
}

func names(a accountAnswer) []string {
	var all []string
	for _, p := range a.People {
		all = append(all, p.Email)
	}
	slices.Sort(all)
	return all
}

const days = 24 * time.Hour

// groupIs compares the buying group: how many are active and known, and the
// active ones by seniority.
func (a accountAnswer) groupIs(t *testing.T, active, known int, want map[string]int) {
	t.Helper()
	levels := map[string]int{}
	for _, l := range a.BuyingGroup.Levels {
		levels[l.Seniority] = l.Active
	}
	if diff := cmp.Diff(want, levels); diff != "" || a.BuyingGroup.Active != active || a.BuyingGroup.Known != known {
		t.Errorf("%+v: %s", a.BuyingGroup, diff)
	}
}

func TestAnAccountIsMadeOfItsLeads(t *testing.T) {
	b := newBench(t)
	b.apply(t, string(policyText(t))+groupedPolicy)
	boss := b.writes(t, "ada@acme.example", "Newsletter", 2*days, "company", "ACME, Inc.", "title", "Director of engineering")
	b.writes(t, "bo@acme.test", "Newsletter", 3*days, "title", "Manager of sales")
	b.writes(t, "cy@gmail.com", "Newsletter", 4*days, "company", "Roadrunner Ltd")
	b.writes(t, "dee@acme.example", "Newsletter", 40*days, "title", "VP of sales")
	b.writes(t, "eve@robots.example", "Newsletter", days)
	b.writes(t, "fay@elsewhere.example", "Newsletter", days, "company", "Acme")

	a := b.accountOf(t, "d:acme.example", webtest.Somebody(access.Marketer))
	if diff := cmp.Diff([]string{"ada@acme.example", "bo@acme.test", "cy@gmail.com", "dee@acme.example"}, names(a)); diff != "" {
		t.Error(diff)
	}
	if a.Name != "Acme" || a.Group != "Acme" || a.Parent != nil || len(a.Subsidiary) != 1 || a.Subsidiary[0].Key != "d:robots.example" || a.Owner != nil {
		t.Errorf("%+v", a)
	}
	if diff := cmp.Diff([]string{"domain acme.example", "domain acme.test", "name acme", "name roadrunner"}, a.Counts); diff != "" {
		t.Error(diff)
	}
	if a.ActiveDays != 14 {
		t.Errorf("active in %d days", a.ActiveDays)
	}
	a.groupIs(t, 3, 4, map[string]int{"vp": 0, "director": 1, "manager": 1, "": 1})
	// The best of them has 8 points less what two days take, and each other a half.
	if p := a.Engagement.Parts; len(p) != 4 || p[0].Points < 7 || p[0].Lead != boss || p[1].Points > p[0].Points/2 {
		t.Errorf("%+v", p)
	}
	for _, k := range []account.Key{"d:acme.test", "n:acme", "n:roadrunner"} {
		if same := b.accountOf(t, k, webtest.Somebody(access.Marketer)); same.Key != "d:acme.example" || len(same.People) != 4 {
			t.Errorf("%s leads to %s with %d people", k, same.Key, len(same.People))
		}
	}
	if robots := b.accountOf(t, "d:robots.example", webtest.Somebody(access.Marketer)); robots.Parent == nil || robots.Parent.Name != "Acme" || len(robots.People) != 1 {
		t.Errorf("%+v", robots)
	}
}

// A name without a domain is the one company of that name, and nobody's when
// there are two.
// A lead that moved from one of a group's companies to another, and is still filed
// under the first, counts once.
func TestALeadThatIsFiledTwiceCountsOnce(t *testing.T) {
	b := newBench(t)
	b.apply(t, string(policyText(t))+groupedPolicy)
	k := b.writes(t, "ada@acme.example", "Newsletter", days)
	for _, was := range []string{"d:acme.test", "d:acme.example"} {
		if err := b.leads.File(t.Context(), k, []lead.Filing{{Kind: lead.FiledAccount, Value: was}}); err != nil {
			t.Fatal(err)
		}
	}
	a := b.accountOf(t, account.Facts{Domain: "acme.example"}.Key(), webtest.Somebody(access.Operator))
	if a.BuyingGroup.Known != 1 || len(a.People) != 1 {
		t.Errorf("%+v", a)
	}
}

func TestANameAloneCountsToTheOnlyCompanyOfThatName(t *testing.T) {
	b := newBench(t)
	b.writes(t, "ada@delta.example", "Newsletter", days, "company", "Delta Inc.")
	b.writes(t, "bo@gmail.com", "Newsletter", days, "company", "DELTA")
	who := webtest.Somebody(access.Operator)
	a := b.accountOf(t, "n:delta", who)
	if diff := cmp.Diff([]string{"ada@delta.example", "bo@gmail.com"}, names(a)); diff != "" || a.Key != "d:delta.example" || a.Name != "Delta Inc." {
		t.Errorf("%s %q %s", a.Key, a.Name, diff)
	}
	out := b.send(t, webtest.Event(t, http.MethodGet, "/accounts/n:delta", who))
	if out.StatusCode != http.StatusSeeOther || out.Headers["Location"] != "/accounts/d:delta.example" {
		t.Errorf("the page answers %d %s", out.StatusCode, out.Headers["Location"])
	}
	b.writes(t, "cy@delta.test", "Newsletter", days, "company", "Delta")
	a = b.accountOf(t, "d:delta.example", who)
	if diff := cmp.Diff([]string{"ada@delta.example"}, names(a)); diff != "" || len(a.SameName) != 1 || a.SameName[0].Key != "d:delta.test" {
		t.Errorf("%+v %s", a.SameName, diff)
	}
	if a = b.accountOf(t, "n:delta", who); a.Key != "n:delta" || len(a.People) != 1 || len(a.SameName) != 2 {
		t.Errorf("%+v", a)
	}
	// Who gives a domain later counts to that.
	b.writes(t, "bo@gmail.com", "Contact", time.Hour, "company", "Delta", "website", "www.delta.test")
	if a = b.accountOf(t, "d:delta.test", who); len(a.People) != 2 {
		t.Errorf("%+v", a.People)
	}
	b.refuses(t, webtest.Event(t, http.MethodGet, "/api/accounts/n:delta", who), http.StatusNotFound, "not_found")
}

func TestAHandoffGivesAnAccountAnOwner(t *testing.T) {
	b := newBench(t)
	b.apply(t, string(policyText(t))+groupedPolicy)
	key := b.writes(t, "ada@acme.example", "Request a demo", time.Hour, "company", "Acme", "phone", "+1 415 555 0100")
	who := webtest.Somebody(access.Operator)
	a := b.accountOf(t, "d:acme.example", who)
	if a.Owner == nil || a.Owner.Pool != "sales" || a.Owner.Name == "" || a.Handoffs != 1 || a.Open != 1 || a.Stage != "handed_off" || a.People[0].Holder == nil {
		t.Fatalf("%+v", a)
	}
	next := b.writes(t, "eve@robots.example", "Request a demo", time.Minute, "phone", "+1 415 555 0101")
	l, err := b.leads.Lead(t.Context(), next)
	if err != nil {
		t.Fatal(err)
	}
	if h := l.Journey.Handoff; h.Rep != a.Owner.Rep || h.By != "owner of the parent company Acme" {
		t.Errorf("it went to %s by %s", h.Rep, h.By)
	}
	if html := b.page(t, who, "/leads/"+string(key)); !strings.Contains(html, `href="/accounts/d:acme.example"`) {
		t.Error("the lead's page does not lead to its account")
	}
}

func TestWhoSeesAnAccount(t *testing.T) {
	b := newBench(t)
	b.writes(t, "ada@acme.example", "Request a demo", time.Hour, "company", "Acme", "phone", "+1 415 555 0100")
	b.writes(t, "bo@acme.example", "Request a demo", 50*time.Minute, "phone", "+1 415 555 0101")
	b.writes(t, "cy@acme.example", "Newsletter", 40*time.Minute)
	all := b.accountOf(t, "d:acme.example", webtest.Somebody(access.Operator))
	holder := ""
	for _, p := range all.People {
		if p.Email == "ada@acme.example" {
			holder = p.Holder.Rep
		}
	}
	rep := webtest.Somebody(access.Rep)
	rep.Rep = holder
	a := b.accountOf(t, "d:acme.example", rep)
	if diff := cmp.Diff([]string{"ada@acme.example"}, names(a)); diff != "" || a.Others != 2 || a.BuyingGroup.Known != 3 || a.Engagement.Score != all.Engagement.Score {
		t.Errorf("%+v %s", a, diff)
	}
	html := b.page(t, rep, accountPath("d:acme.example"))
	if strings.Contains(html, "bo@acme.example") || !strings.Contains(html, "2 more are counted above, and not yours to see.") {
		t.Errorf("the page of a rep:\n%s", html)
	}
	stranger := webtest.Somebody(access.Rep)
	stranger.Rep = "casey"
	b.refuses(t, webtest.Event(t, http.MethodGet, "/api/accounts/d:acme.example", stranger), http.StatusForbidden, "denied")
	if list := b.page(t, stranger, "/accounts?q=acme"); strings.Contains(list, "d:acme.example") {
		t.Error("a rep finds a company of which no lead is theirs")
	}
	if list := b.page(t, rep, "/accounts?q=acme"); !strings.Contains(list, "d:acme.example") {
		t.Error("a rep does not find the company of their lead")
	}
}

func (b bench) listedAccounts(t *testing.T, who access.Person, query string) []string {
	t.Helper()
	out := b.send(t, webtest.Event(t, http.MethodGet, "/api/accounts?"+query, who))
	var a accountsAnswer
	if err := json.Unmarshal([]byte(out.Body), &a); err != nil || out.StatusCode != http.StatusOK {
		t.Fatalf("%s answers %d: %v\n%s", query, out.StatusCode, err, out.Body)
	}
	keys := []string{}
	for _, one := range a.Accounts {
		keys = append(keys, one.Key)
	}
	return keys
}

func TestAccountsAreFound(t *testing.T) {
	b := newBench(t)
	b.apply(t, string(policyText(t))+groupedPolicy)
	b.writes(t, "ada@analytical.example", "Newsletter", 3*days, "company", "Analytical Engines")
	b.writes(t, "bo@gmail.com", "Newsletter", 2*days, "company", "Analog Devices GmbH")
	b.writes(t, "ann@gmail.com", "Newsletter", 2*days+time.Hour, "company", "Analytical Engines") // the only one that is called so
	b.writes(t, "cy@nameless.example", "Newsletter", days)
	b.writes(t, "dee@acme.test", "Request a demo", time.Hour)
	who := webtest.Somebody(access.Marketer)
	for query, want := range map[string][]string{
		"":                         {"d:acme.example", "d:nameless.example", "n:analog devices", "n:analytical engines", "d:analytical.example"},
		"q=anal":                   {"n:analog devices", "d:analytical.example"},
		"q=Analytical+Engines+Ltd": {"d:analytical.example"},
		"q=analytical.example":     {"d:analytical.example"},
		"q=nameless":               {"d:nameless.example"},
		"q=nameless.ex":            {"d:nameless.example"},
		"q=acme.test":              {"d:acme.example"},
		"q=nobody":                 {},
		"q=acme&owner=zoe":         {},
		"owner=alex":               {},
	} {
		if query == "owner=alex" {
			l, err := b.leads.HeldBy(t.Context(), "alex")
			if err != nil {
				t.Fatal(err)
			}
			if len(l) > 0 {
				want = []string{"d:acme.example"}
			}
		}
		if diff := cmp.Diff(want, b.listedAccounts(t, who, query)); diff != "" {
			t.Errorf("%q: %s", query, diff)
		}
	}
	b.refuses(t, webtest.Event(t, http.MethodGet, "/api/accounts?q=a", who), http.StatusBadRequest, "invalid")
	if html := b.page(t, who, "/accounts?q=a"); !strings.Contains(html, "Give the first two letters") {
		t.Error("the page does not say what is wrong")
	}
	b.page(t, who, "/accounts")
	for _, bad := range []string{"x", "d:www.acme.example", "n:Acme", "d:", "d:nobody.example"} {
		b.refuses(t, webtest.Event(t, http.MethodGet, "/api/accounts/"+bad, who), http.StatusNotFound, "not_found")
	}
}

// reads counts the requests for reading that go to the table.
func (b *bench) reads(t *testing.T) *atomic.Int64 {
	t.Helper()
	n := new(atomic.Int64)
	client, name := b.client.Options(), b.table
	client.APIOptions = append(slices.Clone(client.APIOptions), func(s *middleware.Stack) error {
		return s.Initialize.Add(middleware.InitializeMiddlewareFunc("count reads", func(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
			switch in.Parameters.(type) {
			case *dynamodb.GetItemInput, *dynamodb.QueryInput, *dynamodb.BatchGetItemInput:
				n.Add(1)
			}
			return next.HandleInitialize(ctx, in)
		}), middleware.Before)
	})
	b.leads = table.New(dynamodb.New(client), name)
	return n
}

// A page of an account costs a handful of reads, and one more for each hundred
// of its people.
func TestReadsOfAnAccount(t *testing.T) {
	b := newBench(t)
	var leads []*lead.Lead
	for i := range 502 {
		leads = append(leads, known(t, now.Add(-time.Duration(i)*time.Minute), map[string]string{"email": fmt.Sprintf("p%03d@big.example", i), "company": "Big"}, "Newsletter"))
		if i < 5 {
			leads = append(leads, known(t, now.Add(-time.Duration(i)*time.Minute), map[string]string{"email": fmt.Sprintf("p%d@small.example", i), "company": "Small"}, "Newsletter"))
		}
	}
	for _, l := range leads {
		domain := strings.Split(l.Facts.Profile["email"].Value, "@")[1]
		if err := b.leads.File(t.Context(), l.Key, []lead.Filing{{Kind: lead.FiledAccount, Value: "d:" + domain}}); err != nil {
			t.Fatal(err)
		}
	}
	b.store(t, leads...)
	who := webtest.Somebody(access.Operator)
	b.accountOf(t, "d:small.example", who) // the policy is read once
	n := b.reads(t)
	for key, want := range map[account.Key]struct {
		reads  int64
		people int
		more   bool
	}{"d:small.example": {reads: 5, people: 5}, "d:big.example": {reads: 9, people: 500, more: true}} {
		n.Store(0)
		a := b.accountOf(t, key, who)
		if n.Load() > want.reads || len(a.People) != want.people || a.More != want.more {
			t.Errorf("%s: %d reads for %d people, more %v; want %+v", key, n.Load(), len(a.People), a.More, want)
		}
		t.Logf("%s: %d reads for %d people", key, n.Load(), len(a.People))
	}
	if html := b.page(t, who, "/accounts/d:big.example"); !strings.Contains(html, "More people count to this account") || strings.Count(html, "<tr><td><a href=\"/leads/") != mostShown {
		t.Error("the page does not say how many it leaves out")
	}
}
