package main

import (
	"io"
	"net/url"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"
)

// deliveriesView is the answer of GET /api/deliveries.
type deliveriesView struct {
	Deliveries []struct {
		At      time.Time `json:"at"`
		State   string    `json:"state"`
		Channel string    `json:"channel"`
		To      []string  `json:"to"`
		Event   string    `json:"event"`
		Type    string    `json:"type"`
		Lead    string    `json:"lead,omitempty"`
		Tries   int       `json:"tries"`
		Error   string    `json:"error,omitempty"`
	} `json:"deliveries"`
	Next string    `json:"next"`
	AsOf time.Time `json:"as_of"`
}

func deliveriesCommand(t *target) *cobra.Command {
	asJSON, state, most := false, "", 50
	cmd := &cobra.Command{
		Use:   "deliveries",
		Short: "List what was told to whom lately, and with what result",
		Long: `List what was told to whom in the last 30 days, and with what result:
accepted by the channel; waiting, after a failure, for the next try; or given
up, with the event among the dead letters.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			v, err := readDeliveries(cmd, t, state, most)
			if err != nil {
				return err
			}
			if asJSON {
				return printJSON(cmd.OutOrStdout(), v)
			}
			return v.print(cmd.OutOrStdout())
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print everything as JSON")
	cmd.Flags().StringVar(&state, "state", "", "accepted, waiting or given_up (default: all)")
	cmd.Flags().IntVar(&most, "most", most, "how many to show, the latest first")
	cmd.AddCommand(&cobra.Command{
		Use:   "retry EVENT",
		Short: "Tell of an event again; channels that took its message get it no second time",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			api, err := t.api(cmd.Context())
			if err != nil {
				return err
			}
			if err := api.post(cmd.Context(), "/api/deliveries/retry", map[string]string{"event": args[0]}, &struct{}{}); err != nil {
				return err
			}
			put(cmd.OutOrStdout(), "The event is on its way again.\n")
			return nil
		},
	})
	return cmd
}

// readDeliveries follows the pages until there are enough.
func readDeliveries(cmd *cobra.Command, t *target, state string, most int) (v deliveriesView, err error) {
	api, err := t.api(cmd.Context())
	if err != nil {
		return v, err
	}
	for cursor := ""; ; {
		var page deliveriesView
		q := url.Values{"state": {state}, "cursor": {cursor}}
		if err := api.get(cmd.Context(), "/api/deliveries?"+q.Encode(), &page); err != nil {
			return v, err
		}
		page.Deliveries = append(v.Deliveries, page.Deliveries...)
		v = page
		if cursor = v.Next; cursor == "" || len(v.Deliveries) >= most {
			v.Deliveries = v.Deliveries[:min(len(v.Deliveries), max(most, 0))]
			return v, nil
		}
	}
}

func (v deliveriesView) print(out io.Writer) error {
	if len(v.Deliveries) == 0 {
		put(out, "There is no such delivery.\n")
		return nil
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	put(w, "AT\tRESULT\tTRIES\tCHANNEL\tTO\tEVENT\tTYPE\tERROR\n")
	for _, d := range v.Deliveries {
		put(w, "%s\t%s\t%d\t%s\t%s\t%s\t%s\t%s\n", stamp(d.At), plain(d.State), d.Tries, plain(d.Channel), plain(strings.Join(d.To, ",")), plain(d.Event), plain(d.Type), plain(d.Error))
	}
	return w.Flush()
}
