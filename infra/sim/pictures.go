package main

import (
	"fmt"
	"slices"

	"github.com/go-analyze/charts"
)

// drawFairness shows for each pool how far each rep was from their share.
func drawFairness(c *charts.Painter, p *play) error {
	rest := headline(c, "Fairness: what each rep received more than they were entitled to",
		"Above zero a rep is ahead, below zero the pool owes them. The grey lines are the bound that no sequence of caps, leaves and bursts can break.")
	pools := sortedKeys(p.numbers.ledgers)
	each := rest.Width() / len(pools)
	for i, name := range pools {
		l := p.numbers.ledgers[name]
		pic := lines{title: name, names: slices.Clone(l.reps), unit: "leads", labels: p.days(), ticks: 4, colors: slices.Clone(colors()[:len(l.reps)])}
		for _, id := range l.reps {
			var curve []float64
			for _, s := range p.numbers.hourly {
				curve = append(curve, s.apart[id])
			}
			pic.values = append(pic.values, curve)
		}
		pic.bound(l.bound())
		if err := pic.draw(part(rest, i*each, 0, (i+1)*each, rest.Height())); err != nil {
			return err
		}
	}
	return nil
}

// bound adds two lines that no curve crosses.
func (l *lines) bound(b float64) {
	for _, y := range []float64{b, -b} {
		l.values = append(l.values, slices.Repeat([]float64{y}, len(l.labels)))
		l.colors = append(l.colors, grey())
	}
	l.names = append(l.names, fmt.Sprintf("bound: ±%.0f", b)) // of both lines
	l.min, l.max, l.rows = charts.Ptr(-b-1), charts.Ptr(b+1), int(2*b)+3
}

// days labels the hours of the game by their date.
func (p *play) days() []string {
	var labels []string
	for _, s := range p.numbers.hourly {
		labels = append(labels, s.at.Format("2 Jan"))
	}
	return labels
}

// drawRivals shows how far the ways to choose took anybody from their share.
func drawRivals(c *charts.Painter, p *play, rivals []rival) error {
	rest := headline(c, "The same leads under plain ways to choose",
		"How far anybody was from what they were entitled to, at the end of each day. The reps are the same; the plain ways know no weights.")
	pic := lines{unit: "leads from their share", ticks: 10}
	for day := range rivals[0].daily {
		pic.labels = append(pic.labels, p.numbers.start.AddDate(0, 0, day).Format("2 Jan"))
	}
	for i, r := range rivals {
		pic.names = append(pic.names, fmt.Sprintf("%s (at most %.1f)", r.name, r.worst))
		pic.values = append(pic.values, r.daily)
		pic.colors = append(pic.colors, colors()[i])
	}
	return pic.draw(rest)
}

// drawLateness shows how long it took until leads were accepted and contacted,
// and what was late on each day.
func drawLateness(c *charts.Painter, p *play) error {
	rest := headline(c, "Lateness: how long it took, and what was late",
		"In business time: to accept counts while the rep is at work, the first contact while the team is. Red is later than promised.")
	half, middle := rest.Width()/2, rest.Height()/2
	accept := histogram(p.numbers.accept, []float64{0, 5, 10, 15, 20, 25, 30, 40, 50, 60, 90})
	accept.title, accept.below = "Until the rep accepted (promised: 30 minutes)", "minutes"
	if err := accept.late(30).draw(part(rest, 0, 0, half, middle)); err != nil {
		return err
	}
	var hours []float64
	for _, m := range p.numbers.contact {
		hours = append(hours, m/60)
	}
	contact := histogram(hours, []float64{0, 0.5, 1, 1.5, 2, 3, 4, 6, 8, 12, 16, 24})
	contact.title, contact.below = "Until the first contact (promised: 4 hours, 2 to the best)", "hours"
	if err := contact.late(4).draw(part(rest, half, 0, rest.Width(), middle)); err != nil {
		return err
	}
	daily := bars{title: "Deadlines breached on each day", unit: "deadlines", ticks: 10}
	for i, what := range promises() {
		daily.names = append(daily.names, what.String())
		daily.values = append(daily.values, p.numbers.breaches[what])
		daily.colors = append(daily.colors, colors()[i])
	}
	for day := range daily.values[0] {
		daily.labels = append(daily.labels, p.numbers.start.AddDate(0, 0, day).Format("2 Jan"))
	}
	return daily.draw(part(rest, 0, middle, rest.Width(), rest.Height()))
}

// histogram counts values between limits; the last column is open.
func histogram(values, limits []float64) counts {
	h := counts{limits: limits, n: make([]float64, len(limits))}
	for _, v := range values {
		for i := len(limits) - 1; i >= 0; i-- {
			if v >= limits[i] {
				h.n[i]++
				break
			}
		}
	}
	return h
}

// counts are the columns of a histogram.
type counts struct {
	bars
	limits, n []float64
}

// late colors what lies beyond a promise.
func (h counts) late(promise float64) bars {
	inTime, late := make([]float64, len(h.n)), make([]float64, len(h.n))
	for i, from := range h.limits {
		if from < promise {
			inTime[i] = h.n[i]
		} else {
			late[i] = h.n[i]
		}
		label := fmt.Sprintf("%g+", from)
		if i+1 < len(h.limits) {
			label = fmt.Sprintf("%g–%g", from, h.limits[i+1])
		}
		h.labels = append(h.labels, label)
	}
	h.unit, h.names, h.values = "leads", []string{"in time", "late"}, [][]float64{inTime, late}
	h.colors = []charts.Color{colors()[2], colors()[3]}
	return h.bars
}

// drawHeld shows how many leads waited for somebody, and for how long.
func drawHeld(c *charts.Painter, p *play) error {
	rest := headline(c, "Held leads: waiting for somebody who can receive them",
		"Two pools hold what comes at night, at weekends and beyond their caps, and offer it oldest first; enterprise assigns it, and holds only what its caps leave over.")
	held := lines{title: "Leads that wait", unit: "leads", labels: p.days(), ticks: 15, area: true}
	oldest := lines{title: "How long the oldest has waited", unit: "hours", labels: p.days(), ticks: 15}
	for i, name := range sortedKeys(p.numbers.ledgers) {
		var n, age []float64
		for _, s := range p.numbers.hourly {
			n, age = append(n, float64(s.held[name])), append(age, s.oldest[name])
		}
		for _, pic := range []*lines{&held, &oldest} {
			pic.names, pic.colors = append(pic.names, name), append(pic.colors, colors()[i])
		}
		held.values, oldest.values = append(held.values, n), append(oldest.values, age)
	}
	middle := rest.Height() / 2
	if err := held.draw(part(rest, 0, 0, rest.Width(), middle)); err != nil {
		return err
	}
	return oldest.draw(part(rest, 0, middle, rest.Width(), rest.Height()))
}
