package main

import (
	"context"
	"fmt"
	"io"
	"net/url"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/handoff-oss/handoff/shared/deadletter"
	"github.com/handoff-oss/handoff/shared/fault"
)

// letterView is a dead letter as the API shows it.
type letterView struct {
	Place  string    `json:"place"`
	ID     string    `json:"id"`
	Since  time.Time `json:"since"`
	What   string    `json:"what"`
	Source string    `json:"source,omitempty"`
	Type   string    `json:"type,omitempty"`
	Event  string    `json:"event,omitempty"`
	Lead   string    `json:"lead,omitempty"`
	Count  int       `json:"count"`
	Tries  int       `json:"tries,omitempty"`
	Why    string    `json:"why"`
	Body   string    `json:"body,omitempty"`
}

type lettersView struct {
	Letters []letterView `json:"letters"`
	AsOf    time.Time    `json:"as_of"`
}

// settledView is what became of letters.
type settledView struct {
	Done   int `json:"done"`
	Left   int `json:"left"`
	Failed []struct {
		ID  string `json:"id"`
		Why string `json:"why"`
	} `json:"failed"`
}

func deadLettersCommand(t *target) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "dead-letters",
		Short: "Look at what was given up, send it back, or discard it",
		Long: "Look at what was given up, send it back to where it is worked off, or discard it.\n\n" + places() + `
A retry sends first and removes afterwards. What is sent twice, because
something failed in between, changes nothing the second time.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return listLetters(cmd, t, "", false) },
	}
	asJSON, all, reason := false, false, ""
	list := &cobra.Command{
		Use:   "list [PLACE]",
		Short: "List dead letters, at most 50 of each place",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return listLetters(cmd, t, strings.Join(args, ""), asJSON)
		},
	}
	list.Flags().BoolVar(&asJSON, "json", false, "print everything as JSON")
	show := &cobra.Command{
		Use:   "show PLACE ID",
		Short: "Show one dead letter with its body, which may hold personal data",
		Args:  cobra.ExactArgs(2),
		RunE:  func(cmd *cobra.Command, args []string) error { return showLetter(cmd, t, args[0], args[1]) },
	}
	retry := &cobra.Command{
		Use:   "retry PLACE ID | PLACE --all",
		Short: "Send dead letters back to where they are worked off",
		Args:  cobra.RangeArgs(1, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return settleLetters(cmd, t, work{path: "retry", verb: "retried", all: all}, args)
		},
	}
	discard := &cobra.Command{
		Use:   "discard PLACE ID --reason WHY | PLACE --all --reason WHY",
		Short: "Throw dead letters away for good; the reason goes to the log and names nobody",
		Args:  cobra.RangeArgs(1, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return settleLetters(cmd, t, work{path: "discard", verb: "discarded", all: all, reason: reason}, args)
		},
	}
	for _, c := range []*cobra.Command{retry, discard} {
		c.Flags().BoolVar(&all, "all", false, "all of the place")
	}
	discard.Flags().StringVar(&reason, "reason", "", "why they may be thrown away")
	cmd.AddCommand(list, show, retry, discard)
	return cmd
}

// places explains what lies where.
func places() string {
	var b strings.Builder
	b.WriteString("The places:\n")
	for _, p := range deadletter.Places() {
		fmt.Fprintf(&b, "  %-9s %s\n", p, p.Advice().Holds)
	}
	return b.String()
}

func listLetters(cmd *cobra.Command, t *target, place string, asJSON bool) error {
	api, err := t.api(cmd.Context())
	if err != nil {
		return err
	}
	var v lettersView
	if err := api.get(cmd.Context(), "/api/dead-letters?"+url.Values{"place": {place}}.Encode(), &v); err != nil {
		return err
	}
	if asJSON {
		return printJSON(cmd.OutOrStdout(), v)
	}
	return v.print(cmd.OutOrStdout())
}

func (v lettersView) print(out io.Writer) error {
	if len(v.Letters) == 0 {
		put(out, "Nothing was given up.\n")
		return nil
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	put(w, "PLACE\tID\tSINCE\tWHAT\tLEAD\tWHY\n")
	for _, l := range v.Letters {
		what := l.What
		if l.Type != "" {
			what += ", " + l.Type
		}
		why := l.Why
		if why == "" {
			why = "not recorded"
		}
		put(w, "%s\t%s\t%s\t%s\t%s\t%s\n", l.Place, plain(l.ID), stamp(l.Since), plain(what), plain(l.Lead), plain(why))
	}
	return w.Flush()
}

func showLetter(cmd *cobra.Command, t *target, place, id string) error {
	api, err := t.api(cmd.Context())
	if err != nil {
		return err
	}
	var v lettersView
	if err := api.get(cmd.Context(), "/api/dead-letters?"+url.Values{"place": {place}, "id": {id}}.Encode(), &v); err != nil {
		return err
	}
	return printJSON(cmd.OutOrStdout(), v.Letters)
}

// work is what is to be done with letters.
type work struct {
	path, verb string
	all        bool
	reason     string
}

// settleLetters works off one letter, or all of a place step by step.
func settleLetters(cmd *cobra.Command, t *target, w work, args []string) error {
	if w.all == (len(args) == 2) {
		return fault.New(fault.Invalid, "name one dead letter by its id, or say --all")
	}
	if w.path == "discard" && strings.TrimSpace(w.reason) == "" {
		return fault.New(fault.Invalid, "say --reason: what is discarded is gone for good")
	}
	api, err := t.api(cmd.Context())
	if err != nil {
		return err
	}
	in := map[string]any{"place": args[0], "reason": w.reason}
	if w.all {
		in["all"] = true
		return w.steps(cmd.Context(), cmd.OutOrStdout(), api, in)
	}
	in["id"] = args[1]
	var done settledView
	if err := api.post(cmd.Context(), "/api/dead-letters/"+w.path, in, &done); err != nil {
		return err
	}
	put(cmd.OutOrStdout(), "%s 1 dead letter of %s\n", w.verb, args[0])
	return nil
}

// steps calls the API until nothing is left, or nothing more can be done.
func (w work) steps(ctx context.Context, out io.Writer, api *api, in map[string]any) error {
	for total, about := 0, 0; ; {
		var done settledView
		if err := api.post(ctx, "/api/dead-letters/"+w.path, in, &done); err != nil {
			return err
		}
		total += done.Done
		about = max(about, total+done.Left)
		put(out, "%s %d of about %d\n", w.verb, total, about)
		switch {
		case done.Left == 0:
			return nil
		case done.Done > 0:
		case len(done.Failed) > 0:
			f := done.Failed[0]
			return fault.New(fault.Unavailable, "%d could not be %s and stay; %s: %s", len(done.Failed), w.verb, f.ID, f.Why)
		default:
			return fault.New(fault.Unavailable, "about %d are held by somebody else in this moment: try again in half a minute", done.Left)
		}
	}
}
