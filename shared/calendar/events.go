package calendar

import (
	"strconv"
	"strings"
	"time"

	ics "github.com/arran4/golang-ical"

	"github.com/handoff-oss/handoff/shared/fault"
)

// book is a calendar that is read.
type book struct {
	reading  Reading
	zones    zones
	replaced map[string]map[string]bool // by the id of an event that repeats: the times that other events replace
	repeated int
}

// moment is when an event begins: a day, or a time of day in a zone.
type moment struct {
	wall time.Time // as the clock on the wall shows it, in UTC
	day  bool
	zone zone
}

// name is equal for equal moments, whatever zone they are written in.
func (m moment) name() string {
	if m.day {
		return m.wall.Format(time.DateOnly)
	}
	return strconv.FormatInt(m.instant().Unix(), 10)
}

func (m moment) instant() time.Time { return m.zone.instant(m.wall) }

// moment reads a date or a time (RFC 5545, sections 3.3.4 and 3.3.5).
func (z zones) moment(text, zone string) (moment, bool) {
	if t, err := time.Parse("20060102", text); err == nil {
		return moment{wall: t, day: true, zone: z.floating}, true
	}
	if t, err := time.Parse("20060102T150405Z", text); err == nil {
		return moment{wall: t, zone: place{time.UTC}}, true
	}
	t, err := time.Parse("20060102T150405", text)
	return moment{wall: t, zone: z.named(zone)}, err == nil
}

// momentOf reads the property of an event.
func (b *book) momentOf(e *ics.VEvent, name string) (moment, bool) {
	p := e.GetProperty(ics.ComponentProperty(name))
	if p == nil {
		return moment{}, false
	}
	return b.zones.moment(strings.TrimSpace(p.Value), parameter(p, "TZID"))
}

func parameter(p *ics.IANAProperty, name string) string {
	if v := p.ICalParameters[name]; len(v) > 0 {
		return v[0]
	}
	return ""
}

// moments reads all moments of properties that are lists of them.
func (b *book) moments(e *ics.VEvent, name string) []moment {
	var all []moment
	for _, p := range e.GetProperties(ics.ComponentProperty(name)) {
		for text := range strings.SplitSeq(p.Value, ",") {
			text, _, _ = strings.Cut(strings.TrimSpace(text), "/") // of a period its beginning
			if m, ok := b.zones.moment(text, parameter(p, "TZID")); ok {
				all = append(all, m)
			}
		}
	}
	return all
}

// replaces notes which time of one that repeats an event stands for.
func (b *book) replaces(e *ics.VEvent) {
	m, ok := b.momentOf(e, "RECURRENCE-ID")
	id := value(e, "UID")
	if !ok || id == "" {
		return
	}
	if b.replaced[id] == nil {
		b.replaced[id] = map[string]bool{}
	}
	b.replaced[id][m.name()] = true
}

// read returns the times of one event that are leave. Kind: Invalid when too
// many events repeat.
func (b *book) read(e *ics.VEvent) ([]span, error) {
	reason := b.reading.reason(e)
	start, ok := b.momentOf(e, "DTSTART")
	if reason == "" || !ok {
		return nil, nil
	}
	length, ok := b.length(e, start)
	if !ok {
		return nil, nil
	}
	begins := []moment{start}
	if rule := value(e, "RRULE"); value(e, "RECURRENCE-ID") == "" && (rule != "" || len(e.GetProperties("RDATE")) > 0) {
		if b.repeated++; b.repeated > mostRepeated {
			return nil, fault.New(fault.Invalid, "more than %d events of leave repeat", mostRepeated)
		}
		begins = b.repeats(e, start, rule)
	}
	var all []span
	for _, m := range begins {
		if s, ok := b.span(m, length); ok {
			s.reason = reason
			all = append(all, s)
		}
	}
	return all, nil
}

// length is how long an event is: in days, or in time.
func (b *book) length(e *ics.VEvent, start moment) (time.Duration, bool) {
	const day = 24 * time.Hour
	length := time.Duration(0)
	if start.day {
		length = day
	}
	if end, ok := b.momentOf(e, "DTEND"); ok {
		length = end.instant().Sub(start.instant())
		if start.day {
			length = end.wall.Sub(start.wall)
		}
	} else if text := value(e, "DURATION"); text != "" {
		if length, ok = duration(text); !ok {
			return 0, false
		}
	}
	if start.day {
		length = max(day, length.Truncate(day)) // the end of a day that is none is the day itself
	}
	return length, length > 0 && length <= 5*366*day
}

// span returns the time that begins at a moment, when it is in those looked for.
func (b *book) span(m moment, length time.Duration) (span, bool) {
	if m.day {
		s := span{days: true, from: m.wall, to: m.wall.Add(length - 24*time.Hour)}
		first, end := b.zones.floating.instant(s.from), b.zones.floating.instant(m.wall.Add(length))
		return s, end.After(b.reading.From) && first.Before(b.reading.To)
	}
	from := m.instant()
	to := from.Add(length)
	s := span{from: from.UTC().Truncate(time.Minute), to: to.UTC().Add(time.Minute - 1).Truncate(time.Minute)}
	return s, to.After(b.reading.From) && from.Before(b.reading.To)
}

// duration reads a length of time such as P1D, PT1H30M or P2W (RFC 5545,
// section 3.3.6). One that is negative is none.
func duration(text string) (time.Duration, bool) {
	rest, ok := strings.CutPrefix(strings.TrimPrefix(text, "+"), "P")
	if !ok || rest == "" || len(rest) > 20 {
		return 0, false
	}
	units := map[byte]time.Duration{'W': 7 * 24 * time.Hour, 'D': 24 * time.Hour}
	var sum time.Duration
	for rest != "" {
		if rest[0] == 'T' {
			units = map[byte]time.Duration{'H': time.Hour, 'M': time.Minute, 'S': time.Second}
			rest = rest[1:]
			continue
		}
		i := strings.IndexFunc(rest, func(r rune) bool { return r < '0' || r > '9' })
		if i <= 0 || units[rest[i]] == 0 {
			return 0, false
		}
		n, err := strconv.Atoi(rest[:i])
		if err != nil || n > 100_000 {
			return 0, false
		}
		sum += time.Duration(n) * units[rest[i]]
		rest = rest[i+1:]
	}
	return sum, true
}
