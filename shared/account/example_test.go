package account_test

import (
	"fmt"
	"time"

	"github.com/handoff-oss/handoff/shared/account"
	"github.com/handoff-oss/handoff/shared/policy"
)

func ExampleMatch() {
	// Ana received a lead of Acme in March.
	march := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	first := account.FactsOf("acme.com", map[string]string{"company": "Acme, Inc."})
	acme := account.Account{Key: first.Key()}.Assigned(first, "ana", "sales", "1ada", march)

	// In May somebody of its German branch writes.
	lead := account.FactsOf("acme.de", map[string]string{"company": "Acme Deutschland GmbH"})
	found, claim := account.Match(lead, []account.Account{acme}, policy.AccountOwner{
		Match: []string{account.ByDomain, account.ByName, account.ByCloseName}, MaxAgeDays: 180,
	}, march.AddDate(0, 2, 0))
	fmt.Println(found.Account.Owner.Rep, claim)
	fmt.Println(found.By + ": " + found.Why)
	// Output:
	// ana true
	// close_name+domain: close company names, acme deutschland and acme, and the domains acme.de and acme.com
}
