package tabular

import (
	"strings"
	"unicode/utf8"
)

// ByteOrder is the mark by which some spreadsheets know UTF-8. A file for them
// begins with it; what a program reads does not.
const ByteOrder = "\ufeff"

// Plain writes a cell so that no spreadsheet takes it for a formula: an
// apostrophe goes in front of what begins with = + - @, their full-width forms,
// a tab or an end of line, as the OWASP page on CSV injection has it. So does a
// telephone number with a +, whose digits a spreadsheet would add up; a
// negative number such as -5 or -0.25 stays a number. Raw takes the apostrophe
// away again.
func Plain(cell string) string {
	if guarded(cell) {
		return "'" + cell
	}
	return cell
}

// Raw returns the cell that Plain was given.
func Raw(cell string) string {
	if rest, ok := strings.CutPrefix(cell, "'"); ok && guarded(rest) {
		return rest
	}
	return cell
}

// guarded tells whether a cell gets an apostrophe: it is a formula, or would
// look like a guarded one.
func guarded(cell string) bool {
	rest := strings.TrimLeft(cell, "'")
	if rest == "" || rest == cell && negative(cell) {
		return false
	}
	first, _ := utf8.DecodeRuneInString(rest)
	return strings.ContainsRune("=+-@\t\r\n＝＋－＠", first)
}

// negative tells whether a cell is a negative decimal number and nothing else.
func negative(cell string) bool {
	digits, ok := strings.CutPrefix(cell, "-")
	whole, fraction, point := strings.Cut(digits, ".")
	only := func(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }
	return ok && only(whole) && (!point || only(fraction))
}
