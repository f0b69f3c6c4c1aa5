package main

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/handoff-oss/handoff/shared/decision"
	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/policy/rules"
	"github.com/handoff-oss/handoff/shared/scoring"
	"github.com/handoff-oss/handoff/shared/signal"
)

func leadCommand(t *target) *cobra.Command {
	cmd := &cobra.Command{Use: "lead", Short: "Look at a lead, decide about it, or make its facts anew"}
	asJSON, entries, signals := false, 0, false
	show := &cobra.Command{
		Use:   "show KEY|EMAIL",
		Short: "Show a lead: scores with their parts, stage, holder, clocks, timeline",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			v, err := load(cmd, t, args[0], entries, signals)
			if err != nil {
				return err
			}
			if asJSON {
				enc := json.NewEncoder(cmd.OutOrStdout())
				enc.SetIndent("", "  ")
				return enc.Encode(v)
			}
			return v.print(cmd.OutOrStdout())
		},
	}
	show.Flags().BoolVar(&asJSON, "json", false, "print everything as JSON")
	show.Flags().BoolVar(&signals, "signals", false, "list the stored signals as well")
	show.Flags().IntVar(&entries, "entries", 20, "how many decisions of the timeline to show, the newest first")
	cmd.AddCommand(orderCommands(t)...)
	cmd.AddCommand(completeCommand(t))
	cmd.AddCommand(show, &cobra.Command{
		Use:   "rebuild KEY|EMAIL",
		Short: "Make a lead's facts anew from all its stored signals",
		Long: `Make a lead's facts anew from all its stored signals, under the policy in force.

The journey stays as it was decided. A lead that turns out to qualify is handed
off, as if a signal had arrived.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return rebuild(cmd, t, args[0]) },
	})
	return cmd
}

// keyOf returns the key of a lead that is named by its key or its address.
func keyOf(name string) (signal.LeadKey, error) {
	if strings.Contains(name, "@") {
		return signal.KeyOfEmail(name)
	}
	return signal.LeadKey(strings.TrimSpace(name)), nil
}

// view is everything about a lead that is shown.
type view struct {
	Now           time.Time             `json:"now"`
	PolicyVersion policy.Version        `json:"policy_version"` // of the scores
	Lead          *lead.Lead            `json:"lead"`
	Fit           scoring.Score         `json:"fit"`
	Engagement    scoring.Score         `json:"engagement"`
	Qualification scoring.Qualification `json:"qualification"`
	Broken        string                `json:"broken,omitempty"`     // expressions of the policy that failed for this lead
	Route         []lead.RouteStep      `json:"route,omitempty"`      // how the holder was found
	NextOffer     *time.Time            `json:"next_offer,omitempty"` // of a held lead
	Timeline      []lead.LogItem        `json:"timeline"`             // newest first
	More          bool                  `json:"more"`                 // older decisions are left out
	Signals       []signal.Signal       `json:"signals,omitempty"`
}

func load(cmd *cobra.Command, t *target, name string, entries int, signals bool) (*view, error) {
	ctx := cmd.Context()
	key, err := keyOf(name)
	if err != nil {
		return nil, err
	}
	place, err := t.find(ctx)
	if err != nil {
		return nil, err
	}
	v := new(view)
	if v.Now, err = place.now(ctx); err != nil {
		return nil, err
	}
	if v.Lead, err = place.table.Lead(ctx, key); err != nil {
		if fault.KindOf(err) == fault.NotFound {
			return nil, fault.New(fault.NotFound, "%s knows no lead %s", place.name, name)
		}
		return nil, err
	}
	loader := rules.NewLoader(place.table.Policy)
	compiled, err := loader.Current(ctx, v.Now)
	if err != nil {
		return nil, err
	}
	result, err := scoring.Evaluate(compiled, v.Lead.Facts, v.Now)
	if err != nil {
		v.Broken = err.Error()
	}
	v.PolicyVersion, v.Fit, v.Engagement, v.Qualification = compiled.Version, result.Fit, result.Engagement, result.Qualification
	if err := v.routing(ctx, place, loader); err != nil {
		return nil, err
	}
	var next string
	if v.Timeline, next, err = place.table.Timeline(ctx, v.Lead.Key, "", entries); err != nil {
		return nil, err
	}
	v.More = next != ""
	if signals {
		v.Signals, err = place.table.SignalsOf(ctx, v.Lead)
	}
	return v, err
}

// routing reads how the holder was found, or when a held lead is offered next.
func (v *view) routing(ctx context.Context, place *place, loader *rules.Loader) error {
	j := v.Lead.Journey
	if j.Held != nil {
		next, err := decision.New(place.table, loader).NextOffer(ctx, j.Held.Pool, v.Now)
		if err != nil {
			return err
		}
		if j.Held.Until.After(next) {
			next = j.Held.Until // held back by order
		}
		v.NextOffer = &next
	}
	if h := j.Handoff; h != nil && h.Log > 0 {
		item, err := place.table.LogAt(ctx, v.Lead.Key, h.Log)
		if err != nil && fault.KindOf(err) != fault.NotFound {
			return err
		}
		v.Route = item.Route
	}
	return nil
}

func rebuild(cmd *cobra.Command, t *target, name string) error {
	ctx := cmd.Context()
	key, err := keyOf(name)
	if err != nil {
		return err
	}
	place, err := t.find(ctx)
	if err != nil {
		return err
	}
	l, err := place.table.Lead(ctx, key)
	if fault.KindOf(err) == fault.NotFound && err != nil {
		l, err = &lead.Lead{Key: key}, nil // signals alone may be there
	}
	if err != nil {
		return err
	}
	stored, err := place.table.SignalsOf(ctx, l)
	if err != nil {
		return err
	}
	if len(stored) == 0 {
		return fault.New(fault.NotFound, "%s has stored no signals of %s", place.name, name)
	}
	now, err := place.now(ctx)
	if err != nil {
		return err
	}
	out, err := decision.New(place.table, rules.NewLoader(place.table.Policy)).Rebuild(ctx, key, now)
	if err != nil {
		return err
	}
	put(cmd.OutOrStdout(), "Made the facts of lead %s anew from %s; %s followed.\n", key, count(len(stored), "signal"), count(out.Events, "event"))
	if out.Broken != nil {
		put(cmd.OutOrStdout(), "An expression of the policy failed and counted as no match: %v\n", out.Broken)
	}
	return nil
}
