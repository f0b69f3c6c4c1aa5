package main

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/handoff-oss/handoff/shared/page"
)

// nextClocks is how many deadlines the overview shows.
const nextClocks = 8

// show renders a page for whoever is signed in.
func (h *handler) show(r request, name string, d page.Doc, here string) (response, error) {
	d.Now, d.Account, d.Live = r.now, r.account, true
	d.Nav = []page.Link{{Label: "Home", URL: "/"}, {Label: "Leads", URL: "/leads"}, {Label: "Sources", URL: "/sources"}}
	for i := range d.Nav {
		d.Nav[i].Here = d.Nav[i].URL == here
	}
	p, err := h.pages.Render(name, d)
	if err != nil {
		return response{}, err
	}
	return response{StatusCode: http.StatusOK, Headers: p.Headers, Body: p.HTML}, nil
}

// overview is what the page / shows: the leads that became known last.
type overview struct {
	Now    time.Time
	Leads  []listedLead
	Recent []listedLead
	Counts []stageCount
	Due    []listedLead // by deadline
	Older  bool         // there are more leads than these
}

type stageCount struct {
	Stage string
	Count int
}

func (h *handler) overviewPage(ctx context.Context, r request) (response, error) {
	r.query = url.Values{}
	found, err := h.list(ctx, r)
	if err != nil {
		return response{}, err
	}
	v := overview{Now: r.now, Leads: found.Leads, Older: found.Next != ""}
	for _, s := range stages() {
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
	return h.show(r, "overview.html", page.Doc{Title: "Overview", Data: v}, "/")
}

// leadsView is what the page /leads shows.
type leadsView struct {
	Now          time.Time
	Leads        []listedLead
	Stages       []string
	Email, Stage string
	First, Next  string // addresses of the first and the following page
}

func (h *handler) leadsPage(ctx context.Context, r request) (response, error) {
	found, err := h.list(ctx, r)
	if err != nil {
		return response{}, err
	}
	v := leadsView{Now: r.now, Leads: found.Leads, Email: r.query.Get("email"), Stage: r.query.Get("stage")}
	for _, s := range stages() {
		v.Stages = append(v.Stages, string(s))
	}
	if r.query.Get("cursor") != "" {
		v.First = "/leads?" + url.Values{"stage": {v.Stage}}.Encode()
	}
	if found.Next != "" {
		v.Next = "/leads?" + url.Values{"stage": {v.Stage}, "cursor": {found.Next}}.Encode()
	}
	return h.show(r, "leads.html", page.Doc{Title: "Leads", Data: v}, "/leads")
}

// leadView is what the page of one lead shows: the same as its JSON.
type leadView struct {
	leadAnswer
	Now     time.Time
	Title   string
	Track   []milestone
	Details []detail
	Entries []entry
	Older   string // address of the following page of the timeline
	Newest  string // address of the first one, when this is another
}

// milestone is one stage on the way of the lead.
type milestone struct {
	Stage string
	At    time.Time
	State string // done, here or ""
}

type detail struct{ Name, Value string }

func (h *handler) leadPage(ctx context.Context, r request, key string) (response, error) {
	l, err := h.lead(ctx, r, key)
	if err != nil {
		return response{}, err
	}
	story, err := h.timeline(ctx, key, r.query.Get("before"), storySize)
	if err != nil {
		return response{}, err
	}
	v := leadView{leadAnswer: l, Now: r.now, Title: titleOf(l), Entries: story.Entries}
	track := onTrack(l.Stage)
	at := slices.IndexFunc(track, func(s stageName) bool { return string(s) == l.Stage })
	for i, s := range track {
		m := milestone{Stage: string(s), At: l.StageAt[string(s)]}
		switch {
		case i < at:
			m.State = "done"
		case i == at:
			m.State = "here"
		default:
			m.At = time.Time{}
		}
		v.Track = append(v.Track, m)
	}
	v.Details = detailsOf(l.Profile)
	if r.query.Get("before") != "" {
		v.Newest = "/leads/" + l.Key
	}
	if story.Next != "" {
		v.Older = "/leads/" + l.Key + "?" + url.Values{"before": {story.Next}}.Encode()
	}
	return h.show(r, "lead.html", page.Doc{Title: v.Title, Data: v}, "/leads")
}
