package main

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/handoff-oss/handoff/shared/access"
	"github.com/handoff-oss/handoff/shared/account"
	"github.com/handoff-oss/handoff/shared/find"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/policy/rules"
	"github.com/handoff-oss/handoff/shared/table"
	"github.com/handoff-oss/handoff/shared/web"
)

const (
	recentLeads    = 200 // whose companies the list shows when nothing is looked for
	mostCompanies  = 100 // of one list
	leastLetters   = 2   // of a name to look for
	mostAskedBytes = 200
)

// accountsAnswer is the answer of GET /api/accounts: companies found by how
// their name or domain begins (q), those of the leads that a rep has (owner), or
// those of the leads that became known last.
type accountsAnswer struct {
	Accounts []listedAccount `json:"accounts"`
	More     bool            `json:"more"`            // there are more than these
	Leads    int             `json:"leads,omitempty"` // of so many leads the companies were listed
}

// listedAccount is one company of a list. What stands behind Leads is of the
// leads that were looked at, and left out where companies were found by name.
type listedAccount struct {
	Key        string     `json:"key"`
	Name       string     `json:"name"`
	Domain     string     `json:"domain"`
	Leads      int        `json:"leads,omitempty"`
	Stage      string     `json:"stage,omitempty"`            // of the one that came furthest
	Engagement int        `json:"engagement_score,omitempty"` // of the most interested one
	Latest     *time.Time `json:"latest,omitempty"`           // when the latest one became known

	leads []*lead.Lead
}

// accounts answers GET /api/accounts.
func (h *handler) accounts(ctx context.Context, r *web.Request) (accountsAnswer, error) {
	policy, err := h.policy.Current(ctx, r.Now)
	if err != nil {
		return accountsAnswer{}, err
	}
	q, owner := strings.TrimSpace(r.Query.Get("q")), strings.TrimSpace(r.Query.Get("owner"))
	switch {
	case readsLeads(r.Who) && q != "" && owner == "":
		return h.searchAccounts(ctx, account.NewGroups(policy.Accounts), q)
	case readsLeads(r.Who):
	case r.Who.Rep == "":
		return accountsAnswer{Accounts: []listedAccount{}}, nil
	default:
		owner = r.Who.Rep // reps see the companies of their leads
	}
	out, err := h.accountsOf(ctx, r, policy, owner)
	if q != "" {
		out.Accounts = slices.DeleteFunc(out.Accounts, func(a listedAccount) bool { return !a.begins(q) })
	}
	return out, err
}

// readsLeads tells whether somebody may look for leads, and companies, that are
// not their own.
func readsLeads(who access.Person) bool {
	return who.Is(access.Operator, access.Manager, access.Marketer)
}

// begins tells whether a company is looked for by q.
func (a listedAccount) begins(q string) bool {
	normal := account.Normal(q)
	return normal != "" && strings.HasPrefix(account.Normal(a.Name), normal) || a.Domain != "" && strings.HasPrefix(a.Domain, strings.ToLower(q))
}

// searchAccounts finds companies by how their name or domain begins.
func (h *handler) searchAccounts(ctx context.Context, groups account.Groups, q string) (accountsAnswer, error) {
	out := accountsAnswer{Accounts: []listedAccount{}}
	begins := []string{account.Normal(q)}
	switch {
	case len(q) > mostAskedBytes:
		return out, web.Problemf(http.StatusBadRequest, "invalid", "That is too long for a name. Look for the first words of the company's name, or for its domain.")
	case len([]rune(begins[0])) < leastLetters:
		return out, web.Problemf(http.StatusBadRequest, "invalid", "Give the first two letters of the company's name, or more, or its domain.")
	}
	if err := h.addDomain(ctx, groups, q, &out); err != nil {
		return out, err
	}
	if lower := strings.ToLower(q); strings.Contains(lower, ".") {
		begins = append(begins, lower)
	}
	for _, begin := range begins {
		listed, more, err := h.leads.Companies(ctx, begin)
		if err != nil {
			return out, err
		}
		for _, l := range listed {
			if !nameOfOne(l, listed) {
				out.add(groups, l.Key, l.Name)
			}
		}
		out.More = out.More || more
	}
	if len(out.Accounts) > mostCompanies {
		out.Accounts, out.More = out.Accounts[:mostCompanies], true
	}
	return out, nil
}

// addDomain adds the company whose domain was asked for, when there is a lead of
// it or the policy knows it.
func (h *handler) addDomain(ctx context.Context, groups account.Groups, q string, out *accountsAnswer) error {
	k := account.Facts{Domain: account.Domain(q)}.Key()
	if k == "" {
		return nil
	}
	filed, err := h.leads.Filed(ctx, lead.Filing{Kind: lead.FiledAccount, Value: string(k)}, 1)
	if len(filed) > 0 || groups.Of(k) != k {
		out.add(groups, k, "")
	}
	return err
}

// add adds a company once, under its group's key and name if it has one.
func (a *accountsAnswer) add(groups account.Groups, k account.Key, name string) {
	k = groups.Of(k)
	if f := groups.Place(account.Facts{Domain: k.Domain(), Normal: k.Normal()}); f.Group != "" {
		name = f.Group
	}
	if !slices.ContainsFunc(a.Accounts, func(one listedAccount) bool { return one.Key == string(k) }) {
		a.Accounts = append(a.Accounts, listedAccount{Key: string(k), Name: cmp.Or(name, k.Domain(), k.Normal()), Domain: k.Domain()})
	}
}

// nameOfOne tells whether a listed name is that of exactly one company with a
// domain, to which those count who give the name alone.
func nameOfOne(l table.Listed, listed []table.Listed) bool {
	n := 0
	for _, other := range listed {
		if other.Normal == l.Normal && other.Key.Domain() != "" {
			n++
		}
	}
	return l.Key.Normal() != "" && n == 1
}

// accountsOf lists the companies of the leads that became known last, or of
// those that a rep has: whose latest lead is newest comes first.
func (h *handler) accountsOf(ctx context.Context, r *web.Request, policy *rules.Compiled, owner string) (accountsAnswer, error) {
	s := &seeker{handler: h, filter: find.Filter{Holder: owner}, who: r.Who, now: r.Now, policy: policy}
	page, err := s.read(ctx, "", recentLeads)
	if err != nil {
		return accountsAnswer{}, err
	}
	groups := account.NewGroups(policy.Accounts)
	out := accountsAnswer{Accounts: []listedAccount{}, Leads: len(s.rows), More: page.Next != ""}
	at := map[account.Key]int{}
	for _, row := range s.rows {
		f := groups.Place(lead.CompanySaid(policy, row.Lead))
		k := f.Key()
		if k == "" {
			continue
		}
		i, ok := at[k]
		if !ok {
			i = len(out.Accounts)
			at[k] = i
			out.Accounts = append(out.Accounts, listedAccount{Key: string(k), Domain: f.Domain})
		}
		out.Accounts[i].add(f.Name, row)
	}
	for i := range out.Accounts {
		a := &out.Accounts[i]
		a.Name, a.Stage = cmp.Or(a.Name, a.Domain), furthest(a.leads)
	}
	slices.SortStableFunc(out.Accounts, func(a, b listedAccount) int { return b.Latest.Compare(*a.Latest) })
	return out, nil
}

// add counts a lead to the company.
func (a *listedAccount) add(name string, row find.Row) {
	a.leads = append(a.leads, row.Lead)
	a.Leads++
	a.Name = cmp.Or(a.Name, name)
	a.Engagement = max(a.Engagement, row.Result.Engagement.Score)
	if at := row.Lead.CreatedAt.UTC(); a.Latest == nil || at.After(*a.Latest) {
		a.Latest = &at
	}
}
