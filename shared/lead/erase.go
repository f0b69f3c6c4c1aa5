package lead

import (
	"cmp"
	"maps"
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
// holder's place is free again, and nobody waits for it. The one event that is
// told names nobody. The lead of the decision is not to be stored: what stands in
// its place is a tombstone of its version. While Needs asks for anything the rest
// is not to be used.
func (c *Core) Erase(w World, e Erasure, now time.Time) Decision {
	d := c.one(w, w.Lead, w.Lead.Key, now)
	handoff := d.letGo()
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

// Traces says what companies may have of a person whose signals these are: the
// telephone numbers, as account.Facts has them, and what the signals say about
// companies, each once. A person may have been with several.
func (c *Core) Traces(signals []signal.Signal) (numbers map[string]bool, companies []account.Facts) {
	numbers = map[string]bool{}
	known := map[string]bool{}
	for _, s := range signals {
		for _, number := range []string{s.Identity.Phone, s.Lead[signal.FieldPhone]} {
			numbers[account.FactsOf("", map[string]string{signal.FieldPhone: number}).Phone] = true
		}
		profile := map[string]string{}
		maps.Copy(profile, s.Lead)
		profile[signal.FieldEmail] = cmp.Or(s.Identity.Email, profile[signal.FieldEmail])
		f := c.groups.Place(companySaid(c.policy, profile))
		if said := string(f.Key()) + " " + f.Normal; f.Known() && !known[said] {
			known[said] = true
			companies = append(companies, f)
		}
	}
	delete(numbers, "")
	return numbers, companies
}
