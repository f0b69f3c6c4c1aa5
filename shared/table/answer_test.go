package table_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/signal"
)

func TestIDsOfTheAnswersToAHandoff(t *testing.T) {
	tb := newTable(t)
	const lead, other = signal.LeadKey("1lead"), signal.LeadKey("1other")
	put := func(k signal.LeadKey, source, id string) {
		if _, err := tb.PutSignalFor(t.Context(), k, signal.Signal{Source: source, ID: id, Type: signal.RepAccepted}); err != nil {
			t.Fatal(err)
		}
	}
	for _, id := range []string{"1.accept", "1.contacted", "1.contacted.1", "11.accept", "2.reject"} {
		put(lead, "respond", id)
	}
	put(lead, "respond2", "1.snooze")
	put(other, "respond", "1.comment")
	for prefix, want := range map[string][]string{
		"1.": {"1.accept", "1.contacted", "1.contacted.1"}, "2.": {"2.reject"}, "3.": nil,
	} {
		got, err := tb.SignalIDs(t.Context(), lead, "respond", prefix)
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%s (-want +got), %v:\n%s", prefix, err, diff)
		}
	}
}

func TestAnAnswerThatAnotherRulesOut(t *testing.T) {
	tb := newTable(t)
	put := func(id string, unless ...string) (bool, fault.Kind) {
		t.Helper()
		stored, err := tb.PutAnswer(t.Context(), "1lead", signal.Signal{Source: "respond", ID: id, Type: signal.RepAccepted}, unless)
		if err == nil {
			return stored, fault.Internal
		}
		return stored, fault.KindOf(err)
	}
	for _, step := range []struct {
		id     string
		unless []string
		stored bool
		kind   fault.Kind // Internal: no error
	}{
		{"1.accept", []string{"1.reject"}, true, fault.Internal},
		{"1.accept", []string{"1.reject"}, false, fault.Internal},
		{"1.reject", []string{"1.meeting", "1.accept"}, false, fault.Conflict},
		{"1.comment", nil, true, fault.Internal},
		{"2.reject", []string{"2.accept"}, true, fault.Internal},
		{"2.accept", []string{"2.reject"}, false, fault.Conflict},
	} {
		if stored, kind := put(step.id, step.unless...); stored != step.stored || kind != step.kind {
			t.Errorf("%s unless %v: stored %v, kind %s", step.id, step.unless, stored, kind)
		}
	}
	ids, err := tb.SignalIDs(t.Context(), "1lead", "respond", "")
	if diff := cmp.Diff([]string{"1.accept", "1.comment", "2.reject"}, ids); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}
