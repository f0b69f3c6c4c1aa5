package main

import (
	"bytes"
	"errors"

	"github.com/spf13/cobra"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/worktime/vectors"
)

// checkCommand holds parts of Handoff against what others computed. It is for
// those who want to verify, not for daily work, and therefore hidden.
func checkCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "check", Short: "Hold Handoff's arithmetic against tables of answers", Hidden: true}
	cmd.AddCommand(&cobra.Command{
		Use:   "worktime FILE...",
		Short: "Answer tables of business time again, and print each difference",
		Long: `Answer tables of business time again, and print each difference.

A table is CSV with the columns tz, calendar, op, start_epoch, arg and want; any
others are ignored. shared/worktime/testdata/vectors.md describes them, and the
calendars that a table may name. The command ends with 1 when an answer differs
or a row cannot be read. FILE may be - for standard input. No stack is needed.`,
		Args: cobra.MinimumNArgs(1),
		RunE: checkWorktime,
	}, checkStatisticsCommand())
	return cmd
}

func checkWorktime(cmd *cobra.Command, files []string) error {
	rows, differences := 0, 0
	var unread []error
	for _, file := range files {
		text, err := read(cmd, file)
		if err != nil {
			unread = append(unread, err)
			continue
		}
		report, err := vectors.Compare(file, bytes.NewReader(text))
		if err != nil {
			unread = append(unread, err)
		}
		for _, d := range report.Differences {
			put(cmd.OutOrStdout(), "%v\n", d)
		}
		rows, differences = rows+report.Rows, differences+len(report.Differences)
	}
	put(cmd.OutOrStdout(), "%s, %s\n", count(rows, "row"), count(differences, "difference"))
	if differences > 0 {
		unread = append(unread, fault.New(fault.Invalid, "%s from what the table says", count(differences, "difference")))
	}
	return errors.Join(unread...)
}
