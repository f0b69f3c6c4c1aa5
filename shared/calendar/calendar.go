// Package calendar reads leave out of a calendar in iCalendar format (RFC
// 5545), as Google, Outlook and Apple publish them: which of its events are
// leave, and on which days or from when to when. It knows neither where the
// calendar comes from nor whose it is. What it reads is a stranger's: it bounds
// lengths, depths and repetitions before it asks the libraries that know the
// grammar and the arithmetic of repetition, which do not.
package calendar

import (
	"cmp"
	"slices"
	"strings"
	"time"
	"unicode"

	ics "github.com/arran4/golang-ical"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/worktime"
)

// Reading says what is looked for in a calendar.
type Reading struct {
	Zone  *time.Location // of events that name none
	Words []string       // one of which in the title or a category makes an event leave; none: those of Words
	// From and To bound the leave: what ends before, or begins after, is left out.
	From, To time.Time
}

// Words are the words that make an event leave where nobody has chosen others.
func Words() []string {
	return []string{"vacation", "holiday", "leave", "out of office", "sick", "PTO"}
}

// Most is how many leaves are taken from one calendar, the earliest first.
const Most = 60

// Leave returns the leave in a calendar, in order, no two the same. An event is
// leave when its title or a category has one of the words, or when Outlook
// shows the person as out of office; canceled events, and those that show the
// person as free, are not. The reason of a leave is the word and not the title,
// which is nobody's business. All-day events make days, others instants; see
// worktime.Leave. An event that cannot be understood is left out. Kind: Invalid
// when the text is no calendar, or more of one than is read.
func Leave(text []byte, r Reading) ([]policy.Leave, error) {
	short, err := bounded(text)
	if err != nil {
		return nil, err
	}
	cal, err := ics.ParseCalendarWithOptions(strings.NewReader(short), ics.WithUnknownPropertyHandler(ics.AcceptUnknownPropertyHandler))
	if err != nil {
		return nil, fault.New(fault.Invalid, "it is no calendar that can be read")
	}
	if len(r.Words) == 0 {
		r.Words = Words()
	}
	b := book{reading: r, zones: zonesOf(cal, r), replaced: map[string]map[string]bool{}}
	for _, e := range cal.Events() {
		b.replaces(e)
	}
	var all []span
	for _, e := range cal.Events() {
		found, err := b.read(e)
		if err != nil {
			return nil, err
		}
		all = append(all, found...)
	}
	return leaves(all), nil
}

// span is one time of leave: days, both meant, or instants.
type span struct {
	days     bool
	from, to time.Time // of days: midnights in UTC of the first and the last
	reason   string
}

// leaves joins what overlaps, days that follow each other too, and writes it.
func leaves(all []span) []policy.Leave {
	slices.SortFunc(all, func(a, b span) int {
		return cmp.Or(a.from.Compare(b.from), a.to.Compare(b.to), cmp.Compare(a.reason, b.reason))
	})
	var joined []span
	for _, s := range all {
		i := slices.IndexFunc(joined, func(before span) bool {
			end := before.to
			if s.days {
				end = end.AddDate(0, 0, 1)
			}
			return before.days == s.days && before.reason == s.reason && !s.from.After(end)
		})
		if i < 0 {
			joined = append(joined, s)
		} else if s.to.After(joined[i].to) {
			joined[i].to = s.to
		}
	}
	out := make([]policy.Leave, min(len(joined), Most))
	for i := range out {
		layout := worktime.Instant
		if joined[i].days {
			layout = time.DateOnly
		}
		out[i] = policy.Leave{From: joined[i].from.Format(layout), To: joined[i].to.Format(layout), Reason: joined[i].reason}
	}
	return out
}

// reason returns the word that makes an event leave, "" for one that is none.
func (r Reading) reason(e *ics.VEvent) string {
	if strings.EqualFold(value(e, "STATUS"), "CANCELLED") || strings.EqualFold(value(e, "TRANSP"), "TRANSPARENT") {
		return ""
	}
	busy := value(e, "X-MICROSOFT-CDO-BUSYSTATUS")
	if strings.EqualFold(busy, "FREE") {
		return ""
	}
	said := value(e, "SUMMARY")
	for _, p := range e.GetProperties("CATEGORIES") {
		said += "\n" + p.Value
	}
	for _, word := range r.Words {
		if has(said, word) {
			return word
		}
	}
	if strings.EqualFold(busy, "OOF") {
		return "out of office"
	}
	return ""
}

// has tells whether a text has a word, or several in a row, by itself: "PTO" is
// not in "laptop". Capitals and the kind of space do not matter.
func has(text, word string) bool {
	plain := func(s string) string {
		return strings.Join(strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }), " ")
	}
	word = plain(word)
	return word != "" && strings.Contains(" "+plain(text)+" ", " "+word+" ")
}

// value is that of the first property of a name, "" for none.
func value(e *ics.VEvent, name string) string {
	if p := e.GetProperty(ics.ComponentProperty(name)); p != nil {
		return strings.TrimSpace(p.Value)
	}
	return ""
}
