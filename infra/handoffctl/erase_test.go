package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/privacy"
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
		"a tombstone stands at 1 name", "2 items remain", "0 others", "0 of the ", "of the person", "backups of the table (point-in-time recovery) (until 2031-04-07)",
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
	l.asks("Kim", "200", 0)
	l.types("lead", "show", "kim@kim-works.example")
}

func TestSubjectAccessWritesAll(t *testing.T) {
	l := start(t)
	l.asks("Kim", "200", 0)
	dir := t.TempDir()
	file, text := filepath.Join(dir, "kim.json"), filepath.Join(dir, "kim.md")
	l.types("subject-access", "kim@kim-works.example", "--out", file)
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var d privacy.Dossier
	if err := json.Unmarshal(b, &d); err != nil || len(d.Signals) != 1 || d.Signals[0].Attributes["form"] != "Request a demo" || len(d.Decisions) != 1 || d.Scores == nil || d.Company == nil {
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
	for _, want := range []string{"# What we hold about you", "- first name: Kim (from typeform", "form: Request a demo", "Handed off", "What we do not hold"} {
		if !strings.Contains(string(b), want) {
			t.Errorf("no %q in\n%s", want, b)
		}
	}
	if _, _, err := l.run("", "subject-access", "nobody@x.example", "--out", file); fault.KindOf(err) != fault.NotFound {
		t.Errorf("%v, want NotFound", err)
	}
}
