package routing

import (
	"time"

	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/worktime"
)

// Use is how much of one cap a rep has used.
type Use struct {
	Cap   policy.Cap
	Count int64  // leads that count against it now
	Words string // the window, and which leads it is about: "today (enterprise)"
}

// Uses returns how much of each of their caps a rep of the pool has used at now.
// The calendar is the pool's, as in Request.
func (p Pool) Uses(pool policy.Pool, rep policy.Rep, calendar *worktime.Calendar, now time.Time) []Use {
	state := p.Reps[rep.ID]
	all := caps(pool, rep)
	out := make([]Use, len(all))
	for i, c := range all {
		out[i] = Use{Cap: c}
		switch c.Per {
		case policy.CapOpen:
			out[i].Count, out[i].Words = state.Open[openKey(c)], "open"
		case policy.CapHour, policy.CapDay, policy.CapWeek, policy.CapMonth:
			w := windowAt(c.Per, now, zone(calendar))
			out[i].Count, out[i].Words = state.Fixed[CapName(c)].since(w.start), w.words
		default:
			length, _ := time.ParseDuration(c.Per) // what is no time counts nothing
			out[i].Count = int64(len(younger(state.Rolling[CapName(c)], length, now)))
			out[i].Words = "in " + policy.Duration(length).String()
		}
		out[i].Words += about(c)
	}
	return out
}
