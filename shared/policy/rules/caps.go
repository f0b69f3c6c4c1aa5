package rules

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/policy/nearest"
)

// The shortest and the longest rolling window of a cap.
const (
	shortestWindow = time.Minute
	longestWindow  = 744 * time.Hour
)

// Fault is what is wrong with one field of a limit, by its name, "" for the
// whole of it.
type Fault struct{ Field, Message string }

// CapFaults are what is wrong with a cap under a policy with those tags. What
// is wrong with its condition CompileRoute says.
func CapFaults(limit policy.Cap, tags []string) []Fault {
	var all []Fault
	wrong := func(field, format string, args ...any) {
		all = append(all, Fault{field, fmt.Sprintf(format, args...)})
	}
	windows := []string{policy.CapHour, policy.CapDay, policy.CapWeek, policy.CapMonth, policy.CapOpen}
	d, err := time.ParseDuration(limit.Per)
	switch {
	case err == nil && (d < shortestWindow || d > longestWindow):
		wrong("per", "a rolling time is at least 1m and at most 744h, which are 31 days")
	case err != nil && !slices.Contains(windows, limit.Per):
		wrong("per", "%q is not hour, day, week, month, open or a time such as 24h%s", limit.Per, nearest.Hint(limit.Per, windows))
	case limit.Spread && limit.Per != policy.CapWeek && limit.Per != policy.CapMonth:
		wrong("spread", "only a week or a month can be spread over its working days; remove it")
	}
	switch {
	case limit.Tag == "" || slices.Contains(tags, limit.Tag):
	case len(tags) == 0:
		wrong("tag", "there is no tag %q: the policy has none yet; add it, or remove this line", limit.Tag)
	default:
		wrong("tag", "there is no tag %q%s; there is %s", limit.Tag, nearest.Hint(limit.Tag, tags), strings.Join(tags, ", "))
	}
	return all
}

// SameCaps returns, by their places, those of some caps that limit the same
// leads in the same time as one before them: the one before, and the second.
func SameCaps(caps []policy.Cap) (pairs [][2]int) {
	seen := map[policy.Cap]int{}
	for i, limit := range caps {
		key := policy.Cap{Per: limit.Per, Tag: limit.Tag, When: limit.When}
		if d, err := time.ParseDuration(limit.Per); err == nil {
			key.Per = d.String()
		}
		if j, there := seen[key]; there {
			pairs = append(pairs, [2]int{j, i})
			continue
		}
		seen[key] = i
	}
	return pairs
}

// CompileRoute says what is wrong with an expression over RouteEnv, nil for
// nothing. Path is where it stands.
func CompileRoute(path, code string) *ExpressionError {
	var b builder
	b.route(path, code)
	if len(b.errs) > 0 {
		return b.errs[0]
	}
	return nil
}
