// Package view is what several pages show of a lead in the same words: its
// clocks, its way to a holder, its stage, and what a person in charge may order
// about it. It is also their JSON, whose fields may be added and are never
// renamed. It does not know which page shows what, and reads nothing.
package view

import (
	"cmp"
	"embed"
	"io/fs"
	"time"

	"github.com/handoff-oss/handoff/shared/lead"
)

// templates are the parts that pages about leads are made of.
//
//go:embed *.html
var templates embed.FS

// Templates are the parts that pages about leads are made of, for page.Set.Add:
// "clock" shows a Shown as an entry of a list, and "route" some RouteSteps as
// tables.
func Templates() fs.FS { return templates }

// NameOf names a lead as well as it is known, by whichever of its name, address
// and company is there.
func NameOf(name, email, company string) string {
	return cmp.Or(name, email, company, "Somebody without a name")
}

// OrNil returns nil for a zero time, which JSON shows as null, else the time in UTC.
func OrNil(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

// StageTone is the color of a stage, as the style sheet names it: "", "ok",
// "info", "warn" or "bad".
func StageTone(stage string) string {
	switch lead.Stage(stage) {
	case lead.Known, lead.Engaged:
		return ""
	case lead.Qualified:
		return "warn"
	case lead.HandedOff:
		return "info"
	case lead.Accepted, lead.Contacted, lead.Won:
		return "ok"
	case lead.Meeting, lead.Opportunity:
		return "info"
	case lead.Recycled:
		return "warn"
	case lead.Lost, lead.Disqualified:
		return "bad"
	}
	return ""
}
