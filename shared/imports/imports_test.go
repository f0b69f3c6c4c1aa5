package imports_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/imports"
	"github.com/handoff-oss/handoff/shared/signal"
	"github.com/handoff-oss/handoff/shared/tabular"
)

var monday = time.Date(2026, 5, 18, 14, 0, 0, 0, time.UTC)

func planOf(tb testing.TB, file string) imports.Plan {
	tb.Helper()
	p, err := imports.Open("contacts.csv", strings.NewReader(file))
	if err != nil {
		tb.Fatal(err)
	}
	return p
}

// behind returns a reader of a file that stands behind its header.
func behind(tb testing.TB, file string, p imports.Plan) *tabular.Reader {
	tb.Helper()
	r := tabular.NewReader(strings.NewReader(file), p.Format)
	if _, err := r.Header(); err != nil {
		tb.Fatal(err)
	}
	return r
}

func TestGuesses(t *testing.T) {
	for name, c := range map[string]struct {
		header, source, want string
	}{
		"Salesforce":     {"Lead ID,First Name,Last Name,Title,Company / Account,Email,Phone,Mobile,State/Province,Zip/Postal Code,Country,No. of Employees,Lead Source,Created Date", "salesforce", "contact_id,first_name,last_name,title,company,email,phone,,field.state,postal_code,country,employees,,occurred_at"},
		"HubSpot":        {"Record ID,First Name,Last Name,Email,Phone Number,Associated Company,Job Title,Country/Region,Create Date,Lead Status", "hubspot", "contact_id,first_name,last_name,email,phone,company,title,country,occurred_at,"},
		"Pipedrive":      {"Person - ID,Person - Name,Person - Organization,Person - Email - Work,Person - Phone - Work,Person - Person created", "pipedrive", "contact_id,name,company,email,phone,occurred_at"},
		"German":         {"Vorname,Nachname,E-Mail-Adresse,Firma,Position,Telefon,Mobil,Land,PLZ,Branche,Mitarbeiterzahl,Webseite,Erstellt am", "import", "first_name,last_name,email,company,title,phone,,country,postal_code,industry,employees,website,occurred_at"},
		"two lines each": {"E-Mail\nAddress,First\nName", "import", "email,first_name"},
		"ids of a file":  {"ID,Email", "import", ",email"},
		"as they are":    {"contact_id,attr.list,field.persona,email,occurred_at.mdy", "import", "contact_id,attr.list,field.persona,email,occurred_at.mdy"},
		"the more usual": {"Mail,Email,Role,Job Title", "import", ",email,,title"},
	} {
		t.Run(name, func(t *testing.T) {
			got := imports.Guess(strings.Split(c.header, ","), c.source)
			if d := cmp.Diff(strings.Split(c.want, ","), words(got)); d != "" {
				t.Error(d)
			}
		})
	}
}

func words(all []imports.Target) []string {
	out := make([]string, len(all))
	for i, t := range all {
		out[i] = string(t)
	}
	return out
}

func TestRows(t *testing.T) {
	const header = "email,contact_id,name,first_name,phone,occurred_at,attr.list,field.persona,attr.consent.email\n"
	for name, c := range map[string]struct {
		row  string
		want string // "" when the row is good
	}{
		"good":                    {"Ada@Engines.example,7,,Ada,'+44 20 7946 0958,2024-03-01,fair,buyer,", ""},
		"only an id":              {",7,,,,,,,", ""},
		"two addresses":           {"a@b.example; c@d.example,7,,,,,,,", "email: this is not one e-mail address"},
		"nobody":                  {",,Ada Lovelace,,+44 20 7946 0958,,,,", "the row names nobody"},
		"too few cells":           {"a@b.example,7", "the row has another number of cells than the header"},
		"too many cells":          {"a@b.example,7,,,,,,,,x", "the row has another number of cells than the header"},
		"empty cells beside":      {"a@b.example,7,,,,,,,,,", ""},
		"a strange date":          {"a@b.example,7,,,,11/30/2024,,,", "occurred_at: the date cannot be read"},
		"a date to come":          {"a@b.example,7,,,,2027-01-01,,,", "occurred_at: the date lies in the future"},
		"a date of nowhere":       {"a@b.example,7,,,,1970-01-01,,,", "occurred_at: the date lies before the year 2000"},
		"long text":               {"a@b.example,7,,,,," + strings.Repeat("x", 2049) + ",,", "attr.list: the text is longer than 2,048 bytes"},
		"a long id":               {"a@b.example," + strings.Repeat("x", 201) + ",,,,,,,", "contact_id: the id is longer than 200 bytes or has an end of line in it"},
		"a stray quotation mark":  {`a@b.example,7,"x"y,,,,,,`, "a quotation mark stands where none may be"},
		"characters of no script": {"a@b.example,7,\ufffd,,,,,,", "name: the text holds characters that cannot be read"},
		"agrees":                  {"a@b.example,7,,,,,,,Given", ""},
		"agrees in other words":   {"a@b.example,7,,,,,,,yes", "attr.consent.email: this is neither given nor withdrawn"},
	} {
		t.Run(name, func(t *testing.T) {
			file := header + c.row + "\n"
			p := planOf(t, file)
			s, problems := firstOf(t, file, p)
			if c.want == "" {
				if _, err := s.LeadKey(); err != nil || len(problems) > 0 || !s.Quiet || s.Type != signal.ContactCreated || s.ID == "" {
					t.Errorf("%+v %v %v", s, problems, err)
				}
				return
			}
			if len(problems) != 1 || !strings.HasPrefix(problems[0].String(), c.want) || problems[0].Do == "" || problems[0].Line != 2 || s.Source != "" {
				t.Errorf("%+v, want %s", problems, c.want)
			}
		})
	}
}

// firstOf is what becomes of the first row of a file.
func firstOf(t *testing.T, file string, p imports.Plan) (signal.Signal, []imports.Problem) {
	t.Helper()
	m, err := imports.NewMapper(p, monday)
	if err != nil {
		t.Fatal(err)
	}
	row, err := behind(t, file, p).Next()
	if err != nil {
		t.Fatal(err)
	}
	return m.Signal(row)
}

func TestASignalOfARow(t *testing.T) {
	file := "Email;Name;Phone;Company;Created\n'=ada@engines.example;Ada King  Lovelace;'+44 20 7946 0958; Engines ;30.11.2024 08:15\nb@b.example;;;;\n"
	p := planOf(t, file)
	m, err := imports.NewMapper(p, monday)
	if err != nil {
		t.Fatal(err)
	}
	rows := behind(t, file, p)
	row, _ := rows.Next()
	got, problems := m.Signal(row)
	id, _ := p.ID()
	received := monday.Add(time.Microsecond)
	want := signal.Signal{
		Source: "import", ID: "import." + id + ".1", Type: signal.ContactCreated, ReceivedAt: received, OccurredAt: time.Date(2024, 11, 30, 8, 15, 0, 0, time.UTC), Quiet: true,
		Identity: signal.Identity{Email: "=ada@engines.example", Phone: "+44 20 7946 0958"},
		Lead: map[string]string{
			"email": "=ada@engines.example", "first_name": "Ada", "last_name": "King Lovelace", "phone": "+44 20 7946 0958", "company": "Engines",
		},
	}
	if d := cmp.Diff(want, got); d != "" || len(problems) > 0 {
		t.Error(d, problems)
	}
	row, _ = rows.Next()
	if got, _ := m.Signal(row); !got.OccurredAt.Equal(monday.Add(2*time.Microsecond)) || got.OccurredAt.After(got.ReceivedAt) {
		t.Errorf("a row without a time is of %s", got.OccurredAt)
	}
}

func TestPlansThatCannotBe(t *testing.T) {
	good := planOf(t, "email,phone,mobile\na@b.example,1,2\n")
	for want, change := range map[string]func(*imports.Plan){
		"":                              func(*imports.Plan) {},
		"no column names a person":      func(p *imports.Plan) { p.Targets[0] = imports.Ignored },
		`there is no field "shoe_size"`: func(p *imports.Plan) { p.Targets[1] = "shoe_size" },
		"there is no field":             func(p *imports.Plan) { p.Targets[1] = "attr.fetch" },
		`"phone" and "mobile" are both`: func(p *imports.Plan) { p.Targets[2] = "phone" },
		"are both date of creation":     func(p *imports.Plan) { p.Targets[1], p.Targets[2] = "occurred_at", "occurred_at.mdy" },
		"the mapping has 2 columns":     func(p *imports.Plan) { p.Targets = p.Targets[:2] },
		"described incompletely":        func(p *imports.Plan) { p.Sum = "x" },
	} {
		p := good
		p.Targets = slices.Clone(good.Targets)
		change(&p)
		err := p.Check()
		if (err == nil) != (want == "") || err != nil && (!strings.Contains(err.Error(), want) || fault.KindOf(err) != fault.Invalid) {
			t.Errorf("%v, want %s", err, want)
		}
	}
	for _, file := range []string{"PK\x03\x04", "", "ada@engines.example,Ada\n", "a,a\n", "email,name\rada@engines.example,Ada\r", "sep=;\r\nemail;name\r\n"} {
		if _, err := imports.Open("x", strings.NewReader(file)); fault.KindOf(err) != fault.Invalid || err == nil {
			t.Errorf("%q: %v", file, err)
		}
	}
}

func TestASurvey(t *testing.T) {
	file := "email,company,colour\n" + strings.Repeat("a@b.example,B,\nnobody,,red\n", 30)
	p := planOf(t, file)
	s, err := imports.Look(p, monday, behind(t, file, p), 0, true)
	if err != nil {
		t.Fatal(err)
	}
	if s.Rows != 60 || s.Good != 30 || s.Bad() != 30 || len(s.First) != 10 || len(s.Problems) != 20 || !s.Whole || s.Columns[1].Percent(s.Rows) != 50 || s.Columns[2].Sample != "red" {
		t.Errorf("%+v", s)
	}
	if d := cmp.Diff([]imports.Reason{{What: "email: this is not one e-mail address", Rows: 30}}, s.Why()); d != "" {
		t.Error(d)
	}
	if s, _ := imports.Look(p, monday, behind(t, file, p), 5, true); s.Rows != 5 || s.Whole {
		t.Errorf("%+v", s)
	}
}

// shelf keeps signals and states in memory, and fails when told to.
type shelf struct {
	mu      sync.Mutex
	signals map[string]signal.Signal
	state   imports.State
	puts    int
	failAt  int // of the puts; 0 is never
}

func (s *shelf) runner() *imports.Runner {
	return &imports.Runner{
		Put: func(_ context.Context, signals []signal.Signal) error {
			s.mu.Lock()
			defer s.mu.Unlock()
			if s.puts++; s.failAt > 0 && s.puts >= s.failAt {
				return fault.New(fault.Unavailable, "away")
			}
			for _, g := range signals {
				if old, known := s.signals[g.ID]; known && !cmp.Equal(old, g) {
					return fault.New(fault.Internal, "a signal has changed")
				}
				s.signals[g.ID] = g
			}
			return nil
		},
		Save: func(_ context.Context, n imports.State, before int64) error {
			if s.state.At.Offset != before {
				return fault.New(fault.Conflict, "somebody else")
			}
			s.state = n
			return nil
		},
	}
}

func newShelf(tb testing.TB, p imports.Plan, file string) *shelf {
	tb.Helper()
	return &shelf{signals: map[string]signal.Signal{}, state: imports.Start(p, behind(tb, file, p).Place(), "Kim", monday)}
}

// people are a file of so many rows, of which every seventh names nobody.
func people(rows int) string {
	var b strings.Builder
	b.WriteString("email,name\n")
	for i := range rows {
		if i%7 == 0 {
			fmt.Fprintf(&b, "nobody%d,\"x\ny\"\n", i)
			continue
		}
		fmt.Fprintf(&b, "p%d@x.example,N%d\n", i, i)
	}
	return b.String()
}

// However often an import fails, and wherever, what is stored in the end is what
// one go stores, and the rejected rows are the same.
func TestAnImportGoesOnWhereItWas(t *testing.T) {
	file := people(4500)
	p := planOf(t, file)
	whole := newShelf(t, p, file)
	if s, err := whole.runner().Run(t.Context(), whole.state, behind(t, file, p), true); err != nil || !s.Done || s.Stored+s.Rejected != 4500 || s.Rejected != 643 || s.At.Offset != int64(len(file)) {
		t.Fatalf("%+v %v", s, err)
	}
	rapid.Check(t, func(r *rapid.T) {
		cut := newShelf(t, p, file)
		for try := 0; ; try++ {
			cut.puts, cut.failAt = 0, rapid.IntRange(1, 120).Draw(r, "fails at")
			if try == 20 {
				cut.failAt = 0
			}
			rejected, err := cut.goOn(t.Context(), r, behind(t, file, p))
			if err != nil {
				continue
			}
			if d := cmp.Diff(whole.state, cut.state); d != "" || rejected != 643 || !maps.EqualFunc(whole.signals, cut.signals, alike) {
				r.Fatal(d, rejected)
			}
			return
		}
	})
}

// goOn goes on with an import, and checks that it does not go back.
func (s *shelf) goOn(ctx context.Context, r *rapid.T, rows *tabular.Reader) (rejected int, err error) {
	was, runner := s.state, s.runner()
	runner.Reject = func(tabular.Row, []imports.Problem) error { rejected++; return nil }
	said, err := runner.Run(ctx, s.state, rows, true)
	if said.At.Offset != s.state.At.Offset || said.At.Offset < was.At.Offset || said.Stored > len(s.signals) {
		r.Fatalf("%+v kept, %+v said, %d stored", s.state, said, len(s.signals))
	}
	return rejected, err
}

func alike(a, b signal.Signal) bool {
	return a.OccurredAt.Equal(b.OccurredAt) && a.ReceivedAt.Equal(b.ReceivedAt) && a.Identity == b.Identity && maps.Equal(a.Lead, b.Lead)
}

// A file that comes in parts, some of them twice, is stored as in one go.
func TestAnImportInParts(t *testing.T) {
	file := "email;name\n" + strings.Repeat("a@b.example;A\nnobody;\n", 500)
	p := planOf(t, file)
	whole, parts := newShelf(t, p, file), newShelf(t, p, file)
	if _, err := whole.runner().Run(t.Context(), whole.state, behind(t, file, p), true); err != nil {
		t.Fatal(err)
	}
	for at := parts.state.At; ; {
		end := min(int(at.Offset)+4000, len(file))
		last := end == len(file)
		var next tabular.Place
		for range 2 {
			rows := tabular.NewPart([]byte(file[at.Offset:end]), p.Format, at, last)
			if _, err := parts.runner().Run(t.Context(), parts.state, rows, last); err != nil {
				t.Fatal(err)
			}
			next = rows.Place()
		}
		if at = next; last {
			break
		}
	}
	if d := cmp.Diff(whole.state, parts.state) + cmp.Diff(whole.signals, parts.signals); d != "" {
		t.Error(d)
	}
}

func TestSomebodyElseGoesOn(t *testing.T) {
	file := "email\n" + strings.Repeat("a@b.example\n", 5000)
	p := planOf(t, file)
	s := newShelf(t, p, file)
	old := s.state
	if _, err := s.runner().Run(t.Context(), old, behind(t, file, p), true); err != nil {
		t.Fatal(err)
	}
	if _, err := s.runner().Run(t.Context(), old, behind(t, file, p), true); fault.KindOf(err) != fault.Conflict {
		t.Errorf("%v", err)
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	fresh := newShelf(t, p, file)
	if _, err := fresh.runner().Run(ctx, fresh.state, behind(t, file, p), true); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

// Rows that were rejected can be corrected and imported, and rejected again.
func TestRejectedRowsComeBack(t *testing.T) {
	file := "email,note\nnobody,'=1\n"
	for range 2 {
		p := planOf(t, file)
		row, _ := behind(t, file, p).Next()
		got := [][]string{p.RejectedHeader(), p.Rejected(row, []imports.Problem{{Line: 2, Column: "email", What: "wrong", Do: "correct it"}})}
		want := [][]string{{"problem", "what to do", "line", "email", "note"}, {"email: wrong", "correct it", "2", "nobody", "'=1"}}
		if d := cmp.Diff(want, got); d != "" {
			t.Fatal(d)
		}
		file = strings.Join(got[0], ",") + "\n" + strings.Join(got[1], ",") + "\n"
	}
}

func FuzzSignal(f *testing.F) {
	f.Add("Email;Name\nada@engines.example;Ada\n", "import")
	f.Add("contact_id,attr.x,field.y,occurred_at\n7,1,2,2024-01-01\n", "hubspot")
	f.Fuzz(func(t *testing.T, file, source string) {
		p, err := imports.Open("x.csv", strings.NewReader(file))
		if err != nil {
			if fault.KindOf(err) != fault.Invalid {
				t.Fatal(err)
			}
			return
		}
		p.Source = source
		m, err := imports.NewMapper(p, monday)
		if err != nil {
			return
		}
		everyRow(t, m, tabular.NewReader(bytes.NewReader([]byte(file)), p.Format))
	})
}

// everyRow checks that each row becomes a signal of somebody or a problem, and
// always the same.
func everyRow(t *testing.T, m *imports.Mapper, rows *tabular.Reader) {
	t.Helper()
	if _, err := rows.Header(); err != nil {
		t.Fatal(err)
	}
	for {
		row, err := rows.Next()
		if err != nil {
			return
		}
		s, problems := m.Signal(row)
		again, _ := m.Signal(row)
		_, nobody := s.LeadKey()
		if len(problems) == 0 == (nobody != nil) || !cmp.Equal(s, again) || s.OccurredAt.After(s.ReceivedAt) {
			t.Fatalf("%+v %v", s, problems)
		}
	}
}

func ExampleGuess() {
	header := []string{"Vorname", "Nachname", "E-Mail", "Firma", "Lieblingsfarbe"}
	for i, t := range imports.Guess(header, imports.Source) {
		fmt.Printf("%s: %s\n", header[i], t.Label())
	}
	// Output:
	// Vorname: first name
	// Nachname: last name
	// E-Mail: e-mail address
	// Firma: company
	// Lieblingsfarbe: not imported
}
