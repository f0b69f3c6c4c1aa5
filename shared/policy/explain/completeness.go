package explain

import (
	"maps"
	"slices"
	"strings"

	"github.com/handoff-oss/handoff/shared/policy"
)

// completeness says what sales needs to know.
func (w *writer) completeness(c policy.Completeness) {
	if len(c.HandedOff) > 0 {
		w.paragraph("Sales needs to know %s: who is ready and lacks any of it waits in the data queue until it is known, or until somebody hands them off all the same.", needed(c.HandedOff))
	}
	for _, name := range slices.Sorted(maps.Keys(c.Sources)) {
		switch own := c.Sources[name].HandedOff; {
		case own == nil:
		case len(own) == 0:
			w.paragraph("Of leads from %s sales needs to know nothing more.", name)
		default:
			w.paragraph("Of leads from %s sales needs to know %s.", name, needed(own))
		}
	}
}

func needed(needs []policy.Need) string {
	words := make([]string, len(needs))
	for i, n := range needs {
		words[i] = "the " + n.Words()
	}
	return strings.Join(words, ", and ")
}
