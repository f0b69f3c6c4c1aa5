package idp

import (
	"cmp"
	"context"
	"encoding/json"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"github.com/handoff-oss/handoff/shared/access"
	"github.com/handoff-oss/handoff/shared/fault"
)

// Verify returns whom a program's token names. groupsClaim is the claim that
// names their groups. Kinds: Denied, Unavailable.
func (p *Provider) Verify(ctx context.Context, raw, groupsClaim string, now time.Time) (access.Identity, error) {
	token, err := p.verified(ctx, raw, p.settings.audiences(), now)
	if err != nil {
		return access.Identity{}, err
	}
	return identityOf(token.Subject, token.Issuer, groupsClaim, token.Claims)
}

// identityOf reads what claims say about a person. Kind: Denied.
func identityOf(subject, issuer, groupsClaim string, read func(any) error) (access.Identity, error) {
	var claims map[string]json.RawMessage
	if err := read(&claims); err != nil {
		return access.Identity{}, fault.New(fault.Denied, "the token's claims cannot be read")
	}
	id := access.Identity{
		Issuer: issuer, Subject: subject, Email: text(claims["email"]), Name: cmp.Or(text(claims["name"]), text(claims["preferred_username"])),
		Groups: list(claims[groupsClaim]),
	}
	id.Unverified = !verified(claims["email_verified"])
	return id, nil
}

// verified reads whether an address is proven. Some providers write it as text,
// some say nothing of it. What cannot be understood proves nothing.
func verified(raw json.RawMessage) bool {
	switch string(raw) {
	case "", "null", "true", `"true"`:
		return true
	}
	return false
}

func text(raw json.RawMessage) string {
	var s string
	if json.Unmarshal(raw, &s) != nil {
		return ""
	}
	return s
}

// list reads a list of texts, or one.
func list(raw json.RawMessage) []string {
	if one := text(raw); one != "" {
		return []string{one}
	}
	var many []string
	if json.Unmarshal(raw, &many) != nil {
		return nil
	}
	return many
}

// completed asks the provider for what a token left out: some put the address
// elsewhere. A provider that does not answer leaves the identity as it is.
func (p *Provider) completed(ctx context.Context, id access.Identity, token oauth2.TokenSource, groupsClaim string) access.Identity {
	if id.Email != "" || p.oidc.UserInfoEndpoint() == "" {
		return id
	}
	info, err := p.oidc.UserInfo(oidc.ClientContext(ctx, p.http), token)
	if err != nil || info.Subject != id.Subject {
		return id
	}
	more, err := identityOf(id.Subject, id.Issuer, groupsClaim, info.Claims)
	if err != nil {
		return id
	}
	if len(more.Groups) == 0 {
		more.Groups = id.Groups
	}
	more.Name = cmp.Or(more.Name, id.Name)
	return more
}
