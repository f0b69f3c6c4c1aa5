// Command rollout plays phases of a rollout in companies whose truth is known,
// thousands of times, by the fold and the judge that count real ones: how often a
// phase that does no harm is rolled back, how long it takes to find harm and to
// prove a gain, and what changes when colleagues of one account are on both
// sides. It prints the table and draws it.
//
// It plays in memory and knows neither the table nor the functions.
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
)

func main() {
	s := settings{}
	flag.Uint64Var(&s.seed, "seed", 1, "the dice: the same seed plays the same phases")
	flag.IntVar(&s.runs, "runs", 2000, "how many phases without harm to play of each kind; fewer of the others")
	flag.StringVar(&s.out, "out", filepath.Join(".cache", "sim-rollout"), "the folder for the report and the charts")
	flag.Usage = usage
	flag.Parse()
	if flag.NArg() > 0 || s.runs < 10 {
		usage()
		os.Exit(2)
	}
	progress := io.Discard
	if info, err := os.Stderr.Stat(); err == nil && info.Mode()&os.ModeCharDevice != 0 {
		progress = os.Stderr // somebody is watching
	}
	debug.SetGCPercent(400) // it is over soon
	if err := simulate(s, os.Stdout, progress); err != nil {
		fmt.Fprintln(os.Stderr, "sim-rollout:", err)
		os.Exit(1)
	}
}

func usage() {
	fmt.Fprint(os.Stderr, `Usage: make sim-rollout, or: go run ./infra/sim/rollout [flags]

Plays phases of a rollout whose truth is known, with a look at the evidence
every hour, prints how often and how soon they are decided, and draws it. The
exit status is 1 when more phases are rolled back, or promoted, in error than
their gates allow.

`)
	flag.PrintDefaults()
}

// settings are the flags.
type settings struct {
	seed uint64
	runs int
	out  string
}

// simulate plays all chapters, reports and draws them.
func simulate(s settings, out, progress io.Writer) error {
	began := time.Now()
	all, err := chapters()
	if err != nil {
		return err
	}
	for i := range all {
		for j := range all[i].scenes {
			scene := &all[i].scenes[j]
			_, _ = fmt.Fprintf(progress, "\r\033[K%s: %s ", all[i].title, scene.name)
			runs := s.runs
			switch {
			case !all[i].null:
				runs = max(10, s.runs/10)
			case scene.same:
				runs = max(10, s.runs/4)
			}
			scene.came = scene.play(runs, s.seed+uint64(100*i+j))
		}
	}
	_, _ = fmt.Fprint(progress, "\r\033[K")
	if err := os.MkdirAll(s.out, 0o750); err != nil {
		return err
	}
	file, err := os.Create(filepath.Join(s.out, "report.txt"))
	if err != nil {
		return err
	}
	failed := report(io.MultiWriter(out, file), all)
	if err := errors.Join(file.Close(), draw(s.out, all)); err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "\nplayed in %s; the report and the charts are in %s\n", time.Since(began).Round(time.Second), s.out)
	return errors.Join(failed, err)
}
