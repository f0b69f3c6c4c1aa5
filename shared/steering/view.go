package steering

import (
	"context"
	"math"
	"slices"
	"time"

	"github.com/handoff-oss/handoff/shared/evidence"
	"github.com/handoff-oss/handoff/shared/funnel"
	"github.com/handoff-oss/handoff/shared/rollout"
	"github.com/handoff-oss/handoff/shared/table"
)

// View is where a rollout stands.
type View struct {
	At time.Time `json:"at"`
	// Everybody says that the policy has one phase, for everybody, and nothing to
	// find out: then there is a track, and nothing else.
	Everybody bool    `json:"everybody"`
	Policy    string  `json:"policy"` // version
	Unit      string  `json:"unit"`   // what is drawn: account, lead, rep or team
	Track     []Point `json:"track"`
	// State is the state in force. Its version is that of the stored one, 0 when
	// nothing is stored: what Decision.Version is to be.
	State rollout.State `json:"state"`
	Lost  string        `json:"lost,omitempty"` // why another phase than the state's is in force, in words
	// EarliestEnd is when the phase's shortest time is over; LatestEnd when a person
	// is asked. Both are zero while the round has not begun, and once it is rolled back.
	EarliestEnd time.Time `json:"earliest_end,omitzero"`
	LatestEnd   time.Time `json:"latest_end,omitzero"`
	// Ruling is what is to be done now, by what was counted last. Its verdict has
	// the gates' findings and what is missing.
	Ruling  rollout.Ruling `json:"ruling"`
	Stages  []Stage        `json:"stages"`            // every outcome, in the order of the journey
	Outlook []string       `json:"outlook,omitempty"` // what the gates can find, a sentence or two each
	// NextOutlook is what the gates of the next phase can find, before it begins, at
	// the rate at which units come in this one.
	NextOutlook []string  `json:"next_outlook,omitempty"`
	Pictures    []Picture `json:"pictures"` // one per gate, in the phase's order
	// Rulings are those kept of the round, newest first: one a day, and each that
	// differed from the one before.
	Rulings []rollout.Ruling    `json:"-"`
	Notes   []table.RolloutNote `json:"notes"` // of the round, oldest first
}

// Point is one phase of the track.
type Point struct {
	rollout.Step
	Segments []string `json:"segments,omitempty"` // names; none is all leads
	Approve  string   `json:"approve,omitempty"`  // who has to agree to the next phase
	Past     bool     `json:"past"`               // before the one in force
	Current  bool     `json:"current"`
}

// Stage is one outcome in both arms.
type Stage struct {
	Outcome    string          `json:"outcome"`
	Label      string          `json:"label"`
	Definition string          `json:"definition"`
	Measure    rollout.Measure `json:"measure"`
	In         string          `json:"in"` // share, hours or units
	Treated    Side            `json:"treated"`
	// Asked says that only the process asks for it: then Control is zero.
	Asked   bool `json:"asked"`
	Control Side `json:"control"`
}

// Side is one outcome in one arm.
type Side struct {
	N        int     `json:"n"`        // units old enough
	Had      float64 `json:"had"`      // of a share: how many had it
	Censored int     `json:"censored"` // units too young
	// Value is the share or mean, Low and High the ends of its interval of 95 % at
	// this one look. They are 0 while N is.
	Value float64 `json:"value"`
	Low   float64 `json:"low"`
	High  float64 `json:"high"`
}

// Picture is one gate over time.
type Picture struct {
	Outcome string       `json:"outcome"`
	Role    rollout.Role `json:"role"`
	Against string       `json:"against"` // control or threshold
	Share   bool         `json:"share"`   // values are shares, 0 to 1
	Line    float64      `json:"line"`
	Looks   []Look       `json:"looks"` // oldest first; only those at which the gate said something
}

// Look is what a gate found at one time, with the ends of the confidence
// sequence.
type Look struct {
	At    time.Time        `json:"at"`
	Value float64          `json:"value"`
	Low   float64          `json:"low"`
	High  float64          `json:"high"`
	State rollout.Standing `json:"state"`
}

// Status says where the rollout stands. It writes nothing. Kinds: Unavailable,
// Invalid for a policy that cannot be used.
func (d *Desk) Status(ctx context.Context, now time.Time) (View, error) {
	p, err := d.position(ctx, now)
	if err != nil {
		return View{}, err
	}
	v := View{At: now.UTC(), Everybody: p.Rollout.Everybody(), Policy: string(p.version), Unit: p.Rollout.Unit, State: p.state, Lost: p.lost, Track: p.track()}
	if v.Everybody || len(p.steps) == 0 {
		return v, nil
	}
	through, err := d.through(ctx)
	if err != nil {
		return v, err
	}
	days, err := d.table.Counted(ctx, p.state.Phase, p.state.Round)
	if err != nil {
		return v, err
	}
	v.Ruling = p.rule(days, through, now)
	v.Stages = stages(days, through, p.Rollout.Unit)
	phase := p.phase()
	from := now.AddDate(-mostYears, 0, 0)
	if !phase.Started.IsZero() {
		from = p.state.Started
		if p.state.Status != rollout.RolledBack {
			v.EarliestEnd, v.LatestEnd = phase.Started.Add(phase.Least), phase.Started.Add(phase.Most)
		}
	}
	perWeek := rate(v.Ruling.Case.Evidence.Enrolled, phase.Started, now)
	v.Outlook = outlook(phase, p.steps[p.index].Mode, perWeek, days, through)
	if next := p.index + 1; next < len(p.steps) {
		judged := p.Rollout.Judged(p.Rollout.Phases[next], now)
		v.NextOutlook = outlook(judged, p.steps[next].Mode, perWeek, days, through)
	}
	if v.Rulings, err = d.rulings(ctx, from, now); err != nil {
		return v, err
	}
	v.Rulings = slices.DeleteFunc(v.Rulings, func(r rollout.Ruling) bool { return r.Case.Round != p.state.Round })
	v.Pictures = pictures(phase, v.Rulings)
	v.Notes, err = d.table.RolloutNotes(ctx)
	v.Notes = slices.DeleteFunc(v.Notes, func(n table.RolloutNote) bool { return n.Round != p.state.Round })
	return v, err
}

// mostYears is how far back a round whose beginning is not known is looked for.
const mostYears = 5

func (p position) track() []Point {
	points := make([]Point, len(p.steps))
	for i, s := range p.steps {
		points[i] = Point{Step: s, Approve: p.Rollout.Phases[i].Approve, Past: i < p.index, Current: i == p.index}
		for _, segment := range p.Rollout.Phases[i].Segments {
			points[i].Segments = append(points[i].Segments, segment.Name)
		}
	}
	return points
}

// stages puts every outcome in both arms side by side.
func stages(days []evidence.Day, through time.Time, unit string) []Stage {
	outcomes := funnel.Outcomes()
	e := evidence.Measure(days, through, outcomes)
	all := make([]Stage, len(outcomes))
	for i, o := range outcomes {
		m := o.MeasureOf(unit)
		all[i] = Stage{
			Outcome: o.Name, Label: o.Label, Definition: o.Definition, Measure: m, In: o.In, Asked: o.Asked,
			Treated: side(e.Outcomes[o.Name].Treated, m),
		}
		if !o.Asked {
			all[i].Control = side(e.Outcomes[o.Name].Control, m)
		}
	}
	return all
}

const confidence = 0.95

func side(a rollout.Arm, m rollout.Measure) Side {
	s := Side{N: a.N, Had: a.Sum, Censored: a.Censored}
	n := float64(a.N)
	switch {
	case a.N == 0:
		return s
	case m == rollout.Share:
		p := rollout.Proportion{Successes: int(a.Sum), N: a.N}
		ends := p.Wilson(confidence)
		s.Value, s.Low, s.High = p.Share(), ends.Low, ends.High
		return s
	}
	s.Value = a.Sum / n
	s.Low, s.High = s.Value, s.Value
	if a.N > 1 {
		const normal = 1.96
		half := normal * math.Sqrt(max(0, a.Squares-a.Sum*a.Sum/n)/(n-1)/n)
		s.Low, s.High = s.Value-half, s.Value+half
	}
	return s
}

// rate is how many units a week were enrolled, 0 when that is not known.
func rate(enrolled rollout.Enrolled, since, now time.Time) float64 {
	const week = 7 * 24 * time.Hour
	weeks := float64(now.Sub(since)) / float64(week)
	if since.IsZero() || weeks <= 0 {
		return 0
	}
	return float64(enrolled.Treated+enrolled.Control) / weeks
}

// outlook says what the gates of a phase can find at a rate of units, if its
// outcomes are as they were in the days that are counted.
func outlook(phase rollout.Phase, mode rollout.Mode, perWeek float64, days []evidence.Day, through time.Time) []string {
	if perWeek <= 0 || !phase.Asked(mode) {
		return nil
	}
	var o rollout.Outlook
	outcomes, err := funnel.Of(phase)
	if err == nil {
		o, err = evidence.Outlook(phase, perWeek, evidence.Measure(days, through, outcomes), nil)
	}
	if err != nil {
		return []string{"Nothing can be foretold: " + err.Error() + "."}
	}
	return o.Words
}

// pictures are what the gates found, ruling by ruling.
func pictures(phase rollout.Phase, newestFirst []rollout.Ruling) []Picture {
	all := make([]Picture, len(phase.Gates))
	for i, g := range phase.Gates {
		all[i] = Picture{Outcome: g.Outcome, Role: g.Role, Against: string(g.Against), Share: g.Measure == rollout.Share, Line: g.Line}
		for _, r := range slices.Backward(newestFirst) {
			for j, f := range r.Verdict.Findings {
				if f.Outcome == g.Outcome && f.Role == g.Role && r.Verdict.Phase.Gates[j].Against == g.Against && f.State != rollout.Few && f.State != rollout.Unusable {
					all[i].Looks = append(all[i].Looks, Look{r.At, f.Value, f.Low, f.High, f.State})
				}
			}
		}
	}
	return all
}
