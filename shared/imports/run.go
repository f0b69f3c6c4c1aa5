package imports

import (
	"context"
	"errors"
	"io"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/signal"
	"github.com/handoff-oss/handoff/shared/tabular"
)

// How an import is cut up.
const (
	Batch    = 25   // signals that are stored together, as many as DynamoDB takes at once
	InFlight = 8    // batches that are stored at the same time
	ahead    = 32   // batches that are on their way or wait, so that a slow one holds up none behind it
	Save     = 2000 // rows after which the state is kept, about
)

// Runner carries an import out.
type Runner struct {
	// Put stores at most Batch signals. It has stored all of them when it returns
	// without an error; storing one twice changes nothing.
	Put func(ctx context.Context, signals []signal.Signal) error
	// Save keeps a state, so that the import can go on from it; before is the
	// offset of the state that was kept last. What keeps states tells by a Conflict
	// that somebody else has gone on meanwhile.
	Save func(ctx context.Context, s State, before int64) error
	// Reject is told of each row that is left out, in the order of the file, also
	// of those before the place from which the import goes on. nil is nobody.
	Reject func(row tabular.Row, problems []Problem) error
	// Progress is told of states that are stored, and not kept yet. nil is nobody.
	Progress func(State)
}

// batch is some signals on their way, and the state once they are stored.
type batch struct {
	done  chan error
	after State
}

// run is one go at an import.
type run struct {
	*Runner
	mapper   *Mapper
	read     State // with everything that was read
	stored   State // with everything that was stored
	kept     State // with everything that was kept
	signals  []signal.Signal
	underWay []batch       // in the order of the file
	room     chan struct{} // for batches that are being stored
}

// Run imports the rows that a reader has, from behind those that the state says
// are stored, and returns the state that was kept last. It holds a few hundred
// rows at a time. When it fails, everything before the place of the state is
// stored, and some of what follows; going on from it is safe. all says that the
// reader ends where the file does. Kinds: those of Put and Save, of the reader,
// and Invalid.
func (r *Runner) Run(ctx context.Context, s State, rows *tabular.Reader, all bool) (State, error) {
	mapper, err := NewMapper(s.Plan, s.StartedAt)
	if err != nil {
		return s, err
	}
	if s.Done {
		all = false // it was finished before: the rejected rows are told of again
	}
	g := &run{Runner: r, mapper: mapper, read: s, stored: s, kept: s, room: make(chan struct{}, InFlight)}
	err = g.through(ctx, rows)
	if err == nil && all {
		g.read.Done = true
	}
	if err == nil {
		g.read.At = furthest(g.read.At, rows.Place())
		g.launch(ctx)
	}
	for len(g.underWay) > 0 { // also after an error: what was sent may be stored
		err = errors.Join(err, g.land(ctx, err == nil))
	}
	if g.stored.At.Offset > g.kept.At.Offset || g.stored.Done != g.kept.Done {
		err = errors.Join(err, g.save(context.WithoutCancel(ctx)))
	}
	return g.kept, err
}

func furthest(a, b tabular.Place) tabular.Place {
	if b.Offset > a.Offset {
		return b
	}
	return a
}

// through takes all rows of the reader.
func (g *run) through(ctx context.Context, rows *tabular.Reader) error {
	for {
		row, err := rows.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := g.take(ctx, row); err != nil {
			return err
		}
	}
}

// take checks one row, and sends a batch off when it is full.
func (g *run) take(ctx context.Context, row tabular.Row) error {
	s, problems := g.mapper.Signal(row)
	if len(problems) > 0 && g.Reject != nil {
		if err := g.Reject(row, problems); err != nil {
			return err
		}
	}
	if row.End.Offset <= g.kept.At.Offset {
		return nil // before where it goes on
	}
	g.read.At = row.End
	if len(problems) > 0 {
		g.read.reject(problems)
	} else {
		g.read.Stored++
		g.signals = append(g.signals, s)
	}
	if len(g.signals) < Batch && g.read.At.Row-g.stored.At.Row < Save {
		return nil
	}
	if len(g.underWay) == ahead {
		if err := g.land(ctx, true); err != nil {
			return err
		}
	}
	if err := ctx.Err(); err != nil {
		return fault.Wrap(fault.Unavailable, "import", err)
	}
	g.launch(ctx)
	return nil
}

// launch sends off what was read since the last batch.
func (g *run) launch(ctx context.Context) {
	b := batch{done: make(chan error, 1), after: g.read}
	signals := g.signals
	g.signals = nil
	g.underWay = append(g.underWay, b)
	if len(signals) == 0 {
		b.done <- nil
		return
	}
	go func() {
		g.room <- struct{}{}
		b.done <- g.Put(ctx, signals)
		<-g.room
	}()
}

// land waits until the oldest batch is stored, and keeps the state from time to
// time. What lands behind a batch that failed does not count.
func (g *run) land(ctx context.Context, counts bool) error {
	b := g.underWay[0]
	g.underWay = g.underWay[1:]
	if err := <-b.done; err != nil {
		return err
	}
	if !counts {
		return nil
	}
	g.stored = b.after
	if g.Progress != nil {
		g.Progress(g.stored)
	}
	if g.stored.At.Row-g.kept.At.Row < Save {
		return nil
	}
	return g.save(ctx)
}

func (g *run) save(ctx context.Context) error {
	if err := g.Save(ctx, g.stored, g.kept.At.Offset); err != nil {
		return err
	}
	g.kept = g.stored
	return nil
}
