package find_test

import (
	"fmt"
	"net/url"
	"time"

	"github.com/handoff-oss/handoff/shared/find"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/scoring"
)

func Example() {
	q, err := url.ParseQuery("form=demo&days=7&q=Ozdemir")
	if err != nil {
		fmt.Println(err)
		return
	}
	f, err := find.Parse(q)
	if err != nil {
		fmt.Println(err)
		return
	}
	monday := time.Date(2026, 11, 23, 15, 0, 0, 0, time.UTC)
	mira := &lead.Lead{CreatedAt: monday.AddDate(0, 0, -6)}
	mira.Facts.Profile = map[string]scoring.Field{"first_name": {Value: "Mira"}, "last_name": {Value: "Özdemir"}}
	mira.Facts.Origin.Form.Value = "Request a demo"
	fmt.Println(f.Match(mira, monday))
	mira.CreatedAt = monday.AddDate(0, 0, -7)
	fmt.Println(f.Match(mira, monday))
	// Output:
	// true
	// false
}
