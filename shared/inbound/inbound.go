// Package inbound turns the webhooks of marketing tools into signals. Each
// provider is one file behind one small interface: verify that the provider
// sent these bytes, parse them into signals, and answer in the way that the
// provider handles well. Sign is the counterpart of Verify, for the command
// line, the demo and tests.
//
// The package works on raw bytes and a time that it is given. It knows no
// Lambda, no table and no queue, and it decides nothing about a lead.
package inbound

import (
	"time"

	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/secret"
	"github.com/handoff-oss/handoff/shared/signal"
)

// MaxBody is the largest body of a webhook in bytes. A larger one is answered
// TooLarge without a look at its content.
const MaxBody = 1 << 20

// Kind is the kind of webhook that a function takes: the second part of the
// path /webhooks/<kind>/<source>.
type Kind string

// The kinds of webhooks.
const (
	Forms      Kind = "forms"
	Engagement Kind = "engagement"
	CRM        Kind = "crm"
)

// Request is one webhook as it came in.
type Request struct {
	Method     string
	URL        string            // the full public URL, as the sender knows it; some providers sign it
	Path       string            // the path of URL
	Query      string            // the raw query of URL, without the question mark
	Headers    map[string]string // names in lower case
	Body       []byte            // the raw bytes, never trimmed or re-encoded
	ReceivedAt time.Time         // UTC
	Kind       Kind              // from the path
	Source     string            // the source's name in the policy, from the path
	Policy     policy.Source     // what the policy says about the source
	Keys       secret.Keys       // the active keys; several during a rotation
}

// Delivery is what a verified webhook says.
type Delivery struct {
	Signals []signal.Signal
	Skipped int  // elements of a batch that could not be read; the others are taken
	Bait    bool // a honeypot field was filled in: answered like success, stored nowhere
}

// Letter is a webhook to be signed.
type Letter struct {
	Method string // POST when empty
	URL    string // full, as the receiver knows it
	Body   []byte
	Key    string // the source's secret; for sendgrid the private key as PEM
	ID     string // the event id, where the signature covers one; derived from the body when empty
	At     time.Time
}

// Adapter is one provider.
type Adapter interface {
	// About says how the tool is connected.
	About() About
	// Kinds returns the kinds of webhooks that the provider sends.
	Kinds() []Kind
	// Verify checks that the provider sent these bytes, lately where the
	// provider states a time. Every key is tried. Kind of error: Denied.
	Verify(Request) error
	// Parse reads a verified webhook. The same request gives the same
	// delivery. Kind of error: Invalid.
	Parse(Request) (Delivery, error)
	// Answer returns what the provider is told.
	Answer(Request, Result) Answer
	// Sign returns the headers that the provider would send. Kind of error: Invalid.
	Sign(Letter) (map[string]string, error)
}

// Challenger is an adapter whose provider asks the address to prove itself, by
// GET, HEAD or POST, before or while it sends webhooks.
type Challenger interface {
	Adapter
	// Challenge answers such a question. It is asked about every request of a
	// known source on the right path, before Verify, and says asked=false when
	// the request is something else: a webhook, or somebody who looks. An error
	// is answered by Answer as BadSignature or Malformed. Kinds of errors:
	// Denied, Invalid.
	//
	// Who asks is mostly unknown, and an answer is often a MAC made with the
	// source's key. So it must never give out one that would also sign a
	// webhook: check the form of what is signed.
	Challenge(Request) (answer Answer, asked bool, err error)
}

// provider is an adapter under the name that policies use.
type provider struct {
	name    string
	adapter Adapter
}

// registry lists all providers, sorted by name.
func registry() []provider {
	return []provider{
		{"calcom", calcom{}},
		{"calendly", calendly{}},
		{"cloudevents", cloudevents{}},
		{"customerio", customerio{}},
		{"google-ads", googleAds{}},
		{"gravity-forms", gravityForms{byToken{"gravity-forms"}}},
		{"html", plainHTML{}},
		{"hubspot", hubspot{}},
		{"intercom", intercom{}},
		{"jotform", jotform{byToken{"jotform"}}},
		{"linkedin", linkedin{}},
		{"mailchimp", mailchimp{byToken{"mailchimp"}}},
		{"mailgun", mailgun{}},
		{"mandrill", mandrill{}},
		{"marketo", marketo{byToken{"marketo"}}},
		{"meta", meta{}},
		{"pipedrive", pipedrive{}},
		{"posthog", posthog{byToken{"posthog"}}},
		{"postmark", postmark{byToken{"postmark"}}},
		{"rudderstack", rudderstack{byToken{"rudderstack"}}},
		{"salesforce", salesforce{}},
		{"segment", segment{}},
		{"sendgrid", sendgrid{}},
		{"snowplow", snowplow{byToken{"snowplow"}}},
		{"standard", standard{}},
		{"tally", tally{}},
		{"typeform", typeform{}},
		{"unbounce", unbounce{byToken{"unbounce"}}},
		{"webflow", webflow{}},
		{"zoom", zoom{}},
	}
}

// Lookup returns the adapter of the provider with that name.
func Lookup(name string) (Adapter, bool) {
	for _, p := range registry() {
		if p.name == name {
			return p.adapter, true
		}
	}
	return nil, false
}

// Providers returns the names of all providers, sorted.
func Providers() []string {
	var names []string
	for _, p := range registry() {
		names = append(names, p.name)
	}
	return names
}

// Takes reports whether the adapter belongs on paths of that kind.
func Takes(a Adapter, k Kind) bool {
	for _, own := range a.Kinds() {
		if own == k {
			return true
		}
	}
	return false
}
