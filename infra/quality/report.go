package main

import (
	"fmt"
	"strings"

	"github.com/handoff-oss/handoff/shared/policy"
)

// The least that must be reached, whatever the dice. A test holds a small world
// to them, too.
const (
	leastPrecision        = 0.92 // of suggestions, at the policy's threshold
	leastRecall           = 0.45 // of all duplicates that no name joins
	leastJudged           = 0.80 // of those that are filed under one key
	leastCompanyPrecision = 0.88
	leastCompanyRecall    = 0.55
)

// measurement is all that was measured.
type measurement struct {
	people, companies, signals, records int
	least                               int // the policy's threshold
	joins                               joinRate
	rates                               []rate
	plain                               rate // of comparing letter by letter
	company                             companyRate
}

// measured invents a world, and measures what the rules make of it.
func measured(seed uint64, people int, p *policy.Policy) (measurement, error) {
	w := made(seed, people)
	all := w.touches()
	l, c, err := apply(p, all)
	if err != nil {
		return measurement{}, err
	}
	terms := p.Identity.Suggest.Terms()
	records := recordsOf(l, c, all)
	m := measurement{
		people: len(w.people), companies: len(w.companies), signals: len(all), records: len(records), least: terms.Least,
		joins: judgeJoins(l, all), plain: plainly(records), company: w.matched(p.Routing.Account),
	}
	m.rates = rates(compared(records, terms.MostPerKey), truth(records))
	return m, nil
}

// at is the rate at the policy's threshold, or the next one that was measured.
func (m measurement) at() rate {
	for _, r := range m.rates {
		if r.least >= m.least {
			return r
		}
	}
	return rate{}
}

// short says what is worse than it must be.
func (m measurement) short() []string {
	var all []string
	for _, c := range []struct {
		what     string
		is, must float64
	}{
		{"precision of suggestions", m.at().precision(), leastPrecision},
		{"recall of suggestions", m.at().recall(), leastRecall},
		{"recall of suggestions among leads filed under one key", m.at().judged(), leastJudged},
		{"precision of companies", m.company.precision(), leastCompanyPrecision},
		{"recall of companies", m.company.recall(), leastCompanyRecall},
	} {
		if c.is < c.must {
			all = append(all, fmt.Sprintf("the %s is %s, and must be %s", c.what, percent(c.is), percent(c.must)))
		}
	}
	if n := len(m.joins.wrong); n > 0 {
		all = append(all, fmt.Sprintf("%d leads were made of two people without a person's word", n))
	}
	return all
}

func percent(share float64) string { return fmt.Sprintf("%.1f%%", 100*share) }

// report writes what was measured.
func (m measurement) report() string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line("%d people of %d companies sent %d signals under their addresses, contact ids and devices, with the errors that people make.", m.people, m.companies, m.signals)
	j := m.joins
	line("\nAutomatic merges, by contact ids, user ids and devices")
	line("  %d leads, of which %d became part of another one; %d are left that say anything about themselves", j.leads+j.merged, j.merged, m.records)
	line("  %d pairs of addresses, contact ids and user ids were joined; %d of them wrongly, in %d leads", j.joined, j.joined-j.right, len(j.wrong))
	line("  precision %s, recall %s of the pairs that are one person's", percent(j.precision()), percent(j.recall()))
	line("  %d page views of nobody came to a lead; %d to somebody else's, all of them from devices that several people use", j.pages, j.strange)
	m.suggestions(line)
	c := m.company
	line("\nCompanies, by domain, name and close name")
	line("  %d leads of known companies: %d matched rightly; %d leads of others; %d in all matched wrongly", c.known, c.right, c.strange, c.wrong)
	line("  precision %s, recall %s", percent(c.precision()), percent(c.recall()))
	return b.String()
}

// suggestions writes the table of thresholds.
func (m measurement) suggestions(line func(string, ...any)) {
	r := m.at()
	line("\nSuggested merges, of the %d pairs of leads that are still one person", r.all)
	line("  %d of them are filed under one key: a phone, or a name at a company; the others never say enough to be found", r.found)
	line("  %8s %9s %6s %10s %14s %16s", "score", "suggested", "right", "precision", "recall of all", "of those filed")
	for _, r := range m.rates {
		mark := ""
		if r.least == m.at().least {
			mark = "  the default policy"
		}
		line("  %8d %9d %6d %10s %14s %16s%s", r.least, r.suggested, r.right, percent(r.precision()), percent(r.recall()), percent(r.judged()), mark)
	}
	p := m.plain
	line("  %8s %9d %6d %10s %14s   the same name at the same company, letter by letter", "plain", p.suggested, p.right, percent(p.precision()), percent(p.recall()))
}
