package answer

import (
	"time"
)

// localTime and localDate are how forms write a time and a date.
const (
	localTime = "2006-01-02T15:04"
	localDate = "2006-01-02"
)

// onDate is the choice of a pause until a date of the rep's own.
const onDate = "date"

// parse reads what a form has as a time by the rep's clock, or a program's in
// RFC 3339. An empty text is the zero time. ok is false for anything else.
func (t Terms) parse(text string) (at time.Time, ok bool) {
	if text == "" {
		return time.Time{}, true
	}
	for _, layout := range []string{localTime, localTime + ":05"} {
		if at, err := time.ParseInLocation(layout, text, t.zone); err == nil {
			return at, true
		}
	}
	at, err := time.Parse(time.RFC3339, text)
	return at, err == nil
}

// Morning returns when the rep's work begins on a day, or next after it.
func (t Terms) Morning(day time.Time) time.Time {
	y, m, d := day.In(t.zone).Date()
	start := time.Date(y, m, d, 0, 0, 0, 0, t.zone)
	if t.book == nil {
		return start
	}
	return t.own.NextOpen(start)
}

// pauses are until when the clocks of a lead may be stopped, each as a time in
// RFC 3339, and at last a date of the rep's own.
func (t Terms) pauses(now time.Time) []Option {
	var out []Option
	for _, c := range []struct {
		days  int
		label string
	}{{1, "Tomorrow morning"}, {3, "In three days"}, {7, "In a week"}} {
		day := now.In(t.zone).AddDate(0, 0, c.days)
		at := t.Morning(day)
		value := at.UTC().Format(time.RFC3339)
		if at.After(t.longest(now)) || offered(out, value) {
			continue
		}
		if c.days == 1 && at.In(t.zone).YearDay() != day.YearDay() {
			c.label = "The next working morning"
		}
		out = append(out, Option{Value: value, Label: c.label, Note: t.clock(at, now)})
	}
	return append(out, Option{Value: onDate, Label: "On another day", Note: t.clock(t.longest(now), now) + " at the latest"})
}

func (t Terms) pauseReasons() []Option {
	if t.book == nil {
		return nil
	}
	return plain(t.book.SLA.Pause.Reasons)
}

// longest returns when the longest pause from now would end. Without a policy
// that is known it is far ahead: the core shortens what is too long.
func (t Terms) longest(now time.Time) time.Time {
	if t.book == nil {
		return now.AddDate(1, 0, 0)
	}
	return now.Add(time.Duration(t.book.SLA.Pause.Most))
}

// until reads the end of a pause.
func (a answering) until() (time.Time, Problem) {
	field := fieldUntil
	until, ok := a.terms.parse(a.form[fieldUntil])
	switch {
	case a.form[fieldUntil] == onDate:
		field = fieldDate
		day, err := time.ParseInLocation(localDate, a.form[fieldDate], a.terms.zone)
		if err != nil {
			return until, Problem{field, "Please give the day on which the lead goes on."}
		}
		until = a.terms.Morning(day)
	case a.form[fieldDate] != "":
		return until, Problem{field, "You have given a day, too. Please choose “On another day”, or leave the day empty."}
	case !ok || until.IsZero():
		return until, Problem{field, "Please choose until when the lead has to wait."}
	}
	switch longest := a.terms.longest(a.now); {
	case !until.After(a.now):
		return until, Problem{field, "This time has passed. Please choose a later one."}
	case until.After(longest):
		return until, Problem{field, "That is too long: a lead may wait until " + a.terms.clock(longest, a.now) + " at the latest."}
	}
	return until, Problem{}
}
