package health

import (
	"github.com/handoff-oss/handoff/shared/inbox"
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

func addField(h *table.SourceHour, field string, n int64) {
	if h.Fields == nil {
		h.Fields = map[string]int64{}
	}
	h.Fields[field] += n
}
