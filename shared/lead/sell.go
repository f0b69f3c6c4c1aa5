package lead

import (
	"fmt"
	"slices"
	"strings"

	"github.com/handoff-oss/handoff/shared/contract"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/sales"
	"github.com/handoff-oss/handoff/shared/signal"
)

// sell takes in what a calendar or a CRM says. What stage follows is decided
// once for all inputs, by progress.
func (d *draft) sell(s signal.Signal) {
	if !sales.About(s) {
		return
	}
	before := d.lead.Sales.Owner
	d.lead.Sales = d.lead.Sales.Fold(s)
	standing, deal := d.lead.Sales.Standing()
	if j := d.lead.Journey; Stage(standing) != j.Stage || deal != j.Deal {
		d.settle(Stage(standing)) // at once: a deadline that comes later asks for nothing
	}
	if o := d.lead.Sales.Owner; o != before {
		d.follow(s, before, *o)
	}
	if spoken(s) && !d.actedBefore(s) {
		d.contact(contract.ActRef{How: signal.HowMeeting, At: s.OccurredAt, Word: "crm", Source: s.Source}, s.ReceivedAt, s.ReceivedAt)
	}
}

// spoken tells whether the signal shows that one of us talked to the customer:
// they held a meeting, or a rep booked one on the customer's behalf. A meeting
// that the customer booked by themself is no act of a rep, and the move of a
// deal no more than a click: neither keeps the promise of a first contact. It
// does not accept the lead either; that is the holder's own word, as is a
// meeting that the answer to a message tells of.
func spoken(s signal.Signal) bool {
	if isAnswer(s) {
		return false
	}
	return s.Type == signal.MeetingHeld ||
		(s.Type == signal.MeetingBooked && s.Attributes[signal.AttrBookedBy] == signal.BookedByRep)
}

// follow gives the lead to the rep who is its owner in a CRM now. Nothing
// follows from an owner whom the pool does not know, from one who is named
// again, nor from news that are older than the current holder.
func (d *draft) follow(s signal.Signal, before *sales.Owner, o sales.Owner) {
	h := d.lead.Journey.Handoff
	if h == nil || o.At.Before(h.Since) || d.roster() == nil {
		return
	}
	pool := d.core.policy.Routing.Pools[h.Pool]
	i := slices.IndexFunc(pool.Reps, func(r policy.Rep) bool { return owns(r, o) })
	if i < 0 || (before != nil && owns(pool.Reps[i], *before)) {
		return
	}
	rep := pool.Reps[i]
	if holder := d.lead.Journey.Holder(); holder != nil && holder.Rep == rep.ID {
		return
	}
	d.giveTo(rep.ID, "owner in "+s.Source, "the owner in "+s.Source+" has changed")
}

// owns tells whether the rep is that owner: by address, or by the id that the
// policy knows of the rep in that source.
func owns(r policy.Rep, o sales.Owner) bool {
	return (o.Email != "" && signal.NormalizeEmail(r.Email) == o.Email) ||
		(o.ID != "" && slices.Contains(r.OwnerIDs, o.Source+":"+o.ID))
}

// progress moves the lead to the stage that its meetings and deals make, or
// back to the one that it has reached without them. One that was won or lost
// before tells so again when another deal is.
func (d *draft) progress(inputs []signal.Signal) {
	j := &d.lead.Journey
	standing, deal := d.lead.Sales.Standing()
	stage := Stage(standing)
	again := (stage == Won || stage == Lost) && deal != j.Deal
	if stage == Stage(sales.Nothing) {
		stage = j.Reached()
	}
	j.Deal = deal
	if stage == j.Stage && !again {
		return
	}
	from, reached := j.Stage, j.Reached()
	j.Stage, j.Process = stage, reached
	if standing == sales.Nothing {
		j.Process = ""
	}
	d.reached(stage)
	d.sold(stage)
	detail := contract.Detail{From: string(from), Handoff: d.handoffRef(), Deal: d.dealRef(deal)}
	if stage == Lost {
		detail.Reason = d.lead.Sales.Deals[deal].Reason.Value
	} else if order(stage) < order(from) {
		detail.Reason = takenBack(inputs)
	}
	d.tell(contract.LeadStageChanged, d.moved(standing, deal, detail.Reason), detail)
	d.offerDropped()
}

// sold ends what a stage of sales makes needless: the next attempts once there
// is a meeting, everything once the deal is won or lost.
func (d *draft) sold(stage Stage) {
	switch stage { //nolint:exhaustive // The others end nothing.
	case Meeting, Opportunity:
		d.stopClocks("there is a meeting", func(c Clock) bool { return c.Kind == FollowUpClock })
	case Won, Lost:
		d.release(d.lead.Journey.Handoff)
		d.drop()
		d.settle(stage)
	}
}

// settle stops the clocks of a deal that is won or lost.
func (d *draft) settle(stage Stage) {
	if stage == Won || stage == Lost {
		d.stopClocks("the deal is "+string(stage), func(c Clock) bool { return c.Kind != FeedbackClock })
	}
}

// drop takes a lead out of its queue whose deal is decided.
func (d *draft) drop() {
	j := &d.lead.Journey
	switch {
	case j.Held != nil:
		j.Dropped = j.Held
		d.unhold()
	case j.Suggested != nil:
		j.Dropped, j.Suggested = &j.Suggested.Handoff, nil
	case j.Incomplete != nil:
		j.Dropped, j.Incomplete = &j.Incomplete.Handoff, nil
	}
}

// offerDropped offers a lead that waited for somebody before its deal was
// decided, once there is neither a deal nor a meeting any more. The customer
// is promised a first contact anew.
func (d *draft) offerDropped() {
	j := &d.lead.Journey
	if j.Dropped == nil || j.Process != "" || j.Stage != Qualified {
		return
	}
	h := j.Dropped
	j.Dropped = nil
	d.again(h)
}

// order is how far on a stage of sales is; the stages before them are equal.
func order(s Stage) int { return slices.Index([]Stage{Meeting, Opportunity, Lost, Won}, s) }

// moved says in words what happened.
func (d *draft) moved(standing sales.Standing, deal, reason string) string {
	known := d.lead.Sales.Deals[deal]
	switch standing {
	case sales.InMeeting:
		return "A meeting is booked"
	case sales.Opportunity:
		return "Sales sees an opportunity" + worth(known)
	case sales.IsWon:
		return "Won" + worth(known)
	case sales.IsLost:
		return "Lost" + worth(known)
	case sales.Nothing:
	}
	if reason == "" {
		reason = "there is neither a meeting nor a deal any more"
	}
	return fmt.Sprintf("Back to %s: %s", strings.ReplaceAll(string(d.lead.Journey.Stage), "_", " "), reason)
}

func worth(deal sales.Deal) string {
	if deal.Amount.Value == "" {
		return ""
	}
	return strings.TrimRight(": "+deal.Amount.Value+" "+deal.Currency.Value, " ")
}

// takenBack says what took a stage back: the last of the inputs that could.
func takenBack(inputs []signal.Signal) string {
	for _, s := range slices.Backward(inputs) {
		switch s.Type { //nolint:exhaustive // The others take nothing back.
		case signal.MeetingCanceled:
			return "the meeting was canceled"
		case signal.MeetingNoShow:
			return "the lead did not come to the meeting"
		case signal.DealDeleted:
			return "the deal was deleted"
		case signal.DealOpened, signal.DealChanged:
			return "another deal was opened"
		}
	}
	return ""
}

func (d *draft) dealRef(key string) *contract.DealRef {
	deal, ok := d.lead.Sales.Deals[key]
	if !ok {
		return nil
	}
	source, id, _ := strings.Cut(key, "#")
	return &contract.DealRef{Source: source, ID: id, Amount: deal.Amount.Value, Currency: deal.Currency.Value, Stage: deal.Stage.Value}
}
