package check

import (
	"fmt"
	"maps"
	"slices"

	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/policy/nearest"
	"github.com/handoff-oss/handoff/shared/signal"
)

// completeness finds demands on leads of a source that there is not.
func (c *checker) completeness(p *policy.Policy) {
	sources := slices.Sorted(maps.Keys(p.Sources))
	for _, name := range slices.Sorted(maps.Keys(p.Completeness.Sources)) {
		c.exists("completeness.sources."+name, "source", name, sources)
	}
}

// lintCompleteness warns of demands that hardly anybody meets, and of what is
// said twice.
func (c *checker) lintCompleteness(p *policy.Policy) {
	c.lintNeeds("completeness", p.Completeness.Needs)
	for _, name := range slices.Sorted(maps.Keys(p.Completeness.Sources)) {
		c.lintNeeds("completeness.sources."+name, p.Completeness.Sources[name])
	}
}

func (c *checker) lintNeeds(path string, n policy.Needs) {
	for _, stage := range []struct {
		name  string
		needs []policy.Need
	}{{"known", n.Known}, {"qualified", n.Qualified}, {"handed_off", n.HandedOff}} {
		alone := map[string]bool{}
		for _, need := range stage.needs {
			if fields := need.Fields(); len(fields) == 1 {
				alone[fields[0]] = true
			}
		}
		for i, need := range stage.needs {
			c.lintNeed(fmt.Sprintf("%s.%s[%d]", path, stage.name, i), need, alone)
		}
	}
}

// lintNeed looks at one demand. alone are the fields that are asked for without
// another that would do.
func (c *checker) lintNeed(path string, need policy.Need, alone map[string]bool) {
	fields := need.Fields()
	for _, f := range fields {
		switch known := signal.Fields(); {
		case !slices.Contains(known, f):
			c.warn(path, "%s is not a field that every source has%s; make sure that your forms send it, or that somebody enters it", f, nearest.Hint(f, known))
		case len(fields) > 1 && alone[f]:
			c.warn(path, "%s is asked for by itself already, so this is always met; remove one", f)
		}
	}
}

// asks tells whether a lead can wait for data.
func asks(c policy.Completeness) bool {
	if len(c.HandedOff) > 0 {
		return true
	}
	for _, n := range c.Sources {
		if len(n.HandedOff) > 0 {
			return true
		}
	}
	return false
}
