// Package account tells which company a lead belongs to and who has that
// company: it normalizes company names, compares them, and matches what a lead
// says about its company with the companies that are known. It does not know
// leads, pools of reps, or where accounts are stored.
package account

import (
	"time"

	"github.com/handoff-oss/handoff/shared/signal"
)

// Key names an account everywhere: "d:acme.com" by its domain, else
// "n:acme brick" by its normalized name. A company's name and domain are no
// personal data, so they may stand in a key and in a log. FactsOf keeps out what
// would be: addresses, free-mail domains, and a company that is called as the
// lead is.
type Key string

// Account is one company. The zero value with a key is a company that no lead
// was handed off of yet.
type Account struct {
	Key     Key   `json:"key"`
	Version int64 `json:"version"` // 0 when nothing is stored
	// The rest is as in Facts, as it was first known; "" is unknown.
	Domain string `json:"domain,omitempty"`
	Name   string `json:"name,omitempty"`
	Normal string `json:"normal,omitempty"`
	Phone  string `json:"phone,omitempty"` // may be a person's: who erases a lead with this number clears it
	Postal string `json:"postal,omitempty"`
	Owner  *Owner `json:"owner,omitempty"` // who received its last lead; nil when nobody did yet
	// Handoffs is how many leads of the company were handed off ever.
	Handoffs int64 `json:"handoffs,omitempty"`
}

// Owner is the rep who has a company, because they received its last lead.
type Owner struct {
	Rep   string         `json:"rep"`
	Pool  string         `json:"pool"`
	Lead  signal.LeadKey `json:"lead"`           // the last lead of the company that they received
	Since time.Time      `json:"since"`          // when they received it
	Open  int64          `json:"open,omitempty"` // leads of the company that they hold, of those received since the company is theirs
}

// Assigned returns the account after a lead of it was handed to a rep, whether
// for the first time or from somebody else. The rep owns it from then on. What
// was unknown is filled in from the lead; what was known stays, so that one
// odd lead does not rename a company.
func (a Account) Assigned(f Facts, rep, pool string, lead signal.LeadKey, at time.Time) Account {
	owner := Owner{Rep: rep, Pool: pool, Lead: lead, Since: at, Open: 1}
	if a.Owner != nil && a.Owner.Rep == rep {
		owner.Open += a.Owner.Open
	}
	a = a.Covered(f)
	a.Owner = &owner
	return a
}

// Covered returns the account after a lead of it was handed to somebody who
// stands in for its owner: the owner stays.
func (a Account) Covered(f Facts) Account {
	if a.Key == "" {
		a.Key = f.Key()
	}
	if a.Normal == "" {
		a.Name, a.Normal = f.Name, f.Normal
	}
	a.Domain = either(a.Domain, f.Domain)
	a.Phone = either(a.Phone, f.Phone)
	a.Postal = either(a.Postal, f.Postal)
	a.Handoffs++
	a.Version++
	return a
}

// Released returns the account after a rep holds one of its leads no more,
// because it closed or went to somebody else (for whom Assigned follows, on
// the result). The rep stays the owner. When they own it no more, nothing
// changes, and the version neither.
func (a Account) Released(rep string) Account {
	if a.Owner == nil || a.Owner.Rep != rep || a.Owner.Open == 0 {
		return a
	}
	owner := *a.Owner
	owner.Open--
	a.Owner = &owner
	a.Version++
	return a
}

// Known tells whether anything at all is stored of the account.
func (a Account) Known() bool { return a.Version > 0 }

func either(known, said string) string {
	if known != "" {
		return known
	}
	return said
}
