package tabular

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/handoff-oss/handoff/shared/fault"
)

// Bounds of a table. A row that is longer is reported and left out.
const (
	LongestRow  = 256 << 10 // bytes of text
	MostColumns = 512
)

// Place is how far a table was read. The zero Place is the beginning of the
// file, before the header.
type Place struct {
	Offset int64 `json:"offset"` // bytes of the file, its byte order mark included
	Row    int   `json:"row"`    // rows that were read, the header and blank ones not counted
	Line   int   `json:"line"`   // ends of lines that were passed
	// Skip says that what comes before the next end of a line belongs to a row that was too long.
	Skip bool `json:"skip,omitempty"`
}

// Row is one row of a table. A broken one has no cells, and says in Wrong what
// is wrong and in Do what to do about it.
type Row struct {
	Number    int // 1 is the first after the header
	Line      int // of the file, where the row begins; 1 is the first
	Cells     []string
	Wrong, Do string
	End       Place // behind the row
}

// Reader reads a table row by row, and holds at most LongestRow bytes of it.
type Reader struct {
	in      *bufio.Reader
	cells   *bufio.Reader // for one row at a time
	format  Format
	at      Place
	partial bool // the file goes on behind what is read: a row without an end is left
}

// NewReader reads a table from its beginning.
func NewReader(file io.Reader, f Format) *Reader {
	r := &Reader{format: f}
	mark := make([]byte, f.Mark)
	n, _ := io.ReadFull(file, mark) // what is wrong with the file the first row will say
	r.at.Offset = int64(n)
	r.in = bufferOf(f.Encoding.reader(file))
	return r
}

// NewHead reads the beginning of a file that goes on behind it, if whole is not true.
func NewHead(head []byte, f Format, whole bool) *Reader {
	mark := min(f.Mark, len(head))
	return &Reader{
		format: f, at: Place{Offset: int64(mark)}, partial: !whole,
		in: bufferOf(bytes.NewReader(f.Encoding.text(head[mark:]))),
	}
}

// NewPart reads the rows of a part of a file that begins at a place that a
// reader was at, behind the header. Of one that is not the last, what follows
// the last end of a row is left for the next part.
func NewPart(part []byte, f Format, at Place, last bool) *Reader {
	return &Reader{
		format: f, at: at, partial: !last,
		in: bufferOf(bytes.NewReader(f.Encoding.text(part))),
	}
}

func bufferOf(text io.Reader) *bufio.Reader { return bufio.NewReaderSize(text, LongestRow) }

// Place is where the reader is: behind the last row that it returned.
func (r *Reader) Place() Place { return r.at }

// Header reads the first row, the names of the columns, without spaces around
// them. A column without a name is called "column 3". Kind: Invalid, with a
// sentence that says what to do.
func (r *Reader) Header() ([]string, error) {
	row, err := r.Next()
	switch {
	case errors.Is(err, io.EOF):
		return nil, fault.New(fault.Invalid, "the file is empty: the first row has to name the columns")
	case err != nil:
		return nil, err
	case row.Wrong != "":
		return nil, fault.New(fault.Invalid, "the header cannot be read: %s: %s", row.Wrong, row.Do)
	}
	names := row.Cells
	for len(names) > 1 && strings.TrimSpace(names[len(names)-1]) == "" {
		names = names[:len(names)-1]
	}
	known := map[string]int{}
	for i, name := range names {
		name = strings.TrimSpace(strings.ToValidUTF8(name, ""))
		if name == "" {
			name = fmt.Sprintf("column %d", i+1)
		}
		folded := strings.ToLower(name)
		if first, twice := known[folded]; twice {
			return nil, fault.New(fault.Invalid, "columns %d and %d are both called %q: rename or remove one of them", first+1, i+1, name)
		}
		known[folded], names[i] = i, name
	}
	r.at.Row = 0
	return names, nil
}

// Next reads the next row that is not blank. It returns io.EOF at the end, and
// what went wrong with the file itself. Kind: Unavailable.
func (r *Reader) Next() (Row, error) {
	for {
		rest := r.at.Skip // of a row that was too long
		text, row, err := r.cut()
		if err != nil {
			return row, err
		}
		row.Line = r.at.Line + 1
		r.at.Line += bytes.Count(text, []byte("\n"))
		r.at.Offset += r.format.Encoding.size(text)
		blank := rest || row.Wrong == "" && r.parse(text, &row)
		r.at.Skip = r.at.Skip && !bytes.HasSuffix(text, []byte("\n"))
		if _, err := r.in.Discard(len(text)); err != nil {
			return row, fault.Wrap(fault.Unavailable, "read the file", err)
		}
		if blank {
			continue
		}
		r.at.Row++
		row.Number, row.End = r.at.Row, r.at
		return row, nil
	}
}

// cut finds the text of the next row, which stays in the buffer. A row whose
// end is not found is cut after its first line, so that a quotation mark that
// is never closed costs one row and not all that follow.
func (r *Reader) cut() (text []byte, row Row, err error) {
	n := max(r.in.Buffered(), 1)
	for {
		data, err := r.in.Peek(n)
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, row, fault.Wrap(fault.Unavailable, "read the file", err)
		}
		end, quoted := recordEnd(data, r.format.Delimiter[0])
		if r.at.Skip { // the quotation marks of what is skipped mean nothing
			end, quoted = bytes.IndexByte(data, '\n')+1, false
		}
		switch {
		case end > 0:
			return data[:end], row, nil
		case err == nil && n < LongestRow:
			n = min(max(2*n, r.in.Buffered()), LongestRow)
			continue
		case err == nil:
			row.Wrong = fmt.Sprintf("the row is longer than %d KB", LongestRow>>10)
			row.Do = "a quotation mark that opens in it is probably never closed; close it or remove it"
		case len(data) == 0, r.partial:
			return nil, row, io.EOF
		case quoted:
			row.Wrong, row.Do = "a quotation mark opens and is never closed", "close it or remove it"
		default: // the last row, without an end of line
			return data, row, nil
		}
		return r.firstLine(data), row, nil
	}
}

func (r *Reader) firstLine(data []byte) []byte {
	if end := bytes.IndexByte(data, '\n'); end >= 0 {
		return data[:end+1]
	}
	r.at.Skip = true
	return data
}

// recordEnd returns how long the first record is, its end of line included; 0
// when it does not end, and whether a quotation mark is open then.
func recordEnd(data []byte, delimiter byte) (end int, quoted bool) {
	begins := true // a cell
	for i := 0; i < len(data); i++ {
		c := data[i]
		switch {
		case quoted && c == '"' && i+1 < len(data) && data[i+1] == '"':
			i++
		case quoted:
			quoted = c != '"'
		case c == '\n':
			return i + 1, false
		case c == '"':
			quoted = begins
		}
		begins = c == delimiter
	}
	return 0, quoted
}

// parse reads the cells of a row. blank tells that there is nothing in them.
func (r *Reader) parse(text []byte, row *Row) (blank bool) {
	if len(bytes.TrimSpace(text)) == 0 {
		return true
	}
	if r.cells == nil {
		r.cells = bufio.NewReader(nil)
	}
	r.cells.Reset(bytes.NewReader(text))
	one := csv.NewReader(r.cells)
	one.Comma, one.FieldsPerRecord = rune(r.format.Delimiter[0]), -1
	cells, err := one.Read()
	switch {
	case errors.Is(err, csv.ErrQuote), errors.Is(err, csv.ErrBareQuote):
		row.Wrong = "a quotation mark stands where none may be"
		row.Do = `put the whole cell into quotation marks, and write each one inside it twice: "5"" pipe"`
		return false
	case err != nil:
		row.Wrong, row.Do = "the row cannot be read as CSV", "write it again from a spreadsheet"
		return false
	case len(cells) > MostColumns:
		row.Wrong, row.Do = fmt.Sprintf("the row has more than %d cells", MostColumns), "leave out columns that are not needed"
		return false
	}
	row.Cells = cells
	for _, c := range cells {
		if strings.TrimSpace(c) != "" {
			return false
		}
	}
	return true
}
