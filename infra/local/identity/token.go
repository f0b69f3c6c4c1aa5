package identity

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"strings"
	"time"

	"github.com/handoff-oss/handoff/shared/fault"
)

const (
	keyBits   = 2048
	tokenLife = time.Hour
	// refreshLife is how long a program stays signed in that renews its token.
	refreshLife = 30 * 24 * time.Hour
)

// NewKey makes a signing key, in the form that ParseKey reads.
func NewKey() ([]byte, error) {
	key, err := rsa.GenerateKey(rand.Reader, keyBits)
	if err != nil {
		return nil, fault.Wrap(fault.Internal, "make a signing key", err)
	}
	return x509.MarshalPKCS1PrivateKey(key), nil
}

// ParseKey reads a signing key. Kind: Invalid.
func ParseKey(der []byte) (*rsa.PrivateKey, error) {
	key, err := x509.ParsePKCS1PrivateKey(der)
	return key, fault.Wrap(fault.Invalid, "read the signing key", err)
}

// claims are those of a token.
type claims struct {
	Issuer   string   `json:"iss"`
	Subject  string   `json:"sub"`
	Audience string   `json:"aud"`
	Expires  int64    `json:"exp"`
	Issued   int64    `json:"iat"`
	Nonce    string   `json:"nonce,omitempty"`
	Use      string   `json:"use,omitempty"` // refresh, of a token that is good for renewing alone
	Email    string   `json:"email,omitempty"`
	Verified bool     `json:"email_verified"`
	Name     string   `json:"name,omitempty"`
	Groups   []string `json:"groups,omitempty"`
}

// Token makes a token of a person for a client. It is good for an hour of the
// stack's time.
func (p *Provider) Token(who Person, client, nonce string) (string, error) {
	now := p.Now()
	return p.sign(claims{
		Issuer: p.Issuer, Subject: who.ID, Audience: client, Expires: now.Add(tokenLife).Unix(), Issued: now.Unix(), Nonce: nonce,
		Email: who.Email, Verified: who.Email != "", Name: who.Name, Groups: who.Groups,
	})
}

func (p *Provider) refreshToken(who Person, client string) (string, error) {
	now := p.Now()
	// It is for this provider alone, so that nobody takes it for a token.
	return p.sign(claims{Issuer: p.Issuer, Subject: who.ID, Audience: p.Issuer, Nonce: client, Use: "refresh", Expires: now.Add(refreshLife).Unix(), Issued: now.Unix()})
}

// renewed reads a refresh token. ok is false when it is none of ours for that
// client, or too old.
func (p *Provider) renewed(token, client string) (subject string, ok bool) {
	signed, sum, _ := cutLast(token, ".")
	_, body, _ := strings.Cut(signed, ".")
	signature, err := base64.RawURLEncoding.DecodeString(sum)
	if err != nil {
		return "", false
	}
	digest := sha256.Sum256([]byte(signed))
	if rsa.VerifyPKCS1v15(&p.Key.PublicKey, crypto.SHA256, digest[:], signature) != nil {
		return "", false
	}
	text, err := base64.RawURLEncoding.DecodeString(body)
	var c claims
	if err != nil || json.Unmarshal(text, &c) != nil {
		return "", false
	}
	return c.Subject, c.Use == "refresh" && c.Nonce == client && p.Now().Unix() < c.Expires
}

func cutLast(s, sep string) (before, after string, ok bool) {
	at := strings.LastIndex(s, sep)
	if at < 0 {
		return s, "", false
	}
	return s[:at], s[at+len(sep):], true
}

// sign writes a JSON Web Token with RS256 (RFC 7519, RFC 7518 section 3.3).
func (p *Provider) sign(c claims) (string, error) {
	header, err := json.Marshal(map[string]string{"alg": "RS256", "typ": "JWT", "kid": p.kid()})
	if err != nil {
		return "", fault.Wrap(fault.Internal, "encode a token", err)
	}
	body, err := json.Marshal(c)
	if err != nil {
		return "", fault.Wrap(fault.Internal, "encode a token", err)
	}
	signed := base64.RawURLEncoding.EncodeToString(header) + "." + base64.RawURLEncoding.EncodeToString(body)
	digest := sha256.Sum256([]byte(signed))
	signature, err := rsa.SignPKCS1v15(rand.Reader, p.Key, crypto.SHA256, digest[:])
	if err != nil {
		return "", fault.Wrap(fault.Internal, "sign a token", err)
	}
	return signed + "." + base64.RawURLEncoding.EncodeToString(signature), nil
}

// kid names the key by what it is.
func (p *Provider) kid() string {
	sum := sha256.Sum256(x509.MarshalPKCS1PublicKey(&p.Key.PublicKey))
	return base64.RawURLEncoding.EncodeToString(sum[:8])
}

// jwks is the public key as a JSON Web Key Set (RFC 7517).
func (p *Provider) jwks() map[string]any {
	number := func(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }
	return map[string]any{"keys": []map[string]string{{
		"kty": "RSA", "use": "sig", "alg": "RS256", "kid": p.kid(),
		"n": number(p.Key.N.Bytes()), "e": number(big.NewInt(int64(p.Key.E)).Bytes()),
	}}}
}
