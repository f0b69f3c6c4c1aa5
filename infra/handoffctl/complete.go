package main

import (
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/handoff-oss/handoff/shared/decision"
	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/policy"
)

func completeCommand(t *target) *cobra.Command {
	var set []string
	reason := ""
	cmd := &cobra.Command{
		Use:   "complete KEY|EMAIL --set FIELD=VALUE …",
		Short: "Enter what is known of a lead, such as a phone number that sales needs",
		Long: `Enter what is known of a lead. It goes before what sources have said so far, and
only a later word of the policy's highest source goes before it.

A lead that has qualified and waits for that data is handed off within seconds,
by the rules. To hand it off as it is, use handoffctl lead hand-off.

  handoffctl lead complete ada@engines.example --set phone="+44 20 7946 0018" --reason "asked by chat"`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			fields, err := pairs(set)
			if err != nil {
				return err
			}
			return complete(cmd, t, args[0], decision.Entry{Fields: fields, Reason: reason})
		},
	}
	cmd.Flags().StringArrayVar(&set, "set", nil, "a profile field and its value; may be given several times")
	cmd.Flags().StringVar(&reason, "reason", "", "how it is known, to be kept with it")
	return saidBy(cmd)
}

// pairs reads what was typed as FIELD=VALUE. Kind: Invalid.
func pairs(set []string) (map[string]string, error) {
	fields := map[string]string{}
	for _, s := range set {
		name, value, ok := strings.Cut(s, "=")
		if !ok {
			return nil, fault.New(fault.Invalid, "--set %q is not of the form FIELD=VALUE, such as phone=+44 20 7946 0018", s)
		}
		fields[strings.TrimSpace(name)] = value
	}
	return fields, nil
}

// complete stores what somebody enters. Kinds: Invalid, NotFound, and as of the table.
func complete(cmd *cobra.Command, t *target, name string, e decision.Entry) error {
	ctx := cmd.Context()
	if len(e.Fields) == 0 {
		return fault.New(fault.Invalid, "say what is known with --set FIELD=VALUE")
	}
	var err error
	if e.By, err = author(cmd, t); err != nil {
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
	s, err := decision.EntryFor(l, d.policy.Completeness, e, d.at)
	if err != nil {
		return err
	}
	stored, err := d.table.PutSignalFor(ctx, l.Key, s)
	if err != nil {
		return err
	}
	word := "Entered"
	if !stored {
		word = "Entered before"
	}
	put(cmd.OutOrStdout(), "%s: the %s of lead %s. decide takes it in; see handoffctl lead show %s\n", word, entered(s.Lead), l.Key, l.Key)
	return nil
}

// entered names the fields in words.
func entered(fields map[string]string) string {
	var words []string
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		words = append(words, policy.Need(name).Words())
	}
	return plain(strings.Join(words, ", "))
}
