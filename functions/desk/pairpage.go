package main

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/handoff-oss/handoff/shared/contract"
	"github.com/handoff-oss/handoff/shared/duplicate"
	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/page"
	"github.com/handoff-oss/handoff/shared/policy/rules"
	"github.com/handoff-oss/handoff/shared/scoring"
	"github.com/handoff-oss/handoff/shared/signal"
	"github.com/handoff-oss/handoff/shared/view"
	"github.com/handoff-oss/handoff/shared/web"
)

// duplicatesView is what the page /duplicates shows.
type duplicatesView struct {
	duplicatesAnswer
	Now       time.Time
	Dismissed bool // somebody has just said that two are two people
}

func (h *handler) duplicatesPage(ctx context.Context, r *web.Request) (web.Response, error) {
	all, err := h.duplicates(ctx, r)
	if err != nil {
		return web.Response{}, err
	}
	return h.site.Show(r, "duplicates.html", page.Doc{Title: "Duplicates", Data: duplicatesView{all, r.Now, r.Query.Get("done") == sayDismiss}})
}

// pairView is what the page of two leads shows.
type pairView struct {
	A, B    pairLead
	Score   int
	Parts   []contract.Part
	Rows    []pairField
	Will    []string // what a merge would do, in sentences
	Refused string   // why they cannot be merged
	Kept    duplicate.Pair
	Token   string
	Version int64
	Seen    string
	Why     string
	Problem string
	Changed bool // since the page was shown that was sent
}

// Dismissed tells whether somebody said that they are two people.
func (v pairView) Dismissed() bool { return v.Kept.State == duplicate.Dismissed }

// URL is the page itself.
func (v pairView) URL() string { return pairURL(v.Kept.Names) }

// pairField is one thing that is known of two leads.
type pairField struct {
	Name string
	A, B pairCell
}

// pairCell is what is known of one of them.
type pairCell struct {
	Value string
	From  string    // the source that said so; "" for what is no field of the profile
	At    time.Time // when
}

// Differ tells whether the two say different things.
func (f pairField) Differ() bool { return f.A.Value != "" && f.B.Value != "" && f.A.Value != f.B.Value }

func (h *handler) pairPage(ctx context.Context, r *web.Request) (web.Response, error) {
	j, err := h.pairOf(ctx, r)
	if err != nil {
		return web.Response{}, oneAlready(err)
	}
	return h.showPair(ctx, r, j, pairView{}, http.StatusOK)
}

func (h *handler) pairForm(ctx context.Context, r *web.Request) (web.Response, error) {
	j, err := h.pairOf(ctx, r)
	if err != nil && fault.KindOf(err) == fault.Invalid {
		return web.See("/leads/" + r.Params["a"]), nil // the same form was sent before
	}
	if err != nil {
		return web.Response{}, err
	}
	version, err := strconv.ParseInt(r.Form.Get("version"), 10, 64)
	say := r.Form.Get("say")
	if err != nil || (say != sayMerge && say != sayDismiss) {
		return web.Response{}, web.Problemf(http.StatusBadRequest, "invalid", "The form is incomplete. Load the page again, and send it once more.")
	}
	j.why = r.Form.Get("reason")
	if say == sayMerge && r.Form.Get("seen") != j.seen {
		return h.showPair(ctx, r, j, pairView{Changed: true}, http.StatusConflict)
	}
	j.say, j.version = say, version
	order, err := h.judge(ctx, j)
	switch {
	case err != nil && fault.KindOf(err) == fault.Invalid:
		return h.showPair(ctx, r, j, pairView{Problem: sentence(err.Error())}, http.StatusUnprocessableEntity)
	case err != nil:
		return web.Response{}, err
	case say == sayDismiss:
		return web.See("/duplicates?done=" + sayDismiss), nil
	}
	return web.See("/leads/" + string(j.Leads[0].Key) + "?" + url.Values{"ordered": {order}}.Encode()), nil
}

func (h *handler) showPair(ctx context.Context, r *web.Request, j *judging, v pairView, status int) (web.Response, error) {
	c, err := h.policy.Current(ctx, r.Now)
	if err != nil {
		return web.Response{}, err
	}
	a, b := j.Leads[0], j.Leads[1]
	v.A, v.B, v.Score, v.Parts, v.Kept = pairLeadOf(a), pairLeadOf(b), j.Result.Score, j.Result.Parts, j.Pair.Pair
	v.Token, v.Version, v.Seen, v.Why = r.Who.Token, a.Version, j.seen, j.why
	v.Rows = rowsOf(c, a, b, r.Now)
	try := *j
	try.why, try.version = "…", a.Version
	s, err := try.signal()
	if err != nil {
		return web.Response{}, err
	}
	would, err := h.decide.ForeseeJoin(ctx, a, s, r.Now)
	switch {
	case err != nil && fault.KindOf(err) == fault.Invalid:
		v.Refused = sentence(err.Error())
	case err != nil:
		return web.Response{}, err
	default:
		v.Will = view.WillMerge(would, a, b)
	}
	out, err := h.site.Show(r, "pair.html", page.Doc{Title: "One person?", Data: v})
	if err == nil {
		out.StatusCode = status
	}
	return out, err
}

// rowsOf sets side by side what is known of two leads.
func rowsOf(c *rules.Compiled, a, b *lead.Lead, now time.Time) []pairField {
	var rows []pairField
	for _, name := range fieldsOf(a, b) {
		rows = append(rows, pairField{page.Title(name), cellOf(a, name), cellOf(b, name)})
	}
	add := func(name string, of func(*lead.Lead) string) {
		rows = append(rows, pairField{name, pairCell{Value: of(a)}, pairCell{Value: of(b)}})
	}
	add("Stage", func(l *lead.Lead) string { return page.Title(string(l.Journey.Stage)) })
	add("With", func(l *lead.Lead) string { return leadOf(l).Holder })
	add("Engagement", func(l *lead.Lead) string {
		result, err := scoring.Evaluate(c, l.Facts, now)
		if err != nil {
			return "" // the lead's own page says what is wrong with the policy
		}
		return strconv.Itoa(result.Engagement.Score) + " of 100"
	})
	add("Signals", func(l *lead.Lead) string { return strconv.Itoa(l.Facts.Signals) })
	add("Known by", func(l *lead.Lead) string { return view.KnownBy(l) })
	add("First heard of", func(l *lead.Lead) string { return l.CreatedAt.UTC().Format("2 Jan 2006") })
	return rows
}

// fieldsOf are the fields of two profiles, those first that tell people apart.
func fieldsOf(a, b *lead.Lead) []string {
	names := []string{
		signal.FieldFirstName, signal.FieldLastName, signal.FieldEmail, signal.FieldPhone, signal.FieldCompany, signal.FieldTitle, signal.FieldCountry,
	}
	var more []string
	for _, l := range []*lead.Lead{a, b} {
		for name := range l.Facts.Profile {
			if !slices.Contains(names, name) && !slices.Contains(more, name) {
				more = append(more, name)
			}
		}
	}
	slices.Sort(more)
	return slices.DeleteFunc(append(names, more...), func(name string) bool {
		return a.Facts.Profile[name].Value == "" && b.Facts.Profile[name].Value == ""
	})
}

func cellOf(l *lead.Lead, name string) pairCell {
	f := l.Facts.Profile[name]
	if f.Value == "" {
		return pairCell{}
	}
	return pairCell{Value: f.Value, From: f.Source(), At: f.At}
}
