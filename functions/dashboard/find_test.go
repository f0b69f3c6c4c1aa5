package main

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/handoff-oss/handoff/shared/access"
	"github.com/handoff-oss/handoff/shared/find"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/scoring"
	"github.com/handoff-oss/handoff/shared/tabular"
	"github.com/handoff-oss/handoff/shared/web"
	"github.com/handoff-oss/handoff/shared/web/webtest"
)

// names are the names of the leads that the API lists for a person.
func (b bench) names(t *testing.T, who access.Person, query string) []string {
	t.Helper()
	out := b.send(t, webtest.Event(t, http.MethodGet, "/api/leads?"+query, who))
	var got listAnswer
	if err := json.Unmarshal([]byte(out.Body), &got); err != nil || out.StatusCode != http.StatusOK {
		t.Fatalf("%s answers %d %s", query, out.StatusCode, out.Body)
	}
	all := []string{}
	for _, l := range got.Leads {
		all = append(all, l.Name)
	}
	slices.Sort(all)
	return all
}

func TestFilters(t *testing.T) {
	b := newBench(t)
	old := known(t, now.AddDate(0, 0, -9), map[string]string{"email": "old@some.example", "first_name": "Olga"}, "Ebook")
	old.Facts.Origin.Campaign.Value = "Spring Sale"
	again := known(t, now.AddDate(0, 0, -2), map[string]string{"email": "rec@some.example", "first_name": "Rea"}, "Ebook")
	again.Journey.Stage, again.Journey.RecycledUntil = lead.Recycled, now.Add(-time.Hour)
	waits := known(t, now.AddDate(0, 0, -1), map[string]string{"email": "wim@some.example", "first_name": "Wim"}, "Request a demo")
	waits.Journey.Stage, waits.Journey.Held = lead.Qualified, &lead.Handoff{Pool: "sales", Waits: now.Add(-time.Hour)}
	b.store(t, old, again, waits, gus(t), ada(t))
	for query, want := range map[string][]string{
		"":                                  {"Ada Byron", "Gus Free", "Olga", "Rea", "Wim"},
		"source=typeform&stage=known":       {"Gus Free", "Olga"},
		"source=hubspot":                    {},
		"form=demo":                         {"Ada Byron", "Wim"},
		"campaign=spring":                   {"Olga"},
		"days=1":                            {"Ada Byron", "Gus Free"},
		"from=2026-11-14&to=2026-11-21":     {"Olga", "Rea"},
		"fit=B":                             {"Ada Byron"},
		"engagement=8&days=1":               {"Ada Byron", "Gus Free"},
		"q=some.example":                    {"Olga", "Rea", "Wim"},
		"q=engines":                         {"Ada Byron"},
		"q=ADA@analytical-engines.example":  {"Ada Byron"},
		"q=" + string(gus(t).Key):           {"Gus Free"},
		"q=nobody@nowhere.example":          {},
		"holder=alex":                       {"Ada Byron"},
		"list=waiting":                      {"Wim"},
		"list=again":                        {"Rea"},
		"email=wim@some.example&stage=lost": {},
	} {
		if got := b.names(t, webtest.Somebody(access.Marketer), query); !slices.Equal(got, want) {
			t.Errorf("?%s finds %v, want %v", query, got, want)
		}
	}
	seen := text(b.get(t, "/leads?q=some.example&days=30").Body)
	if !strings.Contains(seen, "became known from 14 November 2026 to 23 November 2026: 3 leads match.") {
		t.Errorf("the page says %s", seen)
	}
}

// A manager finds the leads of their pools and those that are nobody's yet,
// and their pages are full.
func TestAManagerFindsTheirOwn(t *testing.T) {
	b := newBench(t)
	for i := range 120 {
		l := known(t, now.Add(-time.Duration(i)*time.Minute), map[string]string{"email": fmt.Sprintf("r%d@some.example", i), "first_name": fmt.Sprint("R", i)}, "Newsletter")
		if i%3 > 0 {
			pool := []string{"sales", "enterprise"}[i%3-1]
			l.Journey.Stage, l.Journey.Handoff = lead.HandedOff, &lead.Handoff{Pool: pool, Rep: "emil", RepName: "Emil", Since: now}
		}
		b.store(t, l)
	}
	manager := webtest.Somebody(access.Manager)
	manager.Pools = []string{"sales"}
	if got := b.names(t, manager, ""); len(got) != pageSize {
		t.Errorf("%d leads on the manager's page, of 80", len(got))
	}
	for _, name := range b.names(t, manager, "stage=handed_off") {
		var n int
		if _, err := fmt.Sscanf(name, "R%d", &n); err != nil || n%3 != 1 {
			t.Errorf("the manager of sales finds %s", name)
		}
	}
	if got := b.names(t, manager, "q=r2@some.example"); len(got) != 0 {
		t.Errorf("the manager of sales finds %v by its address", got)
	}
}

// near is a lead that lacks so many points.
func near(t *testing.T, name string, forms int) *lead.Lead {
	t.Helper()
	l := known(t, now.Add(-time.Hour), map[string]string{
		"email": name + "@near-miss.example", "first_name": name, "company": "Near Miss", "title": "VP",
	}, "Newsletter")
	day := int(now.Unix() / (24 * 60 * 60))
	l.Facts.Counts = map[string]map[int]int{"form_submitted": {day: forms}}
	l.Journey.Stage, l.Journey.NearSince = lead.Engaged, now.Add(-time.Hour)
	l.Journey.StageAt[lead.Engaged] = now.Add(-time.Hour)
	return l
}

func TestNearlyQualified(t *testing.T) {
	b := newBench(t)
	faded := near(t, "faded", 1) // filed, and far from the threshold by now
	b.store(t, near(t, "four", 4), near(t, "five", 5), faded, gus(t))
	var got listAnswer
	if err := json.Unmarshal([]byte(b.get(t, "/api/leads?list=nearly").Body), &got); err != nil {
		t.Fatal(err)
	}
	if len(got.Leads) != 2 || got.Leads[0].Name != "five" || got.Leads[0].Lacks.Points != 5 || got.Leads[1].Lacks.Points != 10 {
		t.Fatalf("%+v", got.Leads)
	}
	if w := got.Leads[0].Lacks; w.Grade != "B" || !slices.Equal(w.OneMore, []string{"Sent a form"}) || len(got.Leads[1].Lacks.OneMore) != 0 {
		t.Errorf("%+v", w)
	}
	seen := text(b.get(t, "/leads/nearly").Body)
	for _, want := range []string{
		"5 points of engagement short: fit B needs 45, it is 40", "One more of: Sent a form", "13 more points of engagement", "Or 10 points of fit and engagement, for grade A",
	} {
		if !strings.Contains(seen, want) {
			t.Errorf("the page does not say %q:\n%s", want, seen)
		}
	}
	if strings.Contains(seen, "faded") {
		t.Error("the page shows a lead that has faded")
	}
	if out := b.send(t, event(t, http.MethodGet, "/leads?list=nearly&fit=A")); out.Headers["Location"] != "/leads/nearly?fit=A" {
		t.Errorf("the view leads to %s", out.Headers["Location"])
	}
	b.refuses(t, event(t, http.MethodGet, "/api/leads?list=nearly&cursor=x"), http.StatusBadRequest, "invalid")
}

func TestNearlyQualifiedInPages(t *testing.T) {
	b := newBench(t)
	for i := range pageSize + 3 {
		b.store(t, near(t, fmt.Sprint("n", i), 4+i%2))
	}
	body := b.get(t, "/leads/nearly").Body
	if len(body) > 60<<10 {
		t.Errorf("the page has %d bytes", len(body))
	}
	next := regexp.MustCompile(`href="(/leads/nearly\?cursor=[^"]*)" rel="next"`).FindStringSubmatch(body)
	if next == nil {
		t.Fatal("no link to more")
	}
	if rest := text(b.get(t, next[1]).Body); strings.Count(rest, "Near Miss") != 3 || strings.Contains(rest, "5 points of") {
		t.Errorf("the second page says %s", rest)
	}
}

func TestExport(t *testing.T) {
	b := newBench(t)
	b.store(t, mallory(t), ada(t), gus(t))
	file := regexp.MustCompile(`href="(/leads.csv[^"]*)" download`).FindStringSubmatch(b.get(t, "/leads?fit=B").Body)
	if file == nil {
		t.Fatal("no link to the file")
	}
	out := b.get(t, html.UnescapeString(file[1]))
	if out.Headers["Content-Type"] != "text/csv; charset=utf-8" || !strings.Contains(out.Headers["Content-Disposition"], `filename="leads-2026-11-23-1500.csv"`) {
		t.Errorf("headers %v", out.Headers)
	}
	body, marked := strings.CutPrefix(out.Body, tabular.ByteOrder)
	rows, err := csv.NewReader(strings.NewReader(body)).ReadAll()
	if err != nil || !marked || len(rows) != 2 || !slices.Equal(rows[0], find.Columns()) {
		t.Fatalf("%q, %v", rows, err)
	}
	if phone := rows[1][slices.Index(find.Columns(), "phone")]; phone != "'+44 20 7946 0018" {
		t.Errorf("the phone is %q", phone)
	}
	if out := b.get(t, "/leads.csv"); out.Headers["Link"] != "" || strings.Count(out.Body, "\r\n") != 4 {
		t.Errorf("%v %s", out.Headers, out.Body)
	}
}

// A file that is not the whole list says so, and leads to the rest.
func TestALongExportGoesOn(t *testing.T) {
	b := newBench(t)
	b.store(t, known(t, now.AddDate(0, 0, -70), map[string]string{"email": "old@some.example"}, "Ebook"))
	b.storeMany(t, 12)
	fixed, looks := b.site.Clock, 0
	b.site.Clock = func(ctx context.Context) time.Time { // the first page takes seven seconds
		looks++
		return fixed(ctx).Add(time.Duration(min(looks-1, 1)) * 7 * time.Second)
	}
	out := b.get(t, "/leads.csv?source=typeform")
	link := regexp.MustCompile(`^<(/leads\.csv\?[^>]*source=typeform[^>]*)>; rel="next"$`).FindStringSubmatch(out.Headers["Link"])
	if link == nil || !strings.Contains(out.Body, "The list goes on at /leads.csv?cursor=") {
		t.Fatalf("%v %s", out.Headers, out.Body)
	}
	b.site.Clock = fixed
	rest := b.get(t, link[1])
	for rest.Headers["Link"] != "" {
		rest = b.get(t, regexp.MustCompile(`<(.*)>`).FindStringSubmatch(rest.Headers["Link"])[1])
	}
	if !strings.Contains(rest.Body, "old@some.example") || strings.Count(rest.Body, "\r\n") != 2 {
		t.Errorf("the rest is %v %s", rest.Headers, rest.Body)
	}
}

func (b bench) post(t *testing.T, target string, who access.Person, fields url.Values) web.Response {
	t.Helper()
	return b.send(t, webtest.Form(t, target, who, fields))
}

// page is a page as somebody gets it.
func (b bench) page(t *testing.T, who access.Person, target string) string {
	t.Helper()
	return b.send(t, webtest.Event(t, http.MethodGet, target, who)).Body
}

func ola() access.Person {
	p := webtest.Somebody(access.Marketer)
	p.Subject, p.Name = "u-18", "Ola"
	return p
}

func TestViewsAreSaved(t *testing.T) {
	b := newBench(t)
	kim := webtest.Somebody(access.Marketer)
	for range 2 { // a form that is sent twice saves one view
		out := b.post(t, "/leads/views", kim, url.Values{"name": {" Our <b> demos "}, "query": {"form=demo&cursor=x"}, "for": {"everybody"}})
		if out.StatusCode != http.StatusSeeOther || out.Headers["Location"] != "/leads?form=demo" {
			t.Fatalf("%d %v %s", out.StatusCode, out.Headers, out.Body)
		}
	}
	b.post(t, "/leads/views", kim, url.Values{"name": {"Mine"}, "query": {"days=7"}, "for": {"me"}})
	const link = `<a href="/leads?form=demo" aria-current="page">Our &lt;b&gt; demos</a>`
	if list := b.page(t, kim, "/leads?form=demo"); strings.Count(list, link) != 1 || !strings.Contains(list, ">Mine<") {
		t.Error("kim's bar lacks a view, or has one twice")
	}
	if list := b.page(t, ola(), "/leads?form=demo"); strings.Count(list, link) != 1 || strings.Contains(list, ">Mine<") {
		t.Error("ola's bar lacks what everybody sees, or has what kim alone sees")
	}
	for _, fields := range []url.Values{{"name": {""}, "query": {""}}, {"name": {"x"}, "query": {"stage=nirvana"}}, {"name": {"x"}, "query": {"%zz"}}} {
		if out := b.post(t, "/leads/views", kim, fields); out.StatusCode != http.StatusBadRequest {
			t.Errorf("%v is saved: %d", fields, out.StatusCode)
		}
	}
	forged := url.Values{web.TokenField: {"another"}, "name": {"x"}}
	if out := b.post(t, "/leads/views", kim, forged); out.StatusCode != http.StatusForbidden {
		t.Errorf("a forged form is answered %d", out.StatusCode)
	}
}

func TestViewsAreRenamedAndDeleted(t *testing.T) {
	b := newBench(t)
	kim := webtest.Somebody(access.Marketer)
	b.post(t, "/leads/views", kim, url.Values{"name": {"Our demos"}, "query": {"form=demo"}, "for": {"everybody"}})
	if views := b.page(t, ola(), "/leads/views"); !strings.Contains(views, "Our demos") || strings.Contains(views, `value="delete"`) {
		t.Error("ola does not see what kim has saved, or may delete it")
	}
	form := regexp.MustCompile(`action="(/leads/views/[0-9a-f]+)"`).FindStringSubmatch(b.page(t, kim, "/leads/views"))
	if form == nil {
		t.Fatal("there is no form")
	}
	for _, step := range []struct {
		what              string
		who               access.Person
		version, do, name string
		status            int
	}{
		{"somebody else deletes it", ola(), "1", "delete", "", http.StatusForbidden},
		{"it is renamed to nothing", kim, "1", "rename", " ", http.StatusBadRequest},
		{"it is renamed", kim, "1", "rename", "Demos", http.StatusSeeOther},
		{"it is renamed from an old page", kim, "1", "rename", "Again", http.StatusConflict},
		{"it is deleted", kim, "2", "delete", "", http.StatusSeeOther},
		{"it is deleted twice", kim, "2", "delete", "", http.StatusNotFound},
	} {
		out := b.post(t, form[1], step.who, url.Values{"scope": {"shared"}, "version": {step.version}, "do": {step.do}, "name": {step.name}})
		if out.StatusCode != step.status {
			t.Errorf("%s: %d, want %d", step.what, out.StatusCode, step.status)
		}
	}
}

func TestThereAreOnlySoManyViews(t *testing.T) {
	b := newBench(t)
	kim := webtest.Somebody(access.Manager)
	for i := range find.MostViews + 1 {
		out := b.post(t, "/leads/views", kim, url.Values{"name": {fmt.Sprint("View ", i)}, "query": {"days=1"}})
		if full := i == find.MostViews; full != (out.StatusCode == http.StatusConflict) {
			t.Fatalf("view %d is answered %d", i, out.StatusCode)
		}
	}
}

func TestRepsHaveNoLists(t *testing.T) {
	b := newBench(t)
	for _, target := range []string{"/leads", "/leads/nearly", "/leads.csv", "/leads/views", "/api/leads"} {
		if out := b.send(t, webtest.Event(t, http.MethodGet, target, webtest.Somebody(access.Rep))); out.StatusCode != http.StatusForbidden {
			t.Errorf("a rep gets %s: %d", target, out.StatusCode)
		}
	}
}

func TestHostileNamesOfFormsAreText(t *testing.T) {
	b := newBench(t)
	l := gus(t)
	l.Facts.Origin.Form = scoring.Named{Value: `"><script>alert(1)</script>`, Mark: l.Facts.Origin.First}
	b.store(t, l)
	for _, target := range []string{"/leads", "/leads?form=%22%3E%3Cscript%3Ealert(1)%3C%2Fscript%3E", "/leads/" + string(l.Key)} {
		if strings.Contains(b.get(t, target).Body, "<script>alert") {
			t.Errorf("%s carries markup", target)
		}
	}
}
