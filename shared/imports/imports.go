// Package imports turns the rows of a table into signals: it guesses what the
// columns mean and says so, checks every row, and carries an import out so that
// it can be interrupted at any moment and goes on where it was, storing nothing
// twice. What is imported is history: its signals are quiet. The package knows
// neither where signals are stored, nor where a file comes from.
package imports

import (
	"cmp"
	"crypto/sha256"
	"encoding/base32"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/tabular"
)

// Source is the source of imported signals, unless an import is of one of the
// policy's sources. A policy that has a source of this name gives it a rank.
const Source = "import"

// Plan says how a file is imported. It does not change once the import has begun.
type Plan struct {
	File    string         `json:"file"` // its name, for people
	Sum     string         `json:"sum"`  // SHA-256 of the file, in hex
	Size    int64          `json:"size"`
	Again   string         `json:"again,omitempty"` // any word that makes another import of the same file and mapping
	Source  string         `json:"source"`          // Source, or one of the policy's sources, whose rank and contact ids then count
	Format  tabular.Format `json:"format"`
	Header  []string       `json:"header"`
	Targets []Target       `json:"targets"` // what each column is
}

// ID names the import: the same file, with the same mapping, of the same source.
// It is the beginning of the ids of its signals.
func (p Plan) ID() (string, error) {
	p.File = ""
	b, err := json.Marshal(p)
	if err != nil {
		return "", fault.Wrap(fault.Internal, "name an import", err)
	}
	sum := sha256.Sum256(b)
	return strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(sum[:10])), nil
}

// Check tells whether the plan can be carried out. Kind: Invalid, with a
// sentence that says what to do.
func (p Plan) Check() error {
	hex := len(p.Sum) == sha256.Size*2 && strings.Trim(p.Sum, "0123456789abcdef") == ""
	switch {
	case !hex || p.Size <= 0 || !p.Format.Known() || p.Source == "" || len(p.File) > 255 || len(p.Again) > 64:
		return fault.New(fault.Invalid, "the import is described incompletely: choose the file again")
	case len(p.Header) == 0 || len(p.Header) > tabular.MostColumns || len(p.Header) != len(p.Targets):
		return fault.New(fault.Invalid, "the mapping has %d columns, the file %d: choose the file again", len(p.Targets), len(p.Header))
	}
	first := map[Target]int{}
	names := false
	for i, t := range p.Targets {
		if !t.Known() {
			return fault.New(fault.Invalid, "column %q: there is no field %q; choose one of the list, field.NAME or attr.NAME", p.Header[i], t)
		}
		if t == Ignored {
			continue
		}
		if was, twice := first[t.kind()]; twice {
			return fault.New(fault.Invalid, "columns %q and %q are both %s: leave one of them out", p.Header[was], p.Header[i], t.Label())
		}
		first[t.kind()] = i
		names = names || slices.Contains(identities(), t)
	}
	if !names {
		return fault.New(fault.Invalid, "no column names a person: say which one is the e-mail address, the contact id, the user id or the anonymous id")
	}
	return nil
}

// State is how far an import has come.
type State struct {
	Plan
	By        string         `json:"by,omitempty"` // the name of who began it
	StartedAt time.Time      `json:"started_at"`   // never changes: rows without a time of their own are of then
	UpdatedAt time.Time      `json:"updated_at"`
	Begin     tabular.Place  `json:"begin"`             // behind the header
	At        tabular.Place  `json:"at"`                // everything before is stored or rejected
	Stored    int            `json:"stored"`            // rows that became signals
	Rejected  int            `json:"rejected"`          // rows that did not
	Reasons   map[string]int `json:"reasons,omitempty"` // rejected rows, by what is wrong with them
	Done      bool           `json:"done,omitempty"`
}

// Start is the state of an import that begins, with the place behind the header.
func Start(p Plan, begin tabular.Place, by string, now time.Time) State {
	now = now.UTC().Truncate(time.Millisecond)
	begin.Row = 0
	return State{Plan: p, By: by, StartedAt: now, UpdatedAt: now, Begin: begin, At: begin}
}

// Percent is how much of the file was read, 0 to 100.
func (s State) Percent() int {
	if s.Done {
		return 100
	}
	return int(min(s.At.Offset*100/max(s.Size, 1), 99))
}

// Why lists why rows were rejected, the most frequent reason first.
func (s State) Why() []Reason {
	all := make([]Reason, 0, len(s.Reasons))
	for what, rows := range s.Reasons {
		all = append(all, Reason{what, rows})
	}
	slices.SortFunc(all, func(a, b Reason) int {
		return cmp.Or(cmp.Compare(b.Rows, a.Rows), cmp.Compare(a.What, b.What))
	})
	return all
}

// Reason is why some rows were rejected.
type Reason struct {
	What string `json:"what"`
	Rows int    `json:"rows"`
}

// mostReasons bounds how many reasons a state tells apart.
const mostReasons = 40

// reject counts a row that is left out.
func (s *State) reject(problems []Problem) {
	s.Rejected++
	what := problems[0].What
	if problems[0].Column != "" {
		what = problems[0].Column + ": " + what
	}
	s.Reasons = maps.Clone(s.Reasons) // a state that was handed out stays as it is
	if s.Reasons == nil {
		s.Reasons = map[string]int{}
	}
	if _, known := s.Reasons[what]; !known && len(s.Reasons) >= mostReasons {
		what = "other problems"
	}
	s.Reasons[what]++
}

// Problem is what is wrong with a row, and what to do about it. It quotes
// nothing from the row.
type Problem struct {
	Line   int    `json:"line"`
	Column string `json:"column,omitempty"` // "" when it is the whole row
	What   string `json:"what"`
	Do     string `json:"do"`
}

// String is the problem as one sentence.
func (p Problem) String() string {
	where := ""
	if p.Column != "" {
		where = p.Column + ": "
	}
	return where + p.What + ": " + p.Do
}

// signalID names the signal of a row. The file is part of the import's name, so
// that the number stands for the row's content.
func signalID(importID string, row int) string {
	return "import." + importID + "." + strconv.Itoa(row)
}
