package main

import (
	"context"
	"net/url"
	"slices"
	"time"

	"github.com/handoff-oss/handoff/shared/access"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/page"
	"github.com/handoff-oss/handoff/shared/view"
	"github.com/handoff-oss/handoff/shared/web"
)

// leadView is what the page of one lead shows: the same as its JSON.
type leadView struct {
	leadAnswer
	Now     time.Time
	Title   string
	Stands  string // why the lead stands where it stands, in a sentence
	Track   []milestone
	Details []detail
	Entries []entry
	Would   *view.Route // who would receive a lead that nobody holds; nil when that cannot be said
	Older   string      // address of the following page of the timeline
	Newest  string      // address of the first one, when this is another
	Acts    acts
	Written written
	// MayErase is true for those who may have the person erased.
	MayErase bool
	Alike    alike
}

// Customers are the clocks that the customer was promised.
func (v leadView) Customers() []view.Shown {
	return v.clocks(func(c view.Clock) bool { return c.Scope == string(lead.CustomerScope) })
}

// Holders are the clocks of the present holder.
func (v leadView) Holders() []view.Shown {
	return v.clocks(func(c view.Clock) bool { return c.Scope == string(lead.HolderScope) && v.now(c) })
}

// Earlier are the clocks of those who had the lead before.
func (v leadView) Earlier() []view.Shown {
	return v.clocks(func(c view.Clock) bool { return c.Scope == string(lead.HolderScope) && !v.now(c) })
}

func (v leadView) now(c view.Clock) bool { return v.Handoff != nil && c.Handoff == v.Handoff.Number }

func (v leadView) clocks(which func(view.Clock) bool) []view.Shown {
	var out []view.Shown
	for _, c := range v.Clocks {
		if which(c) {
			out = append(out, view.Shown{Clock: c, Now: v.Now})
		}
	}
	return out
}

// trackOf draws the way of a lead.
func trackOf(l leadAnswer) []milestone {
	track := onTrack(l.Stage, l.StageAt)
	at := slices.IndexFunc(track, func(s stageName) bool { return string(s) == l.Stage })
	out := make([]milestone, len(track))
	for i, s := range track {
		out[i] = milestone{Stage: string(s), At: l.StageAt[string(s)]}
		switch {
		case i < at:
			out[i].State = "done"
		case i == at:
			out[i].State = "here"
		default:
			out[i].At = time.Time{}
		}
	}
	return out
}

// milestone is one stage on the way of the lead.
type milestone struct {
	Stage string
	At    time.Time
	State string // done, here or ""
}

// detail is a field of the profile as it was sent, and what it means.
type detail struct {
	Name, Value string
	Means       []meaning
}

// meaning is a standard value of a field, "" when there is none.
type meaning struct{ Name, Value, How string }

func (h *handler) leadPage(ctx context.Context, r *web.Request) (web.Response, error) {
	stored, err := h.load(ctx, r)
	if err != nil {
		return web.Response{}, err
	}
	if r.Params["key"] != string(stored.Key) {
		return web.See("/leads/" + string(stored.Key)), nil // it has become part of this one
	}
	of, err := part(r, stored)
	if err != nil {
		return web.Response{}, err
	}
	l, would, err := h.about(ctx, r, stored)
	if err != nil {
		return web.Response{}, err
	}
	story, err := h.story(ctx, of, r.Query.Get("before"), storySize)
	if err != nil {
		return web.Response{}, err
	}
	v := leadView{leadAnswer: l, Now: r.Now, Title: titleOf(l), Entries: story.Entries, Would: would, Track: trackOf(l)}
	policy, err := h.policy.Current(ctx, r.Now)
	if err != nil {
		return web.Response{}, err
	}
	v.Stands = standing(stored, l.WhyNot, whyLeft(story.Entries, policy))
	v.Details, v.MayErase = detailsOf(l.Profile, l.Standard), access.RuleOf("POST /leads/{key}/erase").Allows(r.Who)
	older := url.Values{}
	if of != stored.Key {
		older.Set("of", string(of))
	}
	if len(older) > 0 || r.Query.Get("before") != "" {
		v.Newest = "/leads/" + l.Key
	}
	if story.Next != "" {
		older.Set("before", story.Next)
		v.Older = "/leads/" + l.Key + "?" + older.Encode()
	}
	if v.Acts, err = h.acts(ctx, r, stored, story.Entries); err != nil {
		return web.Response{}, err
	}
	if v.Alike, err = h.alike(ctx, r, stored); err != nil {
		return web.Response{}, err
	}
	if v.Written, err = h.written(ctx, stored, policy); err != nil {
		return web.Response{}, err
	}
	doc := page.Doc{Title: v.Title, Data: v}
	if len(v.Acts.Pending) > 0 {
		doc.Refresh = often
	}
	return h.site.Show(r, "lead.html", doc)
}
