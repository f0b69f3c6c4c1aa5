package main

import (
	"cmp"
	"context"
	"io"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/handoff-oss/handoff/shared/access"
	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/session"
)

func sessionsCommand(t *target) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "sessions",
		Short: "Show who is signed in to the pages, and sign people out",
		Long: `Show who is signed in to the pages, and sign people out. These commands go to
the table itself, so they work also when nobody can sign in.`,
	}
	cmd.AddCommand(sessionsListCommand(t), sessionsRevokeCommand(t))
	return cmd
}

// sessionView is one session that lasts.
type sessionView struct {
	Name    string    `json:"name"`
	Email   string    `json:"email"`
	Created time.Time `json:"created"`
	Seen    time.Time `json:"seen"`
	Ends    time.Time `json:"ends"`
}

func sessionsListCommand(t *target) *cobra.Command {
	asJSON := false
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the sessions that last, by person",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			all, err := t.sessions(cmd.Context())
			if err != nil {
				return err
			}
			if asJSON {
				return printJSON(cmd.OutOrStdout(), all)
			}
			return printSessions(cmd.OutOrStdout(), all)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print them as JSON")
	return cmd
}

// sessions reads those that last.
func (t *target) sessions(ctx context.Context) ([]sessionView, error) {
	p, err := t.find(ctx)
	if err != nil {
		return nil, err
	}
	now, err := p.now(ctx)
	if err != nil {
		return nil, err
	}
	length, err := p.sessionLength(ctx)
	if err != nil {
		return nil, err
	}
	all, err := p.table.AllSessions(ctx)
	if err != nil {
		return nil, err
	}
	views := []sessionView{}
	for _, s := range all {
		if s.Live(length, now) {
			views = append(views, sessionView{s.Identity.Called(), s.Identity.Address(), s.Created.UTC(), s.Seen.UTC(), s.Ends(length).UTC()})
		}
	}
	slices.SortFunc(views, func(a, b sessionView) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Email, b.Email), b.Seen.Compare(a.Seen))
	})
	return views, nil
}

// sessionLength is what the policy in force says of sessions.
func (p *place) sessionLength(ctx context.Context) (access.Length, error) {
	_, text, err := inForce(ctx, p)
	if err != nil {
		return access.Length{}, err
	}
	decoded, err := policy.Decode(text)
	if err != nil {
		return access.Length{}, err
	}
	return access.LengthOf(decoded), nil
}

func printSessions(out io.Writer, all []sessionView) error {
	if len(all) == 0 {
		put(out, "Nobody is signed in.\n")
		return nil
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	put(w, "NAME\tE-MAIL\tSIGNED IN\tLAST USED\tENDS, IF NOT USED\n")
	for _, s := range all {
		put(w, "%s\t%s\t%s\t%s\t%s\n", plain(s.Name), plain(s.Email), s.Created.Format(time.DateTime), s.Seen.Format(time.DateTime), s.Ends.Format(time.DateTime))
	}
	return w.Flush()
}

func sessionsRevokeCommand(t *target) *cobra.Command {
	everybody := false
	cmd := &cobra.Command{
		Use:   "revoke [EMAIL]",
		Short: "Sign somebody out everywhere, or everybody by --all",
		Long: `Sign somebody out everywhere, or everybody by --all. It acts with the next
click. Whoever still has an account at the identity provider and a role in the
policy can sign in again: end that there, too.`,
		Args: func(_ *cobra.Command, args []string) error {
			if (len(args) == 1) == everybody || len(args) > 1 {
				return fault.New(fault.Invalid, "say whom to sign out: an e-mail address, or --all")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			p, err := t.find(cmd.Context())
			if err != nil {
				return err
			}
			n, whose := 0, "everybody"
			if everybody {
				n, err = p.endAllSessions(cmd.Context())
			} else {
				whose = args[0]
				n, err = p.table.EndSessions(cmd.Context(), session.OwnerOfAddress(args[0]))
			}
			if err != nil {
				return err
			}
			put(cmd.OutOrStdout(), "Ended %s of %s.\n", count(n, "session"), whose)
			return nil
		},
	}
	cmd.Flags().BoolVar(&everybody, "all", false, "sign everybody out")
	return cmd
}

func (p *place) endAllSessions(ctx context.Context) (int, error) {
	all, err := p.table.AllSessions(ctx)
	if err != nil {
		return 0, err
	}
	for i, s := range all {
		if err := p.table.EndSession(ctx, s.Ref); err != nil {
			return i, err
		}
	}
	return len(all), nil
}
