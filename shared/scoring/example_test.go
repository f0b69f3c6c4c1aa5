package scoring_test

import (
	"fmt"
	"time"

	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/policy/rules"
	"github.com/handoff-oss/handoff/shared/scoring"
	"github.com/handoff-oss/handoff/shared/signal"
)

func Example() {
	p, err := policy.Decode(policy.Default())
	if err != nil {
		fmt.Println(err)
		return
	}
	c, err := rules.Compile(p, policy.VersionOf(policy.Default()))
	if err != nil {
		fmt.Println(err)
		return
	}
	day := time.Date(2026, 5, 20, 9, 0, 0, 0, time.UTC)
	facts, err := scoring.Of(c, []signal.Signal{{
		Source: "typeform", ID: "e1", Type: signal.FormSubmitted, OccurredAt: day, ReceivedAt: day,
		Identity:   signal.Identity{Email: "Ada@Engines.example"},
		Lead:       map[string]string{"company": "Analytical Engines", "title": "CTO"},
		Attributes: map[string]string{"form": "Request a demo"},
	}}, day)
	if err != nil {
		fmt.Println(err)
		return
	}
	r, err := scoring.Evaluate(c, facts, day)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(r.Qualification.Qualified, r.Qualification.Reason)
	for _, part := range r.Fit.Parts {
		fmt.Printf("%+d %s\n", part.Points, part.Reason)
	}
	fmt.Println("fit", r.Fit.Grade, r.Fit.Score)
	// Output:
	// true Asked for a demo on 20 May 2026
	// +20 Writes from a business address
	// +25 Decides about purchases
	// +10 Works where the product is used
	// +10 Names a company
	// fit A 65
}
