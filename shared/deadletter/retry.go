package deadletter

import (
	"context"
	"encoding/json"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/handoff-oss/handoff/shared/fault"
)

// MostAtOnce bounds how many letters one call works off, so that it ends
// within the time of a request.
const MostAtOnce = 100

// Failure is a letter that stays where it is.
type Failure struct {
	ID  string
	Err error
}

// Result is what became of the letters that a call took.
type Result struct {
	Done   int
	Failed []Failure
	Left   int // that lie there still, about
}

// Retry sends up to most letters of a place back to where they are worked
// off, at most MostAtOnce. Those that cannot be sent stay, and are named.
// Kinds: Invalid for a place whose letters go nowhere, Unavailable.
func (o *Office) Retry(ctx context.Context, p Place, most int) (Result, error) {
	if !p.Retryable() {
		return Result{}, noRetry(p)
	}
	return o.work(ctx, p, most, o.sendBack)
}

// Discard removes up to most letters of a place, at most MostAtOnce. Kinds:
// Invalid, Unavailable.
func (o *Office) Discard(ctx context.Context, p Place, most int) (Result, error) {
	return o.work(ctx, p, most, nil)
}

// RetryOne sends one letter back. Kinds: NotFound, Invalid, Unavailable.
func (o *Office) RetryOne(ctx context.Context, p Place, id string) (Letter, error) {
	if !p.Retryable() {
		return Letter{}, noRetry(p)
	}
	return o.workOne(ctx, p, id, o.sendBack)
}

// DiscardOne removes one letter. Kinds: NotFound, Invalid, Unavailable.
func (o *Office) DiscardOne(ctx context.Context, p Place, id string) (Letter, error) {
	return o.workOne(ctx, p, id, nil)
}

func noRetry(p Place) error {
	return fault.New(fault.Invalid, "there is nothing to retry in %s", p)
}

// act is what is done with a letter before it is removed; nil is nothing.
type act func(ctx context.Context, l Letter) error

func (o *Office) workOne(ctx context.Context, p Place, id string, first act) (Letter, error) {
	b, l, err := o.hold(ctx, p, id)
	if err != nil {
		return l, err
	}
	if err := settle(ctx, b, l, first); err != nil {
		b.giveBack(ctx, []Letter{l})
		return l, err
	}
	return l, nil
}

func (o *Office) work(ctx context.Context, p Place, most int, first act) (Result, error) {
	b, err := o.box(p)
	if err != nil {
		return Result{}, err
	}
	letters, err := b.take(ctx, min(max(most, 1), MostAtOnce))
	if err != nil {
		b.giveBack(ctx, letters)
		return Result{}, err
	}
	var mu sync.Mutex
	var out Result
	var stay []Letter
	var g errgroup.Group
	g.SetLimit(inParallel)
	for _, l := range letters {
		g.Go(func() error {
			err := settle(ctx, b, l, first)
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				out.Failed, stay = append(out.Failed, Failure{l.ID, err}), append(stay, l)
				return nil
			}
			out.Done++
			return nil
		})
	}
	_ = g.Wait() // each letter reports its own failure
	b.giveBack(ctx, stay)
	count, err := b.count(ctx)
	out.Left = count.Letters
	return out, err
}

// settle does what is to be done with a letter, and removes it only then.
func settle(ctx context.Context, b box, l Letter, first act) error {
	if first != nil {
		if err := first(ctx, l); err != nil {
			return err
		}
	}
	return b.remove(ctx, l)
}

// sendBack sends a letter to where it is worked off.
func (o *Office) sendBack(ctx context.Context, l Letter) error {
	if l.Place == Stream {
		return o.sendRecords(ctx, l)
	}
	q, ok := o.targets[l.Place]
	if !ok {
		return noRetry(l.Place)
	}
	return q.Send(ctx, l.Body)
}

// sendRecords sends the records of the stream: signals by their keys, as
// decide does with those that fail, and log entries as the events that publish
// makes of them, which have the same ids each time.
func (o *Office) sendRecords(ctx context.Context, l Letter) error {
	if l.Count == 0 {
		return fault.New(fault.Invalid, "the object holds no records that can be read")
	}
	bodies := make([]string, len(l.signals))
	for i, r := range l.signals {
		b, err := json.Marshal(r)
		if err != nil {
			return fault.Wrap(fault.Internal, "encode the keys of a signal", err)
		}
		bodies[i] = string(b)
	}
	if len(bodies) > 0 {
		q, ok := o.targets[Retry]
		if !ok {
			return noRetry(l.Place)
		}
		if err := q.Send(ctx, bodies...); err != nil {
			return err
		}
	}
	if failed := o.bus.Put(ctx, l.events); len(failed) > 0 {
		return failed[0].Err
	}
	return nil
}
