package main

import (
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/handoff-oss/handoff/shared/decision"
	"github.com/handoff-oss/handoff/shared/directory"
	"github.com/handoff-oss/handoff/shared/fault"
)

func handOverCommand(t *target) *cobra.Command {
	reason, yes, asJSON := "", false, false
	cmd := &cobra.Command{
		Use:   "hand-over ID [--yes]",
		Short: "Give the open leads of a rep to others by the rules, after showing to whom",
		Long: `Give the open leads of a rep to others by the rules, after showing to whom.

Without --yes nothing is done: each lead is shown with who would receive it if
all were handed over now, one after the other. With --yes an order is stored
for each that somebody can take, and decide carries it out within seconds.
What nobody else can take stays where it is.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			h := &handOver{rep: args[0], reason: reason}
			if err := h.rehearse(cmd, t); err != nil {
				return err
			}
			if yes {
				if err := h.order(cmd); err != nil {
					return err
				}
			}
			if asJSON {
				return printJSON(cmd.OutOrStdout(), h.view())
			}
			return h.print(cmd, t)
		},
	}
	cmd.Flags().StringVar(&reason, "reason", "handed over", "why, for the history of each lead")
	cmd.Flags().BoolVar(&yes, "yes", false, "do it")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print everything as JSON")
	return saidBy(cmd)
}

// handOver is what is to become of the leads of one rep.
type handOver struct {
	desk            *desk
	rep, reason, by string
	moves           []decision.Move
	ordered         int
}

// rehearse finds out who would receive each lead.
func (h *handOver) rehearse(cmd *cobra.Command, t *target) error {
	var err error
	if h.by, err = author(cmd, t); err != nil {
		return err
	}
	if h.desk, err = t.desk(cmd.Context()); err != nil {
		return err
	}
	leads, err := h.desk.maker.HeldBy(cmd.Context(), h.rep)
	if err != nil {
		return err
	}
	if len(leads) == 0 {
		// Who left the policy may still hold some; who never was in it is a slip of the pen.
		_, err := h.desk.rep(h.rep)
		return err
	}
	h.moves, err = h.desk.maker.Rehearse(cmd.Context(), leads, h.reason, h.desk.at)
	return err
}

// order stores an order for each lead that somebody else can take. The rules
// choose again when it is carried out: what has changed by then counts.
func (h *handOver) order(cmd *cobra.Command) error {
	ordered, failed, err := h.desk.maker.HandOver(cmd.Context(), h.moves, h.reason, h.by, h.desk.at)
	h.ordered = len(ordered)
	if err != nil {
		return fault.Wrap(fault.KindOf(err), fmt.Sprintf("order the hand-over: %d of %d leads were not ordered", len(failed), len(failed)+len(ordered)), err)
	}
	return nil
}

// moveView is what would become of one lead.
type moveView struct {
	Lead  string     `json:"lead"`
	Stage string     `json:"stage"`
	To    string     `json:"to"` // the id of the next holder; "" when it stays
	Name  string     `json:"name"`
	Why   string     `json:"why"`
	Steps []stepView `json:"steps"`

	who string
}

type handOverView struct {
	Rep     string     `json:"rep"`
	Ordered bool       `json:"ordered"`
	Moves   []moveView `json:"moves"`
}

func (h *handOver) view() handOverView {
	v := handOverView{Rep: h.rep, Ordered: h.ordered > 0, Moves: []moveView{}}
	for _, m := range h.moves {
		one := moveView{
			Lead: string(m.Lead.Key), Stage: string(m.Lead.Journey.Stage), To: m.To, Why: m.Why, Steps: h.desk.steps(m.Steps), who: who(m.Lead),
		}
		if m.To != "" {
			one.Name = h.desk.nameOf(m.To)
			one.Why = because(one.Steps)
		} else if why := whyNobody(one.Steps); why != "" {
			one.Why += ": " + why
		}
		v.Moves = append(v.Moves, one)
	}
	return v
}

// because says why the one who was chosen was.
func because(steps []stepView) string {
	for _, s := range steps {
		for _, c := range s.Considered {
			if c.Chosen {
				return s.By + ", " + c.Why
			}
		}
	}
	return ""
}

// whyNobody lists why each rep could not.
func whyNobody(steps []stepView) string {
	var all []string
	told := map[string]bool{}
	for _, s := range steps {
		if s.Why != "" && !told[s.By+s.Why] {
			told[s.By+s.Why] = true
			all = append(all, s.By+" ("+s.Why+")")
		}
		for _, c := range s.Considered {
			if line := c.Rep + " (" + c.Why + ")"; !told[line] {
				told[line] = true
				all = append(all, line)
			}
		}
	}
	return strings.Join(all, ", ")
}

func (h *handOver) print(cmd *cobra.Command, t *target) error {
	out, v := cmd.OutOrStdout(), h.view()
	name := plain(h.desk.nameOf(h.rep))
	if len(v.Moves) == 0 {
		put(out, "%s holds no open lead.\n", name)
		return nil
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	put(w, "LEAD\tWHO\tSTAGE\tGOES TO\tWHY\n")
	stays := 0
	for _, m := range v.Moves {
		to := m.To
		if to == "" {
			to = "stays"
			stays++
		}
		put(w, "%s\t%s\t%s\t%s\t%s\n", m.Lead, m.who, m.Stage, to, plain(m.Why))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if h.desk.on(h.rep) {
		put(out, "\n%s is on and goes on receiving: %s reps off %s --reason REASON\n", name, t.self(), h.rep)
	}
	goes := len(v.Moves) - stays
	switch {
	case goes == 0:
		put(out, "\nNobody else can take any of them now.\n")
	case h.ordered > 0:
		put(out, "\nOrdered: %s. decide chooses again as it carries that out, so who gets which may differ.\n", count(h.ordered, "lead"))
	default:
		put(out, "\nNothing was done. To hand over %s: %s reps hand-over %s --yes\n", count(goes, "lead"), t.self(), h.rep)
	}
	return nil
}

// on tells whether a rep may receive leads at this moment, but for their hours.
func (d *desk) on(id string) bool {
	for _, name := range d.pools() {
		for _, p := range d.people(name) {
			if p.ID == id && p.State != directory.IsOff && p.State != directory.OnLeave {
				return true
			}
		}
	}
	return false
}
