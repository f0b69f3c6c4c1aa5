package table

import (
	"context"

	"github.com/handoff-oss/handoff/shared/routing"
)

// Pool reads the state of a pool consistently. A pool that has no state yet is
// returned empty, at version 0.
func (t *Table) Pool(ctx context.Context, name string) (routing.Pool, error) {
	state := routing.Pool{Name: name}
	err := t.getInto(ctx, poolKey(name), &state)
	return state, err
}

// PutPool writes the state of a pool by itself. Kind: Conflict when it changed
// since it was read.
func (t *Table) PutPool(ctx context.Context, p routing.Pool) error {
	put, err := t.versioned(poolKey(p.Name), p, p.Version)
	if err != nil {
		return err
	}
	markDue(put.Item, p)
	return t.put(ctx, "put pool", put)
}

// markDue puts a pool that holds leads into the due index, at the time at
// which they are to be offered again.
func markDue(it item, p routing.Pool) {
	if p.Held > 0 && !p.Reopens.IsZero() {
		it[attrDueShard] = text(poolShard(p.Name))
		it[attrDueAt] = text(formatTime(p.Reopens))
	}
}
