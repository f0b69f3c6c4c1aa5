package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/handoff-oss/handoff/shared/decision"
	"github.com/handoff-oss/handoff/shared/duplicate"
	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/signal"
	pages "github.com/handoff-oss/handoff/shared/view"
)

func mergeCommand(t *target) *cobra.Command {
	m := &merging{}
	cmd := &cobra.Command{
		Use:   "merge KEY|EMAIL KEY|EMAIL --reason REASON [--yes]",
		Short: "Make one lead of two that are one person, after showing what becomes of them",
		Long: `Make one lead of two that are one person. Without --yes nothing is done: it is
shown how alike they are, which of them remains, and what becomes of holders and
clocks. With --yes an order is stored, which decide carries out within seconds.

Nothing is deleted: the lead that becomes part of the other can be taken out of
it again with handoffctl unmerge.`,
		Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error { return m.merge(cmd, t, args) },
	}
	return m.flags(cmd)
}

func unmergeCommand(t *target) *cobra.Command {
	m := &merging{}
	nth := 0
	cmd := &cobra.Command{
		Use:   "unmerge KEY|EMAIL [--merge N] --reason REASON [--yes]",
		Short: "Take a merge back, after showing what becomes of the two leads",
		Long: `Take a merge back: what became part of the lead is a lead of its own again, with
the facts that the signals under its own names say. Who holds each is decided
anew. Without --yes nothing is done but to show that; a lead of several merges
lists them, and --merge says which. Nothing joins the two again by itself.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return m.split(cmd, t, args[0], nth) },
	}
	cmd.Flags().IntVar(&nth, "merge", 0, "which merge: 1 is the latest")
	return m.flags(cmd)
}

// merging is a merge, or one that is taken back, with what was typed about it.
type merging struct {
	reason string
	yes    bool
}

func (m *merging) flags(cmd *cobra.Command) *cobra.Command {
	cmd.Flags().StringVar(&m.reason, "reason", "", "why, for the history of the leads")
	cmd.Flags().BoolVar(&m.yes, "yes", false, "do it")
	return saidBy(cmd)
}

// begin reads who says so, and where.
func (m *merging) begin(cmd *cobra.Command, t *target) (*desk, string, error) {
	if m.yes && strings.TrimSpace(m.reason) == "" {
		return nil, "", fault.New(fault.Invalid, "say why with --reason: it stands in the history of the lead")
	}
	by, err := author(cmd, t)
	if err != nil {
		return nil, "", err
	}
	d, err := t.desk(cmd.Context())
	return d, by, err
}

func (m *merging) merge(cmd *cobra.Command, t *target, args []string) error {
	d, by, err := m.begin(cmd, t)
	if err != nil {
		return err
	}
	p, err := d.pair(cmd, args)
	if err != nil {
		return err
	}
	out, a, b := cmd.OutOrStdout(), p.Leads[0], p.Leads[1]
	put(out, "%s (%s) and %s (%s) are %d of 100 alike:\n", who(a), a.Key, who(b), b.Key, p.Result.Score)
	for _, part := range p.Result.Parts {
		put(out, "  %+d %s\n", part.Points, plain(part.Reason))
	}
	s, err := m.order(d, a, decision.Order{Type: signal.OrderMerge, With: b.Key, By: by})
	if err != nil {
		return err
	}
	would, err := d.maker.ForeseeJoin(cmd.Context(), a, s, d.at)
	if err != nil {
		return err
	}
	m.show(cmd, pages.WillMerge(would, a, b))
	if !m.yes {
		put(out, "\nNothing was done. To merge them: %s merge %s %s --yes --reason REASON\n", t.self(), a.Key, b.Key)
		return nil
	}
	if _, err := d.table.PutSignalFor(cmd.Context(), a.Key, s); err != nil {
		return err
	}
	if _, err := d.maker.JudgePair(cmd.Context(), p, duplicate.Merged, by, m.reason, d.at); err != nil {
		return err
	}
	put(out, "\nOrdered. decide carries it out; see %s lead show %s\n", t.self(), would.Lead.Key)
	return nil
}

// order is the signal of the order; for a look without a reason, with one that
// is not stored.
func (m *merging) order(d *desk, l *lead.Lead, o decision.Order) (signal.Signal, error) {
	if o.Reason = m.reason; !m.yes && o.Reason == "" {
		o.Reason = "…"
	}
	return decision.OrderFor(l, o, d.at)
}

func (m *merging) show(cmd *cobra.Command, will []string) {
	put(cmd.OutOrStdout(), "\nWhat will happen:\n")
	for _, w := range will {
		put(cmd.OutOrStdout(), "  %s\n", plain(w))
	}
}

func (m *merging) split(cmd *cobra.Command, t *target, name string, nth int) error {
	d, by, err := m.begin(cmd, t)
	if err != nil {
		return err
	}
	l, err := d.lead(cmd.Context(), name)
	if err != nil {
		return err
	}
	merge, err := mergeOf(l, nth)
	if err != nil {
		return err
	}
	out := cmd.OutOrStdout()
	put(out, "%s (%s) has a merge of %s, %s: %s\n", who(l), l.Key, stamp(merge.At), plain(merge.Who()), plain(merge.Reason))
	s, err := m.order(d, l, decision.Order{Type: signal.OrderSplit, With: signal.LeadKey(merge.From), By: by})
	if err != nil {
		return err
	}
	would, err := d.maker.ForeseeJoin(cmd.Context(), l, s, d.at)
	if err != nil {
		return err
	}
	m.show(cmd, pages.WillSplit(would, l, merge))
	if !m.yes {
		which := ""
		if nth > 0 {
			which = fmt.Sprintf(" --merge %d", nth)
		}
		put(out, "\nNothing was done. To take it back: %s unmerge %s%s --yes --reason REASON\n", t.self(), l.Key, which)
		return nil
	}
	if _, err := d.table.PutSignalFor(cmd.Context(), l.Key, s); err != nil {
		return err
	}
	put(out, "\nOrdered. decide carries it out; see %s lead show %s and %s lead show %s\n", t.self(), l.Key, t.self(), merge.From)
	return nil
}

// mergeOf chooses a merge of a lead, the latest being 1; 0 is the only one.
func mergeOf(l *lead.Lead, nth int) (pages.Merge, error) {
	all := pages.Merges(l)
	switch {
	case len(all) == 0:
		return pages.Merge{}, fault.New(fault.NotFound, "no lead became part of %s", l.Key)
	case nth < 0 || nth > len(all):
		return pages.Merge{}, fault.New(fault.Invalid, "lead %s has %s: --merge is 1 to %d", l.Key, count(len(all), "merge"), len(all))
	case nth > 0:
		return all[nth-1], nil
	case len(all) == 1:
		return all[0], nil
	}
	var lines strings.Builder
	for i, m := range all {
		fmt.Fprintf(&lines, "\n  %d: %s, %s: %s", i+1, stamp(m.At), plain(m.Who()), plain(m.Reason))
	}
	return pages.Merge{}, fault.New(fault.Invalid, "say with --merge which one to take back:%s", lines.String())
}
