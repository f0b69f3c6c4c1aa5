package decision

import (
	"context"
	"strconv"
	"time"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/signal"
)

// Confirm is the signal by which a manager confirms a suggested handoff: to the
// rep of the suggestion for "", or to another one whom they name. The reason may
// be "". Kind: Invalid, with a sentence for the manager, when nothing is suggested.
func Confirm(l *lead.Lead, to, reason, by string, at time.Time) (signal.Signal, error) {
	return said(l, signal.OrderConfirm, map[string]string{signal.AttrTo: to, signal.AttrReason: reason, signal.AttrBy: by}, at)
}

// Decline is the signal by which a manager leaves a lead to the existing process
// for which a handoff was suggested. Kind: Invalid when nothing is suggested, or
// no reason is given.
func Decline(l *lead.Lead, reason, by string, at time.Time) (signal.Signal, error) {
	if reason == "" {
		return signal.Signal{}, fault.New(fault.Invalid, "say why the lead is declined")
	}
	return said(l, signal.OrderDecline, map[string]string{signal.AttrReason: reason, signal.AttrBy: by}, at)
}

func said(l *lead.Lead, t signal.Type, attributes map[string]string, at time.Time) (signal.Signal, error) {
	s := l.Journey.Suggested
	if s == nil {
		return signal.Signal{}, fault.New(fault.Invalid, "nothing is suggested for the lead any more; somebody has decided already, or it took too long")
	}
	n := strconv.Itoa(s.Number)
	attributes[signal.AttrHandoff] = n
	return signal.Signal{
		Source: Operator, ID: n + "." + string(t) + "." + strconv.FormatInt(at.UnixMilli(), 10),
		Type: t, OccurredAt: at, ReceivedAt: at, Attributes: attributes,
	}, nil
}

// Suggested reads the leads for which a manager of a pool is to confirm a
// handoff, oldest first, at most so many, and how many there are. The index is
// eventually consistent; the leads themselves decide. Kind: Unavailable.
func (m *Maker) Suggested(ctx context.Context, pool string, most int) (head []*lead.Lead, all int, err error) {
	queue, err := m.table.Suggested(ctx, pool)
	if err != nil {
		return nil, 0, err
	}
	var keys []signal.LeadKey
	for _, w := range queue[:min(len(queue), most)] {
		keys = append(keys, w.Lead)
	}
	leads, err := m.table.LeadsOf(ctx, keys)
	if err != nil {
		return nil, 0, err
	}
	for _, l := range leads {
		if s := l.Journey.Suggested; s != nil && s.Pool == pool {
			head = append(head, l)
		}
	}
	return head, len(queue), nil
}
