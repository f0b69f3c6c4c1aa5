package main

import (
	"github.com/spf13/cobra"

	"github.com/handoff-oss/handoff/shared/decision"
	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/policy/rules"
)

func retentionCommand(t *target) *cobra.Command {
	yes := false
	cmd := &cobra.Command{
		Use:   "retention [--yes]",
		Short: "Erase the leads that were kept as long as the policy lets them be",
		Long: `Erase the leads that were kept as long as the policy lets them be
(privacy.retention.leads_days): those without any signal for so many days, unless
somebody has them or their deal is open. Without --yes it counts them, and does
nothing. The stack does so by itself every night, up to a thousand leads a run; this
is for whoever wants it at once, or wants to know how many there are.

Each is erased as by handoffctl erase, but without a tombstone that keeps it away:
whoever comes back is a new lead.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return retain(cmd, t, yes) },
	}
	cmd.Flags().BoolVar(&yes, "yes", false, "erase them")
	return cmd
}

func retain(cmd *cobra.Command, t *target, yes bool) error {
	ctx := cmd.Context()
	place, err := t.find(ctx)
	if err != nil {
		return err
	}
	now, err := place.now(ctx)
	if err != nil {
		return err
	}
	maker := decision.New(place.table, rules.NewLoader(place.table.Policy))
	r, err := maker.CountOverdue(ctx, now)
	if err != nil {
		return err
	}
	if r.Days == 0 {
		return fault.New(fault.Invalid, "the policy keeps leads for ever: see privacy.retention.leads_days")
	}
	put(cmd.OutOrStdout(), "%s without a signal for %d days.\n", count(r.Overdue, "lead"), r.Days)
	if !yes {
		return nil
	}
	r, err = maker.Retain(ctx, ctx, decision.RetentionBound{}, now)
	put(cmd.OutOrStdout(), "Erased %s.\n", count(r.Erased, "lead"))
	return err
}
