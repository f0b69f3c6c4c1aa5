package main

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/handoff-oss/handoff/shared/access"
	"github.com/handoff-oss/handoff/shared/page"
	"github.com/handoff-oss/handoff/shared/session"
	"github.com/handoff-oss/handoff/shared/web"
)

// signOut ends the session that the request came with.
func (h *handler) signOut(ctx context.Context, r *web.Request) (web.Response, error) {
	mine, err := session.ParseRef(r.Who.Session)
	if err != nil {
		return web.Response{}, web.Problemf(http.StatusBadRequest, "no_session", "You came with a token, which has no session to end.")
	}
	if err := h.table.EndSession(ctx, mine); err != nil {
		return web.Response{}, err
	}
	there := ""
	if d, err := h.desk(ctx, r.Now); err == nil {
		there = d.provider.SignOutURL(h.base(r) + "/login")
	}
	out, err := h.show(r, http.StatusOK, "signed_out.html", "You have signed out", there)
	out.Cookies = []string{h.jar.Clear(session.NameSession)}
	return out, err
}

// sessionsView is what the page /sessions shows.
type sessionsView struct {
	Now      time.Time
	Token    string
	Everyone bool // the sessions of everybody, and not the reader's own alone
	People   []signedIn
}

// signedIn is one person with their sessions.
type signedIn struct {
	Owner    session.Owner
	Name     string
	Email    string
	Me       bool
	Sessions []shownSession
}

// shownSession is one session.
type shownSession struct {
	Ref           string
	Created, Seen time.Time
	Ends          time.Time
	Here          bool // that the page is shown in
}

// ownerOf is whose sessions are the person's own. ok is false for a token
// without an address.
func ownerOf(who access.Person) (o session.Owner, ok bool) {
	if mine, err := session.ParseRef(who.Session); err == nil {
		return mine.Owner, true
	}
	return session.OwnerOfAddress(who.Email), who.Email != ""
}

func (h *handler) sessionsPage(ctx context.Context, r *web.Request) (web.Response, error) {
	p, err := h.policy.Current(ctx, r.Now)
	if err != nil {
		return web.Response{}, err
	}
	v := sessionsView{Now: r.Now, Token: r.Who.Token, Everyone: r.Who.Is(access.Operator)}
	own, ok := ownerOf(r.Who)
	var all []session.Session
	switch {
	case v.Everyone:
		all, err = h.table.AllSessions(ctx)
	case ok:
		all, err = h.table.Sessions(ctx, own)
	}
	if err != nil {
		return web.Response{}, err
	}
	v.People = peopleOf(all, access.LengthOf(p), r.Now, r.Who.Session, own)
	return h.site.Show(r, "sessions.html", page.Doc{Title: "Who is signed in", Data: v})
}

// peopleOf puts the sessions that last together by person: the reader first,
// the others by name; of each the latest used first.
func peopleOf(all []session.Session, l access.Length, now time.Time, here string, me session.Owner) []signedIn {
	byOwner := map[session.Owner]*signedIn{}
	for _, s := range all {
		if !s.Live(l, now) {
			continue
		}
		o := s.Ref.Owner
		if byOwner[o] == nil {
			byOwner[o] = &signedIn{Owner: o, Name: s.Identity.Called(), Email: s.Identity.Address(), Me: o == me}
		}
		byOwner[o].Sessions = append(byOwner[o].Sessions, shownSession{Ref: s.Ref.String(), Created: s.Created, Seen: s.Seen, Ends: s.Ends(l), Here: s.Ref.String() == here})
	}
	people := make([]signedIn, 0, len(byOwner))
	for _, p := range byOwner {
		slices.SortFunc(p.Sessions, func(a, b shownSession) int { return cmp.Or(b.Seen.Compare(a.Seen), cmp.Compare(a.Ref, b.Ref)) })
		people = append(people, *p)
	}
	first := func(p signedIn) int {
		if p.Me {
			return 0
		}
		return 1
	}
	slices.SortFunc(people, func(a, b signedIn) int {
		return cmp.Or(first(a)-first(b), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Owner, b.Owner))
	})
	return people
}

// endSessions ends one session, or all of a person: an operator anybody's,
// everybody else their own.
func (h *handler) endSessions(ctx context.Context, r *web.Request) (web.Response, error) {
	own, ok := ownerOf(r.Who)
	may := func(o session.Owner) bool { return r.Who.Is(access.Operator) || ok && o == own }
	denied := web.Problemf(http.StatusForbidden, "forbidden", "You may end your own sessions. Ask an operator to end those of somebody else.")
	if one := r.Form.Get("session"); one != "" {
		ref, err := session.ParseRef(one)
		if err != nil {
			return web.Response{}, err
		}
		if !may(ref.Owner) {
			return web.Response{}, denied
		}
		return web.See("/sessions"), h.table.EndSession(ctx, ref)
	}
	o := session.Owner(r.Form.Get("person"))
	if o == "" {
		return web.Response{}, web.Problemf(http.StatusBadRequest, "nothing_chosen", "Say which session, or whose sessions, are to end.")
	}
	if !may(o) {
		return web.Response{}, denied
	}
	_, err := h.table.EndSessions(ctx, o)
	return web.See("/sessions"), err
}
