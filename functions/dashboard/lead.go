package main

import (
	"cmp"
	"context"
	"encoding/json"
	"log/slog"
	"slices"
	"time"

	"github.com/handoff-oss/handoff/shared/account"
	"github.com/handoff-oss/handoff/shared/contract"
	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/find"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/policy/rules"
	"github.com/handoff-oss/handoff/shared/scoring"
	"github.com/handoff-oss/handoff/shared/signal"
	"github.com/handoff-oss/handoff/shared/view"
	"github.com/handoff-oss/handoff/shared/web"
)

// How many decisions a page of the timeline has at most, as JSON and on the
// page of a lead.
const (
	timelineSize = 50
	storySize    = 12
)

// lead answers GET /api/leads/{key}.
func (h *handler) lead(ctx context.Context, r *web.Request) (leadAnswer, error) {
	l, err := h.load(ctx, r)
	if err != nil {
		return leadAnswer{}, err
	}
	out, _, err := h.about(ctx, r, l)
	return out, err
}

// about says everything about a lead, and of one that nobody holds who would
// receive it now. Without that the rest is still worth showing.
func (h *handler) about(ctx context.Context, r *web.Request, l *lead.Lead) (leadAnswer, *view.Route, error) {
	policy, err := h.policy.Current(ctx, r.Now)
	if err != nil {
		return leadAnswer{}, nil, err
	}
	facts, err := h.facts(ctx, policy, l, r.Now)
	if err != nil {
		return leadAnswer{}, nil, err
	}
	result, err := scoring.Evaluate(policy, facts, r.Now)
	if err != nil {
		// The result is complete: an expression that fails counts as no match.
		h.log.LogAttrs(ctx, slog.LevelWarn, "policy.expression_failed", slog.String("lead", string(l.Key)), slog.String("error", err.Error()))
	}
	out := describe(l, result, policy, r.Now)
	out.Consent = consentsOf(facts)
	if result.Objection != nil {
		out.OptedOut = result.Objection.String()
	}
	if err := h.addRoute(ctx, l, policy, &out); err != nil {
		return out, nil, err
	}
	if err := h.addHeld(ctx, r, l, &out); err != nil {
		return out, nil, err
	}
	var now *view.Route
	if l.Journey.Holder() == nil {
		preview, err := h.preview(ctx, r, l)
		if err != nil {
			h.log.LogAttrs(ctx, slog.LevelWarn, "route.preview_failed", slog.String("lead", string(l.Key)), slog.String("error", err.Error()))
		} else {
			now = &preview
		}
	}
	out.WhyNot = whyNot(l, out, policy, now, r.Now)
	return out, now, nil
}

// facts returns the lead's facts under the current rules. A lead that was last
// decided about under other rules has stored counts of those: they are made
// anew for this answer, as the next decision will make them for good.
func (h *handler) facts(ctx context.Context, policy *rules.Compiled, l *lead.Lead, now time.Time) (scoring.Facts, error) {
	if l.Facts.Scoring == policy.ScoringFingerprint() {
		return l.Facts, nil
	}
	signals, err := h.leads.SignalsOf(ctx, l)
	if err != nil {
		return scoring.Facts{}, err
	}
	facts, err := scoring.Of(policy, signals, now)
	if err != nil {
		h.log.LogAttrs(ctx, slog.LevelWarn, "policy.expression_failed", slog.String("lead", string(l.Key)), slog.String("error", err.Error()))
	}
	return facts, nil
}

func describe(l *lead.Lead, result scoring.Result, policy *rules.Compiled, now time.Time) leadAnswer {
	p := l.Facts.Values()
	out := leadAnswer{
		Key: string(l.Key), Email: p[signal.FieldEmail], Name: find.Name(p), Company: p[signal.FieldCompany], Profile: p,
		Standard: policy.Standard(p), Channel: l.Facts.Origin.Channel.Value,
		Stage: string(l.Journey.Stage), StageAt: map[string]time.Time{}, Version: l.Version, Signals: l.Facts.Signals,
		CreatedAt: l.CreatedAt.UTC(), UpdatedAt: l.UpdatedAt.UTC(), PolicyVersion: string(policy.Version),
		Fit:           fit{Grade: result.Fit.Grade, Score: result.Fit.Score, Parts: orEmpty(result.Fit.Parts)},
		Engagement:    engagement{Score: result.Engagement.Score, Parts: orEmpty(result.Engagement.Parts), AsOf: now},
		Qualification: qualificationOf(result.Qualification),
		Handoff:       handoffOf(l.Journey.Holder()), HadBy: []string{}, Clocks: []view.Clock{},
		Identities: view.Identities(l), Merges: view.Merges(l),
	}
	for stage, at := range l.Journey.StageAt {
		out.StageAt[string(stage)] = at.UTC()
	}
	if h := l.Journey.Handoff; h != nil {
		out.HadBy = orEmpty(h.HadBy)
	}
	for _, c := range l.Journey.Clocks {
		out.Clocks = append(out.Clocks, view.ClockOf(c, policy.Policy))
	}
	out.Contact, out.RecycledUntil = contactOf(l.Journey.Holder()), view.OrNil(l.Journey.RecycledUntil)
	out.Account = string(account.NewGroups(policy.Accounts).Place(lead.CompanySaid(policy, l)).Key())
	out.Missing = view.MissingOf(l, policy)
	if i := l.Journey.Incomplete; i != nil {
		out.Incomplete = &incomplete{Pool: i.Pool, Since: i.Waits.UTC(), Missing: view.Words(i.Missing), Lacks: i.Words()}
	}
	out.describeSales(l)
	return out
}

func qualificationOf(q scoring.Qualification) qualification {
	out := qualification{Qualified: q.Qualified, Reason: q.Reason, Missing: orEmpty(q.Missing), Blockers: []blocker{}}
	for _, b := range q.Blockers {
		out.Blockers = append(out.Blockers, blocker(b))
	}
	return out
}

func handoffOf(h *lead.Handoff) *handoff {
	if h == nil {
		return nil
	}
	return &handoff{
		Number: h.Number, Pool: h.Pool, Holder: view.Holder{Rep: h.Rep, Name: h.RepName}, Since: h.Since.UTC(),
		Reason: h.Reason, Parts: orEmpty(h.Parts), By: h.By, Considered: []view.Candidate{}, Route: []view.RouteStep{},
		Answer: string(h.Answer), AnsweredAt: view.OrNil(h.AnsweredAt),
	}
}

func contactOf(h *lead.Handoff) *contact {
	if h == nil || h.Contact == nil {
		return nil
	}
	c := h.Contact
	out := &contact{How: c.How, At: c.At.UTC(), Word: c.Word, Source: c.Source, Label: "attested by the rep"}
	if c.Word != "rep" {
		out.Label = "logged by " + cmp.Or(c.Source, "a CRM")
	}
	return out
}

// timeline answers GET /api/leads/{key}/timeline?cursor=.
func (h *handler) timeline(ctx context.Context, r *web.Request) (timelineAnswer, error) {
	l, err := h.load(ctx, r)
	if err != nil {
		return timelineAnswer{}, err
	}
	k, err := part(r, l)
	if err != nil {
		return timelineAnswer{}, err
	}
	return h.story(ctx, k, r.Query.Get("cursor"), timelineSize)
}

// part returns the name under which a story is asked for: the lead's own, or with
// ?of= that of a lead which has become part of it. Kind: NotFound for any other.
func part(r *web.Request, l *lead.Lead) (signal.LeadKey, error) {
	of := r.Query.Get("of")
	if of == "" {
		return l.Key, nil
	}
	k, ok := signal.ParseKey(of)
	if !ok || !l.Has(k) {
		return "", fault.New(fault.NotFound, "the lead has no part of that key")
	}
	return k, nil
}

// story reads a page of what happened to a lead under one of its names.
func (h *handler) story(ctx context.Context, k signal.LeadKey, cursor string, limit int) (timelineAnswer, error) {
	items, next, err := h.leads.Timeline(ctx, k, cursor, limit)
	if err != nil {
		return timelineAnswer{}, err
	}
	out := timelineAnswer{Entries: []entry{}, Next: next}
	for _, item := range items {
		for _, e := range slices.Backward(item.Entries) {
			data, err := json.Marshal(e.Detail)
			if err != nil {
				return timelineAnswer{}, fault.Wrap(fault.Internal, "encode event "+e.ID, err)
			}
			out.Entries = append(out.Entries, entry{
				ID: e.ID, At: e.Time.UTC(), Type: string(e.Type), Summary: e.Summary,
				PolicyVersion: e.PolicyVersion, Inputs: orEmpty(item.Inputs), Data: data, detail: e.Detail,
			})
		}
	}
	return out, nil
}

// orEmpty returns an empty list for nil, so that JSON has [] and never null.
func orEmpty[T string | contract.Part](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
