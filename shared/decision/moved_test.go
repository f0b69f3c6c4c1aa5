package decision

import (
	"testing"
	"time"

	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/policy/rules"
)

// coreOf is the core of the default policy.
func coreOf(t *testing.T) *lead.Core {
	t.Helper()
	p, err := policy.Decode(policy.Default())
	if err != nil {
		t.Fatal(err)
	}
	compiled, err := rules.Compile(p, "test")
	if err != nil {
		t.Fatal(err)
	}
	core, err := lead.NewCore(compiled)
	if err != nil {
		t.Fatal(err)
	}
	return core
}

// A lead that counts for another unit leaves the first one, and one that counts
// for none leaves it, too.
func TestOutcomesOfALeadThatMoves(t *testing.T) {
	core := coreOf(t)
	in := func(unit string, version int64) *lead.Lead {
		l := &lead.Lead{Key: "1a", Version: version}
		if unit != "" {
			l.Journey.Enrolment = &lead.Enrolment{Phase: "half", Round: 1, Unit: "account", UnitID: unit, Drawn: true, At: time.Unix(0, 0)}
		}
		return l
	}
	for _, tt := range []struct {
		name          string
		before, after *lead.Lead
		want          string // "-" leaves a unit, "+" is counted for one
	}{
		{"new and not drawn", nil, in("", 1), ""},
		{"new and drawn", nil, in("a", 1), "+a"},
		{"drawn", in("", 1), in("a", 2), "+a"},
		{"as before", in("a", 1), in("a", 2), ""},
		{"in another unit", in("a", 1), in("b", 2), "-a+b"},
		{"in none", in("a", 1), in("", 2), "-a"},
	} {
		got := ""
		for _, c := range outcomes(core, tt.before, tt.after) {
			sign := "+"
			if c.Gone {
				sign = "-"
			}
			if got += sign + c.Record.Enrolment.ID; c.Version != tt.after.Version || c.Lead != "1a" {
				t.Errorf("%s: %+v", tt.name, c)
			}
		}
		if got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
}
