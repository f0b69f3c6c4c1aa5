package check_test

import (
	"strings"
	"testing"

	"github.com/handoff-oss/handoff/shared/account"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/policy/check"
)

// grouped is the default policy with groups of companies.
func grouped(groups string) string {
	return strings.Replace(string(policy.Default()), "  groups: [] # such as\n", "  groups:\n"+groups, 1)
}

func TestGroupsOfCompanies(t *testing.T) {
	tests := []struct {
		name, groups, at, want string
	}{
		{"what can be", "    - { name: Acme, domains: [acme.com, acme.de], names: [Roadrunner] }\n    - { name: Acme Robotics, domains: [robots.com], parent: Acme }\n", "", ""},
		{"a domain twice", "    - { name: Acme, domains: [acme.com] }\n    - { name: Delta, domains: [ACME.com] }\n", "accounts.groups[1].domains[0]", "acme.com stands in line"},
		{"a name twice", "    - { name: Acme, domains: [acme.com] }\n    - { name: Delta, names: [\"ACME, Inc.\"] }\n", "accounts.groups[1].names[0]", "stands in line"},
		{"its own name", "    - { name: Acme, names: [Acme Ltd] }\n", "accounts.groups[0].names[0]", "is compared as the name of the group is"},
		{"a host", "    - { name: Acme, domains: [www.acme.com] }\n", "accounts.groups[0].domains[0]", "write acme.com"},
		{"a shared domain", "    - { name: Acme, domains: [acme.onmicrosoft.com] }\n", "accounts.groups[0].domains[0]", "is no domain of one company"},
		{"no parent", "    - { name: Acme, parent: Acne }\n    - { name: Acmed }\n", "accounts.groups[0].parent", `there is no group "Acne" (did you mean Acme?)`},
		{"its own parent", "    - { name: Acme, parent: Acme }\n", "accounts.groups[0].parent", "is not its own parent"},
		{"a circle", "    - { name: Acme, parent: Delta }\n    - { name: Delta, parent: Acme }\n", "accounts.groups[0].parent", "in a circle"},
		{"a name of nothing", "    - { name: \"&\" }\n", "accounts.groups[0].name", "no letter"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := check.Run("p.yaml", []byte(grouped(tt.groups)))
			if tt.want == "" {
				if err := r.Err(); err != nil || len(r.Policy.Accounts.Groups) != 2 {
					t.Fatal(err, r.Policy)
				}
				return
			}
			if len(r.Errors) == 0 || r.Errors[0].Path != tt.at || !strings.Contains(r.Errors[0].Message, tt.want) {
				t.Errorf("got %v, want %q at %s", r.Errors, tt.want, tt.at)
			}
		})
	}
}

func TestAParentsOwnerNeedsAWayToMatch(t *testing.T) {
	text := strings.Replace(string(policy.Default()), "match: [domain, name, close_name]", "match: []", 1)
	text = strings.Replace(text, "    parent: false", "    parent: true", 1)
	r := check.Run("p.yaml", []byte(text))
	if len(r.Errors) != 1 || r.Errors[0].Path != "routing.account.parent" {
		t.Error(r.Errors)
	}
}

// The example of default.yaml that is commented out can be used as it stands.
func TestTheExampleOfGroupsCanBeUsed(t *testing.T) {
	text := strings.Replace(string(policy.Default()), "  groups: [] # such as\n", "  groups:\n", 1)
	from := strings.Index(text, "  groups:\n")
	head, rest := text[:from], text[from:]
	rest = strings.Replace(rest, "  # - name: Acme\n", "    - name: Acme\n", 1)
	for _, line := range []string{"  #   domains: [acme.com", "  #   names: [Acme", "  # - name: Acme Robotics", "  #   domains: [acme-robotics", "  #   parent: Acme"} {
		rest = strings.Replace(rest, line, strings.Replace(line, "  # ", "    ", 1), 1)
	}
	r := check.Run("p.yaml", []byte(head+rest))
	if err := r.Err(); err != nil {
		t.Fatal(err)
	}
	groups := account.NewGroups(r.Policy.Accounts)
	if above, ok := groups.Parent("d:acme-robotics.com"); !ok || above.Key != "d:acme.com" {
		t.Errorf("%+v, %v", above, ok)
	}
}
