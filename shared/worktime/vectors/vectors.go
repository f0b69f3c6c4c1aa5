// Package vectors holds business time against tables of answers that somebody
// else worked out: ours, testdata/vectors.csv of package worktime, and any of
// the same form. The calendars that a table may name are described in
// testdata/vectors.md. It is a tool for tests and operators, which no function
// links, and knows no policy of any company.
package vectors

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/worktime"
)

// Difference is a row whose answer is not ours.
type Difference struct {
	File           string
	Line           int // from 1
	Calendar, Zone string
	Question       string // for example add_seconds(1777904199, 3600)
	Got, Want      string // Unix seconds with the local time, or seconds
}

// String is file:line: and what differs, on one line.
func (d Difference) String() string {
	return fmt.Sprintf("%s:%d: %s in %s: %s is %s here, %s there", d.File, d.Line, d.Calendar, d.Zone, d.Question, d.Got, d.Want)
}

// Report is what came of one table.
type Report struct {
	Rows        int // that were compared
	Differences []Difference
}

// Compare reads a CSV table with the columns tz, calendar, op, start_epoch, arg
// and want, in any order and among any others, and answers each row by itself:
//
//   - add_seconds: the Unix second at which arg seconds of open time after
//     start_epoch are used up
//   - first_after: the first open second at or after start_epoch
//   - between: how many seconds of open time lie between start_epoch and the
//     Unix second arg
//
// The file's name stands in messages alone. Rows that cannot be read are left
// out, and reported together by file and line. Kind: Invalid.
func Compare(file string, text io.Reader) (Report, error) {
	t := table{file: file, csv: csv.NewReader(text), calendars: map[[2]string]*worktime.Calendar{}}
	if err := t.header(); err != nil {
		return Report{}, err
	}
	var report Report
	var faults []error
	for {
		fields, err := t.csv.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		line, _ := t.csv.FieldPos(0)
		if err != nil {
			// The reader names the line. What follows may be read wrong.
			faults = append(faults, fault.Wrap(fault.Invalid, file, err))
			break
		}
		d, err := t.row(fields)
		if err != nil {
			faults = append(faults, fault.Wrap(fault.Invalid, fmt.Sprintf("%s:%d", file, line), err))
			continue
		}
		report.Rows++
		if d.Got != d.Want {
			d.File, d.Line = file, line
			report.Differences = append(report.Differences, d)
		}
	}
	if len(faults) == 0 && report.Rows == 0 {
		faults = append(faults, fault.New(fault.Invalid, "%s: there are no rows", file))
	}
	return report, errors.Join(faults...)
}

// table reads the rows of one file.
type table struct {
	file      string
	csv       *csv.Reader
	columns   map[string]int
	calendars map[[2]string]*worktime.Calendar // by name and zone
}

func (t *table) header() error {
	names, err := t.csv.Read()
	if err != nil {
		return fault.New(fault.Invalid, "%s:1: cannot read the header: %v", t.file, err)
	}
	t.columns = map[string]int{}
	for i, name := range names {
		t.columns[strings.TrimPrefix(name, "\ufeff")] = i
	}
	var missing []string
	for _, name := range []string{"tz", "calendar", "op", "start_epoch", "arg", "want"} {
		if _, ok := t.columns[name]; !ok {
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 {
		return fault.New(fault.Invalid, "%s:1: the header lacks %s", t.file, strings.Join(missing, ", "))
	}
	return nil
}

func (t *table) row(fields []string) (Difference, error) {
	field := func(name string) string { return fields[t.columns[name]] }
	d := Difference{Calendar: field("calendar"), Zone: field("tz")}
	c, zone, err := t.calendar(d.Calendar, d.Zone)
	if err != nil {
		return d, err
	}
	numbers := map[string]int64{}
	for _, name := range []string{"start_epoch", "arg", "want"} {
		if name == "arg" && field("op") == "first_after" {
			continue
		}
		if numbers[name], err = strconv.ParseInt(field(name), 10, 64); err != nil {
			return d, fault.New(fault.Invalid, "%s: %q is not a whole number", name, field(name))
		}
	}
	if err := reaches(field("op"), numbers); err != nil {
		return d, err
	}
	start, arg := time.Unix(numbers["start_epoch"], 0), numbers["arg"]
	d.Question = fmt.Sprintf("%s(%d, %s)", field("op"), start.Unix(), field("arg"))
	instant := func(t time.Time) string {
		return fmt.Sprintf("%d (%s)", t.Unix(), t.In(zone).Format("Mon 2006-01-02 15:04:05"))
	}
	d.Want = instant(time.Unix(numbers["want"], 0))
	switch field("op") {
	case "add_seconds":
		d.Got = instant(c.Add(start, time.Duration(arg)*time.Second))
	case "first_after":
		d.Question = fmt.Sprintf("first_after(%d)", start.Unix())
		d.Got = instant(c.NextOpen(start))
	case "between":
		d.Got = strconv.FormatInt(int64(c.Elapsed(start, time.Unix(arg, 0))/time.Second), 10) + " s"
		d.Want = strconv.FormatInt(numbers["want"], 10) + " s"
	}
	return d, nil
}

// reaches refuses operations that are unknown, and numbers that are beyond the
// years in which the calendars' holidays are known.
func reaches(op string, numbers map[string]int64) error {
	if !slices.Contains([]string{"add_seconds", "first_after", "between"}, op) {
		return fault.New(fault.Invalid, "op: unknown operation %q; it is add_seconds, first_after or between", op)
	}
	const years = (lastYear - firstYear) * 366 * 24 * 60 * 60
	if !covers(time.Unix(numbers["start_epoch"], 0)) || op == "between" && !covers(time.Unix(numbers["arg"], 0)) {
		return fault.New(fault.Invalid, "the holidays are known after %d and before %d alone", firstYear, lastYear)
	}
	if op == "add_seconds" && (numbers["arg"] < 0 || numbers["arg"] > years) {
		return fault.New(fault.Invalid, "arg: %d seconds are out of reach", numbers["arg"])
	}
	return nil
}

func (t *table) calendar(name, tz string) (*worktime.Calendar, *time.Location, error) {
	zone, err := time.LoadLocation(tz)
	if err != nil || tz == "" || tz == "Local" {
		return nil, nil, fault.New(fault.Invalid, "tz: %q is not an IANA time zone", tz)
	}
	key := [2]string{name, tz}
	if c, ok := t.calendars[key]; ok {
		return c, zone, nil
	}
	c, err := calendar(name, tz)
	if err != nil {
		return nil, nil, fault.Wrap(fault.Invalid, "calendar", err)
	}
	t.calendars[key] = c
	return c, zone, nil
}
