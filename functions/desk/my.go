package main

import (
	"cmp"
	"context"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/handoff-oss/handoff/shared/answer"
	"github.com/handoff-oss/handoff/shared/find"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/link"
	"github.com/handoff-oss/handoff/shared/page"
	"github.com/handoff-oss/handoff/shared/signal"
	"github.com/handoff-oss/handoff/shared/view"
	"github.com/handoff-oss/handoff/shared/web"
)

// atOnce is how many reads are under way in the same moment.
const atOnce = 8

// myAnswer is the answer of GET /api/my: the leads that the rep holds, in the
// order in which they ask for something.
type myAnswer struct {
	Rep     string    `json:"rep"`
	AsOf    time.Time `json:"as_of"`
	New     []myLead  `json:"new"`      // not answered yet
	DueNext []myLead  `json:"due_next"` // with a promise that runs, the next one first
	InWork  []myLead  `json:"in_work"`  // nothing is due
	Waiting []myLead  `json:"waiting"`  // snoozed, the one that goes on first comes first

	zone string
}

// All counts the leads.
func (a myAnswer) All() int { return len(a.New) + len(a.DueNext) + len(a.InWork) + len(a.Waiting) }

// myLead is one lead of the rep who holds it.
type myLead struct {
	Key     signal.LeadKey `json:"key"`
	Name    string         `json:"name"`
	Title   string         `json:"title"`
	Company string         `json:"company"`
	Stage   string         `json:"stage"`
	Why     string         `json:"why"` // in a sentence
	Handoff int            `json:"handoff"`
	Since   time.Time      `json:"since"`
	Due     *due           `json:"due"` // what is due next; null when nothing is
	Steps   []answer.Step  `json:"answers"`
}

// due is what a rep owes next.
type due struct {
	Kind      lead.ClockKind `json:"kind"`
	Promise   string         `json:"promise"`
	At        time.Time      `json:"at"`     // of a paused clock: when it goes on
	Paused    bool           `json:"paused"` //
	Breached  bool           `json:"breached"`
	Words     string         `json:"words"` // "by Mon 18 May, 10:30", by the rep's clock
	countdown countdown
}

// my answers GET /api/my. It reads the rep's entries of the owner index, their
// leads in one batch for every hundred, and for each the ids of the answers
// given so far; a rep's cap bounds all of it, however many leads there are.
func (h *handler) my(ctx context.Context, r *web.Request) (myAnswer, error) {
	out := myAnswer{Rep: r.Who.Rep, AsOf: r.Now.UTC(), New: []myLead{}, DueNext: []myLead{}, InWork: []myLead{}, Waiting: []myLead{}}
	if r.Who.Rep == "" {
		return out, notRep()
	}
	book, err := h.book(ctx, r.Now)
	if err != nil {
		return out, err
	}
	out.zone = answer.TermsOf(book, "", r.Who.Rep).Place()
	keys, err := h.table.HeldBy(ctx, r.Who.Rep)
	if err != nil {
		return out, err
	}
	leads, err := h.table.LeadsOf(ctx, keys)
	if err != nil {
		return out, err
	}
	leads = slices.DeleteFunc(leads, func(l *lead.Lead) bool {
		j := l.Journey.Holder()
		return j == nil || j.Rep != r.Who.Rep
	})
	results, err := h.results(ctx, leads, book)
	if err != nil {
		return out, err
	}
	for _, res := range results {
		out.add(res, r.Now)
	}
	out.sort()
	return out, nil
}

// results are what the holders of some leads can say now.
func (h *handler) results(ctx context.Context, leads []*lead.Lead, book *answer.Book) ([]answer.Result, error) {
	all := make([]answer.Result, len(leads))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(atOnce)
	for i, l := range leads {
		g.Go(func() error {
			all[i] = h.desk.Of(ctx, l, book)
			return all[i].Err
		})
	}
	return all, g.Wait()
}

// add puts a lead where it belongs. One that was given back is on its way to
// somebody else.
func (a *myAnswer) add(res answer.Result, now time.Time) {
	if res.Lead == nil || res.Rejected() {
		return
	}
	l := mine(res, now)
	switch {
	case !res.Accepted():
		a.New = append(a.New, l)
	case l.Due == nil:
		a.InWork = append(a.InWork, l)
	case l.Due.Paused:
		a.Waiting = append(a.Waiting, l)
	default:
		a.DueNext = append(a.DueNext, l)
	}
}

func (a *myAnswer) sort() {
	byDue := func(a, b myLead) int {
		if a.Due == nil || b.Due == nil {
			return cmp.Or(a.Since.Compare(b.Since), cmp.Compare(a.Key, b.Key))
		}
		return cmp.Or(a.Due.At.Compare(b.Due.At), cmp.Compare(a.Key, b.Key))
	}
	for _, list := range [][]myLead{a.New, a.DueNext, a.InWork, a.Waiting} {
		slices.SortFunc(list, byDue)
	}
}

func mine(res answer.Result, now time.Time) myLead {
	l, hand := res.Lead, res.Lead.Journey.Handoff
	p := l.Facts.Values()
	return myLead{
		Key: l.Key, Name: view.NameOf(find.Name(p), p[signal.FieldEmail], p[signal.FieldCompany]), Title: p[signal.FieldTitle], Company: p[signal.FieldCompany],
		Stage: string(l.Journey.Stage), Why: page.Short(200, page.Sentence(hand.Reason)), Handoff: hand.Number, Since: hand.Since.UTC(), Due: dueOf(res, now), Steps: res.PageSteps(),
	}
}

// dueOf finds what the rep owes next: what runs before what pauses.
func dueOf(res answer.Result, now time.Time) *due {
	all := answer.DeadlinesOf(res, now)
	if len(all) == 0 {
		return nil
	}
	first := slices.MinFunc(all, func(a, b answer.Deadline) int {
		switch {
		case a.Paused == b.Paused:
			return a.At.Compare(b.At)
		case a.Paused:
			return 1
		}
		return -1
	})
	return &due{
		Kind: first.Kind, Promise: first.Label, At: first.At.UTC(), Paused: first.Paused, Breached: !first.Paused && first.At.Before(now),
		Words: first.Words, countdown: countdownOf(res.Terms, first.Clock, now),
	}
}

// myView is what the page /my shows.
type myView struct {
	myAnswer
	Now    time.Time
	Token  string
	Notice *notice
}

// notice says what the form that led here has done.
type notice struct {
	Tone, Title, Detail string
	Next                *due // the next promise
	Lead                *answer.Lead
}

// Sections are the parts of the page that have leads.
func (v myView) Sections() []section {
	var out []section
	for _, s := range []section{
		{ID: "new", Title: "New", About: "Accept or reject them: until you do, somebody waits.", Leads: v.New},
		{ID: "due", Title: "Due next", About: "What you have promised, the next deadline first.", Leads: v.DueNext},
		{ID: "work", Title: "In work", About: "Nothing is due.", Leads: v.InWork},
		{ID: "waiting", Title: "Waiting", About: "Snoozed: their clocks stand still, and go on by themselves.", Leads: v.Waiting},
	} {
		s.Now, s.Token = v.Now, v.Token
		if len(s.Leads) > 0 {
			out = append(out, s)
		}
	}
	return out
}

// section is one part of the page.
type section struct {
	ID, Title, About string
	Leads            []myLead
	Now              time.Time
	Token            string
}

// Acts are the answers of a row: a form for the one where a click suffices,
// links for the others.
func (l myLead) Acts() []act {
	out := make([]act, len(l.Steps))
	for i, s := range l.Steps {
		out[i] = act{Step: s, Short: shortOf(s), Key: keyFor(s.Purpose)}
	}
	return out
}

// act is one answer of a row.
type act struct {
	answer.Step
	Short string
	Key   string // that opens it
}

// OneClick tells whether the answer needs nothing but a click.
func (a act) OneClick() bool { return a.Purpose == link.Accept }

func shortOf(s answer.Step) string {
	switch s.Purpose { //nolint:exhaustive // The others are short.
	case link.Contacted:
		return "Contacted"
	case link.Meeting:
		return "Meeting set"
	case link.Feedback:
		return "Feedback"
	}
	return s.Label
}

// keyFor is the key that opens an answer of the row.
func keyFor(p link.Purpose) string {
	switch p {
	case link.Accept:
		return "a"
	case link.Reject:
		return "r"
	case link.Contacted:
		return "c"
	case link.Meeting:
		return "m"
	case link.Snooze:
		return "s"
	case link.Comment:
		return "n"
	case link.Feedback:
		return "f"
	}
	return ""
}

func (h *handler) myPage(ctx context.Context, r *web.Request) (web.Response, error) {
	all, err := h.my(ctx, r)
	if err != nil {
		return web.Response{}, err
	}
	v := myView{myAnswer: all, Now: r.Now, Token: r.Who.Token, Notice: h.noticeOf(ctx, r)}
	return h.site.Show(r, "my.html", page.Doc{Title: "My leads", Data: v, Script: keys, Zone: all.zone})
}

// noticeOf says what the answer that the address names has done, as far as it
// was given: nobody can write a notice into an address.
func (h *handler) noticeOf(ctx context.Context, r *web.Request) *notice {
	q := r.Query
	c, err := claimed(signal.LeadKey(q.Get("lead")), r.Who.Rep, link.Purpose(q.Get("did")), q.Get(fieldHandoff), q.Get(fieldNth))
	if err != nil || !slices.Contains(purposes(), c.Purpose) {
		return nil
	}
	res := h.desk.Look(ctx, c, r.Now)
	s, err := h.table.Signal(ctx, c.Lead, answer.Source, answer.SignalID(c))
	if err != nil || res.State != answer.Done || s.Attributes[signal.AttrRep] != r.Who.Rep {
		return nil
	}
	res.State, res.Signal = answer.Recorded, &s
	n := &notice{}
	n.Title, n.Detail, n.Tone = answer.Words(res, r.Now)
	if res.Lead != nil {
		n.Lead = answer.ViewOf(res, nil, r.Now).Lead
		if c.Purpose != link.Reject {
			n.Next = dueOf(res, r.Now)
		}
	}
	return n
}
