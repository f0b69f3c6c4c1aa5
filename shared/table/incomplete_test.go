package table_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/handoff-oss/handoff/shared/find"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/signal"
	"github.com/handoff-oss/handoff/shared/table"
)

// Leads that wait for data stand in a queue of their own, by since when the
// customer waits, until they wait for it no more.
func TestTheDataQueueIsReadOldestFirst(t *testing.T) {
	tb := newTable(t)
	var leads []*lead.Lead
	for i, name := range []string{"young", "old", "middle"} {
		k, err := signal.KeyOfEmail(name + "@works.example")
		if err != nil {
			t.Fatal(err)
		}
		l := newLead(k, 1)
		l.Journey.Stage = lead.Qualified
		l.Journey.Incomplete = &lead.Incomplete{
			Handoff: lead.Handoff{Number: 1, Pool: "sales", Waits: noon.Add(time.Duration([]int{3, 1, 2}[i]) * time.Minute)},
			Since:   noon.Add(time.Hour), Missing: []policy.Need{"phone"},
		}
		leads = append(leads, l)
		if err := tb.Commit(t.Context(), table.Change{Lead: l}); err != nil {
			t.Fatal(err)
		}
	}
	young, old, middle := leads[0], leads[1], leads[2]
	checkDataQueue(t, tb, old, middle, young)
	got, err := tb.Lead(t.Context(), old.Key)
	if diff := cmp.Diff(old.Journey.Incomplete, got.Journey.Incomplete); err != nil || diff != "" {
		t.Errorf("%v: it comes back as another %s", err, diff)
	}
	old.Version++
	old.Journey.Handoff, old.Journey.Incomplete = &old.Journey.Incomplete.Handoff, nil
	old.Journey.Handoff.Rep = "bo"
	if err := tb.Commit(t.Context(), table.Change{Lead: old}); err != nil {
		t.Fatal(err)
	}
	checkDataQueue(t, tb, middle, young)
	if waiting, err := tb.Queue(t.Context(), "sales"); len(waiting) > 0 || err != nil {
		t.Errorf("it waits for a rep, too: %v, %v", waiting, err)
	}
}

// checkDataQueue checks which leads wait for data, in the queue and in the list.
func checkDataQueue(t *testing.T, tb *table.Table, want ...*lead.Lead) {
	t.Helper()
	var queue, list, wanted []signal.LeadKey
	waiting, err := tb.Incomplete(t.Context(), "sales")
	for _, w := range waiting {
		queue = append(queue, w.Lead)
	}
	page, failed := tb.Leads(t.Context(), table.LeadsQuery{Filter: find.Filter{List: find.Incomplete}, Queues: []string{"sales"}, Now: noon.Add(time.Hour)})
	for _, l := range page.Leads {
		list = append(list, l.Key)
	}
	for _, l := range want {
		wanted = append(wanted, l.Key)
	}
	if diff := cmp.Diff([2][]signal.LeadKey{wanted, wanted}, [2][]signal.LeadKey{queue, list}); err != nil || failed != nil || diff != "" {
		t.Errorf("%v, %v %s", err, failed, diff)
	}
}
