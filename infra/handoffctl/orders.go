package main

import (
	"time"

	"github.com/spf13/cobra"

	"github.com/handoff-oss/handoff/shared/decision"
	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/signal"
)

// orderText is a command that orders something about a lead.
type orderText struct {
	name, short, long string
	what              signal.Type
	does              string // what was ordered, after "Ordered: lead X "
}

// orderTexts are the commands that order something about a lead.
func orderTexts() []orderText {
	return []orderText{
		{
			"give", "Give a lead to another rep: the one named, or the next by the rules",
			`Give a lead to another rep: the one named, or the next by the rules. It may be
with somebody, be held, or have been rejected by everybody who had it. Whoever
has it is told that they have it no more, and the clocks of theirs stop; the new
holder gets clocks of their own.

A rep who is named gets the lead whatever their caps, hours and leave say. See
first whom the rules would choose with handoffctl route --dry-run.`, signal.OrderReassign, "goes to",
		},
		{
			"take-back", "Take a lead from its holder, and offer it to the others by the rules",
			`Take a lead from its holder, who is told, and whose clocks stop. The rules offer
it to the others at once; until one of them can take it, it is held in the queue
of its pool. It does not go back to who had it unless somebody orders that.`, signal.OrderTakeBack, "is taken back",
		},
		{
			"hold", "Let nobody be offered a lead before a time",
			`Let nobody be offered a lead before a time, at most 90 days ahead. Whoever has it
is told that they have it no more. It waits in the queue of its pool, and keeps
no other lead waiting. When the time has come the rules offer it; handoffctl lead
give ends the hold before.

What the customer was promised stays promised: the clock for their first contact
goes on, and is missed if the time is later.`, signal.OrderHold, "is held back",
		},
		{
			"recycle", "Send a lead back to nurture until a time",
			`Send a lead back to nurture until a time, whether it has qualified or not. Whoever
has it is told that they have it no more, and all its clocks stop. From the time
on it may qualify again; when it asks for sales it is heard at once.`, signal.OrderRecycle, "goes back to nurture",
		},
		{
			"disqualify", "Say that a lead is none for us",
			`Say that a lead is none for us, whether it has qualified or not. Whoever has it is
told that they have it no more, and all its clocks stop. Nothing that it does
makes it qualify again; handoffctl lead hand-off takes that back.`, signal.OrderDisqualify, "is disqualified",
		},
		{
			"hand-off", "Hand off a lead that did not qualify, or that lacks data: to the rep named, or by the rules",
			`Hand off a lead that did not qualify: to the rep named, or by the rules. It counts
as qualified by your word, which is told to its holder as the reason, and gets
the clocks that any other does. What the rules had against it stops nobody, and
stands in the history of the lead.

A lead that has qualified and waits for data is handed off as it is. For any other
that has qualified, use handoffctl lead give.`, signal.OrderHandoff, "is handed off to",
		},
		{
			"remind", "Remind the holder of a lead now",
			`Remind the holder of a lead now, with what is due next; once an hour at most.
Nothing else changes.`, signal.OrderRemind, "is brought to its holder's mind",
		},
	}
}

// orderCommands are the commands by which somebody in charge decides about a lead.
func orderCommands(t *target) []*cobra.Command {
	texts := orderTexts()
	all := make([]*cobra.Command, len(texts))
	for i, text := range texts {
		all[i] = orderCommand(t, text)
	}
	return all
}

func orderCommand(t *target, text orderText) *cobra.Command {
	g := &given{text: text}
	use := text.name + " KEY|EMAIL"
	cmd := &cobra.Command{
		Short: text.short,
		Long: text.long + `

An order is stored, which decide carries out within seconds. If the lead is not
as it is now by then, the order changes nothing, and the history says so.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return g.order(cmd, t, args[0]) },
	}
	switch text.what { //nolint:exhaustive // The others need nothing more.
	case signal.OrderReassign, signal.OrderHandoff:
		use += " [--to REP]"
		cmd.Flags().StringVar(&g.to, "to", "", "the id of the rep (default: whom the rules choose)")
	case signal.OrderHold, signal.OrderRecycle:
		use += " (--until TIME | --days N)"
		cmd.Flags().StringVar(&g.until, "until", "", "a date, which is its beginning where the team works, or a time as in RFC 3339")
		cmd.Flags().IntVar(&g.days, "days", 0, "so many days from now")
		cmd.MarkFlagsMutuallyExclusive("until", "days")
		cmd.MarkFlagsOneRequired("until", "days")
	}
	cmd.Use = use + " --reason REASON"
	cmd.Flags().StringVar(&g.reason, "reason", "", "why, for the history of the lead")
	return saidBy(cmd)
}

// given is an order with what was typed about it.
type given struct {
	text              orderText
	to, until, reason string
	days              int
}

// order stores an order about a lead. Kinds: Invalid, NotFound, and as of the table.
func (g *given) order(cmd *cobra.Command, t *target, name string) error {
	ctx := cmd.Context()
	if g.reason == "" {
		return fault.New(fault.Invalid, "say why with --reason: it stands in the history of the lead")
	}
	by, err := author(cmd, t)
	if err != nil {
		return err
	}
	d, err := t.desk(ctx)
	if err != nil {
		return err
	}
	l, err := d.lead(ctx, name)
	if err != nil {
		return err
	}
	o := decision.Order{Type: g.text.what, To: g.to, Reason: g.reason, By: by}
	if o.To != "" {
		if _, err := d.rep(o.To); err != nil {
			return err
		}
	}
	if o.Until, err = g.end(d); err != nil {
		return err
	}
	s, err := decision.OrderFor(l, o, d.at)
	if err != nil {
		return err
	}
	stored, err := d.table.PutSignalFor(ctx, l.Key, s)
	if err != nil {
		return err
	}
	g.print(cmd, d, l, o, stored)
	return nil
}

// end is until when. Kind: Invalid.
func (g *given) end(d *desk) (time.Time, error) {
	if g.days != 0 {
		return d.at.AddDate(0, 0, g.days), nil
	}
	if g.until == "" {
		return time.Time{}, nil
	}
	if at, err := time.Parse(time.RFC3339, g.until); err == nil {
		return at.UTC(), nil
	}
	zone, err := time.LoadLocation(d.policy.Calendars[d.policy.SLA.Calendar].Zone)
	if err != nil {
		zone = time.UTC
	}
	day, err := time.ParseInLocation(time.DateOnly, g.until, zone)
	if err != nil {
		return time.Time{}, fault.New(fault.Invalid, "--until %q is neither a date such as 2026-05-25 nor a time such as 2026-05-25T09:00:00Z", g.until)
	}
	return day.UTC(), nil
}

func (g *given) print(cmd *cobra.Command, d *desk, l *lead.Lead, o decision.Order, stored bool) {
	does := g.text.does
	switch o.Type { //nolint:exhaustive // The others say all.
	case signal.OrderReassign, signal.OrderHandoff:
		if does += " whom the rules choose"; o.To != "" {
			does = g.text.does + " " + plain(d.nameOf(o.To))
		}
	case signal.OrderHold, signal.OrderRecycle:
		does += " until " + stamp(o.Until)
	}
	word := "Ordered"
	if !stored {
		word = "Ordered before, and not carried out yet"
	}
	put(cmd.OutOrStdout(), "%s: lead %s %s. decide carries it out; see handoffctl lead show %s\n", word, l.Key, does, l.Key)
}
