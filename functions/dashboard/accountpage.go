package main

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/handoff-oss/handoff/shared/account"
	"github.com/handoff-oss/handoff/shared/page"
	"github.com/handoff-oss/handoff/shared/view"
	"github.com/handoff-oss/handoff/shared/web"
)

// accountsView is what the page /accounts shows.
type accountsView struct {
	accountsAnswer
	Now      time.Time
	Q, Owner string
	Reads    bool   // may look for any company
	Wrong    string // what is wrong with what was asked for
}

func (h *handler) accountsPage(ctx context.Context, r *web.Request) (web.Response, error) {
	list, err := h.accounts(ctx, r)
	v := accountsView{accountsAnswer: list, Now: r.Now, Q: r.Query.Get("q"), Owner: r.Query.Get("owner"), Reads: readsLeads(r.Who)}
	var wrong *web.Problem
	switch {
	case errors.As(err, &wrong) && wrong.Status == http.StatusBadRequest:
		v.Wrong = wrong.Detail
	case err != nil:
		return web.Response{}, err
	}
	return h.site.Show(r, "accounts.html", page.Doc{Title: "Accounts", Data: v})
}

// accountView is what the page of one company shows: the same as its JSON.
type accountView struct {
	accountAnswer
	Now         time.Time
	Departments []string // of the active people, "" last
	Shown       []accountPerson
}

// mostShown is how many people the page lists.
const mostShown = 100

func (h *handler) accountPage(ctx context.Context, r *web.Request) (web.Response, error) {
	a, err := h.account(ctx, r)
	if err != nil {
		return web.Response{}, err
	}
	if asked, _ := url.PathUnescape(r.Params["key"]); asked != a.Key {
		return web.See("/accounts/" + url.PathEscape(a.Key)), nil // the company goes by another key
	}
	v := accountView{accountAnswer: a, Now: r.Now, Shown: a.People[:min(len(a.People), mostShown)]}
	names := map[string]bool{}
	for _, l := range a.BuyingGroup.Levels {
		for d := range l.Departments {
			names[d] = true
		}
	}
	v.Departments = slices.SortedFunc(maps.Keys(names), func(a, b string) int {
		return cmp.Or(unknownLast(a, b), cmp.Compare(a, b))
	})
	return h.site.Show(r, "account.html", page.Doc{Title: v.Title(), Data: v})
}

func unknownLast(a, b string) int {
	switch {
	case (a == "") == (b == ""):
		return 0
	case a == "":
		return 1
	}
	return -1
}

// Title names the company.
func (a accountAnswer) Title() string { return cmp.Or(a.Name, a.Domain, a.Key) }

// Hidden is how many people the page leaves out for their number.
func (v accountView) Hidden() int { return len(v.People) - len(v.Shown) }

// Most is the number of the fullest level, which the bars are drawn by.
func (v accountView) Most() int {
	most := 1
	for _, l := range v.BuyingGroup.Levels {
		most = max(most, l.Active)
	}
	return most
}

// Tone is the color of the stage.
func (a accountAnswer) Tone() string { return view.StageTone(a.Stage) }

// Tone is the color of the person's stage.
func (p accountPerson) Tone() string { return view.StageTone(p.Stage) }

// Label names the person in a list.
func (p accountPerson) Label() string { return view.NameOf(p.Name, p.Email, "") }

// Tone is the color of the company's stage.
func (a listedAccount) Tone() string { return view.StageTone(a.Stage) }

// Who names the person of a part of the engagement, "" for what is nobody's
// whom the reader may see.
func (v accountView) Who(p account.Part) string {
	i := slices.IndexFunc(v.People, func(one accountPerson) bool { return p.Lead != "" && one.Key == string(p.Lead) })
	if i < 0 {
		return ""
	}
	return v.People[i].Label()
}
