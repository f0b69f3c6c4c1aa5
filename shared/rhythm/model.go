package rhythm

import (
	"math"
	"slices"
	"time"
)

const (
	hoursOfWeek = 168
	// An hour counts at most so many times what is usual around it, and a few
	// more: one import does not make a rhythm.
	capTimes, capMore = 3, 5
)

// hour is a whole hour, counted from 1970.
type hour int64

func hourOf(t time.Time) hour { return hour(t.Unix() / 3600) }

func (h hour) time() time.Time { return time.Unix(int64(h)*3600, 0).UTC() }

// model is the rhythm of a source.
type model struct {
	zone   *time.Location
	closed map[string]bool
	past   []Span
	hours  []lived // that are learned from, in order
	known  time.Duration

	weeks    float64              // how much was learned from
	mean     [hoursOfWeek]float64 // events, imports left out
	evidence [hoursOfWeek]float64 // how much it says that an hour is empty: at most the mean
	vary     float64              // how much days differ by themselves: the square of the coefficient of variation
	level    float64              // of the last week, by what is usual; at most 1
	longest  float64              // the most that a gap of the past would have said
}

// lived is an hour of the past.
type lived struct {
	at    hour
	slot  int
	day   int // the date in the calendar's zone
	came  float64
	count float64 // as much of it as makes a rhythm
}

func learn(h History, c Calendar, past []Span, now time.Time) model {
	m := model{zone: c.Zone, closed: map[string]bool{}, past: past}
	if m.zone == nil {
		m.zone = time.UTC
	}
	for _, date := range c.Closed {
		m.closed[date] = true
	}
	to := min(hourOf(h.Last)+1, hourOf(now)) // the end of the last whole hour that is not part of the gap
	from := max(hourOf(h.First)+1, to-hour(learned/time.Hour))
	if !h.Known.IsZero() {
		from = max(from, hourOf(h.Known)+1)
	}
	m.known = time.Duration(to-from) * time.Hour
	counts := make([]float64, max(0, to-from))
	for _, x := range h.Hours {
		if at := hourOf(x.Start); at >= from && at < to {
			counts[at-from] += float64(x.Events)
		}
	}
	m.hours = make([]lived, 0, len(counts))
	for at := from; at < to; at++ {
		if slot, ok := m.usual(at, Silent); ok {
			m.hours = append(m.hours, lived{at: at, slot: slot, day: m.dayOf(at), came: counts[at-from]})
		}
	}
	m.means()
	m.weigh()
	m.days()
	m.lastWeek(to)
	m.gaps()
	return m
}

// usual returns the hour of the week, in the calendar's zone. ok is false for
// an hour outside the rhythm: on a holiday, or in known trouble of that kind.
func (m *model) usual(h hour, k Kind) (slot int, ok bool) {
	t := h.time()
	local := t.In(m.zone)
	if len(m.closed) > 0 && m.closed[local.Format(time.DateOnly)] {
		return 0, false
	}
	trouble := slices.ContainsFunc(m.past, func(s Span) bool {
		return s.Kind == k && t.Add(time.Hour).After(s.From) && t.Before(s.To)
	})
	return int(local.Weekday())*24 + local.Hour(), !trouble
}

// dayOf counts days in the calendar's zone.
func (m *model) dayOf(h hour) int {
	_, offset := h.time().In(m.zone).Zone()
	return int((int64(h)*3600 + int64(offset)) / int64(day/time.Second))
}

// means learns the mean of each hour of the week, and cuts imports out.
func (m *model) means() {
	const most = 8 // samples of an hour of the week, where no clock was changed
	var samples [hoursOfWeek][]float64
	all := make([]float64, hoursOfWeek*most)
	for s := range samples {
		samples[s] = all[s*most : s*most : (s+1)*most]
	}
	for _, h := range m.hours {
		samples[h.slot] = append(samples[h.slot], h.came)
	}
	var limit [hoursOfWeek]float64
	around := make([]float64, 0, 3*most)
	for s := range samples {
		around = append(around[:0], samples[(s+hoursOfWeek-1)%hoursOfWeek]...)
		around = append(append(around, samples[s]...), samples[(s+1)%hoursOfWeek]...)
		limit[s] = capMore + capTimes*median(around)
	}
	for i, h := range m.hours {
		m.hours[i].count = min(h.came, limit[h.slot])
		m.mean[h.slot] += m.hours[i].count / float64(len(samples[h.slot]))
	}
	m.weeks = float64(len(m.hours)) / hoursOfWeek
}

// weigh learns what an empty hour says. Of a Poisson stream that is its mean.
// Where events come in bunches it is less, the logarithm of how rarely an hour
// as busy as this one is empty.
func (m *model) weigh() {
	const groups = 64
	var empty, all [groups]float64
	busy := func(slot int) int { return min(max(0, math.Ilogb(m.mean[slot])+groups/2), groups-1) }
	for _, h := range m.hours {
		if m.mean[h.slot] == 0 {
			continue
		}
		all[busy(h.slot)]++
		if h.count == 0 {
			empty[busy(h.slot)]++
		}
	}
	for s, mean := range m.mean {
		if mean > 0 {
			m.evidence[s] = min(mean, -math.Log((empty[busy(s)]+0.5)/(all[busy(s)]+1)))
		}
	}
}

// days learns how much whole days differ beyond what chance does, such as days
// on which a newsletter goes out.
func (m *model) days() {
	var beyond, square float64
	for first := 0; first < len(m.hours); {
		came, usual := 0.0, 0.0
		next := first
		for ; next < len(m.hours) && m.hours[next].day == m.hours[first].day; next++ {
			came += m.hours[next].count
			usual += m.mean[m.hours[next].slot]
		}
		beyond += (came-usual)*(came-usual)*m.weeks/max(1, m.weeks-1) - usual
		square += usual * usual
		first = next
	}
	if square > 0 {
		m.vary = max(0, beyond/square)
	}
}

func median(x []float64) float64 {
	if len(x) == 0 {
		return 0
	}
	slices.Sort(x)
	return x[len(x)/2]
}

// lastWeek compares the week before the last event with the usual one.
func (m *model) lastWeek(end hour) {
	var came, usual float64
	for _, h := range m.hours {
		if h.at >= end-hoursOfWeek {
			came += h.count
			usual += m.mean[h.slot]
		}
	}
	if usual > 0 {
		m.level = min(1, came/usual)
	}
}

// gaps finds the longest gap that was usual.
func (m *model) gaps() {
	g := gap{vary: m.vary}
	for _, h := range m.hours {
		if h.count > 0 {
			g = gap{vary: m.vary}
			continue
		}
		g.add(h.day, m.evidence[h.slot])
		m.longest = max(m.longest, g.weight())
	}
}

// perWeek is how many events a usual week has.
func (m *model) perWeek() float64 {
	sum := 0.0
	for _, x := range m.mean {
		sum += x
	}
	return sum
}

// openHours is in how many hours of the week events come.
func (m *model) openHours() float64 {
	n := 0
	for _, x := range m.mean {
		if x > 0 {
			n++
		}
	}
	return float64(n)
}

// gap adds up what empty hours say. The hours of one day say less together
// than each alone where days differ by themselves: the rate of a day is taken
// as gamma-distributed, which makes the day's count negative binomial.
type gap struct {
	vary  float64
	past  float64 // of the days before
	today float64
	day   int
}

func (g *gap) add(day int, evidence float64) {
	if day != g.day {
		g.past, g.today, g.day = g.weight(), 0, day
	}
	g.today += evidence
}

// weight is the negative logarithm of the gap's chance.
func (g *gap) weight() float64 {
	if g.vary < 1e-9 {
		return g.past + g.today
	}
	return g.past + math.Log1p(g.vary*g.today)/g.vary
}

// chance is the probability of a gap of that weight and length. The rate is
// known only as well as so many weeks tell it: were it known exactly, this
// would be exp(-weight). It is the predictive distribution of a Poisson count,
// https://en.wikipedia.org/wiki/Conjugate_prior#Interpretations.
func (m *model) chance(weight float64, over time.Duration) float64 {
	turns := max(1, over.Hours()/hoursOfWeek)
	return math.Pow(1+turns/m.weeks, -weight*m.weeks/turns)
}
