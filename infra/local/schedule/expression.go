// Package schedule calls functions at times, by the rate and cron expressions
// of EventBridge Scheduler and in virtual time. It does not know what the
// functions do.
package schedule

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/handoff-oss/handoff/shared/fault"
)

// Expression tells when a schedule is due.
type Expression struct {
	every  time.Duration // rate
	fields [6]set        // cron: minute, hour, day of month, month, day of week, year
}

// set is what a cron field allows; nil allows everything.
type set []int

// Parse reads rate(5 minutes) or cron(0 8 ? * MON-FRI *), in UTC.
// Source: https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html.
// Kind: Invalid.
func Parse(s string) (Expression, error) {
	name, rest, ok := strings.Cut(s, "(")
	body, closed := strings.CutSuffix(rest, ")")
	if !ok || !closed {
		return Expression{}, fault.New(fault.Invalid, "%q is neither rate(…) nor cron(…)", s)
	}
	switch name {
	case "rate":
		return parseRate(strings.Fields(body))
	case "cron":
		return parseCron(strings.Fields(body))
	}
	return Expression{}, fault.New(fault.Invalid, "%q is neither rate(…) nor cron(…)", s)
}

func parseRate(words []string) (Expression, error) {
	if len(words) == 2 {
		n, err := strconv.Atoi(words[0])
		unit := map[string]time.Duration{"minute": time.Minute, "hour": time.Hour, "day": 24 * time.Hour}[strings.TrimSuffix(words[1], "s")]
		if err == nil && n > 0 && unit > 0 {
			return Expression{every: time.Duration(n) * unit}, nil
		}
	}
	return Expression{}, fault.New(fault.Invalid, "rate(%s): a number and minutes, hours or days belong here", strings.Join(words, " "))
}

func parseCron(words []string) (Expression, error) {
	if len(words) != 6 {
		return Expression{}, fault.New(fault.Invalid, "cron(%s): six fields belong here", strings.Join(words, " "))
	}
	bounds := [6][2]int{{0, 59}, {0, 23}, {1, 31}, {1, 12}, {1, 7}, {1970, 2199}}
	var e Expression
	for i, word := range words {
		allowed, err := parseField(strings.ToUpper(word), bounds[i][0], bounds[i][1], names(i))
		if err != nil {
			return Expression{}, fault.Wrap(fault.Invalid, "cron("+strings.Join(words, " ")+")", err)
		}
		e.fields[i] = allowed
	}
	return e, nil
}

// names are the words that stand for numbers in a field, the first for 1.
func names(field int) []string {
	switch field {
	case 3:
		return []string{"JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"}
	case 4:
		return []string{"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"}
	}
	return nil
}

// parseField reads lists, ranges and steps; "*" and "?" allow everything.
func parseField(word string, low, high int, names []string) (set, error) {
	if word == "*" || word == "?" {
		return nil, nil
	}
	var allowed set
	for _, item := range strings.Split(word, ",") {
		span, stepText, stepped := strings.Cut(item, "/")
		step := 1
		if stepped {
			n, err := strconv.Atoi(stepText)
			if err != nil || n < 1 {
				return nil, fault.New(fault.Invalid, "%q is not a step", stepText)
			}
			step = n
		}
		from, to, ok := bounds(span, low, high, names, stepped)
		if !ok {
			return nil, fault.New(fault.Invalid, "%q is not understood here", item)
		}
		for n := from; n <= to; n += step {
			allowed = append(allowed, n)
		}
	}
	return allowed, nil
}

func bounds(span string, low, high int, names []string, stepped bool) (from, to int, ok bool) {
	if span == "*" {
		return low, high, true
	}
	a, b, ranged := strings.Cut(span, "-")
	from, ok = value(a, names)
	to = from
	if ranged {
		var fine bool
		to, fine = value(b, names)
		ok = ok && fine
	} else if stepped {
		to = high
	}
	return from, to, ok && from >= low && to <= high && from <= to
}

func value(s string, names []string) (int, bool) {
	if i := slices.Index(names, s); i >= 0 {
		return i + 1, true
	}
	n, err := strconv.Atoi(s)
	return n, err == nil
}

// EveryMinute tells whether the schedule is due each minute.
func (e Expression) EveryMinute() bool { return e.every == time.Minute }

// Often tells whether the schedule is due several times an hour, yet not each
// minute.
func (e Expression) Often() bool { return e.every > time.Minute && e.every < time.Hour }

// AtOrAfter returns the first time, t or later, at which the schedule is due;
// ok is false when there is none within five years. Rates count from midnight
// of 1 January 1970.
func (e Expression) AtOrAfter(t time.Time) (at time.Time, ok bool) {
	t = t.UTC()
	if e.every > 0 {
		at = t.Truncate(e.every)
		if at.Before(t) {
			at = at.Add(e.every)
		}
		return at, true
	}
	at = t.Truncate(time.Minute)
	if at.Before(t) {
		at = at.Add(time.Minute)
	}
	for limit := at.AddDate(5, 0, 0); at.Before(limit); {
		switch {
		case !e.day(at):
			at = at.Truncate(24 * time.Hour).Add(24 * time.Hour)
		case !has(e.fields[1], at.Hour()):
			at = at.Truncate(time.Hour).Add(time.Hour)
		case !has(e.fields[0], at.Minute()):
			at = at.Add(time.Minute)
		default:
			return at, true
		}
	}
	return time.Time{}, false
}

func (e Expression) day(t time.Time) bool {
	return has(e.fields[2], t.Day()) && has(e.fields[3], int(t.Month())) && has(e.fields[4], int(t.Weekday())+1) && has(e.fields[5], t.Year())
}

func has(allowed set, n int) bool { return allowed == nil || slices.Contains(allowed, n) }
