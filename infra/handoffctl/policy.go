package main

import (
	"context"
	"fmt"
	"io"
	"maps"
	"math"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/handoff-oss/handoff/shared/evidence"
	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/policy/check"
	"github.com/handoff-oss/handoff/shared/policy/explain"
	"github.com/handoff-oss/handoff/shared/policy/rules"
	"github.com/handoff-oss/handoff/shared/rollout"
)

// maxPolicy is the most bytes of a policy that fit into one item of the table.
const maxPolicy = 300 << 10

func policyCommand(t *target) *cobra.Command {
	cmd := &cobra.Command{Use: "policy", Short: "Check, apply and explain policies"}
	cmd.AddCommand(&cobra.Command{
		Use:   "check FILE",
		Short: "Say what is wrong with a policy, by file, line and field",
		Long: `Say what is wrong with a policy, by file, line and field.

Errors keep it from being applied and end the command with 1. Warnings are
about what works but is hardly meant; they do not. FILE may be - for standard
input. No stack is needed.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			_, _, err := checkFile(cmd, args[0])
			return err
		},
	}, &cobra.Command{
		Use:   "apply FILE",
		Short: "Check a policy and put it in force, within a minute, without a deploy",
		Long: `Check a policy and put it in force, within a minute, without a deploy.

The text is stored as an immutable version, named by its content, and becomes
the current one. A policy with errors is refused. To go back, apply the
earlier file again.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return applyPolicy(cmd, t, args[0]) },
	}, &cobra.Command{
		Use:   "show",
		Short: "Print the policy in force",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return showPolicy(cmd, t) },
	}, &cobra.Command{
		Use:   "default",
		Short: "Print the default policy, a commented example to start your own from",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := cmd.OutOrStdout().Write(policy.Default())
			return err
		},
	}, explainCommand(t))
	return cmd
}

func explainCommand(t *target) *cobra.Command {
	perWeek := 0.0
	cmd := &cobra.Command{
		Use:   "explain [FILE]",
		Short: "Say in plain words what a policy means, of a file or the one in force",
		Long: `Say in plain words what a policy means, of a file or the one in force.

With --per-week it says besides what the gates of each phase of the rollout can
find, and how long they stay open, before a phase begins: of so many companies,
leads, reps or teams, whichever unit is drawn, that qualify in a week. Nothing is
assumed of outcomes that would make them easy to tell apart.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if perWeek < 0 || math.IsNaN(perWeek) || math.IsInf(perWeek, 0) {
				return fault.New(fault.Invalid, "--per-week is a number of units above 0")
			}
			return explainPolicy(cmd, t, args, perWeek)
		},
	}
	cmd.Flags().Float64Var(&perWeek, "per-week", 0, "how many units qualify in a week")
	return cmd
}

func showPolicy(cmd *cobra.Command, t *target) error {
	place, err := t.find(cmd.Context())
	if err != nil {
		return err
	}
	v, text, err := inForce(cmd.Context(), place)
	if err != nil {
		return err
	}
	put(cmd.ErrOrStderr(), "# version %s, in force at %s\n", v, place.name)
	_, err = cmd.OutOrStdout().Write(text)
	return err
}

// read reads a file, or standard input for "-".
func read(cmd *cobra.Command, file string) ([]byte, error) {
	if file == "-" {
		text, err := io.ReadAll(cmd.InOrStdin())
		return text, fault.Wrap(fault.Unavailable, "read standard input", err)
	}
	text, err := os.ReadFile(file) //nolint:gosec // The user names the file.
	return text, fault.Wrap(fault.NotFound, "read", err)
}

// checkFile prints everything that is wrong with a policy. Kind: Invalid when
// there are errors.
func checkFile(cmd *cobra.Command, file string) (*policy.Policy, []byte, error) {
	text, err := read(cmd, file)
	if err != nil {
		return nil, nil, err
	}
	out := cmd.OutOrStdout()
	r := check.Run(file, text)
	for _, p := range r.Errors {
		put(out, "%v\n", p)
	}
	for _, p := range r.Warnings {
		put(out, "warning: %v\n", p)
	}
	switch {
	case len(r.Errors) > 0:
		return nil, nil, fault.New(fault.Invalid, "%s cannot be applied: %s", file, count(len(r.Errors), "error"))
	case len(text) > maxPolicy:
		return nil, nil, fault.New(fault.Invalid, "%s has %d bytes; a policy may have %d", file, len(text), maxPolicy)
	case len(r.Warnings) > 0:
		put(out, "%s is valid, with %s\n", file, count(len(r.Warnings), "warning"))
	default:
		put(out, "%s is valid\n", file)
	}
	return r.Policy, text, nil
}

func applyPolicy(cmd *cobra.Command, t *target, file string) error {
	ctx := cmd.Context()
	next, text, err := checkFile(cmd, file)
	if err != nil {
		return err
	}
	place, err := t.find(ctx)
	if err != nil {
		return err
	}
	before, beforeText, err := inForce(ctx, place)
	if err != nil {
		return err
	}
	now, err := place.now(ctx)
	if err != nil {
		return err
	}
	v := policy.VersionOf(text)
	if err := place.table.PutPolicy(ctx, v, text, now); err != nil {
		return err
	}
	out := cmd.OutOrStdout()
	if before == v {
		put(out, "Version %s was in force at %s already.\n", v, place.name)
		return nil
	}
	put(out, "Applied version %s to %s, in place of %s. Every function decides by it within a minute.\n", v, place.name, before)
	describeChange(out, beforeText, next)
	return nil
}

// inForce returns the policy of the stack: the one applied last, else the default.
func inForce(ctx context.Context, place *place) (policy.Version, []byte, error) {
	v, text, err := place.table.Policy(ctx)
	if err != nil && fault.KindOf(err) == fault.NotFound {
		return policy.VersionOf(policy.Default()), policy.Default(), nil
	}
	return v, text, err
}

// describeChange says what of a change surprises afterwards.
func describeChange(out io.Writer, beforeText []byte, next *policy.Policy) {
	before, err := policy.Decode(beforeText)
	if err != nil {
		return // it was there before; nothing can be compared
	}
	for _, name := range slices.Sorted(maps.Keys(before.Sources)) {
		if _, ok := next.Sources[name]; !ok {
			put(out, "The source %s is gone: its webhooks are refused from now on.\n", name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(next.Sources)) {
		if _, ok := before.Sources[name]; !ok {
			put(out, "The source %s is new: put its secret into the sources' secret under that name.\n", name)
		}
	}
	gone := idsOf(before)
	for id := range idsOf(next) {
		delete(gone, id)
	}
	if len(gone) > 0 {
		put(out, "No longer in the pools: %s. They keep the leads that they hold.\n", strings.Join(slices.Sorted(maps.Keys(gone)), ", "))
	}
	a, errA := rules.Compile(before, "")
	b, errB := rules.Compile(next, "")
	if errA == nil && errB == nil && a.ScoringFingerprint() != b.ScoringFingerprint() {
		put(out, "What counts as engagement has changed: a lead's counts are made anew when it is next decided about.\n")
	}
}

func idsOf(p *policy.Policy) map[string]bool {
	ids := map[string]bool{}
	for _, pool := range p.Routing.Pools {
		for _, r := range pool.Reps {
			ids[r.ID] = true
		}
	}
	return ids
}

func explainPolicy(cmd *cobra.Command, t *target, args []string, perWeek float64) error {
	file, text := "", []byte(nil)
	var v policy.Version
	var err error
	if len(args) == 1 {
		file = args[0]
		text, err = read(cmd, file)
		v = policy.VersionOf(text)
	} else {
		var place *place
		if place, err = t.find(cmd.Context()); err == nil {
			file = "the policy in force"
			v, text, err = inForce(cmd.Context(), place)
		}
	}
	if err != nil {
		return err
	}
	p, err := check.Parse(file, text)
	if err != nil {
		return err
	}
	words, err := explain.Text(p, v)
	if err != nil {
		return err
	}
	put(cmd.OutOrStdout(), "%s", words)
	if perWeek == 0 {
		return nil
	}
	return printOutlook(cmd.OutOrStdout(), p.Rollout, perWeek)
}

// printOutlook says what the gates of each phase can find.
func printOutlook(out io.Writer, r policy.Rollout, perWeek float64) error {
	put(out, "\nWHAT THE GATES CAN FIND\n")
	some := false
	for _, phase := range r.Phases {
		judged := r.Judged(phase, time.Unix(0, 0))
		if !judged.Asked(phase.Mode) {
			continue
		}
		some = true
		o, err := evidence.Outlook(judged, perWeek, rollout.Evidence{}, nil)
		if err != nil {
			return fault.Wrap(fault.Invalid, "phase "+phase.Name, err)
		}
		printSaid(out, plain(phase.Name)+":\n", o.Words)
	}
	if !some {
		put(out, "No phase asks one.\n")
	}
	return nil
}

// count writes a number with its noun.
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
