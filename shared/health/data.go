package health

import (
	"slices"
	"time"

	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/signal"
	"github.com/handoff-oss/handoff/shared/table"
)

// DataDays is over how many days it is counted which data a source sends, today
// included.
const DataDays = 30

// DataHours is how many hours these have: so many of table.SourceHours are enough
// for Summarize and for DataOf.
const DataHours = DataDays * 24

// Data is how complete the profiles were that a source sent lately: forms, new
// contacts, identified visitors and records that were fetched. A profile that was
// sent twice counts twice.
type Data struct {
	Profiles int64   // how many there were
	Complete int64   // of these, how many had all that sales needs
	Fields   []Field // that the policy asks for at any stage, in its order
	// Uncounted are the fields that it asks for and that not every source has:
	// only in leads can be seen whether they are known. A need that one of them
	// could meet counts as met.
	Uncounted []string
}

// Field counts the profiles that had a field.
type Field struct {
	Name  string
	Count int64
}

// DataOf reads from the latest hours of a source what the policy asks of its leads.
func DataOf(hours []table.SourceHour, needs policy.Needs, now time.Time) Data {
	var d Data
	for _, f := range asked(needs) {
		if slices.Contains(signal.Fields(), f) {
			d.Fields = append(d.Fields, Field{Name: f})
		} else {
			d.Uncounted = append(d.Uncounted, f)
		}
	}
	from := now.UTC().Truncate(24*time.Hour).AddDate(0, 0, 1-DataDays)
	for _, h := range hours {
		if h.Hour.Before(from) {
			continue
		}
		for set, n := range h.Profiles {
			d.add(set, n, needs.HandedOff)
		}
	}
	return d
}

// add counts n profiles that had a set of fields.
func (d *Data) add(set signal.FieldSet, n int64, needs []policy.Need) {
	d.Profiles += n
	if meets(set, needs) {
		d.Complete += n
	}
	for i := range d.Fields {
		if set.Has(d.Fields[i].Name) {
			d.Fields[i].Count += n
		}
	}
}

// asked lists the fields that are asked for, each once; what sales needs comes first.
func asked(n policy.Needs) []string {
	var all []string
	for _, need := range slices.Concat(n.HandedOff, n.Qualified, n.Known) {
		for _, f := range need.Fields() {
			if !slices.Contains(all, f) {
				all = append(all, f)
			}
		}
	}
	return all
}

// meets tells whether a profile has all that is needed, as far as was counted.
func meets(set signal.FieldSet, needs []policy.Need) bool {
	return !slices.ContainsFunc(needs, func(n policy.Need) bool {
		return !n.MetBy(func(f string) bool { return set.Has(f) || !slices.Contains(signal.Fields(), f) })
	})
}

// Share is a count of the profiles in whole percent, rounded down: 100 only when
// it is all of them.
func (d Data) Share(count int64) int {
	if d.Profiles == 0 {
		return 0
	}
	return int(count * 100 / d.Profiles)
}
