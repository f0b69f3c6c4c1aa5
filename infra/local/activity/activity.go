// Package activity tells whether anything in the local host is at work. Every
// part that carries something counts it here while it is under way, and bumps
// the mark when it changes something that another part may have to act on. It
// does not know what the work is.
package activity

import "sync"

// Tracker counts work under way.
type Tracker struct {
	mu        sync.Mutex
	mark      uint64
	inFlight  int
	listeners []func()
	changed   chan struct{} // closed at the next change; nil while nobody waits
}

// Begin says that work starts; call the returned function when it has ended.
func (t *Tracker) Begin() (end func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.mark++
	t.inFlight++
	return sync.OnceFunc(func() {
		t.mu.Lock()
		t.inFlight--
		t.mu.Unlock()
		t.Touch()
	})
}

// Touch says that something changed, and wakes those who look for work.
func (t *Tracker) Touch() {
	t.mu.Lock()
	t.mark++
	listeners := t.listeners
	if t.changed != nil {
		close(t.changed)
		t.changed = nil
	}
	t.mu.Unlock()
	for _, wake := range listeners {
		wake()
	}
}

// Wake registers a function to be called after every change. It must not block.
func (t *Tracker) Wake(f func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.listeners = append(t.listeners, f)
}

// State returns a mark that differs whenever anything happened between two
// calls, and how much work is under way.
func (t *Tracker) State() (mark uint64, inFlight int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.mark, t.inFlight
}

// Changed returns a channel that is closed at the next change.
func (t *Tracker) Changed() <-chan struct{} {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.changed == nil {
		t.changed = make(chan struct{})
	}
	return t.changed
}
