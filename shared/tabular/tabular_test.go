package tabular_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"pgregory.net/rapid"

	"github.com/handoff-oss/handoff/shared/tabular"
)

// all reads a file from its beginning: its header, its rows, and what is wrong
// with each broken one.
func all(t *testing.T, file []byte) (header []string, rows [][]string, wrong []string) {
	t.Helper()
	var v tabular.Validity
	_, _ = v.Write(file)
	r := tabular.NewReader(bytes.NewReader(file), tabular.Sniff(file, v.UTF8()))
	header, err := r.Header()
	if err != nil {
		t.Fatal(err)
	}
	for {
		row, err := r.Next()
		if errors.Is(err, io.EOF) {
			if at := r.Place(); at.Offset != int64(len(file)) {
				t.Errorf("the end is at %d of %d bytes", at.Offset, len(file))
			}
			return header, rows, wrong
		}
		if err != nil {
			t.Fatal(err)
		}
		if row.Wrong != "" {
			wrong = append(wrong, fmt.Sprintf("%d: %s", row.Line, row.Wrong))
			continue
		}
		rows = append(rows, row.Cells)
	}
}

// fataler is a test of either kind.
type fataler interface{ Fatal(args ...any) }

func encoded(t fataler, e encoding.Encoding, text string) []byte {
	b, err := e.NewEncoder().Bytes([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestFilesAsProgramsWriteThem(t *testing.T) {
	text := "E-Mail;Name\r\nada@engines.example;\"Ada; Gräfin\"\r\nüwe@x.example;\"zwei\r\nZeilen\"\r\n"
	latin := encoded(t, charmap.Windows1252, text)
	wide := func(order unicode.Endianness) []byte { return encoded(t, unicode.UTF16(order, unicode.UseBOM), text) }
	for name, c := range map[string]struct {
		file []byte
		want tabular.Format
	}{
		"UTF-8":                {[]byte(text), tabular.Format{Encoding: tabular.UTF8, Delimiter: ";"}},
		"UTF-8 with a mark":    {[]byte("\ufeff" + text), tabular.Format{Encoding: tabular.UTF8, Delimiter: ";", Mark: 3}},
		"UTF-16 little endian": {wide(unicode.LittleEndian), tabular.Format{Encoding: tabular.UTF16LE, Delimiter: ";", Mark: 2}},
		"UTF-16 big endian":    {wide(unicode.BigEndian), tabular.Format{Encoding: tabular.UTF16BE, Delimiter: ";", Mark: 2}},
		"Windows-1252":         {latin, tabular.Format{Encoding: tabular.Windows1252, Delimiter: ";"}},
		"commas":               {[]byte(strings.ReplaceAll(text, ";", ",")), tabular.Format{Encoding: tabular.UTF8, Delimiter: ","}},
		"tabs":                 {[]byte(strings.ReplaceAll(text, ";", "\t")), tabular.Format{Encoding: tabular.UTF8, Delimiter: "\t"}},
	} {
		t.Run(name, func(t *testing.T) {
			var v tabular.Validity
			for part := range bytes.Lines(c.file) { // characters may be cut apart
				_, _ = v.Write(part[:len(part)/2])
				_, _ = v.Write(part[len(part)/2:])
			}
			got := tabular.Sniff(c.file, v.UTF8())
			if d := cmp.Diff(c.want, got); d != "" {
				t.Fatal(d)
			}
			if v.Binary(c.file) || !got.Known() {
				t.Error("it passes for no text")
			}
			header, rows, wrong := all(t, c.file)
			want := [][]string{{"ada@engines.example", "Ada" + got.Delimiter + " Gräfin"}, {"üwe@x.example", "zwei\nZeilen"}}
			if cmp.Diff([]string{"E-Mail", "Name"}, header)+cmp.Diff(want, rows) != "" || len(wrong) > 0 {
				t.Errorf("%q %q %q", header, rows, wrong)
			}
		})
	}
}

func TestBrokenRowsCostThemselves(t *testing.T) {
	long := strings.Repeat("x", tabular.LongestRow)
	for name, c := range map[string]struct {
		file  string
		rows  int
		wrong []string
	}{
		"a stray mark":                     {"a,b\n1,2\n3,4\" x\n5,6\n", 2, []string{"3: a quotation mark stands where none may be"}},
		"text after a closing mark":        {"a,b\n\"1\"x,2\n3,4\n", 1, []string{"2: a quotation mark stands where none may be"}},
		"never closed":                     {"a,b\n1,\"2\n3,4\n5,6\n", 2, []string{"2: a quotation mark opens and is never closed"}},
		"never closed in a large file":     {"a,b\n1,\"2\n" + strings.Repeat("3,4\n", tabular.LongestRow/4) + "5,6\n", tabular.LongestRow/4 + 1, []string{"2: the row is longer than 256 KB"}},
		"one line that is too long":        {"a,b\n" + long + ",1\n5,6", 1, []string{"2: the row is longer than 256 KB"}},
		"much too long, with marks":        {"a,b\n\"" + long + "\"" + long + "\n5,6", 1, []string{"2: the row is longer than 256 KB"}},
		"too many cells":                   {"a,b\n" + strings.Repeat(",1", 600) + "\n5,6", 1, []string{"2: the row has more than 512 cells"}},
		"blank rows, and no end of a line": {"a,b\n\n,\n \r\n1,2\n3,4", 2, nil},
	} {
		t.Run(name, func(t *testing.T) {
			_, rows, wrong := all(t, []byte(c.file))
			if len(rows) != c.rows || cmp.Diff(c.wrong, wrong) != "" {
				t.Errorf("%d rows, want %d; %q", len(rows), c.rows, wrong)
			}
		})
	}
}

func TestHeaders(t *testing.T) {
	for file, want := range map[string]string{
		"":                      "the file is empty",
		"\n\n":                  "the file is empty",
		"a,b,A\n1,2,3\n":        `columns 1 and 3 are both called "A"`,
		"a,\"b\n1,2\n":          "the header cannot be read",
		" a ,,c,,\n1,2,3,4,5\n": "",
	} {
		f := tabular.Sniff([]byte(file), true)
		header, err := tabular.NewReader(strings.NewReader(file), f).Header()
		if want == "" {
			if d := cmp.Diff([]string{"a", "column 2", "c"}, header); d != "" || err != nil {
				t.Errorf("%q: %s %v", file, d, err)
			}
			continue
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", file, err, want)
		}
	}
}

func TestWhatIsNoText(t *testing.T) {
	for file, want := range map[string]bool{"PK\x03\x04rest": true, "a\x00b": true, "a,b": false, "\xff\xfea\x00": false} {
		var v tabular.Validity
		_, _ = v.Write([]byte(file))
		if got := v.Binary([]byte(file)); got != want {
			t.Errorf("%q: %v", file, got)
		}
	}
}

// A file gives the same rows at the same places in one go and in parts, however
// it is cut.
func TestPartsAreTheWhole(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`a;b\n([xäß€𝄞"';\n\r]|x;y\n|"x\n";y\n){0,40}`).Draw(t, "text")
		how := rapid.SampledFrom([]tabular.Encoding{tabular.UTF8, tabular.UTF16LE, tabular.UTF16BE, tabular.Windows1252}).Draw(t, "encoding")
		file := inEncoding(t, how, text)
		f := tabular.Format{Encoding: how, Delimiter: ";"}
		whole := tabular.NewReader(bytes.NewReader(file), f)
		if _, err := whole.Header(); err != nil {
			return
		}
		at := whole.Place()
		want := rest(t, whole)
		var got []tabular.Row
		for size := 1; ; {
			end := min(int(at.Offset)+size, len(file))
			part := tabular.NewPart(file[at.Offset:end], f, at, end == len(file))
			some := rest(t, part)
			got = append(got, some...)
			if end == len(file) {
				break
			}
			if part.Place() == at {
				size *= 2 // no row ends in it
			} else {
				size = rapid.IntRange(1, 30).Draw(t, "size")
			}
			at = part.Place()
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Fatalf("%q: %s", text, d)
		}
	})
}

// A line that is too long is one broken row, also where parts cut it.
func TestPartsCutALineThatIsTooLong(t *testing.T) {
	file := []byte("a,b\n1,2\n" + strings.Repeat("x", 3*tabular.LongestRow) + ",3\n4,5\n")
	f := tabular.Format{Encoding: tabular.UTF8, Delimiter: ","}
	whole := tabular.NewReader(bytes.NewReader(file), f)
	if _, err := whole.Header(); err != nil {
		t.Fatal(err)
	}
	at := whole.Place()
	want := rest(t, whole)
	var got []tabular.Row
	for end := 0; end < len(file); {
		end = min(int(at.Offset)+tabular.LongestRow*3/2, len(file))
		part := tabular.NewPart(file[at.Offset:end], f, at, end == len(file))
		got = append(got, rest(t, part)...)
		at = part.Place()
	}
	if d := cmp.Diff(want, got); d != "" || len(got) != 3 {
		t.Errorf("%d rows: %s", len(got), d)
	}
}

// inEncoding writes a text in an encoding, without a byte order mark.
func inEncoding(t *rapid.T, how tabular.Encoding, text string) []byte {
	switch how {
	case tabular.UTF16LE:
		return encoded(t, unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM), text)
	case tabular.UTF16BE:
		return encoded(t, unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM), text)
	case tabular.Windows1252:
		return encoded(t, charmap.Windows1252, strings.ReplaceAll(text, "𝄞", "x"))
	case tabular.UTF8:
	}
	return []byte(text)
}

func rest(t fataler, r *tabular.Reader) []tabular.Row {
	var rows []tabular.Row
	for {
		row, err := r.Next()
		if errors.Is(err, io.EOF) {
			return rows
		}
		if err != nil {
			t.Fatal(err)
		}
		rows = append(rows, row)
	}
}

func TestPlain(t *testing.T) {
	for cell, want := range map[string]string{
		"": "", "Ada": "Ada", "=1+1": "'=1+1", "+49 151 5551234": "'+49 151 5551234", "@sum": "'@sum", "-5": "-5", "-0.25": "-0.25", "-5+cmd": "'-5+cmd",
		"-": "'-", "\t=1": "'\t=1", "＝1": "'＝1", "'=1": "''=1", "'": "'", "'tis": "'tis", "a=b": "a=b",
	} {
		if got := tabular.Plain(cell); got != want {
			t.Errorf("%q becomes %q, want %q", cell, got, want)
		}
	}
}

// Whatever stands in a cell comes back, and is no formula on the way.
func TestRawUndoesPlain(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cell := rapid.StringMatching(`'{0,3}[-=+@＝a0-9\t]{0,3}.?`).Draw(t, "cell")
		safe := tabular.Plain(cell)
		if got := tabular.Raw(safe); got != cell {
			t.Fatalf("%q comes back as %q by %q", cell, got, safe)
		}
	})
}

func FuzzReader(f *testing.F) {
	for _, seed := range []string{"a,b\n1,2\n", "a;b\r\n\"x\n\";\"y\"\"\"\r\n", "\xff\xfea\x00\n\x00", "a\tb\n\"", "\xef\xbb\xbfa,b\n\xe4,1"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		var v tabular.Validity
		_, _ = v.Write(file)
		r := tabular.NewReader(bytes.NewReader(file), tabular.Sniff(file, v.UTF8()))
		if _, err := r.Header(); err != nil {
			return
		}
		for at := r.Place(); ; {
			row, err := r.Next()
			if errors.Is(err, io.EOF) {
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if row.End.Offset <= at.Offset || row.End.Row != at.Row+1 || (row.Wrong == "") != (row.Cells != nil) || (row.Wrong == "") != (row.Do == "") {
				t.Fatalf("%+v behind %+v", row, at)
			}
			at = row.End
		}
	})
}

func ExampleReader() {
	file := "Email;Phone\nada@engines.example;+44 20 7946 0958\n"
	r := tabular.NewReader(strings.NewReader(file), tabular.Sniff([]byte(file), true))
	header, _ := r.Header()
	row, _ := r.Next()
	fmt.Println(header, row.Line, row.Cells)
	// Output: [Email Phone] 2 [ada@engines.example +44 20 7946 0958]
}
