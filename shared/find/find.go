// Package find says which leads somebody looks for: what a filter asks, how it
// stands in an address, which leads it matches, and what a list shows of each
// of them. It knows neither tables, nor pages, nor who may see what.
package find

import (
	"cmp"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/signal"
)

// List is which leads a list is made of.
type List string

// The lists.
const (
	All     List = ""        // every lead, by the day it became known
	Waiting List = "waiting" // those that are ready, and that nobody could receive yet
	// Incomplete are those that are ready and lack what sales needs.
	Incomplete List = "incomplete"
	Again      List = "again"  // those that went back to nurture and may qualify again
	Nearly     List = "nearly" // those that nobody has and that are close to qualifying
)

// Filter is what a list is narrowed to. The zero Filter is all leads.
type Filter struct {
	List     List
	Stage    lead.Stage // "" is every stage
	Source   string     // of the lead's first signal, by its name in the policy
	Form     string     // a part of the name of the first one that the lead sent, in any case
	Campaign string     // a part of the name of the first one that a signal names, in any case
	Days     int        // became known in so many days, today being one; 0 for no limit
	From, To time.Time  // became known on these UTC days or between; zero is open
	Fit      string     // the least grade, A to D
	Interest int        // the least engagement, now
	Holder   string     // the id of a rep
	Text     string     // words, each in the name, the company or the address
}

// Bounds of what a filter takes.
const (
	mostDays = 3660
	mostText = 200
)

// Stages lists the stages in the order of the journey, the side exits last.
func Stages() []lead.Stage {
	return []lead.Stage{
		lead.Known, lead.Engaged, lead.Qualified, lead.HandedOff, lead.Accepted, lead.Contacted,
		lead.Meeting, lead.Opportunity, lead.Won, lead.Lost, lead.Recycled, lead.Disqualified,
	}
}

// Parse reads a filter from the query of an address. What it does not know it
// leaves alone. Kind: Invalid, for a *Mistake.
func Parse(q url.Values) (Filter, error) {
	f := Filter{
		List: List(q.Get("list")), Stage: lead.Stage(q.Get("stage")), Source: word(q, "source"), Form: word(q, "form"), Campaign: word(q, "campaign"),
		Fit: q.Get("fit"), Holder: word(q, "holder"), Text: word(q, "q"),
	}
	var err error
	switch {
	case !slices.Contains([]List{All, Waiting, Incomplete, Again, Nearly}, f.List):
		return f, invalid("list", "is waiting, incomplete, again or nearly")
	case f.Stage != "" && !slices.Contains(Stages(), f.Stage):
		return f, fault.Wrap(fault.Invalid, "read the filter", &Mistake{Param: "stage", Detail: "There is no such stage."})
	case f.Fit != "" && !slices.Contains([]string{"A", "B", "C", "D"}, f.Fit):
		return f, invalid("fit", "is A, B, C or D")
	case strings.Contains(f.Holder, "#"):
		return f, invalid("holder", "is the id of a rep")
	}
	if f.Days, err = number(q, "days", mostDays); err != nil {
		return f, err
	}
	if f.Interest, err = number(q, "engagement", 100); err != nil {
		return f, err
	}
	if f.From, err = day(q, "from"); err != nil {
		return f, err
	}
	if f.To, err = day(q, "to"); err == nil && !f.To.IsZero() && f.To.Before(f.From) {
		err = invalid("to", "lies before from")
	}
	return f, err
}

// Mistake is what is wrong with a filter, for whoever wrote it.
type Mistake struct {
	Param  string // of the query
	Detail string // a sentence
}

// Error returns the sentence.
func (m *Mistake) Error() string { return m.Detail }

func invalid(name, wrong string) error {
	return fault.Wrap(fault.Invalid, "read the filter", &Mistake{Param: name, Detail: "The parameter " + name + " " + wrong + "."})
}

func word(q url.Values, name string) string {
	return short(strings.TrimSpace(strings.ToValidUTF8(q.Get(name), "")), mostText)
}

func number(q url.Values, name string, most int) (int, error) {
	s := strings.TrimSpace(q.Get(name))
	if s == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 || n > most {
		return 0, invalid(name, "is a number from 0 to "+strconv.Itoa(most))
	}
	return n, nil
}

func day(q url.Values, name string) (time.Time, error) {
	s := strings.TrimSpace(q.Get(name))
	if s == "" {
		return time.Time{}, nil
	}
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return t, invalid(name, "is a day such as 2026-11-30")
	}
	return t, nil
}

// Query writes the filter as the query of an address, without what is not set.
func (f Filter) Query() url.Values {
	q := url.Values{}
	set := func(name, value string) {
		if value != "" && value != "0" {
			q.Set(name, value)
		}
	}
	set("list", string(f.List))
	set("stage", string(f.Stage))
	set("source", f.Source)
	set("form", f.Form)
	set("campaign", f.Campaign)
	set("days", strconv.Itoa(f.Days))
	if !f.From.IsZero() {
		set("from", f.From.Format(time.DateOnly))
	}
	if !f.To.IsZero() {
		set("to", f.To.Format(time.DateOnly))
	}
	set("fit", f.Fit)
	set("engagement", strconv.Itoa(f.Interest))
	set("holder", f.Holder)
	set("q", f.Text)
	return q
}

// Window returns the UTC days that the filter is about at now, both included;
// a zero one is open.
func (f Filter) Window(now time.Time) (from, to time.Time) {
	from, to = f.From, f.To
	if f.Days > 0 {
		if since := now.UTC().Truncate(24*time.Hour).AddDate(0, 0, 1-f.Days); since.After(from) {
			from = since
		}
	}
	return from, to
}

// Exactly returns the key of the one lead that the text names by its whole
// address or its key; ok is false when the text is neither.
func (f Filter) Exactly() (k signal.LeadKey, ok bool) {
	if k, err := signal.KeyOfEmail(f.Text); err == nil {
		return k, true
	}
	strange := func(c rune) bool { return (c < 'a' || c > 'z') && (c < '2' || c > '7') }
	if len(f.Text) == keyLength && f.Text[0] == '1' && !strings.ContainsFunc(f.Text[1:], strange) {
		return signal.LeadKey(f.Text), true
	}
	return "", false
}

// keyLength is how long a lead's key is; see package signal.
const keyLength = 27

// Scores tells whether the filter asks for scores, which take an evaluation.
func (f Filter) Scores() bool { return f.Fit != "" || f.Interest > 0 }

// Loose tells whether leads have to be read to know whether they match: an
// index does not tell.
func (f Filter) Loose() bool { return f.Scores() || f.Text != "" }

// Match tells whether the filter matches a lead at now, but for its scores.
func (f Filter) Match(l *lead.Lead, now time.Time) bool {
	origin, rep := l.Facts.Origin, ""
	if h := l.Journey.Holder(); h != nil {
		rep = h.Rep
	}
	from, to := f.Window(now)
	known := l.CreatedAt.UTC().Truncate(24 * time.Hour)
	switch {
	case f.Stage != "" && l.Journey.Stage != f.Stage,
		f.Source != "" && Term(origin.Source()) != Term(f.Source),
		!strings.Contains(Term(origin.Form.Value), Term(f.Form)),
		!strings.Contains(Term(origin.Campaign.Value), Term(f.Campaign)),
		f.Holder != "" && rep != f.Holder,
		known.Before(from), !to.IsZero() && known.After(to):
		return false
	}
	return f.inList(l.Journey, now) && f.inText(l)
}

func (f Filter) inList(j lead.Journey, now time.Time) bool {
	switch f.List {
	case Waiting:
		return j.Held != nil
	case Incomplete:
		return j.Incomplete != nil
	case Again:
		return j.Stage == lead.Recycled && !now.Before(j.RecycledUntil)
	case Nearly:
		return !j.NearSince.IsZero()
	case All:
	}
	return true
}

// inText tells whether each word of the text stands in the lead's name,
// company or address, or the text is its key.
func (f Filter) inText(l *lead.Lead) bool {
	if f.Text == "" || f.Text == string(l.Key) {
		return true
	}
	p := l.Facts.Profile
	in := fold(strings.Join([]string{
		p[signal.FieldFirstName].Value, p[signal.FieldLastName].Value, p["name"].Value, p[signal.FieldCompany].Value, p[signal.FieldEmail].Value,
	}, "\n"))
	for _, w := range strings.Fields(fold(f.Text)) {
		if !strings.Contains(in, w) {
			return false
		}
	}
	return true
}

// Term is how a source, a form or a campaign stands in an index, to be compared
// in any case: in small letters, with single spaces, and not too long.
func Term(s string) string {
	const most = 100
	return short(strings.Join(strings.Fields(strings.ToLower(s)), " "), most)
}

// fold writes text in small letters without accents.
func fold(s string) string {
	return strings.ToLower(strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, norm.NFKD.String(s)))
}

// short cuts text to at most n bytes of whole characters.
func short(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.TrimSpace(strings.ToValidUTF8(s[:n], ""))
}

// Name joins the parts of a lead's name, "" when none is known.
func Name(profile map[string]string) string {
	full := strings.TrimSpace(profile[signal.FieldFirstName] + " " + profile[signal.FieldLastName])
	return cmp.Or(full, profile["name"])
}
