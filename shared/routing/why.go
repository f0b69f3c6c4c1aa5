package routing

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/handoff-oss/handoff/shared/policy"
)

// explain says of every rep of the pool why it was or was not them.
func explain(r Request, all []standing, able []*standing, best *standing) []Considered {
	out := make([]Considered, len(all))
	for i := range all {
		s := &all[i]
		out[i] = Considered{Rep: s.cand.ID, Chosen: s == best, Why: s.out.why}
		if s.able {
			out[i].Why = compare(s, best, able)
		}
		if s != best {
			continue
		}
		if r.Only != "" {
			out[i].Why = strings.TrimPrefix(r.claim(), "the ")
		}
		if s.start.After(r.Now) {
			out[i].Why += ", from " + s.clock(s.start, r.Now)
		}
	}
	return out
}

// claim says who r.Only is.
func (r Request) claim() string { return cmp.Or(r.Claim, "the owner of the account") }

// compare says why the lead went to the best and not to s, both being able.
func compare(s, best *standing, able []*standing) string {
	switch {
	case s == best && len(able) == 1:
		return "the only one who can receive it"
	case s == best:
		return "owed most: " + Leads(s.balance) + tied(able)
	case !s.tied:
		return fmt.Sprintf("owed %s, less than %s", Leads(s.balance), name(best.cand.Rep))
	case s.state.Received > best.state.Received:
		return fmt.Sprintf("owed as much as %s, who has received fewer leads", name(best.cand.Rep))
	}
	return fmt.Sprintf("owed as much as %s, who comes first in the policy", name(best.cand.Rep))
}

// tied adds how many are owed the same.
func tied(able []*standing) string {
	n := 0
	for _, s := range able {
		if s.tied {
			n++
		}
	}
	if n == 1 {
		return ""
	}
	return fmt.Sprintf(", first of %d who are owed the same", n)
}

func name(r policy.Rep) string { return cmp.Or(r.Name, r.ID) }

// Leads writes parts of a lead as leads, rounded to hundredths: "0.67 leads".
func Leads(parts int64) string {
	text := fmt.Sprintf("%.2f", float64(parts)/float64(Lead))
	switch text {
	case "-0.00":
		text = "0.00"
	case "1.00":
		return "1.00 lead"
	}
	return text + " leads"
}

// about names the leads that a cap is about, where it is not about all.
func about(c policy.Cap) string {
	const long = 40
	text := []rune(cmp.Or(c.Tag, c.When))
	switch {
	case len(text) == 0:
		return ""
	case len(text) > long:
		return " (" + string(text[:long]) + "…)"
	}
	return " (" + string(text) + ")"
}

// clock writes a time by the rep's clock, no longer than it must be from now.
func (s *standing) clock(t, now time.Time) string {
	local, today := t.In(s.hours.Zone()), now.In(s.hours.Zone())
	switch {
	case local.Format(time.DateOnly) == today.Format(time.DateOnly):
		return local.Format("15:04")
	case t.Sub(now) < 6*24*time.Hour:
		return local.Format("Mon 15:04")
	}
	return s.day(t, now)
}

// day writes a date by the rep's clock, with the time when it is no midnight
// and the year when it is another one.
func (s *standing) day(t, now time.Time) string {
	local, today := t.In(s.hours.Zone()), now.In(s.hours.Zone())
	layout := "2 Jan"
	if local.Year() != today.Year() {
		layout += " 2006"
	}
	if y, m, d := local.Date(); !t.Equal(midnight(y, m, d, s.hours.Zone())) {
		layout += " 15:04"
	}
	return local.Format(layout)
}
