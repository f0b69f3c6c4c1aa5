package sales

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/handoff-oss/handoff/shared/signal"
)

// DealState is where a deal stands. Won and lost are final: a deal that ended
// is not open again, whatever is said about it later. Another deal is.
type DealState string

// The states of a deal. Unknown is a deal of which only details are known.
const (
	Unknown DealState = ""
	Open    DealState = "open"
	Won     DealState = "won"
	Lost    DealState = "lost"
	Deleted DealState = "deleted"
)

// Deal is one deal with the lead.
type Deal struct {
	State    DealState `json:"state,omitempty"`
	Ended    time.Time `json:"ended,omitzero"` // when it was won, lost or deleted, by the source's word
	First    time.Time `json:"first"`          // the earliest time of all that was said about it
	Amount   Said      `json:"amount,omitzero"`
	Currency Said      `json:"currency,omitzero"`
	Stage    Said      `json:"stage,omitzero"`  // the source's name or id of the deal's stage
	Reason   Said      `json:"reason,omitzero"` // why it was lost
}

// isDeal tells whether the signal is about a deal that it names.
func isDeal(s signal.Signal) bool {
	switch s.Type { //nolint:exhaustive // The other types are about something else.
	case signal.DealOpened, signal.DealChanged, signal.DealWon, signal.DealLost, signal.DealDeleted:
		return s.Attributes[signal.AttrDeal] != ""
	}
	return false
}

// fold returns the deal with one signal more.
func (d Deal) fold(s signal.Signal) Deal {
	a, at := s.Attributes, s.OccurredAt
	ended := at
	if t, err := time.Parse(time.RFC3339, a[signal.AttrEndedAt]); err == nil && t.Before(at) {
		ended = t.UTC()
	}
	if d.First.IsZero() || ended.Before(d.First) {
		d.First = ended
	}
	switch s.Type { //nolint:exhaustive // Only signals about deals come here.
	case signal.DealOpened:
		d = d.further(Open, time.Time{})
	case signal.DealChanged:
		if a[signal.AttrDealStatus] == signal.DealOpen {
			d = d.further(Open, time.Time{})
		}
	case signal.DealWon:
		d = d.further(Won, ended)
	case signal.DealLost:
		d = d.further(Lost, ended)
	case signal.DealDeleted:
		d = d.further(Deleted, at)
	}
	if isDecimal(a[signal.AttrAmount]) {
		d.Amount = d.Amount.or(a[signal.AttrAmount], at)
	}
	if code := strings.ToUpper(a[signal.AttrCurrency]); len(code) == 3 && strings.Trim(code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == "" {
		d.Currency = d.Currency.or(code, at)
	}
	d.Stage = d.Stage.or(short(a[signal.AttrDealStage]), at)
	d.Reason = d.Reason.or(short(a[signal.AttrReason]), at)
	return d
}

// further returns the deal in the state that is further on, whatever came
// first: deleted before won and lost, these before open. Of won and lost it is
// the later one.
func (d Deal) further(state DealState, ended time.Time) Deal {
	class := func(s DealState) int {
		if s == Lost {
			s = Won
		}
		return slices.Index([]DealState{Unknown, Open, Won, Deleted}, s)
	}
	if cmp.Or(cmp.Compare(class(state), class(d.State)), ended.Compare(d.Ended), cmp.Compare(state, d.State)) > 0 {
		d.State, d.Ended = state, ended
	}
	return d
}

// maxDigits is how many characters an amount may have.
const maxDigits = 60

// isDecimal tells whether an amount is a plain decimal number, as the events
// promise: digits, perhaps with a sign before and a fraction behind.
func isDecimal(s string) bool {
	whole, fraction, dot := strings.Cut(strings.TrimPrefix(s, "-"), ".")
	digits := func(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }
	return len(s) <= maxDigits && digits(whole) && (!dot || digits(fraction))
}

// order puts first what matters least.
func (d Deal) order(e Deal) int {
	rank := []DealState{Deleted, Unknown, Lost, Won, Open}
	return cmp.Or(cmp.Compare(slices.Index(rank, d.State), slices.Index(rank, e.State)), d.First.Compare(e.First))
}
