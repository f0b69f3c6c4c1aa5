package idp

import (
	"context"
	"crypto/subtle"
	"errors"
	"net/http"
	"net/url"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"github.com/handoff-oss/handoff/shared/access"
	"github.com/handoff-oss/handoff/shared/fault"
)

// Flow is one sign-in that is under way.
type Flow struct {
	Redirect string // where the provider sends the browser back to
	State    string
	Nonce    string
	Verifier string // of PKCE; NewVerifier makes one
}

// NewVerifier makes the secret of PKCE that a flow proves itself with.
func NewVerifier() string { return oauth2.GenerateVerifier() }

// SignInURL is where the browser goes to sign in.
func (p *Provider) SignInURL(f Flow) string {
	return p.config(p.settings.ClientID, p.settings.ClientSecret, f.Redirect).
		AuthCodeURL(f.State, oidc.Nonce(f.Nonce), oauth2.S256ChallengeOption(f.Verifier))
}

// Finish exchanges the code that the provider sent the browser back with, and
// returns who has signed in. Kinds: Denied, Unavailable.
func (p *Provider) Finish(ctx context.Context, f Flow, code, groupsClaim string, now time.Time) (access.Identity, error) {
	token, err := p.config(p.settings.ClientID, p.settings.ClientSecret, f.Redirect).
		Exchange(oidc.ClientContext(ctx, p.http), code, oauth2.VerifierOption(f.Verifier))
	if err != nil {
		return access.Identity{}, exchangeError(err)
	}
	raw, _ := token.Extra("id_token").(string)
	checked, err := p.verified(ctx, raw, []string{p.settings.ClientID}, now)
	if err != nil {
		return access.Identity{}, err
	}
	if subtle.ConstantTimeCompare([]byte(checked.Nonce), []byte(f.Nonce)) != 1 {
		return access.Identity{}, fault.New(fault.Denied, "the token was made for another sign-in")
	}
	id, err := identityOf(checked.Subject, checked.Issuer, groupsClaim, checked.Claims)
	if err != nil {
		return access.Identity{}, err
	}
	return p.completed(ctx, id, oauth2.StaticTokenSource(token), groupsClaim), nil
}

// SignOutURL is where a person signs out of the provider too, and is sent back
// from to an address of ours; "" when the provider has no such page.
func (p *Provider) SignOutURL(back string) string {
	if p.about.EndSession == "" {
		return ""
	}
	u, err := url.Parse(p.about.EndSession)
	if err != nil {
		return ""
	}
	q := u.Query()
	q.Set("client_id", p.settings.ClientID)
	q.Set("post_logout_redirect_uri", back)
	u.RawQuery = q.Encode()
	return u.String()
}

// exchangeError tells a code that was refused from a provider that is away.
// The library's message holds the provider's answer, which stays out of logs.
func exchangeError(err error) error {
	var answered *oauth2.RetrieveError
	if errors.As(err, &answered) && answered.Response != nil && answered.Response.StatusCode < http.StatusInternalServerError {
		return fault.New(fault.Denied, "the identity provider refused the code: %s (status %d)", answered.ErrorCode, answered.Response.StatusCode)
	}
	return fault.New(fault.Unavailable, "the identity provider does not answer")
}
