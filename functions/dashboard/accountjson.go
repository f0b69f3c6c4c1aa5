package main

import (
	"context"
	"slices"
	"time"

	"github.com/handoff-oss/handoff/shared/account"
	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/find"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/signal"
	"github.com/handoff-oss/handoff/shared/view"
	"github.com/handoff-oss/handoff/shared/web"
)

// accountAnswer is the answer of GET /api/accounts/{key}. Everything is computed
// from the leads of the company as they stand.
type accountAnswer struct {
	Key         string              `json:"key"`
	Name        string              `json:"name"`
	Domain      string              `json:"domain"`
	Counts      []string            `json:"counts"`           // which leads count to it: by domain and name
	Group       string              `json:"group,omitempty"`  // of the policy
	Parent      *account.Kin        `json:"parent,omitempty"` // by the policy
	Subsidiary  []account.Kin       `json:"subsidiaries"`     // by the policy
	SameName    []account.Kin       `json:"same_name"`        // other companies that leads call so
	Owner       *accountOwner       `json:"owner"`            // who received its last lead; null when nobody did
	Handoffs    int64               `json:"handoffs"`         // of its leads ever
	Stage       string              `json:"stage"`            // of the lead that came furthest
	Open        int                 `json:"open"`             // leads that somebody works on
	Engagement  accountEngagement   `json:"engagement"`
	ActiveDays  int                 `json:"active_days"` // who did something that counts in so many days is active
	BuyingGroup account.BuyingGroup `json:"buying_group"`
	People      []accountPerson     `json:"people"` // that the reader may see, the active first
	Others      int                 `json:"others"` // people who are not theirs to see; they are counted
	More        bool                `json:"more"`   // there are more than were read and counted
}

type accountOwner struct {
	Rep   string    `json:"rep"`
	Name  string    `json:"name"`
	Pool  string    `json:"pool"`
	Since time.Time `json:"since"`
}

type accountEngagement struct {
	Score int            `json:"score"`
	Parts []account.Part `json:"parts"` // points add up to the score
	AsOf  time.Time      `json:"as_of"`
}

type accountPerson struct {
	Key        string       `json:"key"`
	Name       string       `json:"name"`
	Email      string       `json:"email"`
	Title      string       `json:"title"`
	Seniority  string       `json:"seniority"`
	Department string       `json:"department"`
	Stage      string       `json:"stage"`
	Engagement int          `json:"engagement_score"`
	Active     bool         `json:"active"`
	ActiveOn   *time.Time   `json:"active_on"` // the last UTC day of something that counts
	CreatedAt  time.Time    `json:"created_at"`
	Holder     *view.Holder `json:"holder"`
	By         string       `json:"by"` // why they count to the company
}

// account answers GET /api/accounts/{key}.
func (h *handler) account(ctx context.Context, r *web.Request) (accountAnswer, error) {
	c, err := h.company(ctx, r)
	if err != nil {
		return accountAnswer{}, err
	}
	if !c.visible(r.Who) {
		return accountAnswer{}, fault.New(fault.Denied, "no lead of the company is theirs to see")
	}
	out := accountAnswer{
		Key: string(c.Key), Name: c.Name, Domain: c.Domain, Handoffs: c.Handoffs, Owner: c.owner(), Stage: furthest(c.leads),
		Counts: []string{}, Subsidiary: []account.Kin{}, SameName: []account.Kin{}, People: []accountPerson{}, More: c.more,
		ActiveDays: c.policy.Accounts.Days(), Group: c.groups.Place(account.Facts{Domain: c.Key.Domain(), Normal: c.Key.Normal()}).Group,
	}
	for k := range c.by {
		out.Counts = append(out.Counts, howSaid(k))
	}
	slices.Sort(out.Counts)
	if p, ok := c.groups.Parent(c.Key); ok {
		out.Parent = &p
	}
	out.Subsidiary = append(out.Subsidiary, c.groups.Children(c.Key)...)
	out.SameName = append(out.SameName, c.like...)
	out.people(c, c.membersAt(r.Now), r)
	return out, nil
}

// people adds what the members make together, and those whom the reader may see.
func (a *accountAnswer) people(c *company, members []member, r *web.Request) {
	all := make([]account.Person, len(members))
	seen := map[signal.LeadKey]bool{}
	for i, m := range members {
		all[i] = m.person
		if inWork(m.Lead) {
			a.Open++
		}
		if !r.Who.Sees(m.Lead.Journey.Whose()) {
			a.Others++
			continue
		}
		seen[m.Lead.Key] = true
		a.People = append(a.People, personOf(m, c.by[lead.CompanySaid(c.policy, m.Lead).Key()]))
	}
	a.BuyingGroup = account.GroupOf(all)
	a.Engagement = accountEngagement{Parts: []account.Part{}, AsOf: r.Now}
	score, parts := account.Engagement(all, c.policy.Accounts.Sum())
	for _, p := range parts {
		if !seen[p.Lead] {
			p.Lead = "" // not theirs to see
		}
		a.Engagement.Parts = append(a.Engagement.Parts, p)
	}
	a.Engagement.Score = score
}

func personOf(m member, by string) accountPerson {
	p := m.Lead.Facts.Values()
	out := accountPerson{
		Key: string(m.Lead.Key), Name: find.Name(p), Email: p[signal.FieldEmail], Title: p[signal.FieldTitle],
		Seniority: m.person.Role.Seniority, Department: m.person.Role.Department, Stage: string(m.Lead.Journey.Stage),
		Engagement: m.person.Score, Active: m.person.Active, ActiveOn: view.OrNil(m.activeOn), CreatedAt: m.Lead.CreatedAt.UTC(), By: by,
	}
	if h := m.Lead.Journey.Holder(); h != nil {
		out.Holder = &view.Holder{Rep: h.Rep, Name: h.RepName}
	}
	return out
}

// owner is who has the company, with the name that the policy gives them.
func (c *company) owner() *accountOwner {
	o := c.Owner
	if o == nil {
		return nil
	}
	out := &accountOwner{Rep: o.Rep, Name: o.Rep, Pool: o.Pool, Since: o.Since.UTC()}
	if rep, ok := c.policy.Routing.Pools[o.Pool].Rep(o.Rep); ok {
		out.Name = rep.Name
	}
	return out
}
