package office

import (
	"cmp"
	"container/heap"
	"maps"
	"slices"
	"time"

	"github.com/handoff-oss/handoff/shared/signal"
)

// agenda says which leads are due when. The zero value is empty.
type agenda struct {
	at   map[signal.LeadKey]time.Time
	heap entries // what at says, and entries that it has outdated
}

type entry struct {
	at  time.Time
	key signal.LeadKey
}

// set says when a lead is due; ok is false for never.
func (a *agenda) set(k signal.LeadKey, at time.Time, ok bool) {
	if a.at == nil {
		a.at = map[signal.LeadKey]time.Time{}
	}
	if old, known := a.at[k]; ok && known && old.Equal(at) {
		return
	}
	delete(a.at, k)
	if ok {
		a.at[k] = at
		heap.Push(&a.heap, entry{at, k})
	}
}

// next returns when the first lead is due.
func (a *agenda) next() (at time.Time, ok bool) {
	for len(a.heap) > 0 {
		e := a.heap[0]
		if at, ok := a.at[e.key]; ok && at.Equal(e.at) {
			return at, true
		}
		heap.Pop(&a.heap)
	}
	return time.Time{}, false
}

// take returns the leads that are due by now, earliest first, each once. They
// are due until they are set anew.
func (a *agenda) take(now time.Time) []signal.LeadKey {
	var keys []signal.LeadKey
	var taken []entry
	for at, ok := a.next(); ok && !at.After(now); at, ok = a.next() {
		e, _ := heap.Pop(&a.heap).(entry)
		if !slices.Contains(keys, e.key) {
			keys, taken = append(keys, e.key), append(taken, e)
		}
	}
	for _, e := range taken {
		heap.Push(&a.heap, e)
	}
	return keys
}

// all returns the leads that are due ever, sorted.
func (a *agenda) all() []signal.LeadKey { return sortedKeys(a.at) }

// entries is a heap by time, then by key.
type entries []entry

func (e entries) Len() int      { return len(e) }
func (e entries) Swap(i, j int) { e[i], e[j] = e[j], e[i] }
func (e entries) Less(i, j int) bool {
	return cmp.Or(e[i].at.Compare(e[j].at), cmp.Compare(e[i].key, e[j].key)) < 0
}

// Push is for package heap.
func (e *entries) Push(x any) {
	if v, ok := x.(entry); ok {
		*e = append(*e, v)
	}
}

// Pop is for package heap.
func (e *entries) Pop() any {
	old := *e
	last := old[len(old)-1]
	*e = old[:len(old)-1]
	return last
}

func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }
