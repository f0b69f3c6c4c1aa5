package calendar

import (
	"slices"
	"strconv"
	"strings"
	"time"

	ics "github.com/arran4/golang-ical"
	"github.com/teambition/rrule-go"
)

// zone turns what the clock on the wall shows, given in UTC, into an instant,
// and back.
type zone interface {
	instant(wall time.Time) time.Time
	wall(instant time.Time) time.Time
}

// place is a zone of the IANA database.
type place struct{ *time.Location }

func (p place) instant(wall time.Time) time.Time {
	return time.Date(wall.Year(), wall.Month(), wall.Day(), wall.Hour(), wall.Minute(), wall.Second(), 0, p.Location)
}

func (p place) wall(instant time.Time) time.Time {
	t := instant.In(p.Location)
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), 0, time.UTC)
}

// written is a zone that the calendar itself describes, as Outlook does, whose
// names are Windows's own.
type written struct{ changes []change }

// change is from when on, by the clock before it, a zone is so far from UTC.
type change struct {
	at           time.Time // on the wall
	before, from time.Duration
}

func (w written) instant(wall time.Time) time.Time {
	i, _ := slices.BinarySearchFunc(w.changes, wall, func(c change, t time.Time) int {
		if c.at.After(t) {
			return 1
		}
		return -1
	})
	if i == 0 {
		return wall.Add(-w.changes[0].before)
	}
	return wall.Add(-w.changes[i-1].from)
}

func (w written) wall(instant time.Time) time.Time {
	utc := instant.UTC()
	i, _ := slices.BinarySearchFunc(w.changes, utc, func(c change, t time.Time) int {
		if c.at.Add(-c.before).After(t) {
			return 1
		}
		return -1
	})
	if i == 0 {
		return utc.Add(w.changes[0].before)
	}
	return utc.Add(w.changes[i-1].from)
}

// zones are those that the events of a calendar may name.
type zones struct {
	floating zone // of whoever reads it
	written  map[string]zone
}

// named returns a zone: one of the IANA database, also with a prefix as some
// programs write it, else one that the calendar describes, else the reader's.
func (z zones) named(name string) zone {
	parts := strings.Split(strings.Trim(name, "/"), "/")
	for _, try := range []string{name, strings.Join(parts[max(0, len(parts)-2):], "/")} {
		if location, err := time.LoadLocation(try); err == nil && try != "" && try != "Local" {
			return place{location}
		}
	}
	if w, ok := z.written[name]; ok {
		return w
	}
	return z.floating
}

// zonesOf reads the zones that the calendar describes (RFC 5545, section 3.6.5).
func zonesOf(cal *ics.Calendar, r Reading) zones {
	z := zones{floating: place{r.Zone}, written: map[string]zone{}}
	const most = 200
	for _, t := range cal.Timezones() {
		id := t.GetProperty(ics.ComponentPropertyTzid)
		if id == nil || len(z.written) >= most {
			continue
		}
		var changes []change
		for _, half := range t.SubComponents() {
			changes = append(changes, changesOf(half, r.To)...)
		}
		slices.SortStableFunc(changes, func(a, b change) int { return a.at.Compare(b.at) })
		if len(changes) > 0 {
			z.written[id.Value] = written{changes}
		}
	}
	return z
}

// changesOf are the times at which a half of a zone's year begins.
func changesOf(half ics.Component, until time.Time) []change {
	properties := map[string]string{}
	for _, p := range half.UnknownPropertiesIANAProperties() {
		properties[p.IANAToken] = strings.TrimSpace(p.Value)
	}
	start, err := time.Parse("20060102T150405", properties["DTSTART"])
	before, known := offset(properties["TZOFFSETFROM"])
	from, alsoKnown := offset(properties["TZOFFSETTO"])
	if err != nil || !known || !alsoKnown {
		return nil
	}
	all := []change{{start, before, from}}
	o, err := rrule.StrToROption(strings.ToUpper(properties["RRULE"]))
	if err != nil || o.Freq != rrule.YEARLY || o.Interval > 1 || o.Count > 0 || byTimeOrEaster(o) {
		return all
	}
	if start.Before(farthest()) { // Outlook's begin in 1601; nothing is different since
		start = time.Date(1970, start.Month(), 1, start.Hour(), start.Minute(), start.Second(), 0, time.UTC)
	}
	for _, t := range times(o, start, until.AddDate(1, 0, 0)) {
		all = append(all, change{t, before, from})
	}
	return all
}

// offset reads a distance from UTC such as -0500 (RFC 5545, section 3.3.14).
func offset(text string) (time.Duration, bool) {
	if len(text) < len("+0000") || (text[0] != '+' && text[0] != '-') {
		return 0, false
	}
	hours, err := strconv.Atoi(text[1:3])
	minutes, errMinutes := strconv.Atoi(text[3:5])
	if err != nil || errMinutes != nil || hours > 24 || minutes > 59 {
		return 0, false
	}
	d := time.Duration(hours)*time.Hour + time.Duration(minutes)*time.Minute
	if text[0] == '-' {
		d = -d
	}
	return d, true
}
