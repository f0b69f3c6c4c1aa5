package main

import (
	"context"
	"io"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/handoff-oss/handoff/shared/lead"
)

func heldCommand(t *target) *cobra.Command {
	asJSON, most := false, 0
	cmd := &cobra.Command{
		Use:   "held",
		Short: "List the leads that wait for somebody who can receive them, oldest first",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			d, err := t.desk(cmd.Context())
			if err != nil {
				return err
			}
			all, err := d.held(cmd.Context(), most)
			if err != nil {
				return err
			}
			if asJSON {
				return printJSON(cmd.OutOrStdout(), all)
			}
			return d.printHeld(cmd.OutOrStdout(), all)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print everything as JSON")
	cmd.Flags().IntVar(&most, "most", 50, "how many leads of each pool to show, those that wait longest")
	return cmd
}

// heldView is what waits.
type heldView struct {
	Pools []queueView `json:"pools"` // those that leads wait for
	Leads []waitView  `json:"leads"` // oldest first
}

type queueView struct {
	Pool string    `json:"pool"`
	All  int       `json:"all"`  // how many wait
	Next time.Time `json:"next"` // when they are offered next, at the earliest
}

type waitView struct {
	Lead  string     `json:"lead"`
	Pool  string     `json:"pool"`
	Since time.Time  `json:"since"`
	Next  time.Time  `json:"next"`
	Why   string     `json:"why"` // why nobody can take it
	Steps []stepView `json:"steps"`

	who string
}

// held reads the queues of all pools.
func (d *desk) held(ctx context.Context, most int) (heldView, error) {
	v := heldView{Pools: []queueView{}, Leads: []waitView{}}
	for _, name := range d.pools() {
		q, err := d.maker.Waiting(ctx, name, max(most, 1), d.at)
		if err != nil {
			return v, err
		}
		if q.All == 0 {
			continue
		}
		v.Pools = append(v.Pools, queueView{name, q.All, q.Next.UTC()})
		for _, l := range q.Head {
			w, err := d.waits(ctx, l, q.Next)
			if err != nil {
				return v, err
			}
			v.Leads = append(v.Leads, w)
		}
	}
	slices.SortStableFunc(v.Leads, func(a, b waitView) int { return a.Since.Compare(b.Since) })
	return v, nil
}

func (d *desk) waits(ctx context.Context, l *lead.Lead, next time.Time) (waitView, error) {
	w := waitView{Lead: string(l.Key), Pool: l.Journey.Held.Pool, Since: l.Journey.Held.Waits.UTC(), Next: next.UTC(), who: who(l)}
	if until := l.Journey.Held.Until; until.After(d.at) {
		w.Next, w.Why = until.UTC(), "held back by order"
		return w, nil
	}
	p, err := d.maker.PreviewOf(ctx, l, d.at)
	if err != nil {
		return w, err
	}
	w.Steps = d.steps(p.Steps)
	if p.Rep == "" {
		w.Why = whyNobody(w.Steps)
	} else {
		w.Why = p.Rep + " could take it now"
	}
	return w, nil
}

func (d *desk) printHeld(out io.Writer, v heldView) error {
	if len(v.Pools) == 0 {
		put(out, "No lead waits.\n")
		return nil
	}
	for _, q := range v.Pools {
		put(out, "Pool %s: %s, offered next %s, oldest first\n", q.Pool, count(q.All, "lead"), d.nextOffer(q.Next))
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	put(w, "\nWAITS SINCE\tFOR\tPOOL\tLEAD\tWHO\tWHY NOBODY\n")
	for _, l := range v.Leads {
		put(w, "%s\t%s\t%s\t%s\t%s\t%s\n", stamp(l.Since), d.at.Sub(l.Since).Round(time.Minute), l.Pool, l.Lead, l.who, plain(l.Why))
	}
	return w.Flush()
}

// nextOffer says when a queue is offered next.
func (d *desk) nextOffer(at time.Time) string {
	if !at.After(d.at) {
		return "within a minute"
	}
	return "at the latest at " + stamp(at)
}
