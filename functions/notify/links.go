package main

import (
	"time"

	"github.com/handoff-oss/handoff/shared/contract"
	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/link"
	"github.com/handoff-oss/handoff/shared/outbound"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/signal"
)

// sign makes the token of an answer to the event's handoff. It expires the
// policy's link_hours after the event, so that a repeat carries the same token.
func sign(key string, p *policy.Policy, e contract.Event, label string) (string, error) {
	purpose, err := purposeOf(label)
	if err != nil {
		return "", err
	}
	return link.Sign(key, link.Claims{
		Lead: signal.LeadKey(e.Lead), Handoff: e.Detail.Handoff.Number, Rep: e.Detail.Handoff.Rep, Purpose: purpose,
		Expires: e.Time.Add(time.Duration(p.Routing.LinkHours) * time.Hour),
	})
}

func purposeOf(label string) (link.Purpose, error) {
	switch label {
	case outbound.LabelAccept:
		return link.Accept, nil
	case outbound.LabelReject:
		return link.Reject, nil
	case outbound.LabelContacted:
		return link.Contacted, nil
	}
	return "", fault.New(fault.Internal, "no answer is labelled %q", label)
}
