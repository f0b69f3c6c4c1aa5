package main

import (
	"encoding/json"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/policy/rules"
	"github.com/handoff-oss/handoff/shared/privacy"
)

func subjectCommand(t *target) *cobra.Command {
	var file string
	cmd := &cobra.Command{
		Use:   "subject-access EMAIL|KEY --out FILE.json|FILE.md",
		Short: "Write all that is held of a person into a file",
		Long: `Write all that is held of a person into a file: what reached us as it came, what
follows from it and why, what was decided, what our people wrote about them, who
was told, and what is kept elsewhere. A name that ends in .md gives a text for
the person to read; any other JSON, for a machine, with every detail.

The file is for its owner alone (mode 0600). Look through what our people wrote
before it is sent: it may name others.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			d, err := gather(cmd, t, args[0])
			if err != nil {
				return err
			}
			text := []byte(d.Readable())
			if !strings.HasSuffix(file, ".md") {
				if text, err = json.MarshalIndent(d, "", "  "); err != nil {
					return fault.Wrap(fault.Internal, "encode", err)
				}
			}
			err = whole(file, func(out io.Writer) error {
				_, err := out.Write(append(text, '\n'))
				return fault.Wrap(fault.Unavailable, "write the file", err)
			})
			if err != nil {
				return err
			}
			put(cmd.OutOrStdout(), "Wrote %s: %s, %s.\n", file, count(len(d.Signals), "signal"), count(len(d.Decisions), "decision"))
			return nil
		},
	}
	cmd.Flags().StringVar(&file, "out", "", "the file to write")
	_ = cmd.MarkFlagRequired("out") // never fails for a flag that is there
	return cmd
}

func gather(cmd *cobra.Command, t *target, name string) (privacy.Dossier, error) {
	ctx := cmd.Context()
	key, err := keyOf(name)
	if err != nil {
		return privacy.Dossier{}, err
	}
	place, err := t.find(ctx)
	if err != nil {
		return privacy.Dossier{}, err
	}
	now, err := place.now(ctx)
	if err != nil {
		return privacy.Dossier{}, err
	}
	compiled, err := rules.NewLoader(place.table.Policy).Current(ctx, now)
	if err != nil {
		return privacy.Dossier{}, err
	}
	d, err := privacy.Gather(ctx, place.table, compiled, key, now)
	if err != nil && fault.KindOf(err) == fault.NotFound {
		tomb, err := place.erased(ctx, key)
		if err != nil {
			return d, err
		}
		return d, fault.New(fault.NotFound, "the person was erased on %s: nothing is held but that", stamp(tomb.At))
	}
	return d, err
}
