package main

import (
	"github.com/spf13/cobra"

	"github.com/handoff-oss/handoff/shared/decision"
	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/lead"
)

func giveCommand(t *target) *cobra.Command {
	to, reason := "", ""
	cmd := &cobra.Command{
		Use:   "give KEY|EMAIL [--to REP] --reason REASON",
		Short: "Give a lead to another rep: the one named, or the next by the rules",
		Long: `Give a lead to another rep: the one named, or the next by the rules. It may be
with somebody, be held, or have been rejected by everybody who had it.

An order is stored, which decide carries out within seconds. A rep who is named
gets the lead whatever their caps, hours and leave say. See first whom the
rules would choose with handoffctl route --dry-run.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return give(cmd, t, args[0], to, reason) },
	}
	cmd.Flags().StringVar(&to, "to", "", "the id of the rep (default: whom the rules choose)")
	cmd.Flags().StringVar(&reason, "reason", "", "why, for the history of the lead")
	return saidBy(cmd)
}

func give(cmd *cobra.Command, t *target, name, to, reason string) error {
	ctx := cmd.Context()
	if reason == "" {
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
	if err := d.mayGive(l, to); err != nil {
		return err
	}
	s, err := decision.ReassignOrder(l, to, reason, by, d.at)
	if err != nil {
		return err
	}
	if _, err := d.table.PutSignalFor(ctx, l.Key, s); err != nil {
		return err
	}
	receiver := "whom the rules choose"
	if to != "" {
		receiver = plain(d.nameOf(to))
	}
	put(cmd.OutOrStdout(), "Ordered: lead %s goes to %s. decide carries it out; see handoffctl lead show %s\n", l.Key, receiver, l.Key)
	return nil
}

// mayGive refuses an order that would change nothing. Kinds: NotFound, Invalid.
func (d *desk) mayGive(l *lead.Lead, to string) error {
	if to == "" {
		return nil
	}
	rep, err := d.rep(to)
	if err != nil {
		return err
	}
	if h := l.Journey.Holder(); h != nil && h.Rep == to {
		return fault.New(fault.Invalid, "%s holds the lead already", rep.Name)
	}
	return nil
}
