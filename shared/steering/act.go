package steering

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"
	"time"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/rollout"
	"github.com/handoff-oss/handoff/shared/table"
)

// AnyVersion stands for the version that is stored, whichever it is.
const AnyVersion int64 = -1

// Decision is what a person does to a rollout.
type Decision struct {
	By, Why string // the person's name, and the reason, which is asked for
	// Version is that of the state which the person saw, View.State.Version; or
	// AnyVersion.
	Version int64
	// Phase is for Resume alone: an earlier phase to go back to, or "" for the one
	// in force.
	Phase string
	At    time.Time
}

// Promote goes on to the next phase, whatever the gates say. It, Hold, Pause,
// Resume and RollBack return the state as it is then. Kinds: Invalid, with a
// sentence for the person, when it cannot be done; Conflict, with one that says
// who was faster, when the state is another one than they saw; Unavailable.
func (d *Desk) Promote(ctx context.Context, o Decision) (rollout.State, error) {
	return d.act(ctx, o, rollout.State.Promote)
}

// Hold notes that a person wants the phase to stay as it is. It keeps no later
// ruling from promoting; Pause does.
func (d *Desk) Hold(ctx context.Context, o Decision) (rollout.State, error) {
	return d.act(ctx, o, rollout.State.Hold)
}

// Pause lets nobody new into the process, and nothing be promoted, until it is
// resumed.
func (d *Desk) Pause(ctx context.Context, o Decision) (rollout.State, error) {
	return d.act(ctx, o, rollout.State.Pause)
}

// RollBack lets nobody new into the process. Leads that were handed off keep
// their holders and clocks.
func (d *Desk) RollBack(ctx context.Context, o Decision) (rollout.State, error) {
	return d.act(ctx, o, rollout.State.RollBack)
}

// Resume lets a phase run again that is paused or rolled back, or an earlier one.
func (d *Desk) Resume(ctx context.Context, o Decision) (rollout.State, error) {
	return d.act(ctx, o, func(s rollout.State, steps []rollout.Step, order rollout.Order) (rollout.State, error) {
		return s.Resume(steps, o.Phase, order)
	})
}

type change func(rollout.State, []rollout.Step, rollout.Order) (rollout.State, error)

func (d *Desk) act(ctx context.Context, o Decision, change change) (rollout.State, error) {
	p, err := d.position(ctx, o.At)
	if err != nil {
		return p.state, err
	}
	if len(o.Why) > mostNote {
		return p.state, fault.New(fault.Invalid, "give a reason of at most %d bytes", mostNote)
	}
	if p.Rollout.Everybody() {
		return p.state, fault.New(fault.Invalid, "the policy has one phase, for everybody; to change that, apply a policy with other phases under rollout")
	}
	if o.Version != AnyVersion && o.Version != p.stored.Version {
		return p.state, fast(p.stored)
	}
	next, err := change(p.stored, p.steps, rollout.Order{By: o.By, Why: strings.TrimSpace(o.Why), At: o.At})
	if err != nil {
		return p.state, err
	}
	err = d.table.PutRollout(ctx, next)
	if fault.KindOf(err) == fault.Conflict && err != nil {
		if now, failed := d.table.Rollout(ctx); failed == nil {
			err = fast(now)
		}
	}
	if err != nil {
		return p.state, err
	}
	return next, nil
}

// fast says who has changed the rollout meanwhile.
func fast(s rollout.State) error {
	return fault.New(fault.Conflict, "%s was faster: %s of %s, %s. Look at the rollout again, then decide", s.By, s.Act.Words(), s.Phase, strings.TrimSuffix(s.Why, "."))
}

// mostNote is how many bytes a note, or a reason, has at most: an event carries it.
const mostNote = 4000

// Note keeps what a person wants to be remembered of the phase in force; why is
// the text. Kinds: Invalid when it is empty or too long, or nobody says it.
func (d *Desk) Note(ctx context.Context, by, text string, now time.Time) error {
	text = strings.TrimSpace(text)
	if text == "" || len(text) > mostNote || strings.TrimSpace(by) == "" {
		return fault.New(fault.Invalid, "say who you are, and write a note of 1 to %d bytes", mostNote)
	}
	p, err := d.position(ctx, now)
	if err != nil {
		return err
	}
	n := table.RolloutNote{At: now.UTC(), By: by, Text: text, Phase: p.state.Phase, Round: p.state.Round}
	return d.table.AddRolloutNote(ctx, n)
}

// equal compares rulings as they are stored.
func equal(a, b rollout.Ruling) (bool, error) {
	one, err := json.Marshal(a)
	if err != nil {
		return false, fault.Wrap(fault.Internal, "encode a ruling", err)
	}
	other, err := json.Marshal(b)
	return bytes.Equal(one, other), fault.Wrap(fault.Internal, "encode a ruling", err)
}
