package lead

import (
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/handoff-oss/handoff/shared/signal"
)

// since says what has become of a lead since somebody gave an order that comes
// too late, and by whom: "Bo Lindqvist got the lead 3 s earlier by order of Morgan Hale".
func (d *draft) since(o Order, s signal.Signal) string {
	j := d.lead.Journey
	last, h := j.Orders.Last, j.Holder()
	saw, err := strconv.Atoi(s.Attributes[signal.AttrAfter])
	switch {
	case h != nil && last != nil && last.Handoff == h.Number:
		return h.RepName + " got the lead " + before(last.At, o.At) + " by order of " + last.By
	case h != nil:
		return h.RepName + " got the lead " + before(h.Since, o.At)
	case last != nil && err == nil && saw != j.Orders.Count && last.Handoff == j.About():
		return last.By + " " + last.did() + " " + before(last.At, o.At)
	}
	return "the lead is not as it was when the order was given: " + j.lies()
}

// did says what an order did that gave the lead to nobody.
func (c Carried) did() string {
	switch c.Type { //nolint:exhaustive // The others give the lead to somebody, or let it wait for them.
	case signal.OrderTakeBack:
		return "took the lead back"
	case signal.OrderHold:
		return "held the lead back"
	case signal.OrderRecycle:
		return "sent the lead back to nurture"
	case signal.OrderDisqualify:
		return "disqualified the lead"
	case signal.OrderDecline:
		return "declined the lead"
	}
	return "gave the lead on"
}

// lies says where a lead is that nobody holds.
func (j Journey) lies() string {
	switch {
	case j.Held != nil && !j.Held.Until.IsZero():
		return "it is held back until " + j.Held.Until.UTC().Format(time.DateOnly)
	case j.Held != nil:
		return "it waits for the pool " + j.Held.Pool
	case j.Suggested != nil:
		return "its handoff waits to be confirmed"
	case j.Incomplete != nil:
		return "it waits for data: " + j.Incomplete.Words()
	case j.Enrolment != nil && j.Handoff == nil && j.Reached() == Qualified:
		return "it is left to the existing process"
	case j.Reached() == Recycled:
		return "it is back in nurture"
	case j.Handoff != nil && j.Handoff.Answer == AnswerRejected && j.Reached() == Qualified:
		return j.Handoff.RepName + " has rejected it"
	}
	return "it is " + strings.ReplaceAll(string(j.Reached()), "_", " ")
}

// wish says what an order is for, after "wanted".
func (c *Core) wish(o Order) string {
	to := c.nameOf(o.To)
	if o.To == "" {
		to = "whom the rules choose"
	}
	switch o.Type { //nolint:exhaustive // The others are no orders.
	case signal.OrderReassign:
		return "to give the lead to " + to
	case signal.OrderTakeBack:
		return "to take the lead back"
	case signal.OrderHold:
		return "to hold the lead back until " + o.Until.Format(time.DateOnly)
	case signal.OrderRecycle:
		return "to send the lead back to nurture until " + o.Until.Format(time.DateOnly)
	case signal.OrderDisqualify:
		return "to disqualify the lead"
	case signal.OrderHandoff:
		return "to hand the lead off to " + to
	case signal.OrderRemind:
		return "to remind the holder"
	case signal.OrderConfirm:
		if o.To == "" {
			return "to confirm the handoff"
		}
		return "to confirm the handoff, to " + to
	case signal.OrderDecline:
		return "to decline the handoff"
	}
	return string(o.Type)
}

// nameOf names a rep; one whom the policy does not have by the id.
func (c *Core) nameOf(rep string) string {
	pool, _ := c.poolOf(rep, "")
	if r, ok := c.policy.Routing.Pools[pool].Rep(rep); ok && r.Name != "" {
		return r.Name
	}
	return rep
}

// capital begins a sentence.
func capital(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(r)) + s[n:]
}
