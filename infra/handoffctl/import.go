package main

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/imports"
	"github.com/handoff-oss/handoff/shared/policy/rules"
	"github.com/handoff-oss/handoff/shared/signal"
	"github.com/handoff-oss/handoff/shared/tabular"
)

// importing is what the flags of an import say.
type importing struct {
	*target
	maps     []string // "Column=target"
	source   string
	again    string
	rejected string
	preview  bool
	yes      bool
}

func importCommand(t *target) *cobra.Command {
	i := &importing{target: t}
	cmd := &cobra.Command{
		Use:   "import FILE",
		Short: "Import contacts from a CSV file: preview first, quiet, resumable, nothing twice",
		Long: `Import contacts from a CSV file, such as a CRM or a spreadsheet exports.

First it shows what would be imported: what each column is taken for, how many
rows have something in it, the first ten, and every kind of problem in the file.
Then it asks. Commas, semicolons and tabs, UTF-8, UTF-16 and Windows-1252 are
recognized. Change what a column is by --map, as often as needed; "" leaves it
out, field.NAME is a field of your own, attr.NAME an attribute, and
attr.consent.email whether the person agrees to e-mail: given or withdrawn.

  handoffctl import contacts.csv --preview
  handoffctl import contacts.csv --map "Mobile=phone" --map "Phone=" --yes
  handoffctl import deals.csv --source hubspot --map "Record ID=contact_id"

An import is history: it starts no handoff and notifies nobody, of whatever day
it is; what a lead does afterwards counts as ever. --source makes the rows the
word of one of the policy's sources, with its rank and its contact ids.

Rows that cannot be imported go to contacts.rejected.csv, each with what is wrong
and what to do; corrected, that file can be imported. The same command again
goes on where it was interrupted, and stores nothing twice. The signals go into
the table's inbox in batches; the functions follow at the pace of the stream,
which keeps them for a day, so leads appear a while after an import of many rows.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return i.run(cmd, args[0]) },
	}
	cmd.Flags().StringArrayVar(&i.maps, "map", nil, `what a column is: "Column=target"; targets are `+targetNames())
	cmd.Flags().StringVar(&i.source, "source", "", "the policy's source whose word the rows are ("+imports.Source+")")
	cmd.Flags().StringVar(&i.again, "again", "", "any word: import a file once more that was imported with the same mapping before")
	cmd.Flags().StringVar(&i.rejected, "rejected", "", "where rejected rows go (beside the file, as contacts.rejected.csv)")
	cmd.Flags().BoolVar(&i.preview, "preview", false, "only show what would be imported")
	cmd.Flags().BoolVar(&i.yes, "yes", false, "do not ask")
	cmd.MarkFlagsMutuallyExclusive("preview", "yes")
	return cmd
}

func targetNames() string {
	var names []string
	for _, t := range imports.Targets() {
		names = append(names, string(t))
	}
	return strings.Join(names, ", ") + ", field.NAME, attr.NAME"
}

func (i *importing) run(cmd *cobra.Command, name string) error {
	file, err := os.Open(name) //nolint:gosec // The operator's own file.
	if err != nil {
		return fault.Wrap(fault.NotFound, "open the file", err)
	}
	defer func() { _ = file.Close() }()
	plan, err := imports.Open(filepath.Base(name), file)
	if err != nil {
		return err
	}
	p, err := i.find(cmd.Context())
	if err != nil {
		return err
	}
	state, begun, err := i.state(cmd.Context(), p, plan, file)
	if err != nil {
		return err
	}
	out := cmd.OutOrStdout()
	if state.Done && !i.preview {
		put(out, "%s was imported %s: %s stored, %d rejected. Nothing was done; --again WORD imports it once more.\n",
			plain(state.File), stamp(state.StartedAt), count(state.Stored, "row"), state.Rejected)
		return nil
	}
	rows, err := fromTop(file, state.Plan)
	if err != nil {
		return err
	}
	survey, err := imports.Look(state.Plan, state.StartedAt, rows, 0, true)
	if err != nil {
		return err
	}
	printSurvey(out, state, survey)
	switch {
	case state.Done:
		put(out, "\nIt was imported %s: %s. --again WORD imports it once more.\n", stamp(state.StartedAt), summary(state))
	case begun:
		put(out, "\nIt was begun %s, and goes on behind row %d.\n", stamp(state.StartedAt), state.At.Row)
	}
	if i.preview || survey.Good == 0 {
		put(out, "\nNothing was imported.\n")
		return nil
	}
	if agreed, err := i.asks(cmd, p, survey); err != nil || !agreed {
		return err
	}
	return i.carryOut(cmd, p, state, begun, file, cmp.Or(i.rejected, strings.TrimSuffix(name, filepath.Ext(name))+".rejected.csv"))
}

// state finds the import of the file, or makes a new one as the flags say. One
// that was begun and not finished goes on by its own mapping, unless the flags
// say another.
func (i *importing) state(ctx context.Context, p *place, plan imports.Plan, file io.ReadSeeker) (s imports.State, begun bool, err error) {
	now, err := p.now(ctx)
	if err != nil {
		return s, false, err
	}
	policy, err := rules.NewLoader(p.table.Policy).Current(ctx, now)
	if err != nil {
		return s, false, err
	}
	plan.Source, plan.Again = cmp.Or(i.source, imports.Source), i.again
	if _, known := policy.Sources[plan.Source]; !known && plan.Source != imports.Source {
		return s, false, fault.New(fault.Invalid, "the policy has no source %q; leave --source out, or name one of its sources", plan.Source)
	}
	plan.Targets = imports.Guess(plan.Header, plan.Source)
	if err := remap(&plan, i.maps); err != nil {
		return s, false, err
	}
	if s, begun, err = i.known(ctx, p, plan); err != nil || begun {
		return s, begun, err
	}
	rows, err := fromTop(file, plan)
	if err != nil {
		return s, false, err
	}
	return imports.Start(plan, rows.Place(), cmp.Or(i.getenv("USER"), "operator"), now), false, nil
}

// known finds the import of a file that was begun: the one of the plan, or any
// that is not finished if the flags do not say how the file is to be imported.
func (i *importing) known(ctx context.Context, p *place, plan imports.Plan) (s imports.State, begun bool, err error) {
	if len(i.maps) == 0 && i.source == "" && i.again == "" {
		all, err := p.table.Imports(ctx)
		if err != nil {
			return s, false, err
		}
		same := func(s imports.State) bool { return s.Sum == plan.Sum && !s.Done }
		if at := slices.IndexFunc(all, same); at >= 0 {
			return all[at], true, nil
		}
	}
	if err := plan.Check(); err != nil {
		return s, false, err
	}
	id, err := plan.ID()
	if err != nil {
		return s, false, err
	}
	s, err = p.table.Import(ctx, id)
	if err != nil && fault.KindOf(err) == fault.NotFound {
		return s, false, nil // it was not begun
	}
	return s, err == nil, err
}

// remap changes what columns are, as the flags say.
func remap(p *imports.Plan, maps []string) error {
	for _, m := range maps {
		at := strings.LastIndexByte(m, '=')
		column := func(name string) bool { return strings.EqualFold(name, strings.TrimSpace(m[:max(at, 0)])) }
		c := slices.IndexFunc(p.Header, column)
		if at < 0 || c < 0 {
			return fault.New(fault.Invalid, "--map %q: say a column and what it is, as \"Mobile=phone\"; the columns are %s", m, strings.Join(p.Header, ", "))
		}
		given := imports.Target(strings.TrimSpace(m[at+1:]))
		for other, t := range p.Targets {
			if t == given && t != imports.Ignored && other != c && !mapped(maps, p.Header[other]) {
				p.Targets[other] = imports.Ignored // what was guessed gives way to what was said
			}
		}
		p.Targets[c] = given
	}
	return p.Check()
}

func mapped(maps []string, column string) bool {
	return slices.ContainsFunc(maps, func(m string) bool {
		name, _, _ := strings.Cut(m, "=")
		return strings.EqualFold(strings.TrimSpace(name), column)
	})
}

// fromTop reads the file behind its header.
func fromTop(file io.ReadSeeker, p imports.Plan) (*tabular.Reader, error) {
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return nil, fault.Wrap(fault.Invalid, "read the file again (is it a real file?)", err)
	}
	rows := tabular.NewReader(file, p.Format)
	_, err := rows.Header()
	return rows, err
}

func printSurvey(out io.Writer, s imports.State, v imports.Survey) {
	put(out, "%s: %s, %s.\n", plain(s.File), count(v.Rows, "row"), s.Format.Words())
	put(out, "Source: %s. Rows without a date of creation are of %s; dates without a time zone are UTC.\n\n", s.Source, stamp(s.StartedAt))
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	put(w, "COLUMN\tIS\tFILLED\tFOR EXAMPLE\n")
	for _, c := range v.Columns {
		put(w, "%s\t%s\t%d %%\t%s\n", plain(c.Name), c.Target.Label(), c.Percent(v.Rows), short(plain(c.Sample), 40))
	}
	_ = w.Flush() // as put
	if len(v.First) > 0 {
		put(out, "\nThe first rows, as they will be:\n")
	}
	for _, g := range v.First {
		put(out, "  %s  %s\n", stamp(g.OccurredAt), short(plain(inWords(g)), 150))
	}
	if v.Bad() == 0 {
		put(out, "\nNo row has a problem.\n")
		return
	}
	put(out, "\n%s of %d cannot be imported:\n", count(v.Bad(), "row"), v.Rows)
	for _, r := range v.Why() {
		put(out, "  %d  %s\n", r.Rows, plain(r.What))
	}
	put(out, "The first of them:\n")
	for _, q := range v.Problems[:min(len(v.Problems), 5)] {
		put(out, "  line %d: %s\n", q.Line, plain(q.String()))
	}
}

// inWords lists what a signal says of the person.
func inWords(s signal.Signal) string {
	id := s.Identity
	parts := []string{}
	for _, pair := range [][2]string{{"contact", id.ContactID}, {"user", id.UserID}, {"anonymous", id.AnonymousID}} {
		if pair[1] != "" {
			parts = append(parts, pair[0]+" "+pair[1])
		}
	}
	for _, group := range []map[string]string{s.Lead, s.Attributes} {
		names := make([]string, 0, len(group))
		for name := range group {
			names = append(names, name)
		}
		slices.Sort(names)
		for _, name := range names {
			parts = append(parts, name+" "+group[name])
		}
	}
	return strings.Join(parts, ", ")
}

// short cuts text for a column of a terminal.
func short(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return s
}

// asks asks whether to go on, where there is somebody to ask.
func (i *importing) asks(cmd *cobra.Command, p *place, v imports.Survey) (bool, error) {
	if i.yes {
		return true, nil
	}
	out := cmd.OutOrStdout()
	if !isTerminal(cmd.InOrStdin()) {
		put(out, "\nNothing was imported. To import %s into %s, say --yes.\n", count(v.Good, "row"), p.name)
		return false, nil
	}
	put(out, "\nImport %s into %s? Type yes: ", count(v.Good, "row"), p.name)
	answer, err := bufio.NewReader(cmd.InOrStdin()).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return false, fault.Wrap(fault.Unavailable, "read the answer", err)
	}
	if strings.TrimSpace(answer) != "yes" {
		put(out, "Nothing was imported.\n")
		return false, nil
	}
	return true, nil
}

// isTerminal tells whether somebody sits at the other end.
func isTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// summary says how an import stands.
func summary(s imports.State) string {
	return fmt.Sprintf("%s stored, %d rejected", count(s.Stored, "row"), s.Rejected)
}
