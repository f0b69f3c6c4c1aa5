package main

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/handoff-oss/handoff/shared/imports"
	"github.com/handoff-oss/handoff/shared/signal"
)

// asCommand makes a process of the test the command itself, so that a test can
// kill one.
const asCommand = "HANDOFFCTL_TEST_AS_COMMAND"

func TestMain(m *testing.M) {
	if os.Getenv(asCommand) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// says fails the test when not all of some texts were printed.
func says(t *testing.T, printed string, want ...string) {
	t.Helper()
	for _, w := range want {
		if !strings.Contains(printed, w) {
			t.Errorf("no %q in\n%s", w, printed)
		}
	}
}

const contacts = "E-Mail;Vorname;Nachname;Firma;Telefon;Lieblingsfarbe\n" +
	"ada@engines.example;Ada;Lovelace;Engines;'+44 20 7946 0958;blau\n" +
	"nobody;;;;;\n" +
	"grace@navy.example;Grace;Hopper;Navy;;\n"

func TestImportAFile(t *testing.T) {
	l := startDesk(t)
	file := write(t, "kontakte.csv", contacts)
	out := l.types("import", file, "--preview", "--map", "Lieblingsfarbe=attr.color")
	says(t, out,
		"kontakte.csv: 3 rows, cells separated by semicolons, text in UTF-8.", "E-Mail          e-mail address", "attribute color", "100 %", "33 %",
		"email ada@engines.example, first_name Ada, last_name Lovelace, phone +44 20 7946 0958, color blau", "1 row of 3 cannot be imported",
		"line 3: E-Mail: this is not one e-mail address: correct it", "Nothing was imported.")
	says(t, l.types("import", file), "say --yes")
	ada, _ := signal.KeyOfEmail("ada@engines.example")
	if got, err := l.table.Signals(t.Context(), ada); err != nil || len(got) > 0 {
		t.Fatalf("a preview stores %v %v", got, err)
	}
	says(t, l.types("import", file, "--yes"), "Imported kontakte.csv: 2 rows stored, 1 rejected.")
	got, err := l.table.Signals(t.Context(), ada)
	if err != nil || len(got) != 1 || !got[0].Quiet || got[0].Source != imports.Source || got[0].Lead["company"] != "Engines" {
		t.Fatalf("%+v %v", got, err)
	}
	text, err := os.ReadFile(strings.TrimSuffix(file, ".csv") + ".rejected.csv")
	if want := "\ufeffproblem,what to do,line,E-Mail,Vorname,Nachname,Firma,Telefon,Lieblingsfarbe\n"; err != nil || !strings.HasPrefix(string(text), want) || strings.Count(string(text), "\n") != 2 {
		t.Errorf("%s %v", text, err)
	}
	says(t, l.types("import", file, "--yes"), "Nothing was done")
	if out := l.types("import", file, "--preview"); strings.Contains(out, "goes on") || !strings.Contains(out, "It was imported") {
		t.Errorf("an import that is complete: %s", out)
	}
	if got, err := l.table.Signals(t.Context(), ada); err != nil || len(got) != 1 {
		t.Errorf("%d signals %v", len(got), err)
	}
	l.types("import", file, "--yes", "--again", "anew")
	if got, err := l.table.Signals(t.Context(), ada); err != nil || len(got) != 2 {
		t.Errorf("%d signals %v", len(got), err)
	}
}

func TestImportsThatCannotBe(t *testing.T) {
	l := startDesk(t)
	file := write(t, "kontakte.csv", contacts)
	for want, args := range map[string][]string{
		`no source "nowhere"`:                        {"import", file, "--source", "nowhere"},
		"the columns are E-Mail, Vorname":            {"import", file, "--map", "Colour=attr.color"},
		`there is no field "colour"`:                 {"import", file, "--map", "Lieblingsfarbe=colour"},
		"no column names a person":                   {"import", file, "--map", "E-Mail="},
		"the file is empty":                          {"import", write(t, "empty.csv", "")},
		"no such file":                               {"import", file + ".not"},
		"save it from your spreadsheet":              {"import", write(t, "book.xlsx", "PK\x03\x04")},
		`columns "Vorname" and "Nachname" are both`:  {"import", file, "--map", "Vorname=title", "--map", "Nachname=title"},
		"none of the others can be; [preview yes]":   {"import", file, "--preview", "--yes"},
		"--format is csv or jsonl, not \"xlsx\"":     {"export", "--format", "xlsx"},
		"The parameter days is a number from 0 to 3": {"export", "--days", "x"},
	} {
		if _, _, err := l.run("", args...); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: %v, want %s", args, err, want)
		}
	}
}

// A terminal is not at the mercy of a file's name.
func TestTheNameOfAFileIsPrintedPlain(t *testing.T) {
	l := startDesk(t)
	file := write(t, "a\x1b[31mb.csv", contacts)
	for _, args := range [][]string{{"--preview"}, {"--yes"}, {"--yes"}} { // shown, stored, and known
		if out := l.types(append([]string{"import", file}, args...)...); strings.Contains(out, "\x1b") || !strings.Contains(out, "b.csv") {
			t.Errorf("%v says %q", args, out)
		}
	}
}

// A process that is killed in the middle has stored no half of a row; the same
// command goes on and stores the rest, once.
func TestAKilledImportGoesOn(t *testing.T) {
	l := startDesk(t)
	const people = 12_000
	var text strings.Builder
	text.WriteString("email,company\n")
	for i := range people {
		fmt.Fprintf(&text, "p%d@x%d.example,X %d\n", i, i, i)
	}
	file := write(t, "many.csv", text.String())
	plan, err := imports.Open("many.csv", strings.NewReader(text.String()))
	if err != nil {
		t.Fatal(err)
	}
	id, err := plan.ID()
	if err != nil {
		t.Fatal(err)
	}
	cut := l.killed(id, "import", file, "--yes")
	if cut.Done || cut.Stored == 0 || cut.Stored >= people {
		t.Fatalf("it was killed too late: %+v", cut)
	}
	says(t, l.types("import", file, "--yes"), fmt.Sprintf("goes on behind row %d", cut.At.Row), fmt.Sprintf("%d rows stored, 0 rejected", people))
	for _, i := range []int{0, cut.At.Row - 1, cut.At.Row, people - 1} {
		k, _ := signal.KeyOfEmail(fmt.Sprintf("p%d@x%d.example", i, i))
		if got, err := l.table.Signals(t.Context(), k); err != nil || len(got) != 1 || !got[0].ReceivedAt.Truncate(1e9).Equal(cut.StartedAt) {
			t.Errorf("person %d has %+v, %v", i, got, err)
		}
	}
}

// killed runs a command in a process of its own, which it kills as soon as an
// import has kept a state, and returns the state that was kept last.
func (l *local) killed(id string, args ...string) imports.State {
	l.t.Helper()
	kill := exec.CommandContext(l.t.Context(), os.Args[0], args...) // this test itself
	kill.Env = append(os.Environ(), asCommand+"=1", "PORT="+l.env["PORT"])
	kill.Stderr = os.Stderr
	if err := kill.Start(); err != nil {
		l.t.Fatal(err)
	}
	for s := (imports.State{}); s.Stored == 0; {
		var err error
		if s, err = l.table.Import(l.t.Context(), id); l.t.Context().Err() != nil {
			l.t.Fatal(err)
		}
	}
	if err := kill.Process.Kill(); err != nil {
		l.t.Fatal(err)
	}
	_ = kill.Wait() // it was killed
	s, err := l.table.Import(l.t.Context(), id)
	if err != nil {
		l.t.Fatal(err)
	}
	return s
}

// What is exported and imported into an empty stack gives the same profiles.
func TestExportThenImport(t *testing.T) {
	from, to := startDesk(t), startDesk(t)
	k := from.fills("Zoe", "Ebook", 2)
	from.asks("Ida", "51-200", 1)
	g := signal.Signal{
		Source: "hubspot", ID: "1", Type: signal.ContactChanged, OccurredAt: from.now, ReceivedAt: from.now, Identity: signal.Identity{Email: "zoe@works.example"},
		Lead: map[string]string{"phone": "+49 30 5550 1", "company": "'=Quoted; \"Ltd\"\nof Berlin", "persona": "-buyer", "postal_code": "01067", "name": "Zoe Q", "industry": "@home"},
	}
	if _, err := from.table.PutSignal(t.Context(), g); err != nil {
		t.Fatal(err)
	}
	if _, err := from.maker().Apply(t.Context(), k, []signal.Signal{g}, from.now); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "leads.csv")
	from.types("export", "--out", file, "--fields", "persona,name")
	if text, err := os.ReadFile(file); err != nil || !strings.HasPrefix(string(text), "\ufeffkey,") {
		t.Errorf("a spreadsheet does not know by its beginning that the file is UTF-8: %.20q %v", text, err)
	}
	to.types("import", file, "--yes")
	for _, email := range []string{"zoe@works.example", "ida@ida-works.example"} {
		k, _ := signal.KeyOfEmail(email)
		signals, err := to.table.Signals(t.Context(), k)
		if err != nil || len(signals) != 1 {
			t.Fatalf("%s: %v %v", email, signals, err)
		}
		if _, err := to.maker().Apply(t.Context(), k, signals, to.now); err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(from.stored(k).Facts.Values(), to.stored(k).Facts.Values()); d != "" {
			t.Error(email, d)
		}
		if j := to.stored(k).Journey; j.Handoff != nil || j.Held != nil {
			t.Errorf("%s was handed off: %+v", email, j)
		}
	}
}

func TestExportLines(t *testing.T) {
	l := startDesk(t)
	l.fills("Zoe", "Ebook", 2)
	l.asks("Ida", "51-200", 1)
	lines := strings.Split(strings.TrimSpace(l.types("export", "--format", "jsonl")), "\n")
	if len(lines) != 2 {
		t.Fatalf("%d lines", len(lines))
	}
	for _, line := range lines {
		var got leadLine
		if err := json.Unmarshal([]byte(line), &got); err != nil || got.Key == "" || got.Profile["email"] != got.Email || got.Stage == "" {
			t.Errorf("%+v %v", got, err)
		}
		if got.Name == "Ida" && (got.Handoff == nil || len(got.Clocks) == 0 || got.Fit.Grade == "") {
			t.Errorf("%+v", got)
		}
	}
	out := l.types("export", "--stage", "known", "--fields", "persona")
	rows, err := csv.NewReader(strings.NewReader(out)).ReadAll()
	if err != nil || len(rows) != 2 || rows[0][len(rows[0])-1] != "field.persona" || rows[1][6] != "'=2+3" {
		t.Errorf("%q %v", rows, err)
	}
}
