package health

import (
	"github.com/handoff-oss/handoff/shared/inbox"
	"github.com/handoff-oss/handoff/shared/signal"
	"github.com/handoff-oss/handoff/shared/table"
)

// shape counts fields by their names. What a sender calls its fields is its
// own, so their number is bounded, and where it is exceeded that is said. The
// caller holds the lock.
func (m *Meter) shape(h *table.SourceHour, s inbox.Shape) {
	known := m.fields[h.Source]
	if known == nil && s.Events > 0 {
		known = map[string]bool{}
		m.fields[h.Source] = known
	}
	h.Shaped += int64(s.Events)
	for set, n := range s.Profiles {
		m.addProfiles(h, set, int64(n))
	}
	for field, n := range s.Fields {
		if !known[field] {
			if len(known) >= mostFields {
				h.Cut = true
				continue
			}
			known[field] = true
		}
		addField(h, field, int64(n))
	}
}

// mostProfiles is how many kinds of profiles are counted of a source in an hour at
// most, by one write: a sender has few, and what is beyond would make the item large.
const mostProfiles = 24

// addProfiles counts profiles by the fields that they had. The caller holds the lock.
func (m *Meter) addProfiles(h *table.SourceHour, set signal.FieldSet, n int64) {
	if h.Profiles == nil {
		h.Profiles = map[signal.FieldSet]int64{}
	}
	if _, known := h.Profiles[set]; known || len(h.Profiles) < mostProfiles {
		h.Profiles[set] += n
	}
}

func addField(h *table.SourceHour, field string, n int64) {
	if h.Fields == nil {
		h.Fields = map[string]int64{}
	}
	h.Fields[field] += n
}
