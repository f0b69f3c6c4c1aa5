package decision_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/handoff-oss/handoff/shared/evidence"
	"github.com/handoff-oss/handoff/shared/funnel"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/signal"
	"github.com/handoff-oss/handoff/shared/table"
)

// waiting are the changes that wait for being counted.
func waiting(t *testing.T, store *table.Table) []evidence.Change {
	t.Helper()
	var all []evidence.Change
	for shard := range table.OutcomeShards {
		some, err := store.Outcomes(t.Context(), monday.Truncate(24*time.Hour), shard)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, some...)
	}
	return all
}

// A lead that was drawn for a phase is counted anew when an outcome of it
// changes: two write units. A click costs what it always does, and so does
// everything of a lead that nobody has drawn.
func TestOutcomesOfDrawnLeadsAreCounted(t *testing.T) {
	m := newMetered(t)
	s := request("ada@engines.example")
	m.receive(t, s)
	if got := waiting(t, m.table); len(got) > 0 {
		t.Fatalf("nobody was drawn, and there is %+v", got)
	}
	k, err := s.LeadKey()
	if err != nil {
		t.Fatal(err)
	}
	change := func(f func(*lead.Journey)) {
		l, err := m.table.Lead(t.Context(), k)
		if err != nil {
			t.Fatal(err)
		}
		f(&l.Journey)
		l.Version++
		if err := m.table.Commit(t.Context(), table.Change{Lead: l}); err != nil {
			t.Fatal(err)
		}
	}
	change(func(j *lead.Journey) {
		j.Enrolment = &lead.Enrolment{Phase: "half", Round: 1, Unit: "account", UnitID: "engines.example", Arm: lead.Treatment, Drawn: true, At: j.StageAt[lead.Qualified]}
	})
	m.receive(t, pageView(49)) // the first that names a user and a browser
	click := pageView(50)
	if units := m.receive(t, click); units > 3 || len(waiting(t, m.table)) > 0 {
		t.Errorf("a click costs %.0f write units, and %d outcomes changed", units, len(waiting(t, m.table)))
	}
	met := func(minute int) signal.Signal {
		g := request("ada@engines.example")
		g.ID, g.Type, g.Source = fmt.Sprint("met", minute), signal.MeetingBooked, "calendly"
		g.OccurredAt, g.ReceivedAt = monday.Add(time.Duration(minute)*time.Minute), monday.Add(time.Duration(minute)*time.Minute)
		g.Attributes = map[string]string{signal.AttrMeeting: g.ID}
		return g
	}
	with := m.receive(t, met(60))
	got := waiting(t, m.table)
	if len(got) != 1 || got[0].Record.Events[funnel.Meeting].IsZero() || got[0].Record.Enrolment.ID != "engines.example" {
		t.Fatalf("after a meeting: %+v", got)
	}
	m.receive(t, met(61)) // a second meeting is no news
	if again := waiting(t, m.table); len(again) != 1 || again[0].Version != got[0].Version {
		t.Errorf("after a second meeting: %+v", again)
	}
	t.Logf("a first meeting of a drawn lead: %.0f write units, 2 of them for its outcome", with)
}
