package table_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/signal"
	"github.com/handoff-oss/handoff/shared/table"
)

func TestIDsOfTheAnswersToAHandoff(t *testing.T) {
	tb := newTable(t)
	const key, other = signal.LeadKey("1lead"), signal.LeadKey("1other")
	put := func(k signal.LeadKey, source, id string) {
		if _, err := tb.PutSignalFor(t.Context(), k, signal.Signal{Source: source, ID: id, Type: signal.RepAccepted}); err != nil {
			t.Fatal(err)
		}
	}
	for _, id := range []string{"1.accept", "1.contacted", "1.contacted.1", "11.accept", "2.reject"} {
		put(key, "respond", id)
	}
	put(key, "respond2", "1.snooze")
	put(other, "respond", "1.comment")
	for prefix, want := range map[string][]string{
		"1.": {"1.accept", "1.contacted", "1.contacted.1"}, "2.": {"2.reject"}, "3.": nil,
	} {
		got, err := tb.SignalIDs(t.Context(), key, "respond", prefix)
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%s (-want +got), %v:\n%s", prefix, err, diff)
		}
	}
}

func TestAtMostSoManySignalsOfASource(t *testing.T) {
	tb := newTable(t)
	const key = signal.LeadKey("1lead")
	for _, s := range []signal.Signal{
		{Source: "respond", ID: "1.comment"},
		{Source: "respond", ID: "1.reject"},
		{Source: "respond", ID: "2.accept"},
		{Source: "respond2", ID: "9.comment"},
		{Source: "operator", ID: "3.remind"},
	} {
		if _, err := tb.PutSignalFor(t.Context(), key, s); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		key  signal.LeadKey
		most int32
		want []string
		more bool
	}{
		{key, 2, []string{"2.accept", "1.reject"}, true},
		{key, 10, []string{"2.accept", "1.reject", "1.comment"}, false},
		{"1other", 10, nil, false},
	} {
		all, more, err := tb.SignalsFrom(t.Context(), c.key, "respond", c.most)
		var got []string
		for _, s := range all {
			got = append(got, s.ID)
		}
		if diff := cmp.Diff(c.want, got); diff != "" || more != c.more || err != nil {
			t.Errorf("%d of %s: more %v, %v (-want +got):\n%s", c.most, c.key, more, err, diff)
		}
	}
}

func TestAnAnswerThatAnotherRulesOut(t *testing.T) {
	tb := newTable(t)
	l := known(t, tb)
	for _, step := range []struct {
		id     string
		unless []string
		stored bool
		kind   fault.Kind // Internal: no error
	}{
		{"1.accept", []string{"1.reject"}, true, fault.Internal},
		{"1.accept", []string{"1.reject"}, false, fault.Internal},
		{"1.reject", []string{"1.meeting", "1.accept"}, false, fault.Conflict},
		{"2.reject", []string{"2.accept"}, true, fault.Internal},
		{"2.accept", []string{"2.reject"}, false, fault.Conflict},
	} {
		stored, err := tb.PutAnswer(t.Context(), l, answerOf(step.id), step.unless)
		if kind := fault.KindOf(err); stored != step.stored || (err != nil && kind != step.kind) || (err == nil) != (step.kind == fault.Internal) {
			t.Errorf("%s unless %v: stored %v, %v", step.id, step.unless, stored, err)
		}
	}
	ids, err := tb.SignalIDs(t.Context(), l.Key, "respond", "")
	if diff := cmp.Diff([]string{"1.accept", "2.reject"}, ids); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

// A decision and an answer that come in the same moment hear each other.
func TestAnAnswerAndADecisionDoNotPass(t *testing.T) {
	tb := newTable(t)
	first := known(t, tb)
	if _, err := tb.PutAnswer(t.Context(), first, answerOf("1.accept"), nil); err != nil {
		t.Fatal(err)
	}
	next := *first
	next.Version++
	if err := tb.Commit(t.Context(), table.Change{Lead: &next}); fault.KindOf(err) != fault.Conflict {
		t.Errorf("a decision passed over the answer: %v", err)
	}
	again, err := tb.Lead(t.Context(), first.Key)
	if err != nil || again.Answers != 1 {
		t.Fatalf("%+v, %v", again, err)
	}
	again.Version++
	if err := tb.Commit(t.Context(), table.Change{Lead: again}); err != nil {
		t.Errorf("a decision that has heard it: %v", err)
	}
	if _, err := tb.PutAnswer(t.Context(), first, answerOf("1.contacted"), nil); fault.KindOf(err) != fault.Conflict {
		t.Errorf("an answer passed over the decision: %v", err)
	}
	if _, err := tb.PutAnswer(t.Context(), again, answerOf("1.contacted"), nil); err != nil {
		t.Errorf("an answer that has heard it: %v", err)
	}
}

func answerOf(id string) signal.Signal {
	return signal.Signal{Source: "respond", ID: id, Type: signal.RepAccepted}
}

// known stores a lead and returns it.
func known(t *testing.T, tb *table.Table) *lead.Lead {
	t.Helper()
	at := time.Date(2026, 5, 18, 14, 0, 0, 0, time.UTC)
	l := &lead.Lead{Key: "1lead", Version: 1, CreatedAt: at, UpdatedAt: at, Journey: lead.Journey{Stage: lead.Known, StageAt: map[lead.Stage]time.Time{lead.Known: at}}}
	if err := tb.Commit(t.Context(), table.Change{Lead: l}); err != nil {
		t.Fatal(err)
	}
	return l
}
