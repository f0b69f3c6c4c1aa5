package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/handoff-oss/handoff/shared/decision"
	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/signal"
)

// question is which lead is asked about.
type question struct {
	dry, json         bool
	key, email, input string
}

func routeCommand(t *target) *cobra.Command {
	q := &question{}
	cmd := &cobra.Command{
		Use:   "route --dry-run (--lead KEY | --email ADDRESS | --file FILE)",
		Short: "Say who would receive a lead now, and why nobody else",
		Long: `Say who would receive a lead now, and why nobody else, by the policy, the
people and the pools of this moment. Nothing is written.

FILE (- for standard input) is about a lead that need not exist: a JSON object
of profile fields, and besides, if the rules ask for them, "source" (of the
policy) and "request" (the name of one under qualification.requests):

  {"email": "ida@turing-works.example", "employees": 1200, "request": "demo"}`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return q.answer(cmd, t) },
	}
	cmd.Flags().BoolVar(&q.dry, "dry-run", false, "only look: without it nothing is done at all")
	cmd.Flags().StringVar(&q.key, "lead", "", "the key of the lead")
	cmd.Flags().StringVar(&q.email, "email", "", "the address of the lead")
	cmd.Flags().StringVar(&q.input, "file", "", "a file with a lead as JSON")
	cmd.Flags().BoolVar(&q.json, "json", false, "print everything as JSON")
	cmd.MarkFlagsMutuallyExclusive("lead", "email", "file")
	cmd.MarkFlagsOneRequired("lead", "email", "file")
	return cmd
}

// routeView is what is shown of a choice.
type routeView struct {
	AsOf          time.Time      `json:"as_of"`
	PolicyVersion policy.Version `json:"policy_version"`
	Lead          string         `json:"lead"` // the key; "" for one from a file
	Rep           string         `json:"rep"`  // who would receive it; "" for nobody
	Name          string         `json:"name"`
	Pool          string         `json:"pool"`
	By            string         `json:"by"`
	Steps         []stepView     `json:"steps"`

	who    string
	holder string // who has it now
}

// stepView is one thing of the policy that was tried, or was not.
type stepView struct {
	By         string          `json:"by"`
	Pool       string          `json:"pool"`
	Tried      bool            `json:"tried"`
	Why        string          `json:"why"`
	Considered []candidateView `json:"considered"`
}

// candidateView is one rep of a step.
type candidateView struct {
	Rep    string `json:"rep"`
	Name   string `json:"name"`
	State  string `json:"state"` // on duty, off, on leave or not on duty
	Chosen bool   `json:"chosen"`
	Why    string `json:"why"`
}

func (q *question) answer(cmd *cobra.Command, t *target) error {
	if !q.dry {
		return fault.New(fault.Invalid, "leads are routed by decide, as they qualify: use --dry-run to see where one would go, or handoffctl reps hand-over to give away those of a rep")
	}
	ctx := cmd.Context()
	d, err := t.desk(ctx)
	if err != nil {
		return err
	}
	l, err := q.lead(cmd, d)
	if err != nil {
		return err
	}
	p, err := d.maker.PreviewOf(ctx, l, d.at)
	if err != nil {
		return err
	}
	v := d.routeView(p)
	v.who = who(l)
	if l.Version > 0 {
		v.Lead = string(l.Key)
		if h := l.Journey.Holder(); h != nil {
			v.holder = h.RepName
		}
	}
	if q.json {
		return printJSON(cmd.OutOrStdout(), v)
	}
	return v.print(cmd.OutOrStdout())
}

// lead returns the lead that is asked about.
func (q *question) lead(cmd *cobra.Command, d *desk) (*lead.Lead, error) {
	if q.input == "" {
		return d.lead(cmd.Context(), q.key+q.email)
	}
	text, err := read(cmd, q.input)
	if err != nil {
		return nil, err
	}
	s, request, err := newcomer(text, d.at)
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, q.input, err)
	}
	if _, known := d.policy.Sources[s.Source]; s.Source != "" && !known {
		return nil, fault.New(fault.Invalid, "%s: the policy has no source %q", q.input, s.Source)
	}
	return d.newcomer(cmd.Context(), s, request)
}

func (d *desk) newcomer(ctx context.Context, s signal.Signal, request string) (*lead.Lead, error) {
	return d.maker.Newcomer(ctx, s, request, d.at)
}

// newcomer reads a lead from JSON. Kind: Invalid.
func newcomer(text []byte, now time.Time) (s signal.Signal, request string, err error) {
	decoder := json.NewDecoder(strings.NewReader(string(text)))
	decoder.UseNumber()
	fields := map[string]any{}
	if err := decoder.Decode(&fields); err != nil {
		return s, "", fault.New(fault.Invalid, "it is not a JSON object of profile fields")
	}
	profile := map[string]string{}
	for name, v := range fields {
		switch v := v.(type) {
		case string, json.Number, bool:
			profile[name] = fmt.Sprint(v)
		default:
			return s, "", fault.New(fault.Invalid, "the field %s is neither text nor a number", name)
		}
	}
	s = signal.Signal{Source: profile["source"], ID: "dry-run", Type: signal.FormSubmitted, OccurredAt: now, ReceivedAt: now, Lead: profile}
	s.Identity.Email = profile[signal.FieldEmail]
	request = profile["request"]
	delete(profile, "source")
	delete(profile, "request")
	return s, request, nil
}

// routeView adds to what was tried what was not, and how each rep is.
func (d *desk) routeView(p decision.Preview) routeView {
	v := routeView{AsOf: d.at, PolicyVersion: d.policy.Version, Rep: p.Rep}
	if p.Rep != "" {
		v.Name = d.nameOf(p.Rep)
	}
	v.Steps = d.untried(p.Steps)
	for _, s := range v.Steps {
		if slices.ContainsFunc(s.Considered, func(c candidateView) bool { return c.Chosen }) {
			v.Pool, v.By = s.Pool, s.By
		}
	}
	return v
}

// steps are what was tried, as it is shown.
func (d *desk) steps(all []lead.RouteStep) []stepView {
	out := make([]stepView, len(all))
	for i, s := range all {
		out[i] = stepView{By: s.By, Pool: s.Pool, Tried: s.Pool != "", Why: s.Why, Considered: []candidateView{}}
		states := map[string]string{}
		for _, p := range d.people(s.Pool) {
			states[p.ID] = string(p.State)
		}
		for _, c := range s.Considered {
			out[i].Considered = append(out[i].Considered, candidateView{c.Rep, d.nameOf(c.Rep), states[c.Rep], c.Chosen, c.Why})
		}
	}
	return out
}

// untried are the steps of the policy in its order: the owner of the company,
// the rules and the fallback, with what was tried in their places.
func (d *desk) untried(tried []lead.RouteStep) []stepView {
	left := d.steps(tried)
	var out []stepView
	found := false
	add := func(is func(by string) bool, otherwise stepView) {
		i := slices.IndexFunc(left, func(s stepView) bool { return is(s.By) })
		if i < 0 {
			if found {
				otherwise.Why = "not asked: somebody was found before"
			}
			otherwise.Considered = []candidateView{}
			out = append(out, otherwise)
			return
		}
		out = append(out, left[i])
		found = found || slices.ContainsFunc(left[i].Considered, func(c candidateView) bool { return c.Chosen })
		left = slices.Delete(left, i, i+1)
	}
	add(func(by string) bool { return strings.HasPrefix(by, "owner of ") },
		stepView{By: "owner of the company", Why: "the company is not known, or nobody has it"})
	r := d.policy.Routing
	for _, rule := range r.Rules {
		add(func(by string) bool { return by == "rule "+rule.Name },
			stepView{By: "rule " + rule.Name, Pool: rule.Pool, Why: "does not fit this lead, or its pool was asked before"})
	}
	add(func(by string) bool { return by == "fallback" }, stepView{By: "fallback", Pool: r.Fallback, Why: "its pool was asked before"})
	return append(out, left...)
}

func (v routeView) print(out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	put(w, "%s", v.who)
	if v.Lead != "" {
		put(w, " (%s)", v.Lead)
	}
	put(w, "\nat %s under policy %s\n\n", stamp(v.AsOf), v.PolicyVersion)
	would, nobody := "It would go to", "Nobody"
	if v.holder != "" {
		put(w, "%s holds it.\n", plain(v.holder))
		would, nobody = "Next it would go to", "Nobody else"
	}
	if v.Rep == "" {
		put(w, "%s could receive it now.\n", nobody)
	} else {
		put(w, "%s %s (%s), pool %s, by: %s\n", would, plain(v.Name), v.Rep, v.Pool, plain(v.By))
	}
	for i, s := range v.Steps {
		put(w, "\n%d. %s", i+1, plain(s.By))
		if s.Pool != "" {
			put(w, ": pool %s", s.Pool)
		}
		if s.Why != "" {
			put(w, " (%s)", plain(s.Why))
		}
		put(w, "\n")
		printCandidates(w, s.Considered)
	}
	return w.Flush()
}

func printCandidates(w io.Writer, all []candidateView) {
	for _, c := range all {
		mark := " "
		if c.Chosen {
			mark = ">"
		}
		put(w, " %s %s\t%s\t%s\t%s\n", mark, c.Rep, plain(c.Name), c.State, plain(c.Why))
	}
}
