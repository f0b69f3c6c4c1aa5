package main

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/handoff-oss/handoff/shared/contract"
	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/link"
	"github.com/handoff-oss/handoff/shared/outbound"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/signal"
)

// answers signs a link for each answer that is still open. The same event and
// state of the handoff always get the same links.
func (h handler) answers(ctx context.Context, now time.Time, p *policy.Policy, e contract.Event, l *lead.Lead) ([]outbound.Link, error) {
	if l == nil || !now.Before(expiry(p, e)) {
		return nil, nil
	}
	asks := outbound.Asks(e, l)
	if pause := p.SLA.Pause; pause.Most <= 0 || (l.Journey.Handoff != nil && l.Journey.Handoff.Pauses >= pause.Times) {
		asks = slices.DeleteFunc(asks, func(label string) bool { return label == outbound.LabelSnooze })
	}
	if len(asks) == 0 {
		return nil, nil
	}
	var s link.Secret
	if err := h.links.JSON(ctx, now, &s); err != nil {
		return nil, fault.Wrap(fault.Unavailable, "links", err)
	}
	if len(s.Keys) == 0 || s.Keys[0] == "" {
		return nil, fault.New(fault.Unavailable, "the secret of the links holds no key")
	}
	links := make([]outbound.Link, len(asks))
	for i, label := range asks {
		token, err := sign(s.Keys[0], p, e, l.Journey.Handoff, label)
		if err != nil {
			return nil, err
		}
		links[i] = outbound.Link{Label: label, URL: strings.TrimRight(h.publicURL, "/") + "/r/" + token, Token: token}
	}
	return links, nil
}

// expiry is when the links of an event end: the policy's link_hours after the
// event, so that a repeat carries the same tokens.
func expiry(p *policy.Policy, e contract.Event) time.Time {
	return e.Time.Add(time.Duration(p.Routing.LinkHours) * time.Hour)
}

// sign makes the token of an answer to the event's handoff.
func sign(key string, p *policy.Policy, e contract.Event, h *lead.Handoff, label string) (string, error) {
	purpose, nth, err := purposeOf(label, h)
	if err != nil {
		return "", err
	}
	return link.Sign(key, link.Claims{
		Lead: signal.LeadKey(e.Lead), Handoff: e.Detail.Handoff.Number, Rep: e.Detail.Handoff.Rep, Purpose: purpose, Nth: nth,
		Expires: expiry(p, e),
	})
}

// purposeOf says what a label's link does, and which of several it is: what
// can be said again has another link each time.
func purposeOf(label string, h *lead.Handoff) (purpose link.Purpose, nth int, err error) {
	switch label {
	case outbound.LabelAccept:
		return link.Accept, 0, nil
	case outbound.LabelReject:
		return link.Reject, 0, nil
	case outbound.LabelContacted:
		return link.Contacted, h.Attempts, nil
	case outbound.LabelMeeting:
		return link.Meeting, 0, nil
	case outbound.LabelSnooze:
		return link.Snooze, h.Pauses, nil
	case outbound.LabelComment:
		return link.Comment, h.Comments, nil
	case outbound.LabelFeedback:
		return link.Feedback, 0, nil
	}
	return "", 0, fault.New(fault.Internal, "no answer is labelled %q", label)
}

// linksFor returns the links of one message. Only the holder can answer, and of
// who is erased there is no page.
func (h handler) linksFor(to []outbound.Recipient, e contract.Event, answers []outbound.Link) []outbound.Link {
	if e.Type == contract.LeadErased {
		return nil
	}
	open := outbound.Link{Label: outbound.LabelOpen, URL: strings.TrimRight(h.publicURL, "/") + "/leads/" + e.Lead}
	if e.Type.AboutSource() {
		open = outbound.Link{Label: outbound.LabelSources, URL: strings.TrimRight(h.publicURL, "/") + "/sources"}
	}
	if e.Type.AboutRollout() {
		open = outbound.Link{Label: outbound.LabelRollout, URL: strings.TrimRight(h.publicURL, "/") + "/rollout"}
	}
	if e.Type == contract.LeadSuggested {
		confirm := outbound.Link{Label: outbound.LabelConfirm, URL: strings.TrimRight(h.publicURL, "/") + "/rollout/suggestions"}
		return []outbound.Link{confirm, open}
	}
	isHolder := func(r outbound.Recipient) bool {
		return e.Detail.Handoff != nil && r.Ref == "rep:"+e.Detail.Handoff.Rep
	}
	if slices.ContainsFunc(to, isHolder) {
		return append(slices.Clone(answers), open)
	}
	return []outbound.Link{open}
}
