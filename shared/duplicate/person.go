package duplicate

import (
	"strings"

	"github.com/handoff-oss/handoff/shared/account"
	"github.com/handoff-oss/handoff/shared/match"
	"github.com/handoff-oss/handoff/shared/policy/rules"
	"github.com/handoff-oss/handoff/shared/signal"
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
	return match.Person{
		Given: env.Lead.FirstName, Family: env.Lead.LastName,
		Email: env.Email.Address, RoleAddress: env.Email.Role,
		Phone: e164(env.Lead.Phone), Company: company.Name, Domain: company.Domain,
		Country: env.Lead.Country, Title: profile[signal.FieldTitle],
	}
}

// e164 is a number in full, "" when it does not say its country.
func e164(text string) string {
	const fewest = 8 // digits
	digits := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, text)
	if !strings.HasPrefix(strings.TrimSpace(text), "+") || len(digits) < fewest {
		return ""
	}
	return "+" + digits
}
