package main

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/signal"
	"github.com/handoff-oss/handoff/shared/table"
	"github.com/handoff-oss/handoff/shared/web"
)

// pageSize is how many leads a page has at most.
const pageSize = 50

// stages in the order of the journey, the side exits last.
func stages() []lead.Stage {
	return []lead.Stage{
		lead.Known, lead.Engaged, lead.Qualified, lead.HandedOff, lead.Accepted, lead.Contacted,
		lead.Meeting, lead.Opportunity, lead.Won, lead.Lost, lead.Recycled, lead.Disqualified,
	}
}

// list answers GET /api/leads?email=&stage=&cursor=.
func (h *handler) list(ctx context.Context, r *web.Request) (listAnswer, error) {
	stage := lead.Stage(r.Query.Get("stage"))
	if stage != "" && !slices.Contains(stages(), stage) {
		return listAnswer{}, web.Problemf(http.StatusBadRequest, "invalid_stage", "There is no such stage.")
	}
	found, err := h.find(ctx, r, stage)
	if err != nil {
		return listAnswer{}, err
	}
	out := listAnswer{Leads: []listedLead{}, Next: found.Next}
	for _, l := range found.Leads {
		if !r.Who.Sees(l.Journey.Whose()) {
			continue
		}
		out.Leads = append(out.Leads, listed(l))
	}
	return out, nil
}

func (h *handler) find(ctx context.Context, r *web.Request, stage lead.Stage) (table.LeadsPage, error) {
	if r.Query.Has("email") && r.Query.Get("email") != "" {
		return h.findByEmail(ctx, r.Query.Get("email"), stage)
	}
	return h.leads.Leads(ctx, table.LeadsQuery{Stage: stage, Cursor: r.Query.Get("cursor"), Limit: pageSize, Now: r.Now})
}

// findByEmail finds the one lead with that address, or none.
func (h *handler) findByEmail(ctx context.Context, email string, stage lead.Stage) (table.LeadsPage, error) {
	// A plus sign that was not escaped arrives as a space, which no address has.
	key, err := signal.KeyOfEmail(strings.ReplaceAll(strings.TrimSpace(email), " ", "+"))
	if err != nil {
		return table.LeadsPage{}, nil //nolint:nilerr // What is no address belongs to no lead.
	}
	l, err := h.leads.Lead(ctx, key)
	switch {
	case fault.KindOf(err) == fault.NotFound:
		return table.LeadsPage{}, nil
	case err != nil:
		return table.LeadsPage{}, err
	case stage != "" && l.Journey.Stage != stage:
		return table.LeadsPage{}, nil
	}
	return table.LeadsPage{Leads: []*lead.Lead{l}}, nil
}

// load reads the lead that a path names. Kinds: NotFound; Denied for one that
// is not the person's to see.
func (h *handler) load(ctx context.Context, r *web.Request) (*lead.Lead, error) {
	key := r.Params["key"]
	strange := func(c rune) bool { return (c < 'a' || c > 'z') && (c < '0' || c > '9') }
	if len(key) > 64 || strings.ContainsFunc(key, strange) {
		return nil, fault.New(fault.NotFound, "the path names no lead key")
	}
	l, err := h.leads.Lead(ctx, signal.LeadKey(key))
	if err == nil && !r.Who.Sees(l.Journey.Whose()) {
		return nil, fault.New(fault.Denied, "the lead is not theirs to see")
	}
	return l, err
}

func listed(l *lead.Lead) listedLead {
	p := l.Facts.Values()
	out := listedLead{
		Key: string(l.Key), Email: p[signal.FieldEmail], Name: nameOf(p), Company: p[signal.FieldCompany],
		Title: p[signal.FieldTitle], Stage: string(l.Journey.Stage), CreatedAt: l.CreatedAt.UTC(), UpdatedAt: l.UpdatedAt.UTC(),
	}
	if c, ok := nextClock(l.Journey.Clocks); ok {
		out.NextDueAt = &c.DueAt
	}
	if h := l.Journey.Holder(); h != nil {
		out.Holder = &holder{Rep: h.Rep, Name: h.RepName}
	}
	return out
}

// nextClock returns the running clock with the nearest deadline.
func nextClock(clocks []lead.Clock) (lead.Clock, bool) {
	var next lead.Clock
	for _, c := range clocks {
		if c.State == lead.Running && (next.DueAt.IsZero() || c.DueAt.Before(next.DueAt)) {
			next = c
		}
	}
	return next, !next.DueAt.IsZero()
}

// nameOf joins the parts of a name; it is "" when neither is known.
func nameOf(profile map[string]string) string {
	full := strings.TrimSpace(profile[signal.FieldFirstName] + " " + profile[signal.FieldLastName])
	return cmp.Or(full, profile["name"])
}

// orNil returns nil for a zero time, which JSON shows as null.
func orNil(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}
