package main

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/handoff-oss/handoff/shared/access"
	"github.com/handoff-oss/handoff/shared/contract"
	"github.com/handoff-oss/handoff/shared/decision"
	"github.com/handoff-oss/handoff/shared/duplicate"
	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/signal"
	"github.com/handoff-oss/handoff/shared/web"
)

// mostPairs is how many pairs one page has.
const mostPairs = 100

// duplicatesAnswer is GET /api/duplicates.
type duplicatesAnswer struct {
	Pairs []pairAnswer `json:"pairs"` // the likeliest first
	More  bool         `json:"more"`  // there are others
}

// pairAnswer is two leads that may be one person.
type pairAnswer struct {
	A     pairLead        `json:"a"`
	B     pairLead        `json:"b"`
	Score int             `json:"score"` // 0 to 100
	Parts []contract.Part `json:"parts"` // they add up to it
	Since time.Time       `json:"since"` // when it was suggested
}

// URL is the page on which the two are compared.
func (p pairAnswer) URL() string { return pairURL(duplicate.Of(p.A.key(), p.B.key())) }

func pairURL(n duplicate.Names) string { return "/duplicates/" + string(n.A) + "/" + string(n.B) }

// pairLead is a lead of a pair.
type pairLead struct {
	Key     string `json:"key"`
	Name    string `json:"name"`
	Company string `json:"company,omitempty"`
	Email   string `json:"email,omitempty"`
	Stage   string `json:"stage"`
	Holder  string `json:"holder,omitempty"` // the rep's name

	tone string
}

func (l pairLead) key() signal.LeadKey { return signal.LeadKey(l.Key) }

// Tone is the color of the lead's stage.
func (l pairLead) Tone() string { return l.tone }

func pairLeadOf(l *lead.Lead) pairLead {
	o := leadOf(l)
	return pairLead{
		Key: o.Key, Name: o.Name, Company: o.Company, Email: l.Facts.Profile[signal.FieldEmail].Value, Stage: o.Stage, Holder: o.Holder, tone: o.Tone,
	}
}

// sees tells whether both leads of a pair are the person's to see, and so to judge.
func sees(who access.Person, leads ...*lead.Lead) bool {
	return !slices.ContainsFunc(leads, func(l *lead.Lead) bool {
		rep, pool := l.Journey.Whose()
		return !who.Sees(rep, pool)
	})
}

func (h *handler) duplicates(ctx context.Context, r *web.Request) (duplicatesAnswer, error) {
	out := duplicatesAnswer{Pairs: []pairAnswer{}}
	mine := func(p decision.Pair) bool { return sees(r.Who, p.Leads[:]...) }
	pairs, more, err := h.decide.OpenDuplicates(ctx, mostPairs, mine, r.Now)
	if err != nil {
		return out, err
	}
	out.More = more
	for _, p := range pairs {
		out.Pairs = append(out.Pairs, pairAnswer{
			A: pairLeadOf(p.Leads[0]), B: pairLeadOf(p.Leads[1]), Score: p.Result.Score, Parts: p.Result.Parts, Since: p.Since.UTC(),
		})
	}
	return out, nil
}

// What somebody may say of two leads.
const (
	sayMerge   = "merge"
	sayDismiss = "dismiss"
)

// judging is what somebody wants to say of two leads, and what they saw of them.
type judging struct {
	decision.Pair
	who     access.Person
	now     time.Time
	say     string
	why     string
	version int64  // of the first lead, as it was shown
	seen    string // of both
}

// seenOf says what of two leads a merge depends on.
func seenOf(leads ...*lead.Lead) string {
	all := make([]string, len(leads))
	for i, l := range leads {
		s := sawOf(l)
		all[i] = strings.Join([]string{string(l.Key), string(s.Stage), strconv.Itoa(s.About), strconv.Itoa(s.After)}, ".")
	}
	return strings.Join(all, "/")
}

// pairOf reads the pair that the path names.
func (h *handler) pairOf(ctx context.Context, r *web.Request) (*judging, error) {
	a, ok := signal.ParseKey(r.Params["a"])
	b, also := signal.ParseKey(r.Params["b"])
	if !ok || !also {
		return nil, fault.New(fault.NotFound, "the path names no two leads")
	}
	p, err := h.decide.ComparePair(ctx, duplicate.Of(a, b), r.Now)
	if err != nil {
		return nil, err
	}
	if !sees(r.Who, p.Leads[:]...) {
		return nil, web.Problemf(http.StatusForbidden, "forbidden",
			"You may judge the leads that you may see, and one of these is in a pool that you don't manage. Ask an operator if it should be yours.")
	}
	return &judging{Pair: p, who: r.Who, now: r.Now, version: p.Leads[0].Version, seen: seenOf(p.Leads[:]...)}, nil
}

// order is the order to merge the two.
func (j *judging) order() decision.Order {
	return decision.Order{Type: signal.OrderMerge, With: j.Leads[1].Key, Reason: j.why, By: signed(j.who)}
}

func (j *judging) signal() (signal.Signal, error) {
	shown := *j.Leads[0]
	shown.Version = min(j.version, shown.Version) // the same form is the same order, whatever came in between
	return decision.OrderFor(&shown, j.order(), j.now)
}

// judge keeps what was said of a pair, and orders to merge it. order is the id
// of the order, "" for none. Kind: Invalid, with a sentence for the person.
func (h *handler) judge(ctx context.Context, j *judging) (order string, err error) {
	state := duplicate.Dismissed
	if j.say == sayMerge {
		state = duplicate.Merged
		s, err := j.signal()
		if err != nil {
			return "", err
		}
		if _, err := h.table.PutSignalFor(ctx, j.Leads[0].Key, s); err != nil {
			return "", err
		}
		order = s.ID
	}
	_, err = h.decide.JudgePair(ctx, j.Pair, state, signed(j.who), j.why, j.now)
	return order, err
}

// judgeBody is what POST /api/duplicates/{a}/{b} takes.
type judgeBody struct {
	Say    string `json:"say"`    // merge or dismiss
	Reason string `json:"reason"` // in the person's words
}

// judged is what it answers.
type judged struct {
	Order string `json:"order,omitempty"` // the id of the order to merge
	Lead  string `json:"lead"`            // that it was given about
}

func (h *handler) judgeJSON(ctx context.Context, r *web.Request) (judged, error) {
	var body judgeBody
	if err := json.Unmarshal(r.Body, &body); err != nil || (body.Say != sayMerge && body.Say != sayDismiss) {
		return judged{}, web.Problemf(http.StatusBadRequest, "invalid", `Send a JSON object such as {"say":"dismiss","reason":"…"}; say is merge or dismiss.`)
	}
	j, err := h.pairOf(ctx, r)
	if err != nil {
		return judged{}, oneAlready(err)
	}
	j.say, j.why = body.Say, body.Reason
	order, err := h.judge(ctx, j)
	if err != nil && fault.KindOf(err) == fault.Invalid {
		return judged{}, web.Problemf(http.StatusUnprocessableEntity, "invalid", sentence(err.Error()))
	}
	return judged{Order: order, Lead: string(j.Leads[0].Key)}, err
}

// oneAlready says it to the person when two leads are one by now.
func oneAlready(err error) error {
	if err != nil && fault.KindOf(err) == fault.Invalid {
		return web.Problemf(http.StatusConflict, "changed", "The two are one lead by now: there is nothing to judge any more.")
	}
	return err
}
