package main

import (
	"bytes"
	"crypto/rand"
	_ "embed"
	"encoding/base64"
	"encoding/json"
	"maps"
	"os"

	"github.com/goccy/go-yaml"
	"go.etcd.io/bbolt"

	"github.com/handoff-oss/handoff/infra/cfn"
	"github.com/handoff-oss/handoff/infra/local/identity"
	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/idp"
	"github.com/handoff-oss/handoff/shared/inbound"
)

//go:embed secrets.yaml
var developmentSecrets []byte

// secrets are what Secrets Manager holds, JSON by the logical id of the secret
// in the template.
type secrets struct {
	values    map[string]string
	htmlToken string
	slack     slackSecret
	client    string // secret of the client at the local identity provider
}

// slackSecret is the Slack app's, whose workspace this host plays.
type slackSecret struct {
	WebhookURL    string `json:"webhook_url"`
	BotToken      string `json:"bot_token"`
	SigningSecret string `json:"signing_secret"`
	APIURL        string `json:"api_url"`
}

// loadSecrets merges the sources' secrets in a file over those for
// development, reads those of APIs from another, and makes up the keys of
// links, sessions, the webhook and the Slack app once. issuer is the local
// identity provider.
func loadSecrets(db *bbolt.DB, file, apisFile, publicURL, issuer string) (*secrets, error) {
	sources, err := readSources(file)
	if err != nil {
		return nil, err
	}
	apis, err := readAPIs(apisFile)
	if err != nil {
		return nil, err
	}
	link, err := generated(db, "links")
	if err != nil {
		return nil, err
	}
	webhook, err := generated(db, "webhook")
	if err != nil {
		return nil, err
	}
	slack, err := slackApp(db, publicURL)
	if err != nil {
		return nil, err
	}
	sessions, err := generated(db, "sessions")
	if err != nil {
		return nil, err
	}
	client, err := generated(db, "identity client")
	if err != nil {
		return nil, err
	}
	s := &secrets{values: map[string]string{}, htmlToken: first(sources["html"]), slack: slack, client: client}
	for id, value := range map[string]any{
		"SourcesSecret":  sources,
		"LinksSecret":    map[string]any{"keys": []string{link}},
		"FetchSecret":    apis,
		"SessionsSecret": map[string]any{"keys": []string{sessions}},
		"AccessSecret": idp.Settings{
			Issuer: issuer, ClientID: identity.Web, ClientSecret: client, CLIClientID: identity.CLI, Operators: []string{identity.OperatorEmail},
		},
		"ChannelsSecret": map[string]any{
			"slack":   slack,
			"teams":   map[string]string{"webhook_url": publicURL + "/_local/teams"},
			"webhook": map[string]string{"url": publicURL + "/_local/webhook", "secret": "whsec_" + webhook},
		},
	} {
		b, err := json.Marshal(value)
		if err != nil {
			return nil, fault.Wrap(fault.Invalid, "encode "+id, err)
		}
		s.values[id] = string(b)
	}
	return s, nil
}

// slackApp makes up the secrets of the Slack app.
func slackApp(db *bbolt.DB, publicURL string) (s slackSecret, err error) {
	s.WebhookURL, s.APIURL = publicURL+"/_local/slack", publicURL+"/_local/slack/api"
	if s.BotToken, err = generated(db, "slack token"); err != nil {
		return s, err
	}
	s.BotToken = "xoxb-" + s.BotToken
	s.SigningSecret, err = generated(db, "slack signing")
	return s, err
}

func readSources(file string) (map[string]any, error) {
	sources := map[string]any{}
	if err := yaml.Unmarshal(developmentSecrets, &sources); err != nil {
		return nil, fault.Wrap(fault.Internal, "read the development secrets", err)
	}
	if file != "" {
		text, err := os.ReadFile(file) //nolint:gosec // The user names the file.
		if err != nil {
			return nil, fault.Wrap(fault.NotFound, "SECRETS", err)
		}
		given := map[string]any{}
		if err := yaml.Unmarshal(text, &given); err != nil {
			// The parser's message quotes the file: it would print a secret.
			return nil, fault.New(fault.Invalid, "SECRETS: %s is not a mapping of sources to secrets", file)
		}
		maps.Copy(sources, given)
	}
	for name, value := range sources {
		if key, ok := value.(map[string]any); ok {
			sources[name] = map[string]any{"public_key": key["public_key"]}
		}
	}
	return sources, nil
}

// readAPIs reads how the APIs are called whose providers' webhooks only name a
// lead. This machine calls none of them unless the file says so.
func readAPIs(file string) (map[string]any, error) {
	apis := map[string]any{}
	for _, name := range inbound.Providers() {
		apis[name] = map[string]any{"skip": true}
	}
	if file == "" {
		return apis, nil
	}
	text, err := os.ReadFile(file) //nolint:gosec // The user names the file.
	if err != nil {
		return nil, fault.Wrap(fault.NotFound, "FETCH", err)
	}
	given := map[string]any{}
	if err := yaml.Unmarshal(text, &given); err != nil {
		// The parser's message quotes the file: it would print a secret.
		return nil, fault.New(fault.Invalid, "FETCH: %s is not a mapping of sources or providers to access", file)
	}
	maps.Copy(apis, given)
	return apis, nil
}

// first is the secret in use: the only one, or the first of a list.
func first(v any) string {
	if list, ok := v.([]any); ok && len(list) > 0 {
		v = list[0]
	}
	s, _ := v.(string) // Anything else is no token.
	return s
}

// generated returns a random key that stays the same for this data folder.
func generated(db *bbolt.DB, name string) (string, error) {
	value, err := kept(db, name, func() ([]byte, error) {
		key := make([]byte, 32)
		_, _ = rand.Read(key) // It never fails.
		return []byte(base64.StdEncoding.EncodeToString(key)), nil
	})
	return string(value), err
}

// kept returns what was made under a name first, for this data folder.
func kept(db *bbolt.DB, name string, create func() ([]byte, error)) ([]byte, error) {
	var value []byte
	err := db.Update(func(tx *bbolt.Tx) error {
		b, err := tx.CreateBucketIfNotExists([]byte("secrets"))
		if err != nil {
			return err
		}
		if value = bytes.Clone(b.Get([]byte(name))); value != nil {
			return nil
		}
		if value, err = create(); err != nil {
			return err
		}
		return b.Put([]byte(name), value)
	})
	return value, fault.Wrap(fault.Internal, "make a key", err)
}

// lookup answers GetSecretValue.
func (s *secrets) lookup(stack *cfn.Stack) func(id string) (string, error) {
	return func(id string) (string, error) {
		for _, known := range stack.Secrets {
			if value, ok := s.values[known.ID]; ok && (id == known.ARN || id == known.Name || id == known.ID) {
				return value, nil
			}
		}
		return "", fault.New(fault.NotFound, "there is no secret %s", id)
	}
}
