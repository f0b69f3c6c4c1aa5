package main

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/handoff-oss/handoff/shared/table"
)

// count stores an hour of a source.
func (b bench) count(t *testing.T, source string, ago time.Duration, outcomes map[string]int64, why string, times map[table.SourceTime]time.Duration) {
	t.Helper()
	h := table.SourceHour{Source: source, Hour: now.Add(-ago).Truncate(time.Hour), Outcomes: outcomes, Error: why, Times: map[table.SourceTime]time.Time{}, Signals: outcomes["accepted"]}
	for which, before := range times {
		h.Times[which] = now.Add(-before)
	}
	if err := b.leads.AddSourceHour(t.Context(), h); err != nil {
		t.Fatal(err)
	}
}

// hear stores what two of the policy's sources sent: typeform is alive, hubspot fails.
func (b bench) hear(t *testing.T) {
	t.Helper()
	b.count(t, "typeform", 0, map[string]int64{"accepted": 3, "duplicate": 1, "bad_signature": 2, "probe": 9}, "bad_signature: the signature does not fit the body", map[table.SourceTime]time.Duration{
		table.LastEvent: time.Minute, table.LastVerified: time.Minute, table.LastError: 20 * time.Minute, table.LastForged: 20 * time.Minute,
	})
	b.count(t, "typeform", 23*time.Hour, map[string]int64{"accepted": 1}, "", map[table.SourceTime]time.Duration{table.LastEvent: 23 * time.Hour})
	b.count(t, "typeform", 24*time.Hour, map[string]int64{"accepted": 1000}, "", nil)
	b.count(t, "hubspot", 0, map[string]int64{"bad_signature": 4, "fetch_failed": 1}, "bad_signature: <b>no</b>", map[table.SourceTime]time.Duration{
		table.LastError: time.Minute, table.LastForged: time.Minute,
	})
	b.count(t, "hubspot", 300*time.Hour, map[string]int64{"accepted": 5}, "", map[table.SourceTime]time.Duration{table.LastEvent: 300 * time.Hour, table.LastVerified: 300 * time.Hour})
}

func TestSourcesAsJSON(t *testing.T) {
	b := newBench(t)
	b.hear(t)
	var got sourcesAnswer
	if err := json.Unmarshal([]byte(b.get(t, "/api/sources").Body), &got); err != nil {
		t.Fatal(err)
	}
	byName := map[string]sourceState{}
	for _, s := range got.Sources {
		byName[s.Name] = s
	}
	alive := byName["typeform"]
	if alive.State != "alive" || alive.Events != 5 || alive.Signals != 4 || alive.PerHour[23] != 4 || alive.PerHour[0] != 1 || alive.Signature.State != "fits" ||
		!alive.LastEvent.Equal(now.Add(-time.Minute)) || len(alive.Failures) != 1 || alive.Failures[0] != (failures{"bad_signature", 2}) || alive.Paths[0] != "/webhooks/forms/typeform" {
		t.Errorf("%+v", alive)
	}
	failing := byName["hubspot"]
	if failing.State != "failing" || failing.Events != 0 || failing.Signature.State != "fails" || failing.LastEvent == nil || !failing.LastEvent.Equal(now.Add(-300*time.Hour)) ||
		len(failing.Failures) != 2 || failing.Failures[0].Cause != "bad_signature" || failing.LastError.Detail != "<b>no</b>" {
		t.Errorf("%+v", failing)
	}
	for name, s := range byName {
		if name != "typeform" && name != "hubspot" && (s.State != "waiting" || s.LastEvent != nil || s.Signature.State != "unknown" || s.Failures == nil) {
			t.Errorf("%+v", s)
		}
	}
}

func TestSourcesPage(t *testing.T) {
	b := newBench(t)
	if seen := text(b.get(t, "/sources").Body); !strings.Contains(seen, "No webhook has arrived yet") || !strings.Contains(seen, "handoffctl sources add") {
		t.Error(seen)
	}
	b.hear(t)
	out := b.get(t, "/sources")
	seen := text(out.Body)
	for _, want := range []string{"typeform alive 1 min ago 5 fits", "bad signature 2", "hubspot failing 12 d ago 0 does not fit", "Compare the secret in the tool", "<b>no</b>", "Not heard from"} {
		if !strings.Contains(seen, want) {
			t.Errorf("the page does not say %q:\n%s", want, seen)
		}
	}
	if strings.Index(seen, "hubspot failing") > strings.Index(seen, "typeform alive") || strings.Contains(out.Body, "<b>no</b>") {
		t.Errorf("order or escaping:\n%s", seen)
	}
	if !strings.Contains(out.Body, `<a href="/sources" aria-current="page">`) || len(out.Body) > 60<<10 {
		t.Errorf("%d bytes", len(out.Body))
	}
}
