package duplicate

import (
	"strings"

	"github.com/handoff-oss/handoff/shared/account"
	"github.com/handoff-oss/handoff/shared/match"
	"github.com/handoff-oss/handoff/shared/policy/rules"
	"github.com/handoff-oss/handoff/shared/signal"
	"github.com/handoff-oss/handoff/shared/standard"
)

// PersonOf is what a lead says about itself in the form in which leads are
// compared, from its profile's values by field name and what the policy knows
// of addresses. Whether its phone is shared by several people the profile does
// not say.
func PersonOf(c *rules.Compiled, profile map[string]string) match.Person {
	env, business := c.LeadEnv(profile), ""
	if env.Email.Business {
		business = env.Email.Domain
	}
	company := account.FactsOf(business, profile)
	std := c.Book().Of(profile, standard.FirstName, standard.LastName, standard.NameSuffix, standard.Email, standard.Phone, standard.Country)
	value := func(name, original string) string {
		if f, ok := std[name]; ok && f.Value != "" {
			return f.Value
		}
		return original
	}
	return match.Person{
		Given:  value(standard.FirstName, env.Lead.FirstName),
		Family: strings.TrimSpace(value(standard.LastName, env.Lead.LastName) + " " + match.Generation(std[standard.NameSuffix].Value)),
		Email:  value(standard.Email, env.Email.Address), RoleAddress: env.Email.Role,
		Phone: value(standard.Phone, ""), Company: company.Name, Domain: company.Domain,
		Country: value(standard.Country, ""), Title: profile[signal.FieldTitle],
	}
}
