package calendar

import (
	"iter"
	"strings"

	"github.com/handoff-oss/handoff/shared/fault"
)

// Bounds of what is read. The libraries behind recurse into components, take
// memory by the square of a line's length, and follow a repetition to the end
// of time.
const (
	longestLine  = 4 << 10 // of a property that is of use; a longer one is cut away
	deepest      = 4       // a calendar, a zone, and the two halves of its year
	mostEvents   = 50_000
	mostRepeated = 200 // events of leave that repeat
	longestRule  = 500
)

// properties are those that say anything about leave. All others are left out
// before the calendar is parsed, so that what is wrong in them does no harm.
func properties() map[string]bool {
	all := map[string]bool{}
	for _, name := range strings.Fields(`BEGIN END UID SUMMARY CATEGORIES STATUS TRANSP X-MICROSOFT-CDO-BUSYSTATUS
		DTSTART DTEND DURATION RRULE RDATE EXDATE RECURRENCE-ID TZID TZOFFSETFROM TZOFFSETTO`) {
		all[name] = true
	}
	return all
}

// bounded unfolds the lines of a calendar and keeps those that are of use.
// Kind: Invalid for what is no calendar, or nested or large beyond all use.
func bounded(text []byte) (string, error) {
	known := properties()
	var out strings.Builder
	depth, events := 0, 0
	for line := range unfolded(string(text)) {
		name, _, _ := strings.Cut(line, ":")
		name, _, _ = strings.Cut(strings.ToUpper(name), ";")
		if !known[name] || len(line) > longestLine {
			continue
		}
		switch name {
		case "BEGIN":
			depth++
			if strings.EqualFold(line, "BEGIN:VEVENT") {
				events++
			}
			line = strings.ToUpper(line)
		case "END":
			depth--
			line = strings.ToUpper(line)
		default:
			line = name + line[len(name):]
		}
		if depth > deepest || events > mostEvents {
			return "", fault.New(fault.Invalid, "the calendar is too large to be read")
		}
		out.WriteString(line)
		out.WriteString("\r\n")
	}
	if !strings.HasPrefix(out.String(), "BEGIN:VCALENDAR") {
		return "", fault.New(fault.Invalid, "it is no calendar in iCalendar format")
	}
	return out.String(), nil
}

// unfolded yields the lines of a text; one that begins with a space or a tab
// goes on with the line before (RFC 5545, section 3.1).
func unfolded(text string) iter.Seq[string] {
	return func(yield func(string) bool) {
		var line strings.Builder
		begun := false
		for part := range strings.Lines(strings.TrimPrefix(text, "\ufeff")) {
			part = strings.TrimRight(part, "\r\n")
			if begun && folded(part) {
				line.WriteString(part[1:min(len(part), max(1, longestLine+2-line.Len()))])
				continue
			}
			if begun && !yield(line.String()) {
				return
			}
			line.Reset()
			line.WriteString(part)
			begun = true
		}
		if begun {
			yield(line.String())
		}
	}
}

func folded(line string) bool { return line != "" && (line[0] == ' ' || line[0] == '\t') }
