package check

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"time"

	"github.com/handoff-oss/handoff/shared/policy"
)

// lintCaps finds kinds of leads of which a whole pool may receive fewer than
// one a day: they pile up, whoever asks for sales.
func (c *checker) lintCaps(p *policy.Policy) {
	for _, name := range usedPools(p) {
		pool := p.Routing.Pools[name]
		days := workdays(p.Calendars[cmp.Or(pool.Calendar, p.SLA.Calendar)])
		for _, kind := range kinds(pool) {
			sum := 0.0
			for _, r := range pool.Reps {
				if r.Off == "" {
					sum += perDay(capsOf(pool, r), kind, days)
				}
			}
			if sum < 1 {
				c.warn("routing.pools."+name, "all reps together may receive only %.2g leads a day%s, so they pile up; raise the caps, or add reps", sum, ofKind(kind))
				break
			}
		}
	}
}

// kinds are the kinds of leads that caps of a pool tell apart, all leads first;
// each as the cap that would count them.
func kinds(pool policy.Pool) []policy.Cap {
	all := map[policy.Cap]bool{{}: true}
	for _, r := range pool.Reps {
		for _, limit := range capsOf(pool, r) {
			all[policy.Cap{Tag: limit.Tag, When: limit.When}] = true
		}
	}
	return slices.SortedFunc(maps.Keys(all), byKind)
}

func byKind(a, b policy.Cap) int {
	return cmp.Or(cmp.Compare(a.Tag, b.Tag), cmp.Compare(a.When, b.When))
}

func ofKind(kind policy.Cap) string {
	switch {
	case kind.Tag != "":
		return " of the kind " + kind.Tag
	case kind.When != "":
		return " for which " + kind.When
	}
	return ""
}

// capsOf returns the limits of a rep.
func capsOf(pool policy.Pool, r policy.Rep) []policy.Cap {
	if len(r.Caps) > 0 {
		return r.Caps
	}
	return pool.Caps
}

// workdays counts the days of a week on which a calendar is open.
func workdays(cal policy.Calendar) float64 {
	n := 0.0
	for _, texts := range cal.Hours {
		if len(texts) > 0 {
			n++
		}
	}
	return n
}

// perDay returns how many leads of a kind the caps allow on an average working
// day. A cap on leads held at the same time says nothing about that.
func perDay(caps []policy.Cap, kind policy.Cap, workdays float64) float64 {
	const (
		day           = 24 * time.Hour
		week          = 7 * day
		weeksPerMonth = 52.0 / 12
	)
	least := math.Inf(1)
	for _, limit := range caps {
		all := limit.Tag == "" && limit.When == ""
		if !all && (limit.Tag != kind.Tag || limit.When != kind.When) {
			continue
		}
		most := float64(limit.Most)
		switch limit.Per {
		case policy.CapDay:
			least = min(least, most)
		case policy.CapWeek:
			least = min(least, most/workdays)
		case policy.CapMonth:
			least = min(least, most/(workdays*weeksPerMonth))
		default:
			if d, err := time.ParseDuration(limit.Per); err == nil && d > day {
				least = min(least, most*float64(week)/float64(d)/workdays)
			}
		}
	}
	return least
}
