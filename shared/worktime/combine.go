package worktime

import (
	"slices"
	"time"
)

// Span is a time in which nobody is there. From is included, To is not.
type Span struct{ From, To time.Time }

// Always is open at every instant: the clock on the wall. It is what And and
// Without start from when there are no hours to keep.
func Always() *Calendar { return &Calendar{zone: time.UTC} }

// And returns the calendar that is open when both are: the hours of a rep in
// Berlin within those of a team in New York. It keeps c's zone. It need not
// open at all; see Opens.
func (c *Calendar) And(other *Calendar) *Calendar {
	out := &Calendar{zone: c.zone, rotas: slices.Clip(c.rotas), away: join(c.away, other.away)}
	for _, r := range other.rotas {
		if !slices.Contains(c.rotas, r) {
			out.rotas = append(out.rotas, r)
		}
	}
	return out
}

// Without returns the calendar that is closed in those spans as well, as on
// leave. They come in any order and may overlap; one whose To is not after its
// From is ignored. What is left need not open at all; see Opens.
func (c *Calendar) Without(away []Span) *Calendar {
	return &Calendar{zone: c.zone, rotas: c.rotas, away: join(c.away, away)}
}

// join returns the union of the spans, sorted and apart from each other.
func join(a, b []Span) []Span {
	all := slices.Concat(a, b)
	all = slices.DeleteFunc(all, func(s Span) bool { return !s.To.After(s.From) })
	slices.SortFunc(all, func(a, b Span) int { return a.From.Compare(b.From) })
	var out []Span
	for _, s := range all {
		s = Span{s.From.UTC().Round(0), s.To.UTC().Round(0)}
		if n := len(out); n > 0 && !s.From.After(out[n-1].To) {
			out[n-1].To = latest(out[n-1].To, s.To)
			continue
		}
		out = append(out, s)
	}
	return out
}
