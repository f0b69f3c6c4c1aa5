package main

import (
	"context"
	"io"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/rollout"
	"github.com/handoff-oss/handoff/shared/steering"
)

func rolloutCommand(t *target) *cobra.Command {
	root := &cobra.Command{
		Use:   "rollout",
		Short: "See where the rollout stands, decide about it, and read its journal",
	}
	root.AddCommand(rolloutStatusCommand(t), rolloutJournalCommand(t), rolloutNoteCommand(t), recomputeCommand(t))
	root.AddCommand(
		rolloutAct(t, "promote", "Go on to the next phase, whatever the gates say", (*steering.Desk).Promote),
		rolloutAct(t, "hold", "Note that the phase is to stay as it is", (*steering.Desk).Hold),
		rolloutAct(t, "pause", "Let nobody new into the process until it is resumed", (*steering.Desk).Pause),
		rolloutAct(t, "roll-back", "Let nobody new into the process, since it does harm", (*steering.Desk).RollBack),
		rolloutAct(t, "resume", "Let the phase run again, or an earlier one with --phase", (*steering.Desk).Resume),
	)
	return root
}

// steer finds the stack, its time, and the desk from where its rollout is steered.
func (t *target) steer(cmd *cobra.Command) (*steering.Desk, time.Time, error) {
	place, err := t.find(cmd.Context())
	if err != nil {
		return nil, time.Time{}, err
	}
	now, err := place.now(cmd.Context())
	return steering.New(place.table), now, err
}

func rolloutAct(t *target, use, short string, act func(*steering.Desk, context.Context, steering.Decision) (rollout.State, error)) *cobra.Command {
	o := steering.Decision{}
	cmd := &cobra.Command{
		Use:   use + " --reason REASON",
		Short: short,
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var err error
			if o.By, err = author(cmd, t); err != nil {
				return err
			}
			if strings.TrimSpace(o.Why) == "" {
				return fault.New(fault.Invalid, "say why with --reason: others read it in the journal")
			}
			d, now, err := t.steer(cmd)
			if err != nil {
				return err
			}
			o.At = now
			s, err := act(d, cmd.Context(), o)
			if err != nil {
				return err
			}
			put(cmd.OutOrStdout(), "%s is %s, for %.4g %% in mode %s. Others are told within the hour.\n",
				plain(s.Phase), s.Status.Words(), 100*s.Share, s.Mode)
			return nil
		},
	}
	if oneWord := strings.ReplaceAll(use, "-", ""); oneWord != use {
		cmd.Aliases = []string{oneWord}
	}
	cmd.Flags().StringVar(&o.Why, "reason", "", "why, for whoever reads the journal")
	cmd.Flags().Int64Var(&o.Version, "version", steering.AnyVersion, "the version of the state that you saw, as status prints it: else the one in force")
	if use == "resume" {
		cmd.Flags().StringVar(&o.Phase, "phase", "", "an earlier phase to go back to")
	}
	return saidBy(cmd)
}

func rolloutNoteCommand(t *target) *cobra.Command {
	return saidBy(&cobra.Command{
		Use:   "note TEXT",
		Short: "Keep in the journal what was learned in the phase in force",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			by, err := author(cmd, t)
			if err != nil {
				return err
			}
			d, now, err := t.steer(cmd)
			if err != nil {
				return err
			}
			if err := d.Note(cmd.Context(), by, args[0], now); err != nil {
				return err
			}
			put(cmd.OutOrStdout(), "Noted.\n")
			return nil
		},
	})
}

func rolloutJournalCommand(t *target) *cobra.Command {
	output := ""
	cmd := &cobra.Command{
		Use:   "journal",
		Short: "Write what was learned, as Markdown",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			d, now, err := t.steer(cmd)
			if err != nil {
				return err
			}
			j, err := d.Journal(cmd.Context(), now)
			if err != nil {
				return err
			}
			if output == "" {
				put(cmd.OutOrStdout(), "%s", j.Markdown())
				return nil
			}
			const private = 0o600
			return fault.Wrap(fault.Invalid, "write the journal", os.WriteFile(output, []byte(j.Markdown()), private))
		},
	}
	cmd.Flags().StringVarP(&output, "output", "o", "", "the file to write (standard output)")
	return cmd
}

func recomputeCommand(t *target) *cobra.Command {
	return &cobra.Command{
		Use:   "recompute [TIME]",
		Short: "Decide a stored verdict's inputs again and compare; the last one, or that of TIME",
		Long: `Decide the inputs of a stored verdict again and compare what comes out with what
was stored. TIME is the verdict's, as status lists it: 2027-03-01T10:00:12Z.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			d, now, err := t.steer(cmd)
			if err != nil {
				return err
			}
			at, err := verdictTime(cmd, d, now, args)
			if err != nil {
				return err
			}
			stored, again, same, err := d.Recompute(cmd.Context(), at)
			if err != nil {
				return err
			}
			if !same {
				return fault.New(fault.Internal, "the verdict of %s was %s; its inputs give %s now", stored.At.Format(time.RFC3339), stored.Action, again.Action)
			}
			put(cmd.OutOrStdout(), "The verdict of %s is %s, and its inputs give the same again.\n", stored.At.Format(time.RFC3339), stored.Action)
			return nil
		},
	}
}

// verdictTime is the time that was named, or the last verdict's.
func verdictTime(cmd *cobra.Command, d *steering.Desk, now time.Time, args []string) (time.Time, error) {
	if len(args) == 1 {
		at, err := time.Parse(time.RFC3339, args[0])
		return at, fault.Wrap(fault.Invalid, "read the time of the verdict", err)
	}
	v, err := d.Status(cmd.Context(), now)
	if err != nil {
		return now, err
	}
	if len(v.Rulings) == 0 {
		return now, fault.New(fault.NotFound, "no verdict is stored of the phase in force")
	}
	return v.Rulings[0].At, nil
}

func rolloutStatusCommand(t *target) *cobra.Command {
	asJSON := false
	cmd := &cobra.Command{
		Use:     "status",
		Aliases: []string{"verdict"},
		Short:   "Say where the rollout stands, what its gates say and what is missing",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			d, now, err := t.steer(cmd)
			if err != nil {
				return err
			}
			v, err := d.Status(cmd.Context(), now)
			if err != nil {
				return err
			}
			if asJSON {
				return printJSON(cmd.OutOrStdout(), v)
			}
			return printRollout(cmd.OutOrStdout(), v)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// mostVerdicts is how many verdicts are listed.
const mostVerdicts = 10

func printRollout(out io.Writer, v steering.View) error {
	if v.Everybody {
		put(out, "The process applies to every lead, automatically: the policy has one phase and no gate.\nTo begin with a pilot, apply a policy with more phases: see shared/policy/examples/pilot.yaml.\n")
		return nil
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	put(w, "\tPHASE\tMODE\tSHARE\tAGREES\n")
	for _, p := range v.Track {
		mark := map[bool]string{true: ">"}[p.Current]
		put(w, "%s\t%s\t%s\t%.4g %%\t%s\n", mark, plain(p.Name), p.Mode, 100*p.Share, plain(p.Approve))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	put(out, "\n%s is %s (round %d, version %d).\n", plain(v.State.Phase), v.State.Status.Words(), v.State.Round, v.State.Version)
	if v.Lost != "" {
		put(out, "%s\n", plain(v.Lost))
	}
	if !v.EarliestEnd.IsZero() {
		put(out, "It ends on %s at the earliest; a person is asked on %s at the latest.\n", v.EarliestEnd.Format(time.DateOnly), v.LatestEnd.Format(time.DateOnly))
	}
	put(out, "\nVerdict now: %s\n", v.Ruling.Action)
	printSaid(out, "", slices.Concat(v.Ruling.Why, v.Ruling.Verdict.Missing, v.Outlook))
	printSaid(out, "\nBefore the next phase begins:\n", v.NextOutlook)
	printVerdicts(out, v.Rulings)
	return nil
}

// printSaid prints sentences under a heading, each once, since two gates of one
// outcome may say the same, and nothing where there is none.
func printSaid(out io.Writer, heading string, sentences []string) {
	for i, s := range sentences {
		if i == 0 {
			put(out, "%s", heading)
		}
		if !slices.Contains(sentences[:i], s) {
			put(out, "  %s\n", plain(s))
		}
	}
}

// printVerdicts lists the newest.
func printVerdicts(out io.Writer, newestFirst []rollout.Ruling) {
	for i, r := range newestFirst {
		if i == 0 {
			put(out, "\nVerdicts kept, newest first:\n")
		}
		if i < mostVerdicts {
			put(out, "  %s  %s\n", r.At.Format(time.RFC3339), r.Action)
		}
	}
}
