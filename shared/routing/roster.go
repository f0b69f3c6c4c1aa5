package routing

import (
	"maps"
	"time"

	"github.com/handoff-oss/handoff/shared/policy"
)

// Roster is the directory: what is said about reps between two versions of the
// policy. It goes before the policy, which holds the defaults. Over lays it
// over a policy.
type Roster struct {
	Version int64            `json:"version"` // for whoever stores it
	Reps    map[string]Entry `json:"reps,omitempty"`
	Last    *Change          `json:"last,omitempty"` // what made this version; without the entry
}

// Entry is what the roster says about one rep. The zero Entry says nothing.
type Entry struct {
	Card
	Switch   Switch         `json:"switch,omitempty"`
	Reason   string         `json:"reason,omitempty"`    // of the switch
	SwitchBy string         `json:"switch_by,omitempty"` // who moved it
	Leave    []policy.Leave `json:"leave,omitempty"`     // besides the policy's
	Canceled []policy.Leave `json:"canceled,omitempty"`  // of the policy's leave: what does not hold
	Feed     *Feed          `json:"feed,omitempty"`      // a calendar with more leave; nil for none
	By       string         `json:"by,omitempty"`        // who said so last
	Changed  time.Time      `json:"changed,omitzero"`
	Version  int64          `json:"version,omitempty"` // of the roster that said so last
}

// Card is what stands in place of a rep's lines in the policy, and makes a rep
// whom the policy does not have. What is nil is as the policy says.
type Card struct {
	Name     *string       `json:"name,omitempty"`
	Email    *string       `json:"email,omitempty"`
	Slack    *string       `json:"slack,omitempty"`
	OwnerIDs *[]string     `json:"owner_ids,omitempty"`
	Pools    *[]string     `json:"pools,omitempty"` // the pools that the rep is in
	Weight   *float64      `json:"weight,omitempty"`
	Caps     *[]policy.Cap `json:"caps,omitempty"`     // none: the pool's
	Calendar *string       `json:"calendar,omitempty"` // a name of the policy's calendars; "" is the pool's
	// Hours are the rep's own hours, which no calendar of the policy has. They go before Calendar.
	Hours *policy.Calendar `json:"hours,omitempty"`
	Gone  bool             `json:"gone,omitempty"` // the rep is in no pool any more
}

// Feed is a calendar that is read again and again for leave.
type Feed struct {
	URL   string         `json:"url"`             // a secret: whoever knows it reads the calendar
	Words []string       `json:"words,omitempty"` // of which one makes an event leave; none: the usual ones
	Leave []policy.Leave `json:"leave,omitempty"` // what was read last
	// ETag and Modified are what the server called the calendar that was read last.
	ETag     string    `json:"etag,omitempty"`
	Modified string    `json:"modified,omitempty"`
	ReadAt   time.Time `json:"read_at,omitzero"` // when the leave was last found to be another one
	Error    string    `json:"error,omitempty"`  // why it cannot be read now; the leave is the last that is known
	Since    time.Time `json:"since,omitzero"`   // since when
}

// Switch says whether a rep receives new leads.
type Switch string

// The positions of the switch. Unset is as the policy says.
const (
	Unset Switch = ""
	On    Switch = "on"
	Off   Switch = "off"
)

// Says returns what keeps a rep from new leads altogether, "" for nothing.
func (r Roster) Says(rep policy.Rep) string {
	e := r.Reps[rep.ID]
	switch e.Switch {
	case On:
		return ""
	case Off:
		if e.Reason == "" {
			return "switched off"
		}
		return e.Reason
	case Unset:
	}
	return rep.Off
}

// With returns the next version of the roster, with another entry for a rep.
func (r Roster) With(rep string, e Entry) Roster {
	next := Roster{Version: r.Version + 1, Reps: maps.Clone(r.Reps)}
	if next.Reps == nil {
		next.Reps = map[string]Entry{}
	}
	e.Version = next.Version
	next.Reps[rep] = e
	next.Last = &Change{Version: next.Version, Rep: rep, At: e.Changed, By: e.By}
	return next
}
