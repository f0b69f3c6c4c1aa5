package main

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/handoff-oss/handoff/shared/contract"
	"github.com/handoff-oss/handoff/shared/decision"
	"github.com/handoff-oss/handoff/shared/duplicate"
	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/table"
)

// mostPairs is how many pairs are listed.
const mostPairs = 500

func duplicatesCommand(t *target) *cobra.Command {
	asJSON, reason := false, ""
	cmd := &cobra.Command{
		Use:   "duplicates",
		Short: "List leads that may be one person, say that they are not, look for more",
		Long: `List the pairs of leads that may be one person, the likeliest first, with the
score and what it is made of. Nothing makes them one but a person's word:

  handoffctl merge KEY KEY --reason REASON
  handoffctl duplicates dismiss KEY KEY --reason REASON

Pairs are suggested when a lead gets a phone, or a name at a company, that
another one has. What the policy suggests stands under identity.suggest.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return listDuplicates(cmd, t, asJSON) },
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print everything as JSON")
	dismiss := &cobra.Command{
		Use:   "dismiss KEY|EMAIL KEY|EMAIL --reason REASON",
		Short: "Say that two leads are two people",
		Long: `Say that two leads are two people. Nothing happens to them; they are suggested
again only when there is more evidence than there is now.`,
		Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error { return dismissPair(cmd, t, args, reason) },
	}
	dismiss.Flags().StringVar(&reason, "reason", "", "why, for whoever sees the two next")
	scan := &cobra.Command{
		Use:   "scan",
		Short: "Look through all leads for pairs that were missed",
		Long: `Look through all leads for pairs that may be one person and were not suggested
yet: those that became known before suggestions were kept, and those for which a
search failed. What was judged stays as it is. It reads every lead once.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return scanDuplicates(cmd, t) },
	}
	cmd.AddCommand(saidBy(dismiss), scan)
	return cmd
}

// pairView is a pair of leads for programs.
type pairView struct {
	A     pairLeadView    `json:"a"`
	B     pairLeadView    `json:"b"`
	Score int             `json:"score"`
	Parts []contract.Part `json:"parts"` // they add up to the score
	Since time.Time       `json:"since"` // when it was suggested
}

type pairLeadView struct {
	Key   string `json:"key"`
	Who   string `json:"who"`
	Stage string `json:"stage"`
}

func pairViewOf(p decision.Pair) pairView {
	v := pairView{Score: p.Result.Score, Parts: p.Result.Parts, Since: p.Since.UTC()}
	for i, out := range []*pairLeadView{&v.A, &v.B} {
		l := p.Leads[i]
		*out = pairLeadView{string(l.Key), l.Who(), string(l.Journey.Stage)}
	}
	return v
}

func listDuplicates(cmd *cobra.Command, t *target, asJSON bool) error {
	d, err := t.desk(cmd.Context())
	if err != nil {
		return err
	}
	everybodys := func(decision.Pair) bool { return true }
	pairs, more, err := d.maker.OpenDuplicates(cmd.Context(), mostPairs, everybodys, d.at)
	if err != nil {
		return err
	}
	views := []pairView{}
	for _, p := range pairs {
		views = append(views, pairViewOf(p))
	}
	out := cmd.OutOrStdout()
	if asJSON {
		return printJSON(out, map[string]any{"pairs": views, "more": more})
	}
	if len(views) == 0 {
		put(out, "No two leads are suggested to be one person. To look through all of them: %s duplicates scan\n", t.self())
		return nil
	}
	for _, v := range views {
		put(out, "%d of 100, suggested %s\n", v.Score, stamp(v.Since))
		for _, l := range []pairLeadView{v.A, v.B} {
			put(out, "  %s  %s, %s\n", l.Key, plain(l.Who), l.Stage)
		}
		for _, p := range v.Parts {
			put(out, "    %+d %s\n", p.Points, plain(p.Reason))
		}
	}
	if more {
		put(out, "\nThere are more.\n")
	}
	return nil
}

// pair reads the two leads that were named. Kinds: NotFound, Invalid.
func (d *desk) pair(cmd *cobra.Command, args []string) (decision.Pair, error) {
	a, err := d.lead(cmd.Context(), args[0])
	if err != nil {
		return decision.Pair{}, err
	}
	b, err := d.lead(cmd.Context(), args[1])
	if err != nil {
		return decision.Pair{}, err
	}
	return d.maker.ComparePair(cmd.Context(), duplicate.Of(a.Key, b.Key), d.at)
}

func dismissPair(cmd *cobra.Command, t *target, args []string, reason string) error {
	by, err := author(cmd, t)
	if err != nil {
		return err
	}
	d, err := t.desk(cmd.Context())
	if err != nil {
		return err
	}
	p, err := d.pair(cmd, args)
	if err != nil {
		return err
	}
	if _, err := d.maker.JudgePair(cmd.Context(), p, duplicate.Dismissed, by, reason, d.at); err != nil {
		return err
	}
	put(cmd.OutOrStdout(), "Kept: %s and %s are two people.\n", who(p.Leads[0]), who(p.Leads[1]))
	return nil
}

func scanDuplicates(cmd *cobra.Command, t *target) error {
	d, err := t.desk(cmd.Context())
	if err != nil {
		return err
	}
	leads, found := 0, 0
	progress := func() { put(cmd.ErrOrStderr(), "\r%s, %s new ", count(leads, "lead"), count(found, "pair")) }
	query := table.LeadsQuery{Limit: table.MostLeads, Now: d.at}
	for {
		page, err := d.table.Leads(cmd.Context(), query)
		if err != nil {
			return err
		}
		for _, l := range page.Leads {
			n, err := d.maker.Duplicates(cmd.Context(), l, d.at)
			if err != nil {
				return fault.Wrap(fault.KindOf(err), fmt.Sprintf("compare lead %s with others, after %s", l.Key, count(leads, "lead")), err)
			}
			leads, found = leads+1, found+n
		}
		progress()
		if query.Cursor = page.Next; query.Cursor == "" {
			break
		}
	}
	put(cmd.ErrOrStderr(), "\r")
	put(cmd.OutOrStdout(), "Looked through %s: %s newly suggested. See %s duplicates\n", count(leads, "lead"), count(found, "pair"), t.self())
	return nil
}
