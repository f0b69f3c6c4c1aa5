package rules_test

import (
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/policy/rules"
	"github.com/handoff-oss/handoff/shared/signal"
)

func compile(tb testing.TB, text string) *rules.Compiled {
	tb.Helper()
	p, err := policy.Decode([]byte(text))
	if err != nil {
		tb.Fatal(err)
	}
	c, err := rules.Compile(p, policy.VersionOf([]byte(text)))
	if err != nil {
		tb.Fatal(err)
	}
	return c
}

func compileDefault(tb testing.TB) *rules.Compiled {
	tb.Helper()
	return compile(tb, string(policy.Default()))
}

func TestExpressionsAboutLeads(t *testing.T) {
	const lists = "identity: {free_mail: [gmail.com, Example.ORG], disposable: [mailinator.com]}\n"
	full := map[string]string{
		"email": " Ada@Mail.Analytical-Engines.co.UK ", "first_name": "Ada", "last_name": "Byron", "company": " Engines ", "title": "VP Engineering",
		"phone": "+44", "country": "GB", "website": "https://x", "industry": "Software", "employees": "51-200", "plan": "team",
	}
	tests := []struct {
		when    string
		profile map[string]string
		want    bool
	}{
		{`lead.first_name == "Ada" and lead.last_name == "Byron" and lead.company == "Engines"`, full, true},
		{`lead.phone != "" and lead.country == "GB" and lead.website != "" and lead.industry == "Software"`, full, true},
		{`lead.employees >= 51 and lead.employees < 200`, full, true},
		{`has(lead.title, "vp", "head")`, full, true},
		{`lead.fields["plan"] == "team" and lead.fields["other"] == ""`, full, true},
		{`email.address == "ada@mail.analytical-engines.co.uk"`, full, true},
		{`email.host == "mail.analytical-engines.co.uk" and email.domain == "analytical-engines.co.uk"`, full, true},
		{`email.business and not email.free and not email.disposable and not email.role`, full, true},
		{`email.free`, map[string]string{"email": "x@gmail.com"}, true},
		{`email.free`, map[string]string{"email": "x@mail.example.org"}, true},
		{`email.business`, map[string]string{"email": "x@gmail.com"}, false},
		{`email.free`, map[string]string{"email": "x@notgmail.com"}, false},
		{`email.disposable`, map[string]string{"email": "x@sub.mailinator.com"}, true},
		{`email.domain == "co.uk"`, map[string]string{"email": "x@co.uk"}, true},
		{`email.role`, map[string]string{"email": "Info@acme.example"}, true},
		{`email.role`, map[string]string{"email": "sales+web@acme.example"}, true},
		{`email.role`, map[string]string{"email": "infante@acme.example"}, false},
		{`email.business or email.free or email.disposable or email.role or email.domain != ""`, nil, false},
		{`email.business`, map[string]string{"email": "not an address"}, false},
		{`lead.employees == 0 and lead.fields["x"] == ""`, nil, true},
		{`lead.title matches "(?i)^chief .* officer$"`, map[string]string{"title": "Chief Data Officer"}, true},
		{`lead.country in ["DE", "AT", "CH"]`, map[string]string{"country": "AT"}, true},
	}
	for _, tt := range tests {
		c := compile(t, lists+"fit: {rules: [{name: r, when: '"+tt.when+"', points: 1}]}")
		got, err := c.FitMatches(c.LeadEnv(tt.profile))
		if err != nil || (len(got) == 1) != tt.want {
			t.Errorf("%s of %v: %v, %v; want %v", tt.when, tt.profile, got, err, tt.want)
		}
	}
}

func TestExpressionsAboutSignals(t *testing.T) {
	s := signal.Signal{Source: "web", Type: signal.PageViewed, Attributes: map[string]string{
		signal.AttrURL: "https://example.com/docs/intro?x=1#top", signal.AttrPage: "Intro", signal.AttrUserAgent: "Mozilla",
		signal.AttrForm: "F", signal.AttrFormID: "f1", signal.AttrEvent: "E", "plan": "team",
	}}
	tests := []struct {
		when string
		s    signal.Signal
		want bool
	}{
		{`signal.type == "page.viewed" and signal.source == "web"`, s, true},
		{`signal.path == "/docs/intro" and signal.url startsWith "https://example.com"`, s, true},
		{`signal.page == "Intro" and signal.user_agent == "Mozilla" and signal.attributes["plan"] == "team"`, s, true},
		{`signal.form == "F" and signal.form_id == "f1" and signal.event == "E"`, s, true},
		{`signal.form == "" and signal.path == "" and signal.attributes["x"] == ""`, signal.Signal{}, true},
		{`signal.path == "/pricing"`, signal.Signal{Attributes: map[string]string{"url": "/pricing"}}, true},
		{`signal.path == ""`, signal.Signal{Attributes: map[string]string{"url": "http://[broken"}}, true},
	}
	for _, tt := range tests {
		c := compile(t, "engagement: {rules: [{name: r, when: '"+tt.when+"', points: 1}]}")
		got, err := c.EngagementHits(tt.s)
		if err != nil || (len(got) == 1) != tt.want {
			t.Errorf("%s: %v, %v; want %v", tt.when, got, err, tt.want)
		}
	}
}

func TestOncePer(t *testing.T) {
	c := compile(t, `engagement: {rules: [
		{name: every, when: 'true'},
		{name: page, when: 'true', once_per: signal.path},
		{name: never, when: 'false', once_per: signal.path}]}`)
	tests := []struct{ url, item string }{{"https://example.com/a?b", "/a"}, {"", rules.NoItem}}
	for _, tt := range tests {
		got, err := c.EngagementHits(signal.Signal{Attributes: map[string]string{"url": tt.url}})
		want := []rules.EngagementHit{{Rule: 0}, {Rule: 1, Item: tt.item}}
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("url %q: %v\n%s", tt.url, err, diff)
		}
	}
}

func TestAFailingExpressionIsNoMatchAndTellsNothingPersonal(t *testing.T) {
	c := compile(t, `fit: {rules: [
		{name: bad, when: 'int(lead.fields["age"]) > 3'},
		{name: good, when: 'lead.company != ""'}]}`)
	got, err := c.FitMatches(c.LeadEnv(map[string]string{"age": "secret text", "company": "A"}))
	if diff := cmp.Diff([]int{1}, got); diff != "" {
		t.Error(diff)
	}
	var e *rules.ExpressionError
	if !errors.As(err, &e) || e.Path != "fit.rules[0].when" {
		t.Fatalf("error %v, want one that names fit.rules[0].when", err)
	}
	if strings.Contains(err.Error(), "secret") {
		t.Errorf("the error tells personal data: %v", err)
	}
}

func TestCompileReportsEveryWrongExpression(t *testing.T) {
	p, err := policy.Decode([]byte(`
fit: {rules: [{when: 'lead.titel == "x"'}, {when: 'lead.employees'}, {when: 'signal.type == "x"'}, {when: ''}, {when: 'lead.employees > "3"'}]}
engagement: {rules: [{when: 'true', once_per: 'signal.type == "x"'}, {when: 'now() != nil'}, {when: 'signal.event matches "("'}, {when: 'has(signal.event, 3)'}]}
qualification: {exclude: [{when: 'emial.free'}], requests: [{when: "signal.attributes.keys() == ''"}, {when: 'signal.form == '}]}`))
	if err != nil {
		t.Fatal(err)
	}
	_, err = rules.Compile(p, "p-1")
	if fault.KindOf(err) != fault.Invalid {
		t.Fatalf("got %v, want Invalid", err)
	}
	for _, want := range []string{
		"fit.rules[0].when: no field titel (did you mean title?)",
		"fit.rules[1].when: must be true or false, but is int",
		"fit.rules[2].when: unknown name signal",
		"fit.rules[3].when: the expression is empty",
		"fit.rules[4].when:",
		"engagement.rules[0].once_per: must be text, but is bool",
		"engagement.rules[1].when: now cannot be used here",
		"engagement.rules[2].when:",
		"engagement.rules[3].when:",
		"qualification.exclude[0].when: unknown name emial (did you mean email?)",
		"qualification.requests[0].when:",
		"qualification.requests[1].when:",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("no %q in\n%v", want, err)
		}
	}
	if strings.Contains(err.Error(), "rules.") && strings.Contains(err.Error(), "Fields") {
		t.Errorf("the message names a Go type:\n%v", err)
	}
}

func TestExpand(t *testing.T) {
	c := compile(t, "name: x")
	env := c.LeadEnv(map[string]string{"email": "a@mail.gmail.com"})
	if got := env.Expand("{email.domain} is a free-mail domain"); got != "gmail.com is a free-mail domain" {
		t.Error(got)
	}
}

func TestScoringFingerprint(t *testing.T) {
	const base = `
name: a
sources: {a: {provider: html, rank: 2}, b: {provider: segment}}
identity: {free_mail: [a.example]}
fit: {rules: [{name: f, when: 'true', points: 1}]}
engagement:
  horizon_days: 90
  rules: [{name: x, when: 'true', points: 1, half_life_days: 7, max: 5, group: g}, {name: y, when: 'false', once_per: signal.url}]
  groups: {g: 5}
  scanner: {min_delay_seconds: 1, user_agents: [a, b]}
qualification: {max_age_hours: 1, requests: [{name: r, when: 'true', valid_days: 3}], thresholds: {A: 1}}`
	want := compile(t, base).ScoringFingerprint()
	same := []string{
		"name: a", "name: b", "free_mail: [a.example]", "free_mail: []", "name: f, when: 'true'", "name: f, when: 'false'", "points: 1, half", "points: 9, half",
		"half_life_days: 7", "half_life_days: 8", "max: 5", "max: 6", ", group: g", "", "groups: {g: 5}", "groups: {}", "valid_days: 3", "valid_days: 4", "A: 1}", "A: 2}",
		"b: {provider: segment}", "c: {provider: html}", "max_age_hours: 1", "max_age_hours: 2", "user_agents: [a, b]", "user_agents: [b, a]",
	}
	other := []string{
		"rank: 2", "rank: 3", "horizon_days: 90", "horizon_days: 91", "name: x, when: 'true'", "name: x, when: 'not false'", "name: x", "name: z",
		"once_per: signal.url", "once_per: signal.path", "min_delay_seconds: 1", "min_delay_seconds: 2", "user_agents: [a, b]", "user_agents: [a]",
		"name: r, when: 'true'", "name: r, when: 'false'", "name: r", "name: q",
	}
	for i := 0; i < len(same); i += 2 {
		if got := compile(t, strings.Replace(base, same[i], same[i+1], 1)).ScoringFingerprint(); got != want {
			t.Errorf("%q to %q changes the fingerprint, although no stored count depends on it", same[i], same[i+1])
		}
	}
	for i := 0; i < len(other); i += 2 {
		if got := compile(t, strings.Replace(base, other[i], other[i+1], 1)).ScoringFingerprint(); got == want {
			t.Errorf("%q to %q does not change the fingerprint, although stored counts depend on it", other[i], other[i+1])
		}
	}
	swapped := strings.Replace(base, "{name: x, when: 'true', points: 1, half_life_days: 7, max: 5, group: g}, {name: y, when: 'false', once_per: signal.url}",
		"{name: y, when: 'false', once_per: signal.url}, {name: x, when: 'true', points: 1, half_life_days: 7, max: 5, group: g}", 1)
	if swapped == base || compile(t, swapped).ScoringFingerprint() != want {
		t.Error("the order of rules changes the fingerprint")
	}
}

func TestConcurrentUse(t *testing.T) {
	c := compileDefault(t)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 50 {
				if got, err := c.RequestHits(signal.Signal{Type: signal.FormSubmitted, Attributes: map[string]string{"form": "Demo"}}); err != nil || len(got) != 1 {
					t.Errorf("got %v, %v", got, err)
				}
				if _, err := c.FitMatches(c.LeadEnv(map[string]string{"email": "a@b.example", "title": "CTO"})); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
}

// Expressions see the standard values that they name, and only those are
// looked up.
func TestStandard(t *testing.T) {
	profile := map[string]string{
		"email": "ada+x@googlemail.com", "phone": "030 901820", "country": "Deutschland", "bundesland": "Bayern", "title": "Leiterin IT", "industry": "SaaS",
		"employees": "51-200", "website": "www.acme.co.uk", "first_name": "ADA", "last_name": "LOVELACE",
	}
	for when, want := range map[string]bool{
		`standard.country == "DE"`: true, `standard.region == "DE-BY"`: true, `standard.phone == "+4930901820"`: true, `standard.email == "ada@gmail.com"`: true,
		`standard.seniority in ["head"]`: true, `standard.department == "it"`: true, `standard.industry == "software"`: true, `standard.size == "51-200"`: true,
		`standard.size_min == 51 and standard.size_max == 200`: true, `standard.website == "acme.co.uk"`: true, `standard.first_name + standard.last_name == "AdaLovelace"`: true,
		`email.tag == "x"`: true, `origin.channel == ""`: true, `let s = standard; s.country == "DE" and s.size_min > 50`: true, `standard?.country == "DE"`: true,
		`standard.country == "FR"`: false,
	} {
		c := compile(t, "identity: { provider_rules: [{ domains: [gmail.com, googlemail.com], tag: '+' }] }\nfit: { rules: [{ name: a, when: '"+when+"' }] }\n")
		hits, err := c.FitMatches(c.LeadEnv(profile))
		if err != nil || (len(hits) == 1) != want {
			t.Errorf("%s: %v, %v", when, hits, err)
		}
	}
	c := compile(t, "fit: { rules: [{ name: a, when: standard.country != \"\" }] }\n")
	if got := c.LeadEnv(profile).Standard; got != (rules.StandardFields{Country: "DE"}) {
		t.Errorf("more than asked for: %+v", got)
	}
	if got := c.Standard(profile); got["phone"].Value != "+4930901820" || got["phone"].How == "" {
		t.Errorf("all: %+v", got)
	}
}

func BenchmarkLeadEnv(b *testing.B) {
	profile := map[string]string{"email": "ada@mail.acme.co.uk", "title": "Vice President, Sales", "phone": "030 901820", "country": "DE", "employees": "51-200", "industry": "SaaS"}
	for _, when := range []string{"lead.country == ''", "standard.country == ''", "standard.seniority == ''", "standard.phone == ''"} {
		b.Run(when, func(b *testing.B) {
			c := compile(b, "fit: { rules: [{ name: a, when: \""+when+"\" }] }\n")
			for b.Loop() {
				if _, err := c.FitMatches(c.LeadEnv(profile)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
