package decision

import (
	"context"
	"slices"
	"time"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/scoring"
	"github.com/handoff-oss/handoff/shared/signal"
)

// Newcomer returns a lead as it would be if a signal were the first that is
// heard of it, qualified by a request of the policy, or by its score for "".
// It is for PreviewOf alone: nothing is stored, and no rule has said that it
// qualifies. Kinds: Invalid for a request that the policy does not have.
func (m *Maker) Newcomer(ctx context.Context, s signal.Signal, request string, now time.Time) (*lead.Lead, error) {
	compiled, err := m.policy.Current(ctx, now)
	if err != nil {
		return nil, err
	}
	known := func(r policy.Request) bool { return r.Name == request }
	if request != "" && !slices.ContainsFunc(compiled.Qualification.Requests, known) {
		return nil, fault.New(fault.Invalid, "the policy has no request %q under qualification.requests", request)
	}
	facts, err := scoring.Of(compiled, []signal.Signal{s}, now)
	if err != nil {
		return nil, err
	}
	l := &lead.Lead{Key: "newcomer", CreatedAt: now, UpdatedAt: now, Facts: facts}
	if k, err := s.LeadKey(); err == nil {
		l.Key = k
	}
	l.Journey.Handoff = &lead.Handoff{Source: s.Source, Request: request}
	return l, nil
}
