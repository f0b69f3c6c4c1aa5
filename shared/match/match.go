// Package match tells how likely it is that two leads are one person. It
// compares what both say, field by field, and gives a score from 0 to 100 with
// parts that add up exactly to it, each with a reason in words. It knows
// neither leads nor where they are stored, finds no candidates, and decides
// nothing: two people who are known by an address of their own are never made
// one without a person's word.
//
// The method is that of Fellegi and Sunter, "A Theory for Record Linkage",
// Journal of the American Statistical Association 64 (1969): each field adds
// the logarithm of how much more often it agrees in records of one person than
// in those of two, and takes away by the same measure when it differs. Two
// points are about one bit, a doubling of the odds. What many people have in
// common therefore says less: a frequent family name, a mailbox such as info@,
// the telephone number of a reception. The weights are fixed here rather than
// learned, so that the same two leads score the same everywhere and each point
// can be explained; make quality measures what they are worth.
package match

import (
	"fmt"
	"slices"
	"strings"

	"github.com/handoff-oss/handoff/shared/contract"
)

// Person is what a lead says about itself. Everything is "" where it is not
// known, and what is not known is evidence neither for nor against.
type Person struct {
	Given, Family string
	Email         string // in the form that keys are made of, see signal.NormalizeEmail
	RoleAddress   bool   // Email belongs to an office, such as info@, not to a person
	Phone         string // E.164: +493012345678
	SharedPhone   bool   // Phone is that of several people, such as a reception's
	Company       string // as it is written
	Domain        string // the registrable domain of the company, not that of a provider of free mail
	Country       string // ISO 3166-1 alpha-2
	Title         string // as it is written
}

// The kinds of evidence, by which parts are called.
const (
	ByGiven   = "given_name"
	ByFamily  = "family_name"
	ByName    = "name" // given and family name, swapped
	ByEmail   = "email"
	ByPhone   = "phone"
	ByCompany = "company"
	ByCountry = "country"
	ByTitle   = "title"
	ByLimit   = "limit" // what makes the sum of the others 0 or 100 at most
)

const most = 100 // points

// Result is how likely it is that two people are one.
type Result struct {
	Score int // 0 to 100
	// Parts add up to Score. They are named by the constants above, in the order of
	// these, and say in words what agrees and what differs; the words hold names,
	// numbers and addresses.
	Parts []contract.Part
}

// Compare compares two people. It is symmetric, its reasons too; nobody is more
// like a person than the person, and one more thing in which both agree never
// lowers the score.
func Compare(a, b Person) Result {
	c := comparing{a: a, b: b}
	c.names()
	c.mailboxes()
	c.phones()
	c.companies()
	c.countries()
	c.titles()
	sum := 0
	for _, p := range c.parts {
		sum += p.Points
	}
	switch {
	case sum > most:
		c.add(ByLimit, most-sum, "100 is the most")
	case sum < 0:
		c.add(ByLimit, -sum, "0 is the least")
	}
	return Result{Score: min(max(sum, 0), most), Parts: c.parts}
}

// SharedPhone tells whether the two had the same phone, and it was known to be
// that of several people.
func (r Result) SharedPhone() bool {
	return slices.ContainsFunc(r.Parts, func(p contract.Part) bool { return p.Rule == ByPhone && p.Points == pointsSharedPhone })
}

// Grown tells whether the evidence of a pair is more than it was when somebody
// judged it: something agrees that did not, or agrees more, and the score is
// higher. A field that was emptied is no new evidence.
func Grown(was, is Result) bool {
	if is.Score <= was.Score {
		return false
	}
	before := map[string]int{}
	for _, p := range was.Parts {
		before[p.Rule] = max(p.Points, 0)
	}
	for _, p := range is.Parts {
		if p.Rule != ByLimit && p.Points > before[p.Rule] {
			return true
		}
	}
	return false
}

// comparing collects the parts of a comparison.
type comparing struct {
	a, b  Person
	parts []contract.Part
}

func (c *comparing) add(kind string, points int, format string, args ...any) {
	c.parts = append(c.parts, contract.Part{Rule: kind, Points: points, Reason: fmt.Sprintf(format, args...)})
}

// both names two values in an order that does not depend on whose is whose.
func both(a, b string) string {
	if a > b {
		a, b = b, a
	}
	return a + ", " + b
}

const (
	pointsPhone       = 40
	pointsSharedPhone = 4
	pointsCountry     = 2
	otherCountry      = -12
	pointsTitle       = 4
)

// phones compares telephone numbers. People have several, so that another one
// says nothing.
func (c *comparing) phones() {
	a, b := c.a, c.b
	switch {
	case a.Phone == "" || b.Phone == "":
	case a.Phone == b.Phone && (a.SharedPhone || b.SharedPhone):
		c.add(ByPhone, pointsSharedPhone, "the same phone %s, which several people have", a.Phone)
	case a.Phone == b.Phone:
		c.add(ByPhone, pointsPhone, "the same phone %s", a.Phone)
	}
}

func (c *comparing) countries() {
	a, b := strings.ToUpper(c.a.Country), strings.ToUpper(c.b.Country)
	switch {
	case a == "" || b == "":
	case a == b:
		c.add(ByCountry, pointsCountry, "the same country, %s", a)
	default:
		c.add(ByCountry, otherCountry, "the countries differ: %s", both(a, b))
	}
}

// titles compares job titles. People are promoted, so that another one says nothing.
func (c *comparing) titles() {
	a, b := strings.Join(words(c.a.Title), " "), strings.Join(words(c.b.Title), " ")
	if a != "" && a == b {
		c.add(ByTitle, pointsTitle, "the same title, %s", min(c.a.Title, c.b.Title))
	}
}

// Shared tells whether a telephone number is that of several people, from what
// the leads say that have it: when they have the names of three people at
// least. A lead without a name is nobody's sign.
func Shared(people []Person) bool {
	const several = 3
	names := map[string]bool{}
	for _, p := range people {
		if k := NameKey(p.Given, p.Family); k != "" {
			names[k] = true
		}
	}
	return len(names) >= several
}
