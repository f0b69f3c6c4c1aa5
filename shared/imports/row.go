package imports

import (
	"strings"
	"time"
	"unicode/utf8"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/signal"
	"github.com/handoff-oss/handoff/shared/tabular"
)

// Bounds of one row, which are those of webhooks, so that an item stays small.
const (
	longestValue = 2 << 10  // bytes of a cell that is imported
	longestID    = 200      // bytes of an id
	longestAll   = 16 << 10 // bytes of all that is imported of a row
	earliest     = 2000     // the first year that a date is believed of
)

// Mapper makes signals of the rows of one import.
type Mapper struct {
	plan    Plan
	id      string
	started time.Time
}

// NewMapper prepares the plan of an import that began at a time. Kind: Invalid,
// as Plan.Check.
func NewMapper(p Plan, started time.Time) (*Mapper, error) {
	if err := p.Check(); err != nil {
		return nil, err
	}
	id, err := p.ID()
	return &Mapper{plan: p, id: id, started: started.UTC().Truncate(time.Millisecond)}, err
}

// Signal makes a signal of a row, or says what is wrong with it: one problem
// for each cell that has one. The same row gives the same signal whenever it
// comes. Of two rows about one person without dates the later one wins: it is
// as many microseconds later as its number says.
func (m *Mapper) Signal(row tabular.Row) (signal.Signal, []Problem) {
	at := m.started.Add(time.Duration(row.Number) * time.Microsecond)
	d := &draft{line: row.Line, signal: signal.Signal{
		Source: m.plan.Source, ID: signalID(m.id, row.Number), Type: signal.ContactCreated, OccurredAt: at, ReceivedAt: at, Quiet: true,
	}}
	if row.Wrong != "" {
		d.problem("", row.Wrong, row.Do)
		return signal.Signal{}, d.problems
	}
	if !m.shape(row, d) {
		return signal.Signal{}, d.problems
	}
	size := 0
	for i, t := range m.plan.Targets {
		if t == Ignored {
			continue
		}
		value := strings.TrimSpace(tabular.Raw(row.Cells[i]))
		size += len(value)
		if value != "" && d.sound(m.plan.Header[i], value) {
			d.set(m.plan.Header[i], t, value)
		}
	}
	d.finish()
	if size > longestAll {
		d.problem("", "the row has more than 16 KB of text", "leave out columns that are not needed")
	}
	if len(d.problems) > 0 {
		return signal.Signal{}, d.problems
	}
	return d.signal, nil
}

// shape tells whether the row has a cell for each column and nothing beside.
func (m *Mapper) shape(row tabular.Row, d *draft) bool {
	beside := ""
	if len(row.Cells) > len(m.plan.Header) {
		beside = strings.Join(row.Cells[len(m.plan.Header):], "")
	}
	if len(row.Cells) < len(m.plan.Header) || strings.TrimSpace(beside) != "" {
		d.problem("", "the row has another number of cells than the header",
			"put cells that hold the delimiter or an end of line into quotation marks, and write empty cells too")
		return false
	}
	return true
}

// draft is a signal in the making.
type draft struct {
	line     int
	signal   signal.Signal
	name     string
	problems []Problem
}

func (d *draft) problem(column, what, do string) {
	d.problems = append(d.problems, Problem{Line: d.line, Column: column, What: what, Do: do})
}

// sound tells whether a cell is text of a size that can be kept.
func (d *draft) sound(column, value string) bool {
	switch {
	case len(value) > longestValue:
		d.problem(column, "the text is longer than 2,048 bytes", "shorten it, or do not import the column")
	case !utf8.ValidString(value) || strings.ContainsRune(value, 0) || strings.ContainsRune(value, utf8.RuneError):
		d.problem(column, "the text holds characters that cannot be read", "save the file as UTF-8 and import it again")
	default:
		return true
	}
	return false
}

// set puts a value where its target says.
func (d *draft) set(column string, t Target, value string) {
	s := &d.signal
	switch t { //nolint:exhaustive // All others are fields and attributes.
	case Email:
		if signal.NormalizeEmail(value) == "" {
			d.problem(column, "this is not one e-mail address", "correct it, or empty the cell if another id names the person")
			return
		}
		s.Identity.Email = value
		d.put(signal.FieldEmail, value)
	case ContactID:
		d.id(column, value, &s.Identity.ContactID)
	case UserID:
		d.id(column, value, &s.Identity.UserID)
	case AnonymousID:
		d.id(column, value, &s.Identity.AnonymousID)
	case FullName:
		d.name = value
	case OccurredAt, OccurredDMY, OccurredMDY:
		d.occurred(column, t, value)
	default:
		if name, ok := strings.CutPrefix(string(t), attrPrefix); ok {
			d.attribute(column, name, value)
			return
		}
		d.put(strings.TrimPrefix(string(t), fieldPrefix), value)
	}
}

// attribute keeps what a cell says beside the profile. What it says of consent
// has to be one of the two words that count: a list's own words, such as yes
// under "Opted out", might be taken for the contrary.
func (d *draft) attribute(column, name, value string) {
	if strings.HasPrefix(name, signal.AttrConsent) {
		if value = strings.ToLower(value); value != signal.ConsentYes && value != signal.ConsentNo {
			d.problem(column, "this is neither given nor withdrawn",
				"write given where the person agreed and withdrawn where they object, and empty the cell where they said nothing")
			return
		}
	}
	if d.signal.Attributes == nil {
		d.signal.Attributes = map[string]string{}
	}
	d.signal.Attributes[name] = value
}

func (d *draft) put(field, value string) {
	if d.signal.Lead == nil {
		d.signal.Lead = map[string]string{}
	}
	d.signal.Lead[field] = value
	if field == signal.FieldPhone {
		d.signal.Identity.Phone = value
	}
}

func (d *draft) id(column, value string, into *string) {
	if len(value) > longestID || strings.ContainsFunc(value, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		d.problem(column, "the id is longer than 200 bytes or has an end of line in it", "correct it, or do not import the column")
		return
	}
	*into = value
}

// occurred reads when the contact was created. It cannot lie in the future.
func (d *draft) occurred(column string, t Target, value string) {
	at, err := timeOf(t, value)
	switch {
	case err != nil:
		d.problem(column, "the date cannot be read", "write it as 2026-11-30 or 2026-11-30T14:05:00Z, or choose another notation for the column")
	case at.Year() < earliest:
		d.problem(column, "the date lies before the year 2000", "correct it, or empty the cell")
	case at.After(d.signal.ReceivedAt.AddDate(0, 0, 1)):
		d.problem(column, "the date lies in the future", "correct it, or empty the cell; if day and month are mixed up, choose another notation for the column")
	case at.After(d.signal.ReceivedAt): // another time zone
	default:
		d.signal.OccurredAt = at
	}
}

// timeOf reads a time in one of the notations that cannot be mistaken, or in
// the one of two with slashes that the target says. Without a zone it is UTC.
func timeOf(t Target, value string) (time.Time, error) {
	layouts := []string{
		time.RFC3339, "2006-01-02T15:04:05", "2006-01-02 15:04:05Z07:00", "2006-01-02 15:04:05", "2006-01-02 15:04", "2006-01-02T15:04", time.DateOnly, "2006/01/02",
		"2006/01/02 15:04:05", "2006/01/02 15:04", "2.1.2006", "2.1.2006 15:04:05", "2.1.2006 15:04", "2.1.2006, 15:04",
	}
	switch t { //nolint:exhaustive // The others have no notation with slashes.
	case OccurredDMY:
		layouts = append(layouts, "2/1/2006", "2/1/2006 15:04:05", "2/1/2006 15:04")
	case OccurredMDY:
		layouts = append(layouts, "1/2/2006", "1/2/2006 15:04:05", "1/2/2006 15:04", "1/2/2006 3:04 PM", "1/2/2006, 3:04 PM")
	}
	for _, layout := range layouts {
		if at, err := time.Parse(layout, value); err == nil {
			return at.UTC(), nil
		}
	}
	return time.Time{}, fault.New(fault.Invalid, "not a time")
}

// finish splits a whole name where no part of it was given, and asks for
// somebody whom the row is about.
func (d *draft) finish() {
	if lead := d.signal.Lead; d.name != "" && lead[signal.FieldFirstName] == "" && lead[signal.FieldLastName] == "" {
		first, last, _ := strings.Cut(strings.Join(strings.Fields(d.name), " "), " ")
		d.put(signal.FieldFirstName, first)
		if last != "" {
			d.put(signal.FieldLastName, last)
		}
	}
	if len(d.problems) > 0 {
		return
	}
	if _, err := d.signal.LeadKey(); err != nil {
		d.problem("", "the row names nobody", "give it an e-mail address, a contact id, a user id or an anonymous id; a name or a phone number is not enough")
	}
}
