// Package tabular reads tables as people have them: CSV from a spreadsheet or a
// CRM, in the encoding and with the delimiter that the program at hand chose. It
// finds both out, reads row after row in bounded memory, and can go on from a
// place in the file. It writes cells so that no spreadsheet takes one for a
// formula. It does not know what the columns mean.
package tabular

import (
	"bytes"
	"encoding/binary"
	"io"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// Encoding is how text stands in a file.
type Encoding string

// The encodings that are read.
const (
	UTF8        Encoding = "utf-8"
	UTF16LE     Encoding = "utf-16le"
	UTF16BE     Encoding = "utf-16be"
	Windows1252 Encoding = "windows-1252" // what Western spreadsheets write that know no Unicode
)

// Known tells whether the encoding is one that is read.
func (e Encoding) Known() bool { return e == UTF8 || e == UTF16LE || e == UTF16BE || e == Windows1252 }

// Format is how a table stands in a file.
type Format struct {
	Encoding  Encoding `json:"encoding"`
	Delimiter string   `json:"delimiter"` // one of Delimiters
	Mark      int      `json:"mark"`      // bytes of a byte order mark before the text
}

// Delimiters are what cells may be separated by.
func Delimiters() []string { return []string{",", ";", "\t"} }

// Known tells whether a table of the format can be read.
func (f Format) Known() bool {
	return f.Encoding.Known() && f.Mark >= 0 && f.Mark <= 3 && (f.Delimiter == "," || f.Delimiter == ";" || f.Delimiter == "\t")
}

// Words says the format in plain words.
func (f Format) Words() string {
	text := map[Encoding]string{
		UTF8: "UTF-8", UTF16LE: "UTF-16", UTF16BE: "UTF-16",
		Windows1252: "Windows-1252, since it is not valid UTF-8; check that umlauts and accents look right",
	}[f.Encoding]
	return "cells separated by " + map[string]string{",": "commas", ";": "semicolons", "\t": "tabs"}[f.Delimiter] + ", text in " + text
}

// Sniff finds out how a table stands in a file from its beginning, of which
// some rows are enough. valid tells whether all of the file is UTF-8, as
// Validity finds out; it does not matter to a file that begins with a byte
// order mark.
func Sniff(head []byte, valid bool) Format {
	f := Format{Encoding: Windows1252}
	switch {
	case bytes.HasPrefix(head, []byte("\xef\xbb\xbf")):
		f.Encoding, f.Mark = UTF8, 3
	case bytes.HasPrefix(head, []byte("\xff\xfe")):
		f.Encoding, f.Mark = UTF16LE, 2
	case bytes.HasPrefix(head, []byte("\xfe\xff")):
		f.Encoding, f.Mark = UTF16BE, 2
	case valid:
		f.Encoding = UTF8
	}
	text := f.Encoding.text(head[f.Mark:])
	best := -1
	for _, d := range Delimiters() {
		if score := fits(text, d); score > best {
			f.Delimiter, best = d, score
		}
	}
	return f
}

// sniffed is how many rows Sniff looks at.
const sniffed = 20

// fits says how well a delimiter fits a text: in how many of the first rows it
// makes as many cells as in the header, more than one, and then how many.
func fits(text []byte, delimiter string) int {
	r := NewHead(text, Format{Encoding: UTF8, Delimiter: delimiter}, true) // the last row may be cut off
	header, err := r.Next()
	if err != nil || len(header.Cells) < 2 {
		return 0
	}
	same := 1
	for range sniffed {
		row, err := r.Next()
		if err != nil {
			break
		}
		if len(row.Cells) == len(header.Cells) {
			same++
		}
	}
	return same*MostColumns + min(len(header.Cells), MostColumns-1)
}

// decoder makes UTF-8 of the encoding; nil when it is that already.
func (e Encoding) decoder() *encoding.Decoder {
	switch e {
	case UTF16LE:
		return unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM).NewDecoder()
	case UTF16BE:
		return unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM).NewDecoder()
	case Windows1252:
		return charmap.Windows1252.NewDecoder()
	case UTF8:
	}
	return nil
}

// text decodes what was read of a file. What cannot be decoded becomes U+FFFD.
func (e Encoding) text(source []byte) []byte {
	d := e.decoder()
	if d == nil {
		return source
	}
	if e != Windows1252 {
		source = source[:len(source)/2*2]
	}
	text, err := d.Bytes(source)
	if err != nil {
		return nil // the decoders above replace what they cannot read
	}
	return text
}

// reader decodes a file as it is read.
func (e Encoding) reader(source io.Reader) io.Reader {
	d := e.decoder()
	if d == nil {
		return source
	}
	return transform.NewReader(source, d)
}

// size is how many bytes of the file a decoded text stood in.
func (e Encoding) size(text []byte) int64 {
	switch e {
	case UTF8:
	case Windows1252:
		return int64(utf8.RuneCount(text))
	case UTF16LE, UTF16BE:
		units := 0
		for _, r := range string(text) {
			if units++; r > 0xffff {
				units++
			}
		}
		return int64(2 * units)
	}
	return int64(len(text))
}

// Validity finds out, as an io.Writer, whether what is written to it is UTF-8
// and text at all.
type Validity struct {
	rest   []byte // the beginning of a character
	broken bool
	zero   bool
}

// Write takes the next bytes in. It never fails.
func (v *Validity) Write(p []byte) (int, error) {
	v.zero = v.zero || bytes.IndexByte(p, 0) >= 0
	if v.broken {
		return len(p), nil
	}
	data := p
	if len(v.rest) > 0 {
		data = append(v.rest, p...)
	}
	whole := data
	for back := 1; back <= min(utf8.UTFMax-1, len(data)); back++ {
		if c := data[len(data)-back]; utf8.RuneStart(c) {
			if !utf8.FullRune(data[len(data)-back:]) {
				whole = data[:len(data)-back]
			}
			break
		}
	}
	v.broken = !utf8.Valid(whole)
	v.rest = bytes.Clone(data[len(whole):])
	return len(p), nil
}

// UTF8 tells whether everything that was written is UTF-8.
func (v *Validity) UTF8() bool { return !v.broken && len(v.rest) == 0 }

// Binary tells whether a file that begins so holds no text: a workbook or
// another archive, or zero bytes without the byte order mark of UTF-16.
func (v *Validity) Binary(head []byte) bool {
	if bytes.HasPrefix(head, []byte("PK\x03\x04")) || bytes.HasPrefix(head, []byte("\xd0\xcf\x11\xe0")) {
		return true
	}
	marked := len(head) >= 2 && (binary.BigEndian.Uint16(head) == 0xfeff || binary.BigEndian.Uint16(head) == 0xfffe)
	return v.zero && !marked
}
