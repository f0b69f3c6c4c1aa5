package access_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/handoff-oss/handoff/shared/access"
	"github.com/handoff-oss/handoff/shared/policy"
)

// given is a policy with one person in each place that gives a role.
func given(t *testing.T, yaml string) *policy.Policy {
	t.Helper()
	p, err := policy.Decode([]byte(`
operator: { name: Riley, email: riley@ours.example }
routing:
  pools:
    big: { manager: { name: Mo, email: Mo@Ours.example }, reps: [{ id: ann, name: Ann, email: ann@ours.example }] }
    small: { manager: { name: Sue, email: sue@ours.example }, reps: [{ id: ben, name: Ben, email: ben@ours.example }, { id: mo, name: Mo, email: mo@ours.example }] }
access:
  roles:
    operator: { emails: [ops@ours.example], groups: [ops] }
    marketer: { emails: [max@ours.example], groups: [marketing] }
    manager: { emails: [lee@ours.example], groups: [leads], pools: [small] }
    rep: { groups: [sales] }
` + yaml))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestWhoHasWhichRole(t *testing.T) {
	one := func(r ...access.Role) []access.Role { return r }
	tests := []struct {
		name  string
		id    access.Identity
		roles []access.Role
		pools []string
		rep   string
	}{
		{"the policy's operator", access.Identity{Email: "riley@ours.example"}, one(access.Operator), nil, ""},
		{"an operator by address", access.Identity{Email: "ops@ours.example"}, one(access.Operator), nil, ""},
		{"an operator of the secret", access.Identity{Email: "Boss@ours.example"}, one(access.Operator), nil, ""},
		{"an operator by group", access.Identity{Groups: []string{"x", "ops"}}, one(access.Operator), nil, ""},
		{"a group in other letters", access.Identity{Groups: []string{"OPS"}}, nil, nil, ""},
		{"a group that is empty", access.Identity{Groups: []string{""}}, nil, nil, ""},
		{"a marketer", access.Identity{Email: "max@ours.example"}, one(access.Marketer), nil, ""},
		{"a manager by address", access.Identity{Email: "lee@ours.example"}, one(access.Manager), []string{"small"}, ""},
		{"a manager by group", access.Identity{Groups: []string{"leads"}}, one(access.Manager), []string{"small"}, ""},
		{"a pool's manager", access.Identity{Email: "sue@ours.example"}, one(access.Manager), []string{"small"}, ""},
		{"a pool's manager by group of another", access.Identity{Email: "sue@ours.example", Groups: []string{"leads"}}, one(access.Manager), []string{"small"}, ""},
		{"a rep", access.Identity{Email: "ann@ours.example"}, one(access.Rep), nil, "ann"},
		{"a rep in other letters", access.Identity{Email: " ANN@Ours.Example "}, one(access.Rep), nil, "ann"},
		{"a rep by group, whom no pool names", access.Identity{Groups: []string{"sales"}}, one(access.Rep), nil, ""},
		{"who manages one pool and is a rep of another", access.Identity{Email: "mo@ours.example"}, one(access.Manager, access.Rep), []string{"big"}, "mo"},
		{"several roles", access.Identity{Email: "max@ours.example", Groups: []string{"ops", "leads"}}, one(access.Operator, access.Manager, access.Marketer), []string{"small"}, ""},
		{"an address that is not verified", access.Identity{Email: "ops@ours.example", Unverified: true}, nil, nil, ""},
		{"an address that is not verified, and a group", access.Identity{Email: "ops@ours.example", Unverified: true, Groups: []string{"marketing"}}, one(access.Marketer), nil, ""},
		{"somebody else", access.Identity{Email: "eve@ours.example"}, nil, nil, ""},
		{"no address at all", access.Identity{}, nil, nil, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.id.Subject = "s"
			who := access.Of(tt.id, given(t, ""), []string{"boss@ours.example"})
			if diff := cmp.Diff(tt.roles, who.Roles); diff != "" {
				t.Errorf("roles (-want +got):\n%s", diff)
			}
			if !slices.Equal(who.Pools, tt.pools) || who.Rep != tt.rep {
				t.Errorf("pools %q, rep %q", who.Pools, who.Rep)
			}
			if (who.Ask != "") != (len(tt.roles) == 0) {
				t.Errorf("whom to ask: %q", who.Ask)
			}
			if tt.id.Unverified && who.Email != "" {
				t.Errorf("the address %q counts", who.Email)
			}
		})
	}
}

func TestManagersOfAllPools(t *testing.T) {
	for text, want := range map[string][]string{"all": {"big", "small"}, "[big]": {"big"}, "[]": nil} {
		p, err := policy.Decode([]byte("routing: { pools: { big: {}, small: {} } }\naccess: { roles: { manager: { emails: [lee@ours.example], pools: " + text + " } } }"))
		if err != nil {
			t.Fatal(err)
		}
		who := access.Of(access.Identity{Subject: "s", Email: "lee@ours.example"}, p, nil)
		if !slices.Equal(who.Pools, want) || !who.Is(access.Manager) {
			t.Errorf("%s: %+v", text, who)
		}
	}
}

// An empty address in the policy is nobody's, least of all of somebody without one.
func TestNobodyIsEverybody(t *testing.T) {
	p, err := policy.Decode([]byte("routing: { pools: { a: { reps: [{ id: x }] } } }\naccess: { roles: { operator: { emails: [''], groups: [''] } } }"))
	if err != nil {
		t.Fatal(err)
	}
	if who := access.Of(access.Identity{Subject: "s", Groups: []string{""}}, p, []string{""}); len(who.Roles) != 0 {
		t.Errorf("%+v", who)
	}
	if who := access.Of(access.Identity{Email: "riley@ours.example"}, given(t, ""), nil); who.Known() || len(who.Roles) > 0 {
		t.Errorf("without a subject: %+v", who)
	}
}

func TestWhomToAsk(t *testing.T) {
	stranger := access.Identity{Subject: "s", Email: "eve@ours.example"}
	if got := access.Of(stranger, given(t, ""), nil).Ask; got != "Riley (riley@ours.example)" {
		t.Errorf("got %q", got)
	}
	p := given(t, "")
	p.Operator = policy.Person{}
	if got := access.Of(stranger, p, []string{"boss@ours.example"}).Ask; got != "ops@ours.example, boss@ours.example" {
		t.Errorf("got %q", got)
	}
	if got := access.Of(stranger, &policy.Policy{}, nil).Ask; got == "" {
		t.Error("nobody is named")
	}
}

// Roles come from addresses that the policy names and from groups, whatever
// else an identity says.
func TestNobodyGetsARoleThatNobodyGave(t *testing.T) {
	p := given(t, "")
	text := strings.ToLower(fmt.Sprintf("%+v", *p))
	rapid.Check(t, func(t *rapid.T) {
		id := access.Identity{
			Subject: rapid.StringMatching(`[a-z0-9]{1,8}`).Draw(t, "subject"), Name: rapid.String().Draw(t, "name"),
			Email:      rapid.OneOf(rapid.String(), rapid.StringMatching(`[a-z]{2,4}@ours\.example`)).Draw(t, "email"),
			Groups:     rapid.SliceOf(rapid.StringMatching(`[A-Z]{1,6}`)).Draw(t, "groups"),
			Unverified: rapid.Bool().Draw(t, "unverified"),
		}
		who := access.Of(id, p, nil)
		named := id.Address() != "" && strings.Contains(text, id.Address())
		if len(who.Roles) > 0 && !named {
			t.Fatalf("%+v is %v", id, who.Roles)
		}
		if who.Subject != id.Subject {
			t.Fatalf("the subject is %q", who.Subject)
		}
	})
}

func TestAPersonTravelsInTheContext(t *testing.T) {
	who := access.Person{Subject: "s", Email: "a@b.example", Roles: []access.Role{access.Rep}, Rep: "ann", Token: "t", Session: "o.h"}
	values, err := who.Context()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(who, access.FromContext(values)); diff != "" {
		t.Error(diff)
	}
	for _, bad := range []map[string]any{nil, {}, {"person": 7}, {"person": "{"}, {"person": "[]"}} {
		if access.FromContext(bad).Known() {
			t.Errorf("%v is somebody", bad)
		}
	}
}

func TestRules(t *testing.T) {
	nobody, plain := access.Person{}, access.Person{Subject: "s"}
	rep := access.Person{Subject: "s", Roles: []access.Role{access.Rep}}
	tests := []struct {
		rule                         access.Rule
		nobodyMay, plainMay, repsMay bool
	}{
		{access.Rule{}, false, false, false},
		{access.Rule{Open: true}, true, true, true},
		{access.Rule{Known: true}, false, true, true},
		{access.Rule{Roles: access.Roles()}, false, false, true},
		{access.Rule{Roles: []access.Role{access.Manager}}, false, false, false},
	}
	for _, tt := range tests {
		if got := []bool{tt.rule.Allows(nobody), tt.rule.Allows(plain), tt.rule.Allows(rep)}; !slices.Equal(got, []bool{tt.nobodyMay, tt.plainMay, tt.repsMay}) {
			t.Errorf("%+v: %v", tt.rule, got)
		}
	}
	if access.RuleOf("GET /nowhere").Allows(rep) {
		t.Error("an unknown route is open")
	}
}

func TestLengthOfSessions(t *testing.T) {
	if got := access.LengthOf(&policy.Policy{}); got != (access.Length{Idle: 12 * time.Hour, Longest: 168 * time.Hour}) {
		t.Errorf("got %+v", got)
	}
	p := given(t, "  session: { idle: 1h, longest: 8h }\n  groups_claim: teams\n")
	if got := access.LengthOf(p); got != (access.Length{Idle: time.Hour, Longest: 8 * time.Hour}) {
		t.Errorf("got %+v", got)
	}
	if got := access.GroupsClaim(p); got != "teams" {
		t.Errorf("got %q", got)
	}
}

func ExampleOf() {
	p, err := policy.Decode(policy.Default())
	if err != nil {
		fmt.Println(err)
		return
	}
	who := access.Of(access.Identity{Issuer: "https://login.our-company.example", Subject: "42", Email: "Alex.Rivera@our-company.example"}, p, nil)
	fmt.Println(who.Roles, who.Rep, access.RuleOf("GET /leads/{key}").Allows(who), access.RuleOf("GET /sources").Allows(who))
	// Output: [rep] alex true false
}
