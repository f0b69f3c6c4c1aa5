package worktime

import (
	"time"

	"github.com/handoff-oss/handoff/shared/policy"
)

// Span is a time in which nobody is there. From is included, To is not.
type Span struct{ From, To time.Time }

// Always is open at every instant.
func Always() *Calendar {
	c := &Calendar{zone: time.UTC, closed: map[int64]bool{}}
	for d := range c.hours {
		c.hours[d] = []Interval{{0, 24 * time.Hour}}
	}
	return c
}

// And is open when both are.
func (c *Calendar) And(*Calendar) *Calendar { return c }

// Without is closed in those spans, too.
func (c *Calendar) Without([]Span) *Calendar { return c }

// Leave returns the span of a leave by the clock of a zone.
func Leave(policy.Leave, *time.Location) (Span, error) { return Span{}, nil }

// ShiftEnd returns the end of the shift that t lies in.
func (c *Calendar) ShiftEnd(t time.Time) time.Time { return t }

// Zone is where the calendar's clock hangs.
func (c *Calendar) Zone() *time.Location { return c.zone }

// Workdays counts the local dates with any open time.
func (c *Calendar) Workdays(_, _ time.Time) int { return 0 }

// Opens tells whether there is open time after an instant.
func (c *Calendar) Opens(time.Time) bool { return true }
