package main

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"
)

// visitor is a person who becomes a lead.
type visitor struct {
	at      time.Time // of their first signal
	email   string
	profile map[string]string
	kind    interest
	form    string
	giant   bool // a company of 10,000 employees or more: the tag of company.yaml
}

// interest is what a visitor does.
type interest int

const (
	asks     interest = iota // for sales, at once
	browses                  // and may qualify by score
	freemail                 // asks from an address that never qualifies
)

// region is where visitors come from, and by whose clock they live.
type region struct {
	zone      *time.Location
	countries []string
}

func regions() []region {
	load := func(name string) *time.Location {
		zone, err := time.LoadLocation(name)
		if err != nil {
			return time.UTC // not with the zone database that worktime links
		}
		return zone
	}
	return []region{
		{load("America/New_York"), []string{"United States", "United States", "United States", "Canada", "Mexico", "Brazil"}},
		{load("America/Los_Angeles"), []string{"United States"}},
		{load("Europe/Berlin"), []string{"Germany", "Germany", "France", "Netherlands", "Spain", "Sweden"}},
		{load("Europe/London"), []string{"United Kingdom"}},
	}
}

// demand draws the visitors of so many days, in the order in which they come: a
// daily curve by the clock of each region, quiet nights and weekends, and in
// every 30 days two webinars and an import at night.
func demand(rng *rand.Rand, start time.Time, days, visitors int) []visitor {
	var all []visitor
	market := newMarket(rng)
	for day := range days {
		for _, b := range burstsOf(day) {
			for range min(b.visitors, visitors/5) {
				at := start.AddDate(0, 0, day).Add(b.after).Add(time.Duration(rng.Int64N(int64(time.Minute))))
				v := market.visitor(at, regions()[rng.IntN(4)])
				v.kind, v.form = asks, b.form
				all = append(all, v)
			}
		}
	}
	for len(all) < visitors {
		r := regions()[pick(rng, []float64{28, 16, 34, 22})]
		all = append(all, market.visitor(moment(rng, start, days, r.zone), r))
	}
	slices.SortStableFunc(all, func(a, b visitor) int { return a.at.Compare(b.at) })
	return all
}

// burst is many visitors within a minute.
type burst struct {
	after    time.Duration // from midnight UTC
	visitors int
	form     string
}

func burstsOf(day int) []burst {
	switch day % 30 {
	case 8: // a Tuesday, the busiest time of both continents
		return []burst{{15 * time.Hour, 150, "Webinar: contact sales"}}
	case 18: // a Friday, twenty minutes before New York goes home
		return []burst{{20*time.Hour + 10*time.Minute, 150, "Webinar: contact sales"}}
	case 23: // at night
		return []burst{{3 * time.Hour, 60, "Trade fair: contact sales"}}
	}
	return nil
}

// moment draws when somebody comes: by weekday, and by hour of their own clock.
func moment(rng *rand.Rand, start time.Time, days int, zone *time.Location) time.Time {
	weekdays := []float64{0.25, 1.1, 1.15, 1.05, 1, 0.8, 0.2} // from Sunday
	hours := []float64{
		0.1, 0.05, 0.05, 0.05, 0.05, 0.1, 0.2, 0.5, 1, 1.6, 2, 1.9,
		1.4, 1.5, 1.9, 1.8, 1.5, 1.1, 0.7, 0.5, 0.5, 0.4, 0.3, 0.2,
	}
	for {
		y, m, d := start.AddDate(0, 0, rng.IntN(days)).Date()
		at := time.Date(y, m, d, pick(rng, hours), 0, 0, 0, zone).Add(time.Duration(rng.Int64N(int64(time.Hour))).Truncate(time.Millisecond))
		inside := !at.Before(start) && at.Before(start.AddDate(0, 0, days))
		if inside && rng.Float64()*1.15 < weekdays[at.Weekday()] {
			return at.UTC()
		}
	}
}

// pick draws an index by weight.
func pick(rng *rand.Rand, weights []float64) int {
	var sum float64
	for _, w := range weights {
		sum += w
	}
	x := rng.Float64() * sum
	for i, w := range weights {
		if x -= w; x < 0 {
			return i
		}
	}
	return len(weights) - 1
}

// market makes people and their companies. Every fifth comes from a company
// that is known.
type market struct {
	rng       *rand.Rand
	companies []company
	people    int
}

type company struct {
	name, domain, country string
	employees             int
}

func newMarket(rng *rand.Rand) *market { return &market{rng: rng} }

func (m *market) visitor(at time.Time, r region) visitor {
	c := m.company(r)
	first, last := m.word(2), m.word(3)
	m.people++
	v := visitor{
		at: at, giant: c.employees >= 10_000, form: "Request a demo",
		email: strings.ToLower(fmt.Sprintf("%s.%s%d@%s", first, last, m.people, c.domain)),
		profile: map[string]string{
			"first_name": first, "last_name": last, "company": c.name, "country": c.country,
			"employees": fmt.Sprint(c.employees), "title": m.title(),
		},
	}
	switch x := m.rng.Float64(); {
	case x < 0.06:
		v.kind, v.email = freemail, fmt.Sprintf("person%d@gmail.com", m.people)
	case x < 0.16:
		v.kind, v.form = browses, "Buyer's guide"
	case x < 0.36:
		v.form = "Contact sales"
	}
	return v
}

func (m *market) title() string {
	titles := []string{"CTO", "VP Engineering", "Head of Operations", "Product Manager", "Software Engineer", "Consultant"}
	return titles[m.rng.IntN(len(titles))]
}

func (m *market) company(r region) company {
	if len(m.companies) > 20 && m.rng.Float64() < 0.2 {
		return m.companies[m.rng.IntN(len(m.companies))]
	}
	sizes := []int{12, 40, 120, 450, 1500, 3000, 20_000}
	name := m.word(3)
	c := company{
		name:   name + " " + []string{"Systems", "Labs", "Industries", "Works", "Logistics"}[m.rng.IntN(5)],
		domain: fmt.Sprintf("%s%d.example", strings.ToLower(name), len(m.companies)), country: r.countries[m.rng.IntN(len(r.countries))],
		employees: sizes[pick(m.rng, []float64{18, 22, 20, 16, 11, 10, 3})],
	}
	m.companies = append(m.companies, c)
	return c
}

// word makes a name of so many syllables.
func (m *market) word(syllables int) string {
	var b strings.Builder
	for range syllables {
		b.WriteByte("bdfgklmnprstvz"[m.rng.IntN(14)])
		b.WriteByte("aeiou"[m.rng.IntN(5)])
	}
	w := b.String()
	return strings.ToUpper(w[:1]) + w[1:]
}
