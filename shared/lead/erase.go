package lead

import (
	"time"

	"github.com/handoff-oss/handoff/shared/account"
	"github.com/handoff-oss/handoff/shared/contract"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/signal"
)

// Reason is why a person is erased, in a word, so that nobody writes anything
// about them into what remains.
type Reason string

// The reasons.
const (
	OnRequest   Reason = "request"   // the person asked for it
	OnObjection Reason = "objection" // the person objects to the use of their data
	OverTime    Reason = "retention" // the time of the policy is over
	ByMistake   Reason = "mistake"   // they should never have been here, as with a test
)

// Reasons returns all of them.
func Reasons() []Reason { return []Reason{OnRequest, OnObjection, OverTime, ByMistake} }

// Erasure is the wish that a person be forgotten.
type Erasure struct {
	Reason Reason
	By     string // who ordered it: a colleague's name
}

// Retention returns how long the policy lets data be kept.
func (c *Core) Retention() policy.Retention { return c.policy.Privacy.Retention }

// Erase takes a lead out of everybody's hands, so that it can be forgotten: the
// holder's place is free again, nobody waits for it, and its company does not
// keep the person's number. The one event that is told names nobody. The lead of
// the decision is not to be stored: what stands in its place is a tombstone of
// its version. While Needs asks for anything the rest is not to be used.
func (c *Core) Erase(w World, e Erasure, now time.Time) Decision {
	d := c.one(w, w.Lead, w.Lead.Key, now)
	handoff := d.letGo()
	d.forgetNumber()
	if d.needs.Any() {
		return Decision{Needs: d.needs}
	}
	d.by = e.By
	d.events = nil // clocks and queues end without a word of their own
	d.tell(contract.LeadErased, "Erased: everything about the person is forgotten", contract.Detail{Handoff: handoff, Reason: string(e.Reason)})
	out := d.finish(nil)
	out.Log.Inputs = []string{Operator + "#erase"}
	return out
}

// forgetNumber takes the person's telephone number from their company, which may
// have it from any of their signals.
func (d *draft) forgetNumber() {
	if !d.world.StoredLoaded {
		d.needs.Stored = true
		return
	}
	facts := d.companyFacts()
	if !facts.Known() {
		return
	}
	if !d.world.AccountsLoaded {
		d.needs.Accounts = &facts
		return
	}
	theirs := map[string]bool{facts.Phone: true}
	for _, s := range d.world.Stored {
		for _, number := range []string{s.Identity.Phone, s.Lead[signal.FieldPhone]} {
			theirs[account.FactsOf("", map[string]string{signal.FieldPhone: number}).Phone] = true
		}
	}
	for _, a := range d.world.Accounts {
		if d.account != nil && d.account.Key == a.Key {
			a = *d.account
		}
		if a.Phone == "" || !theirs[a.Phone] || d.account != nil && d.account.Key != a.Key {
			continue
		}
		a.Phone = ""
		d.setAccount(a)
	}
}
