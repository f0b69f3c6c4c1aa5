package main

import (
	"cmp"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/handoff-oss/handoff/shared/directory"
	"github.com/handoff-oss/handoff/shared/routing"
)

func repsCommand(t *target) *cobra.Command {
	asJSON := false
	show := func(cmd *cobra.Command, _ []string) error {
		d, err := t.desk(cmd.Context())
		if err != nil {
			return err
		}
		all, err := d.reps(cmd)
		if err != nil {
			return err
		}
		if asJSON {
			return printJSON(cmd.OutOrStdout(), all)
		}
		return printReps(cmd.OutOrStdout(), all)
	}
	cmd := &cobra.Command{
		Use:   "reps",
		Short: "See and change the reps, enter leave, hand leads over",
		Long:  "See the reps, as reps list does; change them, switch them on and off, enter leave, hand leads over.",
		Args:  cobra.NoArgs,
		RunE:  show,
	}
	list := &cobra.Command{
		Use:   "list",
		Short: "List the reps: whether they are on, their hours, leads, balance and caps",
		Long: `List the reps of every pool, by the policy in force and what the directory says
in its place: whether they are on, whether they are on duty now, their leave,
the leads that they hold and have received, what they are owed (negative: what
they had in advance), and how much of their caps is used.`,
		Args: cobra.NoArgs,
		RunE: show,
	}
	list.Flags().BoolVar(&asJSON, "json", false, "print everything as JSON")
	cmd.AddCommand(list, cardCommand(t), setCommand(t), offCommand(t), onCommand(t), leaveCommand(t), feedCommand(t), historyCommand(t), handOverCommand(t))
	return cmd
}

// repView is one rep in one pool.
type repView struct {
	Rep       string      `json:"rep"`
	Name      string      `json:"name"`
	Pool      string      `json:"pool"`
	On        bool        `json:"on"`
	Reason    string      `json:"reason"`     // why the rep is off
	By        string      `json:"by"`         // who said so; "" for the policy
	State     string      `json:"state"`      // on duty, off, on leave or not on duty
	NextShift *time.Time  `json:"next_shift"` // null while on duty, and when there is none
	Leave     []leaveView `json:"leave"`      // that has not ended yet
	Open      int64       `json:"open"`       // leads held now
	Received  int64       `json:"received"`   // ever
	Balance   float64     `json:"balance"`    // leads that the rep is owed; below zero: had in advance
	Caps      []capView   `json:"caps"`
}

type leaveView struct {
	From   time.Time `json:"from"`
	To     time.Time `json:"to"` // excluded
	Reason string    `json:"reason"`
}

type capView struct {
	Used  int64  `json:"used"`
	Most  int    `json:"most"`
	Words string `json:"words"` // the window, and which leads: "today (enterprise)"
}

// reps describes everybody, pool by pool.
func (d *desk) reps(cmd *cobra.Command) ([]repView, error) {
	all := []repView{}
	for _, name := range d.pools() {
		state, err := d.table.Pool(cmd.Context(), name)
		if err != nil {
			return nil, err
		}
		for _, p := range directory.People(d.core, d.roster, state, d.at) {
			all = append(all, viewOf(p))
		}
	}
	return all, nil
}

func viewOf(p directory.Person) repView {
	v := repView{
		Rep: p.ID, Name: p.Name, Pool: p.Pool, On: p.Off == "", Reason: p.Off, State: string(p.State), Leave: []leaveView{}, Caps: []capView{},
		Open: p.Open, Received: p.Received, Balance: p.Owed,
	}
	if p.Entry.Switch == routing.Off {
		v.By = cmp.Or(p.Entry.SwitchBy, p.Entry.By)
	}
	if !p.Next.IsZero() {
		next := p.Next.UTC()
		v.NextShift = &next
	}
	for _, l := range p.Coming {
		v.Leave = append(v.Leave, leaveView{l.From.UTC(), l.To.UTC(), l.Reason})
	}
	for _, u := range p.Uses {
		v.Caps = append(v.Caps, capView{u.Count, u.Cap.Most, u.Words})
	}
	return v
}

func printReps(out io.Writer, all []repView) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	put(w, "POOL\tREP\tNAME\tSTATE\tNEXT SHIFT\tOPEN\tRECEIVED\tOWED\tCAPS USED\tLEAVE\n")
	for _, v := range all {
		state, next := v.State, "-"
		if !v.On {
			state += ": " + plain(v.Reason)
			if v.By != "" {
				state += " (by " + plain(v.By) + ")"
			}
		}
		if v.NextShift != nil {
			next = v.NextShift.Format("Mon 2006-01-02 15:04Z")
		}
		put(w, "%s\t%s\t%s\t%s\t%s\t%d\t%d\t%s\t%s\t%s\n", v.Pool, v.Rep, plain(v.Name), state, next, v.Open, v.Received,
			owed(v.Balance), capsOf(v.Caps), leaveOf(v.Leave))
	}
	return w.Flush()
}

// owed writes a balance, which is rarely an exact zero but for rounding.
func owed(leads float64) string {
	text := fmt.Sprintf("%+.2f", leads)
	if strings.Trim(text, "+-0.") == "" {
		return "0"
	}
	return text
}

func capsOf(all []capView) string {
	var out []string
	for _, c := range all {
		out = append(out, fmt.Sprintf("%d of %d %s", c.Used, c.Most, plain(c.Words)))
	}
	return dash(strings.Join(out, ", "))
}

func leaveOf(all []leaveView) string {
	var out []string
	for _, l := range all {
		text := minuteOf(l.From) + " to " + minuteOf(l.To)
		if l.Reason != "" {
			text += " (" + plain(l.Reason) + ")"
		}
		out = append(out, text)
	}
	return dash(strings.Join(out, ", "))
}

func minuteOf(t time.Time) string { return t.UTC().Format("2006-01-02 15:04Z") }

func dash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}
