package decision

import (
	"crypto/sha256"
	"fmt"
	"maps"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/signal"
)

// Operator is the source of the signals by which somebody in charge gives an order.
const Operator = lead.Operator

// The most characters of what a person writes into an order.
const (
	mostReason = 500
	mostBy     = 80
)

// Order is what somebody in charge decides about a lead.
type Order struct {
	Type   signal.Type    // signal.OrderReassign and so on, see signal.Type.Ordered
	To     string         // a rep's id, for reassign, handoff and confirm; "" lets the rules choose, and of confirm is the rep of the suggestion
	With   signal.LeadKey // for merge, the other lead; for split, the one that became part of this one, as lead.Merge.From has it
	Until  time.Time      // for hold (at most lead.LongestHold days ahead) and recycle
	Reason string         // in the person's words, at most 500 characters; required but for confirm
	By     string         // the person's name, at most 80 characters; required
}

// OrderFor is the signal of an order about a lead as it is, to be stored with
// table.PutSignalFor; decide carries it out. It names what the person saw: the
// handoff, the stage and how many orders were carried out. When any of that is
// different by then the order changes nothing, and the log says so. The same
// order about the same version of a lead is the same signal, so that a second
// click orders nothing more. Whether the policy has the rep is for the caller to
// ask. Kind: Invalid, with a sentence for the person who gives it, when the order
// lacks something or makes no sense for the lead: nobody holds it, its deal is
// decided, and so on.
func OrderFor(l *lead.Lead, o Order, at time.Time) (signal.Signal, error) {
	o.Reason, o.By = strings.TrimSpace(o.Reason), strings.TrimSpace(o.By)
	switch {
	case !o.Type.Ordered():
		return signal.Signal{}, fault.New(fault.Invalid, "there is no order %q", o.Type)
	case o.Reason == "" && o.Type != signal.OrderConfirm:
		return signal.Signal{}, fault.New(fault.Invalid, "say why: the reason stands in the history of the lead")
	case utf8.RuneCountInString(o.Reason) > mostReason:
		return signal.Signal{}, fault.New(fault.Invalid, "the reason is too long: say it in %d characters at most", mostReason)
	case o.By == "":
		return signal.Signal{}, fault.New(fault.Invalid, "say who you are: your name stands in the history of the lead")
	case utf8.RuneCountInString(o.By) > mostBy:
		return signal.Signal{}, fault.New(fault.Invalid, "the name is too long: %d characters at most", mostBy)
	}
	if why := o.joinsNobody(l); why != "" {
		return signal.Signal{}, fault.New(fault.Invalid, "%s", why)
	}
	wanted := lead.Order{Type: o.Type, To: o.To, Until: o.Until, Reason: o.Reason, By: o.By, At: at}
	if why := l.Journey.Refuses(wanted); why != "" {
		return signal.Signal{}, fault.New(fault.Invalid, "%s", why)
	}
	return orderSignal(l, o, at), nil
}

// joinsNobody says why an order to merge or to split makes no sense, "" when it does.
func (o Order) joinsNobody(l *lead.Lead) string {
	switch {
	case o.Type == signal.OrderMerge && o.With == "":
		return "say which other lead is the same person"
	case o.Type == signal.OrderMerge && l.Has(o.With):
		return "the two are one lead already"
	case o.Type == signal.OrderSplit && l.MergeOf(o.With) == nil:
		return "the other is no part of the lead: it may have been taken out of it already"
	}
	return ""
}

// ReassignOrder is OrderFor to give a lead to another rep, the one named or whom
// the rules choose for "", without asking for a reason and a name. Kind: Invalid
// when the lead was never ready for a handoff.
func ReassignOrder(l *lead.Lead, to, reason, by string, at time.Time) (signal.Signal, error) {
	if l.Journey.About() == 0 {
		return signal.Signal{}, fault.New(fault.Invalid, "lead %s was never ready for a handoff", l.Key)
	}
	return orderSignal(l, Order{Type: signal.OrderReassign, To: to, Reason: reason, By: by}, at), nil
}

// orderSignal states an order and what it is about.
func orderSignal(l *lead.Lead, o Order, at time.Time) signal.Signal {
	a := map[string]string{
		signal.AttrReason: o.Reason, signal.AttrBy: o.By,
		signal.AttrStage: string(l.Journey.Reached()), signal.AttrAfter: strconv.Itoa(l.Journey.Orders.Count),
	}
	if n := l.Journey.About(); n > 0 {
		a[signal.AttrHandoff] = strconv.Itoa(n)
	}
	maps.Copy(a, o.particulars())
	return signal.Signal{
		Source: Operator, ID: OrderID(l.Version, o),
		Type: o.Type, OccurredAt: at, ReceivedAt: at, Attributes: a,
	}
}

// particulars are the attributes that an order has by its type.
func (o Order) particulars() map[string]string {
	switch o.Type { //nolint:exhaustive // The others need nothing more.
	case signal.OrderReassign, signal.OrderHandoff, signal.OrderConfirm:
		return map[string]string{signal.AttrTo: o.To}
	case signal.OrderMerge, signal.OrderSplit:
		return map[string]string{signal.AttrWith: string(o.With)}
	case signal.OrderHold, signal.OrderRecycle:
		return map[string]string{signal.AttrUntil: o.Until.UTC().Format(time.RFC3339)}
	}
	return nil
}

// OrderID is the id of the signal of an order about a version of a lead.
func OrderID(version int64, o Order) string {
	more := o.particulars()
	what := strings.TrimPrefix(string(o.Type), "order.")
	text := []string{strings.TrimSpace(o.By), more[signal.AttrTo] + more[signal.AttrWith], more[signal.AttrUntil], strings.TrimSpace(o.Reason)}
	sum := sha256.Sum256([]byte(strings.Join(text, "\x00")))
	return fmt.Sprintf("%d.%s.%x", version, what, sum[:6])
}
