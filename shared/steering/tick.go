package steering

import (
	"context"
	"strings"
	"time"

	"github.com/handoff-oss/handoff/shared/bus"
	"github.com/handoff-oss/handoff/shared/census"
	"github.com/handoff-oss/handoff/shared/contract"
	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/rollout"
)

// Bus takes events.
type Bus interface {
	Put(ctx context.Context, all []contract.Event) []bus.Failure
}

// Report is what a tick did.
type Report struct {
	Everybody bool // the policy has nothing to steer
	Counted   census.Report
	Ruling    rollout.Ruling
	Kept      bool          // the ruling was news, and is stored
	State     rollout.State // as it is now
	Carried   bool          // the ruling changed the state
	Told      []contract.Event
}

// Tick does what is due: it counts what has changed, rules on the phase in
// force, keeps the ruling if it is news, carries it out, and tells what is not
// told. It may be repeated, may die anywhere and may run twice at once: each step
// starts from what is stored, and every write is conditioned on the version that
// was read, so that the next tick goes on. What it costs depends on what has
// changed and on the days of the round. Kinds: Unavailable, and Conflict when
// others kept counting.
func (d *Desk) Tick(ctx context.Context, b Bus, now time.Time) (Report, error) {
	var r Report
	p, err := d.position(ctx, now)
	if err != nil {
		return r, err
	}
	r.State = p.state
	if r.Everybody = p.Rollout.Everybody(); r.Everybody {
		return r, nil
	}
	if p, err = d.follow(ctx, p, now); err != nil {
		return r, err
	}
	r.State = p.state
	if r.Counted, err = d.counter.Run(ctx, now); err != nil {
		return r, err
	}
	if err := d.steer(ctx, p, now, &r); err != nil {
		return r, err
	}
	r.Told, err = d.tell(ctx, b, r.Ruling, p)
	return r, err
}

// follow begins the rollout, or takes over what the policy has changed. Where
// somebody else was faster the position is as they left it.
func (d *Desk) follow(ctx context.Context, p position, now time.Time) (position, error) {
	order := rollout.Order{By: Process, Why: "The rollout has begun.", At: now}
	next, changed := p.stored.Follow(p.steps, order)
	if p.stored.Version == 0 {
		var err error
		if next, err = p.stored.Begin(p.steps, order); err != nil {
			return p, err
		}
		changed = true
	}
	if !changed {
		return p, nil
	}
	if err := d.table.PutRollout(ctx, next); err != nil && fault.KindOf(err) != fault.Conflict {
		return p, err
	}
	return d.position(ctx, now)
}

// steer rules and carries out. A person who acts meanwhile goes before: then
// nothing is carried out, and the next tick rules anew.
func (d *Desk) steer(ctx context.Context, p position, now time.Time, r *Report) error {
	days, err := d.table.Counted(ctx, p.state.Phase, p.state.Round)
	if err != nil {
		return err
	}
	r.Ruling = p.rule(days, r.Counted.Through, now)
	if err := d.keep(ctx, r); err != nil {
		return err
	}
	order := rollout.Order{By: Process, Why: strings.Join(r.Ruling.Why, " "), At: now}
	var next rollout.State
	switch r.Ruling.Action {
	case rollout.Promote:
		next, err = p.stored.Promote(p.steps, order)
	case rollout.Rollback:
		next, err = p.stored.RollBack(p.steps, order)
	case rollout.Hold, rollout.Ask:
		return nil
	}
	if err != nil {
		return err
	}
	if err = d.table.PutRollout(ctx, next); err == nil {
		r.State, r.Carried = next, true
	}
	if fault.KindOf(err) == fault.Conflict && err != nil {
		return nil
	}
	return err
}

// keep stores a ruling that differs from the last one, and one a day: so that
// what is kept grows with days, not hours.
func (d *Desk) keep(ctx context.Context, r *Report) error {
	last, err := d.table.Rulings(ctx, time.Time{}, r.Ruling.At, 1)
	if err != nil {
		return err
	}
	if len(last) > 0 && !news(last[0], r.Ruling) {
		return nil
	}
	err = d.table.PutRuling(ctx, r.Ruling)
	r.Kept = err == nil
	return err
}

func news(last, now rollout.Ruling) bool {
	day := func(t time.Time) string { return t.UTC().Format(time.DateOnly) }
	return last.Action != now.Action || last.Case.State != now.Case.State || last.Case.Policy != now.Case.Policy || day(last.At) != day(now.At)
}
