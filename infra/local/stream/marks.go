package stream

import (
	"slices"

	"go.etcd.io/bbolt"

	"github.com/handoff-oss/handoff/shared/fault"
)

// closed marks a shard that has been worked off to its end.
const closed = "closed"

// marks remember how far each shard has been worked off for one poller.
type marks struct {
	db     *bbolt.DB
	bucket string
}

func (m marks) open() error {
	return fault.Wrap(fault.Internal, "open "+m.bucket, m.db.Update(func(tx *bbolt.Tx) error {
		_, err := tx.CreateBucketIfNotExists([]byte(m.bucket))
		return err
	}))
}

// after returns the sequence number after which to read, "" for the start.
func (m marks) after(shard string) string {
	var v string
	// A read of an open database fails only when it is closed: then nothing is read any more.
	_ = m.db.View(func(tx *bbolt.Tx) error {
		v = string(tx.Bucket([]byte(m.bucket)).Get([]byte(shard)))
		return nil
	})
	return v
}

func (m marks) set(shard, sequence string) error {
	return fault.Wrap(fault.Internal, "store in "+m.bucket, m.db.Update(func(tx *bbolt.Tx) error {
		return tx.Bucket([]byte(m.bucket)).Put([]byte(shard), []byte(sequence))
	}))
}

func (m marks) close(shard string) error { return m.set(shard, closed) }

// ready tells whether the shard has something to read, now: it is not closed,
// and its parent, if it is still there, is.
func (m marks) ready(s Shard, all []Shard) bool {
	if m.after(s.ID) == closed {
		return false
	}
	parent := slices.IndexFunc(all, func(other Shard) bool { return other.ID == s.Parent })
	return parent < 0 || m.after(s.Parent) == closed
}
