// Package stream reads a table's stream and hands its records to functions as
// Lambda's event source mapping does: shard by shard, parents before children,
// filtered, in batches, with retries, bisection, partial failures and a
// destination for records that are given up. How far each shard has been
// worked off stands in the host's database. It does not know what the records
// mean.
package stream

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"go.etcd.io/bbolt"

	"github.com/handoff-oss/handoff/infra/cfn"
	"github.com/handoff-oss/handoff/infra/local/activity"
	"github.com/handoff-oss/handoff/infra/local/pattern"
	"github.com/handoff-oss/handoff/shared/fault"
)

// Config says what a poller reads and for whom.
type Config struct {
	Name     string // of the function
	Source   cfn.StreamSource
	Function Invoker
	Reader   Reader
	DB       *bbolt.DB
	Now      func() time.Time // the machine's time
	Dead     func(function string, d Discarded) error
	Activity *activity.Tracker
	Log      *slog.Logger
}

// Poller reads one stream for one function.
type Poller struct {
	Config
	filter pattern.Filter
	marks  marks
	wake   chan struct{}

	mu      sync.Mutex
	waiters []chan struct{}
}

// idlePoll is how often the stream is read when nothing in the host suggests
// that there is something new: writers beside the host are seen this late.
const idlePoll = time.Second

// NewPoller returns a poller. Kind: Invalid when the filter is wrong.
func NewPoller(c Config) (*Poller, error) {
	filter, err := pattern.CompileFilter(c.Source.Batch.Filters)
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, c.Name+": "+c.Source.Event+": FilterCriteria", err)
	}
	p := &Poller{Config: c, filter: filter, wake: make(chan struct{}, 1), marks: marks{db: c.DB, bucket: "stream/" + c.Name + "/" + c.Source.Event}}
	if err := p.marks.open(); err != nil {
		return nil, err
	}
	c.Activity.Wake(p.Kick)
	return p, nil
}

// Kick makes the poller read now.
func (p *Poller) Kick() {
	select {
	case p.wake <- struct{}{}:
	default:
	}
}

// Drained returns a channel that is closed once the stream has been read to
// its end by a pass that began after this call.
func (p *Poller) Drained() <-chan struct{} {
	done := make(chan struct{})
	p.mu.Lock()
	p.waiters = append(p.waiters, done)
	p.mu.Unlock()
	p.Kick()
	return done
}

// Run polls until ctx ends.
func (p *Poller) Run(ctx context.Context) {
	failures := 0
	for ctx.Err() == nil {
		p.mu.Lock()
		waiters := p.waiters
		p.waiters = nil
		p.mu.Unlock()
		read, err := p.pass(ctx)
		switch {
		case err != nil:
			failures++
			p.keep(waiters)
			if ctx.Err() == nil && failures == 5 {
				p.Log.WarnContext(ctx, "stream.unreadable", slog.String("function", p.Name), slog.Any("error", err))
			}
			p.wait(ctx, min(time.Duration(failures)*50*time.Millisecond, idlePoll), nil)
		case read > 0:
			failures = 0
			p.keep(waiters)
		default:
			failures = 0
			for _, done := range waiters {
				close(done)
			}
			p.wait(ctx, idlePoll, p.wake)
		}
	}
}

func (p *Poller) keep(waiters []chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.waiters = append(p.waiters, waiters...)
}

func (p *Poller) wait(ctx context.Context, d time.Duration, wake <-chan struct{}) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-wake:
	case <-timer.C:
	}
}

// pass reads every open shard once and returns how many records there were.
func (p *Poller) pass(ctx context.Context) (int, error) {
	shards, err := p.Reader.Shards(ctx)
	if err != nil {
		return 0, err
	}
	total := 0
	for _, s := range shards {
		if !p.marks.ready(s, shards) {
			continue
		}
		n, err := p.shard(ctx, s)
		if err != nil {
			return total, err
		}
		total += n
	}
	return total, nil
}

func (p *Poller) shard(ctx context.Context, s Shard) (int, error) {
	after := p.marks.after(s.ID)
	if after == "" && p.Source.FromLatest {
		after = Latest
	}
	page, err := p.Reader.Read(ctx, s.ID, after)
	if err != nil {
		return 0, err
	}
	if len(page.Records) > 0 {
		if err := p.work(ctx, s.ID, page.Records); err != nil {
			return 0, err
		}
	}
	if page.Closed {
		// The children can be read from now on: that is something new.
		return len(page.Records) + 1, p.marks.close(s.ID)
	}
	return len(page.Records), nil
}

// work filters records and delivers them batch by batch.
func (p *Poller) work(ctx context.Context, shard string, records []Record) error {
	defer p.Activity.Begin()()
	last := records[len(records)-1].Sequence
	d := delivery{
		source: p.Source, function: p.Function, now: p.Now, pause: pause,
		dead: func(d Discarded) error { return p.Dead(p.Name, d) },
		done: func(sequence string) error { return p.marks.set(shard, sequence) },
	}
	var passing []Record
	for _, r := range records {
		if p.filter.Passes(r.Event) {
			passing = append(passing, r)
		}
	}
	for len(passing) > 0 {
		n := min(len(passing), max(p.Source.Batch.Size, 1))
		if err := d.deliver(ctx, passing[:n]); err != nil {
			return err
		}
		if err := p.marks.set(shard, passing[n-1].Sequence); err != nil {
			return err
		}
		passing = passing[n:]
	}
	return p.marks.set(shard, last)
}

// pause waits between attempts: a quarter of a second, doubling up to ten
// seconds, with jitter.
func pause(ctx context.Context, failed int) error {
	d := min(250*time.Millisecond<<min(failed-1, 10), 10*time.Second)
	d = d/2 + rand.N(d/2) //nolint:gosec // Jitter is no secret.
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
