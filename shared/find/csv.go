package find

import (
	"strconv"
	"time"

	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/signal"
	"github.com/handoff-oss/handoff/shared/tabular"
)

// Columns are the headings of a list as CSV. Columns may be added at the end,
// none renamed.
func Columns() []string {
	return []string{
		"key", "first_name", "last_name", "email", "phone", "company", "title", "country", "stage", "source", "form", "campaign", "created_at", "updated_at",
		"fit", "fit_score", "engagement", "lacks", "pool", "holder", "holder_id", "held_since", "next_due_at", "recycled_until",
	}
}

// Record is a row as CSV. No cell begins as a formula does, for whoever opens
// the file in a spreadsheet: see tabular.Plain. Times are RFC 3339 in UTC.
func (r Row) Record() []string {
	l, p := r.Lead, r.Lead.Facts.Values()
	name, rep, since := "", "", time.Time{}
	if h := l.Journey.Holder(); h != nil {
		name, rep, since = h.RepName, h.Rep, h.Since
	}
	_, pool := l.Journey.Whose()
	origin := l.Facts.Origin
	record := []string{
		string(l.Key), p[signal.FieldFirstName], p[signal.FieldLastName], p[signal.FieldEmail], p[signal.FieldPhone], p[signal.FieldCompany],
		p[signal.FieldTitle], p[signal.FieldCountry], string(l.Journey.Stage), origin.Source(), origin.Form.Value, origin.Campaign.Value,
		stamp(l.CreatedAt), stamp(l.UpdatedAt), r.Result.Fit.Grade, strconv.Itoa(r.Result.Fit.Score), strconv.Itoa(r.Result.Engagement.Score),
		r.lacks(), pool, name, rep, stamp(since), stamp(NextDeadline(l.Journey.Clocks)), stamp(l.Journey.RecycledUntil),
	}
	for i := range record {
		record[i] = tabular.Plain(record[i])
	}
	return record
}

// lacks says what a lead that was never handed off lacks.
func (r Row) lacks() string {
	if r.Lead.Journey.Handoff != nil || r.Lead.Journey.Held != nil {
		return ""
	}
	return r.Lack.String()
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// NextDeadline returns the nearest deadline of the running clocks, zero when
// none runs.
func NextDeadline(clocks []lead.Clock) time.Time {
	var next time.Time
	for _, c := range clocks {
		if c.State == lead.Running && (next.IsZero() || c.DueAt.Before(next)) {
			next = c.DueAt
		}
	}
	return next
}
