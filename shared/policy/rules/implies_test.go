package rules_test

import (
	"strconv"
	"testing"

	"pgregory.net/rapid"

	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/policy/rules"
)

func TestNarrower(t *testing.T) {
	tests := []struct {
		condition, than string
		want            bool
	}{
		{`email.free`, ` email . free `, true},
		{`email.free and lead.country == "DE"`, `lead.country == "DE"`, true},
		{`lead.country == "DE"`, `email.free and lead.country == "DE"`, false},
		{`email.free and lead.country == "DE"`, `lead.country == 'DE' && email.free`, true},
		{`email.free`, `email.free or email.role`, true},
		{`email.free or email.role`, `email.free`, false},
		{`email.free or email.role`, `email.role or email.free`, true},
		{`lead.employees > 1000`, `lead.employees > 500`, true},
		{`lead.employees > 500`, `lead.employees > 1000`, false},
		{`lead.employees > 500`, `lead.employees >= 501`, true},
		{`lead.employees >= 500`, `lead.employees > 500`, false},
		{`lead.employees < 10`, `lead.employees <= 9`, true},
		{`lead.employees <= 10`, `lead.employees < 10`, false},
		{`lead.employees == 7`, `lead.employees >= 7`, true},
		{`lead.employees > 7`, `lead.employees != 7`, false}, // true, but not told
		{`fit.score > 500`, `lead.employees > 500`, false},
		{`lead.country == "DE"`, `lead.country in ["AT", "DE"]`, true},
		{`lead.country in ["AT", "DE"]`, `lead.country in ["CH", "DE", "AT"]`, true},
		{`lead.country in ["AT", "US"]`, `lead.country in ["CH", "DE", "AT"]`, false},
		{`lead.country != "DE"`, `lead.country in ["DE"]`, false},
		{`not email.free`, `email.free`, false},
		{`lead.employees > 1000 and email.business`, `lead.employees > 100 and (email.business or email.role)`, true},
		{`lead.employees > `, `lead.employees > `, false},
	}
	for _, tt := range tests {
		if got := rules.Narrower(tt.condition, tt.than); got != tt.want {
			t.Errorf("%s narrower than %s: %v, want %v", tt.condition, tt.than, got, tt.want)
		}
	}
}

// condition draws an expression over a few fields, so that drawn leads satisfy
// it often enough.
func condition(t *rapid.T, depth int) string {
	switch kind := rapid.IntRange(0, 6).Draw(t, "kind"); {
	case depth > 0 && kind < 2:
		return "(" + condition(t, depth-1) + " and " + condition(t, depth-1) + ")"
	case depth > 0 && kind < 4:
		return "(" + condition(t, depth-1) + " or " + condition(t, depth-1) + ")"
	case kind == 4:
		return "not email.free"
	case kind == 5:
		op := rapid.SampledFrom([]string{">", ">=", "<", "<=", "==", "!="}).Draw(t, "operator")
		return "engagement " + op + " " + strconv.Itoa(rapid.IntRange(-1, 3).Draw(t, "number"))
	}
	return rapid.SampledFrom([]string{
		"email.free", `fit.grade == "A"`, `fit.grade != "A"`, `fit.grade in ["A", "B"]`, `fit.grade in ["B"]`, `fit.grade in ["A", "C"]`,
	}).Draw(t, "condition")
}

// envs are all the leads that drawn conditions can tell apart.
func envs() []rules.RouteEnv {
	var all []rules.RouteEnv
	for n := -1; n <= 4; n++ {
		for _, grade := range []string{"A", "B", "C"} {
			for _, free := range []bool{true, false} {
				all = append(all, rules.RouteEnv{Email: rules.EmailFields{Free: free}, Fit: rules.FitFields{Grade: grade}, Engagement: n})
			}
		}
	}
	return all
}

func TestNarrowerIsNeverWrong(t *testing.T) {
	told := 0
	rapid.Check(t, func(t *rapid.T) {
		a, b := condition(t, 2), condition(t, 2)
		if !rules.Narrower(a, b) {
			return
		}
		told++
		p := &policy.Policy{Routing: policy.Routing{Rules: []policy.RoutingRule{{When: a}, {When: b}}}}
		c, err := rules.Compile(p, "p-1")
		if err != nil {
			t.Fatal(err)
		}
		for _, env := range envs() {
			if hits, err := c.RouteMatches(env); err != nil || len(hits) == 1 && hits[0] == 0 {
				t.Fatalf("%+v satisfies %s and not %s, %v", env, a, b, err)
			}
		}
	})
	if told == 0 {
		t.Error("no drawn condition was told to be narrower than another")
	}
}
