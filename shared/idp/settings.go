// Package idp talks to the company's identity provider by OpenID Connect: it
// finds the provider's addresses, sends people there to sign in (authorization
// code with PKCE), checks what comes back, and checks tokens that programs
// bring. It does not know what anybody may do, nor how they stay signed in.
// Sources: OpenID Connect Core 1.0 and Discovery 1.0; RFC 6749, 7636 and 7519.
package idp

import (
	"net/url"
	"slices"
	"strings"

	"github.com/handoff-oss/handoff/shared/fault"
)

// Settings are the JSON document of the secret AccessSecret.
type Settings struct {
	Issuer       string   `json:"issuer"`
	ClientID     string   `json:"client_id"`
	ClientSecret string   `json:"client_secret"`           // "" for a public client
	Audience     string   `json:"audience,omitempty"`      // of the tokens of programs; "" is the client id
	CLIClientID  string   `json:"cli_client_id,omitempty"` // the public client of handoffctl; "" is the client id
	Operators    []string `json:"operators,omitempty"`     // addresses that are operators whatever the policy says
}

// Check tells whether the settings are there and can be used. Kind: Invalid,
// with a sentence that names no secret.
func (s Settings) Check() error {
	var missing []string
	for name, v := range map[string]string{"issuer": s.Issuer, "client_id": s.ClientID} {
		if v == "" {
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 {
		slices.Sort(missing)
		return fault.New(fault.Invalid, "the secret AccessSecret lacks %s", strings.Join(missing, " and "))
	}
	u, err := url.Parse(s.Issuer)
	if err != nil || u.Host == "" || u.Scheme != "https" && (u.Scheme != "http" || !loopback(u.Hostname())) {
		return fault.New(fault.Invalid, "the issuer in the secret AccessSecret is no https address")
	}
	return nil
}

func loopback(host string) bool { return host == "127.0.0.1" || host == "localhost" || host == "::1" }

// audiences are whom a token of a program may be meant for.
func (s Settings) audiences() []string {
	all := []string{s.ClientID, s.CLIClientID}
	if s.Audience != "" {
		all[0] = s.Audience
	}
	return slices.DeleteFunc(all, func(a string) bool { return a == "" })
}
