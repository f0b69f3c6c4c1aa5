// Command quality measures how well people and companies are told apart: it
// invents a season of a company's visitors, with the errors that people make and
// the cases that are hard, lets the real rules make leads of what they do, and
// compares these with the truth, which the rules never see. It prints precision
// and recall of automatic merges, of suggested ones by threshold, and of the
// matching of companies, and draws them.
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
	"strings"
	"time"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/policy"
)

func main() {
	var s settings
	flag.Uint64Var(&s.seed, "seed", 1, "the dice: the same seed invents the same people")
	flag.IntVar(&s.people, "people", 3000, "how many people there are")
	flag.StringVar(&s.out, "out", filepath.Join(".cache", "quality"), "the folder for the report and the picture")
	flag.Usage = usage
	flag.Parse()
	if flag.NArg() > 0 || s.people < 1 {
		usage()
		os.Exit(2)
	}
	if err := measure(s, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "quality:", err)
		os.Exit(1)
	}
}

func usage() {
	fmt.Fprint(os.Stderr, `Usage: make quality, or: go run ./infra/quality [flags]

Invents people and companies with realistic errors, lets the real rules tell
who is who, and prints precision and recall. The exit status is 1 when an
automatic merge is wrong, or when anything is worse than it must be.

`)
	flag.PrintDefaults()
}

// settings are the flags.
type settings struct {
	seed   uint64
	people int
	out    string
}

// measure measures, reports and draws.
func measure(s settings, out io.Writer) error {
	start := time.Now()
	p, err := policy.Decode(policy.Default())
	if err != nil {
		return err
	}
	m, err := measured(s.seed, s.people, p)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(s.out, 0o750); err != nil {
		return err
	}
	text := m.report()
	err = errors.Join(os.WriteFile(filepath.Join(s.out, "report.txt"), []byte(text), 0o600), draw(s.out, m.rates, m.least))
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "%s\nmeasured in %s; the picture is %s\n", text, time.Since(start).Round(10*time.Millisecond), filepath.Join(s.out, "suggestions.png"))
	if short := m.short(); err == nil && len(short) > 0 {
		err = fault.New(fault.Internal, "worse than it must be: %s", strings.Join(short, "; "))
	}
	return err
}
