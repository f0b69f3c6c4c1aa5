// Command sim plays a month in a company of 20 reps by the real decision core:
// visitors by day and night, webinars, leave, sickness, caps, answers early and
// late. It counts again, by means of its own, what must never happen, reports
// who received what they were entitled to and how long customers waited, and
// draws it.
//
// It plays in memory and knows neither the table nor the functions; see package
// office.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"time"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/policy"
)

func main() {
	s := settings{}
	flag.Uint64Var(&s.seed, "seed", 1, "the dice: the same seed plays the same month")
	flag.IntVar(&s.days, "days", 30, "how many days to play, from Monday, 5 October 2026")
	flag.IntVar(&s.leads, "leads", 0, "how many visitors come; 0 for 100 a day")
	flag.StringVar(&s.out, "out", filepath.Join(".cache", "sim"), "the folder for the report and the charts")
	flag.Usage = usage
	flag.Parse()
	if s.leads == 0 {
		s.leads = 100 * s.days
	}
	if flag.NArg() > 0 || s.days < 1 || s.leads < 1 {
		usage()
		os.Exit(2)
	}
	progress := io.Discard
	if info, err := os.Stderr.Stat(); err == nil && info.Mode()&os.ModeCharDevice != 0 {
		progress = os.Stderr // somebody is watching
	}
	debug.SetGCPercent(400) // it is over soon
	if err := simulate(s, os.Stdout, progress); err != nil {
		fmt.Fprintln(os.Stderr, "sim:", err)
		os.Exit(1)
	}
}

func usage() {
	fmt.Fprint(os.Stderr, `Usage: make sim, or: go run ./infra/sim [flags]

Plays a month of a company of 20 reps with the real decision core, prints who
received what, and draws charts. The company stands in infra/sim/company.yaml.
The exit status is 1 when anything happened that never must.

`)
	flag.PrintDefaults()
}

// say tells of progress, which is no result.
func say(w io.Writer, format string, args ...any) { _, _ = fmt.Fprintf(w, format, args...) }

// settings are the flags.
type settings struct {
	seed        uint64
	days, leads int
	out         string
	promised    *policy.Policy // what the office is held to; nil is the company's policy
}

// simulate plays a game, reports and draws it.
func simulate(s settings, out, progress io.Writer) error {
	began := time.Now()
	p, err := run(game{seed: s.seed, days: s.days, visitors: s.leads, promised: s.promised, progress: func(day int, p *play) {
		say(progress, "\rday %d of %d: %d visitors, %d handed off ", day+1, s.days, len(p.people), p.handedOff())
	}})
	say(progress, "\r\033[K")
	if err != nil {
		return err
	}
	played := time.Since(began)
	if err := os.MkdirAll(s.out, 0o750); err != nil {
		return err
	}
	rivals := p.numbers.rivals(s.days, s.seed)
	file, err := os.Create(filepath.Join(s.out, "report.txt"))
	if err != nil {
		return err
	}
	err = errors.Join(report(io.MultiWriter(out, file), p, rivals), file.Close())
	if err == nil {
		err = draw(s.out, p, rivals)
	}
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "\n%d days and %d visitors were played in %s; the charts are in %s\n", s.days, s.leads, played.Round(10*time.Millisecond), s.out)
	if err == nil && p.checks.isBroken() {
		err = fault.New(fault.Internal, "something happened that never must; see the report")
	}
	return err
}
