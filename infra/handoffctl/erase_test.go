package main

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/handoff-oss/handoff/shared/duplicate"
	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/privacy"
	"github.com/handoff-oss/handoff/shared/signal"
)

func TestEraseSaysWhatItWouldDoAndProvesWhatItDid(t *testing.T) {
	l := start(t)
	if _, _, err := l.run("", "erase", "kim@kim-works.example", "--reason", "request", "--by", "Riley"); fault.KindOf(err) != fault.NotFound {
		t.Errorf("nobody: %v, want NotFound", err)
	}
	l.asks("Kim", "200", 0)
	l.asks("Jon", "200", 0)
	if _, _, err := l.run("", "erase", "kim@kim-works.example", "--reason", "because", "--by", "Riley"); fault.KindOf(err) != fault.Invalid {
		t.Errorf("a reason that is none: %v, want Invalid", err)
	}
	preview := l.types("erase", "Kim@kim-works.example", "--reason", "request", "--by", "Riley")
	for _, want := range []string{"signals    1", "decisions  1", "has the lead", "Nothing was changed. To do it, add --yes."} {
		if !strings.Contains(preview, want) {
			t.Errorf("the preview lacks %q:\n%s", want, preview)
		}
	}
	l.types("lead", "show", "kim@kim-works.example")
	done := l.types("erase", "kim@kim-works.example", "--reason", "request", "--by", "Riley", "--yes", "--prove")
	for _, want := range []string{
		"a tombstone stands at 1 name", "1 tombstone, and 0 others", "0 of the ", "of the person", "backups of the table (point-in-time recovery) (until 2031-04-07)",
	} {
		if !strings.Contains(done, want) {
			t.Errorf("it lacks %q:\n%s", want, done)
		}
	}
	if _, _, err := l.run("", "lead", "show", "kim@kim-works.example"); fault.KindOf(err) != fault.NotFound {
		t.Errorf("%v, want NotFound", err)
	}
	l.types("lead", "show", "jon@jon-works.example")
	if again := l.types("erase", "kim@kim-works.example", "--reason", "request", "--by", "Riley", "--yes", "--prove"); !strings.Contains(again, "was erased on") || !strings.Contains(again, "0 items removed now") {
		t.Errorf("a second time:\n%s", again)
	}
	l.types("erase", "kim@kim-works.example", "--allow-again")
	if _, _, err := l.run("", "erase", "kim@kim-works.example", "--allow-again"); fault.KindOf(err) != fault.NotFound || !strings.Contains(err.Error(), "holds nothing under") {
		t.Errorf("nobody who was erased: %v", err)
	}
	l.asks("Kim", "200", 0)
	l.types("lead", "show", "kim@kim-works.example")
}

func TestSubjectAccessWritesAll(t *testing.T) {
	l := start(t)
	l.asks("Kim", "200", 0)
	k, err := signal.KeyOfEmail("kim@kim-works.example")
	if err != nil {
		t.Fatal(err)
	}
	// It stands with the other lead, whose key is the smaller one.
	pair := duplicate.Pair{Names: duplicate.Of(k, "10"), Version: 1, State: duplicate.Dismissed, Since: l.now, Score: 62, By: "Riley", Why: "her sister", At: l.now}
	if err := l.table.PutDuplicate(t.Context(), pair); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	file, text := filepath.Join(dir, "kim.json"), filepath.Join(dir, "kim.md")
	l.types("subject-access", "kim@kim-works.example", "--out", file)
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var d privacy.Dossier
	if err := json.Unmarshal(b, &d); err != nil || len(d.Signals) != 1 || d.Signals[0].Attributes["form"] != "Request a demo" || len(d.Decisions) != 1 || d.Scores == nil || d.Company == nil || len(d.Pairs) != 1 || d.Pairs[0].Why != "her sister" {
		t.Errorf("%v: %+v", err, d)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
	l.types("subject-access", "kim@kim-works.example", "--out", text)
	b, err = os.ReadFile(text)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"# What we hold about you", "- first name: Kim (from typeform", "Nothing that is known.", "form: Request a demo", "Handed off", "62 of 100 alike; Riley said that they are two people: her sister", "What we do not hold"} {
		if !strings.Contains(string(b), want) {
			t.Errorf("no %q in\n%s", want, b)
		}
	}
	open := filepath.Join(dir, "open.json")
	if err := os.WriteFile(open, []byte("{}"), 0o644); err != nil {
		t.Fatal(err)
	}
	l.types("subject-access", "kim@kim-works.example", "--out", open)
	if info, err := os.Stat(open); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("a file that was there is for everybody: %v, %v", info, err)
	}
	if _, _, err := l.run("", "subject-access", "nobody@x.example", "--out", file); fault.KindOf(err) != fault.NotFound {
		t.Errorf("%v, want NotFound", err)
	}
}

// That nothing is held is said only when the table says so.
func TestWhatCannotBeReadIsNotCalledNothing(t *testing.T) {
	l := start(t)
	p := &place{name: "the stack", table: l.table}
	if _, err := p.erased(t.Context(), "1nobody"); fault.KindOf(err) != fault.NotFound {
		t.Errorf("%v, want NotFound", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := p.erased(ctx, "1nobody"); err == nil || fault.KindOf(err) == fault.NotFound {
		t.Errorf("%v, want what went wrong", err)
	}
}

func TestRetentionErasesWhoWasQuietForTooLong(t *testing.T) {
	l := start(t)
	if _, _, err := l.run("", "retention"); fault.KindOf(err) != fault.Invalid {
		t.Errorf("a policy that keeps everybody: %v, want Invalid", err)
	}
	text := strings.Replace(string(policy.Default()), "leads_days: 0", "leads_days: 365", 1)
	if err := l.table.PutPolicy(t.Context(), "p-short", []byte(text), l.now); err != nil {
		t.Fatal(err)
	}
	quiet := signal.Signal{
		Source: "segment", ID: "v", Type: signal.PageViewed, OccurredAt: l.now.AddDate(-2, 0, 0), ReceivedAt: l.now.AddDate(-2, 0, 0),
		Identity: signal.Identity{Email: "kim@kim-works.example"},
	}
	if _, err := l.table.PutSignal(t.Context(), quiet); err != nil {
		t.Fatal(err)
	}
	k, err := quiet.LeadKey()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := l.maker().Apply(t.Context(), k, []signal.Signal{quiet}, quiet.ReceivedAt); err != nil {
		t.Fatal(err)
	}
	l.asks("Jon", "200", 0)
	if said := l.types("retention"); said != "1 lead without a signal for 365 days.\n" {
		t.Errorf("%q", said)
	}
	l.types("lead", "show", "kim@kim-works.example")
	l.types("retention", "--yes")
	if _, _, err := l.run("", "lead", "show", "kim@kim-works.example"); fault.KindOf(err) != fault.NotFound {
		t.Errorf("%v, want NotFound", err)
	}
	l.types("lead", "show", "jon@jon-works.example")
	l.asks("Kim", "200", 0) // and may come back
	l.types("lead", "show", "kim@kim-works.example")
}
