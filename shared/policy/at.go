package policy

import (
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/handoff-oss/handoff/shared/fault"
)

// At is a point of a clock: a share of the time allowed ("50%", "100%",
// "150%"), a time after the start ("15m"), before the deadline ("-10m") or
// after it ("+2h"). All count the hours that the clock counts.
type At struct {
	percent float64 // of the time allowed; as it was written, so that it is written the same
	from    Duration
	end     bool // from counts from the deadline
}

// Percent returns the point at a share of the time allowed.
func Percent(p float64) At { return At{percent: p} }

// Offset returns the point of a clock of that length, as time from its start.
// It is never negative: a point before the start is the start.
func (a At) Offset(within Duration) time.Duration {
	offset := time.Duration(math.Round(a.percent/100*float64(within)/float64(time.Second))) * time.Second
	if a.end {
		offset += time.Duration(within)
	}
	return max(0, offset+time.Duration(a.from))
}

// MarshalText writes the point as it is read.
func (a At) MarshalText() ([]byte, error) { return []byte(a.String()), nil }

// String returns the point as it stands in a policy.
func (a At) String() string {
	switch {
	case a.end && a.from >= 0:
		return "+" + a.from.String()
	case a.end, a.percent == 0:
		return a.from.String()
	}
	return strconv.FormatFloat(a.percent, 'f', -1, 64) + "%"
}

// UnmarshalText reads a share or a signed duration. Kind: Invalid.
func (a *At) UnmarshalText(text []byte) error {
	s := strings.TrimSpace(string(text))
	wrong := fault.New(fault.Invalid, "%q is not a point of a clock such as 50%%, 15m, -10m or +2h", text)
	if percent, ok := strings.CutSuffix(s, "%"); ok {
		v, err := strconv.ParseFloat(percent, 64)
		if err != nil || v < 0 || v > 10_000 || math.IsNaN(v) {
			return wrong
		}
		*a = At{percent: v}
		return nil
	}
	var d Duration
	if err := d.UnmarshalText([]byte(s)); err != nil {
		return wrong
	}
	*a = At{from: d, end: strings.HasPrefix(s, "-") || strings.HasPrefix(s, "+")}
	return nil
}
