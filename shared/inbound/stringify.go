package inbound

import (
	"encoding/json"
	"fmt"
	"math"
	"sort"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/handoff-oss/handoff/shared/fault"
)

// stringify returns what JSON.stringify(JSON.parse(raw)) gives in JavaScript
// (ECMA-262, 25.5): numbers in their shortest form, strings escaped only where
// needed, the last of repeated keys at the place of the first, and keys that
// are array indexes first, in order. Senders that sign one part of a body sign
// that.
func stringify(raw []byte) ([]byte, error) {
	if !json.Valid(raw) {
		return nil, fault.New(fault.Invalid, "not JSON")
	}
	p := jsParser{in: raw}
	return p.value(make([]byte, 0, len(raw))), nil
}

// jsParser walks over JSON that is known to be valid.
type jsParser struct {
	in []byte
	i  int
}

func (p *jsParser) space() {
	for p.i < len(p.in) && strings.IndexByte(" \t\r\n", p.in[p.i]) >= 0 {
		p.i++
	}
}

// value appends the value at the position to out.
func (p *jsParser) value(out []byte) []byte {
	p.space()
	switch p.in[p.i] {
	case '{':
		return p.object(out)
	case '[':
		return p.array(out)
	case '"':
		return append(out, p.str()...)
	}
	start := p.i
	for p.i < len(p.in) && strings.IndexByte(" \t\r\n,]}", p.in[p.i]) < 0 {
		p.i++
	}
	word := string(p.in[start:p.i])
	switch word {
	case "true", "false", "null":
		return append(out, word...)
	}
	return append(out, jsNumber(word)...)
}

func (p *jsParser) array(out []byte) []byte {
	p.i++
	out = append(out, '[')
	for n := 0; ; n++ {
		p.space()
		switch p.in[p.i] {
		case ']':
			p.i++
			return append(out, ']')
		case ',':
			p.i++
		}
		if n > 0 {
			out = append(out, ',')
		}
		out = p.value(out)
	}
}

type jsMember struct {
	key   string // as a JSON string
	value []byte
	index int64 // as an array index, or -1
}

func (p *jsParser) object(out []byte) []byte {
	p.i++
	var members []jsMember
	place := map[string]int{}
	for {
		p.space()
		switch p.in[p.i] {
		case '}':
			p.i++
			return appendMembers(out, members)
		case ',':
			p.i++
			p.space()
		}
		key := p.str()
		p.space()
		p.i++ // the colon
		m := jsMember{key: key, value: p.value(nil), index: arrayIndex(key)}
		if at, repeated := place[key]; repeated {
			members[at] = m
			continue
		}
		place[key] = len(members)
		members = append(members, m)
	}
}

func appendMembers(out []byte, members []jsMember) []byte {
	sort.SliceStable(members, func(i, j int) bool {
		a, b := members[i].index, members[j].index
		return a >= 0 && (b < 0 || a < b)
	})
	out = append(out, '{')
	for n, m := range members {
		if n > 0 {
			out = append(out, ',')
		}
		out = append(out, m.key...)
		out = append(out, ':')
		out = append(out, m.value...)
	}
	return append(out, '}')
}

// arrayIndex returns the number that a quoted key stands for when it is an
// integer below 2^32-1 in its only form, else -1.
func arrayIndex(quoted string) int64 {
	s := strings.Trim(quoted, `"`)
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 0 || n >= math.MaxUint32 || strconv.FormatInt(n, 10) != s {
		return -1
	}
	return n
}

// jsNumber writes a number as Number.prototype.toString does.
func jsNumber(word string) string {
	f, err := strconv.ParseFloat(word, 64)
	if err != nil || math.IsInf(f, 0) {
		return "null"
	}
	if f == 0 {
		return "0" // also for -0
	}
	if abs := math.Abs(f); abs >= 1e-6 && abs < 1e21 {
		return strconv.FormatFloat(f, 'f', -1, 64)
	}
	s := strconv.FormatFloat(f, 'e', -1, 64)
	return strings.NewReplacer("e-0", "e-", "e+0", "e+").Replace(s)
}

// str reads the string literal at the position and returns it as
// JSON.stringify quotes it.
func (p *jsParser) str() string {
	p.i++ // the opening quote
	out := []byte{'"'}
	for p.in[p.i] != '"' {
		if p.in[p.i] == '\\' {
			out = p.escape(out)
			continue
		}
		r, n := utf8.DecodeRune(p.in[p.i:])
		out = utf8.AppendRune(out, r)
		p.i += n
	}
	p.i++
	return string(append(out, '"'))
}

// escape appends the character behind the backslash at the position.
func (p *jsParser) escape(out []byte) []byte {
	c := p.in[p.i+1]
	if c != 'u' {
		p.i += 2
		return quoteUnit(out, plainEscape(c))
	}
	unit := p.unit()
	if utf16.IsSurrogate(unit) {
		if p.i+1 < len(p.in) && p.in[p.i] == '\\' && p.in[p.i+1] == 'u' {
			back := p.i
			if r := utf16.DecodeRune(unit, p.unit()); r != utf8.RuneError {
				return utf8.AppendRune(out, r)
			}
			p.i = back
		}
		return fmt.Appendf(out, `\u%04x`, unit) // alone: well-formed JSON.stringify escapes it
	}
	return quoteUnit(out, unit)
}

// unit reads \uXXXX at the position.
func (p *jsParser) unit() rune {
	var r rune
	for _, c := range p.in[p.i+2 : p.i+6] {
		r = r<<4 | rune(hexValue(c))
	}
	p.i += 6
	return r
}

func plainEscape(c byte) rune {
	switch c {
	case 'b':
		return '\b'
	case 'f':
		return '\f'
	case 'n':
		return '\n'
	case 'r':
		return '\r'
	case 't':
		return '\t'
	}
	return rune(c) // quote, backslash, slash
}

func quoteUnit(out []byte, r rune) []byte {
	switch r {
	case '"', '\\':
		return append(out, '\\', byte(r))
	case '\b':
		return append(out, `\b`...)
	case '\f':
		return append(out, `\f`...)
	case '\n':
		return append(out, `\n`...)
	case '\r':
		return append(out, `\r`...)
	case '\t':
		return append(out, `\t`...)
	}
	if r < ' ' {
		return fmt.Appendf(out, `\u%04x`, r)
	}
	return utf8.AppendRune(out, r)
}
