package table_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

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
