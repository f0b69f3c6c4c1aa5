package account

import (
	"maps"
	"slices"
	"strings"

	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/standard"
)

// Groups knows the companies of a policy that go by several domains or names,
// and which belong to which. The zero value knows none.
type Groups struct {
	byDomain map[string]string // registrable domain → name of the group
	byName   map[string]string // normalized name → name of the group
	byGroup  map[string]policy.AccountGroup
}

// NewGroups reads the groups of a policy. Where two of them say the same, the
// first one counts; package check finds that.
func NewGroups(p policy.Accounts) Groups {
	g := Groups{byDomain: map[string]string{}, byName: map[string]string{}, byGroup: map[string]policy.AccountGroup{}}
	claim := func(index map[string]string, under, name string) {
		if _, taken := index[under]; !taken && under != "" {
			index[under] = name
		}
	}
	for _, group := range p.Groups {
		if _, twice := g.byGroup[group.Name]; twice {
			continue
		}
		g.byGroup[group.Name] = group
		for _, d := range group.Domains {
			claim(g.byDomain, Domain(d), group.Name)
		}
		claim(g.byName, Normal(group.Name), group.Name)
		for _, n := range group.Names {
			claim(g.byName, Normal(n), group.Name)
		}
	}
	return g
}

// Domain returns the registrable domain of a host name in ASCII, or "" when it
// has none or belongs to no single company.
func Domain(host string) string { return registrable(strings.ToLower(host)) }

// Place returns the facts of a lead with what the policy says about its
// company: the domain and the name are the group's, so that all who belong to
// it have the same key, and Parents are filled in. A lead with a domain counts
// to the group that has it, and a lead without one to the group of the name. A
// lead of no group is returned as it is.
func (g Groups) Place(f Facts) Facts {
	name, how := g.byDomain[f.Domain], "the policy counts the domain "+f.Domain+" to "
	if f.Domain == "" {
		name, how = g.byName[f.Normal], "the policy counts the name "+f.Normal+" to "
	}
	group, ok := g.byGroup[name]
	if !ok {
		return f
	}
	own := g.factsOf(group)
	f.Domain, f.Label, f.Name, f.Normal = own.Domain, own.Label, own.Name, own.Normal
	f.Group, f.How, f.Parents = group.Name, how+group.Name, g.parents(group)
	return f
}

// factsOf are what a group says about itself.
func (g Groups) factsOf(group policy.AccountGroup) Facts {
	f := Facts{Name: group.Name, Normal: Normal(group.Name)}
	for _, d := range group.Domains {
		if f.Domain = Domain(d); f.Domain != "" {
			break
		}
	}
	f.Label = standard.Label(f.Domain)
	return f
}

// parents are the keys of the accounts above a group, the nearest first. A
// circle ends where it closes.
func (g Groups) parents(group policy.AccountGroup) []Key {
	var keys []Key
	seen := map[string]bool{group.Name: true}
	for name := group.Parent; name != "" && !seen[name]; {
		above, ok := g.byGroup[name]
		if !ok {
			break
		}
		seen[name] = true
		if k := g.factsOf(above).Key(); k != "" {
			keys = append(keys, k)
		}
		name = above.Parent
	}
	return keys
}

// Kin is an account that belongs together with another one by the policy.
type Kin struct {
	Key  Key    `json:"key"`
	Name string `json:"name"`
}

// Parent returns the account that an account belongs to. ok is false when the
// policy names none.
func (g Groups) Parent(k Key) (Kin, bool) {
	group, ok := g.groupOf(k)
	if !ok {
		return Kin{}, false
	}
	above, ok := g.byGroup[group.Parent]
	if !ok {
		return Kin{}, false
	}
	return Kin{g.factsOf(above).Key(), above.Name}, true
}

// Children returns the accounts that belong to an account, in the order of the
// policy's names.
func (g Groups) Children(k Key) []Kin {
	group, ok := g.groupOf(k)
	if !ok {
		return nil
	}
	var all []Kin
	for _, name := range slices.Sorted(maps.Keys(g.byGroup)) {
		if below := g.byGroup[name]; below.Parent == group.Name {
			all = append(all, Kin{g.factsOf(below).Key(), below.Name})
		}
	}
	return all
}

// Of returns the key of the account that what was asked for as a key belongs
// to: of a domain or a name of a group the group's, else the key itself.
func (g Groups) Of(k Key) Key {
	if group, ok := g.groupOf(k); ok {
		return g.factsOf(group).Key()
	}
	return k
}

// groupOf returns the group that a key belongs to.
func (g Groups) groupOf(k Key) (policy.AccountGroup, bool) {
	name := ""
	if domain, ok := strings.CutPrefix(string(k), domainPrefix); ok {
		name = g.byDomain[domain]
	} else if normal, ok := strings.CutPrefix(string(k), namePrefix); ok {
		name = g.byName[normal]
	}
	group, ok := g.byGroup[name]
	return group, ok
}

// Sources returns the keys that leads of an account give by themselves: of a
// group those of all its domains and names, else the account's own.
func (g Groups) Sources(k Key) []Key {
	group, ok := g.groupOf(k)
	if !ok {
		return []Key{k}
	}
	var keys []Key
	add := func(f Facts) {
		own := f.Key()
		if own != "" && g.Of(own) == g.Of(k) && !slices.Contains(keys, own) {
			keys = append(keys, own)
		}
	}
	for _, d := range group.Domains {
		add(Facts{Domain: Domain(d)})
	}
	for _, n := range append([]string{group.Name}, group.Names...) {
		add(Facts{Normal: Normal(n)})
	}
	return keys
}
