package page

import (
	"fmt"
	"html/template"
	"strconv"
	"time"
)

// stamp is how a time is written for people, and exact is that of its tooltip.
const (
	stamp = "Mon 2 Jan 2006, 15:04 MST"
	exact = "Mon 2 Jan 2006, 15:04:05 MST"
)

// Time returns a <time> element that says t in UTC. The script writes it in the
// reader's own zone; the tooltip then has both. A zero time is an empty dash.
func Time(t time.Time) template.HTML { return TimeIn(time.UTC, t) }

// TimeIn is Time for a page that speaks of the clock of a place: without the
// script the element says t in that zone.
func TimeIn(zone *time.Location, t time.Time) template.HTML {
	if t.IsZero() {
		return "–"
	}
	return element(t, "data-stamp", t.In(zone).Format(stamp))
}

// Until returns a <time> element that says how far t is from now, "in 27 min"
// or "3 h ago". The script keeps it current.
func Until(now, t time.Time) template.HTML {
	if t.IsZero() {
		return "–"
	}
	return element(t, running(t.After(now)), Distance(t.Sub(now)))
}

// Countdown returns a <time> element that says how much business time a
// deadline has left, such as "1 h 30 min left, office closed until Mon 09:00
// UTC", or by how much it is overdue, which counts day and night. The script
// keeps it current: it counts only while the office is open.
//
// left is the business time from now to due; open tells whether the office is
// open now. turn is when that changes: when the office opens next, or, while it
// is open, when it closes; zero when that is not known. It is written by the
// clock of its own location. With a calendar of package worktime:
//
//	open := cal.Open(now)
//	turn := cal.NextOpen(now).In(cal.Zone())
//	if open {
//		turn = cal.ShiftEnd(now).In(cal.Zone())
//	}
//	page.Countdown(now, due, cal.Elapsed(now, due), open, turn)
//
// A clock that counts day and night has left = due.Sub(now), open, and no turn.
func Countdown(now, due time.Time, left time.Duration, open bool, turn time.Time) template.HTML {
	if due.IsZero() {
		return "–"
	}
	attr := "data-closes"
	if !open {
		attr = "data-opens"
	}
	at := ""
	if !turn.IsZero() {
		at = turn.UTC().Format(time.RFC3339)
	}
	attrs := fmt.Sprintf(`%s data-business="%d" %s="%s"`, running(due.After(now)), max(left, 0)/time.Second, attr, at)
	return element(due, attrs, Remaining(now, due, left, open, turn))
}

// Remaining is the text of Countdown, for messages and lists without markup.
func Remaining(now, due time.Time, left time.Duration, open bool, turn time.Time) string {
	switch {
	case !due.After(now):
		if now.Sub(due) < time.Second {
			return "due now"
		}
		return "overdue by " + ahead(now.Sub(due))
	case open:
		return working(left) + " left"
	case turn.IsZero():
		return working(left) + " left, office closed"
	}
	return working(left) + " left, office closed until " + turn.Format(opening(turn.Sub(now)))
}

// opening is how the time is written at which an office opens: the weekday is
// enough for the next six days.
func opening(in time.Duration) string {
	if in < 6*day {
		return "Mon 15:04 MST"
	}
	return "Mon 2 Jan, 15:04 MST"
}

// running are the attributes of a distance in time; the style sheet keeps room
// for one that counts down.
func running(ahead bool) string {
	if ahead {
		return `class="ticks" data-until`
	}
	return "data-until"
}

func element(t time.Time, attrs, text string) template.HTML {
	t = t.UTC()
	return template.HTML(fmt.Sprintf(`<time datetime="%s" title="%s" %s>%s</time>`, //nolint:gosec // Made of formatted times and constants.
		t.Format(time.RFC3339), t.Format(exact), attrs, text))
}

// Distance says a difference of time: the future in at most two units, "in 2 d
// 4 h", the past in one, "5 min ago", and "now" between them.
func Distance(d time.Duration) string {
	switch {
	case d >= time.Second:
		return "in " + ahead(d)
	case d <= -time.Second:
		return behind(-d) + " ago"
	}
	return "now"
}

const day = 24 * time.Hour

func ahead(d time.Duration) string {
	if d >= day {
		return pair(int(d/day), "d", int(d%day/time.Hour), "h")
	}
	return working(d)
}

// working writes a span of working time: a working day has no 24 hours.
func working(d time.Duration) string {
	switch {
	case d >= time.Hour:
		return pair(int(d/time.Hour), "h", int(d%time.Hour/time.Minute), "min")
	case d >= time.Minute:
		return pair(int(d/time.Minute), "min", int(d%time.Minute/time.Second), "s")
	default:
		return strconv.Itoa(int(max(d, 0)/time.Second)) + " s"
	}
}

func behind(d time.Duration) string {
	switch {
	case d >= day:
		return strconv.Itoa(int(d/day)) + " d"
	case d >= time.Hour:
		return strconv.Itoa(int(d/time.Hour)) + " h"
	case d >= time.Minute:
		return strconv.Itoa(int(d/time.Minute)) + " min"
	default:
		return strconv.Itoa(int(d/time.Second)) + " s"
	}
}

func pair(a int, unit string, b int, less string) string {
	if b == 0 {
		return fmt.Sprintf("%d %s", a, unit)
	}
	return fmt.Sprintf("%d %s %d %s", a, unit, b, less)
}
