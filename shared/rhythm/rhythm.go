// Package rhythm learns how a source of webhooks usually behaves and says when
// it does not: when it falls silent, when its webhooks fail, when a field that
// used to be there is gone, and when each of these is over. It is pure: counts
// and a time go in, changes with their reasons in words come out. It knows
// neither where the counts are kept nor who is told.
//
// Silence. The usual rate is learned by hour of the week, in the team's zone,
// over the five weeks before the last event. Each whole hour without an event
// since then says something: in a Poisson stream its mean, in one whose events
// come in bunches the logarithm of how rarely so busy an hour is empty. What
// the hours say together gives the chance of such a gap. It is called silence
// when that chance is below one in a thousand and gaps like it would come less
// than once in a hundred weeks. Four things make the rule more patient. The
// rate is known only as well as so many weeks tell it. Days that differ by
// themselves, as those of newsletters do, say less. A source whose last week
// was quieter than usual is measured by that week. And a gap must say half as
// much again as the longest of the five weeks. Hours of the calendar's
// holidays, and earlier silences, are neither learned from nor counted. Nothing
// is said about a source that is known for less than three weeks, or that sends
// less than five times a week.
//
// Failures. Deliveries of this hour and the one before fail far more often
// than those of the learned weeks: at least five, at least a quarter, and more
// than chance would give in one of a million such hours. While a source fails,
// its silence is no news.
//
// Drift. A field was there in nine of ten events of up to four weeks, and in
// every hour that had twenty, and is in none of the last twenty or more, which
// came in at least two hours. Counts are kept by the hour, so that hour in
// which it was there for the last time says nothing about it. A field that
// stays away for two weeks is no longer expected.
package rhythm

import (
	"slices"
	"time"
)

// Hour counts what came from a source in one hour.
type Hour struct {
	Start  time.Time      // a whole hour, UTC
	Events int            // deliveries taken as genuine: new, repeated, or about nobody
	Failed map[string]int // deliveries refused or not stored, by cause
	Shaped int            // events whose fields were counted; a delivery may hold many
	Fields map[string]int // in how many of them each field was
	Cut    bool           // there were more fields than were counted
}

// History is what is known of one source. Hours in which nothing came may be
// left out.
type History struct {
	First time.Time // the first event ever; zero when there was none
	Last  time.Time // the last event
	Known time.Time // nothing is kept of hours before; zero when all are there
	Hours []Hour
}

// Calendar says in which zone the week is read, and on which of its days
// nothing is expected.
type Calendar struct {
	Zone   *time.Location // nil is UTC
	Closed []string       // "2026-12-25"
}

// Kind is what is wrong with a source.
type Kind string

// The kinds of alert.
const (
	Silent  Kind = "silent"
	Failing Kind = "failing"
	Drifted Kind = "drifted"
)

// Alert is something that was found wrong and is not over.
type Alert struct {
	Kind   Kind      `json:"kind"`
	Since  time.Time `json:"since"`            // the last event before a silence; the hour in which failures or drift began
	At     time.Time `json:"at"`               // when it was found
	Fields []string  `json:"fields,omitempty"` // that are gone, sorted
}

// Span is a time in which a source was not as usual, so that nothing is
// learned from it.
type Span struct {
	Kind Kind      `json:"kind"`
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
}

// State is what must be remembered of a source from one look to the next. Its
// zero value is a source that was never looked at.
type State struct {
	Open []Alert `json:"open,omitempty"`
	Past []Span  `json:"past,omitempty"`
}

// Change is one alert that begins or is over, to be told once.
type Change struct {
	Alert
	Over   bool
	Reason string // in words, without personal data
}

const (
	day  = 24 * time.Hour
	week = 7 * day
	// learned is how much history counts.
	learned = 5 * week
	// mostSpans bounds what is remembered.
	mostSpans = 64
)

// Judge looks at a source. It returns what to remember and what to tell. With
// the returned state the same history and time tell nothing again.
func Judge(h History, c Calendar, s State, now time.Time) (State, []Change) {
	now = now.UTC()
	j := judge{history: h, calendar: c, now: now, state: State{Open: slices.Clone(s.Open)}}
	for _, p := range s.Past {
		if now.Sub(p.To) < learned+week {
			j.state.Past = append(j.state.Past, p)
		}
	}
	if h.First.IsZero() || h.Last.IsZero() {
		return j.state, nil
	}
	j.model = learn(h, c, s.Past, now)
	j.failures()
	j.silence()
	j.drift()
	return j.state, j.changes
}

// judge is one look at a source.
type judge struct {
	history  History
	calendar Calendar
	now      time.Time
	model    model
	state    State
	changes  []Change
}

func (j *judge) find(k Kind) (Alert, bool) {
	i := slices.IndexFunc(j.state.Open, func(a Alert) bool { return a.Kind == k })
	if i < 0 {
		return Alert{}, false
	}
	return j.state.Open[i], true
}

func (j *judge) begin(a Alert, reason string) {
	a.At = j.now
	j.state.Open = append(j.state.Open, a)
	j.changes = append(j.changes, Change{Alert: a, Reason: reason})
}

// end closes an alert. A time that was not as usual is remembered, so that it
// does not pass for usual later.
func (j *judge) end(a Alert, reason string) {
	j.forget(a)
	if a.Kind != Drifted {
		j.state.Past = append(j.state.Past, Span{Kind: a.Kind, From: a.Since, To: j.now})
		j.state.Past = j.state.Past[max(0, len(j.state.Past)-mostSpans):]
	}
	j.changes = append(j.changes, Change{Alert: a, Over: true, Reason: reason})
}

func (j *judge) forget(a Alert) {
	j.state.Open = slices.DeleteFunc(j.state.Open, func(o Alert) bool { return o.Kind == a.Kind && o.At.Equal(a.At) })
}
