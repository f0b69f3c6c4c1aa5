package lead_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/handoff-oss/handoff/shared/signal"
)

// quiet is a signal as an import stores it.
func quiet(s signal.Signal) signal.Signal {
	s.Quiet = true
	return s
}

// History starts no handoff, even if it is of this moment and would qualify
// the lead; what the lead does afterwards does, with what was imported.
func TestImportedHistoryWakesNobody(t *testing.T) {
	s := newStory(t, nil)
	s.hear(monday, quiet(demo("import-1", monday)))
	if d := cmp.Diff([]string{"lead.created"}, s.types()); d != "" {
		t.Fatal(d)
	}
	if !s.log[0].Detail.Quiet || s.lead.Journey.Handoff != nil || len(s.lead.Journey.Clocks) > 0 {
		t.Errorf("%+v", s.lead.Journey)
	}
	s.decide(monday.Add(time.Hour)) // a tick is no news either
	if len(s.log) != 1 {
		t.Errorf("%v", s.types())
	}
	s.hear(monday.Add(2*time.Hour), visit("live-1", monday.Add(2*time.Hour)))
	if !slices.Contains(s.types(), "lead.handed_off") {
		t.Errorf("a live signal after an import: %v", s.types())
	}
}

// In one decision with a live signal, the customer waits since that one, in
// whatever order they came.
func TestHistoryBesideNews(t *testing.T) {
	s := newStory(t, nil)
	s.hear(monday.Add(time.Minute), demo("live-1", monday), quiet(demo("import-1", monday.Add(time.Minute))))
	if h := s.lead.Journey.Handoff; h == nil || !h.Waits.Equal(monday) || s.log[0].Detail.Quiet {
		t.Errorf("%+v %v", h, s.log[0])
	}
}

// A holder hears nothing of what was imported about their lead.
func TestHistoryDoesNotStirAHolder(t *testing.T) {
	s := newStory(t, nil)
	s.hear(monday, demo("live-1", monday))
	before := len(s.log)
	later := monday.AddDate(0, 0, 20)
	s.lead.Journey.Clocks = nil
	s.hear(later, quiet(demo("import-1", later)))
	if len(s.log) != before {
		t.Errorf("%v", s.types()[before:])
	}
}
