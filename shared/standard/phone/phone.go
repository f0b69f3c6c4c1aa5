// Package phone reads telephone numbers as people write them and says them in
// E.164, by the numbering plans of libphonenumber. It reads the plans from a
// text that is made from the library (phones.txt, see the test), because the
// library itself decodes all plans whenever a process starts: 8 ms and 7 MB for
// a function that may never see a number. The tests hold both to the same
// answers. The package guesses no region, and does not know leads or policies.
package phone

import (
	"regexp"
	"strings"
	"sync"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Number is a telephone number.
type Number struct {
	E164      string // such as +4930123456
	Region    string // ISO 3166-1 alpha-2 of the numbering plan, "001" for a number of no country
	Extension string // digits; "" for none
}

// Reader reads numbers. It keeps the plans that it needed; it is safe for
// concurrent use.
type Reader struct {
	extension *regexp.Regexp
	plans     sync.Map // *plan by region
	codes     sync.Map // []string of regions by calling code
}

// NewReader returns a reader that has no plan yet.
func NewReader() *Reader {
	return &Reader{extension: regexp.MustCompile(
		`(?i)(?:;ext=|[\s,;./-]*(?:extension|extn|ext|durchwahl|dw|poste|anexo|int|x|#)[\s.:]*)([0-9]{1,7})#?$`)}
}

const (
	mostText   = 100 // bytes of a text that is looked at: no number is longer
	fewest     = 2   // digits of a number within its country
	mostDigits = 17  // the same, the most
	mostCode   = 3   // digits of a calling code
)

// Read reads a number. The region, ISO 3166-1 alpha-2, is that of a number
// without a leading + and calling code; "" for unknown, which such a number
// cannot be read without. When it cannot be read, why says so in words that
// follow "no number, because".
func (r *Reader) Read(text, region string) (n Number, why string) {
	text = strings.TrimSpace(norm.NFKC.String(strings.ToValidUTF8(text, " ")))
	if len(text) > mostText {
		return Number{}, "it is too long to be one"
	}
	text, extension := r.cutExtension(text)
	digits, plus, ok := dialed(text)
	if !ok {
		return Number{}, "it has other characters than a number has"
	}
	var home *plan
	if region != "" {
		home = r.plan(region)
	}
	if home == nil && !plus {
		if region == "" {
			return Number{}, "it has no country code, and no country is known"
		}
		return Number{}, "it has no country code, and the numbering plan of " + region + " is not known"
	}
	code, national, by, why := r.split(digits, plus, home)
	if why != "" {
		return Number{}, why
	}
	if len(national) < fewest || len(national) > mostDigits {
		return Number{}, "it has too few or too many digits"
	}
	of := r.regionOf(code, national)
	if of == "" {
		return Number{}, "there is no such number in the numbering plan of " + by.name()
	}
	return Number{E164: "+" + code + national, Region: of, Extension: extension}, ""
}

// split tells the calling code from the number within its country.
func (r *Reader) split(digits string, plus bool, home *plan) (code, national string, by *plan, why string) {
	code, national, why = r.cutCode(digits, plus, home)
	if why != "" {
		return "", "", nil, why
	}
	by = home
	if code == "" {
		code, national = home.code, digits
	} else if main := r.main(code); home == nil || main.region != home.region {
		by = main
	}
	stripped := by.withoutPrefix(national)
	switch by.length(stripped) {
	case possible, tooLong:
		national = stripped
	case tooShort, localOnly, otherLength:
	}
	return code, national, by, ""
}

// cutCode takes the calling code away from a number that has one: behind a +,
// behind the prefix for calls abroad, or without either where only that makes
// it a number of the region. The code is "" for a number that has none. People
// write a + and the prefix, too: "+0049".
func (r *Reader) cutCode(digits string, plus bool, home *plan) (code, rest, why string) {
	if plus {
		code, rest, why = r.leadingCode(digits)
		if code != "" || home == nil || len(digits) <= fewest {
			return code, rest, why
		}
	}
	if abroad, ok := home.withoutAbroad(digits); ok {
		return r.leadingCode(abroad)
	}
	if code, rest = home.withoutOwnCode(digits); code == "" && plus {
		return "", "", why
	}
	return code, rest, ""
}

// leadingCode takes the calling code away that a number begins with.
func (r *Reader) leadingCode(digits string) (code, rest, why string) {
	if len(digits) <= fewest {
		return "", "", "it has too few digits"
	}
	for n := 1; n <= mostCode; n++ {
		if len(r.regions(digits[:n])) > 0 {
			return digits[:n], digits[n:], ""
		}
	}
	return "", "", "no country has its country code"
}

// regionOf returns the region whose plan has the number, "" for none. Several
// regions may share a calling code.
func (r *Reader) regionOf(code, national string) string {
	regions := r.regions(code)
	for _, region := range regions {
		p := r.planOf(code, region)
		if p.leading != nil && len(regions) > 1 {
			if !p.leading.MatchString(national) {
				continue
			}
			if !p.has(national) {
				return ""
			}
			return region
		}
		if p.has(national) {
			return region
		}
	}
	return ""
}

// cutExtension takes the extension away. What remains must still have digits.
func (r *Reader) cutExtension(text string) (rest, extension string) {
	at := r.extension.FindStringSubmatchIndex(text)
	if at == nil || !strings.ContainsFunc(text[:at[0]], unicode.IsDigit) {
		return text, ""
	}
	return text[:at[0]], text[at[2]:at[3]]
}

// dialed returns the digits of a number, in ASCII, and whether a + stands
// before them. A label may stand before both, such as "Tel.:". It is not ok
// when there is anything but digits and what people put between them.
func dialed(text string) (digits string, plus, ok bool) {
	if start := strings.IndexFunc(text, func(r rune) bool { return r == '+' || r == '(' || unicode.IsDigit(r) }); start > 0 {
		text = text[start:]
	}
	var b strings.Builder
	for _, r := range text {
		switch {
		case unicode.IsDigit(r):
			d, known := digit(r)
			if !known {
				return "", false, false
			}
			b.WriteByte(d)
		case r == '+' && b.Len() == 0:
			plus = true
		case unicode.IsSpace(r), strings.ContainsRune("-‐‑‒–—−/.()[]~\u00ad\u200b\u2060", r):
		default:
			return "", false, false
		}
	}
	return b.String(), plus, b.Len() > 0
}

// digit returns a decimal digit of any script in ASCII. The digits of a script
// stand in order, those of ten in a row beginning with the only one whose
// predecessor is none.
func digit(r rune) (byte, bool) {
	for n := range rune(10) {
		if !unicode.IsDigit(r - n - 1) {
			return byte('0' + n), true
		}
	}
	return 0, false
}
