package rhythm

import (
	"fmt"
	"maps"
	"slices"
	"time"
)

const (
	// The least that must lack a field: so many events, in so many hours.
	goneEvents, goneHours = 20, 2
	// The least that must be known before: so many events, on so many days.
	baseEvents, baseDays = 50, 7
	base                 = 4 * week
	leastPresence        = 0.9
	// stale is after how long a field that stays away is no longer expected.
	stale = 2 * week
)

func (j *judge) drift() {
	hours := slices.SortedFunc(slices.Values(j.history.Hours), func(a, b Hour) int { return a.Start.Compare(b.Start) })
	hours = slices.DeleteFunc(hours, func(h Hour) bool { return h.Shaped == 0 || j.now.Sub(h.Start) > base || h.Start.After(j.now) })
	missed := map[string]bool{}
	for _, a := range slices.Clone(j.state.Open) {
		if a.Kind != Drifted {
			continue
		}
		switch {
		case back(a, hours):
			j.end(a, fmt.Sprintf("%s %s there again.", and(a.Fields), is(len(a.Fields))))
		case j.now.Sub(a.At) > stale:
			j.forget(a)
		default:
			for _, f := range a.Fields {
				missed[f] = true
			}
		}
	}
	var fields []string
	var worst loss
	for _, f := range names(hours) {
		if l, gone := vanished(f, hours, j.now); gone && !missed[f] {
			worst = worst.with(l)
			fields = append(fields, f)
		}
	}
	if len(fields) > 0 {
		j.begin(Alert{Kind: Drifted, Since: worst.since, Fields: fields}, fmt.Sprintf("%s %s gone: in %s of %d events before, in none of the last %d.",
			and(fields), is(len(fields)), percent(worst.share), worst.before, worst.after))
	}
}

// back tells whether every field of an alert has come since.
func back(a Alert, hours []Hour) bool {
	for _, f := range a.Fields {
		if !slices.ContainsFunc(hours, func(h Hour) bool { return !h.Start.Before(a.Since) && h.Fields[f] > 0 }) {
			return false
		}
	}
	return true
}

// names lists all fields, sorted.
func names(hours []Hour) []string {
	all := map[string]bool{}
	for _, h := range hours {
		for f := range h.Fields {
			all[f] = true
		}
	}
	return slices.Sorted(maps.Keys(all))
}

// loss says of fields that are gone how often they were there before, and of
// how many events they have been missing in since when.
type loss struct {
	since         time.Time
	before, after int
	share         float64
}

// with takes the lesser claim of two losses.
func (l loss) with(o loss) loss {
	if l.since.IsZero() {
		return o
	}
	if o.since.After(l.since) {
		l.since = o.since
	}
	return loss{since: l.since, before: min(l.before, o.before), after: min(l.after, o.after), share: min(l.share, o.share)}
}

// vanished tells whether a field that was nearly always there has gone.
func vanished(field string, hours []Hour, now time.Time) (l loss, gone bool) {
	last := len(hours) - 1
	for last >= 0 && hours[last].Fields[field] == 0 {
		last--
	}
	if last < 0 || now.Sub(hours[last].Start) > stale {
		return l, false
	}
	before, after := hours[:last+1], hours[last+1:]
	there, days := 0, map[int64]bool{}
	for _, h := range before {
		if h.Shaped >= goneEvents && h.Fields[field] == 0 {
			return l, false
		}
		l.before += h.Shaped
		there += h.Fields[field]
		days[int64(hourOf(h.Start))/24] = true
	}
	for _, h := range after {
		if h.Cut {
			return l, false
		}
		l.after += h.Shaped
	}
	l.since, l.share = hours[last].Start.Add(time.Hour).UTC(), float64(there)/float64(l.before)
	return l, l.before >= baseEvents && len(days) >= baseDays && l.share >= leastPresence && l.after >= goneEvents && len(after) >= goneHours
}
