package imports

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/signal"
	"github.com/handoff-oss/handoff/shared/tabular"
)

const (
	// HeadSize is how much of the beginning of a file shows what it is.
	HeadSize = 256 << 10
	samples  = 10 // rows that a survey shows
	shown    = 20 // problems that a survey shows
)

// Open reads a whole file once and says what it is: its sum, size and format,
// without source and targets. Kind: Invalid, for what is no text.
func Open(name string, file io.Reader) (Plan, error) {
	var validity tabular.Validity
	sum := sha256.New()
	head := &head{}
	size, err := io.Copy(io.MultiWriter(sum, &validity, head), file)
	if err != nil {
		return Plan{}, fault.Wrap(fault.Unavailable, "read the file", err)
	}
	p := Plan{File: name, Sum: hex.EncodeToString(sum.Sum(nil)), Size: size, Source: Source}
	if validity.Binary(head.bytes) {
		return p, fault.New(fault.Invalid, "%s is no text: save it from your spreadsheet as CSV, with UTF-8 if it asks", name)
	}
	p.Format = tabular.Sniff(head.bytes, validity.UTF8())
	return p, p.Name(tabular.NewHead(head.bytes, p.Format, size <= int64(len(head.bytes))))
}

// Name reads the names of the columns, and guesses what they are. Kind: Invalid.
func (p *Plan) Name(rows *tabular.Reader) error {
	header, err := rows.Header()
	if errors.Is(err, io.EOF) {
		err = fault.New(fault.Invalid, "the header is longer than 256 KB: this is no CSV file with names of columns in its first row")
	}
	if err != nil {
		return err
	}
	if strings.HasPrefix(strings.ToLower(header[0]), "sep=") {
		return fault.New(fault.Invalid, "the first row, %s, is for a spreadsheet and does not name the columns: remove it", header[0])
	}
	for _, name := range header {
		if strings.ContainsRune(name, '\r') {
			return fault.New(fault.Invalid, "the rows end as they did on old Macintosh computers: save the file as CSV with UTF-8")
		}
		if signal.NormalizeEmail(name) != "" {
			return fault.New(fault.Invalid, "the first row has an e-mail address in it, so it does not name the columns: put a row with their names before it")
		}
	}
	p.Header, p.Targets = header, Guess(header, p.Source)
	return nil
}

// head keeps the beginning of what is written to it.
type head struct{ bytes []byte }

// Write never fails.
func (h *head) Write(p []byte) (int, error) {
	if room := HeadSize - len(h.bytes); room > 0 {
		h.bytes = append(h.bytes, p[:min(room, len(p))]...)
	}
	return len(p), nil
}

// Column is what a survey has found in a column.
type Column struct {
	Name   string
	Target Target
	Filled int    // rows with something in it
	Sample string // the first thing in it
}

// Percent is how many of the rows have something in the column.
func (c Column) Percent(rows int) int { return c.Filled * 100 / max(rows, 1) }

// Survey is what an import would do.
type Survey struct {
	Rows, Good int
	Whole      bool // all of the file was looked at
	Columns    []Column
	First      []signal.Signal // the first ones, as they would be stored
	Problems   []Problem       // the first ones
	state      State
}

// Bad is how many rows would be rejected.
func (s Survey) Bad() int { return s.Rows - s.Good }

// Why lists why rows would be rejected.
func (s Survey) Why() []Reason { return s.state.Why() }

// Look surveys at most so many rows behind the header; 0 is all. Nothing is
// stored. whole says that the reader ends where the file does. Kinds: Invalid,
// Unavailable.
func Look(p Plan, now time.Time, rows *tabular.Reader, most int, whole bool) (Survey, error) {
	m, err := NewMapper(p, now)
	if err != nil {
		return Survey{}, err
	}
	s := Survey{Columns: make([]Column, len(p.Header))}
	for i, name := range p.Header {
		s.Columns[i] = Column{Name: name, Target: p.Targets[i]}
	}
	for most == 0 || s.Rows < most {
		row, err := rows.Next()
		if errors.Is(err, io.EOF) {
			s.Whole = whole
			return s, nil
		}
		if err != nil {
			return s, err
		}
		s.add(m, row)
	}
	return s, nil
}

// add looks at one row.
func (s *Survey) add(m *Mapper, row tabular.Row) {
	s.Rows++
	for i := range s.Columns {
		if i >= len(row.Cells) {
			break
		}
		if cell := strings.TrimSpace(row.Cells[i]); cell != "" {
			if s.Columns[i].Filled++; s.Columns[i].Sample == "" {
				s.Columns[i].Sample = tabular.Raw(cell)
			}
		}
	}
	g, problems := m.Signal(row)
	if len(problems) > 0 {
		s.state.reject(problems)
		s.Problems = append(s.Problems, problems[:min(len(problems), shown-min(len(s.Problems), shown))]...)
		return
	}
	if s.Good++; len(s.First) < samples {
		s.First = append(s.First, g)
	}
}

// marks are the columns that a file of rejected rows has before the others.
func marks() []string { return []string{"problem", "what to do", "line"} }

// marked is how many columns of the plan are marks: its file is one of rejected
// rows itself.
func (p Plan) marked() int {
	if len(p.Header) >= len(marks()) && slices.Equal(p.Header[:len(marks())], marks()) {
		return len(marks())
	}
	return 0
}

// RejectedHeader is the header of a file of rejected rows: what is wrong, what
// to do, the line in the file, and the columns as they were. Corrected, it can
// be imported.
func (p Plan) RejectedHeader() []string { return append(marks(), plainAll(p.Header[p.marked():])...) }

// Rejected is a row of such a file.
func (p Plan) Rejected(row tabular.Row, problems []Problem) []string {
	what, do := make([]string, len(problems)), make([]string, len(problems))
	for i, q := range problems {
		what[i], do[i] = q.What, q.Do
		if q.Column != "" {
			what[i] = q.Column + ": " + q.What
		}
	}
	record := []string{tabular.Plain(strings.Join(what, "; ")), tabular.Plain(strings.Join(do, "; ")), strconv.Itoa(row.Line)}
	return append(record, plainAll(row.Cells[min(p.marked(), len(row.Cells)):])...)
}

// plainAll guards cells; those that are guarded already stay as they are.
func plainAll(cells []string) []string {
	all := make([]string, len(cells))
	for i, c := range cells {
		all[i] = tabular.Plain(tabular.Raw(c))
	}
	return all
}
