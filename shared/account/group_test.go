package account_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/handoff-oss/handoff/shared/account"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/signal"
)

func person(key signal.LeadKey, score int, active bool, seniority, department string) account.Person {
	return account.Person{Lead: key, Score: score, Active: active, Role: account.Role{Seniority: seniority, Department: department}}
}

func TestEngagementOfACompany(t *testing.T) {
	quarter := policy.AccountEngagement{Others: 25, Most: 100}
	tests := []struct {
		given  string
		scores []int
		rule   policy.AccountEngagement
		score  int
		parts  []string
	}{
		{"nobody", nil, quarter, 0, nil},
		{"nobody who is interested", []int{0, -3}, quarter, 0, nil},
		{"one", []int{42}, quarter, 42, []string{"a 42 the most interested person"}},
		{"three", []int{8, 40, 20}, quarter, 47, []string{"b 40 the most interested person", "c 5 25% of 20", "a 2 25% of 8"}},
		{"a share that is nothing", []int{10, 3}, quarter, 10, []string{"a 10 the most interested person"}},
		{"the best alone", []int{10, 9}, policy.AccountEngagement{Most: 100}, 10, []string{"a 10 the most interested person"}},
		{"a limit", []int{90, 80}, quarter, 100, []string{"a 90 the most interested person", "b 20 25% of 80", " -10 the engagement of a company is limited to 100"}},
		{
			"many",
			[]int{9, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8},
			quarter, 31,
			[]string{"a 9 the most interested person", "b 2 25% of 8", "c 2 25% of 8", "d 2 25% of 8", "e 2 25% of 8", "f 2 25% of 8", "g 2 25% of 8", "h 2 25% of 8", "i 2 25% of 8", "j 2 25% of 8", " 4 25% of each of 2 others"},
		},
	}
	for _, tt := range tests {
		var people []account.Person
		for i, s := range tt.scores {
			people = append(people, person(signal.LeadKey(rune('a'+i)), s, true, "", ""))
		}
		score, parts := account.Engagement(people, tt.rule)
		var said []string
		for _, p := range parts {
			said = append(said, fmt.Sprintf("%s %d %s", p.Lead, p.Points, p.Reason))
		}
		if diff := cmp.Diff(tt.parts, said); diff != "" || score != tt.score {
			t.Errorf("%s: %d, want %d: %s", tt.given, score, tt.score, diff)
		}
	}
}

// The parts add up, the order of people does not matter, and more interest is
// never less.
func TestEngagementAddsUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		one := rapid.Custom(func(t *rapid.T) account.Person {
			return person(signal.LeadKey(rapid.StringMatching(`[a-z]{4}`).Draw(t, "key")), rapid.IntRange(-5, 100).Draw(t, "score"), true, "", "")
		})
		people := rapid.SliceOfNDistinct(one, 0, 30, func(p account.Person) signal.LeadKey { return p.Lead }).Draw(t, "people")
		rule := policy.AccountEngagement{Others: rapid.IntRange(0, 100).Draw(t, "others"), Most: rapid.IntRange(1, 300).Draw(t, "most")}
		before := slices.Clone(people)
		score, parts := account.Engagement(people, rule)
		sum := 0
		for _, p := range parts {
			sum += p.Points
		}
		if sum != score || score < 0 || score > rule.Most || !slices.Equal(before, people) {
			t.Fatalf("the parts add up to %d, the score is %d", sum, score)
		}
		again, same := account.Engagement(rapid.Permutation(people).Draw(t, "order"), rule)
		if diff := cmp.Diff(parts, same); again != score || diff != "" {
			t.Fatalf("%d, then %d: %s", score, again, diff)
		}
		if len(people) > 0 {
			people[rapid.IntRange(0, len(people)-1).Draw(t, "who")].Score += rapid.IntRange(1, 50).Draw(t, "more")
			if more, _ := account.Engagement(people, rule); more < score {
				t.Fatalf("more interest made %d of %d", more, score)
			}
		}
	})
}

func TestTheBuyingGroup(t *testing.T) {
	tests := []struct {
		given   string
		people  []account.Person
		active  int
		missing []string
	}{
		{"nobody", nil, 0, []string{"Nobody is active lately."}},
		{"nobody lately", []account.Person{person("a", 1, false, "vp", "sales")}, 0, []string{"Nobody is active lately."}},
		{"one of low rank", []account.Person{person("a", 1, true, "entry", "")}, 1, []string{"One person alone is active lately.", "Nobody who is a manager or above is active lately."}},
		{
			"managers of one department",
			[]account.Person{person("a", 1, true, "manager", "human_resources"), person("b", 1, true, "senior", "human_resources")},
			2,
			[]string{"Nobody above manager yet.", "All whose department is known are in human resources."},
		},
		{
			"a director who is quiet",
			[]account.Person{person("a", 1, true, "manager", "sales"), person("b", 1, false, "director", "it"), person("c", 1, true, "entry", "it")},
			2,
			[]string{"Nobody above manager is active lately, though somebody is known."},
		},
		{"all that is wanted", []account.Person{person("a", 1, true, "c_level", "it"), person("b", 1, true, "manager", "sales")}, 2, []string{}},
		{
			"titles that say nothing",
			[]account.Person{person("a", 1, true, "vp", "it"), person("b", 1, true, "wizard", "sales")},
			2,
			[]string{"How senior 1 of the active are is not known."},
		},
	}
	for _, tt := range tests {
		g := account.GroupOf(tt.people)
		if diff := cmp.Diff(tt.missing, g.Missing); diff != "" || g.Active != tt.active || g.Known != len(tt.people) {
			t.Errorf("%s: %+v: %s", tt.given, g, diff)
		}
	}
	g := account.GroupOf([]account.Person{person("a", 1, true, "vp", "it"), person("b", 1, true, "", ""), person("c", 1, false, "vp", "sales"), person("d", 1, true, "owner", "")})
	want := []account.Level{
		{Seniority: "owner", Active: 1, Known: 1, Departments: map[string]int{"": 1}},
		{Seniority: "vp", Active: 1, Known: 2, Departments: map[string]int{"it": 1}},
		{Seniority: "", Active: 1, Known: 1, Departments: map[string]int{"": 1}},
	}
	if diff := cmp.Diff(want, g.Levels); diff != "" {
		t.Error(diff)
	}
}
