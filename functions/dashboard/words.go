package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/handoff-oss/handoff/shared/contract"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/page"
	"github.com/handoff-oss/handoff/shared/signal"
	"github.com/handoff-oss/handoff/shared/standard"
	"github.com/handoff-oss/handoff/shared/view"
)

type stageName = lead.Stage

// titleOf names the lead as well as it is known.
func titleOf(l leadAnswer) string {
	return view.NameOf(l.Name, l.Email, l.Company)
}

// detailsOf lists the profile, the fields that everybody knows first, each with
// what it means. The name stands in the heading of the page, and here only when
// its standard form is another one.
func detailsOf(profile map[string]string, means standard.Standard) []detail {
	known := []string{
		signal.FieldFirstName, signal.FieldLastName, signal.FieldEmail, signal.FieldPhone, signal.FieldCompany, signal.FieldTitle,
		signal.FieldEmployees, signal.FieldIndustry, signal.FieldCountry, signal.FieldWebsite,
	}
	rest := slices.DeleteFunc(slices.Sorted(maps.Keys(profile)), func(name string) bool { return slices.Contains(known, name) })
	var out []detail
	for _, name := range append(known, rest...) {
		d := detail{Name: name, Value: profile[name], Means: meaningsOf(name, profile[name], means)}
		isName := name == signal.FieldFirstName || name == signal.FieldLastName
		if d.Value != "" && (!isName || len(d.Means) > 0) {
			out = append(out, d)
		}
	}
	return out
}

// meaningsOf lists the standard values of a field that say more than it does.
func meaningsOf(name, value string, means standard.Standard) []meaning {
	var out []meaning
	for _, of := range standard.From(name) {
		f, known := means[of]
		if !known || f.Value == value && of != standard.Country {
			continue
		}
		out = append(out, meaning{of, f.Value, f.How})
	}
	return out
}

// Tone is how the entry stands out in the timeline.
func (e entry) Tone() string {
	switch contract.EventType(e.Type) { //nolint:exhaustive // The other types look ordinary.
	case contract.LeadAccepted, contract.LeadContacted, contract.ClockMet, contract.LeadFeedback:
		return "good"
	case contract.ClockBreached:
		return "alarm"
	case contract.ClockWarned, contract.LeadRejected, contract.LeadHeld, contract.ClockCorrected,
		contract.ClockLate, contract.ClockPaused, contract.LeadRecycled, contract.LeadDisqualified, contract.RepOffline,
		contract.LeadTakenBack, contract.LeadErased, contract.OrderIgnored:
		return "care"
	case contract.LeadQualified, contract.LeadHandedOff, contract.LeadEscalated, contract.LeadReassigned, contract.LeadActiveAgain, contract.LeadReminded,
		contract.LeadMerged, contract.LeadSplit:
		return "strong"
	case contract.LeadStageChanged:
		return stageToneInTimeline(e.detail)
	}
	return ""
}

// stageToneInTimeline shows what was won as good, what was lost or taken back
// as something to look at.
func stageToneInTimeline(d contract.Detail) string {
	switch lead.Stage(d.Stage) { //nolint:exhaustive // The others were fallen back to.
	case lead.Won:
		return "good"
	case lead.Meeting, lead.Opportunity:
		return "strong"
	}
	return "care"
}

// Note says what is particular to the entry: who and by when, and why.
func (e entry) Note() string {
	var notes []string
	switch h, c := e.detail.Handoff, e.detail.Clock; {
	case c != nil:
		notes = append(notes, "due "+c.DueAt.UTC().Format(minute))
	case h != nil:
		notes = append(notes, fmt.Sprintf("handoff %d, %s of the pool %s", h.Number, h.Rep, h.Pool))
	}
	if a := e.detail.Act; a != nil {
		notes = append(notes, actNote(*a))
	}
	if u := e.detail.Until; u != nil {
		notes = append(notes, "until "+u.UTC().Format(minute))
	}
	if d := e.detail.Deal; d != nil {
		notes = append(notes, fmt.Sprintf("deal %s in %s", page.Short(60, d.ID), d.Source))
	}
	if by := e.detail.By; by != "" && !strings.Contains(e.Summary, by) {
		notes = append(notes, "by order of "+by)
	}
	if against := e.detail.Despite; against != "" {
		notes = append(notes, "although: "+against)
	}
	// A reason that begins the summary is written with a capital letter there.
	if r := e.detail.Reason; r != "" && !strings.Contains(e.Summary, r) && !strings.Contains(e.Summary, page.Sentence(r)) {
		notes = append(notes, r)
	}
	return page.Sentence(page.Short(400, strings.Join(notes, "; ")))
}

// actNote says what somebody did, and on whose word it is known.
func actNote(a contract.ActRef) string {
	word := contactOf(&lead.Handoff{Contact: &a}).Label
	return a.How + " on " + a.At.UTC().Format(minute) + ", " + word
}

// Cause names the signals that caused the entry.
func (e entry) Cause() string { return page.Short(120, strings.Join(e.Inputs, ", ")) }

// Tone is the color of the lead's stage.
func (l listedLead) Tone() string { return view.StageTone(l.Stage) }

// Label names the lead in a list.
func (l listedLead) Label() string {
	return view.NameOf(l.Name, l.Email, l.Company)
}
