// Package bustest is a bus in memory, for the tests of whoever tells of events.
package bustest

import (
	"context"
	"sync"

	"github.com/handoff-oss/handoff/shared/bus"
	"github.com/handoff-oss/handoff/shared/contract"
	"github.com/handoff-oss/handoff/shared/fault"
)

// Bus keeps the events that it is given, unless it is away. The zero value is
// there and has none.
type Bus struct {
	Away   bool
	Events []contract.Event // in the order in which they came; look while nobody puts any

	mu sync.Mutex
}

// Put keeps all events, or none of them while the bus is away. Kind: Unavailable.
func (b *Bus) Put(_ context.Context, all []contract.Event) []bus.Failure {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.Away {
		failed := make([]bus.Failure, len(all))
		for i := range all {
			failed[i] = bus.Failure{Index: i, Err: fault.New(fault.Unavailable, "away")}
		}
		return failed
	}
	b.Events = append(b.Events, all...)
	return nil
}

// Told returns the events in words, each id once.
func (b *Bus) Told(words func(contract.Event) string) []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	seen := map[string]bool{}
	var all []string
	for _, e := range b.Events {
		if !seen[e.ID] {
			all = append(all, words(e))
		}
		seen[e.ID] = true
	}
	return all
}
