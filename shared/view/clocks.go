package view

import (
	"cmp"
	"slices"
	"strconv"
	"time"

	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/policy"
)

// Clock is a clock of a lead, as its JSON has it.
type Clock struct {
	Kind      string     `json:"kind"`
	Scope     string     `json:"scope"`
	N         int        `json:"n"` // of a follow-up: which attempt, from 1; else 0
	State     string     `json:"state"`
	Handoff   int        `json:"handoff"`
	Hours     string     `json:"hours"`  // what it counts: holder, team or wall
	Within    string     `json:"within"` // how much of them, as 1h30m
	StartedAt time.Time  `json:"started_at"`
	WarnAt    *time.Time `json:"warn_at"` // of the next reminder, if one is left
	DueAt     time.Time  `json:"due_at"`
	EndedAt   *time.Time `json:"ended_at"`
	Paused    bool       `json:"paused"`
	ResumeAt  *time.Time `json:"resume_at"` // the end of the pause
	Reason    string     `json:"reason"`    // of the pause
	ActedAt   *time.Time `json:"acted_at"`  // when it was done after all
	Late      string     `json:"late"`      // how much too late that was, in hours that the clock counts
}

// Shown is a clock, and the time that the page speaks of.
type Shown struct {
	Clock Clock
	Now   time.Time
}

// ClockOf shows a clock under a policy.
func ClockOf(c lead.Clock, p *policy.Policy) Clock {
	out := Clock{
		Kind: string(c.Kind), Scope: string(c.Scope), N: c.N, State: string(c.State), Handoff: c.Handoff, Hours: c.Hours,
		StartedAt: c.StartedAt.UTC(), WarnAt: OrNil(WarnAt(c, p)), DueAt: c.DueAt.UTC(), EndedAt: OrNil(c.EndedAt),
		Paused: c.State == lead.Paused, ResumeAt: OrNil(c.ResumeAt), ActedAt: OrNil(c.ActedAt),
	}
	if out.Paused {
		out.Reason = pauseLabel(c.Paused, p)
	}
	if c.Within > 0 {
		out.Within = policy.Duration(c.Within).String()
	}
	if c.Late > 0 {
		out.Late = policy.Duration(c.Late.Round(time.Second)).String()
	}
	return out
}

// WarnAt returns when the holder is reminded next; zero when the next step of
// the clock is another one, or none is left.
func WarnAt(c lead.Clock, p *policy.Policy) time.Time {
	within := policy.Duration(c.Within)
	left := slices.DeleteFunc(slices.Clone(stepsOf(c, p.Escalation)), func(s policy.Step) bool {
		early := s.At.Offset(within) < c.Within
		return slices.Contains(c.Did, s.At.String()+" "+s.Do) || (early && !c.StepAt.Before(c.DueAt))
	})
	slices.SortStableFunc(left, func(a, b policy.Step) int { return cmp.Compare(a.At.Offset(within), b.At.Offset(within)) })
	if len(left) == 0 || left[0].Do != policy.DoRemind {
		return time.Time{}
	}
	return c.StepAt
}

func stepsOf(c lead.Clock, e policy.Escalation) []policy.Step {
	switch c.Kind {
	case lead.AcceptClock:
		if e.OfflineAfter == 0 {
			return e.Accept
		}
		// A missed deadline is counted, at the deadline, before what the policy says.
		var end policy.At
		_ = end.UnmarshalText([]byte("100%")) // it is a point of a clock
		return append([]policy.Step{{At: end, Do: "miss"}}, e.Accept...)
	case lead.FirstContactClock:
		if c.Scope == lead.CustomerScope {
			return e.Customer
		}
		return e.FirstContact
	case lead.FollowUpClock:
		return e.FollowUp
	case lead.FeedbackClock:
		return e.Feedback
	}
	return nil
}

// pauseLabel says a reason of the policy in words; one that is gone by its id.
func pauseLabel(id string, p *policy.Policy) string {
	for _, o := range p.SLA.Pause.Reasons {
		if o.ID == id {
			return o.Label
		}
	}
	return id
}

// Open tells whether the clock still runs.
func (c Clock) Open() bool { return c.State == string(lead.Running) }

// Opens tells whether it begins to count later than now, at the opening.
func (c Clock) Opens(now time.Time) bool { return c.Open() && c.StartedAt.After(now) }

// Tone is the color of the clock's state.
func (c Clock) Tone() string {
	switch lead.ClockState(c.State) {
	case lead.Running:
		return "info"
	case lead.Met:
		return "ok"
	case lead.Breached:
		return "bad"
	case lead.Paused:
		return "warn"
	case lead.Stopped:
	}
	return ""
}

// Promise says in words what the clock obliges to.
func (c Clock) Promise() string {
	switch lead.ClockKind(c.Kind) {
	case lead.AcceptClock:
		return "Accept or reject"
	case lead.FirstContactClock:
		return "First contact"
	case lead.FollowUpClock:
		return "Follow-up " + strconv.Itoa(c.N)
	case lead.FeedbackClock:
		return "Feedback"
	}
	return c.Kind
}

// Counts says in words which hours the clock counts, and how many.
func (c Clock) Counts() string {
	within := cmp.Or(c.Within, "time")
	switch c.Hours {
	case policy.HoursHolder:
		return within + " while the team and the holder are on duty"
	case policy.HoursTeam:
		return within + " of the team's hours"
	case policy.HoursWall:
		return within + ", day and night"
	}
	return ""
}
