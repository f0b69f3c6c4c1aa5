package sales_test

import (
	"fmt"

	"github.com/handoff-oss/handoff/shared/sales"
	"github.com/handoff-oss/handoff/shared/signal"
)

func ExampleFacts_Standing() {
	// The news that the deal is won comes before the news that it was opened.
	f := sales.Of([]signal.Signal{
		{Source: "crm", ID: "2", Type: signal.DealWon, Attributes: map[string]string{signal.AttrDeal: "512", signal.AttrAmount: "12000"}},
		{Source: "crm", ID: "1", Type: signal.DealOpened, Attributes: map[string]string{signal.AttrDeal: "512"}},
	})
	standing, deal := f.Standing()
	fmt.Println(standing, deal, f.Deals[deal].Amount.Value)
	// Output: won crm#512 12000
}
