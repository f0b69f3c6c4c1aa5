package lead

import (
	"strconv"
	"time"

	"github.com/handoff-oss/handoff/shared/signal"
)

// Operator is the source of the signals by which somebody in charge gives an order.
const Operator = signal.Operator

// The limits of orders.
const (
	// LongestHold is for how many days a lead can be held back at most.
	LongestHold = 90
	// RemindAgain is how long after a reminder the next one may come.
	RemindAgain = time.Hour
)

// Order is what somebody in charge wants to become of a lead.
type Order struct {
	Type   signal.Type
	To     string    // a rep's id, of a reassignment and a handoff; "" lets the rules choose
	Until  time.Time // of a hold and of going back to nurture
	Reason string    // in the person's words
	By     string    // the person's name
	At     time.Time // when it was received
}

// Orders is what those in charge have ordered about a lead.
type Orders struct {
	// Count is how many were carried out. A reminder changes nothing, and does not count.
	Count int `json:"count,omitempty"`
	// Last is the last that counts.
	Last *Carried `json:"last,omitempty"`
	// Heard are the orders that were carried out or ignored: whichever is in it,
	// or is older than what it has forgotten, is not looked at again.
	Heard Window `json:"heard,omitzero"`
}

// Carried is an order that was carried out.
type Carried struct {
	Type    signal.Type `json:"type"`
	By      string      `json:"by"`
	At      time.Time   `json:"at"`      // when it was received
	Handoff int         `json:"handoff"` // number of the handoff that the lead was in afterwards, 0 for none
}

// orderOf reads an order from its signal.
func orderOf(s signal.Signal) Order {
	until, _ := time.Parse(time.RFC3339, s.Attributes[signal.AttrUntil]) // without one it is in the past
	return Order{
		Type: s.Type, To: s.Attributes[signal.AttrTo], Until: until.UTC(),
		Reason: s.Attributes[signal.AttrReason], By: s.Attributes[signal.AttrBy], At: s.ReceivedAt,
	}
}

// About returns the number of the handoff that an order about the lead names:
// of the current one, else of the one that waits for somebody, for a manager to
// confirm it or for data, else 0.
func (j Journey) About() int {
	switch {
	case j.Handoff != nil:
		return j.Handoff.Number
	case j.Held != nil:
		return j.Held.Number
	case j.Suggested != nil:
		return j.Suggested.Number
	case j.Incomplete != nil:
		return j.Incomplete.Number
	}
	return 0
}

// HasHeard tells whether an order, by its signal, was carried out or ignored
// already, or is so old that it will not be looked at.
func (j Journey) HasHeard(s signal.Signal) bool {
	return j.Orders.Heard.has(signalName(s)) || j.Orders.Heard.forgets(s)
}

// SameHands tells whether the lead is still where it was in a stage: with
// somebody, waiting or aside, as far as a stage tells.
func (j Journey) SameHands(then Stage) bool { return side(then) == side(j.Reached()) }

// Refuses says why an order makes no sense for a lead as it is, in words such as
// "nobody holds the lead". It returns "" for one that can be tried: what only
// the policy and the people tell is not known here.
func (j Journey) Refuses(o Order) string {
	if o.Type == signal.OrderMerge || o.Type == signal.OrderSplit {
		return "" // whose a name is does not depend on what is done about the lead
	}
	if j.decided() && o.Type != signal.OrderReassign {
		return "the deal is " + string(j.Stage) + ": nothing is to be done about the lead any more"
	}
	switch o.Type { //nolint:exhaustive // The others are no orders.
	case signal.OrderReassign:
		return j.refusesReassign(o)
	case signal.OrderTakeBack:
		return j.refusesWithoutHolder()
	case signal.OrderRemind:
		return j.refusesRemind(o)
	case signal.OrderHold:
		return j.refusesHold(o)
	case signal.OrderRecycle:
		return j.refusesRecycle(o)
	case signal.OrderDisqualify:
		if j.Reached() == Disqualified {
			return "the lead is disqualified already"
		}
		return ""
	case signal.OrderHandoff:
		return j.refusesHandoff()
	case signal.OrderConfirm, signal.OrderDecline:
		if j.Suggested == nil {
			return "no handoff of the lead waits to be confirmed"
		}
		return ""
	}
	return "there is no order " + strconv.Quote(string(o.Type))
}

const toConfirm = "the lead's handoff waits to be confirmed: confirm it, for another rep if you like"

func (j Journey) refusesReassign(o Order) string {
	h := j.Holder()
	switch {
	case j.Suggested != nil:
		return toConfirm
	case j.Incomplete != nil:
		return "the lead waits for data, since " + j.Incomplete.Words() + ": enter it, or hand the lead off as it is"
	case j.About() == 0:
		return "the lead was never ready for a handoff: hand it off"
	case h != nil && o.To == h.Rep:
		return h.RepName + " holds the lead already"
	}
	return ""
}

func (j Journey) refusesWithoutHolder() string {
	if j.Holder() == nil {
		return "nobody holds the lead"
	}
	return ""
}

func (j Journey) refusesRemind(o Order) string {
	if why := j.refusesWithoutHolder(); why != "" {
		return why
	}
	if last := j.Handoff.Reminded; o.At.Before(last.Add(RemindAgain)) {
		return "the holder was reminded " + before(last, o.At) + ", and is reminded once an hour at most"
	}
	return ""
}

func (j Journey) refusesHold(o Order) string {
	switch {
	case !o.Until.After(o.At):
		return "a lead is held until a time that is to come: say until when"
	case o.Until.After(o.At.AddDate(0, 0, LongestHold)):
		return "a lead is held for " + strconv.Itoa(LongestHold) + " days at most: choose an earlier time"
	case j.Incomplete != nil:
		return "the lead waits for data, and nobody is offered it before that comes: there is nothing to hold back"
	case j.Holder() != nil, j.Held != nil, j.Handoff != nil && j.Reached() == Qualified:
		return ""
	}
	return "the lead is not ready for a handoff, so there is nothing to hold back"
}

func (j Journey) refusesRecycle(o Order) string {
	switch j.Reached() { //nolint:exhaustive // All others can go back to nurture.
	case Recycled:
		return "the lead is back in nurture already"
	case Disqualified:
		return "the lead is disqualified: hand it off if that was wrong"
	}
	if !o.Until.After(o.At) {
		return "a lead goes back to nurture until a time that is to come: say until when"
	}
	return ""
}

func (j Journey) refusesHandoff() string {
	switch h := j.Holder(); {
	case j.Suggested != nil:
		return toConfirm
	case j.Incomplete != nil:
		return ""
	case h != nil:
		return h.RepName + " holds the lead: give it to somebody else instead"
	case j.Held != nil:
		return "the lead has qualified and waits for the pool " + j.Held.Pool + ": give it to somebody instead"
	case j.Reached() == Qualified && j.Handoff != nil:
		return "the lead has qualified: give it to somebody instead"
	}
	return ""
}

// before says how long before a time another one was.
func before(then, at time.Time) string {
	d := at.Sub(then).Round(time.Second)
	switch {
	case d <= 0:
		return "in the same moment"
	case d < time.Minute:
		return strconv.Itoa(int(d.Seconds())) + " s earlier"
	case d < time.Hour:
		return strconv.Itoa(int(d.Minutes())) + " min earlier"
	case d < 48*time.Hour:
		return strconv.Itoa(int(d.Hours())) + " h earlier"
	}
	return strconv.Itoa(int(d.Hours())/24) + " days earlier"
}
