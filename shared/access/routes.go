package access

import "maps"

// Route is one route of the API, as API Gateway names it: "GET /leads/{key}".
type Route string

// Rule says who may use a route.
type Rule struct {
	// Open is a route that proves its callers itself, as webhooks and signed links do.
	Open bool
	// Known is a route for whoever has signed in, with a role or without.
	Known bool
	// Roles may use the route; any of them is enough. Which leads and people of
	// it they see is for the route to say.
	Roles []Role
}

// Allows tells whether the rule lets the person in.
func (r Rule) Allows(p Person) bool { return r.Open || p.Known() && (r.Known || p.Is(r.Roles...)) }

// RuleOf returns the rule of a route. A route that the table does not have is
// closed to everybody.
func RuleOf(r Route) Rule { return Routes()[r] }

// Routes is the table of all routes of the template.
func Routes() map[Route]Rule {
	open := Rule{Open: true}
	known := Rule{Known: true}
	everybody := Rule{Roles: Roles()}
	readers := Rule{Roles: []Role{Operator, Manager, Marketer}} // of lists of leads
	marketers := Rule{Roles: []Role{Operator, Marketer}}
	all := map[Route]Rule{
		"POST /webhooks/forms/{source}":      open,
		"GET /webhooks/forms/{source}":       open,
		"HEAD /webhooks/forms/{source}":      open,
		"POST /webhooks/engagement/{source}": open,
		"GET /webhooks/engagement/{source}":  open,
		"HEAD /webhooks/engagement/{source}": open,
		"POST /webhooks/crm/{source}":        open,
		"GET /webhooks/crm/{source}":         open,
		"HEAD /webhooks/crm/{source}":        open,
		"GET /r/{token}":                     open,
		"HEAD /r/{token}":                    open,
		"POST /r/{token}":                    open,
		"POST /slack/interactions":           open,

		"GET /login":          open,
		"POST /login":         open,
		"GET /login/callback": open,
		"GET /api/login":      open,
		"GET /login/done":     known,
		"GET /api/whoami":     known,
		"POST /logout":        known,
		"GET /sessions":       known,
		"POST /sessions":      known,

		"GET /":                         everybody,
		"GET /leads":                    readers,
		"GET /leads/nearly":             readers,
		"GET /leads.csv":                readers,
		"GET /leads/views":              readers,
		"POST /leads/views":             readers,
		"POST /leads/views/{view}":      readers,
		"GET /leads/{key}":              everybody,
		"GET /accounts":                 everybody,
		"GET /accounts/{key}":           everybody,
		"GET /api/accounts":             everybody,
		"GET /api/accounts/{key}":       everybody,
		"GET /sources":                  marketers,
		"GET /api/sources":              marketers,
		"GET /api/leads":                readers,
		"GET /api/leads/{key}":          everybody,
		"GET /api/leads/{key}/route":    readers,
		"GET /api/leads/{key}/timeline": everybody,
	}
	maps.Copy(all, peopleRoutes())
	maps.Copy(all, deskRoutes())
	maps.Copy(all, rolloutRoutes())
	maps.Copy(all, operationsRoutes())
	maps.Copy(all, importRoutes())
	return all
}

// peopleRoutes are those about reps.
func peopleRoutes() map[Route]Rule {
	people := Rule{Roles: []Role{Operator, Manager, Rep}} // reps see themselves
	keepers := Rule{Roles: []Role{Operator, Manager}}
	return map[Route]Rule{
		"GET /people":                  people,
		"GET /people/new":              keepers,
		"POST /people/new":             keepers,
		"GET /people/me":               {Roles: []Role{Rep}},
		"GET /people/{rep}":            people,
		"POST /people/{rep}":           people,
		"GET /people/{rep}/leave":      people,
		"POST /people/{rep}/leave":     people,
		"GET /people/{rep}/off":        people,
		"POST /people/{rep}/off":       people,
		"GET /api/people":              keepers,
		"GET /api/people/{rep}":        people,
		"POST /api/people/{rep}":       people,
		"POST /api/people/{rep}/leave": people,
	}
}

// deskRoutes are those on which people act on leads.
func deskRoutes() map[Route]Rule {
	rep, decides, everybody := Rule{Roles: []Role{Rep}}, Rule{Roles: []Role{Operator, Manager}}, Rule{Roles: Roles()}
	judges := Rule{Roles: []Role{Operator, Manager, Marketer}} // whether two leads are one person
	return map[Route]Rule{
		"GET /my":                            rep,
		"GET /leads/{key}/answer/{purpose}":  rep,
		"POST /leads/{key}/answer/{purpose}": rep,
		"GET /api/my":                        rep,
		"POST /api/leads/{key}/answers":      rep,
		"GET /board":                         decides,
		"GET /leads/{key}/order/{what}":      decides,
		"POST /leads/{key}/order/{what}":     decides,
		"GET /leads/{key}/erase":             {Roles: []Role{Operator}},
		"POST /leads/{key}/erase":            {Roles: []Role{Operator}},
		"POST /api/leads/{key}/erase":        {Roles: []Role{Operator}},
		"GET /api/board":                     decides,
		"POST /api/leads/{key}/orders":       decides,
		// What is known of a lead is for whoever sees it to enter.
		"GET /leads/{key}/data":           everybody,
		"POST /leads/{key}/data":          everybody,
		"POST /api/leads/{key}/data":      everybody,
		"GET /duplicates":                 judges,
		"GET /duplicates/{a}/{b}":         judges,
		"POST /duplicates/{a}/{b}":        judges,
		"GET /leads/{key}/merges/{from}":  judges,
		"POST /leads/{key}/merges/{from}": judges,
		"GET /api/duplicates":             judges,
		"POST /api/duplicates/{a}/{b}":    judges,
	}
}

// rolloutRoutes are those about the rollout. Who may act on it depends on the
// phase, which the function asks.
func rolloutRoutes() map[Route]Rule {
	readers := Rule{Roles: []Role{Operator, Manager, Marketer}}
	managers := Rule{Roles: []Role{Operator, Manager}}
	return map[Route]Rule{
		"GET /rollout":                  readers,
		"GET /rollout/{action}":         readers,
		"POST /rollout/{action}":        readers,
		"GET /rollout/journal":          readers,
		"GET /rollout/suggestions":      managers,
		"POST /rollout/suggestions":     managers,
		"GET /api/rollout":              readers,
		"GET /api/rollout/journal":      readers,
		"POST /api/rollout/{action}":    readers,
		"GET /api/rollout/suggestions":  managers,
		"POST /api/rollout/suggestions": managers,
	}
}

// operationsRoutes are those about what waits, what failed and what was told.
func operationsRoutes() map[Route]Rule {
	operator := Rule{Roles: []Role{Operator}}
	return map[Route]Rule{
		"GET /operations":                operator,
		"POST /operations/retry":         operator,
		"POST /operations/discard":       operator,
		"GET /deliveries":                operator,
		"POST /deliveries/retry":         operator,
		"GET /api/operations":            operator,
		"GET /api/dead-letters":          operator,
		"POST /api/dead-letters/retry":   operator,
		"POST /api/dead-letters/discard": operator,
		"GET /api/deliveries":            operator,
		"POST /api/deliveries/retry":     operator,
	}
}

// importRoutes are those about imports of contacts.
func importRoutes() map[Route]Rule {
	marketers := Rule{Roles: []Role{Operator, Marketer}}
	return map[Route]Rule{
		"GET /imports":                marketers,
		"POST /imports":               marketers,
		"POST /imports/start":         marketers,
		"GET /imports/{id}":           marketers,
		"GET /api/imports":            marketers,
		"POST /api/imports":           marketers,
		"GET /api/imports/{id}":       marketers,
		"POST /api/imports/{id}/rows": marketers,
	}
}
