// Package bus is the event bus of the local host: it keeps every event in the
// order of arrival and sends it on by the template's rules. It takes and makes
// events in EventBridge's form and does not know what they mean.
package bus

import (
	"crypto/rand"
	"encoding/binary"
	"encoding/json"
	"time"

	"go.etcd.io/bbolt"

	"github.com/handoff-oss/handoff/infra/cfn"
	"github.com/handoff-oss/handoff/infra/local/pattern"
	"github.com/handoff-oss/handoff/shared/fault"
)

// Event is an event as EventBridge hands it to a target.
type Event struct {
	Version    string          `json:"version"`
	ID         string          `json:"id"`
	DetailType string          `json:"detail-type"`
	Source     string          `json:"source"`
	Account    string          `json:"account"`
	Time       time.Time       `json:"time"`
	Region     string          `json:"region"`
	Resources  []string        `json:"resources"`
	Detail     json.RawMessage `json:"detail"`
}

// Bus is all event buses of the stack.
type Bus struct {
	db    *bbolt.DB
	now   func() time.Time
	rules []rule
	names map[string]bool
}

type rule struct {
	bus     string
	pattern pattern.Pattern
	targets []func(body string) error
}

const bucket = "events"

// New returns the buses with their rules. send puts a text into the queue with
// an ARN. Kind: Invalid when a rule cannot be followed.
func New(db *bbolt.DB, rules []cfn.Rule, send func(arn, body string) error, now func() time.Time) (*Bus, error) {
	b := &Bus{db: db, now: now, names: map[string]bool{"default": true}}
	for _, r := range rules {
		b.names[r.Bus] = true
		if !r.Enabled {
			continue
		}
		p, err := pattern.Compile(r.Pattern)
		if err != nil {
			return nil, fault.Wrap(fault.Invalid, "resource "+r.ID+": EventPattern", err)
		}
		compiled := rule{bus: r.Bus, pattern: p}
		for _, t := range r.Targets {
			compiled.targets = append(compiled.targets, func(body string) error { return send(t.ARN, body) })
		}
		b.rules = append(b.rules, compiled)
	}
	err := db.Update(func(tx *bbolt.Tx) error {
		_, err := tx.CreateBucketIfNotExists([]byte(bucket))
		return err
	})
	return b, fault.Wrap(fault.Internal, "open the events", err)
}

// Has tells whether a bus of that name is known.
func (b *Bus) Has(name string) bool { return b.names[name] }

// Put takes an event, sends it on and returns its id.
func (b *Bus) Put(name string, e Event) (string, error) {
	e.Version, e.ID = "0", rand.Text()
	if e.Time.IsZero() {
		e.Time = b.now()
	}
	e.Time = e.Time.UTC().Truncate(time.Second)
	if e.Resources == nil {
		e.Resources = []string{}
	}
	body, err := json.Marshal(e)
	if err != nil {
		return "", fault.Wrap(fault.Invalid, "encode the event", err)
	}
	if err := b.keep(body); err != nil {
		return "", err
	}
	var decoded any
	if err := json.Unmarshal(body, &decoded); err != nil {
		return "", fault.Wrap(fault.Invalid, "decode the event", err)
	}
	for _, r := range b.rules {
		if r.bus != name || !r.pattern.Matches(decoded) {
			continue
		}
		for _, send := range r.targets {
			if err := send(string(body)); err != nil {
				return "", err
			}
		}
	}
	return e.ID, nil
}

func (b *Bus) keep(body []byte) error {
	return fault.Wrap(fault.Internal, "store the event", b.db.Update(func(tx *bbolt.Tx) error {
		events := tx.Bucket([]byte(bucket))
		seq, err := events.NextSequence()
		if err != nil {
			return err
		}
		return events.Put(binary.BigEndian.AppendUint64(nil, seq), body)
	}))
}

// Seen is an event in the form of GET /_local/events. For an event that names
// itself, as all of ours do, id, time and lead are its own.
type Seen struct {
	ID     string          `json:"id"`
	Type   string          `json:"type"`
	Time   time.Time       `json:"time"`
	Lead   string          `json:"lead"`
	Detail json.RawMessage `json:"detail"`
}

// Events returns all events in the order of arrival.
func (b *Bus) Events() ([]Seen, error) {
	list := []Seen{}
	err := b.db.View(func(tx *bbolt.Tx) error {
		return tx.Bucket([]byte(bucket)).ForEach(func(_, v []byte) error {
			var e Event
			if err := json.Unmarshal(v, &e); err != nil {
				return err
			}
			list = append(list, seen(e))
			return nil
		})
	})
	return list, fault.Wrap(fault.Internal, "read the events", err)
}

func seen(e Event) Seen {
	s := Seen{ID: e.ID, Type: e.DetailType, Time: e.Time, Detail: e.Detail}
	var own Seen
	if json.Unmarshal(e.Detail, &own) != nil || own.ID == "" {
		return s
	}
	s.ID, s.Lead = own.ID, own.Lead
	if !own.Time.IsZero() {
		s.Time = own.Time
	}
	if len(own.Detail) > 0 {
		s.Detail = own.Detail
	}
	return s
}
