package sales

import (
	"cmp"
	"slices"
	"time"

	"github.com/handoff-oss/handoff/shared/signal"
)

// MeetingState is where a meeting stands.
type MeetingState string

// The states of a meeting.
const (
	Booked   MeetingState = "booked"
	Held     MeetingState = "held"
	NoShow   MeetingState = "no_show"
	Canceled MeetingState = "canceled"
)

// Meeting is one meeting with the lead.
type Meeting struct {
	State    MeetingState `json:"state"`
	At       time.Time    `json:"at"`                 // since when, by the source's word
	StartsAt Said         `json:"starts_at,omitzero"` // RFC 3339, as the source says it
}

func isMeeting(s signal.Signal) bool {
	_, ok := meetingState(s.Type)
	return ok
}

func meetingState(t signal.Type) (MeetingState, bool) {
	switch t { //nolint:exhaustive // The other types are about something else.
	case signal.MeetingBooked:
		return Booked, true
	case signal.MeetingHeld:
		return Held, true
	case signal.MeetingNoShow:
		return NoShow, true
	case signal.MeetingCanceled:
		return Canceled, true
	}
	return "", false
}

// Stands tells whether the meeting is to come or took place.
func (m Meeting) Stands() bool { return m.State == Booked || m.State == Held }

// foldMeeting folds a signal about a meeting. A meeting that was moved may be
// two: the one that ended and the one that took its place. Each of their
// signals tells of both, so that the lead is never without one in between.
func foldMeeting(all map[string]Meeting, s signal.Signal) map[string]Meeting {
	change := func(id string, state MeetingState, startsAt string) {
		all = keep(all, Key(s.Source, id), Meeting.order, func(m Meeting) Meeting {
			m.StartsAt = m.StartsAt.or(startsAt, s.OccurredAt)
			return m.later(state, s.OccurredAt)
		})
	}
	state, _ := meetingState(s.Type)
	// A source that names no meeting has one for each signal.
	own := cmp.Or(s.Attributes[signal.AttrMeeting], s.ID)
	change(own, state, short(s.Attributes[signal.AttrStartsAt]))
	if old := s.Attributes[signal.AttrPreviousMeeting]; old != "" && old != own && state == Booked {
		change(old, Canceled, "")
	}
	if next := s.Attributes[signal.AttrNextMeeting]; next != "" && next != own && state == Canceled {
		change(next, Booked, "")
	}
	return all
}

// later returns the meeting in what was said last about its state. Of what was
// said at the same time the further state stands.
func (m Meeting) later(state MeetingState, at time.Time) Meeting {
	rank := []MeetingState{"", Booked, Held, NoShow, Canceled}
	if cmp.Or(at.Compare(m.At), cmp.Compare(slices.Index(rank, state), slices.Index(rank, m.State))) > 0 {
		m.State, m.At = state, at
	}
	return m
}

// order puts first what matters least.
func (m Meeting) order(n Meeting) int {
	if m.Stands() != n.Stands() {
		if n.Stands() {
			return -1
		}
		return 1
	}
	return m.At.Compare(n.At)
}
