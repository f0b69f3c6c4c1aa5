package rules_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/policy/rules"
)

func routeEnv(c *rules.Compiled, profile map[string]string) rules.RouteEnv {
	of := c.LeadEnv(profile)
	return rules.RouteEnv{
		Lead: of.Lead, Email: of.Email, Source: "web", Fit: rules.FitFields{Grade: "A", Score: 70}, Engagement: 40, Request: "demo",
		Account: rules.AccountFields{Known: true, Name: "Engines", Domain: "engines.example", Owner: "ada", Handoffs: 3},
	}
}

func TestRouteExpressionsSeeTheLeadItsCompanyAndItsScore(t *testing.T) {
	for _, when := range []string{
		`lead.employees > 50`, `email.domain == "engines.example"`, `account.known and account.name == "Engines"`,
		`account.domain == email.domain`, `account.owner == "ada" and account.handoffs == 3`, `source == "web"`,
		`fit.grade == "A" and fit.score >= 70`, `engagement == 40`, `request == "demo"`, `has(lead.title, "cto")`,
	} {
		c := compile(t, "routing: {rules: [{name: no, when: 'not ("+when+")', pool: p}, {name: yes, when: '"+when+"', pool: p}]}")
		env := routeEnv(c, map[string]string{"email": "a@engines.example", "employees": "51-200", "title": "CTO"})
		if got, err := c.RouteMatches(env); err != nil || !slices.Equal(got, []int{1}) {
			t.Errorf("%s: %v, %v; want rule 1 alone", when, got, err)
		}
	}
}

func TestRouteMatchesAreInThePolicysOrder(t *testing.T) {
	c := compile(t, `routing: {rules: [
		{name: big, when: lead.employees > 1000, pool: a},
		{name: german, when: lead.country == "DE", pool: b},
		{name: all, when: "true", pool: c}]}`)
	tests := []struct {
		profile map[string]string
		want    []int
	}{
		{map[string]string{"employees": "5000", "country": "DE"}, []int{0, 1, 2}},
		{map[string]string{"country": "DE"}, []int{1, 2}},
		{nil, []int{2}},
	}
	for _, tt := range tests {
		got, err := c.RouteMatches(routeEnv(c, tt.profile))
		if diff := cmp.Diff(tt.want, got); diff != "" || err != nil {
			t.Errorf("%v: %v\n%s", tt.profile, err, diff)
		}
	}
}

func TestTiers(t *testing.T) {
	c := compile(t, `sla:
  accept: {within: 30m, hours: team}
  first_contact: {within: 4h}
  follow_up: {within: 16h, attempts: 2}
  tiers:
    - {name: hot, when: 'fit.grade == "A"', first_contact: {within: 1h, hours: wall}}
    - {name: warm, when: 'fit.grade in ["A", "B"]', accept: {within: 1h}, follow_up: {within: 8h, attempts: 5}}`)
	general := c.SLA.Clocks
	hot, warm := general, general
	hot.FirstContact = policy.ClockPolicy{Within: policy.Duration(time.Hour), Hours: policy.HoursWall}
	warm.Accept = policy.ClockPolicy{Within: policy.Duration(time.Hour)}
	warm.FollowUp = policy.ClockPolicy{Within: policy.Duration(8 * time.Hour), Attempts: 5}
	tests := []struct {
		grade, tier string
		want        policy.Clocks
	}{{"A", "hot", hot}, {"B", "warm", warm}, {"C", "", general}}
	for _, tt := range tests {
		env := routeEnv(c, nil)
		env.Fit.Grade = tt.grade
		tier, err := c.Tier(env)
		if err != nil || tier != tt.tier {
			t.Errorf("grade %s: tier %q, %v; want %q", tt.grade, tier, err, tt.tier)
		}
		if diff := cmp.Diff(tt.want, c.TierClocks(tier)); diff != "" {
			t.Errorf("grade %s:\n%s", tt.grade, diff)
		}
	}
	if diff := cmp.Diff(general, c.TierClocks("of an older policy")); diff != "" {
		t.Errorf("an unknown tier:\n%s", diff)
	}
}

func TestConcerns(t *testing.T) {
	c := compile(t, `routing:
  tags: {large: lead.employees > 1000, web: source == "web"}
  pools:
    p:
      caps: [{most: 1, per: day, when: 'lead.country == "DE"'}]
      reps: [{id: a, caps: [{most: 1, per: day, when: email.free, tag: web}]}]`)
	concerns, err := c.Concerns(routeEnv(c, map[string]string{"employees": "10", "country": "DE", "email": "a@x.example"}))
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		limit policy.Cap
		want  bool
	}{
		{policy.Cap{}, true},
		{policy.Cap{Tag: "web"}, true},
		{policy.Cap{Tag: "large"}, false},
		{policy.Cap{When: `lead.country == "DE"`}, true},
		{policy.Cap{When: `lead.country == "DE"`, Tag: "web"}, true},
		{policy.Cap{When: `lead.country == "DE"`, Tag: "large"}, false},
		{policy.Cap{When: "email.free", Tag: "web"}, false},
	}
	for _, tt := range tests {
		if got := concerns(tt.limit); got != tt.want {
			t.Errorf("%+v: %v, want %v", tt.limit, got, tt.want)
		}
	}
}

func TestAFailingRouteExpressionIsNoMatchAndTellsNothingPersonal(t *testing.T) {
	const bad = `int(lead.fields["age"]) > 3`
	c := compile(t, `routing:
  rules: [{name: bad, when: '`+bad+`', pool: p}, {name: good, when: email.business, pool: p}]
  tags: {bad: '`+bad+`'}
  pools: {p: {reps: [{id: a, caps: [{most: 1, per: day, when: '`+bad+`'}]}]}}
sla: {tiers: [{name: bad, when: '`+bad+`'}, {name: good, when: email.business}]}`)
	env := routeEnv(c, map[string]string{"age": "secret text", "email": "a@x.example"})
	hits, errRules := c.RouteMatches(env)
	tier, errTier := c.Tier(env)
	concerns, errCaps := c.Concerns(env)
	if !slices.Equal(hits, []int{1}) || tier != "good" || concerns(policy.Cap{Tag: "bad"}) || concerns(policy.Cap{When: bad}) {
		t.Errorf("rules %v, tier %q, or a cap matches", hits, tier)
	}
	for path, err := range map[string]error{"routing.rules[0].when": errRules, "sla.tiers[0].when": errTier, "routing.tags.bad": errCaps} {
		var e *rules.ExpressionError
		if !errors.As(err, &e) || e.Path != path || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v", path, err)
		}
	}
}

func TestCompileReportsEveryWrongRouteExpression(t *testing.T) {
	p, err := policy.Decode([]byte(`
routing:
  rules: [{when: lead.employee > 3}, {when: 'acount.known'}]
  tags: {a: account.nam == "x", b: signal.type == "x"}
  pools:
    p: {caps: [{when: fit.grad == "A"}], reps: [{id: a}, {id: b, caps: [{when: ""}, {when: engagement}]}]}
sla: {tiers: [{when: request}, {when: ""}]}`))
	if err != nil {
		t.Fatal(err)
	}
	_, err = rules.Compile(p, "p-1")
	if fault.KindOf(err) != fault.Invalid {
		t.Fatalf("got %v, want Invalid", err)
	}
	for _, want := range []string{
		"routing.rules[0].when: no field employee (did you mean employees?)",
		"routing.rules[1].when: unknown name acount (did you mean account?)",
		"routing.tags.a: no field nam (did you mean name?)",
		"routing.tags.b: unknown name signal",
		"routing.pools.p.caps[0].when: no field grad (did you mean grade?)",
		"routing.pools.p.reps[1].caps[1].when: must be true or false, but is int",
		"sla.tiers[0].when: must be true or false, but is string",
		"sla.tiers[1].when: the expression is empty",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("no %q in\n%v", want, err)
		}
	}
}

func TestEachCap(t *testing.T) {
	p, err := policy.Decode([]byte(`routing: {pools: {
		b: {caps: [{most: 3}], reps: []},
		a: {caps: [{most: 1}], reps: [{id: x}, {id: y, caps: [{most: 2}]}]}}}`))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	rules.EachCap(p, func(path string, c policy.Cap) { got = append(got, path+strings.Repeat(" .", c.Most)) })
	want := []string{"routing.pools.a.caps[0] .", "routing.pools.a.reps[1].caps[0] . .", "routing.pools.b.caps[0] . . ."}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestInspectSeesEveryRouteExpression(t *testing.T) {
	p, err := policy.Decode([]byte(`
routing:
  rules: [{when: 'source == "web" and request != ""'}]
  tags: {a: 'fit.grade in ["A", "B"]'}
  pools: {p: {reps: [{id: a, caps: [{when: '"ada" == account.owner'}]}]}}
sla: {tiers: [{when: "true or email.free"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	all, errs := rules.Inspect(p)
	got := map[string][]rules.Comparison{}
	for _, i := range all {
		got[i.Path] = i.Compared
		if i.Always != (i.Path == "sla.tiers[0].when") {
			t.Errorf("%s: always is %v", i.Path, i.Always)
		}
	}
	want := map[string][]rules.Comparison{
		"routing.rules[0].when":                {{Field: rules.FieldSource, Value: "web"}, {Field: rules.FieldRequest, Value: ""}},
		"routing.tags.a":                       {{Field: rules.FieldGrade, Value: "A"}, {Field: rules.FieldGrade, Value: "B"}},
		"routing.pools.p.reps[0].caps[0].when": {{Field: rules.FieldOwner, Value: "ada"}},
		"sla.tiers[0].when":                    nil,
	}
	if diff := cmp.Diff(want, got); diff != "" || len(errs) > 0 {
		t.Errorf("%v\n%s", errs, diff)
	}
}

func BenchmarkRoute(b *testing.B) {
	c := compile(b, `routing:
  rules: [{name: big, when: lead.employees > 1000, pool: a}, {name: german, when: 'lead.country == "DE"', pool: b}]
  tags: {large: lead.employees > 1000}
sla: {tiers: [{name: hot, when: 'request != "" and fit.grade == "A"'}]}`)
	env := routeEnv(c, map[string]string{"email": "a@x.example", "country": "DE"})
	b.ReportAllocs()
	for b.Loop() {
		if _, err := c.RouteMatches(env); err != nil {
			b.Fatal(err)
		}
		if _, err := c.Tier(env); err != nil {
			b.Fatal(err)
		}
		if _, err := c.Concerns(env); err != nil {
			b.Fatal(err)
		}
	}
}
