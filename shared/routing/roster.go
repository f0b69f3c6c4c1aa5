package routing

import (
	"maps"
	"time"

	"github.com/handoff-oss/handoff/shared/policy"
)

// Roster is what is said about reps between two versions of the policy: who is
// switched on or off, and who is on leave. The policy holds everything else.
type Roster struct {
	Version int64            `json:"version"` // for whoever stores it
	Reps    map[string]Entry `json:"reps,omitempty"`
}

// Entry is what the roster says about one rep.
type Entry struct {
	Switch  Switch         `json:"switch,omitempty"`
	Reason  string         `json:"reason,omitempty"` // of the switch
	Leave   []policy.Leave `json:"leave,omitempty"`  // besides the policy's
	By      string         `json:"by,omitempty"`     // who said so last
	Changed time.Time      `json:"changed,omitzero"`
	Version int64          `json:"version,omitempty"` // of the roster that said so last
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
	return next
}
