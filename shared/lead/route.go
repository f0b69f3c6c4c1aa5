package lead

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/handoff-oss/handoff/shared/account"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/policy/rules"
	"github.com/handoff-oss/handoff/shared/routing"
	"github.com/handoff-oss/handoff/shared/scoring"
	"github.com/handoff-oss/handoff/shared/worktime"
)

// found is what came of looking for a holder.
type found struct {
	found   bool
	pool    string
	by      string
	choice  routing.Choice
	queue   string    // where the lead waits when nobody was found
	reopens time.Time // when nobody was found: the earliest time at which somebody may be
	shut    []string  // the pools of which nobody could have taken any lead
	nobody  bool      // there is nobody to wait for: whoever there is has rejected the lead
}

// byOwner names the step that looks for the owner of the lead's company.
const byOwner = "owner of the company"

// byParent names the step that looks for the owner of its parent.
const byParent = "owner of the parent company"

// target is one pool to try.
type target struct {
	by, pool, only string
	claim          string // of only; "" for the owner of the account
	anew           bool   // nobody who had the lead before
}

// find looks for somebody to receive a lead: the owner of its company, then
// the pools of the rules that fit, in order, then the fallback. With a pool
// named, that one alone. How it was looked for goes to the log.
func (d *draft) find(h *Handoff, pool string) found {
	if d.roster() == nil {
		return found{}
	}
	company, claim := d.company()
	env := d.env(h, company.Account)
	concerns, err := d.core.policy.Concerns(env)
	d.fail(err)
	d.route = nil
	targets := d.targets(h, env, company, claim, pool)
	out := found{queue: targets[len(targets)-1].pool, nobody: true}
	if i := slices.IndexFunc(targets, func(t target) bool { return t.only == "" }); i >= 0 {
		out.queue = targets[i].pool
	}
	for _, t := range targets {
		if d.try(t, h, concerns, &out) || d.needs.Any() {
			return out
		}
	}
	return out
}

// targets lists what is tried, in order; it is never empty.
func (d *draft) targets(h *Handoff, env rules.RouteEnv, company account.Found, claim bool, pool string) []target {
	if pool != "" {
		return []target{{by: "pool " + pool, pool: pool, anew: true}}
	}
	var all []target
	if o := company.Account.Owner; o != nil && slices.Contains(h.HadBy, o.Rep) {
		d.route = append(d.route, RouteStep{By: byOwner, Why: o.Rep + " had this lead before"})
	} else if o != nil && claim {
		if p, ok := d.core.poolOf(o.Rep, o.Pool); ok {
			all = append(all, target{by: "owner of " + cmp.Or(company.Account.Name, company.Account.Domain), pool: p, only: o.Rep})
		} else {
			d.route = append(d.route, RouteStep{By: byOwner, Why: o.Rep + " is no rep any more"})
		}
	} else if o != nil {
		d.route = append(d.route, RouteStep{By: byOwner, Why: company.Why})
	}
	if t, ok := d.parentsOwner(h, company); ok {
		all = append(all, t)
	}
	tried := map[string]bool{}
	hits, err := d.core.policy.RouteMatches(env)
	d.fail(err)
	for _, i := range hits {
		r := d.core.policy.Routing.Rules[i]
		if !tried[r.Pool] {
			tried[r.Pool] = true
			all = append(all, target{by: "rule " + r.Name, pool: r.Pool})
		}
	}
	if fallback := d.core.policy.Routing.Fallback; !tried[fallback] {
		all = append(all, target{by: "fallback", pool: fallback})
	}
	return all
}

// parentsOwner returns the owner of the company above the lead's, when they have
// a claim to the lead.
func (d *draft) parentsOwner(h *Handoff, company account.Found) (target, bool) {
	if company.Parent == nil {
		return target{}, false
	}
	o := company.Parent.Owner
	if slices.Contains(h.HadBy, o.Rep) {
		d.route = append(d.route, RouteStep{By: byParent, Why: o.Rep + " had this lead before"})
		return target{}, false
	}
	p, ok := d.core.poolOf(o.Rep, o.Pool)
	if !ok {
		d.route = append(d.route, RouteStep{By: byParent, Why: o.Rep + " is no rep any more"})
		return target{}, false
	}
	return target{by: "owner of the parent company " + cmp.Or(company.Parent.Name, company.Parent.Domain), pool: p, only: o.Rep}, true
}

// poolOf returns the pool in which a rep is, rather the one that is named. The
// roster has a say in it, so it must have been loaded.
func (c *Core) poolOf(rep, rather string) (string, bool) {
	pools := c.policy.Routing.Pools
	for _, name := range append([]string{rather}, sortedKeys(pools)...) {
		if _, has := pools[name].Rep(rep); has {
			return name, true
		}
	}
	return "", false
}

// try asks one pool. It returns whether somebody was found.
func (d *draft) try(t target, h *Handoff, concerns func(policy.Cap) bool, out *found) bool {
	state, ok := d.pool(t.pool)
	if !ok {
		return false
	}
	step := RouteStep{By: t.by, Pool: t.pool}
	if d.queues(state) && t.only == "" {
		step.Why = fmt.Sprintf("%d held leads are offered first", state.Held)
		if state.Held == 1 {
			step.Why = "a held lead is offered first"
		}
		out.nobody = false
		d.route = append(d.route, step)
		out.reopens = sooner(out.reopens, state.Reopens, d.now.Add(OfferAgain))
		return false
	}
	p := d.core.policy.Routing.Pools[t.pool]
	candidates := d.candidates(p, h, !t.anew)
	out.nobody = out.nobody && !slices.ContainsFunc(candidates, func(c routing.Candidate) bool {
		return !slices.Contains(h.GaveBack, c.ID) && !slices.Contains(h.TakenFrom, c.ID) && (c.Had == 0 || !t.anew)
	})
	choice, ok := routing.Choose(routing.Request{
		Policy: p, State: state, Candidates: candidates, Calendar: d.core.team(p),
		Now: d.now, Concerns: concerns, Only: t.only, Claim: t.claim,
	})
	step.Considered = choice.Considered
	d.route = append(d.route, step)
	if !ok {
		out.reopens = sooner(out.reopens, choice.Reopens)
		if t.only == "" && choice.Closed {
			out.shut = append(out.shut, t.pool)
		}
		return false
	}
	out.found, out.pool, out.by, out.choice = true, t.pool, t.by, choice
	return true
}

// queues tells whether a new lead has to wait behind those that are held: when
// capacity may have returned to them that they were not offered yet. Those that
// are held are offered oldest first over all queues, and wait behind none.
func (d *draft) queues(state routing.Pool) bool {
	if state.Held == 0 || d.world.Offer {
		return false
	}
	return !d.now.Before(state.Reopens) || state.Under != d.under()
}

// candidates are the reps of a pool with what the policy that holds says, and
// with whether they may have the lead again who had it before.
func (d *draft) candidates(p policy.Pool, h *Handoff, again bool) []routing.Candidate {
	holder := d.lead.Journey.Holder()
	all := make([]routing.Candidate, len(p.Reps))
	for i, r := range p.Reps {
		had := 0
		for _, id := range h.HadBy {
			if id == r.ID {
				had++
			}
		}
		barred := ""
		switch {
		case holder != nil && holder.Rep == r.ID:
			barred = "has this lead now"
		case slices.Contains(h.GaveBack, r.ID):
			barred = "rejected this lead"
		case slices.Contains(h.TakenFrom, r.ID):
			barred = "an order took this lead from them"
		case had > 0 && !again:
			barred = "had this lead before"
		}
		all[i] = d.core.candidate(p, r)
		all[i].Barred, all[i].Had = barred, had
	}
	return all
}

// away returns the leaves of a rep. One that cannot be read is left out: what
// is applied was checked.
func (c *Core) away(p policy.Pool, r policy.Rep) []routing.Away {
	zone := c.onDuty(p, r).Zone()
	if own := c.calendars[r.Calendar]; own != nil {
		zone = own.Zone()
	}
	var all []routing.Away
	for _, l := range r.Leave {
		span, err := worktime.Leave(l, zone)
		if err == nil {
			all = append(all, routing.Away{From: span.From, To: span.To, Reason: l.Reason})
		}
	}
	return all
}

// env is what expressions about where a lead goes see.
func (d *draft) env(h *Handoff, company account.Account) rules.RouteEnv {
	of := d.lead.Facts.Env(d.core.policy)
	env := rules.RouteEnv{
		Lead: of.Lead, Email: of.Email, Standard: of.Standard, Origin: of.Origin, Consent: of.Consent, Source: h.Source, Request: h.Request,
	}
	if r, err := scoring.Evaluate(d.core.policy, d.lead.Facts, d.now); err == nil {
		env.Fit, env.Engagement = rules.FitFields{Grade: string(r.Fit.Grade), Score: r.Fit.Score}, r.Engagement.Score
	}
	env.Account = rules.AccountFields{
		Known: company.Known(), Name: company.Name, Domain: company.Domain, Handoffs: int(company.Handoffs),
	}
	if company.Owner != nil {
		env.Account.Owner = company.Owner.Rep
	}
	return env
}

func (d *draft) companyFacts() account.Facts { return d.core.CompanyOf(d.lead) }

// CompanyOf is what a lead says about its company, as the policy counts companies.
func (c *Core) CompanyOf(l *Lead) account.Facts { return c.groups.Place(CompanySaid(c.policy, l)) }

// CompanySaid is what a lead says about its company by itself, whatever groups of
// companies the policy names; see account.Groups.Place.
func CompanySaid(p *rules.Compiled, l *Lead) account.Facts { return companySaid(p, l.Facts.Values()) }

func companySaid(p *rules.Compiled, profile map[string]string) account.Facts {
	domain := ""
	if of := p.LeadEnv(profile).Email; of.Business {
		domain = of.Domain
	}
	return account.FactsOf(domain, profile)
}

// company returns the known company that the lead belongs to, and whether its
// owner has a claim to the lead; the zero value for none, or when it must be
// loaded first.
func (d *draft) company() (found account.Found, claim bool) {
	p := d.core.policy.Routing.Account
	facts := d.companyFacts()
	if len(p.Match) == 0 || !facts.Known() {
		return account.Found{}, false
	}
	if !d.world.AccountsLoaded {
		d.needs.Accounts = &facts
		return account.Found{}, false
	}
	found, claim = account.Match(facts, d.world.Accounts, p, d.now)
	if d.account != nil && d.account.Key == found.Account.Key {
		found.Account = *d.account
	}
	return found, claim
}

// own makes the new holder the owner of the lead's company, unless they only
// stand in for one who is away or full just now.
func (d *draft) own(r found) {
	if company, claim := d.company(); company.Account.Key != "" {
		next := company.Account.Assigned(d.companyFacts(), r.choice.Rep.ID, r.pool, d.lead.Key, d.now)
		if claim && d.staysOwner(company.Account.Owner) {
			next = company.Account.Covered(d.companyFacts())
		}
		d.named = d.named || next.Normal != company.Account.Normal || next.Domain != company.Account.Domain
		d.setAccount(next)
	}
}

// staysOwner tells whether a company stays with its owner when a lead of it goes
// to somebody else: when they are a rep who is on, and had not this lead.
func (d *draft) staysOwner(o *account.Owner) bool {
	if o == nil || slices.Contains(d.lead.Journey.Handoff.HadBy, o.Rep) {
		return false
	}
	if d.roster() == nil {
		return false
	}
	pool, _ := d.core.poolOf(o.Rep, o.Pool)
	rep, ok := d.core.policy.Routing.Pools[pool].Rep(o.Rep)
	return ok && rep.Off == ""
}

// disown says that the holder has one lead less of the company.
func (d *draft) disown(h *Handoff) {
	company, _ := d.company()
	if next := company.Account.Released(h.Rep); next.Version != company.Account.Version {
		d.setAccount(next)
	}
}

// setAccount keeps the changed state of a company. Its version grows once a decision.
func (d *draft) setAccount(a account.Account) {
	a.Version = 1
	if i := slices.IndexFunc(d.world.Accounts, func(known account.Account) bool { return known.Key == a.Key }); i >= 0 {
		a.Version += d.world.Accounts[i].Version
	}
	d.account = &a
}

// Route says who would receive the lead now, and why, whatever its stage: if it
// was offered, given on or taken back, or, of one that is not with sales, handed
// off by a person's word. It decides nothing. While needs asks for anything the
// rest is not to be used.
func (c *Core) Route(w World, now time.Time) (steps []RouteStep, holder string, needs Needs) {
	d := c.begin(w, now)
	var h *Handoff
	j := d.lead.Journey
	switch {
	case j.Held != nil:
		h = j.Held.clone()
	case j.Handoff != nil && j.Reached() != Recycled && j.Reached() != Disqualified:
		h = j.Handoff.next()
	default:
		result, err := scoring.Evaluate(c.policy, d.lead.Facts, d.now)
		d.fail(err)
		h = d.wordOf(Order{}, result)
	}
	r := d.find(h, "")
	if r.found {
		holder = r.choice.Rep.ID
	}
	return d.route, holder, d.needs
}
