package account

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/signal"
	"github.com/handoff-oss/handoff/shared/standard"
)

// Role is what a job title says by package standard: how senior somebody is, and
// in which department. "" is unknown.
type Role struct {
	Seniority, Department string
}

// Person is somebody of a company: a lead, as far as the company's numbers go.
type Person struct {
	Lead   signal.LeadKey
	Score  int  // engagement now
	Active bool // did something that counts lately
	Role   Role
}

// seniorities lists the levels of people, the most senior first. What is none
// of them is unknown, which comes last.
func seniorities() []string { return standard.Values(standard.Seniority) }

// The levels by which it is said who is missing: those from decider on decide,
// those from buyer on buy.
const (
	decider = "head"
	buyer   = "manager"
)

// Part is one part of a company's engagement.
type Part struct {
	Lead   signal.LeadKey `json:"lead,omitempty"` // whose score it is a share of; "" for all the rest, and for the limit
	Points int            `json:"points"`
	Reason string         `json:"reason"`
}

// mostParts is how many people the parts of an engagement name one by one.
const mostParts = 10

// Engagement sums up the scores of a company's people: all of the highest one,
// and of each other one a share, in whole points rounded down. The parts add up
// to it exactly. It does not depend on the order of the people, and never falls
// when the score of one of them rises.
func Engagement(people []Person, rule policy.AccountEngagement) (score int, parts []Part) {
	people = slices.DeleteFunc(slices.Clone(people), func(p Person) bool { return p.Score <= 0 })
	slices.SortFunc(people, func(a, b Person) int { return cmp.Or(b.Score-a.Score, cmp.Compare(a.Lead, b.Lead)) })
	add := func(p Part) {
		if p.Points != 0 {
			score += p.Points
			parts = append(parts, p)
		}
	}
	rest, n := 0, 0
	for i, p := range people {
		share := p.Score * rule.Others / 100
		switch {
		case i == 0:
			add(Part{Lead: p.Lead, Points: p.Score, Reason: "the most interested person"})
		case i < mostParts:
			add(Part{Lead: p.Lead, Points: share, Reason: fmt.Sprintf("%d%% of %d", rule.Others, p.Score)})
		case share > 0:
			rest, n = rest+share, n+1
		}
	}
	add(Part{Points: rest, Reason: fmt.Sprintf("%d%% of each of %d others", rule.Others, n)})
	if over := score - rule.Most; over > 0 {
		add(Part{Points: -over, Reason: fmt.Sprintf("the engagement of a company is limited to %d", rule.Most)})
	}
	return score, parts
}

// Level is how many people of one seniority there are.
type Level struct {
	Seniority   string         `json:"seniority"` // as of package standard; "" is unknown
	Active      int            `json:"active"`
	Known       int            `json:"known"`       // active or not
	Departments map[string]int `json:"departments"` // of the active; "" is unknown
}

// BuyingGroup is who of a company is active lately.
type BuyingGroup struct {
	Active  int      `json:"active"`
	Known   int      `json:"known"`
	Levels  []Level  `json:"levels"`  // with somebody, the most senior first
	Missing []string `json:"missing"` // who is not there yet, in sentences
}

// GroupOf counts people by seniority and department.
func GroupOf(people []Person) BuyingGroup {
	g := BuyingGroup{Levels: []Level{}, Missing: []string{}}
	for _, name := range append(seniorities(), "") {
		l := Level{Seniority: name, Departments: map[string]int{}}
		for _, p := range people {
			if known(p.Role.Seniority) != name {
				continue
			}
			l.Known++
			if p.Active {
				l.Active++
				l.Departments[p.Role.Department]++
			}
		}
		if g.Active, g.Known = g.Active+l.Active, g.Known+l.Known; l.Known > 0 {
			g.Levels = append(g.Levels, l)
		}
	}
	g.Missing = append(g.Missing, g.missing()...)
	return g
}

// known returns a seniority that is one of the list, else "".
func known(seniority string) string {
	if slices.Contains(seniorities(), seniority) {
		return seniority
	}
	return ""
}

// missing says in sentences who is not there yet.
func (g BuyingGroup) missing() []string {
	var out []string
	switch g.Active {
	case 0:
		return []string{"Nobody is active lately."}
	case 1:
		out = append(out, "One person alone is active lately.")
	}
	buyers, _ := g.from(buyer)
	deciders, known := g.from(decider)
	switch {
	case buyers == 0:
		out = append(out, "Nobody who is a manager or above is active lately.")
	case deciders == 0 && known > 0:
		out = append(out, "Nobody above manager is active lately, though somebody is known.")
	case deciders == 0:
		out = append(out, "Nobody above manager yet.")
	}
	if d := g.oneDepartment(); d != "" {
		out = append(out, "All whose department is known are in "+strings.ReplaceAll(d, "_", " ")+".")
	}
	if last := g.Levels[len(g.Levels)-1]; last.Seniority == "" && last.Active > 0 {
		out = append(out, fmt.Sprintf("How senior %d of the active are is not known.", last.Active))
	}
	return out
}

// from counts the people of a level and of those above.
func (g BuyingGroup) from(level string) (active, known int) {
	order := seniorities()
	for _, l := range g.Levels {
		if at := slices.Index(order, l.Seniority); at >= 0 && at <= slices.Index(order, level) {
			active, known = active+l.Active, known+l.Known
		}
	}
	return active, known
}

// oneDepartment returns the department that all active people are in whose
// department is known, when those are two or more; else "".
func (g BuyingGroup) oneDepartment() string {
	only, n := "", 0
	for _, l := range g.Levels {
		for d, count := range l.Departments {
			switch {
			case d == "":
				continue
			case only != "" && d != only:
				return ""
			}
			only, n = d, n+count
		}
	}
	if n < 2 {
		return ""
	}
	return only
}
