// Package front is the HTTP API of the local host: it finds the function of a
// request by the template's routes, and turns requests and answers into API
// Gateway's payloads, format 2.0, and back. It does not know what the
// functions do.
// Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html.
package front

import (
	"slices"
	"strings"
)

// Route leads a method and path to a function.
type Route struct {
	Method     string  // ANY matches each
	Path       string  // with {name} and {name+}
	Authorizer string  // name of the authorizer in front, "" for none
	Asks       Invoker // the authorizer's function; nil for none
	Function   Invoker
}

// Key is the route's name, as API Gateway states it.
func (r Route) Key() string { return r.Method + " " + r.Path }

// found is a route with what its path's placeholders stand for.
type found struct {
	Route
	parameters map[string]string
}

// find returns the most specific route: literal segments win over
// placeholders, placeholders over {name+}, a method over ANY.
func find(routes []Route, method, path string) (found, bool) {
	var best found
	var rank []int
	for _, r := range routes {
		if r.Method != "ANY" && r.Method != method {
			continue
		}
		parameters, specific, ok := match(r.Path, path)
		if !ok {
			continue
		}
		if r.Method != "ANY" {
			specific = append(specific, 1)
		}
		if rank == nil || slices.Compare(specific, rank) > 0 {
			best, rank = found{r, parameters}, specific
		}
	}
	return best, rank != nil
}

// match compares a path with a pattern, segment by segment. specific ranks the
// match: 3 for a literal segment, 2 for a placeholder, 1 for the rest.
func match(pattern, path string) (parameters map[string]string, specific []int, ok bool) {
	want, got := split(pattern), split(path)
	parameters = map[string]string{}
	for i, w := range want {
		name, isName := placeholder(w)
		switch {
		case isName && strings.HasSuffix(name, "+"):
			if i >= len(got) {
				return nil, nil, false
			}
			parameters[strings.TrimSuffix(name, "+")] = strings.Join(got[i:], "/")
			return parameters, append(specific, 1), true
		case i >= len(got), !isName && w != got[i], isName && got[i] == "":
			return nil, nil, false
		case isName:
			parameters[name] = got[i]
			specific = append(specific, 2)
		default:
			specific = append(specific, 3)
		}
	}
	return parameters, specific, len(want) == len(got)
}

func split(path string) []string {
	return strings.Split(strings.Trim(path, "/"), "/")
}

func placeholder(segment string) (string, bool) {
	if strings.HasPrefix(segment, "{") && strings.HasSuffix(segment, "}") {
		return segment[1 : len(segment)-1], true
	}
	return "", false
}
