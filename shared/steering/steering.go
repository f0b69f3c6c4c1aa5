// Package steering carries a rollout out: it counts, rules on the phase in force
// and does what the ruling says (Tick), lets people do the same with a reason
// (Promote, Hold, Pause, Resume, RollBack, Note), and says where the rollout
// stands (Status) and what was learned (Journal). It knows neither the statistics
// nor the rules, which package rollout has, nor who may do what, nor how anything
// is shown.
package steering

import (
	"context"
	"time"

	"github.com/handoff-oss/handoff/shared/census"
	"github.com/handoff-oss/handoff/shared/evidence"
	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/funnel"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/rollout"
	"github.com/handoff-oss/handoff/shared/table"
)

// Process is who acts when no person does.
const Process = "Handoff"

// Desk is from where a rollout is steered.
type Desk struct {
	table   *table.Table
	counter *census.Counter
	policy  *policy.Loader[edition]
}

// New returns the desk of a table. It reads the policy at most once a minute.
func New(t *table.Table) *Desk {
	return &Desk{table: t, counter: census.New(t), policy: policy.NewLoader(t.Policy, read)}
}

// edition is a policy with the version that it is.
type edition struct {
	*policy.Policy
	version policy.Version
}

func read(v policy.Version, text []byte) (edition, error) {
	p, err := policy.Decode(text)
	return edition{p, v}, err
}

// steps are the phases, which begin by the team's days.
func (e edition) steps() []rollout.Step {
	zone, err := time.LoadLocation(e.Calendars[e.SLA.Calendar].Zone)
	if err != nil {
		zone = time.UTC
	}
	return e.Rollout.Steps(zone)
}

// position is where a rollout stands under a policy.
type position struct {
	edition
	stored rollout.State // as it is stored
	state  rollout.State // as it is in force
	steps  []rollout.Step
	index  int    // of the phase in force
	lost   string // why that is another one than the state's; "" when it is not
}

// position reads both.
func (d *Desk) position(ctx context.Context, now time.Time) (position, error) {
	e, err := d.policy.Current(ctx, now)
	if err != nil {
		return position{}, err
	}
	p := position{edition: e, steps: e.steps()}
	if p.stored, err = d.table.Rollout(ctx); err != nil {
		return p, err
	}
	if len(p.steps) == 0 {
		return p, nil
	}
	p.state = p.stored.Now(p.steps)
	p.index, p.lost = p.state.In(p.steps)
	return p, nil
}

// phase is the phase in force, as the gates take it. Its times count from the day
// on which it may begin, when that comes after it was made the phase in force.
func (p position) phase() rollout.Phase {
	started := p.state.Started
	if start := p.steps[p.index].Start; !started.IsZero() && start.After(started) {
		started = start
	}
	return p.Rollout.Judged(p.Rollout.Phases[p.index], started)
}

// rule decides about the phase in force by what was counted until an instant.
func (p position) rule(days []evidence.Day, through, now time.Time) rollout.Ruling {
	phase := p.phase()
	outcomes, err := funnel.Of(phase)
	if err != nil {
		outcomes = nil // then a gate finds nothing counted, and a person is asked
	}
	c := rollout.Case{
		Phase: phase, Mode: p.steps[p.index].Mode, Status: p.state.Status, Approve: p.Rollout.Phases[p.index].Approve,
		Evidence: evidence.Measure(days, through, outcomes), Through: through,
		State: p.stored.Version, Policy: string(p.version), Round: p.state.Round,
	}
	if p.index+1 < len(p.steps) {
		c.Next = &p.steps[p.index+1]
	}
	return rollout.Decide(c, now)
}

// through is up to when everything that was decided is counted; zero before
// anything is.
func (d *Desk) through(ctx context.Context) (time.Time, error) {
	mark, err := d.table.CountMark(ctx)
	if err != nil || mark.Through.IsZero() {
		return time.Time{}, err
	}
	return mark.Through.Add(-census.Overlap), nil
}

// rulings reads all rulings of a time, newest first.
func (d *Desk) rulings(ctx context.Context, from, to time.Time) ([]rollout.Ruling, error) {
	const page = 100
	var all []rollout.Ruling
	for {
		some, err := d.table.Rulings(ctx, from, to, page)
		if err != nil || len(some) == 0 {
			return all, err
		}
		all = append(all, some...)
		if to = some[len(some)-1].At.Add(-time.Millisecond); to.Before(from) {
			return all, nil
		}
	}
}

// Recompute finds the ruling of an instant, to the second, and decides its case
// again. Same says that both agree. Kind: NotFound.
func (d *Desk) Recompute(ctx context.Context, at time.Time) (stored, again rollout.Ruling, same bool, err error) {
	at = at.Truncate(time.Second)
	found, err := d.table.Rulings(ctx, at, at.Add(time.Second-time.Millisecond), 1)
	if err != nil {
		return stored, again, false, err
	}
	if len(found) == 0 {
		return stored, again, false, fault.New(fault.NotFound, "there is no verdict of %s", at.UTC().Format(time.RFC3339))
	}
	stored = found[0]
	again = stored.Again()
	same, err = equal(stored, again)
	return stored, again, same, err
}
