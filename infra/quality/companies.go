package main

import (
	"fmt"

	"github.com/handoff-oss/handoff/shared/account"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/signal"
)

// companyRate is how good leads are matched to companies.
type companyRate struct {
	known   int // leads whose company is known
	right   int // of them, those that were matched to it
	wrong   int // leads that were matched to another company
	strange int // leads whose company is not known, among all
}

func (r companyRate) precision() float64 { return share(r.right, r.right+r.wrong) }
func (r companyRate) recall() float64    { return share(r.right, r.known) }

// directory is where companies are found, by the keys that the table files them
// under.
type directory struct {
	accounts map[account.Key]account.Account
	truth    map[account.Key]int
	words    map[string][]account.Key
}

// list makes known two companies of three, each as one lead of it wrote them.
func (w *world) list() directory {
	d := directory{accounts: map[account.Key]account.Account{}, truth: map[account.Key]int{}, words: map[string][]account.Key{}}
	for _, c := range w.companies {
		if c.id%3 == 2 {
			continue
		}
		f := w.facts(c)
		if _, taken := d.accounts[f.Key()]; taken || !f.Known() {
			continue
		}
		a := account.Account{}.Assigned(f, "ana", "sales", signal.LeadKey(fmt.Sprintf("1c%d", c.id)), began())
		d.accounts[a.Key], d.truth[a.Key] = a, c.id
		for _, word := range []string{a.Word(), a.Domain} {
			d.words[word] = append(d.words[word], a.Key)
		}
	}
	return d
}

// facts are what one lead says about a company: its address there, a private
// one, or none, and the name as it is written this time.
func (w *world) facts(c *company) account.Facts {
	profile, domain := map[string]string{}, ""
	if w.dice.happens(80) {
		profile[signal.FieldCompany] = w.spelled(c)
	}
	switch n := w.dice.IntN(100); {
	case n < 45:
		domain = c.domain
	case n < 55: // a branch has an address of its own
		domain = ascii(c.place, c.brand) + "." + w.places[w.dice.IntN(len(w.places))].tld
	}
	if w.dice.happens(25) {
		profile[signal.FieldPhone] = w.dialed(c.place, c.desk)
	}
	return account.FactsOf(domain, profile)
}

// candidates are the accounts that the table would find for a lead.
func (d directory) candidates(f account.Facts) []account.Account {
	var found []account.Account
	seen := map[account.Key]bool{}
	add := func(k account.Key) {
		if a, ok := d.accounts[k]; ok && !seen[k] {
			seen[k] = true
			found = append(found, a)
		}
	}
	add(f.Key())
	for _, word := range append(f.Words(), f.Domain) {
		for _, k := range d.words[word] {
			if a := d.accounts[k]; a.Normal == f.Normal || a.Domain == f.Domain || account.Close(a.Normal, f.Normal) {
				add(k)
			}
		}
	}
	return found
}

// matched matches some leads of every company, by the rules that leads are
// routed by.
func (w *world) matched(p policy.AccountOwner) companyRate {
	var r companyRate
	d := w.list()
	listed := map[int]bool{}
	for _, id := range d.truth {
		listed[id] = true
	}
	for range 3 {
		for _, c := range w.companies {
			f := w.facts(c)
			if !f.Known() {
				continue
			}
			if listed[c.id] {
				r.known++
			} else {
				r.strange++
			}
			found, _ := account.Match(f, d.candidates(f), p, began())
			switch id, ok := d.truth[found.Account.Key]; {
			case !ok || !found.Account.Known():
			case id == c.id:
				r.right++
			default:
				r.wrong++
			}
		}
	}
	return r
}
