package rollout

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/handoff-oss/handoff/shared/fault"
)

// Mode is how far a phase automates.
type Mode string

// The modes, from the least to the most automatic.
const (
	Shadow  Mode = "shadow"  // decide and record, tell nobody
	Suggest Mode = "suggest" // a manager confirms each handoff
	Auto    Mode = "auto"
)

// Modes returns the modes from the least to the most automatic.
func Modes() []Mode { return []Mode{Shadow, Suggest, Auto} }

// Step is a phase as the state of a rollout knows it: one point of the track.
type Step struct {
	Name  string    `json:"name"`
	Mode  Mode      `json:"mode"`
	Share float64   `json:"share"`          // of the units, 0 to 1
	Start time.Time `json:"start,omitzero"` // not begun before; zero for at any time
	Unit  string    `json:"unit,omitempty"` // what is drawn
}

// Status is whether a phase applies.
type Status string

// The statuses. In a phase that is paused or rolled back nobody new is in the
// process, whatever their bucket; who is enrolled already stays as they are.
const (
	Running    Status = "running"
	Paused     Status = "paused"
	RolledBack Status = "rolled_back"
)

// Words returns the status as it stands in a sentence: "rolled back".
func (s Status) Words() string { return strings.ReplaceAll(string(s), "_", " ") }

// Act is what somebody did to a rollout.
type Act string

// The acts.
const (
	ActBegin    Act = "begin"     // the first phase, when the state is first stored
	ActPromote  Act = "promote"   // the next phase
	ActHold     Act = "hold"      // no change, by a person's decision
	ActPause    Act = "pause"     // nobody new until it is resumed
	ActResume   Act = "resume"    // go on, or begin the phase or an earlier one anew
	ActRollBack Act = "roll_back" // nobody new, since it does harm
	ActFollow   Act = "follow"    // the policy has changed the phase that is in force
)

// Words returns the act as it stands in a sentence: "roll back".
func (a Act) Words() string { return strings.ReplaceAll(string(a), "_", " ") }

// Order is who wants a change, why and when.
type Order struct {
	By  string // a person's name, or what decided
	Why string // in a sentence
	At  time.Time
}

// State is where a rollout stands. The zero State is one of which nothing is
// stored yet: the first phase is in force and runs. Every change makes a new
// version; a state is never changed.
type State struct {
	Version int64  `json:"version"`
	Phase   string `json:"phase"`
	// Mode, Share and Unit are those of the phase when it began.
	Mode   Mode    `json:"mode"`
	Share  float64 `json:"share"`
	Unit   string  `json:"unit,omitempty"` // and what is drawn then; "" where that was not kept
	Status Status  `json:"status"`
	// Round counts how often a phase has begun, from 1: what is counted in one
	// round is evidence for that round alone. To pause and resume a phase is the
	// same round.
	Round   int       `json:"round"`
	Started time.Time `json:"started,omitzero"` // when the round began; zero while nothing is stored
	// Act, By, Why and At say what made this version.
	Act Act       `json:"act"`
	By  string    `json:"by"`
	Why string    `json:"why"`
	At  time.Time `json:"at"`
}

// In finds the phase that is in force among the phases of a policy, which must
// not be empty, by its name. When the policy has no phase of that name any more
// it is the last one that goes no further than the lost one did: less automatic,
// or as automatic and no wider; else the first. why says so in words, and is ""
// when the phase is there.
func (s State) In(steps []Step) (index int, why string) {
	if s.Phase == "" {
		return 0, ""
	}
	if i := slices.IndexFunc(steps, func(p Step) bool { return p.Name == s.Phase }); i >= 0 {
		return i, ""
	}
	because := "the first of its phases"
	for i, p := range slices.Backward(steps) {
		if p.reach() < s.step().reach() || p.Mode == s.Mode && p.Share <= s.Share {
			index, because = i, "which goes no further"
			break
		}
	}
	return index, fmt.Sprintf("The policy has no phase %s any more; %s, %s, is in force instead.", s.Phase, steps[index].Name, because)
}

func (s State) step() Step { return Step{Name: s.Phase, Mode: s.Mode, Share: s.Share} }

// beginning says when the phase begins: by its day alone where that is the same
// in UTC.
func (p Step) beginning() string {
	start := p.Start.UTC()
	when := start.Format(time.DateOnly)
	if !start.Equal(start.Truncate(24 * time.Hour)) {
		when = start.Format("2006-01-02, 15:04 UTC,")
	}
	return fmt.Sprintf("%s begins on %s at the earliest", p.Name, when)
}

// reach orders modes.
func (p Step) reach() int { return slices.Index(Modes(), p.Mode) }

// Now returns the state with everything that it is when nothing is stored: the
// first phase runs, in its first round.
func (s State) Now(steps []Step) State {
	if s.Phase == "" && len(steps) > 0 {
		s = State{Version: s.Version, Phase: steps[0].Name, Mode: steps[0].Mode, Share: steps[0].Share, Unit: steps[0].Unit, Status: Running, Round: 1}
	}
	return s
}

// Begin returns the first state to store. Kind: Invalid when something is
// stored already, or there is no phase.
func (s State) Begin(steps []Step, o Order) (State, error) {
	if s.Version != 0 || len(steps) == 0 {
		return s, fault.New(fault.Invalid, "the rollout has begun already, or has no phase")
	}
	s = s.Now(steps)
	s.Started = o.At.UTC()
	return s.made(ActBegin, o)
}

// Follow takes over what the policy has made of the phase in force: another
// mode, share or unit, or, where its name is gone, the phase that is in force
// instead. Either begins a new round, since what was counted before was drawn
// otherwise. changed is false when there is nothing to take over.
func (s State) Follow(steps []Step, o Order) (next State, changed bool) {
	if s.Phase == "" || len(steps) == 0 {
		return s, false
	}
	i, why := s.In(steps)
	p := steps[i]
	redrawn := s.Unit != "" && p.Unit != s.Unit
	if why == "" && p.Mode == s.Mode && p.Share == s.Share && !redrawn {
		return s, false
	}
	if why == "" && redrawn {
		why = fmt.Sprintf("The policy draws %ss in phase %s now, and no longer %ss.", p.Unit, p.Name, s.Unit)
	}
	if why == "" {
		why = fmt.Sprintf("The policy has changed phase %s from %s to %s.", p.Name, s.step().words(), p.words())
	}
	o.Why = why
	next, err := s.enter(p, o).made(ActFollow, o)
	return next, err == nil
}

func (p Step) words() string { return fmt.Sprintf("%s for %s", p.Mode, percent(p.Share)) }

// Promote goes on to the next phase. Kind: Invalid, with a sentence for who
// wants it, when there is none, it may not begin yet, or the rollout does not run.
func (s State) Promote(steps []Step, o Order) (State, error) {
	s, i, err := s.running(steps)
	if err != nil {
		return s, err
	}
	if i+1 >= len(steps) {
		return s, fault.New(fault.Invalid, "%s is the last phase; there is none to go on to", steps[i].Name)
	}
	next := steps[i+1]
	if o.At.Before(next.Start) {
		return s, fault.New(fault.Invalid, "%s", next.beginning())
	}
	return s.enter(next, o).made(ActPromote, o)
}

// Hold notes that somebody wants the phase to stay as it is. Kind: Invalid when
// the rollout does not run.
func (s State) Hold(steps []Step, o Order) (State, error) {
	s, _, err := s.running(steps)
	if err != nil {
		return s, err
	}
	return s.made(ActHold, o)
}

// Pause lets nobody new into the process until it is resumed. Kind: Invalid
// when the rollout does not run.
func (s State) Pause(steps []Step, o Order) (State, error) {
	s, _, err := s.running(steps)
	if err != nil {
		return s, err
	}
	s.Status = Paused
	return s.made(ActPause, o)
}

// RollBack lets nobody new into the process, since it does harm. Kind: Invalid
// when it is rolled back already.
func (s State) RollBack(steps []Step, o Order) (State, error) {
	s = s.Now(steps)
	if s.Status == RolledBack {
		return s, fault.New(fault.Invalid, "%s is rolled back already", s.Phase)
	}
	s.Status = RolledBack
	return s.made(ActRollBack, o)
}

// Resume lets a rollout run again that is paused or rolled back: the phase in
// force for "", or an earlier one. A phase that was rolled back, or another one
// than was in force, begins anew; one that was paused goes on. Buckets never
// change, so the same units are in. Kind: Invalid when it runs and no earlier
// phase is named, and for a later or unknown phase.
func (s State) Resume(steps []Step, phase string, o Order) (State, error) {
	if len(steps) == 0 {
		return s, fault.New(fault.Invalid, "the policy has no phase")
	}
	s = s.Now(steps)
	now, _ := s.In(steps)
	to := now
	if phase != "" {
		to = slices.IndexFunc(steps, func(p Step) bool { return p.Name == phase })
	}
	switch {
	case to < 0:
		return s, fault.New(fault.Invalid, "the policy has no phase %s", phase)
	case to > now:
		return s, fault.New(fault.Invalid, "%s comes after %s; promote instead", phase, steps[now].Name)
	case to == now && s.Status == Running:
		return s, fault.New(fault.Invalid, "%s runs already", steps[now].Name)
	}
	if s.Status != Paused || steps[to].Name != s.Phase {
		s = s.enter(steps[to], o)
	}
	s.Status = Running
	return s.made(ActResume, o)
}

// running returns the state and the phase in force. Kind: Invalid when it does
// not run.
func (s State) running(steps []Step) (State, int, error) {
	if len(steps) == 0 {
		return s, 0, fault.New(fault.Invalid, "the policy has no phase")
	}
	s = s.Now(steps)
	if s.Status != Running {
		return s, 0, fault.New(fault.Invalid, "%s is %s; resume it first", s.Phase, s.Status.Words())
	}
	i, _ := s.In(steps)
	return s, i, nil
}

// enter begins a phase.
func (s State) enter(p Step, o Order) State {
	s.Phase, s.Mode, s.Share, s.Unit = p.Name, p.Mode, p.Share, p.Unit
	s.Round++
	s.Started = o.At.UTC()
	return s
}

// made numbers a changed state and says what made it. Kind: Invalid when nobody
// wants it, or for no reason.
func (s State) made(act Act, o Order) (State, error) {
	if strings.TrimSpace(o.By) == "" || strings.TrimSpace(o.Why) == "" {
		return s, fault.New(fault.Invalid, "say who wants it and why")
	}
	s.Version++
	s.Act, s.By, s.Why, s.At = act, o.By, o.Why, o.At.UTC()
	return s, nil
}
