package stack

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"os"
	"path/filepath"
)

// NewKeys makes up a secret for every source of the default policy. It writes
// the file that SECRETS names into dir, and returns its path and the secrets
// as the senders know them, by source.
func NewKeys(dir string) (file string, bySource map[string]string, err error) {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return "", nil, err
	}
	public, err := x509.MarshalPKIXPublicKey(private.Public())
	if err != nil {
		return "", nil, err
	}
	der, err := x509.MarshalECPrivateKey(private)
	if err != nil {
		return "", nil, err
	}
	secret := make([]byte, 32)
	if _, err := rand.Read(secret); err != nil {
		return "", nil, err
	}
	bySource = map[string]string{
		"typeform": rand.Text(), "hubspot": rand.Text(), "segment": rand.Text(), "html": rand.Text(),
		"google-ads": rand.Text(), "gravity-forms": rand.Text(), "jotform": rand.Text(), "linkedin": rand.Text(),
		"meta": rand.Text(), "tally": rand.Text(), "unbounce": rand.Text(), "webflow": rand.Text(),
		"cloudevents": rand.Text(), "customerio": rand.Text(), "intercom": rand.Text(), "mailchimp": rand.Text(),
		"mailgun": rand.Text(), "mandrill": rand.Text(), "marketo": rand.Text(), "posthog": rand.Text(),
		"postmark": rand.Text(), "rudderstack": rand.Text(), "snowplow": rand.Text(), "zoom": rand.Text(),
		"calcom": rand.Text(), "calendly": rand.Text(), "pipedrive": rand.Text(), "salesforce": rand.Text(),
		"standard": "whsec_" + base64.StdEncoding.EncodeToString(secret),
		"sendgrid": string(pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: der})),
	}
	stored := map[string]any{}
	for name, key := range bySource {
		stored[name] = key
	}
	stored["sendgrid"] = map[string]string{"public_key": base64.StdEncoding.EncodeToString(public)}
	text, err := json.Marshal(stored) // JSON is YAML
	if err != nil {
		return "", nil, err
	}
	file = filepath.Join(dir, "secrets.yaml")
	return file, bySource, os.WriteFile(file, text, 0o600)
}
