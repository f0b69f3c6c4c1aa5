package health

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/handoff-oss/handoff/shared/inbound"
	"github.com/handoff-oss/handoff/shared/inbox"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/signal"
	"github.com/handoff-oss/handoff/shared/table"
)

// setOf is a set of fields.
func setOf(fields ...string) signal.FieldSet {
	s := signal.Signal{Lead: map[string]string{}}
	for _, f := range fields {
		s.Lead[f] = "x"
	}
	return signal.FieldsOf(s)
}

func TestDataOfASource(t *testing.T) {
	hour := func(daysAgo int, profiles map[signal.FieldSet]int64) table.SourceHour {
		return table.SourceHour{Hour: ten.AddDate(0, 0, -daysAgo), Profiles: profiles}
	}
	hours := []table.SourceHour{
		hour(0, map[signal.FieldSet]int64{setOf("email", "phone", "company"): 2, setOf("email"): 1}),
		hour(29, map[signal.FieldSet]int64{setOf("email", "last_name", "phone"): 4, 0: 1}),
		hour(30, map[signal.FieldSet]int64{setOf("email"): 100}),
		{Hour: ten.Add(-time.Hour)},
	}
	for name, tt := range map[string]struct {
		needs policy.Needs
		want  Data
	}{
		"nothing asked": {policy.Needs{}, Data{Profiles: 8, Complete: 8}},
		"a field":       {policy.Needs{HandedOff: []policy.Need{"email"}}, Data{Profiles: 8, Complete: 7, Fields: []Field{{"email", 7}}}},
		"one of two, and another": {
			policy.Needs{HandedOff: []policy.Need{"phone", "last_name or company"}, Known: []policy.Need{"email", "phone"}},
			Data{Profiles: 8, Complete: 6, Fields: []Field{{"phone", 6}, {"last_name", 4}, {"company", 2}, {"email", 7}}},
		},
		"what not every source has": {
			policy.Needs{HandedOff: []policy.Need{"budget", "phone"}},
			Data{Profiles: 8, Complete: 6, Fields: []Field{{"phone", 6}}, Uncounted: []string{"budget"}},
		},
	} {
		if diff := cmp.Diff(tt.want, DataOf(hours, tt.needs, ten.Add(time.Hour))); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	if d := (Data{Profiles: 1000}); d.Share(999) != 99 || d.Share(1000) != 100 || (Data{}).Share(0) != 0 {
		t.Error("a share is rounded up")
	}
}

// Counting which fields profiles have writes nothing more, however many kinds
// there are, and their number is bounded.
func TestProfilesCostNoWrite(t *testing.T) {
	writes := func(shape inbox.Shape) (int, *store) {
		var s store
		m := New(s.add)
		for i := range 100 {
			rep := report(inbound.Accepted, "")
			rep.Shape = shape
			m.Webhook(t.Context(), request("a", ten.Add(time.Duration(i)*time.Second)), rep)
		}
		return s.writes, &s
	}
	many := map[signal.FieldSet]int{}
	for set := range signal.FieldSet(3 * mostProfiles) {
		many[set] = 1
	}
	without, _ := writes(inbox.Shape{Events: 1})
	with, s := writes(inbox.Shape{Events: 1, Profiles: many})
	if with != without || with == 0 || len(s.last.Profiles) != mostProfiles {
		t.Errorf("%d writes, %d without; %d kinds", with, without, len(s.last.Profiles))
	}
}
