package main

import (
	"encoding/csv"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/handoff-oss/handoff/shared/signal"
)

// fills lets somebody send a form at a time before now, without a request.
func (l *local) fills(name, form string, ago time.Duration) signal.LeadKey {
	l.t.Helper()
	at := l.now.Add(-ago)
	s := signal.Signal{
		Source: "hubspot", ID: "f-" + name, Type: signal.FormSubmitted, OccurredAt: at, ReceivedAt: at,
		Identity: signal.Identity{Email: strings.ToLower(name) + "@works.example"}, Lead: map[string]string{"first_name": name, "title": "=2+3"},
		Attributes: map[string]string{"form": form, "utm_campaign": "Spring"},
	}
	key, err := s.LeadKey()
	if err != nil {
		l.t.Fatal(err)
	}
	if _, err := l.table.PutSignal(l.t.Context(), s); err != nil {
		l.t.Fatal(err)
	}
	if _, err := l.maker().Apply(l.t.Context(), key, []signal.Signal{s}, at); err != nil {
		l.t.Fatal(err)
	}
	return key
}

func TestLeadsAreListed(t *testing.T) {
	l := startDesk(t)
	l.fills("Zoe", "Ebook", 24*50*time.Hour) // farther back than one page goes
	l.fills("Gus", "Newsletter", 2*time.Hour)
	l.asks("Ida", "12", time.Hour)
	for _, c := range []struct {
		name        string
		args        []string
		want, never string
	}{
		{"all", nil, "Gus", "Nobody"},
		{"by source", []string{"--source", "HubSpot"}, "Gus", "Ida"},
		{"by form", []string{"--form", "demo"}, "Ida", "Gus"},
		{"by campaign", []string{"--campaign", "spr", "--days", "1"}, "Gus", "Zoe"},
		{"by words", []string{"--text", "ida works"}, "Ida", "Gus"},
		{"by address", []string{"--text", "gus@works.example"}, "Gus", "Ida"},
		{"by engagement", []string{"--engagement", "9"}, "No lead matches", "Gus"},
		{"by holder", []string{"--holder", "alex"}, "Ida", "Gus"},
		{"nearly", []string{"--list", "nearly"}, "No lead matches", "Gus"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := l.types(append([]string{"leads"}, c.args...)...)
			if !strings.Contains(got, c.want) || strings.Contains(got, c.never) {
				t.Errorf("printed, with %q and without %q wanted:\n%s", c.want, c.never, got)
			}
		})
	}
	var out struct{ Leads []leadRow }
	if err := json.Unmarshal([]byte(l.types("leads", "--stage", "known", "--json")), &out); err != nil || len(out.Leads) != 2 || out.Leads[0].Campaign != "Spring" {
		t.Errorf("%+v, %v", out, err)
	}
	if _, _, err := l.run("", "leads", "--stage", "nirvana"); err == nil || !strings.Contains(err.Error(), "There is no such stage.") {
		t.Errorf("a stage that is not there: %v", err)
	}
}

func TestAllLeadsAsCSV(t *testing.T) {
	l := startDesk(t)
	l.fills("Zoe", "Ebook", 24*50*time.Hour)
	l.fills("Gus", "Newsletter", 2*time.Hour)
	out, progress, err := l.run("", "leads", "--csv")
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(strings.NewReader(out)).ReadAll()
	if err != nil || len(rows) != 3 || rows[0][0] != "key" || rows[1][1] != "Gus" || rows[2][1] != "Zoe" {
		t.Fatalf("%q, %v", rows, err)
	}
	if rows[1][6] != "'=2+3" {
		t.Errorf("a formula stands in the file as %q", rows[1][6])
	}
	if !strings.Contains(progress, "back to") || !strings.HasSuffix(progress, "2 leads written\033[K\n") {
		t.Errorf("progress %q", progress)
	}
}
