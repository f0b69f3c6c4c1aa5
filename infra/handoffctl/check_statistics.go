package main

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/rollout/vectors"
)

func checkStatisticsCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "statistics FILE",
		Short: "Compute tables of statistics again, and print each number beside the one wanted",
		Long: `Compute tables of statistics again, and print each number beside the one wanted.

A table is JSON: the lists two_proportions, power, srm and sequences of cases,
as in shared/rollout/testdata/references.json, which the script beside it made
with other software. Each number is printed as it is here and as it is there.
What is not computed here is named. The command ends with 1 when a number
differs by more than a millionth of it, a case cannot be read, or there is
nothing to compare. FILE may be - for standard input. No stack is needed.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return checkStatistics(cmd, args[0]) },
	}
}

func checkStatistics(cmd *cobra.Command, file string) error {
	text, err := read(cmd, file)
	if err != nil {
		return err
	}
	quantities, unread := vectors.Compare(text)
	unread = fault.Wrap(fault.Invalid, file, unread)
	different, uncomputed, last := 0, 0, ""
	for _, q := range quantities {
		if title := q.Section + ", " + q.Case; title != last {
			put(cmd.OutOrStdout(), "%s\n", title)
			last = title
		}
		putQuantity(cmd.OutOrStdout(), q)
		switch {
		case !q.Computed():
			uncomputed++
		case !q.Same():
			different++
		}
	}
	put(cmd.OutOrStdout(), "%s, %s, %d not computed\n",
		count(len(quantities)-uncomputed, "answer"), count(different, "difference"), uncomputed)
	if different > 0 {
		return errors.Join(unread, fault.New(fault.Invalid, "%s from what the table says", count(different, "difference")))
	}
	return unread
}

func putQuantity(w io.Writer, q vectors.Quantity) {
	switch {
	case !q.Computed():
		put(w, "  %-26s not computed here\n", q.Name)
	case q.Same():
		put(w, "  %-26s %s here, %s there\n", q.Name, figures(q.Got), figures(q.Want))
	default:
		put(w, "  %-26s %s here, %s there: DIFFERENT\n", q.Name, figures(q.Got), figures(q.Want))
	}
}

// figures prints a number, or an interval as (low, high).
func figures(numbers []float64) string {
	words := make([]string, 0, len(numbers))
	for _, x := range numbers {
		words = append(words, strconv.FormatFloat(x, 'g', 10, 64))
	}
	if len(words) == 1 {
		return words[0]
	}
	return fmt.Sprintf("(%s)", strings.Join(words, ", "))
}
