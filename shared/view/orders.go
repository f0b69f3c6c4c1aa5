package view

import (
	"slices"
	"time"

	"github.com/handoff-oss/handoff/shared/access"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/signal"
)

// Order is something that a person in charge may order about a lead, as pages
// and addresses name it.
type Order struct {
	Name  string      // in addresses and JSON, as "take-back"
	Type  signal.Type // of the signal
	Label string      // of the button or link that leads to it
	Ends  bool        // it ends what sales does with the lead
}

// Orders lists all of them, in the order in which pages offer them.
func Orders() []Order {
	return []Order{
		{Name: "confirm", Type: signal.OrderConfirm, Label: "Confirm"},
		{Name: "decline", Type: signal.OrderDecline, Label: "Decline"},
		{Name: "remind", Type: signal.OrderRemind, Label: "Remind"},
		{Name: "reassign", Type: signal.OrderReassign, Label: "Reassign"},
		{Name: "take-back", Type: signal.OrderTakeBack, Label: "Take back"},
		{Name: "hold", Type: signal.OrderHold, Label: "Hold"},
		{Name: "hand-off", Type: signal.OrderHandoff, Label: "Hand off"},
		{Name: "recycle", Type: signal.OrderRecycle, Label: "Recycle"},
		{Name: "disqualify", Type: signal.OrderDisqualify, Label: "Disqualify", Ends: true},
	}
}

// OrderNamed finds an order by its name. ok is false for one that there is not.
func OrderNamed(name string) (o Order, ok bool) {
	i := slices.IndexFunc(Orders(), func(o Order) bool { return o.Name == name })
	if i < 0 {
		return Order{}, false
	}
	return Orders()[i], true
}

// LabelOf names the order that a signal gives.
func LabelOf(t signal.Type) string {
	for _, o := range Orders() {
		if o.Type == t {
			return o.Label
		}
	}
	switch t { //nolint:exhaustive // The others are no orders.
	case signal.OrderMerge:
		return "Merge"
	case signal.OrderSplit:
		return "Take a merge back"
	}
	return string(t)
}

// NeedsUntil tells whether an order wants to know until when.
func (o Order) NeedsUntil() bool {
	return o.Type == signal.OrderHold || o.Type == signal.OrderRecycle
}

// NeedsReason tells whether an order must say why.
func (o Order) NeedsReason() bool { return o.Type != signal.OrderConfirm }

// NeedsRep tells whether an order may name a rep.
func (o Order) NeedsRep() bool {
	return o.Type == signal.OrderReassign || o.Type == signal.OrderHandoff || o.Type == signal.OrderConfirm
}

// OrdersFor lists the orders that make sense for a lead as it is.
func OrdersFor(j lead.Journey, now time.Time) []Order {
	return slices.DeleteFunc(Orders(), func(o Order) bool { return o.Refused(j, now) != "" })
}

// Refused says why an order makes no sense for a lead as it is, whomever and
// until whenever it is for; "" when it does.
func (o Order) Refused(j lead.Journey, now time.Time) string {
	return j.Refuses(lead.Order{Type: o.Type, Until: now.AddDate(0, 0, 1), At: now})
}

// MayOrder tells whether a person may give orders about a lead: a manager about
// those of their pools and those that are in none yet.
func MayOrder(p access.Person, j lead.Journey) bool {
	_, pool := j.Whose()
	return p.Is(access.Operator) || p.Is(access.Manager) && (pool == "" || p.Manages(pool))
}
