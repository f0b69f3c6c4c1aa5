package find_test

import (
	"encoding/csv"
	"errors"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/find"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/policy/rules"
	"github.com/handoff-oss/handoff/shared/scoring"
	"github.com/handoff-oss/handoff/shared/signal"
)

var now = time.Date(2026, 11, 23, 15, 0, 0, 0, time.UTC)

func compiled(t *testing.T) *rules.Compiled {
	t.Helper()
	p, err := policy.Decode(policy.Default())
	if err != nil {
		t.Fatal(err)
	}
	c, err := rules.Compile(p, policy.VersionOf(policy.Default()))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// ada is a lead that sent one form three days ago.
func ada(t *testing.T, change func(*lead.Lead)) *lead.Lead {
	t.Helper()
	at := now.AddDate(0, 0, -3)
	facts, err := scoring.Of(compiled(t), []signal.Signal{{
		Source: "typeform", ID: "e1", Type: signal.FormSubmitted, OccurredAt: at, ReceivedAt: at, Identity: signal.Identity{Email: "ada@engines.example"},
		Lead:       map[string]string{"first_name": "Ada", "last_name": "Byron", "company": "Analytical Engines", "title": "CTO"},
		Attributes: map[string]string{"form": "Get the  Guide", "utm_campaign": "Spring"},
	}}, at)
	if err != nil {
		t.Fatal(err)
	}
	key, err := signal.KeyOfEmail("ada@engines.example")
	if err != nil {
		t.Fatal(err)
	}
	l := &lead.Lead{Key: key, Version: 1, CreatedAt: at, UpdatedAt: at, Facts: facts, Journey: lead.Journey{Stage: lead.Engaged, StageAt: map[lead.Stage]time.Time{lead.Engaged: at}}}
	change(l)
	return l
}

func TestMatch(t *testing.T) {
	held := func(l *lead.Lead) { l.Journey.Held = &lead.Handoff{Pool: "sales"} }
	recycled := func(days int) func(*lead.Lead) {
		return func(l *lead.Lead) { l.Journey.Stage, l.Journey.RecycledUntil = lead.Recycled, now.AddDate(0, 0, days) }
	}
	tests := []struct {
		name, query string
		change      func(*lead.Lead)
		want        bool
	}{
		{"everything", "", nil, true},
		{"its stage", "stage=engaged", nil, true},
		{"another stage", "stage=known", nil, false},
		{"its source in another case", "source=Typeform", nil, true},
		{"a part of a source is another", "source=type", nil, false},
		{"a part of its form, whatever the spaces", "form=the+guide", nil, true},
		{"another form", "form=demo", nil, false},
		{"its campaign", "campaign=spring", nil, true},
		{"another campaign", "campaign=fall", nil, false},
		{"the day it became known", "from=2026-11-20&to=2026-11-20", nil, true},
		{"later days", "from=2026-11-21", nil, false},
		{"earlier days", "to=2026-11-19", nil, false},
		{"four days with today", "days=4", nil, true},
		{"three days with today", "days=3", nil, false},
		{"both parts of the name", "q=byron+ada", nil, true},
		{"a part of the company", "q=engine", nil, true},
		{"a part of the address", "q=@engines", nil, true},
		{"one of two words", "q=ada+turing", nil, false},
		{"its title is not looked at", "q=CTO", nil, false},
		{"fit B or better", "fit=B", nil, true},
		{"engagement that it has", "engagement=15", nil, true},
		{"engagement that it lacks", "engagement=60", nil, false},
		{"nobody's rep", "holder=alex", nil, false},
		{"its holder", "holder=alex", func(l *lead.Lead) { l.Journey.Handoff = &lead.Handoff{Rep: "alex"} }, true},
		{"who gave it back is no holder", "holder=alex", func(l *lead.Lead) {
			l.Journey.Handoff = &lead.Handoff{Rep: "alex", Answer: lead.AnswerRejected}
		}, false},
		{"it waits", "list=waiting", held, true},
		{"it does not wait", "list=waiting", nil, false},
		{"its time in nurture is over", "list=again", recycled(0), true},
		{"it is in nurture", "list=again", recycled(1), false},
		{"it is filed as near and is", "list=nearly", func(l *lead.Lead) { l.Journey.NearSince = now }, true},
		{"it is not filed as near", "list=nearly", nil, false},
		{"it is filed as near and has faded", "list=nearly", func(l *lead.Lead) {
			l.Journey.NearSince, l.Facts.Counts, l.Facts.Items, l.Facts.Profile = now, nil, nil, nil
		}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			q, err := url.ParseQuery(tt.query)
			if err != nil {
				t.Fatal(err)
			}
			f, err := find.Parse(q)
			if err != nil {
				t.Fatal(err)
			}
			if tt.change == nil {
				tt.change = func(*lead.Lead) {}
			}
			row := find.RowOf(compiled(t), ada(t, tt.change), now)
			if got := f.MatchRow(row, now); got != tt.want {
				t.Errorf("%s matches: %v (fit %s, engagement %d, %+v)", tt.query, got, row.Result.Fit.Grade, row.Result.Engagement.Score, row.Lack)
			}
		})
	}
}

func TestMistakes(t *testing.T) {
	for query, param := range map[string]string{
		"stage=nirvana": "stage", "list=mine": "list", "fit=E": "fit", "days=-1": "days", "days=week": "days", "engagement=101": "engagement",
		"from=yesterday": "from", "to=2026-13-01": "to", "from=2026-11-02&to=2026-11-01": "to", "holder=near%230": "holder",
	} {
		q, err := url.ParseQuery(query)
		if err != nil {
			t.Fatal(err)
		}
		_, err = find.Parse(q)
		var wrong *find.Mistake
		if !errors.As(err, &wrong) || wrong.Param != param || !strings.HasSuffix(wrong.Detail, ".") || fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: %v, want a mistake in %s", query, err, param)
		}
	}
}

// What a filter writes is what it reads.
func TestAFilterSurvivesItsAddress(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.SampledFrom([]string{"", "demo", "a b", "ü&=#?", "50%"})
		day := rapid.SampledFrom([]time.Time{{}, time.Date(2026, 11, 2, 0, 0, 0, 0, time.UTC)})
		want := find.Filter{
			List: rapid.SampledFrom([]find.List{find.All, find.Waiting, find.Again, find.Nearly}).Draw(t, "list"), Stage: rapid.SampledFrom(append(find.Stages(), "")).Draw(t, "stage"),
			Source: word.Draw(t, "source"), Form: word.Draw(t, "form"), Campaign: word.Draw(t, "campaign"), Text: word.Draw(t, "text"),
			Days: rapid.IntRange(0, 40).Draw(t, "days"), From: day.Draw(t, "from"), To: day.Draw(t, "to"),
			Fit: rapid.SampledFrom([]string{"", "A", "D"}).Draw(t, "fit"), Interest: rapid.IntRange(0, 100).Draw(t, "interest"),
			Holder: rapid.SampledFrom([]string{"", "alex"}).Draw(t, "holder"),
		}
		q, err := url.ParseQuery(want.Query().Encode())
		if err != nil {
			t.Fatal(err)
		}
		got, err := find.Parse(q)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("filter (-want +got):\n%s", diff)
		}
		if kept, err := find.Kept(q.Encode() + "&cursor=x&strange=1"); err != nil || kept != want.Query().Encode() {
			t.Errorf("a view keeps %q, %v", kept, err)
		}
	})
}

func TestExactly(t *testing.T) {
	key := ada(t, func(*lead.Lead) {}).Key
	for text, want := range map[string]signal.LeadKey{
		" ADA@Engines.example": key, string(key): key, "ada@": "", "ada": "", strings.Repeat("1", 27): "", "": "",
	} {
		f, err := find.Parse(url.Values{"q": {text}})
		if err != nil {
			t.Fatal(err)
		}
		if got, ok := f.Exactly(); got != want || ok != (want != "") {
			t.Errorf("%q names %q, %v; want %q", text, got, ok, want)
		}
	}
}

func TestShippedViewsAreFilters(t *testing.T) {
	for _, v := range find.Shipped() {
		if kept, err := find.Kept(v.Query); err != nil || kept != v.Query || kept == "" {
			t.Errorf("%s is kept as %q, %v", v.Name, kept, err)
		}
		if name, err := find.Called(v.Name); err != nil || name != v.Name {
			t.Errorf("%q is called %q, %v", v.Name, name, err)
		}
	}
	for _, name := range []string{"", "  ", strings.Repeat("x", 61)} {
		if _, err := find.Called(name); fault.KindOf(err) != fault.Invalid {
			t.Errorf("a view may be called %q", name)
		}
	}
}

// A row is as long as the headings, and no cell of it is a formula.
func TestRecords(t *testing.T) {
	hostile := []string{"=1+1", "+49 30 1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", `"quoted", and so on`, "plain"}
	for _, v := range hostile {
		got := record(t, v)
		if len(got) != len(find.Columns()) {
			t.Fatalf("%d cells, there are %d columns", len(got), len(find.Columns()))
		}
		for i, cell := range got {
			if cell != "" && strings.ContainsRune("=+-@\t\r\n", rune(cell[0])) {
				t.Errorf("%s is %q, which is a formula", find.Columns()[i], cell)
			}
		}
		if phone := got[slices.Index(find.Columns(), "phone")]; strings.TrimPrefix(phone, "'") != v {
			t.Errorf("the phone %q is written as %q", v, phone)
		}
	}
}

// record is what is read of a row that was written as CSV, of a lead that has a
// text everywhere.
func record(t *testing.T, v string) []string {
	t.Helper()
	l := ada(t, func(l *lead.Lead) {
		for _, name := range []string{"first_name", "last_name", "company", "title", "phone", "country"} {
			l.Facts.Profile[name] = scoring.Field{Value: v}
		}
		l.Facts.Origin.Form.Value, l.Facts.Origin.Campaign.Value = v, v
		l.Journey.Handoff = &lead.Handoff{Rep: v, RepName: v, Pool: v, Since: now}
	})
	var out strings.Builder
	w := csv.NewWriter(&out)
	if err := w.Write(find.RowOf(compiled(t), l, now).Record()); err != nil {
		t.Fatal(err)
	}
	w.Flush()
	got, err := csv.NewReader(strings.NewReader(out.String())).Read()
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestWhoLacksLeastComesFirst(t *testing.T) {
	row := func(points int, since time.Time) find.Row {
		return find.Row{Lead: &lead.Lead{Journey: lead.Journey{NearSince: since}}, Lack: scoring.Lack{Points: points}}
	}
	rows := []find.Row{row(9, now), row(2, now.Add(-time.Hour)), row(2, now)}
	find.ByLack(rows)
	if rows[0].Lack.Points != 2 || !rows[0].Lead.Journey.NearSince.Equal(now) || rows[2].Lack.Points != 9 {
		t.Errorf("%+v", rows)
	}
}
