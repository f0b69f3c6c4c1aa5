package steering

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/handoff-oss/handoff/shared/rollout"
	"github.com/handoff-oss/handoff/shared/table"
)

// Journal is what was learned in a rollout.
type Journal struct {
	At       time.Time `json:"at"`
	Chapters []Chapter `json:"chapters"` // one per round of a phase, oldest first
}

// Chapter is one round of a phase.
type Chapter struct {
	Phase   string       `json:"phase"`
	Round   int          `json:"round"`
	Mode    rollout.Mode `json:"mode"`
	Share   float64      `json:"share"`
	Started time.Time    `json:"started,omitzero"`
	Ended   time.Time    `json:"ended,omitzero"` // zero while it is in force
	// Acts are what was done, oldest first; the one that began the round is the first.
	Acts []rollout.State `json:"acts"`
	// Verdicts are the rulings kept, oldest first; Last is the last of them, with the
	// numbers at the end, nil when there is none.
	Verdicts []rollout.Ruling    `json:"verdicts"`
	Last     *rollout.Ruling     `json:"last,omitempty"`
	Stages   []Stage             `json:"stages"` // every outcome, as it is counted by now
	Policies []table.Applied     `json:"policies"`
	Notes    []table.RolloutNote `json:"notes"`
}

// Journal reads what was learned. It is empty while the policy has one phase for
// everybody and nothing was ever done to the rollout.
func (d *Desk) Journal(ctx context.Context, now time.Time) (Journal, error) {
	j := Journal{At: now.UTC()}
	p, err := d.position(ctx, now)
	if err != nil {
		return j, err
	}
	history, err := d.table.RolloutHistory(ctx)
	if err != nil {
		return j, err
	}
	j.Chapters = chapters(history)
	if len(j.Chapters) == 0 && !p.Rollout.Everybody() {
		j.Chapters = []Chapter{{Phase: p.state.Phase, Round: p.state.Round, Mode: p.state.Mode, Share: p.state.Share}}
	}
	if len(j.Chapters) == 0 {
		return j, nil
	}
	return j, d.fill(ctx, &j, p.Rollout.Unit)
}

// chapters divides a history, oldest first, into rounds.
func chapters(history []rollout.State) []Chapter {
	var all []Chapter
	for _, s := range history {
		if n := len(all); n == 0 || all[n-1].Round != s.Round {
			if n > 0 {
				all[n-1].Ended = s.At
			}
			all = append(all, Chapter{Phase: s.Phase, Round: s.Round, Mode: s.Mode, Share: s.Share, Started: s.Started})
		}
		last := &all[len(all)-1]
		last.Acts = append(last.Acts, s)
	}
	return all
}

// fill adds rulings, numbers, policies and notes.
func (d *Desk) fill(ctx context.Context, j *Journal, unit string) error {
	rulings, err := d.rulings(ctx, j.At.AddDate(-mostYears, 0, 0), j.At)
	if err != nil {
		return err
	}
	notes, err := d.table.RolloutNotes(ctx)
	if err != nil {
		return err
	}
	policies, err := d.table.PolicyTimes(ctx)
	if err != nil {
		return err
	}
	slices.SortFunc(policies, func(a, b table.Applied) int { return a.At.Compare(b.At) })
	through, err := d.through(ctx)
	if err != nil {
		return err
	}
	for i := range j.Chapters {
		c := &j.Chapters[i]
		days, err := d.table.Counted(ctx, c.Phase, c.Round)
		if err != nil {
			return err
		}
		c.Stages = stages(days, through, c.drawn(unit))
		c.add(rulings, notes, policies)
	}
	return nil
}

// drawn returns what was drawn in the chapter; what is now where that was not kept.
func (c *Chapter) drawn(now string) string {
	if len(c.Acts) == 0 {
		return now
	}
	return cmp.Or(c.Acts[0].Unit, now)
}

// add takes what is of the chapter.
func (c *Chapter) add(newestFirst []rollout.Ruling, notes []table.RolloutNote, policies []table.Applied) {
	for _, r := range slices.Backward(newestFirst) {
		if r.Case.Round == c.Round {
			c.Verdicts = append(c.Verdicts, r)
		}
	}
	if n := len(c.Verdicts); n > 0 {
		last := c.Verdicts[n-1]
		c.Last = &last
	}
	for _, n := range notes {
		if n.Round == c.Round {
			c.Notes = append(c.Notes, n)
		}
	}
	for _, p := range policies {
		if !p.At.Before(c.Started) && (c.Ended.IsZero() || p.At.Before(c.Ended)) {
			c.Policies = append(c.Policies, p)
		}
	}
}
