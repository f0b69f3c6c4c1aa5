package table

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/handoff-oss/handoff/shared/contract"
	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/signal"
)

// EventAt reads an event about a lead from the log, where its id says that it
// is. Events about sources are not kept. Kind: NotFound.
func (t *Table) EventAt(ctx context.Context, id string) (contract.Event, error) {
	missing := fault.New(fault.NotFound, "the log holds no event %q", id)
	parts := strings.Split(id, ".")
	if len(parts) != 3 || parts[0] == "" {
		return contract.Event{}, missing
	}
	version, err := strconv.ParseInt(parts[1], 10, 64)
	if err != nil || version < 1 {
		return contract.Event{}, missing
	}
	item, err := t.LogAt(ctx, signal.LeadKey(parts[0]), version)
	if err != nil {
		return contract.Event{}, err
	}
	i := slices.IndexFunc(item.Entries, func(e contract.Event) bool { return e.ID == id })
	if i < 0 {
		return contract.Event{}, missing
	}
	return item.Entries[i], nil
}
