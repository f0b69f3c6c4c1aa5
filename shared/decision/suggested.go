package decision

import (
	"context"

	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/signal"
)

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
