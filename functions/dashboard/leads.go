package main

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/handoff-oss/handoff/shared/access"
	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/find"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/policy/rules"
	"github.com/handoff-oss/handoff/shared/scoring"
	"github.com/handoff-oss/handoff/shared/signal"
	"github.com/handoff-oss/handoff/shared/table"
	"github.com/handoff-oss/handoff/shared/view"
	"github.com/handoff-oss/handoff/shared/web"
)

// pageSize is how many leads a page has at most.
const pageSize = 50

// list answers GET /api/leads with the filters of package find, and email=,
// which finds one lead exactly.
func (h *handler) list(ctx context.Context, r *web.Request) (listAnswer, error) {
	found, err := h.search(ctx, r, pageSize)
	if err != nil {
		return listAnswer{}, err
	}
	out := listAnswer{Leads: []listedLead{}, Next: found.Next}
	if !found.To.IsZero() {
		out.Looked = &looked{From: found.From.Format(time.DateOnly), To: found.To.Format(time.DateOnly), Matched: found.Matched}
	}
	for _, row := range found.rows {
		l := listedRow(row)
		if found.filter.List == find.Nearly {
			l.Lacks = lacking(found.policy, row, r.Now)
		}
		out.Leads = append(out.Leads, l)
	}
	return out, nil
}

// found is a page of rows, and how it was found.
type found struct {
	table.LeadsPage
	filter find.Filter
	policy *rules.Compiled
	rows   []find.Row
}

// search reads the page of leads that the query asks for, of so many at most:
// those that the person may see, and that match.
func (h *handler) search(ctx context.Context, r *web.Request, limit int) (found, error) {
	f, err := filterOf(r)
	if err != nil {
		return found{}, err
	}
	policy, err := h.policy.Current(ctx, r.Now)
	if err != nil {
		return found{}, err
	}
	s := &seeker{handler: h, filter: f, who: r.Who, now: r.Now, policy: policy}
	out := found{filter: f, policy: policy}
	if k, exact, none := exactly(r, f); exact {
		if !none {
			err = s.one(ctx, k)
		}
	} else {
		out.LeadsPage, err = s.page(ctx, r.Query.Get("cursor"), limit)
	}
	out.rows = s.rows
	return out, err
}

// filterOf reads the filter; what is wrong with it becomes a problem that says so.
func filterOf(r *web.Request) (find.Filter, error) {
	f, err := find.Parse(r.Query)
	return f, mistaken(err)
}

// exactly returns the key of the one lead that the query names. What is given
// as an address and is none belongs to no lead.
func exactly(r *web.Request, f find.Filter) (k signal.LeadKey, exact, none bool) {
	// A plus sign that was not escaped arrives as a space, which no address has.
	if email := strings.ReplaceAll(strings.TrimSpace(r.Query.Get("email")), " ", "+"); email != "" {
		k, err := signal.KeyOfEmail(email)
		return k, true, err != nil
	}
	k, exact = f.Exactly()
	return k, exact, false
}

// seeker looks for leads on behalf of a person.
type seeker struct {
	*handler
	filter find.Filter
	who    access.Person
	now    time.Time
	policy *rules.Compiled
	rows   []find.Row // that it has found
}

// match takes a lead in when the person may see it and it matches.
func (s *seeker) match(l *lead.Lead) bool {
	if !s.who.Sees(l.Journey.Whose()) || !s.filter.Scores() && s.filter.List != find.Nearly && !s.filter.Match(l, s.now) {
		return false
	}
	row := find.RowOf(s.policy, l, s.now)
	if !s.filter.MatchRow(row, s.now) {
		return false
	}
	s.rows = append(s.rows, row)
	return true
}

// one reads the lead that somebody named; none is no failure.
func (s *seeker) one(ctx context.Context, k signal.LeadKey) error {
	s.filter.Text = ""
	l, err := s.leads.Lead(ctx, k)
	if fault.KindOf(err) == fault.NotFound {
		return nil
	}
	if err == nil {
		s.match(l)
	}
	return err
}

// page reads the leads behind a cursor. The nearly qualified ones are sorted
// by what they lack, as many as are read at once; the place among them stands
// before the cursor.
func (s *seeker) page(ctx context.Context, cursor string, limit int) (table.LeadsPage, error) {
	if s.filter.List != find.Nearly {
		return s.read(ctx, cursor, limit)
	}
	skip, window, _ := strings.Cut(cursor, "~")
	n, err := strconv.Atoi(skip)
	if cursor != "" && (err != nil || n < 0 || n > table.MostLeads) {
		return table.LeadsPage{}, fault.New(fault.Invalid, "the cursor is not one of this list")
	}
	page, err := s.read(ctx, window, table.MostLeads)
	if err != nil {
		return page, err
	}
	find.ByLack(s.rows)
	rest := s.rows[min(n, len(s.rows)):]
	s.rows = rest[:min(limit, len(rest))]
	switch {
	case len(rest) > limit:
		page.Next = strconv.Itoa(n+limit) + "~" + window
	case page.Next != "":
		page.Next = "0~" + page.Next
	}
	return page, nil
}

func (s *seeker) read(ctx context.Context, cursor string, limit int) (table.LeadsPage, error) {
	q := table.LeadsQuery{Filter: s.filter, Pools: poolsOf(s.who), Match: s.match, Cursor: cursor, Limit: limit, Now: s.now}
	for pool := range s.policy.Routing.Pools {
		if s.who.Sees("", pool) {
			q.Queues = append(q.Queues, pool)
		}
	}
	return s.leads.Leads(ctx, q)
}

// poolsOf returns the pools whose leads alone the person sees, besides those
// in none; nil when that is no bound.
func poolsOf(p access.Person) []string {
	if p.Is(access.Operator, access.Marketer, access.Rep) {
		return nil
	}
	return append([]string{}, p.Pools...)
}

// load reads the lead that a path names. Kinds: NotFound; Denied for one that
// is not the person's to see.
func (h *handler) load(ctx context.Context, r *web.Request) (*lead.Lead, error) {
	k, ok := signal.ParseKey(r.Params["key"])
	if !ok {
		return nil, fault.New(fault.NotFound, "the path names no lead key")
	}
	l, err := h.leads.Lead(ctx, k)
	if err == nil && !r.Who.Sees(l.Journey.Whose()) {
		return nil, fault.New(fault.Denied, "the lead is not theirs to see")
	}
	return l, err
}

func listed(l *lead.Lead) listedLead {
	p, origin := l.Facts.Values(), l.Facts.Origin
	out := listedLead{
		Key: string(l.Key), Email: p[signal.FieldEmail], Name: find.Name(p), Company: p[signal.FieldCompany],
		Title: p[signal.FieldTitle], Stage: string(l.Journey.Stage), CreatedAt: l.CreatedAt.UTC(), UpdatedAt: l.UpdatedAt.UTC(),
		Source: origin.Source(), Form: origin.Form.Value, Campaign: origin.Campaign.Value, Channel: origin.Channel.Value,
		NextDueAt: view.OrNil(find.NextDeadline(l.Journey.Clocks)),
	}
	if h := l.Journey.Holder(); h != nil {
		out.Holder = &view.Holder{Rep: h.Rep, Name: h.RepName}
	}
	if i := l.Journey.Incomplete; i != nil {
		out.Incomplete = view.Words(i.Missing)
	}
	return out
}

// listedRow is a listed lead with its scores.
func listedRow(r find.Row) listedLead {
	out := listed(r.Lead)
	out.Fit, out.Engagement = &r.Result.Fit.Grade, &r.Result.Engagement.Score
	return out
}

// lacking says what a lead lacks, in numbers and in words.
func lacking(policy *rules.Compiled, r find.Row, now time.Time) *lacks {
	out := &lacks{
		Points: r.Lack.Points, Grade: r.Lack.Grade, Fields: orEmpty(r.Lack.Fields), Exclusions: orEmpty(r.Lack.Exclusions),
		Blockers: qualificationOf(r.Result.Qualification).Blockers, OneMore: []string{},
	}
	if r.Result.Qualification.Qualified {
		out.Blockers = []blocker{oldNews(policy)}
		return out
	}
	out.OneMore = orEmpty(scoring.OneMore(policy, r.Lead.Facts, now))
	return out
}

// ByFit tells whether the shortest way to qualifying is by a better grade.
func (l listedLead) ByFit() bool {
	return l.Lacks != nil && l.Lacks.Grade != "" && l.Fit != nil && *l.Fit != l.Lacks.Grade
}
