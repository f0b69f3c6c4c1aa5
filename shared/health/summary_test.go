package health

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/handoff-oss/handoff/shared/table"
)

func TestSummarize(t *testing.T) {
	at := func(minutes int) time.Time { return ten.Add(time.Duration(minutes) * time.Minute) }
	hour := func(ago int, outcomes map[string]int64, why string, times map[table.SourceTime]time.Time) table.SourceHour {
		return table.SourceHour{Hour: ten.Add(-time.Duration(ago) * time.Hour), Outcomes: outcomes, Error: why, Times: times, Signals: outcomes["accepted"]}
	}
	for _, c := range []struct {
		name  string
		hours []table.SourceHour
		want  Summary
	}{
		{"nothing", nil, Summary{State: Waiting, Signature: Unknown}},
		{"looked at", []table.SourceHour{hour(0, map[string]int64{"probe": 3, "challenged": 1}, "", nil)}, Summary{State: Waiting, Signature: Unknown}},
		{
			"alive",
			[]table.SourceHour{
				hour(0, map[string]int64{"accepted": 2, "ignored": 1, "fetched": 2, "malformed": 1}, "malformed: a: b", map[table.SourceTime]time.Time{table.LastEvent: at(5), table.LastVerified: at(5), table.LastError: at(1)}),
				hour(30, map[string]int64{"accepted": 7}, "unavailable: old", map[table.SourceTime]time.Time{table.LastError: at(-1800)}),
			},
			Summary{State: Alive, LastEvent: at(5), Events: 3, Signals: 2, Failures: []Failure{{"malformed", 1}}, LastError: at(1), Cause: "malformed", Detail: "a: b", Signature: Fits, SignatureAt: at(5)},
		},
		{
			"failing, though it was fine",
			[]table.SourceHour{
				hour(0, map[string]int64{"bad_signature": 2, "fetch_failed": 5}, "bad_signature: x", map[table.SourceTime]time.Time{table.LastError: at(2), table.LastForged: at(2)}),
				hour(2, map[string]int64{"duplicate": 1}, "", map[table.SourceTime]time.Time{table.LastEvent: at(-120), table.LastVerified: at(-120)}),
			},
			Summary{State: Failing, LastEvent: at(-120), Events: 1, Failures: []Failure{{"fetch_failed", 5}, {"bad_signature", 2}}, LastError: at(2), Cause: "bad_signature", Detail: "x", Signature: Fails, SignatureAt: at(2)},
		},
		{"from the future, as clocks differ", []table.SourceHour{hour(-1, map[string]int64{"accepted": 1}, "", nil)}, Summary{State: Waiting, Signature: Unknown}},
	} {
		got := Summarize(c.hours, at(10))
		if len(got.PerHour) != Hours {
			t.Errorf("%s: %d hours", c.name, len(got.PerHour))
		}
		sum := int64(0)
		for _, n := range got.PerHour {
			sum += n
		}
		if sum != got.Events {
			t.Errorf("%s: %v is not %d events", c.name, got.PerHour, got.Events)
		}
		got.PerHour = nil
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
	}
}
