package phone

import (
	_ "embed"
	"regexp"
	"slices"
	"strings"

	"github.com/handoff-oss/handoff/shared/standard/sorted"
)

// plans has a line for each calling code, "+44" and its regions, the main one
// first, and one for each region with the fields of plan. It is made from the
// metadata of libphonenumber (Apache License 2.0) as the module
// github.com/nyaruka/phonenumbers carries it.
//
//go:embed phones.txt
var plans string

// nowhere is what the plans name the region of a calling code that belongs to
// no country, such as +800.
const nowhere = "001"

// plan is how numbers are made in one region.
type plan struct {
	region    string
	code      string         // calling code
	abroad    *regexp.Regexp // what is dialed before calling abroad; nil for nothing
	prefix    *regexp.Regexp // what is dialed before a number within the country; nil for nothing
	transform string         // what becomes of a number by its prefix, where that has groups
	leading   *regexp.Regexp // with which numbers begin; nil where that says nothing
	lengths   []string       // of numbers, ascending, as numerals
	local     []string       // of numbers that can be dialed on the spot alone
	shape     *regexp.Regexp // of all numbers
	types     *regexp.Regexp // of numbers that exist
}

// fields is how many fields stand behind the region.
const fields = 9

// plan returns the plan of a region, nil for none.
func (r *Reader) plan(region string) *plan {
	if known, ok := r.plans.Load(region); ok {
		p, _ := known.(*plan)
		return p
	}
	p := read(region)
	r.plans.Store(region, p)
	return p
}

// planOf returns the plan of a region that the plans name for a calling code.
func (r *Reader) planOf(code, region string) *plan {
	if region == nowhere {
		region += "+" + code
	}
	return r.plan(region)
}

// main returns the plan of the main region of a calling code that there is.
func (r *Reader) main(code string) *plan { return r.planOf(code, r.regions(code)[0]) }

// regions lists the regions of a calling code, none when there is no such code.
func (r *Reader) regions(code string) []string {
	if known, ok := r.codes.Load(code); ok {
		all, _ := known.([]string)
		return all
	}
	line, _ := sorted.Find(plans, "+"+code)
	all := strings.Fields(line)
	r.codes.Store(code, all)
	return all
}

func read(region string) *plan {
	line, ok := sorted.Find(plans, region)
	f := strings.Split(line, "\t")
	if !ok || len(f) != fields {
		return nil
	}
	begins := func(pattern string) *regexp.Regexp {
		if pattern == "" {
			return nil
		}
		return regexp.MustCompile("^(?:" + pattern + ")")
	}
	return &plan{
		region: region, code: f[0], abroad: begins(f[1]), prefix: begins(f[2]), transform: f[3], leading: begins(f[4]),
		lengths: strings.Fields(f[5]), local: strings.Fields(f[6]),
		shape: regexp.MustCompile("^(?:" + f[7] + ")$"), types: regexp.MustCompile("^(?:" + f[8] + ")$"),
	}
}

// name is the plan in words.
func (p *plan) name() string {
	if strings.HasPrefix(p.region, nowhere) {
		return "+" + p.code
	}
	return p.region
}

// has tells whether there is such a number.
func (p *plan) has(national string) bool {
	return p.shape.MatchString(national) && p.types.MatchString(national)
}

// fit is how the length of a number fits a plan.
type fit int

const (
	possible fit = iota
	tooShort
	tooLong
	localOnly
	otherLength // between the shortest and the longest, but none of them
)

func (p *plan) length(national string) fit {
	length := func(s string) int {
		n := 0
		for _, c := range []byte(s) {
			n = n*10 + int(c-'0')
		}
		return n
	}
	is := func(s string) bool { return length(s) == len(national) }
	switch {
	case slices.ContainsFunc(p.local, is):
		return localOnly
	case slices.ContainsFunc(p.lengths, is):
		return possible
	case len(p.lengths) == 0 || len(national) < length(p.lengths[0]):
		return tooShort
	case len(national) > length(p.lengths[len(p.lengths)-1]):
		return tooLong
	}
	return otherLength
}

// withoutAbroad takes away what is dialed before calling abroad. No calling
// code begins with 0.
func (p *plan) withoutAbroad(digits string) (string, bool) {
	if p.abroad == nil {
		return digits, false
	}
	at := p.abroad.FindStringIndex(digits)
	if at == nil || strings.HasPrefix(digits[at[1]:], "0") {
		return digits, false
	}
	return digits[at[1]:], true
}

// withoutOwnCode takes the plan's own calling code away where the number is
// none with it, and one without.
func (p *plan) withoutOwnCode(digits string) (code, rest string) {
	rest, ok := strings.CutPrefix(digits, p.code)
	if !ok {
		return "", digits
	}
	rest = p.withoutPrefix(rest)
	if !p.shape.MatchString(digits) && p.shape.MatchString(rest) || p.length(digits) == tooLong {
		return p.code, rest
	}
	return "", digits
}

// withoutPrefix takes away, or transforms, what is dialed before a number
// within the country, unless that makes no number of what was one.
func (p *plan) withoutPrefix(national string) string {
	if p.prefix == nil || national == "" {
		return national
	}
	at := p.prefix.FindStringSubmatchIndex(national)
	if at == nil {
		return national
	}
	rest := national[at[1]:]
	if last := len(at) - 2; p.transform != "" && at[last] >= 0 {
		rest = p.prefix.ReplaceAllString(national, p.transform)
	}
	if p.shape.MatchString(national) && !p.shape.MatchString(rest) {
		return national
	}
	return rest
}
