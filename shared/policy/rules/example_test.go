package rules_test

import (
	"fmt"

	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/policy/rules"
	"github.com/handoff-oss/handoff/shared/signal"
)

func Example() {
	p, err := policy.Decode([]byte(`
identity:
  free_mail: [gmail.com]
fit:
  rules:
    - {name: decision_maker, when: 'has(lead.title, "cto", "vp")', points: 25}
    - {name: large, when: lead.employees > 5000, points: 15}
qualification:
  exclude:
    - {name: free_mail, when: email.free, reason: "{email.domain} is a free-mail domain"}
  requests:
    - {name: demo, when: 'has(signal.form, "demo")'}
sla:
  accept: {within: 30m}
  tiers:
    - {name: hot, when: 'request == "demo"', accept: {within: 10m}}
routing:
  rules:
    - {name: small, when: lead.employees < 250, pool: inside_sales}
`))
	if err != nil {
		fmt.Println(err)
		return
	}
	c, err := rules.Compile(p, "p-1")
	if err != nil {
		fmt.Println(err)
		return
	}
	lead := c.LeadEnv(map[string]string{"email": "ada@gmail.com", "title": "VP Engineering", "employees": "51-200"})
	fit, _ := c.FitMatches(lead)
	for _, i := range fit {
		fmt.Println("fit:", p.Fit.Rules[i].Name)
	}
	excluded, _ := c.Excluded(lead)
	for _, i := range excluded {
		fmt.Println("not handed off:", lead.Expand(p.Qualification.Exclude[i].Reason))
	}
	asked, _ := c.RequestHits(signal.Signal{Type: signal.FormSubmitted, Attributes: map[string]string{signal.AttrForm: "Request a demo"}})
	for _, i := range asked {
		fmt.Println("asked for:", p.Qualification.Requests[i].Name)
	}
	route := rules.RouteEnv{Lead: lead.Lead, Email: lead.Email, Request: "demo"}
	fits, _ := c.RouteMatches(route)
	for _, i := range fits {
		fmt.Println("goes to:", p.Routing.Rules[i].Pool)
	}
	tier, _ := c.Tier(route)
	fmt.Println("to accept within:", c.TierClocks(tier).Accept.Within, "as", tier)
	// Output:
	// fit: decision_maker
	// not handed off: gmail.com is a free-mail domain
	// asked for: demo
	// goes to: inside_sales
	// to accept within: 10m as hot
}
