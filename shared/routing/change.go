package routing

import (
	"cmp"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/handoff-oss/handoff/shared/policy"
)

// Change is one version of the roster in its history.
type Change struct {
	Version int64        `json:"version"` // of the roster that the change made
	Rep     string       `json:"rep"`
	At      time.Time    `json:"at"`
	By      string       `json:"by"`
	Why     string       `json:"why,omitempty"`
	What    []Difference `json:"what,omitempty"`
	// Entry is what the roster has said of the rep since: with those of earlier
	// changes it makes the roster of this version again. The address of a feed is not told.
	Entry Entry `json:"entry,omitzero"`
}

// Difference is one thing that a change made another, in words.
type Difference struct {
	Field string `json:"field"`
	From  string `json:"from,omitempty"` // "" for nothing
	To    string `json:"to,omitempty"`   // "" for nothing
}

// String is the difference in a line: "weight: 1 → 2".
func (d Difference) String() string {
	switch {
	case d.From == "":
		return d.Field + ": " + cmp.Or(d.To, "nothing")
	case d.To == "":
		return d.Field + " taken back: " + d.From
	}
	return d.Field + ": " + d.From + " → " + d.To
}

// Record is With, and says in words what the change makes of the rep whom the
// policy and the roster before have, and why.
func (r Roster) Record(p *policy.Policy, rep string, e Entry, why string) Roster {
	next := r.With(rep, e)
	next.Last.Why = why
	next.Last.What = differences(r.about(p, rep), next.about(p, rep))
	return next
}

// History is the change that made this version, as it is kept: with the entry.
// ok is false for a roster that was never changed.
func (r Roster) History() (c Change, ok bool) {
	if r.Last == nil {
		return Change{}, false
	}
	c = *r.Last
	c.Entry = r.Reps[c.Rep]
	if c.Entry.Feed != nil {
		feed := *c.Entry.Feed
		feed.URL = Masked(feed.URL)
		c.Entry.Feed = &feed
	}
	return c, true
}

// Masked is the address of a feed as it may be shown: its host.
func Masked(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return "…"
	}
	return u.Scheme + "://" + u.Host + "/…"
}

// about is what a roster over a policy says of one rep, in words, field by field.
func (r Roster) about(p *policy.Policy, id string) described {
	effective := r.Over(p)
	rep, pools, ok := Find(effective, id)
	e := r.Reps[id]
	d := described{pools: strings.Join(pools, ", "), feed: feedWords(e.Feed)}
	if e.Feed != nil {
		d.url = e.Feed.URL
	}
	if !ok {
		return d
	}
	d.fields = []Difference{
		{Field: "name", To: rep.Name},
		{Field: "e-mail", To: rep.Email},
		{Field: "Slack", To: rep.Slack},
		{Field: "CRM ids", To: strings.Join(rep.OwnerIDs, ", ")},
		{Field: "weight", To: strconv.FormatFloat(rep.Weight, 'f', -1, 64)},
		{Field: "caps", To: cmp.Or(CapWords(rep.Caps), "the pool's")},
		{Field: "hours", To: HoursWords(effective, rep.Calendar)},
		{Field: "receives leads", To: offWords(rep.Off)},
	}
	for _, l := range rep.Leave {
		if e.Feed == nil || !slices.Contains(e.Feed.Leave, l) {
			d.leave = append(d.leave, LeaveWords(l))
		}
	}
	return d
}

// described is a rep in words.
type described struct {
	fields []Difference // with the value in To; none of somebody who is no rep
	pools  string
	leave  []string
	feed   []Difference
	url    string // of the feed
}

// differences says what is not as it was.
func differences(before, after described) []Difference {
	var all []Difference
	add := func(field, from, to string) {
		if from != to {
			all = append(all, Difference{field, from, to})
		}
	}
	add("pools", before.pools, after.pools)
	if before.url != after.url && before.feed[0].To == after.feed[0].To {
		add("calendar feed", before.feed[0].To, after.feed[0].To+" (another address)")
	}
	for i, f := range after.fields {
		from := ""
		if len(before.fields) > 0 {
			from = before.fields[i].To
		}
		add(f.Field, from, f.To)
	}
	for _, l := range before.leave {
		if len(after.fields) > 0 && !slices.Contains(after.leave, l) {
			all = append(all, Difference{Field: "leave", From: l})
		}
	}
	for _, l := range after.leave {
		if !slices.Contains(before.leave, l) {
			all = append(all, Difference{Field: "leave", To: l})
		}
	}
	for i, f := range after.feed {
		add(f.Field, before.feed[i].To, f.To)
	}
	return all
}

// feedWords describes a feed, without its address.
func feedWords(f *Feed) []Difference {
	all := []Difference{{Field: "calendar feed"}, {Field: "words of the feed"}, {Field: "leave from the feed"}, {Field: "error of the feed"}}
	if f == nil {
		return all
	}
	var leave []string
	for _, l := range f.Leave {
		leave = append(leave, LeaveWords(l))
	}
	all[0].To, all[1].To, all[2].To, all[3].To = Masked(f.URL), strings.Join(f.Words, ", "), strings.Join(leave, ", "), f.Error
	return all
}

func offWords(off string) string {
	if off == "" {
		return "yes"
	}
	return "no: " + off
}

// LeaveWords writes a leave as it was entered.
func LeaveWords(l policy.Leave) string {
	text := l.From
	if l.To != l.From {
		text += " to " + l.To
	}
	if l.Reason != "" {
		text += " (" + l.Reason + ")"
	}
	return text
}

// CapWords writes caps as a list: "5 per day, 20 open (enterprise)".
func CapWords(caps []policy.Cap) string {
	words := make([]string, len(caps))
	for i, c := range caps {
		words[i] = fmt.Sprintf("%d per %s%s", c.Most, c.Per, about(c))
		if c.Per == policy.CapOpen {
			words[i] = fmt.Sprintf("%d open%s", c.Most, about(c))
		}
		if c.Spread {
			words[i] += ", spread"
		}
	}
	return strings.Join(words, ", ")
}

// HoursWords describes the hours of a calendar of a policy: its name, and of a
// rep's own what they are.
func HoursWords(p *policy.Policy, calendar string) string {
	if calendar == "" {
		return "the pool's"
	}
	if !strings.HasPrefix(calendar, OwnHours("")) {
		return calendar
	}
	c := p.Calendars[calendar]
	words := append([]string{c.Zone}, strings.Split(HoursText(c.Hours), "\n")...)
	for _, more := range [][]string{c.Regions, c.Holidays} {
		if len(more) > 0 {
			words = append(words, "closed on "+strings.Join(more, " and "))
		}
	}
	return strings.Join(words, ", ")
}

// HoursText writes the hours of a calendar for people, a line for days in a row
// that are alike: "mon-fri 09:00-12:30 13:30-17:00".
func HoursText(hours map[string][]string) string {
	var out []string
	all := Days()
	for i := 0; i < len(all); i++ {
		if len(hours[all[i]]) == 0 {
			continue
		}
		first := i
		for i+1 < len(all) && slices.Equal(hours[all[i+1]], hours[all[first]]) {
			i++
		}
		days := all[first]
		if i > first {
			days += "-" + all[i]
		}
		out = append(out, days+" "+strings.Join(hours[all[first]], " "))
	}
	return strings.Join(out, "\n")
}

// Days are the names of the days in a calendar's hours, Monday first.
func Days() []string { return []string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"} }

// At is the roster that a history makes: all its changes, in any order, up to a
// version. Addresses of feeds are missing in it.
func At(history []Change, version int64) Roster {
	r := Roster{Reps: map[string]Entry{}}
	latest := map[string]int64{}
	for _, c := range history {
		if c.Version > version {
			continue
		}
		r.Version = max(r.Version, c.Version)
		if c.Version > latest[c.Rep] {
			latest[c.Rep] = c.Version
			r.Reps[c.Rep] = c.Entry
		}
	}
	return r
}

// IDs are the reps of a policy, by id.
func IDs(p *policy.Policy) []string {
	ids := map[string]bool{}
	for _, pool := range p.Routing.Pools {
		for _, r := range pool.Reps {
			ids[r.ID] = true
		}
	}
	return slices.Sorted(maps.Keys(ids))
}
