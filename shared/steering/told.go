package steering

import (
	"context"
	"fmt"
	"strings"

	"github.com/handoff-oss/handoff/shared/bus"
	"github.com/handoff-oss/handoff/shared/contract"
	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/rollout"
	"github.com/handoff-oss/handoff/shared/table"
)

// tell puts on the bus what is not told: every version of the state, whoever made
// it, and a ruling that changes nothing but is worth telling. What is to be told
// is stored before it is put on the bus and forgotten after, so that whatever
// dies in between, the next tick puts the same events under the same ids.
func (d *Desk) tell(ctx context.Context, b Bus, r rollout.Ruling, p position) ([]contract.Event, error) {
	w, err := d.table.RolloutTold(ctx)
	if err != nil {
		return nil, err
	}
	before := w
	if err := d.news(ctx, &w, r, p); err != nil {
		return nil, err
	}
	if w.State != before.State || w.Notice != before.Notice || len(w.Untold) != len(before.Untold) {
		w, err = d.table.PutRolloutTold(ctx, w)
		if err != nil {
			return nil, unlessFaster(err)
		}
	}
	if len(w.Untold) == 0 {
		return nil, nil
	}
	told, left, cause := bus.Divide(w.Untold, b.Put(ctx, w.Untold))
	w.Untold = left
	if _, err := d.table.PutRolloutTold(ctx, w); err != nil && cause == nil {
		cause = unlessFaster(err)
	}
	return told, cause
}

// unlessFaster drops the error of another tick having told the same.
func unlessFaster(err error) error {
	if fault.KindOf(err) == fault.Conflict {
		return nil
	}
	return err
}

// news adds what is to be told.
func (d *Desk) news(ctx context.Context, w *table.RolloutTold, r rollout.Ruling, p position) error {
	now, err := d.table.Rollout(ctx)
	if err != nil {
		return err
	}
	for w.State < now.Version {
		s, err := d.table.RolloutAt(ctx, w.State+1)
		if err != nil {
			return err
		}
		w.State++
		if e, ok := changed(s, r, string(p.version)); ok {
			w.Untold = append(w.Untold, e)
		}
	}
	if r.Case.State != now.Version {
		return nil // what was ruled on is not in force any more
	}
	was := w.Notice
	w.Notice = ""
	notice := fmt.Sprintf("%d %s", r.Case.Round, r.Action)
	asked := fmt.Sprintf("%d %s", r.Case.Round, rollout.Ask)
	switch {
	case r.Verdict.Decision == rollout.Promote && r.Action != rollout.Promote:
		w.Notice = notice + ready
	case r.Action == rollout.Ask:
		w.Notice = notice
	case r.Action == rollout.Hold && (was == asked || was == asked+ready) && r.Case.Status == rollout.Running:
		w.Untold = append(w.Untold, notify(contract.RolloutHeld, p.state, r, "Nobody is asked any more; %s stays as it is."))
	}
	if w.Notice == "" || w.Notice == was {
		return nil
	}
	if r.Action == rollout.Ask {
		w.Untold = append(w.Untold, notify(contract.RolloutApprovalNeeded, p.state, r, "Somebody is to decide whether %s goes on."))
		return nil
	}
	w.Untold = append(w.Untold, notify(contract.RolloutHeld, p.state, r, "All gates of %s have passed, and it stays as it is for now."))
	return nil
}

// ready ends the notice of a phase whose gates have passed: whoever was asked
// before because nothing was decided is asked again then, now to agree.
const ready = " ready"

// notify tells of a ruling that changes nothing.
func notify(t contract.EventType, s rollout.State, r rollout.Ruling, summary string) contract.Event {
	ref := refOf(s)
	ref.Reasons, ref.Missing, ref.Approve, ref.Verdict = r.Why, r.Verdict.Missing, r.Case.Approve, r.At
	return contract.Event{
		ID: contract.RolloutEventID(r.Case.State, r.At), Type: t, Time: r.At, PolicyVersion: r.Case.Policy,
		Summary: fmt.Sprintf(summary, s.Phase), Detail: contract.Detail{Rollout: ref},
	}
}

// changed tells of a version of the state. ok is false for what nobody has to
// hear: that the rollout begins, and that it follows the policy, whose author
// knows.
func changed(s rollout.State, r rollout.Ruling, policy string) (contract.Event, bool) {
	var t contract.EventType
	summary := ""
	switch s.Act {
	case rollout.ActPromote:
		t, summary = contract.RolloutPromoted, s.Phase+" is in force now."
	case rollout.ActRollBack:
		t, summary = contract.RolloutRolledBack, s.Phase+" is rolled back: nobody new is in the process."
	case rollout.ActResume:
		t, summary = contract.RolloutResumed, s.Phase+" runs again."
	case rollout.ActHold:
		t, summary = contract.RolloutHeld, s.Phase+" stays as it is."
	case rollout.ActPause:
		t, summary = contract.RolloutHeld, s.Phase+" pauses: nobody new is in the process."
	case rollout.ActBegin, rollout.ActFollow:
		return contract.Event{}, false
	}
	ref := refOf(s)
	ref.Reasons = []string{s.Why}
	e := contract.Event{
		ID: contract.RolloutEventID(s.Version, s.At), Type: t, Time: s.At, PolicyVersion: policy,
		Summary: summary, Detail: contract.Detail{Rollout: ref},
	}
	if s.By != Process {
		e.Detail.By = s.By
		return e, true
	}
	if r.Case.State == s.Version-1 && strings.Join(r.Why, " ") == s.Why {
		ref.Reasons, ref.Verdict = r.Why, r.At
	}
	return e, true
}

func refOf(s rollout.State) *contract.RolloutRef {
	return &contract.RolloutRef{Phase: s.Phase, Mode: string(s.Mode), Share: s.Share, Round: s.Round, Status: string(s.Status)}
}
