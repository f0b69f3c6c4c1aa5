package main

import (
	"github.com/spf13/cobra"

	"github.com/handoff-oss/handoff/shared/decision"
	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/find"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/policy/rules"
	"github.com/handoff-oss/handoff/shared/signal"
	"github.com/handoff-oss/handoff/shared/table"
)

// retentionAuthor is who orders what the policy orders.
const retentionAuthor = "the policy's retention"

func retentionCommand(t *target) *cobra.Command {
	yes := false
	cmd := &cobra.Command{
		Use:   "retention [--yes]",
		Short: "Erase the leads that were kept as long as the policy lets them be",
		Long: `Erase the leads that were kept as long as the policy lets them be
(privacy.retention.leads_days): those without any signal for so many days, unless
somebody has them or their deal is open. Without --yes it counts them, and does
nothing. Run it every day, by whatever runs things for you.

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
	loader := rules.NewLoader(place.table.Policy)
	compiled, err := loader.Current(ctx, now)
	if err != nil {
		return err
	}
	kept := compiled.Privacy.Retention
	if kept.LeadsDays == 0 {
		return fault.New(fault.Invalid, "the policy keeps leads for ever: see privacy.retention.leads_days")
	}
	q := table.LeadsQuery{
		Filter: find.Filter{List: find.All, To: now.AddDate(0, 0, -kept.LeadsDays)}, Limit: table.MostLeads, Now: now,
		Match: func(l *lead.Lead) bool { return l.Overdue(kept, now) },
	}
	var overdue []signal.LeadKey // all first: erasing changes the list that is read
	for more := true; more; more = q.Cursor != "" {
		some, err := place.table.Leads(ctx, q)
		if err != nil {
			return err
		}
		for _, l := range some.Leads {
			overdue = append(overdue, l.Key)
		}
		q.Cursor = some.Next
	}
	put(cmd.OutOrStdout(), "%s without a signal for %d days.\n", count(len(overdue), "lead"), kept.LeadsDays)
	if !yes {
		return nil
	}
	maker := decision.New(place.table, loader)
	for _, k := range overdue {
		if _, err := maker.Erase(ctx, k, lead.Erasure{Reason: lead.OverTime, By: retentionAuthor}, now); err != nil {
			return err
		}
		if err := place.table.Lift(ctx, k); err != nil {
			return err
		}
	}
	put(cmd.OutOrStdout(), "Erased %s.\n", count(len(overdue), "lead"))
	return nil
}
