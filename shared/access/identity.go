package access

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/handoff-oss/handoff/shared/policy"
)

// Identity is what an identity provider says about somebody who proved to it
// who they are.
type Identity struct {
	Issuer  string   `json:"issuer"`  // the provider
	Subject string   `json:"subject"` // its id of the person
	Email   string   `json:"email,omitempty"`
	Name    string   `json:"name,omitempty"`
	Groups  []string `json:"groups,omitempty"`
	// Unverified is set when the provider says that nobody proved to own the
	// address: anybody could have put it in, so it gives no role.
	Unverified bool `json:"unverified,omitempty"`
}

// Address is the e-mail address by which roles are given, in small letters;
// "" for none.
func (i Identity) Address() string {
	if i.Unverified {
		return ""
	}
	return normal(i.Email)
}

// Called is how a list of sessions names whoever this is.
func (i Identity) Called() string { return cmp.Or(i.Name, i.Address(), i.Subject) }

func normal(email string) string { return strings.ToLower(strings.TrimSpace(email)) }

// Of returns the person that an identity is under a policy. operators are
// addresses that are operators whatever the policy says, so that a policy
// which names none, or somebody wrong, locks nobody out for good. A person
// without a role is told whom to ask: Person.Ask.
func Of(id Identity, p *policy.Policy, operators []string) Person {
	who := Person{Subject: id.Subject, Email: id.Address(), Name: id.Name}
	if !who.Known() {
		return Person{}
	}
	is := func(m policy.Members, more ...string) bool {
		named := func(email string) bool { return who.Email != "" && normal(email) == who.Email }
		return slices.ContainsFunc(m.Emails, named) || slices.ContainsFunc(more, named) ||
			slices.ContainsFunc(m.Groups, func(g string) bool { return g != "" && slices.Contains(id.Groups, g) })
	}
	roles := p.Access.Roles
	grant := func(r Role, has bool) {
		if has {
			who.Roles = append(who.Roles, r)
		}
	}
	who.Pools = managed(p, is)
	who.Rep = repOf(p, is)
	grant(Operator, is(roles.Operator, append([]string{p.Operator.Email}, operators...)...))
	grant(Manager, len(who.Pools) > 0 || is(roles.Manager.Members))
	grant(Marketer, is(roles.Marketer))
	grant(Rep, who.Rep != "" || is(roles.Rep))
	if len(who.Roles) == 0 {
		who.Ask = ask(p, operators)
	}
	return who
}

// managed lists the pools that a person manages, in order.
func managed(p *policy.Policy, is func(policy.Members, ...string) bool) []string {
	m := p.Access.Roles.Manager
	named := is(m.Members)
	var pools []string
	for _, name := range slices.Sorted(maps.Keys(p.Routing.Pools)) {
		given := named && (slices.Contains(m.Pools, policy.AllPools) || slices.Contains(m.Pools, name))
		if given || is(policy.Members{}, p.Routing.Pools[name].Manager.Email) {
			pools = append(pools, name)
		}
	}
	return pools
}

// repOf finds the id of the rep that a person is by their address, "" for none.
// One address that several ids have is the first by pool and place.
func repOf(p *policy.Policy, is func(policy.Members, ...string) bool) string {
	for _, name := range slices.Sorted(maps.Keys(p.Routing.Pools)) {
		for _, r := range p.Routing.Pools[name].Reps {
			if is(policy.Members{}, r.Email) {
				return r.ID
			}
		}
	}
	return ""
}

// ask names whom to ask for a role.
func ask(p *policy.Policy, operators []string) string {
	named := append(slices.Clone(p.Access.Roles.Operator.Emails), operators...)
	if p.Operator.Email != "" {
		return strings.TrimSpace(p.Operator.Name + " (" + p.Operator.Email + ")")
	}
	return cmp.Or(strings.Join(named, ", "), "whoever looks after Handoff at your company")
}

// Length is how long a session lasts.
type Length struct {
	Idle    time.Duration // without use
	Longest time.Duration // in any case
}

// LengthOf returns what a policy says of sessions, or 12 and 168 hours where it
// says nothing.
func LengthOf(p *policy.Policy) Length {
	s := p.Access.Session
	return Length{Idle: time.Duration(cmp.Or(s.Idle, policy.Duration(12*time.Hour))), Longest: time.Duration(cmp.Or(s.Longest, policy.Duration(168*time.Hour)))}
}

// GroupsClaim returns the claim of a token that names a person's groups.
func GroupsClaim(p *policy.Policy) string { return cmp.Or(p.Access.GroupsClaim, "groups") }
