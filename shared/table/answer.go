package table

import (
	"context"

	"github.com/handoff-oss/handoff/shared/signal"
)

// Signal reads one stored signal of a lead by its source and id, consistently:
// whether a rep has answered already, before the answer is applied. Kind:
// NotFound.
func (t *Table) Signal(ctx context.Context, k signal.LeadKey, source, id string) (signal.Signal, error) {
	var s signal.Signal
	it, err := t.get(ctx, signalKey(k, source, id))
	if err != nil {
		return s, err
	}
	return s, decode(it, &s)
}
