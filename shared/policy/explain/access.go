package explain

import (
	"cmp"
	"maps"
	"slices"

	"github.com/handoff-oss/handoff/shared/access"
	"github.com/handoff-oss/handoff/shared/policy"
)

// access says who may do what.
func (w *writer) access(p *policy.Policy) {
	w.heading("Who may do what")
	roles, pools := p.Access.Roles, slices.Sorted(maps.Keys(p.Routing.Pools))
	operators := members(roles.Operator)
	if p.Operator.Email != "" {
		operators = append([]string{cmp.Or(p.Operator.Name, p.Operator.Email)}, operators...)
	}
	w.item("Operators may do everything: %s", nobody(operators))
	w.item("Marketers see all leads and what became of them: %s", nobody(members(roles.Marketer)))
	managers := []string{}
	for _, name := range pools {
		if m := p.Routing.Pools[name].Manager; m.Email != "" {
			managers = append(managers, cmp.Or(m.Name, m.Email)+" (the pool "+name+")")
		}
	}
	if others := members(roles.Manager.Members); len(others) > 0 {
		of := "no pool"
		switch list := roles.Manager.Pools; {
		case slices.Contains(list, policy.AllPools):
			of = "every pool"
		case len(list) > 0:
			of = and(list)
		}
		managers = append(managers, and(others)+" ("+of+")")
	}
	w.item("Managers see and move the leads of their pools, and keep their people: %s", nobody(managers))
	reps := []string{}
	for _, name := range pools {
		for _, r := range p.Routing.Pools[name].Reps {
			reps = append(reps, cmp.Or(r.Name, r.ID))
		}
	}
	w.item("Reps see and answer their own leads: %s", nobody(append(reps, members(roles.Rep)...)))
	length := access.LengthOf(p)
	w.paragraph("Who does not use a page for %s, and everybody after %s, signs in again.", policy.Duration(length.Idle), policy.Duration(length.Longest))
}

func nobody(people []string) string {
	if len(people) == 0 {
		return "nobody"
	}
	return and(people)
}

// members names people by their addresses and groups.
func members(m policy.Members) []string {
	out := slices.Clone(m.Emails)
	for _, g := range m.Groups {
		out = append(out, "the group "+g)
	}
	return out
}
