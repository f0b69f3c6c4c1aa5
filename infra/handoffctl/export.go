package main

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/handoff-oss/handoff/shared/contract"
	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/find"
	"github.com/handoff-oss/handoff/shared/imports"
	"github.com/handoff-oss/handoff/shared/signal"
	"github.com/handoff-oss/handoff/shared/table"
	"github.com/handoff-oss/handoff/shared/tabular"
	shown "github.com/handoff-oss/handoff/shared/view"
)

func exportCommand(t *target) *cobra.Command {
	format, file, fields := "csv", "", []string{}
	cmd := &cobra.Command{
		Use:   "export",
		Short: "Write all leads, or those of a filter, as CSV or JSON Lines",
		Long: `Write all leads, or those of a filter, as CSV or JSON Lines.

As CSV a lead is a row, with the columns of leads --csv, those profile fields
that are missing there, and the ones that --fields names. Cells that a spreadsheet
would take for a formula, telephone numbers with a + among them, get an
apostrophe in front, which handoffctl import takes away again; negative numbers
stay numbers. As JSON Lines a lead is a line, with the members of
GET /api/leads/{key} that a lead says by itself.

  handoffctl export --out leads.csv
  handoffctl export --stage won --fields persona,city > won.csv
  handoffctl export --format jsonl --source typeform --days 30`,
		Args: cobra.NoArgs,
	}
	query := filtered(cmd)
	cmd.Flags().StringVar(&format, "format", "csv", "csv or jsonl")
	cmd.Flags().StringVar(&file, "out", "", "the file to write; it appears once it is complete")
	cmd.Flags().StringSliceVar(&fields, "fields", nil, "further profile fields as columns")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if format != "csv" && format != "jsonl" {
			return fault.New(fault.Invalid, "--format is csv or jsonl, not %q", format)
		}
		l, err := t.list(cmd.Context(), query(), 0)
		if err != nil {
			return err
		}
		write := l.writeLines
		if format == "csv" {
			write = func(ctx context.Context, out, progress io.Writer) error {
				return l.exportCSV(ctx, out, progress, fields)
			}
		}
		if file == "" {
			return write(cmd.Context(), cmd.OutOrStdout(), cmd.ErrOrStderr())
		}
		return whole(file, func(out io.Writer) error {
			if format == "csv" {
				put(out, tabular.ByteOrder)
			}
			return write(cmd.Context(), out, cmd.ErrOrStderr())
		})
	}
	return cmd
}

// whole writes a file, for its owner alone, that has its name only once it is
// complete.
func whole(name string, write func(io.Writer) error) error {
	part := name + ".part"
	f, err := os.OpenFile(part, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600) //nolint:gosec // The operator names it.
	if err != nil {
		return fault.Wrap(fault.Invalid, "write the file", err)
	}
	err = write(f)
	if closed := f.Close(); err == nil {
		err = fault.Wrap(fault.Unavailable, "write the file", closed)
	}
	if err != nil {
		_ = os.Remove(part) // what went wrong is told
		return err
	}
	return fault.Wrap(fault.Unavailable, "name the file", os.Rename(part, name))
}

// exported are the profile fields that an export has beside find.Columns.
func exported(fields []string) []string {
	all := []string{signal.FieldEmployees, signal.FieldWebsite, signal.FieldIndustry, signal.FieldPostal}
	for _, f := range fields {
		f = strings.TrimPrefix(strings.TrimSpace(f), "field.")
		if f != "" && !slices.Contains(all, f) && !slices.Contains(find.Columns(), f) {
			all = append(all, f)
		}
	}
	return all
}

// columnOf names the column of a profile field so that an import knows it.
func columnOf(field string) string {
	if imports.Target(field).Known() && imports.Target(field) != imports.FullName {
		return field
	}
	return "field." + field
}

func (l *listing) exportCSV(ctx context.Context, out, progress io.Writer, fields []string) error {
	more := exported(fields)
	w := csv.NewWriter(out)
	header := find.Columns()
	for _, f := range more {
		header = append(header, columnOf(f))
	}
	if err := w.Write(header); err != nil {
		return fault.Wrap(fault.Unavailable, "write CSV", err)
	}
	err := l.stream(ctx, progress, func(r find.Row) error {
		record, profile := r.Record(), r.Lead.Facts.Values()
		for _, f := range more {
			record = append(record, tabular.Plain(profile[f]))
		}
		return fault.Wrap(fault.Unavailable, "write CSV", w.Write(record))
	})
	if w.Flush(); err != nil {
		return err
	}
	return fault.Wrap(fault.Unavailable, "write CSV", w.Error())
}

// stream hands the rows out and says how far it came.
func (l *listing) stream(ctx context.Context, progress io.Writer, use func(find.Row) error) error {
	n, line := 0, isTerminal(progress)
	err := l.each(ctx, func(r find.Row) error {
		n++
		return use(r)
	}, func(rows int, p table.LeadsPage) {
		if line {
			put(progress, "\r%s%s\033[K", count(rows, "lead"), backTo(p))
		}
	})
	if err != nil {
		return err
	}
	if line {
		put(progress, "\r\033[K")
	}
	put(progress, "%s written\n", count(n, "lead"))
	return nil
}

// leadLine is a lead as a line of JSON: what GET /api/leads/{key} says of it,
// but for what takes further reads.
type leadLine struct {
	Key           string               `json:"key"`
	Email         string               `json:"email"`
	Name          string               `json:"name"`
	Company       string               `json:"company"`
	Profile       map[string]string    `json:"profile"`
	Stage         string               `json:"stage"`
	StageAt       map[string]time.Time `json:"stage_at"`
	Version       int64                `json:"version"`
	Signals       int                  `json:"signals"`
	CreatedAt     time.Time            `json:"created_at"`
	UpdatedAt     time.Time            `json:"updated_at"`
	PolicyVersion string               `json:"policy_version"`
	Fit           scoreLine            `json:"fit"`
	Engagement    scoreLine            `json:"engagement"`
	Qualification qualificationLine    `json:"qualification"`
	Handoff       *handoffLine         `json:"handoff"`
	Clocks        []shown.Clock        `json:"clocks"`
	RecycledUntil *time.Time           `json:"recycled_until"`
}

type scoreLine struct {
	Grade string          `json:"grade,omitempty"`
	Score int             `json:"score"`
	Parts []contract.Part `json:"parts"`
	AsOf  *time.Time      `json:"as_of,omitempty"`
}

type qualificationLine struct {
	Qualified bool     `json:"qualified"`
	Reason    string   `json:"reason"`
	Missing   []string `json:"missing"`
}

type handoffLine struct {
	Number int          `json:"number"`
	Pool   string       `json:"pool"`
	Holder shown.Holder `json:"holder"`
	Since  time.Time    `json:"since"`
	Reason string       `json:"reason"`
}

func (l *listing) writeLines(ctx context.Context, out, progress io.Writer) error {
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	return l.stream(ctx, progress, func(r find.Row) error {
		return fault.Wrap(fault.Unavailable, "write JSON", enc.Encode(l.lineOf(r)))
	})
}

func (l *listing) lineOf(r find.Row) leadLine {
	d, p := r.Lead, r.Lead.Facts.Values()
	line := leadLine{
		Key: string(d.Key), Email: p[signal.FieldEmail], Name: find.Name(p), Company: p[signal.FieldCompany], Profile: p,
		Stage: string(d.Journey.Stage), StageAt: map[string]time.Time{}, Version: d.Version, Signals: d.Facts.Signals,
		CreatedAt: d.CreatedAt.UTC(), UpdatedAt: d.UpdatedAt.UTC(), PolicyVersion: string(l.policy.Version),
		Fit:           scoreLine{Grade: r.Result.Fit.Grade, Score: r.Result.Fit.Score, Parts: append([]contract.Part{}, r.Result.Fit.Parts...)},
		Engagement:    scoreLine{Score: r.Result.Engagement.Score, Parts: append([]contract.Part{}, r.Result.Engagement.Parts...), AsOf: &l.now},
		Qualification: qualificationLine{r.Result.Qualification.Qualified, r.Result.Qualification.Reason, append([]string{}, r.Result.Qualification.Missing...)},
		Clocks:        []shown.Clock{}, RecycledUntil: shown.OrNil(d.Journey.RecycledUntil),
	}
	for stage, at := range d.Journey.StageAt {
		line.StageAt[string(stage)] = at.UTC()
	}
	if h := d.Journey.Holder(); h != nil {
		line.Handoff = &handoffLine{Number: h.Number, Pool: h.Pool, Holder: shown.Holder{Rep: h.Rep, Name: h.RepName}, Since: h.Since.UTC(), Reason: h.Reason}
	}
	for _, c := range d.Journey.Clocks {
		line.Clocks = append(line.Clocks, shown.ClockOf(c, l.policy.Policy))
	}
	return line
}
