package main

import (
	"context"
	"time"

	"github.com/handoff-oss/handoff/shared/bus"
	"github.com/handoff-oss/handoff/shared/contract"
	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/health"
	"github.com/handoff-oss/handoff/shared/rhythm"
	"github.com/handoff-oss/handoff/shared/table"
)

// look judges one source and returns the events that reached the bus.
//
// What was decided is stored with its events before these are put on the bus,
// and forgotten as untold after. Whatever dies in between, the next look puts
// the same events under the same ids; two looks at the same time cannot both
// decide, since the second one's write meets another version.
func (h handler) look(ctx context.Context, p edition, name string, now time.Time) ([]contract.Event, error) {
	hours, err := h.table.SourceHours(ctx, name, mostHours)
	if err != nil || len(hours) == 0 {
		return nil, err
	}
	w, err := h.table.Watch(ctx, name)
	if err != nil {
		return nil, err
	}
	told, w, err := h.tell(ctx, w)
	if err != nil {
		return told, err
	}
	state, changes := rhythm.Judge(history(hours), p.calendar(), w.State, now)
	if len(changes) == 0 && len(state.Open) == len(w.State.Open) && len(state.Past) == len(w.State.Past) {
		return told, nil
	}
	w.State = state
	for i, c := range changes {
		w.Untold = append(w.Untold, event(p, name, c, now, i))
	}
	w, err = h.table.PutWatch(ctx, w)
	switch {
	case err == nil:
	case fault.KindOf(err) == fault.Conflict:
		return told, nil // another look was faster, and tells
	default:
		return told, err
	}
	more, _, err := h.tell(ctx, w)
	return append(told, more...), err
}

// tell puts what is untold on the bus and forgets it.
func (h handler) tell(ctx context.Context, w table.Watch) ([]contract.Event, table.Watch, error) {
	if len(w.Untold) == 0 {
		return nil, w, nil
	}
	told, left, cause := bus.Divide(w.Untold, h.bus.Put(ctx, w.Untold))
	w.Untold = left
	next, err := h.table.PutWatch(ctx, w)
	if cause == nil && fault.KindOf(err) != fault.Conflict { // another look told the same, and was faster to say so
		cause = err
	}
	return told, next, cause
}

// history reads the hours of a source, the newest first.
func history(hours []table.SourceHour) rhythm.History {
	var h rhythm.History
	if len(hours) >= mostHours {
		h.Known = hours[len(hours)-1].Hour
	}
	for _, x := range hours {
		r := rhythm.Hour{Start: x.Hour, Failed: map[string]int{}, Shaped: int(x.Shaped), Fields: map[string]int{}, Cut: x.Cut}
		for outcome, n := range x.Outcomes {
			switch {
			case health.Event(outcome):
				r.Events += int(n)
			case health.Failed(outcome):
				r.Failed[outcome] += int(n)
			}
		}
		for field, n := range x.Fields {
			r.Fields[field] = int(n)
		}
		h.Hours = append(h.Hours, r)
		if r.Events == 0 {
			continue
		}
		h.First = x.Hour // the oldest comes last
		if at := x.Times[table.LastEvent]; at.After(h.Last) {
			h.Last = at
		}
		if h.Last.Before(x.Hour) {
			h.Last = x.Hour
		}
	}
	return h
}

// event tells of a change.
func event(p edition, name string, c rhythm.Change, now time.Time, index int) contract.Event {
	typ := contract.SourceRecovered
	summary := "The source " + name + " is as usual again. "
	if !c.Over {
		switch c.Kind {
		case rhythm.Silent:
			typ, summary = contract.SourceSilent, "The source "+name+" has fallen silent. "
		case rhythm.Failing:
			typ, summary = contract.SourceFailing, "The webhooks of the source "+name+" fail more than usual. "
		case rhythm.Drifted:
			typ, summary = contract.SourceDrifted, "The events of the source "+name+" have lost fields. "
		}
	}
	return contract.Event{
		ID: contract.SourceEventID(name, now, index), Type: typ, Time: now, PolicyVersion: string(p.version), Summary: summary + c.Reason,
		Detail: contract.Detail{Source: &contract.SourceRef{
			Name: name, Provider: p.Sources[name].Provider, Alert: string(c.Kind), Reason: c.Reason, Since: c.Since, Fields: c.Fields,
		}},
	}
}
