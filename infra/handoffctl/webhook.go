package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/pem"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/goccy/go-yaml"
	"github.com/spf13/cobra"

	"github.com/handoff-oss/handoff/infra/stack"
	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/inbound"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/secret"
)

// letter is a webhook to sign, as the flags describe it.
type letter struct {
	target *target
	file   string
	kind   string
	id     string
	key    string
	secret string
	plain  bool
}

const letterHelp = `

SOURCE is the name of a source in the policy in force. FILE is the payload, byte
for byte as it is to be sent; - is standard input.

On this machine the secret comes from the file that SECRETS names, else from
the development secrets in infra/local/secrets.yaml. In AWS it comes from the
stack's secret of the sources, or from --secret. SendGrid signs with a private
key that only SendGrid has: elsewhere than on this machine, give one with --key.`

func (l *letter) flags(cmd *cobra.Command) *cobra.Command {
	cmd.Args = cobra.RangeArgs(1, 2)
	cmd.Long += letterHelp
	f := cmd.Flags()
	f.StringVarP(&l.file, "file", "f", "", "the payload; the same as FILE")
	f.StringVar(&l.kind, "kind", "", "forms, engagement or crm, for a source that sends several (default: the first that it sends)")
	f.StringVar(&l.id, "id", "", "the event id, for a provider that signs one (default: made from the payload)")
	f.StringVar(&l.key, "key", "", "a file with the key to sign with")
	f.StringVar(&l.secret, "secret", "", "name or ARN of the secret in Secrets Manager that holds the sources' secrets")
	return cmd
}

func signCommand(t *target) *cobra.Command {
	l := &letter{target: t}
	cmd := l.flags(&cobra.Command{
		Use:   "sign SOURCE [FILE]",
		Short: "Sign a payload as its provider would, ready for curl",
		Long: `Sign a payload as its provider would at the stack's clock, and print the curl
command that sends it. With --headers print the headers alone, for

  handoffctl sign typeform demo.json --headers | curl -H @- --data-binary @demo.json URL`,
		RunE: func(cmd *cobra.Command, args []string) error {
			s, err := l.sign(cmd, args)
			if err != nil {
				return err
			}
			return s.print(cmd.OutOrStdout(), l.plain)
		},
	})
	cmd.Flags().BoolVar(&l.plain, "headers", false, "print the headers alone, one a line")
	return cmd
}

func sendCommand(t *target) *cobra.Command {
	l := &letter{target: t}
	return l.flags(&cobra.Command{
		Use:   "send SOURCE [FILE]",
		Short: "Sign a payload as its provider would, and send it",
		Long:  `Sign a payload as its provider would at the stack's clock, and send it.`,
		RunE: func(cmd *cobra.Command, args []string) error {
			s, err := l.sign(cmd, args)
			if err != nil {
				return err
			}
			reply, err := stack.At(s.base).Do(cmd.Context(), http.MethodPost, s.url, s.headers, s.body)
			if err != nil {
				return fault.Wrap(fault.Unavailable, "send", err)
			}
			put(cmd.OutOrStdout(), "%d %s\n%s\n", reply.Status, http.StatusText(reply.Status), strings.TrimSpace(string(reply.Body)))
			if !reply.OK() {
				return fault.New(fault.Denied, "%s was refused with %d: %s", s.url, reply.Status, hint(reply.Status))
			}
			return nil
		},
	})
}

// hint says what an answer probably means.
func hint(status int) string {
	switch status {
	case http.StatusUnauthorized, http.StatusForbidden:
		return "is the secret the one that the stack runs with? It may have been started with another SECRETS"
	case http.StatusNotFound:
		return "the policy in force has no such source"
	case http.StatusBadRequest, http.StatusUnprocessableEntity:
		return "the payload is not what this provider sends"
	}
	return "see the answer"
}

// signed is a webhook ready to be sent.
type signed struct {
	base    string // the public URL
	url     string
	data    string // for curl: @ and the payload's file, or the body itself
	headers map[string]string
	body    []byte
}

func (l *letter) sign(cmd *cobra.Command, args []string) (*signed, error) {
	ctx, source := cmd.Context(), args[0]
	if len(args) > 1 {
		l.file = args[1]
	}
	if l.file == "" {
		return nil, fault.New(fault.Invalid, "name the payload: handoffctl %s %s FILE", cmd.Name(), source)
	}
	body, err := read(cmd, l.file)
	if err != nil {
		return nil, err
	}
	place, err := l.target.find(ctx)
	if err != nil {
		return nil, err
	}
	if place.url == "" {
		return nil, fault.New(fault.Invalid, "where is it to go? Give --stack, or --url with the public URL")
	}
	adapter, err := l.adapter(ctx, place, source)
	if err != nil {
		return nil, err
	}
	kind := inbound.Kind(l.kind)
	if kind == "" {
		kind = adapter.Kinds()[0]
	}
	key, err := l.keyOf(ctx, place, source)
	if err != nil {
		return nil, err
	}
	now, err := place.now(ctx)
	if err != nil {
		return nil, err
	}
	url := place.url + "/webhooks/" + string(kind) + "/" + source
	headers, sealed, err := inbound.Seal(adapter, inbound.Letter{Method: http.MethodPost, URL: url, Body: body, Key: key, ID: l.id, At: now})
	if err != nil {
		return nil, err
	}
	data := "@" + l.file
	if !bytes.Equal(sealed, body) { // the proof stands in the body
		data = string(sealed)
	}
	return &signed{base: place.url, url: url, data: data, headers: headers, body: sealed}, nil
}

// adapter returns the provider of a source in the policy in force.
func (l *letter) adapter(ctx context.Context, place *place, source string) (inbound.Adapter, error) {
	_, text, err := inForce(ctx, place)
	if err != nil {
		return nil, err
	}
	p, err := policy.Decode(text)
	if err != nil {
		return nil, err
	}
	s, ok := p.Sources[source]
	if !ok {
		return nil, fault.New(fault.NotFound, "the policy has no source %q; it has %s", source, strings.Join(slices.Sorted(maps.Keys(p.Sources)), ", "))
	}
	a, ok := inbound.Lookup(s.Provider)
	if !ok {
		return nil, fault.New(fault.NotFound, "this handoffctl does not know the provider %s", s.Provider)
	}
	return a, nil
}

// keyOf returns what the source's provider signs with.
func (l *letter) keyOf(ctx context.Context, place *place, source string) (string, error) {
	if l.key != "" {
		text, err := os.ReadFile(l.key)
		return strings.TrimSpace(string(text)), fault.Wrap(fault.NotFound, "read the key", err)
	}
	if l.secret != "" {
		place.secrets = l.secret
	}
	if place.secrets == "" {
		return l.localKey(source)
	}
	now, err := place.now(ctx)
	if err != nil {
		return "", err
	}
	var keys map[string]secret.Keys
	if err := secret.New(secretsmanager.NewFromConfig(place.config), place.secrets).JSON(ctx, now, &keys); err != nil {
		return "", err
	}
	if len(keys[source]) == 0 {
		return "", fault.New(fault.NotFound, "the secret %s holds none for the source %s", place.secrets, source)
	}
	return keys[source][0], nil
}

// localKey looks into the file of SECRETS, then into the development secrets.
func (l *letter) localKey(source string) (string, error) {
	var files []string
	if f := l.target.getenv("SECRETS"); f != "" {
		files = append(files, f)
	}
	if f, ok := developmentSecrets(); ok {
		files = append(files, f)
	}
	for _, f := range files {
		text, err := os.ReadFile(f) //nolint:gosec // The user names the file.
		if err != nil {
			return "", fault.Wrap(fault.NotFound, "read the sources' secrets", err)
		}
		sources := map[string]any{}
		if err := yaml.Unmarshal(text, &sources); err != nil {
			// The parser's message quotes the file: it would print a secret.
			return "", fault.New(fault.Invalid, "%s is not a mapping of sources to secrets", f)
		}
		if v, ok := sources[source]; ok {
			return signingKey(f, source, v)
		}
	}
	return "", fault.New(fault.NotFound, "no secret for the source %s: run this in the repository, or name the secrets' file with SECRETS, or the key with --key", source)
}

// signingKey returns the key in use: a string, the first of a list, or the
// private key beside a public one, as PEM.
func signingKey(file, source string, v any) (string, error) {
	if list, ok := v.([]any); ok && len(list) > 0 {
		v = list[0]
	}
	if s, ok := v.(string); ok {
		return s, nil
	}
	pair, _ := v.(map[string]any)
	private, _ := pair["private_key"].(string)
	if private == "" {
		return "", fault.New(fault.NotFound, "%s has only the public key of %s, which verifies and does not sign; give the private one with --key", file, source)
	}
	if strings.HasPrefix(private, "-----BEGIN") {
		return private, nil
	}
	der, err := base64.StdEncoding.DecodeString(private)
	if err != nil {
		return "", fault.New(fault.Invalid, "%s: the private key of %s is neither PEM nor base64", file, source)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})), nil
}

// developmentSecrets finds infra/local/secrets.yaml in this folder or above.
func developmentSecrets() (string, bool) {
	dir, err := os.Getwd()
	for err == nil {
		file := filepath.Join(dir, "infra", "local", "secrets.yaml")
		if _, statErr := os.Stat(file); statErr == nil {
			return file, true
		}
		up := filepath.Dir(dir)
		if up == dir {
			break
		}
		dir = up
	}
	return "", false
}

// print writes the headers, or the whole curl command.
func (s *signed) print(out io.Writer, plain bool) error {
	var b strings.Builder
	names := slices.Sorted(maps.Keys(s.headers))
	if plain {
		for _, n := range names {
			put(&b, "%s: %s\n", n, s.headers[n])
		}
	} else {
		put(&b, "curl -i %s \\\n", quote(s.url))
		for _, n := range names {
			put(&b, "  -H %s \\\n", quote(n+": "+s.headers[n]))
		}
		put(&b, "  --data-binary %s\n", quote(s.data))
	}
	_, err := io.WriteString(out, b.String())
	return err
}

// quote quotes a word for a POSIX shell.
func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }
