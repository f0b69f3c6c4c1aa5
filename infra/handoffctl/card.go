package main

import (
	"cmp"
	"io"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/handoff-oss/handoff/shared/calendar"
	"github.com/handoff-oss/handoff/shared/directory"
	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/routing"
)

func cardCommand(t *target) *cobra.Command {
	asJSON := false
	cmd := &cobra.Command{
		Use:   "show ID",
		Short: "Show all of one rep: what holds now, and what the directory says in place of the policy",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			d, err := t.desk(cmd.Context())
			if err != nil {
				return err
			}
			v, err := d.card(args[0])
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
	return cmd
}

// cardView is all of one rep.
type cardView struct {
	Rep     string         `json:"rep"`
	Name    string         `json:"name"`
	Email   string         `json:"email"`
	Slack   string         `json:"slack"`
	Owner   []string       `json:"owner_ids"`
	Pools   []string       `json:"pools"`
	Weight  float64        `json:"weight"`
	Caps    []policy.Cap   `json:"caps"` // the rep's own; none: the pool's
	Hours   string         `json:"hours"`
	Off     string         `json:"off"`
	Leave   []policy.Leave `json:"leave"`
	Feed    string         `json:"feed"` // masked
	Error   string         `json:"feed_error"`
	Version int64          `json:"version"` // of the entry
	By      string         `json:"by"`
}

// card describes one rep. Kind: NotFound.
func (d *desk) card(id string) (cardView, error) {
	r, pools, ok := routing.Find(d.policy.Policy, id)
	if !ok {
		return cardView{}, directory.Unknown(d.base.Policy, d.roster, id)
	}
	e := d.roster.Reps[id]
	v := cardView{
		Rep: id, Name: r.Name, Email: r.Email, Slack: r.Slack, Owner: slices.Concat([]string{}, r.OwnerIDs), Pools: pools, Weight: r.Weight,
		Caps: slices.Concat([]policy.Cap{}, r.Caps), Hours: routing.HoursWords(d.policy.Policy, r.Calendar), Off: r.Off,
		Leave: slices.Concat([]policy.Leave{}, r.Leave), Version: e.Version, By: e.By,
	}
	if e.Feed != nil {
		v.Feed, v.Error = routing.Masked(e.Feed.URL), e.Feed.Error
	}
	return v, nil
}

func (v cardView) print(out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	line := func(name, value string) { put(w, "%s\t%s\n", name, plain(dash(value))) }
	line("id", v.Rep)
	line("name", v.Name)
	line("e-mail", v.Email)
	line("Slack", v.Slack)
	line("CRM ids", strings.Join(v.Owner, ", "))
	line("pools", strings.Join(v.Pools, ", "))
	line("weight", strconv.FormatFloat(v.Weight, 'f', -1, 64))
	line("caps", cmp.Or(routing.CapWords(v.Caps), "the pool's"))
	line("hours", v.Hours)
	line("receives leads", map[bool]string{true: "yes", false: "no: " + v.Off}[v.Off == ""])
	for _, l := range v.Leave {
		line("leave", routing.LeaveWords(l))
	}
	line("calendar feed", v.Feed)
	if v.Error != "" {
		line("error of the feed", v.Error)
	}
	if v.Version > 0 {
		line("changed last", "version "+strconv.FormatInt(v.Version, 10)+" by "+v.By)
	}
	return w.Flush()
}

func setCommand(t *target) *cobra.Command {
	isNew, reason, reset := false, "", []string{}
	cmd := &cobra.Command{
		Use:   "set ID FIELD=VALUE…",
		Short: "Change a rep, or add one with --new; it goes before the policy, with no redeploy",
		Long: `Change a rep, or add one with --new; it goes before the policy, with no redeploy.

Fields: name, email, slack, owner_ids, pools (lists with commas), weight, caps,
calendar (a name of the policy's), zone and hours of their own, gone=true for
somebody who leaves. What is written is checked as the policy is; nothing
changes while anything of it is wrong. --reset FIELD gives one back to the
policy.

  handoffctl reps set alex weight=0.5 caps="5 per day; 20 open" --reason "half time"
  handoffctl reps set alex zone=Europe/London hours="mon-thu 09:00-12:30 13:30-17:00; fri 09:00-13:00"
  handoffctl reps set eve --new name="Eve Moss" email=eve@our-company.example pools=sales
  handoffctl reps set alex --reset hours`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			d, err := t.desk(cmd.Context())
			if err != nil {
				return err
			}
			e, err := d.editOf(args[0], args[1:], reset)
			if err != nil {
				return err
			}
			before := d.roster.Version
			if d, err = t.say(cmd, directory.Order{Rep: args[0], New: isNew, Why: reason, Edit: e}); err != nil {
				return err
			}
			return d.told(cmd, args[0], before)
		},
	}
	cmd.Flags().BoolVar(&isNew, "new", false, "add a rep whom no pool has")
	cmd.Flags().StringVar(&reason, "reason", "", "why, for the history")
	cmd.Flags().StringSliceVar(&reset, "reset", nil, "give a field back to the policy")
	return saidBy(cmd)
}

// told prints what has changed since a version of the roster.
func (d *desk) told(cmd *cobra.Command, id string, before int64) error {
	out := cmd.OutOrStdout()
	if d.roster.Version == before || d.roster.Last == nil {
		put(out, "Nothing changed: %s is like that already.\n", plain(d.nameOf(id)))
		return nil
	}
	put(out, "%s:\n", plain(d.nameOf(id)))
	for _, w := range d.roster.Last.What {
		put(out, "  %s\n", plain(w.String()))
	}
	return nil
}

// editOf reads fields as they are typed. Kind: Invalid.
func (d *desk) editOf(rep string, fields, reset []string) (directory.Edit, error) {
	var e directory.Edit
	own := directory.HoursOf(d.policy.Policy, rep)
	hours := false
	for _, f := range fields {
		name, value, ok := strings.Cut(f, "=")
		if !ok {
			return e, fault.New(fault.Invalid, "%q is no field with a value, such as weight=2", f)
		}
		var err error
		switch name {
		case "zone":
			own.Zone, hours = value, true
		case "hours":
			own.Hours, err = directory.ParseHours(value)
			hours = true
		default:
			err = setField(&e, name, value)
		}
		if err != nil {
			return e, err
		}
	}
	if hours {
		e.Hours = directory.Set(own)
	}
	for _, name := range reset {
		if !e.GiveBack(name) {
			return e, fault.New(fault.Invalid, "%q is no field that the policy has", name)
		}
	}
	return e, nil
}

func setField(e *directory.Edit, name, value string) error {
	switch name {
	case "name":
		e.Name = directory.Set(value)
	case "email":
		e.Email = directory.Set(value)
	case "slack":
		e.Slack = directory.Set(value)
	case "owner_ids":
		e.OwnerIDs = directory.Set(directory.ParseList(value))
	case "pools":
		e.Pools = directory.Set(directory.ParseList(value))
	case "calendar":
		e.Calendar = directory.Set(value)
	case "weight":
		w, err := strconv.ParseFloat(value, 64)
		if err != nil {
			return fault.New(fault.Invalid, "weight: %q is no number", value)
		}
		e.Weight = directory.Set(w)
	case "caps":
		caps, err := directory.ParseCaps(value)
		if err != nil {
			return err
		}
		e.Caps = directory.Set(caps)
	case "gone":
		gone, err := strconv.ParseBool(value)
		if err != nil {
			return fault.New(fault.Invalid, "gone: say true or false")
		}
		e.Gone = directory.Set(gone)
	default:
		return fault.New(fault.Invalid, "there is no field %q; there are name, email, slack, owner_ids, pools, weight, caps, calendar, zone, hours and gone", name)
	}
	return nil
}

func feedCommand(t *target) *cobra.Command {
	words, remove := "", false
	cmd := &cobra.Command{
		Use:   "feed ID (URL [--words LIST] | --remove)",
		Short: "Read a rep's leave from a calendar in iCalendar format, every hour",
		Long: `Read a rep's leave from a calendar in iCalendar format, every hour. URL is the
secret address that Google, Outlook or Apple publishes the calendar at; it must
begin with https://. An event is leave when its title or a category has one of
the words, or when Outlook shows the person as out of office. - for URL keeps
the address, to change the words alone.`,
		Args: cobra.RangeArgs(1, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			o := directory.Order{Rep: args[0], Edit: directory.Edit{Feed: directory.Reset[directory.Feed]()}}
			if len(args) == 2 != !remove {
				return fault.New(fault.Invalid, "name the address of the calendar, or say --remove")
			}
			if !remove {
				o.Edit.Feed = directory.Set(directory.Feed{URL: strings.TrimPrefix(args[1], "-"), Words: directory.ParseList(words)})
			}
			d, err := t.desk(cmd.Context())
			if err != nil {
				return err
			}
			before := d.roster.Version
			if d, err = t.say(cmd, o); err != nil {
				return err
			}
			return d.told(cmd, args[0], before)
		},
	}
	cmd.Flags().StringVar(&words, "words", "", "with commas: the words that make an event leave (default: "+strings.Join(calendar.Words(), ", ")+")")
	cmd.Flags().BoolVar(&remove, "remove", false, "read it no more, and forget the leave that came from it")
	return saidBy(cmd)
}

func historyCommand(t *target) *cobra.Command {
	asJSON, most := false, 0
	cmd := &cobra.Command{
		Use:   "history [ID]",
		Short: "Show who changed what about a rep, or about all, when and why; newest first",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			d, err := t.desk(cmd.Context())
			if err != nil {
				return err
			}
			changes, more, err := d.table.RosterChanges(cmd.Context(), strings.Join(args, ""), 0, most)
			if err != nil {
				return err
			}
			if asJSON {
				return printJSON(cmd.OutOrStdout(), changes)
			}
			return printHistory(cmd.OutOrStdout(), changes, more)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print everything as JSON, with what the directory said after each change")
	cmd.Flags().IntVar(&most, "limit", 50, "how many changes at most")
	return cmd
}

func printHistory(out io.Writer, changes []routing.Change, more int64) error {
	if len(changes) == 0 {
		put(out, "Nothing was ever changed: the policy holds.\n")
		return nil
	}
	for _, c := range changes {
		put(out, "%s  version %d  %s, by %s", stamp(c.At), c.Version, c.Rep, plain(dash(c.By)))
		if c.Why != "" {
			put(out, ": %s", plain(c.Why))
		}
		put(out, "\n")
		for _, w := range c.What {
			put(out, "  %s\n", plain(w.String()))
		}
	}
	if more > 0 {
		put(out, "There is more; raise --limit.\n")
	}
	return nil
}
