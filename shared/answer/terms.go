package answer

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/routing"
	"github.com/handoff-oss/handoff/shared/worktime"
)

// Book is a policy with its calendars made.
type Book struct {
	*policy.Policy
	calendars map[string]*worktime.Calendar
}

// NewBook reads a policy. Kind: Invalid.
func NewBook(_ policy.Version, text []byte) (*Book, error) {
	p, err := policy.Decode(text)
	if err != nil {
		return nil, err
	}
	b := &Book{Policy: p, calendars: map[string]*worktime.Calendar{}}
	for name := range p.Calendars {
		if b.calendars[name], err = worktime.FromPolicy(p, name); err != nil {
			return nil, err
		}
	}
	return b, nil
}

// over is the book with what is said about reps since. Hours of a rep that
// cannot be used are left out: what is entered was checked.
func (b *Book) over(r routing.Roster) *Book {
	p := r.Over(b.Policy)
	if p == b.Policy {
		return b
	}
	out := &Book{Policy: p, calendars: maps.Clone(b.calendars)}
	for name := range p.Calendars {
		if out.calendars[name] == nil {
			if own, err := worktime.FromPolicy(p, name); err == nil {
				out.calendars[name] = own
			}
		}
	}
	return out
}

// Current reads the policy that holds for reps now: the one in force with the
// directory laid over.
func Current(load func(context.Context, time.Time) (*Book, error), roster func(context.Context) (routing.Roster, error)) func(context.Context, time.Time) (*Book, error) {
	return func(ctx context.Context, now time.Time) (*Book, error) {
		b, err := load(ctx, now)
		if err != nil {
			return nil, err
		}
		said, err := roster(ctx)
		if err != nil {
			return nil, err
		}
		return b.over(said), nil
	}
}

// Terms are what the policy says to one rep. Without a policy that is known
// they say nothing, times are UTC, and every hour is a working one.
type Terms struct {
	book *Book // nil: not known
	pool policy.Pool
	name string // of the pool
	rep  policy.Rep
	team *worktime.Calendar // the pool's hours
	own  *worktime.Calendar // the rep's, within the pool's
	zone *time.Location     // of the rep's clock
}

// TermsOf finds a rep in the pool of their handoff, else wherever they are now.
// b may be nil.
func TermsOf(b *Book, pool, rep string) Terms {
	t := Terms{book: b, name: pool, team: worktime.Always(), own: worktime.Always(), zone: time.UTC}
	if b == nil {
		return t
	}
	names := append([]string{pool}, slices.Sorted(maps.Keys(b.Routing.Pools))...)
	for _, name := range names {
		if r, ok := b.Routing.Pools[name].Rep(rep); ok {
			t.name, t.rep = name, r
			break
		}
	}
	t.pool = b.Routing.Pools[t.name]
	team := b.calendars[cmp.Or(t.pool.Calendar, b.SLA.Calendar)]
	if team == nil {
		return t
	}
	t.team, t.own, t.zone = team, team, team.Zone()
	if own := b.calendars[t.rep.Calendar]; own != nil && own != team {
		t.own, t.zone = team.And(own), own.Zone()
	}
	return t
}

// IsRep tells whether a Slack user is the rep. Who has no member id in the
// policy is known by the button alone. Without a policy nobody is.
func (t Terms) IsRep(user string) bool {
	return t.book != nil && (t.rep.Slack == "" || t.rep.Slack == user)
}

// Known tells whether the policy could be read.
func (t Terms) Known() bool { return t.book != nil }

// day returns the beginning of the day by the pool's calendar, as the core
// counts rejections.
func (t Terms) day(now time.Time) time.Time {
	y, m, d := now.In(t.team.Zone()).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, t.team.Zone())
}

// hours returns what a clock counts, nil for every hour.
func (t Terms) hours(c lead.Clock) *worktime.Calendar {
	switch c.Hours {
	case policy.HoursHolder:
		return t.own
	case policy.HoursTeam:
		return t.team
	}
	return nil
}

// Left says how much of the hours that a clock counts are left until it is due,
// whether they run now, and when that changes, by the rep's clock; turn is zero
// when that is not known, or the clock counts day and night. It is what
// page.Countdown asks for.
func (t Terms) Left(c lead.Clock, now time.Time) (left time.Duration, open bool, turn time.Time) {
	counted := t.hours(c)
	if counted == nil {
		return c.DueAt.Sub(now), true, time.Time{}
	}
	left = counted.Elapsed(now, c.DueAt)
	if counted.Open(now) {
		return left, true, counted.ShiftEnd(now).In(t.zone)
	}
	return left, false, counted.NextOpen(now).In(t.zone)
}

// manager names who decides what the rep cannot.
func (t Terms) manager() string {
	if t.pool.Manager.Name == "" {
		return "your manager"
	}
	return "your manager, " + t.pool.Manager.Name
}

// Zone is that of the rep's clock, or of the pool's without a rep.
func (t Terms) Zone() *time.Location { return t.zone }

// Place names the rep's zone for people, such as "New York".
func (t Terms) Place() string {
	name := t.zone.String()
	return strings.ReplaceAll(name[strings.LastIndexByte(name, '/')+1:], "_", " ")
}

// clock writes a time by the rep's clock: "Mon 18 May, 10:30", with the year
// when it is another one than now's.
func (t Terms) clock(at, now time.Time) string {
	at = at.In(t.zone)
	if at.Year() != now.In(t.zone).Year() {
		return at.Format("Mon 2 Jan 2006, 15:04")
	}
	return at.Format("Mon 2 Jan, 15:04")
}

// Option is one entry of a list to choose from.
type Option struct{ Value, Label, Note string }

func plain(list []policy.Option) []Option {
	out := make([]Option, len(list))
	for i, o := range list {
		out[i] = Option{Value: o.ID, Label: o.Label}
	}
	return out
}

// reasons are why a rep may reject a lead, with what follows.
func (t Terms) reasons() []Option {
	if t.book == nil {
		return nil
	}
	var out []Option
	for _, r := range t.book.Routing.Rejections.Reasons {
		out = append(out, Option{Value: r.ID, Label: r.Label, Note: follows(r)})
	}
	return out
}

// follows says in words where a rejected lead goes, and whether it counts.
func follows(r policy.Rejection) string {
	words := "goes to pool " + r.Then
	switch r.Then {
	case policy.ThenNext:
		words = "goes to the next rep, or to your manager when none is left"
	case policy.ThenManager:
		words = "your manager decides"
	case policy.ThenRecycle:
		words = "back to nurture"
		if r.Days > 0 {
			words = fmt.Sprintf("back to nurture for %d days", r.Days)
		}
	case policy.ThenDisqualify:
		words = "no lead at all"
	}
	if r.Replace {
		words += "; does not count for you"
	}
	return words
}

// consequence returns what follows from a reason, in words; for one that the
// policy does not know the next rep gets the lead, as the core has it.
func (t Terms) consequence(reason string) string {
	if i := slices.IndexFunc(t.reasons(), func(o Option) bool { return o.Value == reason }); i >= 0 {
		return t.reasons()[i].Note
	}
	return follows(policy.Rejection{Then: policy.ThenNext})
}
