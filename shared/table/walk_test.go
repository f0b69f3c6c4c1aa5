package table_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/find"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/scoring"
	"github.com/handoff-oss/handoff/shared/signal"
	"github.com/handoff-oss/handoff/shared/table"
)

// pages reads all pages of a list, and how many leads each had. The queues are
// named in another order for each page, as whoever has them in a map does.
func pages(t *testing.T, tb *table.Table, q table.LeadsQuery) (keys []signal.LeadKey, sizes []int, last table.LeadsPage) {
	t.Helper()
	for q.Now = noon; ; slices.Reverse(q.Queues) {
		page, err := tb.Leads(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range page.Leads {
			keys = append(keys, l.Key)
		}
		sizes, last = append(sizes, len(page.Leads)), page
		if q.Cursor = page.Next; q.Cursor == "" {
			return keys, sizes, last
		}
		if len(sizes) > 1000 {
			t.Fatal("the list has no end")
		}
	}
}

// Whatever the filter and however long the pages, all pages together have each
// lead that matches once, in order.
func TestPagesTogetherAreTheList(t *testing.T) {
	tb := newTable(t)
	all := crowded()
	if err := tb.Fill(t.Context(), all); err != nil {
		t.Fatal(err)
	}
	for name, q := range map[string]table.LeadsQuery{
		"all":                 {},
		"a stage":             {Filter: find.Filter{Stage: lead.Qualified}},
		"a source and a form": {Filter: find.Filter{Source: "COMMON", Form: "rm 3"}},
		"some days":           {Filter: find.Filter{From: noon.AddDate(0, 0, -80).Truncate(24 * time.Hour), To: noon.AddDate(0, 0, -1).Truncate(24 * time.Hour)}},
		"words":               {Filter: find.Filter{Text: "person 1"}},
		"a rep":               {Filter: find.Filter{Holder: "alex"}},
		"a rep and a form":    {Filter: find.Filter{Holder: "alex", Form: "form 5"}},
		"a queue":             {Filter: find.Filter{List: find.Waiting}, Queues: []string{"sales", "partners"}},
	} {
		for _, limit := range []int{17, 500} {
			t.Run(fmt.Sprintf("%s, %d a page", name, limit), func(t *testing.T) {
				q.Limit = limit
				isList(t, tb, q, all)
			})
		}
	}
}

// crowded are leads of which ten each became known at the same time, and some
// on days of their own. Some wait in either queue.
func crowded() []*lead.Lead {
	all := manyLeads(350)
	for i, l := range all {
		l.CreatedAt = noon.Add(-time.Duration(i/10) * 37 * time.Minute)
		if i >= 300 {
			l.CreatedAt = noon.AddDate(0, 0, -i+250)
		}
		if i%8 == 5 {
			l.Journey.Stage, l.Journey.Held = lead.Qualified, &lead.Handoff{Pool: "partners", Waits: l.CreatedAt}
		}
		if i%3 == 0 && l.Journey.Held == nil {
			l.Journey.Handoff = &lead.Handoff{Pool: []string{"sales", "partners"}[i%2], Rep: "alex", Since: l.CreatedAt}
		}
		l.Facts.Origin.Form = scoring.Named{Value: fmt.Sprintf("Form %d", i%7)}
	}
	return all
}

// isList checks that all pages have exactly the leads that match.
func isList(t *testing.T, tb *table.Table, q table.LeadsQuery, all []*lead.Lead) {
	t.Helper()
	var want []signal.LeadKey
	for _, l := range all {
		if q.Filter.Match(l, noon) {
			want = append(want, l.Key)
		}
	}
	got, _, last := pages(t, tb, q)
	if last.Matched != len(want) {
		t.Errorf("the last page counts %d, want %d", last.Matched, len(want))
	}
	if q.Filter.List == find.All && q.Filter.Holder == "" {
		inOrder(t, all, got)
	}
	slices.Sort(got)
	slices.Sort(want)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("leads (-want +got):\n%s", diff)
	}
}

// inOrder checks that who became known later comes earlier.
func inOrder(t *testing.T, all []*lead.Lead, keys []signal.LeadKey) {
	t.Helper()
	known := map[signal.LeadKey]time.Time{}
	for _, l := range all {
		known[l.Key] = l.CreatedAt
	}
	for i := 1; i < len(keys); i++ {
		if known[keys[i]].After(known[keys[i-1]]) {
			t.Errorf("%s comes after %s and became known later", keys[i], keys[i-1])
		}
	}
}

// A page of somebody who sees some pools only is as full as another one.
func TestPagesFillUpForWhoSeesLess(t *testing.T) {
	tb := newTable(t)
	all := manyLeads(400)
	for i, l := range all {
		l.CreatedAt = noon.Add(-time.Duration(i) * time.Minute)
		if i%10 != 0 {
			l.Journey.Held = nil
			l.Journey.Handoff = &lead.Handoff{Pool: "partners", Rep: "bo", Since: noon}
		}
	}
	if err := tb.Fill(t.Context(), all); err != nil {
		t.Fatal(err)
	}
	q := table.LeadsQuery{Limit: 20, Pools: []string{"sales"}, Match: func(l *lead.Lead) bool {
		_, pool := l.Journey.Whose()
		return pool != "partners"
	}}
	keys, sizes, _ := pages(t, tb, q)
	if len(keys) != 40 || !slices.Equal(sizes[:2], []int{20, 20}) {
		t.Errorf("%d leads on pages of %v", len(keys), sizes)
	}
}

// A page says which days it has looked through, and goes on behind them.
func TestAPageSaysHowFarItCame(t *testing.T) {
	tb := newTable(t)
	old := newLead("1old", 1)
	old.CreatedAt = noon.AddDate(0, 0, -50)
	if err := tb.Fill(t.Context(), []*lead.Lead{newLead("1new", 1), old}); err != nil {
		t.Fatal(err)
	}
	first, err := tb.Leads(t.Context(), table.LeadsQuery{Now: noon})
	if err != nil {
		t.Fatal(err)
	}
	day := func(n int) time.Time { return noon.AddDate(0, 0, -n).Truncate(24 * time.Hour) }
	if len(first.Leads) != 1 || first.Next == "" || !first.To.Equal(day(0)) || !first.From.Equal(day(30)) {
		t.Errorf("%+v", first)
	}
	second, err := tb.Leads(t.Context(), table.LeadsQuery{Now: noon.Add(time.Hour), Cursor: first.Next})
	if err != nil {
		t.Fatal(err)
	}
	if len(second.Leads) != 1 || second.Next != "" || !second.To.Equal(day(0)) || !second.From.Equal(day(50)) || second.Matched != 2 {
		t.Errorf("%+v", second)
	}
	for _, cursor := range []string{
		"%%", "bm90IGpzb24", "eyJkIjoieWVzdGVyZGF5In0", // not json, {"d":"yesterday"}
		"eyJkIjoiMjAyNi0wNS0yMCIsImwiOlsiIl19",                                // one lane
		"eyJkIjoiMjAyNi0wNS0yMCIsImwiOlsieHwxYSIsIiIsIiIsIiJdfQ",              // a sort key that is none
		"eyJkIjoiMjAyNi0wNS0yMCIsIm4iOi01fQ", strings.Repeat("A", 10), "AAAA", // {"n":-5}
	} {
		if _, err := tb.Leads(t.Context(), table.LeadsQuery{Now: noon, Cursor: cursor}); fault.KindOf(err) != fault.Invalid {
			t.Errorf("cursor %s: %v, want kind invalid", cursor, err)
		}
	}
}

// Who has a lead, what it waits for, and what nobody has stand in the index of
// owners, each lead in one place.
func TestALeadIsInOnePlaceOfTheOwners(t *testing.T) {
	tb := newTable(t)
	l := newLead("1a", 0)
	in := func(change func(*lead.Journey)) (places []string) {
		t.Helper()
		l.Version++
		l.Journey = lead.Journey{Stage: lead.Engaged, StageAt: l.Journey.StageAt}
		change(&l.Journey)
		if err := tb.Commit(t.Context(), table.Change{Lead: l}); err != nil {
			t.Fatal(err)
		}
		for place, f := range map[string]find.Filter{
			"near": {List: find.Nearly}, "again": {List: find.Again}, "waits": {List: find.Waiting}, "alex": {Holder: "alex"},
		} {
			if keys, _, _ := pages(t, tb, table.LeadsQuery{Filter: f, Queues: []string{"sales"}}); len(keys) == 1 {
				places = append(places, place)
			}
		}
		return places
	}
	held := &lead.Handoff{Pool: "sales", Waits: noon}
	for _, c := range []struct {
		name   string
		want   []string
		change func(*lead.Journey)
	}{
		{"with nobody, far from qualifying", nil, func(*lead.Journey) {}},
		{"with nobody, nearly qualified", []string{"near"}, func(j *lead.Journey) { j.NearSince = noon }},
		{"waiting", []string{"waits"}, func(j *lead.Journey) { j.Held = held }},
		{"with a rep", []string{"alex"}, func(j *lead.Journey) { j.Handoff = &lead.Handoff{Pool: "sales", Rep: "alex", Since: noon} }},
		{"in nurture", nil, func(j *lead.Journey) { j.Stage, j.RecycledUntil = lead.Recycled, noon.Add(time.Minute) }},
		{"due again", []string{"again"}, func(j *lead.Journey) { j.Stage, j.RecycledUntil = lead.Recycled, noon }},
	} {
		if got := in(c.change); !slices.Equal(got, c.want) {
			t.Errorf("%s: in %v, want %v", c.name, got, c.want)
		}
	}
}

func TestViews(t *testing.T) {
	tb := newTable(t)
	put := func(v find.View) error { return tb.PutView(t.Context(), v) }
	shared := find.View{ID: "s", Version: 1, Name: "beta", By: "u-1"}
	own := find.View{ID: "o", Version: 1, Owner: "u-1", Name: "Alpha", By: "u-1"}
	for _, v := range []find.View{shared, own, {ID: "t", Version: 1, Name: "Alpha", By: "u-2"}} {
		if err := put(v); err != nil {
			t.Fatal(err)
		}
	}
	if err := put(shared); fault.KindOf(err) != fault.Conflict {
		t.Errorf("the same view again: %v, want kind conflict", err)
	}
	names := func(person string) (all []string) {
		t.Helper()
		views, err := tb.Views(t.Context(), person)
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range views {
			all = append(all, v.ID)
		}
		return all
	}
	if got := names("u-1"); !slices.Equal(got, []string{"t", "s", "o"}) {
		t.Errorf("u-1 sees %v", got)
	}
	if got := names("u-2"); !slices.Equal(got, []string{"t", "s"}) {
		t.Errorf("u-2 sees %v", got)
	}
	renamed := own
	renamed.Version, renamed.Name = 2, "Gamma"
	if err := put(renamed); err != nil {
		t.Fatal(err)
	}
	if err := tb.DeleteView(t.Context(), own); fault.KindOf(err) != fault.Conflict {
		t.Errorf("delete what was changed: %v, want kind conflict", err)
	}
	if err := tb.DeleteView(t.Context(), renamed); err != nil {
		t.Fatal(err)
	}
	if _, err := tb.View(t.Context(), "u-1", "o"); fault.KindOf(err) != fault.NotFound {
		t.Errorf("a deleted view: %v, want kind not_found", err)
	}
}
