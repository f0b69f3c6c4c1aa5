// Package vtime is the clock of the local host: virtual time, which flows as
// fast as the machine's and can be moved forward. It keeps how far it is ahead
// in the host's database, so that a second start goes on from there.
package vtime

import (
	"sync"
	"time"

	"go.etcd.io/bbolt"

	"github.com/handoff-oss/handoff/shared/fault"
)

// Clock is virtual time.
type Clock struct {
	real func() time.Time
	db   *bbolt.DB

	mu     sync.Mutex
	offset time.Duration
	moved  chan struct{}
}

const (
	bucket = "clock"
	key    = "offset"
)

// New returns the clock whose offset stands in db. real is the machine's time.
func New(db *bbolt.DB, real func() time.Time) (*Clock, error) {
	c := &Clock{real: real, db: db, moved: make(chan struct{})}
	err := db.Update(func(tx *bbolt.Tx) error {
		b, err := tx.CreateBucketIfNotExists([]byte(bucket))
		if err != nil {
			return err
		}
		stored := b.Get([]byte(key))
		if stored == nil {
			return nil
		}
		c.offset, err = time.ParseDuration(string(stored))
		return err
	})
	return c, fault.Wrap(fault.Internal, "read the clock", err)
}

// Now returns virtual time in UTC.
func (c *Clock) Now() time.Time {
	return c.real().UTC().Add(c.Offset())
}

// Offset returns how far virtual time is ahead of the machine's.
func (c *Clock) Offset() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.offset
}

// Set moves time forward to t. When time has flowed past t meanwhile, nothing
// happens.
func (c *Clock) Set(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	offset := t.Sub(c.real())
	if offset <= c.offset {
		return nil
	}
	err := c.db.Update(func(tx *bbolt.Tx) error {
		return tx.Bucket([]byte(bucket)).Put([]byte(key), []byte(offset.String()))
	})
	if err != nil {
		return fault.Wrap(fault.Internal, "store the clock", err)
	}
	c.offset = offset
	close(c.moved)
	c.moved = make(chan struct{})
	return nil
}

// Moved returns a channel that is closed when time is next moved.
func (c *Clock) Moved() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.moved
}
