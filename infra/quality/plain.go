package main

import "strings"

// plainly is how good it would be to suggest those who have the same name at the
// same company, letter by letter, whether large or small.
func plainly(records []record) rate {
	r := rate{all: truth(records)}
	under := map[string][]record{}
	for _, one := range records {
		p := one.person
		if p.Given == "" || p.Family == "" || p.Company == "" {
			continue
		}
		key := strings.ToLower(strings.Join([]string{p.Given, p.Family, p.Company}, "\x00"))
		for _, other := range under[key] {
			r.suggested++
			if one.who != nil && one.who == other.who {
				r.right++
			}
		}
		under[key] = append(under[key], one)
	}
	r.found = r.right
	return r
}
