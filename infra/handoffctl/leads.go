package main

import (
	"cmp"
	"context"
	"encoding/csv"
	"io"
	"net/url"
	"strconv"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/find"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/policy/rules"
	"github.com/handoff-oss/handoff/shared/signal"
	"github.com/handoff-oss/handoff/shared/table"
)

func leadsCommand(t *target) *cobra.Command {
	asCSV, asJSON, most := false, false, 0
	cmd := &cobra.Command{
		Use:   "leads",
		Short: "List leads by stage, source, form, campaign, day, score and words; all of them as CSV",
		Long: `List leads by stage, source, form, campaign, day, score and words.

Source, form and campaign are those of a lead's first touch. With --csv the list
is followed to its end, however long that is, and how far it came stands on
standard error; cells that a spreadsheet would take for a formula get an
apostrophe in front.

  handoffctl leads --list nearly
  handoffctl leads --source typeform --days 7 --fit B
  handoffctl leads --stage won --from 2026-07-01 --to 2026-09-30 --csv > won.csv`,
		Args: cobra.NoArgs,
	}
	query := filtered(cmd)
	cmd.Flags().BoolVar(&asCSV, "csv", false, "write all of the list as CSV")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the list as JSON")
	cmd.Flags().IntVar(&most, "most", 50, "how many leads to show; with --csv 0 is all")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if asCSV && !cmd.Flags().Changed("most") {
			most = 0
		}
		l, err := t.list(cmd.Context(), query(), most)
		if err != nil {
			return err
		}
		switch {
		case asCSV:
			return l.writeCSV(cmd.Context(), cmd.OutOrStdout(), cmd.ErrOrStderr())
		case asJSON:
			return l.printJSON(cmd.Context(), cmd.OutOrStdout())
		}
		return l.print(cmd.Context(), cmd.OutOrStdout())
	}
	return cmd
}

// filtered gives a command the flags of a filter, and returns what reads them.
func filtered(cmd *cobra.Command) func() url.Values {
	for _, f := range filterFlags() {
		cmd.Flags().String(f[0], "", f[2])
	}
	return func() url.Values {
		q := url.Values{}
		for _, name := range filterFlags() {
			if f := cmd.Flags().Lookup(name[0]); f.Changed {
				q.Set(cmp.Or(name[1], name[0]), f.Value.String())
			}
		}
		return q
	}
}

// filterFlags are the flags of a filter: each with the parameter of package
// find, "" for the same name, and what it says.
func filterFlags() [][3]string {
	return [][3]string{
		{"list", "", "waiting (nobody could receive them yet), incomplete (they lack what sales needs), again (their time in nurture is over) or nearly (qualified, nearly)"},
		{"stage", "", "known, engaged, qualified, handed_off, accepted, contacted, meeting, opportunity, won, lost, recycled or disqualified"},
		{"source", "", "of the lead's first signal, by its name in the policy"},
		{"form", "", "a part of the name of the first form that the lead sent"},
		{"campaign", "", "a part of the first campaign that a signal names"},
		{"days", "", "became known in so many days, today being one"},
		{"from", "", "became known on this UTC day or later, as 2026-11-30"},
		{"to", "", "became known on this UTC day or earlier"},
		{"fit", "", "the least grade, A to D"},
		{"engagement", "", "the least engagement, now"},
		{"holder", "", "the id of a rep"},
		{"text", "q", "words in the name, the company or the address; a whole address or a key finds its lead at once"},
	}
}

// listing is a list that is being read.
type listing struct {
	*place
	filter find.Filter
	policy *rules.Compiled
	now    time.Time
	most   int // 0 is no limit
	query  table.LeadsQuery
	rows   []find.Row // that the last page brought
}

func (t *target) list(ctx context.Context, q url.Values, most int) (*listing, error) {
	f, err := find.Parse(q)
	if err != nil {
		return nil, err
	}
	p, err := t.find(ctx)
	if err != nil {
		return nil, err
	}
	l := &listing{place: p, filter: f, most: most}
	if l.now, err = p.now(ctx); err != nil {
		return nil, err
	}
	if l.policy, err = rules.NewLoader(p.table.Policy).Current(ctx, l.now); err != nil {
		return nil, err
	}
	l.query = table.LeadsQuery{Filter: f, Now: l.now, Match: l.match}
	for pool := range l.policy.Routing.Pools {
		l.query.Queues = append(l.query.Queues, pool)
	}
	return l, nil
}

func (l *listing) match(stored *lead.Lead) bool {
	row := find.RowOf(l.policy, stored, l.now)
	if !l.filter.MatchRow(row, l.now) {
		return false
	}
	l.rows = append(l.rows, row)
	return true
}

// each hands the rows of the list to use, page after page, and says to tell how
// far it came. The nearly qualified are sorted first, all of them.
func (l *listing) each(ctx context.Context, use func(find.Row) error, tell func(rows int, p table.LeadsPage)) error {
	if k, exact := l.filter.Exactly(); exact {
		return l.one(ctx, k, use)
	}
	var all []find.Row
	for n := 0; ; {
		l.rows, l.query.Limit = nil, table.MostLeads
		if l.most > 0 && l.filter.List != find.Nearly {
			l.query.Limit = min(l.most-n, table.MostLeads)
		}
		page, err := l.table.Leads(ctx, l.query)
		if err != nil {
			return err
		}
		n += len(l.rows)
		tell(n, page)
		if l.filter.List == find.Nearly {
			all = append(all, l.rows...)
		} else if err := handOut(l.rows, use); err != nil {
			return err
		}
		l.query.Cursor = page.Next
		if page.Next == "" || l.most > 0 && n >= l.most && l.filter.List != find.Nearly {
			break
		}
	}
	find.ByLack(all)
	if l.most > 0 {
		all = all[:min(len(all), l.most)]
	}
	return handOut(all, use)
}

func handOut(rows []find.Row, use func(find.Row) error) error {
	for _, r := range rows {
		if err := use(r); err != nil {
			return err
		}
	}
	return nil
}

// one reads the lead that the text names.
func (l *listing) one(ctx context.Context, k signal.LeadKey, use func(find.Row) error) error {
	l.filter.Text = ""
	stored, err := l.table.Lead(ctx, k)
	if fault.KindOf(err) == fault.NotFound {
		return nil
	}
	if err != nil {
		return err
	}
	l.match(stored)
	return handOut(l.rows, use)
}

func (l *listing) writeCSV(ctx context.Context, out, progress io.Writer) error {
	w := csv.NewWriter(out)
	if err := w.Write(find.Columns()); err != nil {
		return fault.Wrap(fault.Unavailable, "write CSV", err)
	}
	n := 0
	err := l.each(ctx, func(r find.Row) error {
		n++
		return fault.Wrap(fault.Unavailable, "write CSV", w.Write(r.Record()))
	}, func(rows int, p table.LeadsPage) {
		w.Flush()
		put(progress, "\r%s%s\033[K", count(rows, "lead"), backTo(p))
	})
	if err != nil {
		return err
	}
	w.Flush()
	put(progress, "\r%s written\033[K\n", count(n, "lead"))
	return fault.Wrap(fault.Unavailable, "write CSV", w.Error())
}

// backTo says how far a list by days has come.
func backTo(p table.LeadsPage) string {
	if p.From.IsZero() {
		return ""
	}
	return ", back to " + p.From.Format(time.DateOnly)
}

// leadRow is a lead of a list as JSON.
type leadRow struct {
	Key        string         `json:"key"`
	Email      string         `json:"email"`
	Name       string         `json:"name"`
	Company    string         `json:"company"`
	Stage      string         `json:"stage"`
	Source     string         `json:"source"`
	Form       string         `json:"form"`
	Campaign   string         `json:"campaign"`
	CreatedAt  time.Time      `json:"created_at"`
	Grade      string         `json:"fit_grade"`
	Engagement int            `json:"engagement_score"`
	Holder     string         `json:"holder"`
	Lacks      map[string]any `json:"lacks,omitempty"`
}

func (l *listing) printJSON(ctx context.Context, out io.Writer) error {
	all := []leadRow{}
	err := l.each(ctx, func(r find.Row) error {
		p, o := r.Lead.Facts.Values(), r.Lead.Facts.Origin
		row := leadRow{
			Key: string(r.Lead.Key), Email: p[signal.FieldEmail], Name: find.Name(p), Company: p[signal.FieldCompany], Stage: string(r.Lead.Journey.Stage),
			Source: o.Source(), Form: o.Form.Value, Campaign: o.Campaign.Value, CreatedAt: r.Lead.CreatedAt.UTC(),
			Grade: r.Result.Fit.Grade, Engagement: r.Result.Engagement.Score,
		}
		row.Holder, _ = r.Lead.Journey.Whose()
		if l.filter.List == find.Nearly {
			row.Lacks = map[string]any{"points": r.Lack.Points, "grade": r.Lack.Grade, "fields": r.Lack.Fields, "exclusions": r.Lack.Exclusions}
		}
		all = append(all, row)
		return nil
	}, func(int, table.LeadsPage) {})
	if err != nil {
		return err
	}
	return printJSON(out, struct {
		Leads []leadRow `json:"leads"`
	}{all})
}

func (l *listing) print(ctx context.Context, out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	put(w, "LEAD\tWHO\tSTAGE\tFIT\tENGAGEMENT\tSOURCE\tFORM\tKNOWN SINCE\tHOLDER")
	if l.filter.List == find.Nearly {
		put(w, "\tLACKS")
	}
	put(w, "\n")
	n, last := 0, table.LeadsPage{}
	err := l.each(ctx, func(r find.Row) error {
		n++
		rep, _ := r.Lead.Journey.Whose()
		o := r.Lead.Facts.Origin
		put(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s", r.Lead.Key, who(r.Lead), r.Lead.Journey.Stage, r.Result.Fit.Grade, strconv.Itoa(r.Result.Engagement.Score),
			cmp.Or(o.Source(), "-"), cmp.Or(plain(o.Form.Value), "-"), stamp(r.Lead.CreatedAt), cmp.Or(rep, "-"))
		if l.filter.List == find.Nearly {
			put(w, "\t%s", cmp.Or(plain(r.Lack.String()), "nothing but news"))
		}
		put(w, "\n")
		return nil
	}, func(_ int, p table.LeadsPage) { last = p })
	switch {
	case err != nil:
		return err
	case n == 0:
		put(out, "No lead matches.\n")
		return nil
	}
	if err := w.Flush(); err != nil {
		return fault.Wrap(fault.Unavailable, "print", err)
	}
	if last.Next != "" {
		put(out, "There may be more: --most shows more, --csv writes all.\n")
	}
	return nil
}
