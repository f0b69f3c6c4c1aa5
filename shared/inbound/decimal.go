package inbound

import (
	"math/big"
	"strings"
)

// maxDigits is how many characters an amount may have.
const maxDigits = 40

// decimal returns an amount as a plain decimal number, with the digits that it
// was sent with, and "" for what is none: 12000.50, -3; 1.2E+6 becomes 1200000.
func decimal(s string) string {
	s = strings.TrimSpace(s)
	if s == "" || len(s) > maxDigits || strings.Trim(s, "0123456789.+-eE") != "" {
		return ""
	}
	if plainDecimal(s) {
		return s
	}
	var exponent string
	if i := strings.IndexAny(s, "eE"); i >= 0 {
		exponent = strings.TrimLeft(s[i+1:], "+-0")
	}
	if len(exponent) > 2 || (len(exponent) == 2 && exponent > "20") {
		return "" // no amount, and long to write down
	}
	r, ok := new(big.Rat).SetString(s)
	if !ok {
		return ""
	}
	out := r.FloatString(maxDigits)
	return strings.TrimSuffix(strings.TrimRight(out, "0"), ".")
}

// plainDecimal reports whether s is digits, perhaps with a sign before and a
// fraction behind.
func plainDecimal(s string) bool {
	whole, fraction, dot := strings.Cut(strings.TrimPrefix(s, "-"), ".")
	digits := func(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }
	return digits(whole) && (!dot || digits(fraction))
}
