package decision_test

import (
	"testing"
	"time"

	"github.com/handoff-oss/handoff/shared/find"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/scoring"
	"github.com/handoff-oss/handoff/shared/signal"
	"github.com/handoff-oss/handoff/shared/table"
)

// A lead that becomes nearly qualified costs one write unit more, once: the
// signals after that rewrite the snapshot and no index, and the handoff that
// takes it away is within its target.
func TestWriteUnitsOfTheNearlyQualified(t *testing.T) {
	m := newMetered(t)
	key, err := pageView(0).LeadKey()
	if err != nil {
		t.Fatal(err)
	}
	m.staysNear(t, key)
	if m.listed(t) != 1 {
		t.Error("the lead is not listed")
	}
	units := m.receive(t, request("ada@engines.example"))
	t.Logf("the first handoff of a company, of a lead that was nearly qualified: %.0f write units", units)
	if units > 16 {
		t.Errorf("the handoff costs %.0f write units, more than 16", units)
	}
	l, err := m.table.Lead(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	if l.Journey.Stage != lead.HandedOff || !l.Journey.NearSince.IsZero() || m.listed(t) != 0 {
		t.Errorf("after the handoff: %s, near since %v", l.Journey.Stage, l.Journey.NearSince)
	}
}

// staysNear lets a lead read page after page, until it is nearly qualified and
// for a while then.
func (m metered) staysNear(t *testing.T, key signal.LeadKey) {
	t.Helper()
	var entered time.Time
	for i := range 12 {
		units := m.receive(t, pageView(i))
		l, err := m.table.Lead(t.Context(), key)
		if err != nil {
			t.Fatal(err)
		}
		since, most := l.Journey.NearSince, 3.0
		t.Logf("signal %d: %s, near since %v, %.0f write units", i+1, l.Journey.Stage, since, units)
		if entered.IsZero() && !since.IsZero() {
			entered, most = since, 4
		}
		if i > 0 && (units > most || !since.Equal(entered)) {
			t.Errorf("signal %d costs %.0f write units, more than %.0f, or the lead is near since %v instead of %v", i+1, units, most, since, entered)
		}
	}
	if entered.IsZero() {
		t.Fatal("the lead never became nearly qualified")
	}
}

// listed is how many leads are listed as nearly qualified.
func (m metered) listed(t *testing.T) int {
	t.Helper()
	page, err := m.table.Leads(t.Context(), table.LeadsQuery{Filter: find.Filter{List: find.Nearly}, Now: monday})
	if err != nil {
		t.Fatal(err)
	}
	return len(page.Leads)
}

// What came to us before origins were kept is read again with the next signal,
// once.
func TestAnOldLeadGetsItsOriginWithItsNextSignal(t *testing.T) {
	m := newMetered(t)
	first := pageView(0)
	first.Attributes["utm_campaign"] = "spring"
	m.receive(t, first)
	key, err := first.LeadKey()
	if err != nil {
		t.Fatal(err)
	}
	l, err := m.table.Lead(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	l.Facts.Origin = scoring.Origin{}
	l.Version++
	if err := m.table.Commit(t.Context(), table.Change{Lead: l}); err != nil {
		t.Fatal(err)
	}
	second := pageView(1)
	second.Source = "rudderstack"
	m.receive(t, second)
	if l, err = m.table.Lead(t.Context(), key); err != nil {
		t.Fatal(err)
	}
	if o := l.Facts.Origin; o.Source() != "segment" || o.Campaign.Value != "spring" || l.Facts.Signals != 2 {
		t.Errorf("%+v of %d signals", o, l.Facts.Signals)
	}
	page, err := m.table.Leads(t.Context(), table.LeadsQuery{Filter: find.Filter{Source: "segment", Campaign: "spring"}, Now: second.ReceivedAt})
	if err != nil || len(page.Leads) != 1 {
		t.Errorf("%+v, %v", page, err)
	}
}
