package main

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/handoff-oss/handoff/shared/access"
	"github.com/handoff-oss/handoff/shared/account"
	"github.com/handoff-oss/handoff/shared/find"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/policy/rules"
	"github.com/handoff-oss/handoff/shared/scoring"
	"github.com/handoff-oss/handoff/shared/signal"
	"github.com/handoff-oss/handoff/shared/standard"
	"github.com/handoff-oss/handoff/shared/web"
)

// mostPeople is how many leads of a company are read, shown and counted.
const mostPeople = 500

// company is an account with the leads that count to it.
type company struct {
	account.Account
	groups account.Groups
	policy *rules.Compiled
	by     map[account.Key]string // what leads say by themselves, and why it is this company
	leads  []*lead.Lead
	more   bool          // there are more leads than were read
	like   []account.Kin // other companies that leads call by the same name
}

// company reads the company that the path names and who of it is there: its
// account and the file of its leads at once, then the leads, then those who give
// its name alone, when no other company is called so. Kinds: NotFound.
func (h *handler) company(ctx context.Context, r *web.Request) (*company, error) {
	text, err := url.PathUnescape(r.Params["key"])
	key, ok := account.ParseKey(text)
	if err != nil || !ok {
		return nil, noSuchCompany()
	}
	c := &company{by: map[account.Key]string{}}
	if c.policy, err = h.policy.Current(ctx, r.Now); err != nil {
		return nil, err
	}
	c.groups = account.NewGroups(c.policy.Accounts)
	if key, err = h.canonical(ctx, c.groups, key); err != nil {
		return nil, err
	}
	sources := c.groups.Sources(key)
	for _, k := range sources {
		c.by[k] = howSaid(k)
	}
	g, inner := errgroup.WithContext(ctx)
	g.Go(func() (err error) {
		c.Account, err = h.leads.Account(inner, key)
		return err
	})
	g.Go(func() error { return h.members(inner, c, sources) })
	if err := g.Wait(); err != nil {
		return nil, err
	}
	if c.Key = key; c.Domain == "" {
		c.Domain = key.Domain()
	}
	if err := h.called(ctx, c); err != nil {
		return nil, err
	}
	if len(c.leads) == 0 && !c.Known() {
		return nil, noSuchCompany()
	}
	return c, nil
}

func noSuchCompany() error {
	return web.Problemf(http.StatusNotFound, "not_found", "There is no such company, or none of its leads is there any more. Look for it by its name at /accounts.")
}

// howSaid is why a lead counts to a company, by what it says.
func howSaid(k account.Key) string {
	if d := k.Domain(); d != "" {
		return "domain " + d
	}
	return "name " + k.Normal()
}

// canonical returns the key of the account that a key leads to: the group's, or
// of a name the one domain's that leads call so.
func (h *handler) canonical(ctx context.Context, groups account.Groups, k account.Key) (account.Key, error) {
	if of := groups.Of(k); of != k || k.Normal() == "" {
		return of, nil
	}
	called, err := h.withDomain(ctx, groups, k.Normal())
	if err != nil || len(called) != 1 {
		return k, err
	}
	return called[0].Key, nil
}

// withDomain returns the companies with a domain that leads call by a normalized
// name.
func (h *handler) withDomain(ctx context.Context, groups account.Groups, normal string) ([]account.Kin, error) {
	called, err := h.leads.CompaniesCalled(ctx, normal)
	var out []account.Kin
	for _, l := range called {
		k := groups.Of(l.Key)
		if k.Domain() != "" && !slices.ContainsFunc(out, func(o account.Kin) bool { return o.Key == k }) {
			out = append(out, account.Kin{Key: k, Name: cmp.Or(l.Name, k.Domain())})
		}
	}
	return out, err
}

// members adds the leads that say one of these keys by themselves.
func (h *handler) members(ctx context.Context, c *company, sources []account.Key) error {
	var keys []signal.LeadKey
	for _, k := range sources {
		filed, err := h.leads.Filed(ctx, lead.Filing{Kind: lead.FiledAccount, Value: string(k)}, mostPeople+1)
		if err != nil {
			return err
		}
		keys = append(keys, filed...)
	}
	slices.Sort(keys)
	keys = slices.Compact(keys) // a lead may be filed still where it was before a change
	room := mostPeople - len(c.leads)
	if c.more = c.more || len(keys) > room; c.more {
		keys = keys[:min(room, len(keys))]
	}
	leads, err := h.leads.LeadsOf(ctx, keys)
	for _, l := range leads {
		said := lead.CompanySaid(c.policy, l).Key()
		if slices.Contains(sources, said) { // what was filed before a change may say something else now
			c.leads = append(c.leads, l)
		}
	}
	return err
}

// called finds out what the company is called, and adds the leads that give that
// name alone, unless they may mean another company.
func (h *handler) called(ctx context.Context, c *company) error {
	if g := c.groups.Place(account.Facts{Domain: c.Key.Domain(), Normal: c.Key.Normal()}); g.Group != "" {
		c.Name, c.Normal = g.Name, g.Normal
		return nil
	}
	c.name()
	if c.Normal == "" {
		return nil
	}
	called, err := h.withDomain(ctx, c.groups, c.Normal)
	if err != nil {
		return err
	}
	c.like = slices.DeleteFunc(called, func(k account.Kin) bool { return k.Key == c.Key })
	alone := account.Facts{Normal: c.Normal}.Key()
	if c.Key.Domain() == "" || len(c.like) > 0 || c.groups.Of(alone) != alone {
		return nil
	}
	c.by[alone] = howSaid(alone)
	return h.members(ctx, c, []account.Key{alone})
}

// name gives an account without a name that which most of its leads give, of as
// many the first in the alphabet.
func (c *company) name() {
	if c.Normal != "" {
		return
	}
	count, spelled := map[string]int{}, map[string]string{}
	for _, l := range c.leads {
		if f := lead.CompanySaid(c.policy, l); f.Normal != "" {
			count[f.Normal]++
			if s := spelled[f.Normal]; s == "" || f.Name < s {
				spelled[f.Normal] = f.Name
			}
		}
	}
	for normal, n := range count {
		if n > count[c.Normal] || n == count[c.Normal] && normal < c.Normal {
			c.Name, c.Normal = spelled[normal], normal
		}
	}
}

// visible tells whether the person may see anything of the company: those who
// see all leads always, everybody else when one of its leads is theirs to see.
func (c *company) visible(who access.Person) bool {
	return who.Is(access.Operator, access.Marketer) ||
		slices.ContainsFunc(c.leads, func(l *lead.Lead) bool { return who.Sees(l.Journey.Whose()) })
}

// member is a lead of a company with what its facts say now.
type member struct {
	find.Row
	person   account.Person
	activeOn time.Time // the day; zero for never
}

// membersAt evaluates the leads at now: the active ones first, then by their
// engagement.
func (c *company) membersAt(now time.Time) []member {
	since := now.UTC().Truncate(24*time.Hour).AddDate(0, 0, -c.policy.Accounts.Days())
	all := make([]member, len(c.leads))
	for i, l := range c.leads {
		m := member{Row: find.RowOf(c.policy, l, now)}
		if day, ok := scoring.ActiveOn(c.policy, l.Facts, now); ok {
			m.activeOn = day
		}
		m.person = account.Person{
			Lead: l.Key, Score: m.Result.Engagement.Score, Active: m.activeOn.After(since),
			Role: c.roleOf(l.Facts.Profile[signal.FieldTitle].Value),
		}
		all[i] = m
	}
	slices.SortFunc(all, func(a, b member) int {
		return cmp.Or(activeFirst(a, b), cmp.Compare(b.person.Score, a.person.Score), b.activeOn.Compare(a.activeOn), cmp.Compare(a.Lead.Key, b.Lead.Key))
	})
	return all
}

// roleOf reads a job title.
func (c *company) roleOf(title string) account.Role {
	s := c.policy.Book().Of(map[string]string{signal.FieldTitle: title}, standard.Seniority, standard.Department)
	return account.Role{Seniority: s[standard.Seniority].Value, Department: s[standard.Department].Value}
}

func activeFirst(a, b member) int {
	switch {
	case a.person.Active == b.person.Active:
		return 0
	case a.person.Active:
		return -1
	}
	return 1
}

// furthest returns the stage of the lead that came furthest; those that left by
// a side exit count least. "" when there is none.
func furthest(leads []*lead.Lead) string {
	order := []lead.Stage{
		lead.Won, lead.Opportunity, lead.Meeting, lead.Contacted, lead.Accepted, lead.HandedOff, lead.Qualified, lead.Engaged,
		lead.Known, lead.Lost, lead.Recycled, lead.Disqualified,
	}
	for _, stage := range order {
		if slices.ContainsFunc(leads, func(l *lead.Lead) bool { return l.Journey.Stage == stage }) {
			return string(stage)
		}
	}
	return ""
}

// inWork tells whether somebody works on a lead.
func inWork(l *lead.Lead) bool {
	switch l.Journey.Stage { //nolint:exhaustive // The others are open while somebody has them.
	case lead.Won, lead.Lost, lead.Recycled, lead.Disqualified:
		return false
	}
	return l.Journey.Holder() != nil
}
