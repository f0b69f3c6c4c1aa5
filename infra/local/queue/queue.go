// Package queue holds the queues of the local host with the semantics of SQS
// standard queues: delay, visibility, receive counts, dead letters, retention.
// Everything stands in the host's database before a call returns. Time is
// virtual. It also polls queues for functions as Lambda does, see Poller.
package queue

import (
	"crypto/md5" //nolint:gosec // SQS states MD5 sums of bodies.
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"
	"sync"
	"time"

	"go.etcd.io/bbolt"

	"github.com/handoff-oss/handoff/infra/cfn"
	"github.com/handoff-oss/handoff/shared/fault"
)

// Attribute is a message attribute.
type Attribute struct {
	Type   string `json:"type"`
	Text   string `json:"text,omitempty"`
	Binary []byte `json:"binary,omitempty"`
}

// Message is one message in a queue.
type Message struct {
	ID            string               `json:"id"`
	Body          string               `json:"body"`
	Attributes    map[string]Attribute `json:"attributes,omitempty"`
	SentAt        time.Time            `json:"sent_at"`
	VisibleAt     time.Time            `json:"visible_at"`
	FirstReceived time.Time            `json:"first_received,omitzero"`
	Receives      int                  `json:"receives"`
	Receipt       string               `json:"receipt,omitempty"` // of the receive, while it is in flight
	Touched       bool                 `json:"touched,omitempty"` // whoever received it has set its visibility

	seq uint64
}

// MD5 returns the sum that SQS states of a body.
func MD5(body string) string {
	sum := md5.Sum([]byte(body)) //nolint:gosec // As above.
	return hex.EncodeToString(sum[:])
}

// Queues are all queues of the stack.
type Queues struct {
	db      *bbolt.DB
	now     func() time.Time
	changed func()
	queues  []*Queue
}

// Queue is one queue.
type Queue struct {
	cfn.Queue
	all *Queues

	mu       sync.Mutex
	messages []*Message // in order of arrival
}

// Open loads the queues' messages from db. What was in flight when the host
// ended is visible again. now is virtual time; changed is called after every
// change that may make work.
func Open(db *bbolt.DB, queues []cfn.Queue, now func() time.Time, changed func()) (*Queues, error) {
	all := &Queues{db: db, now: now, changed: changed}
	for _, config := range queues {
		q := &Queue{Queue: config, all: all}
		if err := q.load(); err != nil {
			return nil, err
		}
		all.queues = append(all.queues, q)
	}
	return all, nil
}

// Get returns the queue with that URL, ARN or name. Kind: NotFound.
func (qs *Queues) Get(name string) (*Queue, error) {
	last := name[strings.LastIndexAny(name, "/:")+1:]
	for _, q := range qs.queues {
		if q.Name == last {
			return q, nil
		}
	}
	return nil, fault.New(fault.NotFound, "there is no queue %s", name)
}

func (q *Queue) bucket() []byte { return []byte("queue/" + q.Name) }

func (q *Queue) load() error {
	err := q.all.db.Update(func(tx *bbolt.Tx) error {
		b, err := tx.CreateBucketIfNotExists(q.bucket())
		if err != nil {
			return err
		}
		return b.ForEach(func(k, v []byte) error {
			m := &Message{seq: binary.BigEndian.Uint64(k)}
			q.messages = append(q.messages, m)
			if err := json.Unmarshal(v, m); err != nil {
				return err
			}
			if m.Receipt != "" && !m.Touched {
				m.VisibleAt = q.all.now()
			}
			m.Receipt = ""
			return nil
		})
	})
	return fault.Wrap(fault.Internal, "load the queue "+q.Name, err)
}

// store writes messages; a message with a receipt that is being removed is
// given in gone.
func (q *Queue) store(put []*Message, gone ...*Message) error {
	err := q.all.db.Update(func(tx *bbolt.Tx) error { return q.storeIn(tx, put, gone) })
	return fault.Wrap(fault.Internal, "store in the queue "+q.Name, err)
}

func (q *Queue) storeIn(tx *bbolt.Tx, put, gone []*Message) error {
	b := tx.Bucket(q.bucket())
	for _, m := range put {
		if m.seq == 0 {
			seq, err := b.NextSequence()
			if err != nil {
				return err
			}
			m.seq = seq
		}
		v, err := json.Marshal(m)
		if err != nil {
			return err
		}
		if err := b.Put(binary.BigEndian.AppendUint64(nil, m.seq), v); err != nil {
			return err
		}
	}
	for _, m := range gone {
		if err := b.Delete(binary.BigEndian.AppendUint64(nil, m.seq)); err != nil {
			return err
		}
	}
	return nil
}

// Outgoing is a message to send. A negative Delay means the queue's own.
type Outgoing struct {
	Body       string
	Attributes map[string]Attribute
	Delay      time.Duration
}

// Send stores messages, all or none, and returns them.
func (q *Queue) Send(out ...Outgoing) ([]Message, error) {
	now := q.all.now()
	var fresh []*Message
	for _, o := range out {
		delay := o.Delay
		if delay < 0 {
			delay = q.Delay
		}
		fresh = append(fresh, &Message{ID: rand.Text(), Body: o.Body, Attributes: o.Attributes, SentAt: now, VisibleAt: now.Add(delay)})
	}
	q.mu.Lock()
	err := q.store(fresh)
	if err == nil {
		q.messages = append(q.messages, fresh...)
	}
	q.mu.Unlock()
	if err != nil {
		return nil, err
	}
	q.all.changed()
	sent := make([]Message, 0, len(fresh))
	for _, m := range fresh {
		sent = append(sent, *m)
	}
	return sent, nil
}

// Receive takes up to most visible messages for the queue's visibility
// timeout. Messages received too often before go to the dead letters instead,
// and those past the retention are dropped.
func (q *Queue) Receive(most int, visibility time.Duration) ([]Message, error) {
	if visibility < 0 {
		visibility = q.Visibility
	}
	q.mu.Lock()
	now := q.all.now()
	var taken, dead, old []*Message
	for _, m := range q.messages {
		switch {
		case now.Sub(m.SentAt) > q.Retention:
			old = append(old, m)
		case len(taken) == most || m.VisibleAt.After(now):
		case q.DeadLetters != "" && m.Receives >= q.MaxReceives:
			dead = append(dead, m)
		default:
			taken = append(taken, m)
		}
	}
	for _, m := range taken {
		m.Receives++
		m.Receipt, m.Touched = rand.Text(), false
		m.VisibleAt = now.Add(visibility)
		if m.FirstReceived.IsZero() {
			m.FirstReceived = now
		}
	}
	err := q.settle(taken, dead, old)
	out := make([]Message, 0, len(taken))
	for _, m := range taken {
		out = append(out, *m)
	}
	q.mu.Unlock()
	return out, err
}

// settle stores what Receive took, moves the dead and drops the old, all in
// one transaction. The caller holds the lock.
func (q *Queue) settle(taken, dead, old []*Message) error {
	if len(taken)+len(dead)+len(old) == 0 {
		return nil
	}
	if len(dead) == 0 {
		q.forget(old)
		return q.store(taken, old...)
	}
	to, err := q.all.Get(q.DeadLetters)
	if err != nil {
		return err
	}
	var moved []*Message
	for _, m := range dead {
		moved = append(moved, &Message{ID: m.ID, Body: m.Body, Attributes: m.Attributes, SentAt: m.SentAt, VisibleAt: q.all.now(), Receives: m.Receives})
	}
	to.mu.Lock()
	defer to.mu.Unlock()
	gone := slices.Concat(dead, old)
	err = q.all.db.Update(func(tx *bbolt.Tx) error {
		if err := q.storeIn(tx, taken, gone); err != nil {
			return err
		}
		return to.storeIn(tx, moved, nil)
	})
	if err != nil {
		return fault.Wrap(fault.Internal, "move to the queue "+to.Name, err)
	}
	to.messages = append(to.messages, moved...)
	q.forget(gone)
	return nil
}

func (q *Queue) forget(gone []*Message) {
	if len(gone) > 0 {
		q.messages = slices.DeleteFunc(q.messages, func(m *Message) bool { return slices.Contains(gone, m) })
	}
}

// find returns the message in flight under a receipt. The caller holds the
// lock.
func (q *Queue) find(receipt string) (*Message, error) {
	for _, m := range q.messages {
		if receipt != "" && m.Receipt == receipt {
			return m, nil
		}
	}
	return nil, fault.New(fault.NotFound, "no message of %s is in flight under that receipt", q.Name)
}

// Delete removes a received message. A receipt that is no longer known is
// fine: the message is gone or was received again.
func (q *Queue) Delete(receipt string) error {
	q.mu.Lock()
	m, err := q.find(receipt)
	if err == nil {
		err = q.store(nil, m)
		q.forget([]*Message{m})
	} else {
		err = nil
	}
	q.mu.Unlock()
	q.all.changed()
	return err
}

// ChangeVisibility hides a received message for d from now on. Kind: NotFound
// when the receipt is not known.
func (q *Queue) ChangeVisibility(receipt string, d time.Duration) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	m, err := q.find(receipt)
	if err != nil {
		return err
	}
	m.VisibleAt, m.Touched = q.all.now().Add(d), true
	return q.store([]*Message{m})
}

// giveBack ends a receive without success: the message is visible after the
// pause, unless whoever received it has set its visibility itself.
func (q *Queue) giveBack(receipt string, pause time.Duration) error {
	q.mu.Lock()
	m, err := q.find(receipt)
	if err == nil {
		m.Receipt = ""
		if !m.Touched {
			m.VisibleAt = q.all.now().Add(pause)
		}
		err = q.store([]*Message{m})
	} else {
		err = nil
	}
	q.mu.Unlock()
	q.all.changed()
	return err
}

// Counts says how many messages can be received now, how many later, and how
// many are in flight.
func (q *Queue) Counts() (visible, delayed, inFlight int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	now := q.all.now()
	for _, m := range q.messages {
		switch {
		case !m.VisibleAt.After(now):
			visible++
		case m.Receipt != "":
			inFlight++
		default:
			delayed++
		}
	}
	return visible, delayed, inFlight
}

// NextVisible returns when the next message that is hidden now becomes
// visible; ok is false when none is hidden.
func (q *Queue) NextVisible() (at time.Time, ok bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	now := q.all.now()
	for _, m := range q.messages {
		if m.VisibleAt.After(now) && (!ok || m.VisibleAt.Before(at)) {
			at, ok = m.VisibleAt, true
		}
	}
	return at, ok
}
