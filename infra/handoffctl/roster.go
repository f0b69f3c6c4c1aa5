package main

import (
	"errors"
	"os/user"
	"slices"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/handoff-oss/handoff/shared/directory"
	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/routing"
)

// rosterTries is how often a change of the roster is tried while others change it, too.
const rosterTries = 10

func offCommand(t *target) *cobra.Command {
	reason := ""
	cmd := &cobra.Command{
		Use:   "off ID --reason REASON",
		Short: "Give a rep nothing new until they are on again; what they hold stays theirs",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if reason == "" {
				return fault.New(fault.Invalid, "say why with --reason: others read it")
			}
			d, err := t.say(cmd, directory.Order{Rep: args[0], Edit: directory.Edit{Off: directory.Set(reason)}})
			if err != nil {
				return err
			}
			put(cmd.OutOrStdout(), "%s receives nothing new from now on: %s.\n", plain(d.nameOf(args[0])), plain(reason))
			return d.leftOver(cmd, t, args[0])
		},
	}
	cmd.Flags().StringVar(&reason, "reason", "", "why, for whoever wonders")
	return saidBy(cmd)
}

func onCommand(t *target) *cobra.Command {
	return saidBy(&cobra.Command{
		Use:   "on ID",
		Short: "Let a rep receive leads again, also one whom the policy has off",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			d, err := t.say(cmd, directory.Order{Rep: args[0], Edit: directory.Edit{Off: directory.Reset[string]()}})
			if err != nil {
				return err
			}
			return d.isOn(cmd, args[0])
		},
	})
}

// isOn says that a rep is on again, and what still keeps leads away.
func (d *desk) isOn(cmd *cobra.Command, id string) error {
	out := cmd.OutOrStdout()
	put(out, "%s receives leads again.\n", plain(d.nameOf(id)))
	if rep, _, _ := routing.Find(d.base.Policy, id); rep.Off != "" {
		put(out, "The policy has them off (%s); this goes before it.\n", plain(rep.Off))
	}
	for _, name := range d.pools() {
		for _, p := range d.people(name) {
			if p.ID == id && p.State != directory.OnDuty {
				put(out, "In the pool %s they are %s now.\n", name, p.State)
			}
		}
	}
	return nil
}

func leaveCommand(t *target) *cobra.Command {
	var l policy.Leave
	remove := false
	cmd := &cobra.Command{
		Use:   "leave ID (--from DAY --to DAY [--reason REASON] | --clear)",
		Short: "Enter when a rep is away, besides the leave in the policy",
		Long: `Enter when a rep is away, besides the leave in the policy: days, both meant, or
times by the rep's clock, the end excluded.

  handoffctl reps leave alex --from 2027-07-01 --to 2027-07-14 --reason vacation
  handoffctl reps leave alex --from 2027-07-01T13:00 --to 2027-07-01T17:00

Nothing new comes to them in that time, nor shortly before a long one if the
policy says so, and the clocks that count their hours stand still. --clear
takes back all that was entered here.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if remove {
				return clearLeave(cmd, t, args[0])
			}
			d, err := t.say(cmd, directory.Order{Rep: args[0], Edit: directory.Edit{AddLeave: []policy.Leave{l}}})
			if err != nil {
				return err
			}
			put(cmd.OutOrStdout(), "%s is on leave %s.\n", plain(d.nameOf(args[0])), plain(leaveWords(l)))
			return d.leftOver(cmd, t, args[0])
		},
	}
	cmd.Flags().StringVar(&l.From, "from", "", "the first day, or the time at which it begins")
	cmd.Flags().StringVar(&l.To, "to", "", "the last day, or the time at which it ends")
	cmd.Flags().StringVar(&l.Reason, "reason", "", "why, such as vacation")
	cmd.Flags().BoolVar(&remove, "clear", false, "take back what was entered")
	cmd.MarkFlagsRequiredTogether("from", "to")
	cmd.MarkFlagsMutuallyExclusive("from", "clear")
	cmd.MarkFlagsOneRequired("from", "clear")
	return saidBy(cmd)
}

func clearLeave(cmd *cobra.Command, t *target, id string) error {
	d, err := t.desk(cmd.Context())
	if err != nil {
		return err
	}
	entered := d.roster.Reps[id].Leave
	if d, err = t.say(cmd, directory.Order{Rep: id, Edit: directory.Edit{RemoveLeave: entered}}); err != nil {
		return err
	}
	put(cmd.OutOrStdout(), "Took back %s of %s.\n", count(len(entered), "leave"), plain(d.nameOf(id)))
	rep, err := d.rep(id)
	if err != nil {
		return err
	}
	for _, l := range rep.Leave {
		from := "The policy"
		if f := d.roster.Reps[id].Feed; f != nil && slices.Contains(f.Leave, l) {
			from = "The calendar feed"
		}
		put(cmd.OutOrStdout(), "%s still has %s.\n", from, plain(leaveWords(l)))
	}
	return nil
}

// leaveWords writes a leave as it was entered.
func leaveWords(l policy.Leave) string {
	text := l.From + " to " + l.To
	if l.Reason != "" {
		text += " (" + l.Reason + ")"
	}
	return text
}

// say carries out an order, and returns the desk as it is then. What is said
// already changes nothing. Kinds: those of directory.Apply, and Conflict when
// others keep writing.
func (t *target) say(cmd *cobra.Command, o directory.Order) (*desk, error) {
	ctx := cmd.Context()
	var err error
	if o.By, err = author(cmd, t); err != nil {
		return nil, err
	}
	d, err := t.desk(ctx)
	if err != nil {
		return nil, err
	}
	o.At = d.at
	for range rosterTries {
		next, err := directory.Apply(d.base.Policy, d.roster, o)
		if errors.Is(err, directory.ErrUnchanged) {
			return d, nil
		}
		if err != nil {
			return nil, err
		}
		err = d.table.PutRoster(ctx, next)
		if err == nil {
			d.lay(next)
			return d, nil
		}
		if fault.KindOf(err) != fault.Conflict {
			return nil, err
		}
		now, err := d.table.Roster(ctx)
		if err != nil {
			return nil, err
		}
		d.lay(now)
	}
	return nil, fault.New(fault.Conflict, "somebody else kept changing the roster; try again")
}

// saidBy gives a command the flag that names who says so.
func saidBy(cmd *cobra.Command) *cobra.Command {
	cmd.Flags().String("by", "", "who says so, for the record (default: your name on this machine)")
	return cmd
}

// author is who says something. Kind: Invalid when nobody can tell.
func author(cmd *cobra.Command, t *target) (string, error) {
	if by, err := cmd.Flags().GetString("by"); err == nil && by != "" {
		return by, nil
	}
	if u, err := user.Current(); err == nil && u.Username != "" {
		return u.Username, nil
	}
	if name := t.getenv("USER"); name != "" {
		return name, nil
	}
	return "", fault.New(fault.Invalid, "say who you are with --by")
}

// leftOver says what a rep who receives nothing new still holds.
func (d *desk) leftOver(cmd *cobra.Command, t *target, rep string) error {
	all, err := d.maker.HeldBy(cmd.Context(), rep)
	if err != nil {
		return err
	}
	out := cmd.OutOrStdout()
	if len(all) == 0 {
		put(out, "They hold no open lead.\n")
		return nil
	}
	put(out, "They hold %s:\n", count(len(all), "open lead"))
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, l := range all {
		put(w, "  %s\t%s\t%s\tsince %s\n", l.Key, who(l), l.Journey.Stage, stamp(l.Journey.Handoff.Since))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	put(out, "To see who would get them: %s reps hand-over %s\n", t.self(), rep)
	return nil
}

// self is how this command line was begun.
func (t *target) self() string {
	self := "handoffctl"
	if t.local {
		self += " --local"
	}
	if t.stack != "" {
		self += " --stack " + t.stack
	}
	if t.table != "" {
		self += " --table " + t.table
	}
	return self
}
