package main

import (
	"context"
	"maps"
	"net/url"
	"slices"
	"time"

	"github.com/handoff-oss/handoff/shared/access"
	"github.com/handoff-oss/handoff/shared/find"
	"github.com/handoff-oss/handoff/shared/page"
	"github.com/handoff-oss/handoff/shared/web"
)

const (
	nextClocks   = 8  // how many deadlines the overview shows
	longestWaits = 10 // how many leads of each queue
)

// overview is what the page / shows: the leads that became known last.
type overview struct {
	Now    time.Time
	Leads  []listedLead
	Recent []listedLead
	Counts []stageCount
	Due    []listedLead // by deadline
	Older  bool         // there are more leads than these
	Queues []queue      // of the pools that leads wait for
}

// queue is the leads that wait for a pool.
type queue struct {
	Pool  string
	All   int
	Next  time.Time // when they are offered next
	Leads []waiting // the oldest ones
}

// waiting is a lead that nobody could receive yet.
type waiting struct {
	listedLead
	Since time.Time // from when the customer waits
}

// More is how many wait beside those that are shown.
func (q queue) More() int { return q.All - len(q.Leads) }

type stageCount struct {
	Stage string
	Count int
}

// homeOf is where the start of a person is, "" for the overview.
func homeOf(p access.Person) string {
	switch {
	case p.Is(access.Operator, access.Marketer):
		return ""
	case p.Is(access.Manager):
		return "/board"
	}
	return "/my"
}

func (h *handler) overviewPage(ctx context.Context, r *web.Request) (web.Response, error) {
	if home := homeOf(r.Who); home != "" {
		return web.See(home), nil
	}
	r.Query = url.Values{}
	found, err := h.list(ctx, r)
	if err != nil {
		return web.Response{}, err
	}
	v := overview{Now: r.Now, Leads: found.Leads, Older: found.Next != ""}
	for _, s := range find.Stages() {
		n := 0
		for _, l := range found.Leads {
			if l.Stage == string(s) {
				n++
			}
		}
		v.Counts = append(v.Counts, stageCount{string(s), n})
	}
	for _, l := range found.Leads {
		if l.NextDueAt != nil {
			v.Due = append(v.Due, l)
		}
	}
	slices.SortStableFunc(v.Due, func(a, b listedLead) int { return a.NextDueAt.Compare(*b.NextDueAt) })
	v.Due = v.Due[:min(len(v.Due), nextClocks)]
	v.Recent = slices.Clone(found.Leads)
	slices.SortStableFunc(v.Recent, func(a, b listedLead) int { return b.UpdatedAt.Compare(a.UpdatedAt) })
	v.Recent = v.Recent[:min(len(v.Recent), 10)]
	if v.Queues, err = h.queues(ctx, r); err != nil {
		return web.Response{}, err
	}
	return h.site.Show(r, "overview.html", page.Doc{Title: "Overview", Data: v})
}

// queues lists the leads that wait and that the person may see, by pool.
func (h *handler) queues(ctx context.Context, r *web.Request) ([]queue, error) {
	policy, err := h.policy.Current(ctx, r.Now)
	if err != nil {
		return nil, err
	}
	var all []queue
	for _, pool := range slices.Sorted(maps.Keys(policy.Routing.Pools)) {
		if !r.Who.Sees("", pool) {
			continue
		}
		w, err := h.decide.Waiting(ctx, pool, longestWaits, r.Now)
		if err != nil {
			return nil, err
		}
		if w.All == 0 {
			continue
		}
		q := queue{Pool: pool, All: w.All, Next: w.Next}
		for _, l := range w.Head {
			q.Leads = append(q.Leads, waiting{listed(l), l.Journey.Held.Waits.UTC()})
		}
		all = append(all, q)
	}
	return all, nil
}
