package main

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/imports"
	"github.com/handoff-oss/handoff/shared/tabular"
)

// carryOut imports the file from where the state says, and says how it goes.
func (i *importing) carryOut(cmd *cobra.Command, p *place, s imports.State, begun bool, file io.ReadSeeker, rejected string) error {
	ctx := cmd.Context()
	id, err := s.ID()
	if err != nil {
		return err
	}
	if !begun {
		if err := p.table.NewImport(ctx, id, s); err != nil {
			return err
		}
	}
	rows, err := fromTop(file, s.Plan)
	if err != nil {
		return err
	}
	aside := &rejects{file: rejected, plan: s.Plan}
	told := &progress{out: cmd.ErrOrStderr(), line: isTerminal(cmd.ErrOrStderr()), began: time.Now(), from: s.At}
	runner := &imports.Runner{
		Put: p.table.PutSignals, Reject: aside.add, Progress: told.tell,
		Save: func(ctx context.Context, s imports.State, before int64) error {
			now, err := p.now(ctx)
			if err != nil {
				return err
			}
			s.UpdatedAt = now
			return p.table.PutImport(ctx, id, s, before)
		},
	}
	s, err = runner.Run(ctx, s, rows, true)
	told.end()
	if closed := aside.close(); err == nil {
		err = closed
	}
	out := cmd.OutOrStdout()
	switch {
	case fault.KindOf(err) == fault.Conflict:
		return fault.New(fault.Conflict, "somebody else imports this file at the moment; nothing is stored twice: %s so far", summary(s))
	case err != nil:
		put(out, "Interrupted: %s. The same command goes on from there.\n", summary(s))
		return err
	}
	put(out, "Imported %s: %s.\n", plain(s.File), summary(s))
	if aside.rows > 0 {
		put(out, "The rejected rows are in %s, each with what to do. Correct them and import that file.\n", plain(rejected))
	}
	put(out, "The leads follow within the next minutes; nobody is notified of them.\n")
	return nil
}

// rejects writes rejected rows to a file, which is made with the first of them.
type rejects struct {
	file string
	plan imports.Plan
	rows int
	to   *os.File
	csv  *csv.Writer
}

func (r *rejects) add(row tabular.Row, problems []imports.Problem) error {
	if r.csv == nil {
		var err error
		if r.to, err = os.OpenFile(r.file, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600); err != nil {
			return fault.Wrap(fault.Invalid, "write rejected rows (say --rejected FILE)", err)
		}
		put(r.to, tabular.ByteOrder)
		r.csv = csv.NewWriter(r.to)
		if err := r.csv.Write(r.plan.RejectedHeader()); err != nil {
			return fault.Wrap(fault.Unavailable, "write rejected rows", err)
		}
	}
	r.rows++
	return fault.Wrap(fault.Unavailable, "write rejected rows", r.csv.Write(r.plan.Rejected(row, problems)))
}

func (r *rejects) close() error {
	if r.csv == nil {
		return nil
	}
	r.csv.Flush()
	err := r.csv.Error()
	if closed := r.to.Close(); err == nil {
		err = closed
	}
	return fault.Wrap(fault.Unavailable, "write rejected rows", err)
}

// How often it is said how far an import has come.
const (
	lineEvery  = 200 * time.Millisecond // in place, on a terminal
	plainEvery = 10 * time.Second       // line after line, elsewhere
)

// progress says how far an import has come.
type progress struct {
	out   io.Writer
	line  bool // one line, written over again and again
	began time.Time
	from  tabular.Place
	last  time.Time
}

func (p *progress) tell(s imports.State) {
	now := time.Now()
	every := plainEvery
	if p.line {
		every = lineEvery
	}
	if p.last.IsZero() {
		p.last = p.began
	}
	if now.Sub(p.last) < every {
		return
	}
	p.last = now
	text := p.words(s, now.Sub(p.began))
	if p.line {
		put(p.out, "\r%s\033[K", text)
		return
	}
	put(p.out, "%s\n", text)
}

// words says how far it has come, how fast it goes, and how long it will take.
func (p *progress) words(s imports.State, spent time.Duration) string {
	seconds := max(spent.Seconds(), 0.001)
	rate := float64(s.At.Row-p.from.Row) / seconds
	text := fmt.Sprintf("%d %%: %s, %.0f rows/s", s.Percent(), summary(s), rate)
	if done := s.At.Offset - p.from.Offset; done > 0 && !s.Done {
		left := time.Duration(float64(s.Size-s.At.Offset) / float64(done) * float64(spent))
		text += ", " + left.Round(time.Second).String() + " left"
	}
	return text
}

func (p *progress) end() {
	if p.line && !p.last.IsZero() {
		put(p.out, "\r\033[K")
	}
}
