package directory

import (
	"cmp"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/routing"
)

// ParseHours reads working hours as people write them, a line or a part before
// a ";" for some days: "mon-thu 09:00-12:30 13:30-17:00", "fri 09:00-13:00". The
// times of days are not looked at. Kind: Invalid.
func ParseHours(text string) (map[string][]string, error) {
	hours := map[string][]string{}
	for line := range lines(text) {
		words := strings.FieldsFunc(line, func(r rune) bool { return r == ' ' || r == ',' || r == '\t' })
		days, err := parseDays(strings.TrimSuffix(words[0], ":"))
		if err != nil {
			return nil, err
		}
		if len(words) < 2 {
			return nil, fault.New(fault.Invalid, "%q says no hours; write them as mon-fri 09:00-17:00, and leave out days off", line)
		}
		for _, day := range days {
			hours[day] = append(hours[day], words[1:]...)
		}
	}
	return hours, nil
}

// parseDays reads a day, or the first and the last of several.
func parseDays(text string) ([]string, error) {
	all := routing.Days()
	first, last, ranged := strings.Cut(strings.ToLower(text), "-")
	if !ranged {
		last = first
	}
	from, to := slices.Index(all, first), slices.Index(all, last)
	if from < 0 || to < from {
		return nil, fault.New(fault.Invalid, "%q is no day and no days in a row; write mon, tue, wed, thu, fri, sat or sun, or mon-fri", text)
	}
	return all[from : to+1], nil
}

// ParseCaps reads limits as people write them, a line or a part before a ";"
// each: "5 per day", "20 open", "10 per week spread", "2 per 24h tag enterprise",
// "1 per day when fit.grade == \"C\"". Kind: Invalid.
func ParseCaps(text string) ([]policy.Cap, error) {
	caps := []policy.Cap{}
	for line := range lines(text) {
		c, ok := parseCap(line)
		if !ok {
			return nil, fault.New(fault.Invalid, "%q is no limit such as 5 per day, 20 open or 10 per week spread", line)
		}
		caps = append(caps, c)
	}
	return caps, nil
}

func parseCap(line string) (c policy.Cap, ok bool) {
	line, c.When, _ = strings.Cut(line, " when ")
	c.When = strings.TrimSpace(c.When)
	words := strings.Fields(line)
	if len(words) < 2 {
		return c, false
	}
	var err error
	c.Most, err = strconv.Atoi(words[0])
	rest := words[2:]
	switch {
	case words[1] == policy.CapOpen:
		c.Per = policy.CapOpen
	case words[1] == "per" && len(words) > 2:
		c.Per, rest = words[2], words[3:]
	default:
		return c, false
	}
	if len(rest) > 0 && rest[0] == "spread" {
		c.Spread, rest = true, rest[1:]
	}
	if len(rest) == 2 && rest[0] == "tag" {
		c.Tag, rest = rest[1], nil
	}
	return c, err == nil && len(rest) == 0
}

// CapsText writes limits as ParseCaps reads them.
func CapsText(caps []policy.Cap) string {
	var out []string
	for _, c := range caps {
		line := fmt.Sprintf("%d per %s", c.Most, c.Per)
		if c.Per == policy.CapOpen {
			line = fmt.Sprintf("%d open", c.Most)
		}
		if c.Spread {
			line += " spread"
		}
		if c.Tag != "" {
			line += " tag " + c.Tag
		}
		if c.When != "" {
			line += " when " + c.When
		}
		out = append(out, line)
	}
	return strings.Join(out, "\n")
}

// ParseList reads words that are separated by commas or lines.
func ParseList(text string) []string {
	out := []string{}
	for word := range strings.FieldsFuncSeq(text, func(r rune) bool { return r == ',' || r == '\n' || r == ';' }) {
		if word = strings.TrimSpace(word); word != "" {
			out = append(out, word)
		}
	}
	return out
}

// HoursOf are the hours that a rep has now: their own, else those of their
// calendar, the pool's or the team's.
func HoursOf(p *policy.Policy, rep string) policy.Calendar {
	r, pools, ok := routing.Find(p, rep)
	name := r.Calendar
	if name == "" && ok {
		name = p.Routing.Pools[pools[0]].Calendar
	}
	return p.Calendars[cmp.Or(name, p.SLA.Calendar)]
}

// lines yields the lines that are not empty; a ";" ends one, too.
func lines(text string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for line := range strings.FieldsFuncSeq(text, func(r rune) bool { return r == '\n' || r == '\r' || r == ';' }) {
			if line = strings.TrimSpace(line); line != "" && !yield(line) {
				return
			}
		}
	}
}
