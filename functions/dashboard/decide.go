package main

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/handoff-oss/handoff/shared/answer"
	"github.com/handoff-oss/handoff/shared/contract"
	"github.com/handoff-oss/handoff/shared/decision"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/signal"
	"github.com/handoff-oss/handoff/shared/view"
	"github.com/handoff-oss/handoff/shared/web"
)

// acts are what the person can do about a lead from its page, and what became
// of what was done.
type acts struct {
	Answers []answer.Step // of its holder
	Orders  []view.Order  // of whoever is in charge
	Pending []pending     // orders that are not carried out yet
	Done    []entry       // what the order did that the address names
	Ignored *entry        // the last order, if it changed nothing
	Every   int           // after how many seconds the part is read again
}

// pending is an order on its way.
type pending struct {
	Label, By, Reason string
	At                time.Time
}

const (
	mostPending = 5 // orders of a lead that are looked at for being under way
	often       = 3 // seconds, while an order is under way
	seldom      = 20
	recently    = 24 * time.Hour // for so long an order that changed nothing is shown on top
)

// acts reads what is under way about a lead for those who may do something.
func (h *handler) acts(ctx context.Context, r *web.Request, l *lead.Lead, story []entry) (acts, error) {
	out := acts{Every: seldom}
	if holder := l.Journey.Holder(); holder != nil && r.Who.Rep != "" && holder.Rep == r.Who.Rep {
		book, err := h.desk.Policy(ctx, r.Now)
		if err != nil {
			return out, err
		}
		out.Answers = h.desk.Of(ctx, l, book).PageSteps()
	}
	if !view.MayOrder(r.Who, l.Journey) {
		return out, nil
	}
	out.Orders = view.OrdersFor(l.Journey, r.Now)
	var err error
	if out.Pending, err = h.pending(ctx, l, r.Now); err != nil {
		return out, err
	}
	if len(out.Pending) > 0 {
		out.Every = often
	}
	out.Done = doneBy(story, r.Query.Get("ordered"))
	out.Ignored = ignored(story, r.Now)
	if len(out.Done) > 0 && out.Done[0].Type == string(contract.OrderIgnored) {
		out.Ignored, out.Done = &out.Done[0], nil
	}
	return out, nil
}

// pending lists the orders about a lead that were neither carried out nor
// ignored yet, the latest first.
func (h *handler) pending(ctx context.Context, l *lead.Lead, now time.Time) ([]pending, error) {
	ids, err := h.leads.SignalIDs(ctx, l.Key, lead.Operator, "")
	if err != nil {
		return nil, err
	}
	ids = slices.DeleteFunc(ids, func(id string) bool {
		return decision.IsEntry(id) || l.Journey.HasHeard(signal.Signal{Source: lead.Operator, ID: id, ReceivedAt: now.Add(time.Hour)})
	})
	slices.SortFunc(ids, func(a, b string) int { return cmp.Compare(versionOf(b), versionOf(a)) })
	var all []pending
	for _, id := range ids[:min(len(ids), mostPending)] {
		s, err := h.leads.Signal(ctx, l.Key, lead.Operator, id)
		if err != nil {
			return nil, err
		}
		if !s.Type.Ordered() || l.Journey.HasHeard(s) {
			continue
		}
		all = append(all, pending{
			Label: view.LabelOf(s.Type), By: s.Attributes[signal.AttrBy], Reason: s.Attributes[signal.AttrReason], At: s.ReceivedAt,
		})
	}
	return all, nil
}

// versionOf is the version of the lead that the id of an order begins with.
func versionOf(id string) int64 {
	version, _, _ := strings.Cut(id, ".")
	n, err := strconv.ParseInt(version, 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// doneBy finds in the story what came of an order, the first of it first.
func doneBy(story []entry, order string) []entry {
	var all []entry
	for _, e := range slices.Backward(story) {
		if order != "" && slices.Contains(e.Inputs, lead.Operator+"#"+order) {
			all = append(all, e)
		}
	}
	return all
}

// ignored returns the last thing that an order did, if it was lately and changed nothing.
func ignored(story []entry, now time.Time) *entry {
	i := slices.IndexFunc(story, func(e entry) bool {
		return slices.ContainsFunc(e.Inputs, func(in string) bool { return strings.HasPrefix(in, lead.Operator+"#") })
	})
	if i < 0 || story[i].Type != string(contract.OrderIgnored) || now.Sub(story[i].At) > recently {
		return nil
	}
	return &story[i]
}
