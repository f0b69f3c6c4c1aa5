package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"net/url"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/handoff-oss/handoff/shared/account"
	"github.com/handoff-oss/handoff/shared/fault"
)

// accountsView is the answer of GET /api/accounts.
type accountsView struct {
	Accounts []struct {
		Key        string     `json:"key"`
		Name       string     `json:"name"`
		Domain     string     `json:"domain"`
		Leads      int        `json:"leads,omitempty"`
		Stage      string     `json:"stage,omitempty"`
		Engagement int        `json:"engagement_score,omitempty"`
		Latest     *time.Time `json:"latest,omitempty"`
	} `json:"accounts"`
	More  bool `json:"more"`
	Leads int  `json:"leads,omitempty"`
}

// accountView is the answer of GET /api/accounts/{key}.
type accountView struct {
	Key    string       `json:"key"`
	Name   string       `json:"name"`
	Domain string       `json:"domain"`
	Counts []string     `json:"counts"`
	Group  string       `json:"group,omitempty"`
	Parent *account.Kin `json:"parent,omitempty"`
	Owner  *struct {
		Rep   string    `json:"rep"`
		Name  string    `json:"name"`
		Since time.Time `json:"since"`
	} `json:"owner"`
	Handoffs   int64  `json:"handoffs"`
	Stage      string `json:"stage"`
	Open       int    `json:"open"`
	Engagement struct {
		Score int            `json:"score"`
		Parts []account.Part `json:"parts"`
		AsOf  time.Time      `json:"as_of"`
	} `json:"engagement"`
	ActiveDays  int                 `json:"active_days"`
	BuyingGroup account.BuyingGroup `json:"buying_group"`
	People      []struct {
		Key        string `json:"key"`
		Name       string `json:"name"`
		Email      string `json:"email"`
		Title      string `json:"title"`
		Stage      string `json:"stage"`
		Engagement int    `json:"engagement_score"`
		Active     bool   `json:"active"`
		By         string `json:"by"`
	} `json:"people"`
	Others int  `json:"others"`
	More   bool `json:"more"`
}

func accountsCommand(t *target) *cobra.Command {
	asJSON, owner := false, ""
	cmd := &cobra.Command{
		Use:   "accounts [NAME]",
		Short: "List companies, by how their name or domain begins or by who has their leads",
		Long: `List the companies whose name or domain begins so; without a name, those of the
leads that became known last, or with --owner of the leads that a rep has.

  handoffctl accounts "analytical eng"
  handoffctl accounts show acme.com`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			q := url.Values{}
			if len(args) > 0 {
				q.Set("q", args[0])
			}
			if owner != "" {
				q.Set("owner", owner)
			}
			api, err := t.api(cmd.Context())
			if err != nil {
				return err
			}
			var v accountsView
			if err := api.get(cmd.Context(), "/api/accounts?"+q.Encode(), &v); err != nil {
				return err
			}
			if asJSON {
				return printJSON(cmd.OutOrStdout(), v)
			}
			return v.print(cmd.OutOrStdout())
		},
	}
	cmd.Flags().StringVar(&owner, "owner", "", "the id of a rep")
	cmd.PersistentFlags().BoolVar(&asJSON, "json", false, "print everything as JSON")
	cmd.AddCommand(accountShowCommand(t, &asJSON))
	return cmd
}

func accountShowCommand(t *target, asJSON *bool) *cobra.Command {
	return &cobra.Command{
		Use:   "show KEY|DOMAIN|NAME",
		Short: "Show a company: who of it is active, who is missing, and its engagement",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			api, err := t.api(cmd.Context())
			if err != nil {
				return err
			}
			v, err := api.account(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			if *asJSON {
				return printJSON(cmd.OutOrStdout(), v)
			}
			return v.print(cmd.OutOrStdout())
		},
	}
}

// account reads the company of a key, else of a domain, else the only one whose
// name begins so. Kinds: NotFound; Invalid when there are several.
func (a *api) account(ctx context.Context, asked string) (accountView, error) {
	var v accountView
	key, ok := account.ParseKey(asked)
	if domain := account.Domain(asked); !ok && domain == strings.ToLower(asked) && domain != "" {
		key, ok = account.Facts{Domain: domain}.Key(), true
	}
	if !ok {
		var found accountsView
		if err := a.get(ctx, "/api/accounts?"+url.Values{"q": {asked}}.Encode(), &found); err != nil {
			return v, err
		}
		switch n := len(found.Accounts); n {
		case 0:
			return v, fault.New(fault.NotFound, "there is no company whose name begins with %q", asked)
		case 1:
			key = account.Key(found.Accounts[0].Key)
		default:
			return v, fault.New(fault.Invalid, "%d companies' names begin with %q: say which, by the key that handoffctl accounts %q lists", n, asked, asked)
		}
	}
	return v, a.get(ctx, "/api/accounts/"+url.PathEscape(string(key)), &v)
}

func (v accountsView) print(out io.Writer) error {
	if len(v.Accounts) == 0 {
		put(out, "No company is found. Names are found by how they begin.\n")
		return nil
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	put(w, "KEY\tNAME")
	if v.Leads > 0 {
		put(w, "\tLEADS\tSTAGE\tENGAGEMENT\tLATEST")
	}
	put(w, "\n")
	for _, a := range v.Accounts {
		put(w, "%s\t%s", plain(a.Key), cmp.Or(plain(a.Name), "-"))
		if v.Leads > 0 && a.Latest != nil {
			put(w, "\t%d\t%s\t%d\t%s", a.Leads, plain(a.Stage), a.Engagement, stamp(*a.Latest))
		}
		put(w, "\n")
	}
	if err := w.Flush(); err != nil {
		return fault.Wrap(fault.Unavailable, "print", err)
	}
	if v.More {
		put(out, "There are more: give more letters of the name.\n")
	}
	return nil
}

func (v accountView) print(out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	put(w, "account\t%s (%s)\n", cmp.Or(plain(v.Name), plain(v.Domain), "-"), plain(v.Key))
	if v.Parent != nil {
		put(w, "parent\t%s (%s)\n", plain(v.Parent.Name), plain(string(v.Parent.Key)))
	}
	put(w, "counts by\t%s\n", plain(strings.Join(v.Counts, ", ")))
	owner := "nobody received a lead of it yet"
	if v.Owner != nil {
		owner = fmt.Sprintf("%s, since %s", plain(v.Owner.Name), stamp(v.Owner.Since))
	}
	put(w, "owner\t%s\n", owner)
	put(w, "leads\t%d in work, %d handed off ever, furthest %s\n", v.Open, v.Handoffs, cmp.Or(plain(v.Stage), "-"))
	put(w, "engagement\t%d\n", v.Engagement.Score)
	for _, p := range v.Engagement.Parts {
		put(w, "\t%+d  %s %s\n", p.Points, plain(p.Reason), string(p.Lead))
	}
	put(w, "active\t%d of %d people in %s\n", v.BuyingGroup.Active, v.BuyingGroup.Known, count(v.ActiveDays, "day"))
	for _, l := range v.BuyingGroup.Levels {
		put(w, "\t%d of %d  %s\n", l.Active, l.Known, cmp.Or(plain(l.Seniority), "seniority not known"))
	}
	for _, m := range v.BuyingGroup.Missing {
		put(w, "\t%s\n", plain(m))
	}
	if err := w.Flush(); err != nil {
		return fault.Wrap(fault.Unavailable, "print", err)
	}
	return v.printPeople(out)
}

func (v accountView) printPeople(out io.Writer) error {
	if len(v.People) > 0 {
		put(out, "\n")
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, p := range v.People {
		active := ""
		if p.Active {
			active = "active"
		}
		put(w, "%s\t%s\t%s\t%s\t%d\t%s\tby %s\n", p.Key, cmp.Or(plain(p.Name), plain(p.Email), "-"), cmp.Or(plain(p.Title), "-"), plain(p.Stage), p.Engagement, active, plain(p.By))
	}
	if err := w.Flush(); err != nil {
		return fault.Wrap(fault.Unavailable, "print", err)
	}
	if v.Others > 0 {
		put(out, "%s more are counted, and not yours to see.\n", count(v.Others, "lead"))
	}
	if v.More {
		put(out, "More people count to this account than are looked at.\n")
	}
	return nil
}
