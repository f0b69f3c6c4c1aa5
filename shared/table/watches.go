package table

import (
	"context"

	"github.com/handoff-oss/handoff/shared/contract"
	"github.com/handoff-oss/handoff/shared/rhythm"
)

// Watch is what is remembered of watching one source.
type Watch struct {
	Source  string           `json:"source"`
	Version int64            `json:"version"` // 0 when nothing is stored
	State   rhythm.State     `json:"state"`
	Untold  []contract.Event `json:"untold,omitempty"` // decided, and not known to be on the bus
}

// Watch reads consistently what is remembered of a source. A source that was
// never stored is Watch{Source: source}.
func (t *Table) Watch(ctx context.Context, source string) (Watch, error) {
	w := Watch{Source: source}
	err := t.getInto(ctx, watchKey(source), &w)
	return w, err
}

// PutWatch stores a watch as the version after the one that it was read at,
// and returns it. Kind: Conflict when somebody stored another meanwhile.
func (t *Table) PutWatch(ctx context.Context, w Watch) (Watch, error) {
	next := w
	next.Version++
	put, err := t.versioned(watchKey(w.Source), next, next.Version)
	if err != nil {
		return w, err
	}
	if err := t.put(ctx, "put watch", put); err != nil {
		return w, err
	}
	return next, nil
}
