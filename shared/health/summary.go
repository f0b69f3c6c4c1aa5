package health

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/handoff-oss/handoff/shared/inbound"
	"github.com/handoff-oss/handoff/shared/table"
)

// Hours is how many hours a summary covers, the running one included.
const Hours = 24

// State is how a source is.
type State string

// The states.
const (
	Waiting State = "waiting" // for its first webhook
	Alive   State = "alive"
	Failing State = "failing" // its latest news is a failure
)

// Fit says whether what proves the sender fits.
type Fit string

// The fits.
const (
	Fits    Fit = "fits"
	Fails   Fit = "fails"
	Unknown Fit = "unknown"
)

// Summary is what the hours of a source say.
type Summary struct {
	State       State
	LastEvent   time.Time // zero when there was none
	Events      int64     // genuine webhooks in the last Hours
	Signals     int64     // stored from them
	PerHour     []int64   // events, the oldest hour first
	Failures    []Failure // in the last Hours, the most frequent first
	LastError   time.Time
	Cause       string // of LastError: an outcome
	Detail      string // of LastError, for the operator
	Signature   Fit
	SignatureAt time.Time
}

// Failure counts the webhooks that one thing was wrong with.
type Failure struct {
	Cause string
	Count int64
}

// Summarize reads the latest hours of a source, the newest first, as
// table.SourceHours returns them.
func Summarize(hours []table.SourceHour, now time.Time) Summary {
	s := Summary{State: Waiting, PerHour: make([]int64, Hours), Signature: Unknown}
	failed := map[string]int64{}
	latest := map[table.SourceTime]time.Time{}
	for _, h := range hours {
		for which, at := range h.Times {
			if at.After(latest[which]) {
				latest[which] = at
			}
		}
		if at := h.Times[table.LastError]; s.LastError.IsZero() && !at.IsZero() {
			s.LastError = at
			s.Cause, s.Detail, _ = strings.Cut(h.Error, ": ")
		}
		s.add(h, int(now.UTC().Truncate(time.Hour).Sub(h.Hour)/time.Hour), failed)
	}
	for cause, n := range failed {
		s.Failures = append(s.Failures, Failure{cause, n})
	}
	slices.SortFunc(s.Failures, func(a, b Failure) int { return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Cause, b.Cause)) })
	s.judge(latest)
	return s
}

// add counts an hour that is so many hours ago.
func (s *Summary) add(h table.SourceHour, ago int, failed map[string]int64) {
	if ago < 0 || ago >= Hours {
		return
	}
	for outcome, n := range h.Outcomes {
		switch {
		case Event(outcome):
			s.PerHour[Hours-1-ago] += n
			s.Events += n
		case Failed(outcome):
			failed[outcome] += n
		}
	}
	s.Signals += h.Signals
}

// Event reports whether an outcome is that of a genuine webhook that was taken.
func Event(outcome string) bool {
	switch inbound.Outcome(outcome) { //nolint:exhaustive // The others are not.
	case inbound.Accepted, inbound.Duplicate, inbound.Parked, inbound.Ignored:
		return true
	}
	return false
}

// Failed reports whether an outcome is a failure.
func Failed(outcome string) bool {
	return !Event(outcome) && outcome != string(inbound.Probe) && outcome != string(inbound.Challenged) && outcome != Fetched
}

// judge compares the latest moments.
func (s *Summary) judge(latest map[table.SourceTime]time.Time) {
	s.LastEvent = latest[table.LastEvent]
	switch {
	case latest[table.LastError].After(s.LastEvent):
		s.State = Failing
	case !s.LastEvent.IsZero():
		s.State = Alive
	}
	switch fits, fails := latest[table.LastVerified], latest[table.LastForged]; {
	case fails.After(fits):
		s.Signature, s.SignatureAt = Fails, fails
	case !fits.IsZero():
		s.Signature, s.SignatureAt = Fits, fits
	}
}
