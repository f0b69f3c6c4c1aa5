package table_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/table"
)

// deliver makes a delivery whose event names the lead.
func deliver(lead string, n int) table.Delivery {
	return table.Delivery{Event: fmt.Sprintf("%s.%d.0", lead, n), Channel: "slack", To: "all", Whom: "rep:maya", Lead: "1a", Type: "lead.handed_off"}
}

// listed reads all pages of a state.
func listed(t *testing.T, tb *table.Table, state table.DeliveryState, now time.Time, page int) []string {
	t.Helper()
	var all []string
	for cursor := ""; ; {
		some, next, err := tb.Sent(t.Context(), state, now, cursor, page)
		if err != nil {
			t.Fatal(err)
		}
		if len(some) > page {
			t.Fatalf("%d on a page of %d", len(some), page)
		}
		for _, s := range some {
			all = append(all, s.Event+" "+string(s.State))
		}
		if cursor = next; next == "" {
			return all
		}
	}
}

func TestDeliveriesAreListedByTimeAndState(t *testing.T) {
	tb := newTable(t)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	for n := 1; n <= 5; n++ { // a day apart, over a new month
		d, at := deliver("1a", n), noon.AddDate(0, 0, n)
		must(tb.Claim(t.Context(), d, at, time.Minute))
		must(tb.Delivered(t.Context(), d, at))
	}
	waits, lost := deliver("1b", 1), deliver("1b", 2)
	for n := range 3 {
		at := noon.AddDate(0, 0, 3).Add(time.Duration(n+1) * time.Hour)
		must(tb.Claim(t.Context(), waits, at, time.Minute))
		must(tb.Failed(t.Context(), waits, at, "the receiver answered 503"))
	}
	must(tb.Claim(t.Context(), lost, noon, time.Minute))
	must(tb.GiveUp(t.Context(), lost, noon, strings.Repeat("é", 400)))
	now := noon.AddDate(0, 0, 5).Add(time.Hour)
	want := map[table.DeliveryState][]string{
		table.SentAccepted: {"1a.5.0 accepted", "1a.4.0 accepted", "1a.3.0 accepted", "1a.2.0 accepted", "1a.1.0 accepted"},
		table.SentWaiting:  {"1b.1.0 waiting"},
		table.SentGivenUp:  {"1b.2.0 given_up"},
		"": {
			"1a.5.0 accepted", "1a.4.0 accepted", "1b.1.0 waiting", "1a.3.0 accepted", "1a.2.0 accepted", "1a.1.0 accepted", "1b.2.0 given_up",
		},
	}
	for _, page := range []int{1, 2, 100} {
		got := map[table.DeliveryState][]string{}
		for state := range want {
			got[state] = listed(t, tb, state, now, page)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("pages of %d (-want +got):\n%s", page, diff)
		}
	}
	some, _, err := tb.Sent(t.Context(), table.SentWaiting, now, "", 10)
	must(err)
	if s := some[0]; s.Tries != 3 || s.Error != "the receiver answered 503" || !s.At.Equal(noon.AddDate(0, 0, 3).Add(3*time.Hour)) || s.Whom != "rep:maya" || s.Channel != "slack" {
		t.Errorf("%+v", s)
	}
	must(tb.Delivered(t.Context(), waits, now))
	if got := listed(t, tb, "", now, 10); got[0] != "1b.1.0 accepted" || len(got) != 7 {
		t.Errorf("after it was delivered: %v", got)
	}
	if err := tb.Failed(t.Context(), waits, now, "late news"); fault.KindOf(err) != fault.Conflict {
		t.Errorf("a delivery that was made is marked as failed: %v", err)
	}
	if _, _, err := tb.Sent(t.Context(), "", now, "tomorrow", 10); fault.KindOf(err) != fault.Invalid {
		t.Errorf("a cursor that is none: %v", err)
	}
}

// What grew old is not looked for day by day without end.
func TestOldDeliveriesAreNotListed(t *testing.T) {
	tb := newTable(t)
	d := deliver("1a", 1)
	if err := tb.Claim(t.Context(), d, noon, time.Minute); err != nil {
		t.Fatal(err)
	}
	if err := tb.Delivered(t.Context(), d, noon); err != nil {
		t.Fatal(err)
	}
	if got := listed(t, tb, "", noon.AddDate(0, 0, 29), 10); len(got) != 1 {
		t.Errorf("after 29 days %v", got)
	}
	if got := listed(t, tb, "", noon.AddDate(0, 0, 31), 10); len(got) != 0 {
		t.Errorf("after 31 days %v", got)
	}
}
