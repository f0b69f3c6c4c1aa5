// Package deadletter is what an operator does with what the functions had to
// give up: it counts and shows it without taking it away, says what it was and
// why it failed, sends it back to where it is worked off, and discards it.
//
// What was given up lies in the dead-letter queue of each queue, of the bus
// and of the schedules, and, of the table's stream, in a bucket. A letter is
// first sent to where it goes and removed afterwards. A process that dies in
// between leaves a letter that was sent already: sent once more, it changes
// nothing, since signals have an id that is stored once, and a delivery has
// one mark.
//
// The package knows the forms of these letters, and neither who looks at them
// nor how.
package deadletter

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"golang.org/x/sync/errgroup"

	"github.com/handoff-oss/handoff/shared/bus"
	"github.com/handoff-oss/handoff/shared/contract"
	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/queue"
	"github.com/handoff-oss/handoff/shared/signal"
	"github.com/handoff-oss/handoff/shared/table"
)

// Place is where letters lie.
type Place string

// The places.
const (
	Park     Place = "park"     // signals that could not be stored
	Retry    Place = "retry"    // signals that could not be decided about
	Fetch    Place = "fetch"    // requests for records of providers
	Notify   Place = "notify"   // events that could not be told
	Rule     Place = "rule"     // events that the bus could not hand on
	Stream   Place = "stream"   // records of the stream, in the bucket
	Schedule Place = "schedule" // runs of a schedule
)

// Places returns all of them, in the order of a signal's way.
func Places() []Place { return []Place{Park, Fetch, Stream, Retry, Rule, Notify, Schedule} }

// Letter is one thing that was given up.
type Letter struct {
	Place  Place
	ID     string    // the message's id, or the object's key
	At     time.Time // since when it was under way; of an object, when it was given up
	Tries  int       // 0 when not known
	Reason string    // why it failed, as far as it is known; "" when it is not
	About
	Body string // as it lies there; it may hold personal data

	receipt string
}

// About says what a letter is, without personal data.
type About struct {
	What   string         // in words
	Lead   signal.LeadKey // "" when it is about none, or not known; the first of several
	Source string         // of webhooks
	Type   string         // of the signal or the event
	Event  string         // id
	Count  int            // signals or events in it

	signals []table.SignalRef
	events  []contract.Event
}

// Count is how many letters lie in a place, about.
type Count struct {
	Letters int
	Held    int // of these, how many somebody is looking at in this moment
}

// box is one place.
type box interface {
	count(ctx context.Context) (Count, error)
	// take hands out up to most letters; nobody else gets them before they are
	// given back, or a while is over.
	take(ctx context.Context, most int) ([]Letter, error)
	// one hands out the letter with an id. Kinds: NotFound, Unavailable.
	one(ctx context.Context, id string) (Letter, error)
	giveBack(ctx context.Context, letters []Letter)
	remove(ctx context.Context, l Letter) error
}

// Bus takes events, as package bus does.
type Bus interface {
	Put(ctx context.Context, all []contract.Event) []bus.Failure
}

// Signals reads a stored signal. Kind: NotFound.
type Signals func(ctx context.Context, r table.SignalRef) (signal.Signal, error)

// Office has all places at hand.
type Office struct {
	boxes   map[Place]box
	targets map[Place]*queue.Queue
	bus     Bus
	signals Signals
}

// Queue is a queue of letters, and the queue that they go back to.
type Queue struct {
	DeadLetters string // URL
	BackTo      string // URL; "" when they go nowhere
}

// New returns the office of these queues and of the bucket. A letter of
// Stream goes back to the queue of Retry when it is a signal, and to the bus
// when it is a log entry.
func New(client *sqs.Client, queues map[Place]Queue, bucket *Bucket, events Bus, signals Signals) *Office {
	o := &Office{boxes: map[Place]box{Stream: objects{bucket}}, targets: map[Place]*queue.Queue{}, bus: events, signals: signals}
	for place, q := range queues {
		o.boxes[place] = messages{client: client, url: q.DeadLetters, place: place}
		if q.BackTo != "" {
			o.targets[place] = queue.New(client, q.BackTo)
		}
	}
	return o
}

func (o *Office) box(p Place) (box, error) {
	b, ok := o.boxes[p]
	if !ok {
		return nil, fault.New(fault.Invalid, "there is no place %q for dead letters", p)
	}
	return b, nil
}

// Count counts the letters of a place. Kinds: Invalid, Unavailable.
func (o *Office) Count(ctx context.Context, p Place) (Count, error) {
	b, err := o.box(p)
	if err != nil {
		return Count{}, err
	}
	return b.count(ctx)
}

// Peek shows up to most letters of a place and leaves them there. Kinds:
// Invalid, Unavailable.
func (o *Office) Peek(ctx context.Context, p Place, most int) ([]Letter, error) {
	b, err := o.box(p)
	if err != nil {
		return nil, err
	}
	letters, err := b.take(ctx, most)
	defer b.giveBack(ctx, letters)
	if err != nil {
		return nil, err
	}
	return o.complete(ctx, letters)
}

// Find shows one letter. Kinds: NotFound when it is gone, or not among the
// first few hundred; Invalid, Unavailable.
func (o *Office) Find(ctx context.Context, p Place, id string) (Letter, error) {
	b, l, err := o.hold(ctx, p, id)
	if err != nil {
		return l, err
	}
	defer b.giveBack(ctx, []Letter{l})
	all, err := o.complete(ctx, []Letter{l})
	if err != nil {
		return l, err
	}
	return all[0], nil
}

// hold takes one letter.
func (o *Office) hold(ctx context.Context, p Place, id string) (box, Letter, error) {
	b, err := o.box(p)
	if err != nil {
		return nil, Letter{}, err
	}
	l, err := b.one(ctx, id)
	return b, l, err
}

// inParallel is how many letters are worked on at once.
const inParallel = 8

// complete adds what only the table knows: what a signal is that a letter
// names by its keys alone.
func (o *Office) complete(ctx context.Context, letters []Letter) ([]Letter, error) {
	var g errgroup.Group
	g.SetLimit(inParallel)
	for i := range letters {
		l := &letters[i]
		if l.Place != Retry || len(l.signals) != 1 {
			continue
		}
		g.Go(func() error {
			s, err := o.signals(ctx, l.signals[0])
			switch {
			case err == nil:
				l.Type = string(s.Type)
			case fault.KindOf(err) == fault.NotFound:
				l.What += ", which is stored no more"
			default:
				return err
			}
			return nil
		})
	}
	return letters, g.Wait()
}
