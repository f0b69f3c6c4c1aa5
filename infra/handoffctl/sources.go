package main

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"io"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/handoff-oss/handoff/infra/stack"
	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/health"
	"github.com/handoff-oss/handoff/shared/inbound"
	"github.com/handoff-oss/handoff/shared/policy"
)

func sourcesCommand(t *target) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "sources",
		Short: "Connect marketing tools, and see how they are",
		Long: `List the sources of the policy in force with their state, and the tools that
can be one. Without a stack the tools alone are listed.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return listSources(cmd, t) },
	}
	l := &letter{target: t}
	provider := ""
	add := &cobra.Command{
		Use:   "add NAME --provider PROVIDER",
		Short: "Say step by step how to connect a tool, and try it when all is there",
		Long: `Say step by step how to connect a tool as the source NAME: the lines of the
policy, the secret, and where in the tool the address goes. When policy and
secret are there already, a sample is sent that leaves nothing behind.

A secret that is ours to choose is made up and shown once. One that is stored
is never shown.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return l.add(cmd, args[0], provider) },
	}
	add.Flags().StringVar(&provider, "provider", "", "the tool, by its name in the list of handoffctl sources")
	try := &cobra.Command{
		Use:   "try NAME",
		Short: "Send a source a signed sample that leaves nothing behind",
		Args:  cobra.ExactArgs(1),
		RunE:  func(cmd *cobra.Command, args []string) error { return l.try(cmd, args[0]) },
	}
	for _, c := range []*cobra.Command{add, try} {
		c.Flags().StringVar(&l.kind, "kind", "", "forms, engagement or crm, for a tool that sends several (default: the first)")
		c.Flags().StringVar(&l.key, "key", "", "a file with the key to sign with")
		c.Flags().StringVar(&l.secret, "secret", "", "name or ARN of the secret in Secrets Manager that holds the sources' secrets")
	}
	cmd.AddCommand(add, try, &cobra.Command{
		Use:   "docs",
		Short: "Print the page of sources as Markdown",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := io.WriteString(cmd.OutOrStdout(), sourcesPage())
			return err
		},
	})
	return cmd
}

// listSources prints the policy's sources, and the tools.
func listSources(cmd *cobra.Command, t *target) error {
	w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
	place, err := t.find(cmd.Context())
	switch {
	case err == nil:
		if err := place.sources(cmd.Context(), w); err != nil {
			return err
		}
	case t.stack != "" || t.table != "" || t.local:
		return err
	default:
		put(w, "No stack was asked: %v\n", err)
	}
	put(w, "\nTOOL\tNAME\tSENDS\n")
	for _, name := range inbound.Providers() {
		a, _ := inbound.Lookup(name)
		put(w, "%s\t%s\t%s\n", name, a.About().Title, kindsOf(a))
	}
	put(w, "\nTo connect one: handoffctl sources add NAME --provider TOOL\n")
	return w.Flush()
}

func kindsOf(a inbound.Adapter) string {
	var names []string
	for _, k := range a.Kinds() {
		names = append(names, string(k))
	}
	return strings.Join(names, ", ")
}

// sources prints how each source of the policy in force is.
func (p *place) sources(ctx context.Context, w io.Writer) error {
	now, err := p.now(ctx)
	if err != nil {
		return err
	}
	pol, err := p.policy(ctx)
	if err != nil {
		return err
	}
	put(w, "SOURCE\tTOOL\tSTATE\tLAST EVENT\tEVENTS IN 24 H\tSIGNATURE\tLAST FAILURE\n")
	var data []string
	for _, name := range slices.Sorted(maps.Keys(pol.Sources)) {
		hours, err := p.table.SourceHours(ctx, name, health.DataHours)
		if err != nil {
			return err
		}
		s := health.Summarize(hours, now)
		failure := "-"
		if !s.LastError.IsZero() {
			failure = ago(now, s.LastError) + ": " + plain(s.Cause+" "+s.Detail)
		}
		put(w, "%s\t%s\t%s\t%s\t%d\t%s\t%s\n", name, pol.Sources[name].Provider, s.State, ago(now, s.LastEvent), s.Events, s.Signature, failure)
		if d := health.DataOf(hours, pol.Completeness.For(name), now); d.Profiles > 0 {
			data = append(data, dataLine(name, d))
		}
	}
	if len(data) > 0 {
		put(w, "\nDATA OF %d DAYS\tSENT\tALL THAT SALES NEEDS\tBY FIELD\n%s", health.DataDays, strings.Join(data, ""))
	}
	return nil
}

// dataLine says how complete what a source sent was.
func dataLine(name string, d health.Data) string {
	fields := make([]string, len(d.Fields))
	for i, f := range d.Fields {
		fields[i] = fmt.Sprintf("%s %d %%", policy.Need(f.Name).Words(), d.Share(f.Count))
	}
	return fmt.Sprintf("%s\t%d\t%d %%\t%s\n", name, d.Profiles, d.Share(d.Complete), plain(strings.Join(fields, ", ")))
}

func (p *place) policy(ctx context.Context) (*policy.Policy, error) {
	_, text, err := inForce(ctx, p)
	if err != nil {
		return nil, err
	}
	return policy.Decode(text)
}

func ago(now, t time.Time) string {
	switch d := now.Sub(t); {
	case t.IsZero():
		return "never"
	case d < time.Minute:
		return "just now"
	case d < time.Hour:
		return fmt.Sprintf("%d min ago", d/time.Minute)
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h ago", d/time.Hour)
	default:
		return fmt.Sprintf("%d d ago", d/(24*time.Hour))
	}
}

// newSource is what is known of a source that is being connected.
type newSource struct {
	name     string
	provider string
	kind     inbound.Kind
	about    inbound.About
	inPolicy bool
	hasKey   bool
	fresh    string // a secret that was made up just now
}

func (l *letter) add(cmd *cobra.Command, name, provider string) error {
	ctx := cmd.Context()
	if !regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,62}$`).MatchString(name) {
		return fault.New(fault.Invalid, "a source's name is made of small letters, digits and hyphens: it is a part of the address")
	}
	place, err := l.target.find(ctx)
	if err != nil {
		return err
	}
	s, err := l.describe(ctx, place, name, provider)
	if err != nil {
		return err
	}
	if _, err := l.keyOf(ctx, place, name); err == nil {
		s.hasKey = true
	} else if fault.KindOf(err) != fault.NotFound {
		return err
	}
	if !s.hasKey {
		s.fresh = madeUp(s.about.Choose)
	}
	s.print(cmd.OutOrStdout(), place)
	if !s.inPolicy || !s.hasKey {
		put(cmd.OutOrStdout(), "\nWhen that is done: handoffctl sources try %s\n", name)
		return nil
	}
	put(cmd.OutOrStdout(), "\nPolicy and secret are there. A sample is sent:\n")
	return l.try(cmd, name)
}

// describe finds out what the policy knows of the source.
func (l *letter) describe(ctx context.Context, place *place, name, provider string) (newSource, error) {
	pol, err := place.policy(ctx)
	if err != nil {
		return newSource{}, err
	}
	known, inPolicy := pol.Sources[name]
	if inPolicy && provider == "" {
		provider = known.Provider
	}
	if _, isTool := inbound.Lookup(name); isTool && provider == "" {
		provider = name
	}
	a, ok := inbound.Lookup(provider)
	switch {
	case inPolicy && provider != known.Provider:
		return newSource{}, fault.New(fault.Conflict, "the policy has a source %s already, of %s: choose another name", name, known.Provider)
	case provider == "":
		return newSource{}, fault.New(fault.Invalid, "which tool? Add --provider; there are %s", strings.Join(inbound.Providers(), ", "))
	case !ok:
		return newSource{}, fault.New(fault.NotFound, "there is no tool %q; there are %s", provider, strings.Join(inbound.Providers(), ", "))
	}
	s := newSource{name: name, provider: provider, about: a.About(), inPolicy: inPolicy, kind: inbound.Kind(l.kind)}
	if s.kind == "" {
		s.kind = a.Kinds()[0]
	}
	if !inbound.Takes(a, s.kind) {
		return newSource{}, fault.New(fault.Invalid, "%s sends %s", s.about.Title, kindsOf(a))
	}
	return s, nil
}

// madeUp returns a new secret where it is ours to choose, else "".
func madeUp(choice inbound.Choice) string {
	switch choice {
	case inbound.WeChoose:
		return rand.Text()
	case inbound.WeChooseWhsec:
		key := make([]byte, 32)
		_, _ = rand.Read(key) // It never fails.
		return "whsec_" + base64.StdEncoding.EncodeToString(key)
	case inbound.TheyChoose:
	}
	return ""
}

// print writes the steps. A stored secret is not among what is known here.
func (s newSource) print(out io.Writer, place *place) {
	put(out, "%s as the source %s of %s\n", s.about.Title, s.name, place.name)
	s.printPolicy(out)
	s.printSecret(out, place)
	url := place.url + "/webhooks/" + string(s.kind) + "/" + s.name
	if strings.Contains(s.about.Paste, "?token=") {
		token := "<the secret>"
		if s.fresh != "" {
			token = s.fresh
		}
		url += "?token=" + token
	}
	put(out, "\n3. Address\n   %s\n   %s\n", url, s.about.Paste)
	for _, line := range []struct{ title, text string }{
		{"Proof", s.about.Signs}, {"Test", s.about.Test}, {"Sent again", s.about.Retries},
	} {
		put(out, "   %s: %s\n", line.title, line.text)
	}
	if s.about.Fetches != "" {
		put(out, "\n4. Access to the tool's API\n   %s. Put an access token into the secret of the APIs (output FetchSecretArn; on this\n   machine the file of FETCH), as {\"%s\": {\"access_token\": \"…\"}}, or {\"%s\": {\"skip\": true}}.\n", s.about.Fetches, s.name, s.name)
	}
}

func (s newSource) printPolicy(out io.Writer) {
	put(out, "\n1. Policy\n")
	if s.inPolicy {
		put(out, "   The policy in force has the source.\n")
		return
	}
	put(out, "   Add to the section sources, and apply it with handoffctl policy apply:\n\n  %s:\n    provider: %s\n    rank: 20\n", s.name, s.provider)
}

func (s newSource) printSecret(out io.Writer, place *place) {
	put(out, "\n2. Secret\n   %s.\n", s.about.Key)
	if s.hasKey {
		put(out, "   There is one for %s already.\n", s.name)
		return
	}
	value := "…"
	if s.fresh != "" {
		value = s.fresh
		put(out, "   Here is a fresh one, shown this once:\n\n     %s\n\n", s.fresh)
	}
	if place.local != nil {
		put(out, "   Give it to the stack: put the line\n\n     %s: %s\n\n   into the file that SECRETS names, and start the stack again.\n", s.name, value)
		return
	}
	arn := place.secrets
	if arn == "" {
		arn = "<the stack's output SourcesSecretArn>"
	}
	put(out, `   Give it to the stack, without writing it into the shell's history:

     read -rs SECRET && export SECRET
     aws secretsmanager get-secret-value --secret-id %[1]s --query SecretString --output text |
       jq -c '.[%[2]q] = env.SECRET' |
       aws secretsmanager put-secret-value --secret-id %[1]s --secret-string file:///dev/stdin
`, arn, s.name)
}

// try sends the tool's sample and says what came of it.
func (l *letter) try(cmd *cobra.Command, name string) error {
	ctx := cmd.Context()
	place, err := l.target.find(ctx)
	if err != nil {
		return err
	}
	if place.url == "" {
		return fault.New(fault.Invalid, "where is it to go? Give --stack, or --url with the public URL")
	}
	a, err := l.adapter(ctx, place, name)
	if err != nil {
		return err
	}
	sample := a.About().Sample
	key, err := l.keyOf(ctx, place, name)
	switch {
	case err != nil:
		return err
	case sample.Body == "" || (sample.Why != "" && !strings.HasPrefix(key, "-----BEGIN")):
		return fault.New(fault.Invalid, "%s", sample.Why)
	}
	sealed, err := l.seal(ctx, place, a, name, key, sample)
	if err != nil {
		return err
	}
	reply, err := stack.At(sealed.base).Do(ctx, http.MethodPost, sealed.url, sealed.headers, sealed.body)
	if err != nil {
		return fault.Wrap(fault.Unavailable, "send the sample", err)
	}
	out := cmd.OutOrStdout()
	put(out, "%s\n%d %s\n%s\n", sealed.url, reply.Status, http.StatusText(reply.Status), strings.TrimSpace(string(reply.Body)))
	if reply.Status != http.StatusOK && reply.Status != http.StatusAccepted {
		return fault.New(fault.Denied, "the sample was refused with %d: %s", reply.Status, hint(reply.Status))
	}
	put(out, "The source %s works. The sample left nothing behind.\n", name)
	if test := a.About().Test; !strings.HasPrefix(test, "None") {
		put(out, "Now let %s send its own test: %s.\n", a.About().Title, test)
	}
	return nil
}

// seal signs the sample.
func (l *letter) seal(ctx context.Context, place *place, a inbound.Adapter, name, key string, sample inbound.Sample) (*signed, error) {
	kind := a.Kinds()[0]
	switch {
	case l.kind != "":
		kind = inbound.Kind(l.kind)
	case sample.Kind != "":
		kind = sample.Kind
	}
	now, err := place.now(ctx)
	if err != nil {
		return nil, err
	}
	url := place.url + "/webhooks/" + string(kind) + "/" + name
	headers, body, err := inbound.Seal(a, inbound.Letter{Method: http.MethodPost, URL: url, Body: []byte(sample.Body), Key: key, At: now})
	if err != nil {
		return nil, err
	}
	headers["Content-Type"], headers["Accept"] = sample.ContentType, "application/json"
	return &signed{base: place.url, url: url, headers: headers, body: body}, nil
}
