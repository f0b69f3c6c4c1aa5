package main

import (
	"fmt"
	"html/template"
	"math"
	"strings"
	"time"

	"github.com/handoff-oss/handoff/shared/steering"
)

// The size of a picture, with room for its labels.
const (
	wide, tall          = 640.0, 200.0
	leftRoom, rightRoom = 70.0, 12.0
	topRoom, bottomRoom = 10.0, 24.0
)

// frame maps times and values to the place where they are drawn.
type frame struct {
	from, to  time.Time
	low, high float64
}

func (f frame) x(t time.Time) float64 {
	span := f.to.Sub(f.from)
	if span <= 0 {
		return leftRoom
	}
	return leftRoom + (wide-leftRoom-rightRoom)*float64(t.Sub(f.from))/float64(span)
}

func (f frame) y(v float64) float64 {
	v = min(max(v, f.low), f.high)
	return tall - bottomRoom - (tall-topRoom-bottomRoom)*(v-f.low)/(f.high-f.low)
}

// frameOf has room for every look and for the line.
func frameOf(looks []steering.Look, line float64) frame {
	f := frame{from: looks[0].At, to: looks[len(looks)-1].At, low: line, high: line}
	for _, l := range looks {
		f.low, f.high = min(f.low, l.Low), max(f.high, l.High)
	}
	room := (f.high - f.low) / 20
	if !(room > 0) {
		room = max(math.Abs(line)/20, 0.01)
	}
	f.low, f.high = f.low-room, f.high+room
	return f
}

// sequencePicture draws what a gate's sequence said over time, oldest first: the
// band in which the truth is, the value in its middle, and the gate's line. It
// is empty for less than two looks. The same numbers must stand beside it.
func sequencePicture(looks []steering.Look, line float64, amount func(float64) string, label string) template.HTML {
	if len(looks) < 2 {
		return ""
	}
	f := frameOf(looks, line)
	var b strings.Builder
	fmt.Fprintf(&b, `<svg class="chart" viewBox="0 0 %.0f %.0f" role="img" aria-label="%s">`, wide, tall, template.HTMLEscapeString(label))
	fmt.Fprintf(&b, `<polygon class="band" points="%s"/>`, f.band(looks))
	for _, v := range []float64{f.low, f.high} {
		fmt.Fprintf(&b, `<path class="grid-line" d="M%.1f %.1fH%.1f"/><text x="%.1f" y="%.1f" text-anchor="end">%s</text>`,
			leftRoom, f.y(v), wide-rightRoom, leftRoom-6, f.y(v)+4, template.HTMLEscapeString(amount(v)))
	}
	fmt.Fprintf(&b, `<path class="limit" d="M%.1f %.1fH%.1f"/>`, leftRoom, f.y(line), wide-rightRoom)
	if clear := 14.0; f.y(line)-f.y(f.high) > clear && f.y(f.low)-f.y(line) > clear {
		fmt.Fprintf(&b, `<text x="%.1f" y="%.1f" text-anchor="end">%s</text>`, leftRoom-6, f.y(line)+4, template.HTMLEscapeString(amount(line)))
	}
	fmt.Fprintf(&b, `<path class="line" d="%s"/>`, f.middle(looks))
	last := looks[len(looks)-1]
	fmt.Fprintf(&b, `<circle class="dot" cx="%.1f" cy="%.1f" r="4"/>`, f.x(last.At), f.y(last.Value))
	fmt.Fprintf(&b, `<text x="%.1f" y="%.1f">%s</text>`, leftRoom, tall-6, f.from.Format(time.DateOnly))
	fmt.Fprintf(&b, `<text x="%.1f" y="%.1f" text-anchor="end">%s</text></svg>`, wide-rightRoom, tall-6, f.to.Format(time.DateOnly))
	return template.HTML(b.String()) //nolint:gosec // Made of numbers and escaped text.
}

// band goes along the upper ends and back along the lower ones.
func (f frame) band(looks []steering.Look) string {
	var forth, back []string
	for i := range looks {
		up, down := looks[i], looks[len(looks)-1-i]
		forth = append(forth, fmt.Sprintf("%.1f,%.1f", f.x(up.At), f.y(up.High)))
		back = append(back, fmt.Sprintf("%.1f,%.1f", f.x(down.At), f.y(down.Low)))
	}
	return strings.Join(append(forth, back...), " ")
}

func (f frame) middle(looks []steering.Look) string {
	var b strings.Builder
	for i, l := range looks {
		verb := "L"
		if i == 0 {
			verb = "M"
		}
		fmt.Fprintf(&b, "%s%.1f %.1f", verb, f.x(l.At), f.y(l.Value))
	}
	return b.String()
}

// intervalBar draws a value as a bar, and where it may be as a line across its
// end, both of a limit. It is decoration: the numbers must stand beside it.
func intervalBar(value, low, high, limit float64) template.HTML {
	part := func(v float64) float64 {
		if !(limit > 0) || math.IsNaN(v) {
			return 0
		}
		return min(max(100*v/limit, 0), 100)
	}
	return template.HTML(fmt.Sprintf( //nolint:gosec // Made of numbers.
		`<svg class="bar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true"><rect class="bar-track" width="100" height="8"/>`+
			`<rect class="bar-fill" width="%.1f" height="8"/><rect x="%.1f" y="3" width="%.1f" height="2" fill="currentColor"/></svg>`,
		part(value), part(low), max(part(high)-part(low), 0.5)))
}
