package idp

import (
	"context"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"github.com/handoff-oss/handoff/shared/clock"
	"github.com/handoff-oss/handoff/shared/fault"
)

// What is known of a provider is asked for again after an hour, so that keys
// which it has withdrawn are forgotten.
const knownFor = time.Hour

// Client knows the provider of the settings that it was last asked about. It
// is safe for concurrent use.
type Client struct {
	http  *http.Client
	clock clock.Clock

	mu       sync.Mutex
	known    *Provider
	failedAt time.Time
	failure  error
	failed   string // the issuer that failed
}

// New returns a client that has asked nothing yet. clock is the real time:
// tokens are checked by the time that Verify is told.
func New(transport http.RoundTripper, real clock.Clock) *Client {
	return &Client{http: &http.Client{Transport: transport, Timeout: callTimeout}, clock: real}
}

// Provider is an identity provider as its discovery document describes it.
type Provider struct {
	settings Settings
	oidc     *oidc.Provider
	keys     oidc.KeySet
	fetches  *keyTransport
	http     *http.Client
	readAt   time.Time
	about    about
}

// about is what the discovery document says besides what go-oidc reads.
type about struct {
	JWKS       string   `json:"jwks_uri"`
	EndSession string   `json:"end_session_endpoint"`
	Scopes     []string `json:"scopes_supported"`
}

// Provider returns the provider of the settings. Kinds: Invalid for settings
// that are not filled in, Unavailable.
func (c *Client) Provider(ctx context.Context, s Settings) (*Provider, error) {
	if err := s.Check(); err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.clock(ctx)
	same := c.known != nil && c.known.settings.Issuer == s.Issuer
	if same && now.Sub(c.known.readAt) < knownFor {
		return c.known.with(s), nil
	}
	if c.failure == nil || c.failed != s.Issuer || now.Sub(c.failedAt) >= failedAgain {
		p, err := c.discover(ctx, s, now)
		if err == nil {
			c.known, c.failure = p, nil
			return p, nil
		}
		c.failure, c.failed, c.failedAt = err, s.Issuer, now
	}
	if same {
		return c.known.with(s), nil
	}
	return nil, c.failure
}

func (c *Client) discover(ctx context.Context, s Settings, now time.Time) (*Provider, error) {
	found, err := oidc.NewProvider(oidc.ClientContext(ctx, c.http), s.Issuer)
	if err != nil {
		return nil, fault.Wrap(fault.Unavailable, "ask the identity provider for its addresses", err)
	}
	p := &Provider{settings: s, oidc: found, http: c.http, readAt: now}
	if err := found.Claims(&p.about); err != nil {
		return nil, fault.Wrap(fault.Unavailable, "read the identity provider's addresses", err)
	}
	next := c.http.Transport
	if next == nil {
		next = http.DefaultTransport
	}
	p.fetches = &keyTransport{next: next, clock: c.clock}
	p.keys = oidc.NewRemoteKeySet(oidc.ClientContext(context.WithoutCancel(ctx), &http.Client{Transport: p.fetches, Timeout: callTimeout}), p.about.JWKS)
	return p, nil
}

func (p *Provider) with(s Settings) *Provider {
	other := *p
	other.settings = s
	return &other
}

// config is the provider as oauth2 knows it, for a client of ours.
func (p *Provider) config(clientID, secret, redirect string) *oauth2.Config {
	scopes := []string{oidc.ScopeOpenID, "email", "profile"}
	if slices.Contains(p.about.Scopes, "groups") {
		scopes = append(scopes, "groups")
	}
	return &oauth2.Config{ClientID: clientID, ClientSecret: secret, Endpoint: p.oidc.Endpoint(), RedirectURL: redirect, Scopes: scopes}
}

// algorithms are those that a public key verifies: never none, never a shared
// secret.
func algorithms() []string {
	return []string{
		oidc.RS256, oidc.RS384, oidc.RS512, oidc.PS256, oidc.PS384, oidc.PS512, oidc.ES256, oidc.ES384, oidc.ES512, oidc.EdDSA,
	}
}

// verified checks signature, issuer and expiry of a token, and that it is
// meant for one of the audiences. Kinds: Denied, Unavailable when the
// provider's keys cannot be had.
func (p *Provider) verified(ctx context.Context, raw string, audiences []string, now time.Time) (*oidc.IDToken, error) {
	verifier := oidc.NewVerifier(p.settings.Issuer, p.keys, &oidc.Config{
		SkipClientIDCheck:    true, // below, since there are several
		SupportedSigningAlgs: algorithms(), Now: func() time.Time { return now },
	})
	token, err := verifier.Verify(ctx, raw)
	switch {
	case err != nil && p.fetches.Away():
		return nil, fault.New(fault.Unavailable, "the identity provider's keys cannot be had")
	case err != nil:
		// The library's message may quote the token's claims.
		return nil, fault.New(fault.Denied, "the token is not one of the identity provider, or it has expired")
	case !slices.ContainsFunc(audiences, func(a string) bool { return slices.Contains(token.Audience, a) }):
		return nil, fault.New(fault.Denied, "the token is meant for somebody else")
	case token.Subject == "":
		return nil, fault.New(fault.Denied, "the token names nobody")
	}
	return token, nil
}
