package main

import (
	"context"
	"maps"
	"net/url"
	"slices"
	"time"

	"github.com/handoff-oss/handoff/shared/find"
	"github.com/handoff-oss/handoff/shared/page"
	"github.com/handoff-oss/handoff/shared/web"
)

// listView is what the pages /leads and /leads/nearly show.
type listView struct {
	Now         time.Time
	Token       string
	Leads       []listedLead
	Looked      *looked
	Filter      find.Filter
	Email       string // an address that was asked for exactly
	Views       []viewLink
	Stages      []string
	Sources     []string
	Forms       []string // suggestions, as the leads of the page have them
	Campaigns   []string
	From, To    string // days, as the form writes them
	Query       string // the filter, as a view keeps it
	First, Next string // addresses of the first and the following page
	File        string // address of the list as CSV
}

// Narrow tells whether the list is not simply of all leads.
func (v listView) Narrow() bool { return v.Query != "" || v.Email != "" }

// Exact tells whether one lead was asked for, by its address or its key.
func (v listView) Exact() bool {
	_, ok := v.Filter.Exactly()
	return ok || v.Email != ""
}

// More tells whether a filter is set that the form hides at first.
func (v listView) More() bool {
	f := v.Filter
	return f.Form != "" || f.Campaign != "" || f.Fit != "" || f.Interest > 0 || f.Holder != "" || v.From != "" || v.To != ""
}

// OneFilter tells whether the list is narrowed by one thing alone.
func (v listView) OneFilter() bool { return len(v.Filter.Query()) == 1 }

// Presets are the spans of days that the form offers, by their length.
func (v listView) Presets() map[int]string {
	all := map[int]string{0: "Any day", 1: "Today", 7: "In the last 7 days", 30: "In the last 30 days", 90: "In the last 90 days"}
	if n := v.Filter.Days; all[n] == "" {
		all[n] = "In the last " + page.Plural(n, "day")
	}
	return all
}

// Grades are the least grades that the form offers.
func (v listView) Grades() map[string]string {
	return map[string]string{"A": "A", "B": "B or better", "C": "C or better"}
}

// Full tells whether the page has as many leads as a page may.
func (v listView) Full() bool { return len(v.Leads) == pageSize }

// Title names the list.
func (v listView) Title() string {
	switch v.Filter.List {
	case find.Waiting:
		return "Leads that wait for somebody"
	case find.Incomplete:
		return "Leads that wait for data"
	case find.Again:
		return "Recycled leads that are due again"
	case find.Nearly:
		return "Nearly qualified"
	case find.All:
	}
	return "Leads"
}

// LookedThrough says how far a list by days has come.
func (v listView) LookedThrough() string {
	if v.Looked == nil {
		return ""
	}
	days := "on " + daySaid(v.Looked.From)
	if v.Looked.From != v.Looked.To {
		days = "from " + daySaid(v.Looked.From) + " to " + daySaid(v.Looked.To)
	}
	matched := page.Plural(v.Looked.Matched, "lead") + " match"
	if v.Looked.Matched == 1 {
		matched += "es"
	}
	if v.Next != "" {
		matched += " so far"
	}
	return "Looked through the leads that became known " + days + ": " + matched + "."
}

func daySaid(s string) string {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return s
	}
	return t.Format(day)
}

func (h *handler) leadsPage(ctx context.Context, r *web.Request) (web.Response, error) {
	if r.Query.Get("list") == string(find.Nearly) {
		q := maps.Clone(r.Query)
		q.Del("list")
		return web.See(address("/leads/nearly", q)), nil
	}
	v, err := h.listView(ctx, r)
	if err != nil {
		return web.Response{}, err
	}
	return h.site.Show(r, "leads.html", page.Doc{Title: v.Title(), Data: v})
}

func (h *handler) nearlyPage(ctx context.Context, r *web.Request) (web.Response, error) {
	r.Query.Set("list", string(find.Nearly))
	v, err := h.listView(ctx, r)
	if err != nil {
		return web.Response{}, err
	}
	return h.site.Show(r, "nearly.html", page.Doc{Title: v.Title(), Data: v})
}

func (h *handler) listView(ctx context.Context, r *web.Request) (listView, error) {
	f, err := filterOf(r)
	if err != nil {
		return listView{}, err
	}
	list, err := h.list(ctx, r)
	if err != nil {
		return listView{}, err
	}
	policy, err := h.policy.Current(ctx, r.Now)
	if err != nil {
		return listView{}, err
	}
	saved, err := h.leads.Views(ctx, r.Who.Subject)
	if err != nil {
		return listView{}, err
	}
	q := f.Query()
	file := maps.Clone(q)
	file.Set("bom", "1")
	v := listView{
		Now: r.Now, Token: r.Who.Token, Leads: list.Leads, Looked: list.Looked, Filter: f, Email: r.Query.Get("email"),
		Query: q.Encode(), Sources: slices.Sorted(maps.Keys(policy.Sources)), From: q.Get("from"), To: q.Get("to"),
		Views: viewLinks(saved, q.Encode()), File: address("/leads.csv", file),
	}
	for _, s := range find.Stages() {
		v.Stages = append(v.Stages, string(s))
	}
	v.Forms = distinct(list.Leads, func(l listedLead) string { return l.Form })
	v.Campaigns = distinct(list.Leads, func(l listedLead) string { return l.Campaign })
	if r.Query.Get("cursor") != "" {
		v.First = listAddress(q)
	}
	if list.Next != "" {
		q.Set("cursor", list.Next)
		v.Next = listAddress(q)
	}
	return v, nil
}

// distinct lists the values that the leads have, each once.
func distinct(leads []listedLead, of func(listedLead) string) []string {
	all := map[string]bool{}
	for _, l := range leads {
		if v := of(l); v != "" {
			all[v] = true
		}
	}
	return slices.Sorted(maps.Keys(all))
}

// listAddress is the page of a list.
func listAddress(q url.Values) string {
	if q.Get("list") != string(find.Nearly) {
		return address("/leads", q)
	}
	q = maps.Clone(q)
	q.Del("list")
	return address("/leads/nearly", q)
}

func address(path string, q url.Values) string {
	if len(q) == 0 {
		return path
	}
	return path + "?" + q.Encode()
}
