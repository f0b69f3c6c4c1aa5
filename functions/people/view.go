package main

import (
	"context"
	"slices"
	"time"

	"github.com/handoff-oss/handoff/shared/directory"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/routing"
	"github.com/handoff-oss/handoff/shared/view"
	"github.com/handoff-oss/handoff/shared/worktime"
)

// The JSON of the API. Fields may be added, none renamed.

// listAnswer is the answer of GET /api/people.
type listAnswer struct {
	Pools []poolAnswer `json:"pools"`
}

type poolAnswer struct {
	Pool   string           `json:"pool"`
	People []standingAnswer `json:"people"`
}

// standingAnswer is how a rep of a pool stands now.
type standingAnswer struct {
	Rep      string      `json:"rep"`
	Name     string      `json:"name"`
	Pool     string      `json:"pool"`
	State    string      `json:"state"`      // on duty, off, on leave, not on duty
	Off      string      `json:"off"`        // why the rep receives nothing
	OffBy    string      `json:"off_by"`     // who said so; "" for the policy
	Next     *time.Time  `json:"next_shift"` // null while on duty, and when there is none
	Zone     string      `json:"zone"`
	Today    []string    `json:"today"` // 09:00-12:30, by the rep's clock
	Open     int64       `json:"open"`
	Received int64       `json:"received"`
	Owed     float64     `json:"owed"` // leads; below zero: had in advance
	Caps     []capUse    `json:"caps"`
	Leave    []leaveSpan `json:"leave"` // that is not over, in order
	Feed     string      `json:"feed_error"`
}

type capUse struct {
	Used  int64  `json:"used"`
	Most  int    `json:"most"`
	Words string `json:"words"`
}

type leaveSpan struct {
	From   time.Time `json:"from"`
	To     time.Time `json:"to"` // excluded
	Reason string    `json:"reason"`
}

// cardAnswer is the answer of GET /api/people/{rep}.
type cardAnswer struct {
	Rep      string              `json:"rep"`
	Name     string              `json:"name"`
	Email    string              `json:"email"`
	Slack    string              `json:"slack"`
	OwnerIDs []string            `json:"owner_ids"`
	Pools    []string            `json:"pools"`
	Weight   float64             `json:"weight"`
	Caps     []policy.Cap        `json:"caps"`     // the rep's own; none: the pool's
	Calendar string              `json:"calendar"` // a name of the policy's, "" for the pool's, "own" for the rep's own hours
	Zone     string              `json:"zone"`
	Hours    map[string][]string `json:"hours"`
	Off      string              `json:"off"`
	Leave    []leaveEntry        `json:"leave"`
	Feed     *feedAnswer         `json:"feed"`
	Standing []standingAnswer    `json:"standing"`   // in each pool
	Said     []string            `json:"overridden"` // the fields that the directory has in place of the policy
	Version  int64               `json:"version"`    // of the rep's entry, for the next change
	By       string              `json:"changed_by"`
	Changed  *time.Time          `json:"changed_at"`
}

// leaveEntry is a leave as it was entered.
type leaveEntry struct {
	policy.Leave
	Source string `json:"source"` // directory, policy or feed
	Words  string `json:"-"`
	Over   bool   `json:"over"`
}

type feedAnswer struct {
	Address string     `json:"address"` // the host; the rest is a secret
	Words   []string   `json:"words"`   // none: the usual ones
	ReadAt  *time.Time `json:"read_at"` // when it last brought other leave
	Error   string     `json:"error"`
	Since   *time.Time `json:"failing_since"`
}

// standing describes the people of a pool.
func (h *handler) standing(ctx context.Context, d *desk, pool string) ([]standingAnswer, error) {
	state, err := h.table.Pool(ctx, pool)
	if err != nil {
		return nil, err
	}
	people := directory.People(d.core, d.roster, state, d.at)
	out := make([]standingAnswer, len(people))
	for i, p := range people {
		out[i] = standingOf(p)
	}
	return out, nil
}

func standingOf(p directory.Person) standingAnswer {
	v := standingAnswer{
		Rep: p.ID, Name: p.Name, Pool: p.Pool, State: string(p.State), Off: p.Off, Next: view.OrNil(p.Next), Zone: p.Zone.String(),
		Today: slices.Concat([]string{}, p.Today), Open: p.Open, Received: p.Received, Owed: p.Owed, Caps: []capUse{}, Leave: []leaveSpan{},
	}
	if p.Entry.Switch == routing.Off {
		v.OffBy = p.Entry.SwitchBy
	}
	for _, u := range p.Uses {
		v.Caps = append(v.Caps, capUse{u.Count, u.Cap.Most, u.Words})
	}
	for _, l := range p.Coming {
		v.Leave = append(v.Leave, leaveSpan{l.From.UTC(), l.To.UTC(), l.Reason})
	}
	if p.Entry.Feed != nil {
		v.Feed = p.Entry.Feed.Error
	}
	return v
}

// card describes all of one rep.
func (h *handler) card(ctx context.Context, s *subject) (cardAnswer, error) {
	hours := directory.HoursOf(s.policy, s.rep.ID)
	v := cardAnswer{
		Rep: s.rep.ID, Name: s.rep.Name, Email: s.rep.Email, Slack: s.rep.Slack, OwnerIDs: slices.Concat([]string{}, s.rep.OwnerIDs), Pools: s.pools,
		Weight: s.rep.Weight, Caps: slices.Concat([]policy.Cap{}, s.rep.Caps), Calendar: s.rep.Calendar, Zone: hours.Zone, Hours: hours.Hours,
		Off: s.rep.Off, Leave: s.leave(), Said: said(s.entry), Version: s.entry.Version, By: s.entry.By, Changed: view.OrNil(s.entry.Changed),
	}
	if s.entry.Hours != nil {
		v.Calendar = ownHours
	}
	if f := s.entry.Feed; f != nil {
		v.Feed = &feedAnswer{Address: routing.Masked(f.URL), Words: slices.Concat([]string{}, f.Words), ReadAt: view.OrNil(f.ReadAt), Error: f.Error, Since: view.OrNil(f.Since)}
	}
	for _, pool := range s.pools {
		people, err := h.standing(ctx, s.desk, pool)
		if err != nil {
			return v, err
		}
		for _, p := range people {
			if p.Rep == s.rep.ID {
				v.Standing = append(v.Standing, p)
			}
		}
	}
	return v, nil
}

// ownHours stands for hours that no calendar of the policy has.
const ownHours = "own"

// said lists the fields that an entry has in place of the policy.
func said(e routing.Entry) []string {
	all := []string{}
	for _, f := range []struct {
		name string
		is   bool
	}{
		{"name", e.Name != nil},
		{"email", e.Email != nil},
		{"slack", e.Slack != nil},
		{"owner_ids", e.OwnerIDs != nil},
		{"pools", e.Pools != nil},
		{"weight", e.Weight != nil},
		{"caps", e.Caps != nil},
		{"calendar", e.Calendar != nil},
		{"hours", e.Hours != nil},
	} {
		if f.is {
			all = append(all, f.name)
		}
	}
	return all
}

// leave lists the rep's leave, with where it comes from.
func (s *subject) leave() []leaveEntry {
	zone := directory.Zone(s.policy, s.rep.ID)
	out := []leaveEntry{}
	for _, l := range s.rep.Leave {
		e := leaveEntry{Leave: l, Source: "policy", Words: routing.LeaveWords(l)}
		span, err := worktime.Leave(l, zone)
		switch {
		case slices.Contains(s.entry.Leave, l):
			e.Source = "directory"
		case s.entry.Feed != nil && slices.Contains(s.entry.Feed.Leave, l):
			e.Source = "feed"
			e.Words = feedWords(l, span, err, zone)
		}
		e.Over = err == nil && !span.To.After(s.at)
		out = append(out, e)
	}
	return out
}

// feedWords writes leave from a calendar by the rep's clock.
func feedWords(l policy.Leave, span worktime.Span, err error, zone *time.Location) string {
	if _, notInstant := time.Parse(worktime.Instant, l.From); notInstant != nil || err != nil {
		return routing.LeaveWords(l)
	}
	l.From, l.To = span.From.In(zone).Format("2006-01-02 15:04"), span.To.In(zone).Format("2006-01-02 15:04")
	return routing.LeaveWords(l)
}
