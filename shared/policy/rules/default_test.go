package rules_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/policy/rules"
	"github.com/handoff-oss/handoff/shared/signal"
)

func TestDefaultRequests(t *testing.T) {
	c := compileDefault(t)
	tests := []struct {
		kind     signal.Type
		form, id string
		want     string
	}{
		{signal.FormSubmitted, "Request a demo", "lT4Z3j", "demo"},
		{signal.FormSubmitted, "", "demo-request", "demo"},
		{signal.FormSubmitted, "", "bookDemo", "demo"},
		{signal.FormSubmitted, "Contact Sales", "", "contact_sales"},
		{signal.FormSubmitted, "Contact", "sales_form", "contact_sales"},
		{signal.FormSubmitted, "Contact us", "", ""},
		{signal.FormSubmitted, "Salesforce contact import", "", ""},
		{signal.FormSubmitted, "Democracy survey", "", ""},
		{signal.FormSubmitted, "Newsletter", "", ""},
		{signal.FormSubmitted, "", "", ""},
		{signal.PageViewed, "Request a demo", "", ""},
	}
	for _, tt := range tests {
		got, err := c.RequestHits(signal.Signal{Type: tt.kind, Attributes: map[string]string{"form": tt.form, "form_id": tt.id}})
		name := ""
		if len(got) == 1 {
			name = c.Qualification.Requests[got[0]].Name
		}
		if err != nil || len(got) > 1 || name != tt.want {
			t.Errorf("%s %q %q: %v %q, %v; want %q", tt.kind, tt.form, tt.id, got, name, err, tt.want)
		}
	}
}

func TestDefaultExclusions(t *testing.T) {
	c := compileDefault(t)
	tests := []struct{ email, want string }{
		{"ada@analytical-engines.example", ""},
		{"ada@gmail.com", "free_mail"},
		{"ada@yahoo.co.uk", "free_mail"},
		{"ada@gmx.de", "free_mail"},
		{"ada@mailinator.com", "disposable"},
		{"ada@sub.yopmail.com", "disposable"},
		{"ada@our-company.example", "our_own_people"},
		{"info@acme.example", ""},
	}
	for _, tt := range tests {
		got, err := c.Excluded(c.LeadEnv(map[string]string{"email": tt.email}))
		name := ""
		if len(got) == 1 {
			name = c.Qualification.Exclude[got[0]].Name
		}
		if err != nil || len(got) > 1 || name != tt.want {
			t.Errorf("%s: %q, %v; want %q", tt.email, name, err, tt.want)
		}
	}
}

func TestDefaultFit(t *testing.T) {
	c := compileDefault(t)
	tests := []struct {
		name    string
		profile map[string]string
		least   string // the grade it has
	}{
		{"a vice president with a company and a phone", map[string]string{"email": "ada@engines.example", "company": "E", "title": "VP Engineering", "phone": "+1"}, "A"},
		{"a bare business address", map[string]string{"email": "ada@engines.example"}, "C"},
		{"an engineer of a mid-sized company", map[string]string{"email": "ada@engines.example", "company": "E", "title": "Software engineer", "employees": "51-200"}, "A"},
		{"a head of sales in German", map[string]string{"email": "ada@engines.example", "company": "E", "title": "Vertriebsleiterin", "employees": "120", "phone": "1"}, "A"},
		{"a head of IT in Spanish", map[string]string{"email": "ada@engines.example", "company": "E", "title": "Jefe de Sistemas"}, "A"},
		{"a student", map[string]string{"email": "ada@gmail.com", "title": "Student"}, "D"},
		{"nothing", nil, "D"},
	}
	for _, tt := range tests {
		hits, err := c.FitMatches(c.LeadEnv(tt.profile))
		if err != nil {
			t.Fatal(err)
		}
		score := 0
		for _, i := range hits {
			score += c.Fit.Rules[i].Points
		}
		grade := "D"
		for _, g := range []string{"C", "B", "A"} {
			if score >= c.Fit.Grades[g] {
				grade = g
			}
		}
		if grade != tt.least {
			t.Errorf("%s: grade %s with %d points, want %s", tt.name, grade, score, tt.least)
		}
	}
}

func TestDefaultEngagement(t *testing.T) {
	c := compileDefault(t)
	track := func(event, url string) signal.Signal {
		return signal.Signal{Type: signal.EventTracked, Attributes: map[string]string{"event": event, "url": url}}
	}
	tests := []struct {
		name string
		s    signal.Signal
		want []string
	}{
		{"pricing by event", track("Pricing Page Viewed", ""), []string{"pricing_viewed"}},
		{"pricing by page", signal.Signal{Type: signal.PageViewed, Attributes: map[string]string{"url": "https://x.example/pricing"}}, []string{"pricing_viewed", "page_viewed"}},
		{"docs", track("Docs Page Viewed", "https://x.example/a"), []string{"docs_viewed"}},
		{"trial", track("Trial Started", ""), []string{"trial_started"}},
		{"video", track("Video Watched", ""), []string{"video_watched"}},
		{"unknown event", track("Button Hovered", "https://x.example/blog"), nil},
		{"form", signal.Signal{Type: signal.FormSubmitted}, []string{"form_submitted"}},
		{"click", signal.Signal{Type: signal.EmailClicked}, []string{"email_clicked"}},
		{"delivery", signal.Signal{Type: signal.EmailDelivered}, nil},
		{"what one of us did", signal.Signal{Type: signal.ActivityLogged, Attributes: map[string]string{
			"how": "call", "direction": "outbound", "event": "Pricing Page Viewed", "url": "https://x.example/pricing", "form": "Request a demo",
		}}, nil},
	}
	for _, tt := range tests {
		hits, err := c.EngagementHits(tt.s)
		var got []string
		for _, h := range hits {
			got = append(got, c.Engagement.Rules[h.Rule].Name)
		}
		if diff := cmp.Diff(tt.want, got); diff != "" || err != nil {
			t.Errorf("%s: %v\n%s", tt.name, err, diff)
		}
	}
}

func TestLoaderCompilesWhatIsRead(t *testing.T) {
	text := []byte("name: own\nfit: {rules: [{name: x, when: 'true'}]}")
	var fail error
	l := rules.NewLoader(func(context.Context) (policy.Version, []byte, error) { return "p-1", slices.Clone(text), fail })
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	first, err := l.Current(t.Context(), now)
	if err != nil || first.Name != "own" || first.Version != "p-1" {
		t.Fatalf("got %+v, %v", first, err)
	}
	again, err := l.Current(t.Context(), now.Add(2*time.Minute))
	if err != nil || again != first {
		t.Errorf("the same version was compiled again, or %v", err)
	}
	text, fail = []byte("fit: {rules: [{when: 'lead.x'}]}"), nil
	broken := rules.NewLoader(func(context.Context) (policy.Version, []byte, error) { return "p-2", text, nil })
	if _, err := broken.Current(t.Context(), now); fault.KindOf(err) != fault.Invalid {
		t.Errorf("got %v, want Invalid", err)
	}
}

func BenchmarkLead(b *testing.B) {
	c := compileDefault(b)
	profile := map[string]string{"email": "ada@engines.example", "company": "Engines", "title": "VP Engineering", "phone": "+1", "employees": "51-200", "industry": "Software"}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := c.FitMatches(c.LeadEnv(profile)); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSignal(b *testing.B) {
	c := compileDefault(b)
	s := signal.Signal{Type: signal.EventTracked, Attributes: map[string]string{"event": "Pricing Page Viewed", "url": "https://x.example/pricing"}}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := c.EngagementHits(s); err != nil {
			b.Fatal(err)
		}
		if _, err := c.RequestHits(s); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCompile(b *testing.B) {
	p, err := policy.Decode(policy.Default())
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := rules.Compile(p, "p-1"); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDecode(b *testing.B) {
	for b.Loop() {
		if _, err := policy.Decode(policy.Default()); err != nil {
			b.Fatal(err)
		}
	}
}
