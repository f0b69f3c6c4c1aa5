package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

// operationsView is the answer of GET /api/operations, as far as it is shown.
type operationsView struct {
	Waiting []struct {
		Queue    string `json:"queue"`
		Waiting  int    `json:"waiting"`
		Delayed  int    `json:"delayed"`
		InFlight int    `json:"in_flight"`
		Error    string `json:"error,omitempty"`
	} `json:"waiting"`
	Failed []struct {
		Place string `json:"place"`
		Title string `json:"title"`
		Count int    `json:"count"`
		Todo  string `json:"todo"`
		Error string `json:"error,omitempty"`
	} `json:"failed"`
	Runs struct {
		Code struct {
			Revision string     `json:"revision"`
			At       *time.Time `json:"committed_at"`
			Modified bool       `json:"modified"`
		} `json:"code"`
		Policy struct {
			Version string     `json:"version"`
			Name    string     `json:"name"`
			Since   *time.Time `json:"since"`
			Default bool       `json:"default"`
		} `json:"policy"`
		Roster struct {
			Version int64 `json:"version"`
		} `json:"roster"`
	} `json:"runs"`
	AsOf time.Time `json:"as_of"`
}

func statusCommand(t *target) *cobra.Command {
	asJSON := false
	cmd := &cobra.Command{
		Use:   "status",
		Short: "Say what the stack runs, what waits and what failed",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			api, err := t.api(cmd.Context())
			if err != nil {
				return err
			}
			var v operationsView
			if err := api.get(cmd.Context(), "/api/operations", &v); err != nil {
				return err
			}
			if asJSON {
				return printJSON(cmd.OutOrStdout(), v)
			}
			v.print(cmd.OutOrStdout(), api.name)
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print everything as JSON")
	return cmd
}

func (v operationsView) print(w io.Writer, name string) {
	put(w, "%s, as of %s\n", name, stamp(v.AsOf))
	put(w, "code    %s\n", v.code())
	put(w, "policy  %s\n", v.policy())
	if v.Runs.Roster.Version > 0 {
		put(w, "roster  version %d\n", v.Runs.Roster.Version)
	} else {
		put(w, "roster  nothing was said about reps yet\n")
	}
	put(w, "waits   %s\n", v.waits())
	put(w, "failed  %s\n", v.fails())
}

func (v operationsView) code() string {
	c := v.Runs.Code
	text := c.Revision[:min(len(c.Revision), 12)]
	if c.At != nil {
		text += " of " + stamp(*c.At)
	}
	if c.Modified {
		text += ", with changes that are not committed"
	}
	return plain(text)
}

func (v operationsView) policy() string {
	p := v.Runs.Policy
	text := p.Version
	if p.Name != "" {
		text = p.Name + ", " + text
	}
	switch {
	case p.Default:
		text += ", which comes with the code: none was applied"
	case p.Since != nil:
		text += ", since " + stamp(*p.Since)
	}
	return plain(text)
}

func (v operationsView) waits() string {
	var all []string
	for _, q := range v.Waiting {
		switch n := q.Waiting + q.Delayed + q.InFlight; {
		case q.Error != "":
			all = append(all, q.Queue+" "+q.Error)
		case n > 0:
			all = append(all, fmt.Sprintf("%s %d (%d in flight or pausing)", q.Queue, n, q.InFlight))
		}
	}
	if len(all) == 0 {
		return "nothing"
	}
	return strings.Join(all, ", ")
}

func (v operationsView) fails() string {
	var all []string
	for _, f := range v.Failed {
		switch {
		case f.Error != "":
			all = append(all, f.Place+" "+f.Error)
		case f.Count > 0:
			all = append(all, fmt.Sprintf("%s %d (%s)", f.Place, f.Count, strings.ToLower(f.Title)))
		}
	}
	if len(all) == 0 {
		return "nothing"
	}
	return strings.Join(all, ", ") + "; handoffctl dead-letters says more"
}
