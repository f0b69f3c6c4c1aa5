package identity

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"unicode"

	"github.com/handoff-oss/handoff/shared/access"
	"github.com/handoff-oss/handoff/shared/policy"
)

// Person is somebody who can sign in here.
type Person struct {
	ID     string // lasting, and no address: the subject of tokens
	Name   string
	Email  string
	Groups []string
	Role   string // in words, for the page
}

// OperatorEmail is the address of whoever sits at this machine. The local
// AccessSecret makes it an operator whatever the policy says.
const OperatorEmail = "operator@localhost"

// Operator is whoever sits at this machine.
func Operator() Person {
	return Person{ID: "operator", Name: "Local operator", Email: OperatorEmail, Role: "Operator: may do everything"}
}

// People are the operator, everybody whom the policy gives a role, and
// somebody whom it does not know.
func People(p *policy.Policy) []Person {
	all := []Person{Operator()}
	add := func(found Person) {
		taken := func(o Person) bool {
			return o.ID == found.ID || found.Email != "" && strings.EqualFold(o.Email, found.Email)
		}
		if !slices.ContainsFunc(all, taken) {
			all = append(all, found)
		}
	}
	if p.Operator.Email != "" {
		add(Person{ID: "policy-operator", Name: cmp.Or(p.Operator.Name, named(p.Operator.Email)), Email: p.Operator.Email, Role: "Operator, of the policy"})
	}
	roles, pools := p.Access.Roles, slices.Sorted(maps.Keys(p.Routing.Pools))
	for _, name := range pools {
		if m := p.Routing.Pools[name].Manager; m.Email != "" {
			add(Person{ID: "manager-" + name, Name: cmp.Or(m.Name, named(m.Email)), Email: m.Email, Role: "Manager of the pool " + name})
		}
	}
	addMembers(add, access.Manager, roles.Manager.Members)
	addMembers(add, access.Marketer, roles.Marketer)
	addMembers(add, access.Operator, roles.Operator)
	for _, name := range pools {
		for _, r := range p.Routing.Pools[name].Reps {
			add(Person{ID: r.ID, Name: cmp.Or(r.Name, r.ID), Email: r.Email, Role: "Rep of the pool " + name})
		}
	}
	addMembers(add, access.Rep, roles.Rep)
	add(Person{ID: "stranger", Name: "Sasha Nobody", Email: "sasha.nobody@elsewhere.example", Role: "No role: signed in, and may see nothing"})
	return all
}

// addMembers adds the people of a role: each by address, and one for each group.
func addMembers(add func(Person), role access.Role, m policy.Members) {
	label := string(unicode.ToUpper(rune(role[0]))) + string(role[1:])
	for i, email := range m.Emails {
		id := string(role)
		if i > 0 {
			id += "-" + strings.ToLower(strings.ReplaceAll(named(email), " ", "-"))
		}
		add(Person{ID: id, Name: named(email), Email: email, Role: label})
	}
	for _, g := range m.Groups {
		add(Person{ID: string(role) + "-of-" + g, Name: "Somebody of " + g, Groups: []string{g}, Role: label + ", by the group " + g})
	}
}

// named makes a name of an address: Jamie Novak of jamie.novak@company.example.
func named(email string) string {
	local, _, _ := strings.Cut(email, "@")
	words := strings.FieldsFunc(local, func(r rune) bool { return r == '.' || r == '_' || r == '-' })
	for i, w := range words {
		words[i] = strings.ToUpper(w[:1]) + w[1:]
	}
	return strings.Join(words, " ")
}

// find returns the person who goes by a name: an id, or a role of which the
// first one is meant.
func find(all []Person, name string) (Person, bool) {
	for _, p := range all {
		if p.ID == name {
			return p, true
		}
	}
	for _, p := range all {
		if name != "" && strings.HasPrefix(strings.ToLower(p.Role), strings.ToLower(name)) {
			return p, true
		}
	}
	return Person{}, false
}
