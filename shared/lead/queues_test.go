package lead_test

import (
	"testing"
	"time"

	"github.com/handoff-oss/handoff/infra/sim/office"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/signal"
)

// threePools: big companies go to "big", German ones to "german", the rest to
// sales. Each pool is one rep who holds one lead at a time.
func threePools(t *testing.T) *office.Office {
	t.Helper()
	p, err := policy.Decode(policy.Default())
	if err != nil {
		t.Fatal(err)
	}
	one := func(id string) policy.Pool {
		return policy.Pool{
			Caps: []policy.Cap{{Most: 1, Per: policy.CapOpen}},
			Reps: []policy.Rep{{ID: id, Person: policy.Person{Name: id}, Weight: 1}},
		}
	}
	p.Routing.Rules = []policy.RoutingRule{
		{Name: "big", When: "lead.employees > 1000", Pool: "big"},
		{Name: "german", When: `lead.country == "Germany"`, Pool: "german"},
	}
	p.Routing.Pools = map[string]policy.Pool{"big": one("bea"), "german": one("gerd"), "sales": one("sue")}
	p.Escalation.Accept, p.Escalation.Customer = nil, nil
	o, err := office.New(p, monday)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func asksFrom(t *testing.T, o *office.Office, person, employees, country string, at time.Time) signal.LeadKey {
	t.Helper()
	g := demo("1", at)
	g.Identity.Email = person + "@" + person + ".example"
	g.Lead = map[string]string{"company": person + " works", "employees": employees, "country": country}
	k, err := g.LeadKey()
	if err == nil {
		err = o.Hear(at, g)
	}
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func rejectsAt(t *testing.T, o *office.Office, k signal.LeadKey, at time.Time) {
	t.Helper()
	g := answer(signal.RepRejected, o.Lead(k), at)
	g.Attributes[signal.AttrReason] = "not_a_fit"
	if err := o.HearOf(at, k, g); err != nil {
		t.Fatal(err)
	}
}

// Leads of two queues that want the same pool: the one that waits longer comes
// first, whichever queue it is in.
func TestTheOldestOfAllQueuesComesFirst(t *testing.T) {
	o := threePools(t)
	asksFrom(t, o, "ada", "5000", "", monday)                               // fills big
	small := asksFrom(t, o, "bob", "50", "", monday)                        // fills sales
	older := asksFrom(t, o, "cyd", "50", "", monday.Add(time.Second))       // waits for sales
	younger := asksFrom(t, o, "dee", "5000", "", monday.Add(2*time.Second)) // waits for big, else sales
	rejectsAt(t, o, small, monday.Add(10*time.Minute+30*time.Second))       // sales has room in the minute in which the queue of big is due, too
	if err := o.Advance(monday.Add(11 * time.Minute)); err != nil {
		t.Fatal(err)
	}
	if h := o.Lead(older).Journey.Holder(); h == nil {
		t.Errorf("the older lead still waits; the younger is with %+v", o.Lead(younger).Journey.Holder())
	}
}

// The head of a queue is refused by pools without room; the one behind it, for
// whom there is another pool, is offered all the same.
func TestTheHeadOfAQueueHoldsUpNoLeadForAnotherPool(t *testing.T) {
	o := threePools(t)
	asksFrom(t, o, "ada", "5000", "", monday)                                     // fills big
	asksFrom(t, o, "bob", "50", "", monday)                                       // fills sales
	german := asksFrom(t, o, "cyd", "50", "Germany", monday)                      // fills german
	asksFrom(t, o, "dee", "5000", "", monday.Add(time.Second))                    // waits for big, else sales
	behind := asksFrom(t, o, "eli", "5000", "Germany", monday.Add(2*time.Second)) // for big, else german, else sales
	rejectsAt(t, o, german, monday.Add(time.Minute))
	if err := o.Advance(monday.Add(2 * time.Hour)); err != nil {
		t.Fatal(err)
	}
	if h := o.Lead(behind).Journey.Holder(); h == nil {
		t.Error("the lead behind still waits after two hours, though the German pool has room")
	}
}
