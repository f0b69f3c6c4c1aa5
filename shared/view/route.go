package view

import (
	"slices"
	"time"

	"github.com/handoff-oss/handoff/shared/decision"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/routing"
	"github.com/handoff-oss/handoff/shared/signal"
)

// Holder is a rep who has a lead, or would get it.
type Holder struct {
	Rep  string `json:"rep"`
	Name string `json:"name"`
}

// Candidate is a rep who was considered.
type Candidate struct {
	Rep    string `json:"rep"`
	Name   string `json:"name"` // as the policy has it now; the id of a rep who is gone
	Chosen bool   `json:"chosen"`
	Why    string `json:"why"`
}

// RouteStep is one thing that was tried to find a holder.
type RouteStep struct {
	By         string      `json:"by"`   // "owner of Acme Ltd", "rule big", "fallback"
	Pool       string      `json:"pool"` // "" when there was none to try
	Why        string      `json:"why"`  // why nobody of it, where that is not for the reps to say
	Considered []Candidate `json:"considered"`
}

// Route says who would receive a lead now. Of a lead that somebody holds it says
// who would be next. It is the answer of GET /api/leads/{key}/route.
type Route struct {
	Key           string      `json:"key"`
	AsOf          time.Time   `json:"as_of"`
	PolicyVersion string      `json:"policy_version"`
	Holder        *Holder     `json:"holder"` // null when nobody could receive it
	Pool          string      `json:"pool"`   // of the holder
	By            string      `json:"by"`     // the step that found the holder
	Steps         []RouteStep `json:"steps"`
}

// RouteOf shows a preview of the routing under a version of the policy.
func RouteOf(k signal.LeadKey, p decision.Preview, under policy.Version, names Names, now time.Time) Route {
	out := Route{Key: string(k), AsOf: now, PolicyVersion: string(under), Steps: StepsOf(p.Steps, names)}
	if p.Rep != "" {
		out.Holder = &Holder{Rep: p.Rep, Name: names.Of(p.Rep)}
	}
	if s, ok := Winner(out.Steps); ok {
		out.Pool, out.By = s.Pool, s.By
	}
	return out
}

// Names are the reps' by their ids.
type Names map[string]string

// NamesOf returns the names of all reps of a policy, which has the directory
// laid over where there is one.
func NamesOf(from *policy.Policy) Names {
	all := Names{}
	for _, p := range from.Routing.Pools {
		for _, r := range p.Reps {
			all[r.ID] = r.Name
		}
	}
	return all
}

// Of returns the name of a rep, or the id of one who is gone.
func (n Names) Of(rep string) string {
	if name := n[rep]; name != "" {
		return name
	}
	return rep
}

// StepsOf shows what was tried to find a holder.
func StepsOf(steps []lead.RouteStep, n Names) []RouteStep {
	out := make([]RouteStep, len(steps))
	for i, s := range steps {
		out[i] = RouteStep{By: s.By, Pool: s.Pool, Why: s.Why, Considered: []Candidate{}}
		for _, c := range s.Considered {
			out[i].Considered = append(out[i].Considered, candidateOf(c, n))
		}
	}
	return out
}

func candidateOf(c routing.Considered, n Names) Candidate {
	return Candidate{Rep: c.Rep, Name: n.Of(c.Rep), Chosen: c.Chosen, Why: c.Why}
}

// Winner returns the step that found somebody. ok is false when none did.
func Winner(steps []RouteStep) (step RouteStep, ok bool) {
	i := slices.IndexFunc(steps, func(s RouteStep) bool {
		return slices.ContainsFunc(s.Considered, func(c Candidate) bool { return c.Chosen })
	})
	if i < 0 {
		return RouteStep{}, false
	}
	return steps[i], true
}
