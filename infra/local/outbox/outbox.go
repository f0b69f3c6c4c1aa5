// Package outbox keeps what the stack would have sent outside: e-mail, messages
// to Slack and Teams, webhooks. It plays the Slack workspace whose people press
// the buttons. It takes each in its channel's own form, and shows all
// in one. Nothing leaves the machine.
package outbox

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.etcd.io/bbolt"

	"github.com/handoff-oss/handoff/infra/local/welcome"
	"github.com/handoff-oss/handoff/shared/fault"
)

// Outbox is the messages, in the host's database.
type Outbox struct {
	db  *bbolt.DB
	now func() time.Time
}

const bucket = "outbox"

// New returns the outbox in db. now is virtual time.
func New(db *bbolt.DB, now func() time.Time) (*Outbox, error) {
	err := db.Update(func(tx *bbolt.Tx) error {
		_, err := tx.CreateBucketIfNotExists([]byte(bucket))
		return err
	})
	return &Outbox{db: db, now: now}, fault.Wrap(fault.Internal, "open the outbox", err)
}

// Messages returns all messages, oldest first.
func (o *Outbox) Messages() ([]welcome.Message, error) {
	list := []welcome.Message{}
	err := o.db.View(func(tx *bbolt.Tx) error {
		return tx.Bucket([]byte(bucket)).ForEach(func(_, v []byte) error {
			var m welcome.Message
			if err := json.Unmarshal(v, &m); err != nil {
				return err
			}
			list = append(list, m)
			return nil
		})
	})
	return list, fault.Wrap(fault.Internal, "read the outbox", err)
}

// add stores a message and returns its id. The headers that every channel
// carries name the event and the recipient.
func (o *Outbox) add(m welcome.Message, h http.Header) (string, error) {
	m.At = o.now()
	m.Event = welcome.EventRef{ID: h.Get("Handoff-Event-Id"), Type: h.Get("Handoff-Event-Type"), Lead: h.Get("Handoff-Lead")}
	if m.To == "" {
		m.To = h.Get("Handoff-To")
	}
	if m.Links == nil {
		m.Links = []welcome.Link{}
	}
	err := o.db.Update(func(tx *bbolt.Tx) error {
		b := tx.Bucket([]byte(bucket))
		seq, err := b.NextSequence()
		if err != nil {
			return err
		}
		m.ID = strconv.FormatUint(seq, 10)
		if m.Slack != nil {
			m.Slack.TS = fmt.Sprintf("%d.%06d", m.At.Unix(), seq)
		}
		v, err := json.Marshal(m)
		if err != nil {
			return err
		}
		return b.Put(binary.BigEndian.AppendUint64(nil, seq), v)
	})
	return m.ID, fault.Wrap(fault.Internal, "store in the outbox", err)
}

// Forget removes the messages about leads that were erased.
func (o *Outbox) Forget(leads []string) error {
	return fault.Wrap(fault.Internal, "remove from the outbox", o.db.Update(func(tx *bbolt.Tx) error {
		c := tx.Bucket([]byte(bucket)).Cursor()
		for k, v := c.First(); k != nil; k, v = c.Next() {
			var m welcome.Message
			if err := json.Unmarshal(v, &m); err != nil {
				return err
			}
			if m.Event.Lead == "" || !slices.Contains(leads, m.Event.Lead) {
				continue
			}
			if err := c.Delete(); err != nil {
				return err
			}
		}
		return nil
	}))
}

// change changes the first message that is meant. Kind: NotFound.
func (o *Outbox) change(meant func(welcome.Message) bool, change func(*welcome.Message)) error {
	return o.db.Update(func(tx *bbolt.Tx) error {
		c := tx.Bucket([]byte(bucket)).Cursor()
		for k, v := c.First(); k != nil; k, v = c.Next() {
			var m welcome.Message
			if err := json.Unmarshal(v, &m); err != nil {
				return fault.Wrap(fault.Internal, "read the outbox", err)
			}
			if !meant(m) {
				continue
			}
			change(&m)
			changed, err := json.Marshal(m)
			if err != nil {
				return fault.Wrap(fault.Internal, "change the outbox", err)
			}
			return c.Bucket().Put(k, changed)
		}
		return fault.New(fault.NotFound, "no such message")
	})
}

// Email is a message as SES takes it. Header holds the message's own headers
// without the prefix X-.
type Email struct {
	From, Subject, Text, HTML string
	To                        []string
	Header                    http.Header
}

// Email takes an e-mail and returns the message's id.
func (o *Outbox) Email(e Email) (string, error) {
	return o.add(welcome.Message{
		Channel: "email", To: strings.Join(e.To, ", "), Subject: e.Subject, Text: e.Text, HTML: e.HTML, Links: anchors(e.HTML),
	}, e.Header)
}
