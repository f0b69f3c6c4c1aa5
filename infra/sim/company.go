package main

import (
	_ "embed"
	"maps"
	"slices"
	"time"

	"github.com/goccy/go-yaml"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/worktime"
)

//go:embed company.yaml
var companyYAML []byte

// companyPolicy returns the text of the company's policy: the default one with
// the sections that company.yaml has.
func companyPolicy() ([]byte, error) {
	var whole, own map[string]any
	if err := yaml.Unmarshal(policy.Default(), &whole); err != nil {
		return nil, fault.Wrap(fault.Internal, "read the default policy", err)
	}
	if err := yaml.Unmarshal(companyYAML, &own); err != nil {
		return nil, fault.Wrap(fault.Internal, "read company.yaml", err)
	}
	maps.Copy(whole, own)
	text, err := yaml.Marshal(whole)
	return text, fault.Wrap(fault.Internal, "write the company's policy", err)
}

func loadCompany() (*policy.Policy, error) {
	text, err := companyPolicy()
	if err != nil {
		return nil, err
	}
	return policy.Decode(text)
}

// rep is one of the people, and how they behave.
type rep struct {
	policy.Rep
	pool   string
	zone   *time.Location     // their own
	hours  *worktime.Calendar // when they are at their desk
	team   *worktime.Calendar // when their pool is
	median time.Duration      // of the time until they answer, while they are there
	silent map[string]bool    // the dates on which they answer nothing
	away   []absence          // as it is known by now
	off    bool
}

// absence is a time in which a rep is away.
type absence struct {
	from, to time.Time
	leave    policy.Leave
}

// staff makes the reps of a policy. How long each takes to answer is by their
// place in the alphabet: most a few minutes, every fifth most of an hour.
func staff(p *policy.Policy) (map[string]*rep, error) {
	all := map[string]*rep{}
	for _, name := range slices.Sorted(maps.Keys(p.Routing.Pools)) {
		pool := p.Routing.Pools[name]
		team, err := worktime.FromPolicy(p, pool.Calendar)
		if err != nil {
			return nil, err
		}
		for _, r := range pool.Reps {
			if all[r.ID], err = newRep(p, name, r, team); err != nil {
				return nil, err
			}
		}
	}
	for i, id := range slices.Sorted(maps.Keys(all)) {
		all[id].median = time.Duration(4+3*(i%5)) * time.Minute
		if i%5 == 3 {
			all[id].median = 24 * time.Minute
		}
	}
	return all, nil
}

func newRep(p *policy.Policy, pool string, r policy.Rep, team *worktime.Calendar) (*rep, error) {
	own := team
	if r.Calendar != "" {
		var err error
		if own, err = worktime.FromPolicy(p, r.Calendar); err != nil {
			return nil, err
		}
	}
	out := &rep{Rep: r, pool: pool, zone: own.Zone(), hours: team.And(own), team: team, silent: map[string]bool{}}
	for _, l := range r.Leave {
		out.away = append(out.away, wholeDays(l, own.Zone()))
	}
	return out, nil
}

// wholeDays reads a leave of whole days as somebody with a calendar on the wall does.
func wholeDays(l policy.Leave, zone *time.Location) absence {
	from, _ := time.ParseInLocation(time.DateOnly, l.From, zone) // company.yaml is checked by a test
	to, _ := time.ParseInLocation(time.DateOnly, l.To, zone)
	return absence{from, to.AddDate(0, 0, 1), l}
}

// isAway tells whether the rep is away at t.
func (r *rep) isAway(t time.Time) bool {
	return slices.ContainsFunc(r.away, func(a absence) bool { return !t.Before(a.from) && t.Before(a.to) })
}

// desk is when the rep is there, leave taken away.
func (r *rep) desk() *worktime.Calendar {
	spans := make([]worktime.Span, len(r.away))
	for i, a := range r.away {
		spans[i] = worktime.Span{From: a.from, To: a.to}
	}
	return r.hours.Without(spans)
}

// acts returns when the rep gets round to something that takes them so long
// from an instant on: at their desk, and not on a day on which they are silent.
func (r *rep) acts(from time.Time, after time.Duration) time.Time {
	desk := r.desk()
	at := desk.Add(from, after)
	for r.silent[at.In(r.zone).Format(time.DateOnly)] {
		y, m, d := at.In(r.zone).Date()
		at = desk.NextOpen(time.Date(y, m, d+1, 0, 0, 0, 0, r.zone)).Add(time.Duration(d%7+1) * time.Minute)
	}
	return at
}
