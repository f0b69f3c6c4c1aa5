package main

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/handoff-oss/handoff/shared/find"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/sales"
	"github.com/handoff-oss/handoff/shared/view"
)

// describeSales adds what calendars and CRMs say.
func (a *leadAnswer) describeSales(l *lead.Lead) {
	if l.Journey.Process != "" {
		a.Reached = string(l.Journey.Process)
	}
	for key, m := range l.Sales.Meetings {
		source, id, _ := strings.Cut(key, "#")
		a.Meetings = append(a.Meetings, meeting{Source: source, ID: id, State: string(m.State), At: m.At.UTC(), StartsAt: m.StartsAt.Value})
	}
	slices.SortFunc(a.Meetings, func(a, b meeting) int { return cmp.Or(b.At.Compare(a.At), cmp.Compare(a.ID, b.ID)) })
	for _, key := range slices.Sorted(maps.Keys(l.Sales.Deals)) {
		d := l.Sales.Deals[key]
		source, id, _ := strings.Cut(key, "#")
		a.Deals = append(a.Deals, deal{
			Source: source, ID: id, State: string(d.State), Amount: d.Amount.Value, Currency: d.Currency.Value, Stage: d.Stage.Value,
			Reason: d.Reason.Value, Since: d.First.UTC(), EndedAt: view.OrNil(d.Ended),
		})
	}
	slices.SortStableFunc(a.Deals, func(a, b deal) int { return b.Since.Compare(a.Since) })
	if o := l.Sales.Owner; o != nil {
		a.Owner = &owner{Source: o.Source, ID: o.ID, Email: o.Email, At: o.At.UTC()}
	}
}

// Label names the state of a deal.
func (d deal) Label() string { return cmp.Or(d.State, "not known") }

// Tone is the color of the deal's state.
func (d deal) Tone() string {
	switch sales.DealState(d.State) {
	case sales.Open:
		return "info"
	case sales.Won:
		return "ok"
	case sales.Lost:
		return "bad"
	case sales.Deleted, sales.Unknown:
	}
	return ""
}

// Tone is the color of the meeting's state.
func (m meeting) Tone() string {
	switch sales.MeetingState(m.State) {
	case sales.Booked:
		return "info"
	case sales.Held:
		return "ok"
	case sales.NoShow:
		return "warn"
	case sales.Canceled:
	}
	return ""
}

// onTrack are the stages that the way of a lead is drawn with. A lead ends won
// or lost, not both; one that left by a side exit shows how far it came.
func onTrack(current string, at map[string]time.Time) []stageName {
	here := lead.Stage(current)
	aside := here == lead.Recycled || here == lead.Disqualified
	other := lead.Lost
	if here == lead.Lost {
		other = lead.Won
	}
	return slices.DeleteFunc(find.Stages(), func(s stageName) bool {
		_, reached := at[string(s)]
		switch s { //nolint:exhaustive // The others are on the way.
		case here:
			return false
		case other, lead.Recycled, lead.Disqualified:
			return true
		}
		return aside && !reached
	})
}
