package match_test

import (
	"fmt"

	"github.com/handoff-oss/handoff/shared/match"
)

func ExampleCompare() {
	// Robert filled in a form at a fair, and Bob asks for a demo from home.
	fair := match.Person{
		Given: "Robert", Family: "Krüger", Email: "r.krueger@acme.de", Domain: "acme.de", Company: "Acme GmbH", Country: "DE", Phone: "+493012345678",
	}
	home := match.Person{Given: "Bob", Family: "Krueger", Email: "bobkrueger77@gmail.com", Company: "ACME AG", Country: "DE"}
	r := match.Compare(fair, home)
	for _, p := range r.Parts {
		fmt.Printf("%+d %s\n", p.Points, p.Reason)
	}
	fmt.Println(r.Score)
	// Output:
	// +14 Bob is short for Robert
	// +24 the same family name, Krueger
	// +22 the companies are one by name: ACME AG, Acme GmbH
	// +2 the same country, DE
	// 62
}
