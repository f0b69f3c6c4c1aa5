package main

import (
	"context"
	"slices"

	"github.com/handoff-oss/handoff/shared/access"
	"github.com/handoff-oss/handoff/shared/duplicate"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/web"
)

// mostAlike is how many pairs the page of a lead leads to.
const mostAlike = 5

// alike is what somebody may judge of whom a lead is one person with.
type alike struct {
	May   bool     // take merges back
	Pairs []string // the pages on which the lead is compared with others that may be the same person
}

// alike reads with whom a lead is suggested to be one person, for those who may
// judge that. Whether the other may be seen, its page asks.
func (h *handler) alike(ctx context.Context, r *web.Request, l *lead.Lead) (alike, error) {
	out := alike{May: access.RuleOf("GET /leads/{key}/merges/{from}").Allows(r.Who)}
	if !out.May {
		return out, nil
	}
	for _, k := range l.Parts() {
		pairs, err := h.leads.DuplicatesOf(ctx, k)
		if err != nil {
			return out, err
		}
		for _, p := range pairs {
			other := p.Other(k)
			if p.State == duplicate.Open && !l.Has(other) && !slices.Contains(l.Apart, other) && len(out.Pairs) < mostAlike {
				out.Pairs = append(out.Pairs, "/duplicates/"+string(p.A)+"/"+string(p.B))
			}
		}
	}
	return out, nil
}
