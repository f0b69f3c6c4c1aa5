package sales

import (
	"maps"
	"slices"
	"time"
)

// Standing is how far meetings and deals bring a lead.
type Standing string

// The standings, by the names of the journey's stages.
const (
	Nothing     Standing = ""
	InMeeting   Standing = "meeting"
	Opportunity Standing = "opportunity"
	IsWon       Standing = "won"
	IsLost      Standing = "lost"
)

// Standing returns how far the lead is, and the key of the deal that says so,
// "" when none does.
//
// A deal that was won ends what was known before: beside it an open or a lost
// deal counts only when it began later. Of the deals that count an open one
// makes an opportunity, else a lost one makes the lead lost. Where there is no
// deal, a meeting counts that is to come or took place.
func (f Facts) Standing() (standing Standing, deal string) {
	ended := func(d Deal) time.Time { return d.Ended }
	began := func(d Deal) time.Time { return d.First }
	won := f.latest(ended, func(d Deal) bool { return d.State == Won })
	since := func(d Deal) bool { return won == "" || d.First.After(f.Deals[won].Ended) }
	if open := f.latest(began, func(d Deal) bool { return d.State == Open && since(d) }); open != "" {
		return Opportunity, open
	}
	if lost := f.latest(ended, func(d Deal) bool { return d.State == Lost && since(d) }); lost != "" {
		return IsLost, lost
	}
	if won != "" {
		return IsWon, won
	}
	for _, m := range f.Meetings {
		if m.Stands() {
			return InMeeting, ""
		}
	}
	return Nothing, ""
}

// latest returns the key of the latest of the deals that count, "" when none does.
func (f Facts) latest(at func(Deal) time.Time, counts func(Deal) bool) string {
	best := ""
	for _, key := range slices.Sorted(maps.Keys(f.Deals)) {
		if d := f.Deals[key]; counts(d) && (best == "" || at(d).After(at(f.Deals[best]))) {
			best = key
		}
	}
	return best
}
