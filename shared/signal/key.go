package signal

import (
	"crypto/sha256"
	"encoding/base32"
	"strings"

	"golang.org/x/text/unicode/norm"

	"github.com/handoff-oss/handoff/shared/fault"
)

// LeadKey names a lead everywhere: in the table, in URLs, in logs. It is a
// hash, so that no address stands in any of them. Its first character is the
// version of the normalization below.
type LeadKey string

const keyVersion = "1"

// NormalizeEmail returns the form of an address that the key is derived from:
// Unicode NFKC, trimmed, lower case. It is fixed for key version 1; a policy
// can add identities but not change it. It returns "" for what is not an
// address (nothing around a single @, or white space inside).
func NormalizeEmail(address string) string {
	s := strings.ToLower(strings.TrimSpace(norm.NFKC.String(address)))
	at := strings.LastIndexByte(s, '@')
	if at < 1 || at == len(s)-1 || strings.IndexByte(s, '@') != at || len(s) > 254 || strings.ContainsAny(s, " \t\r\n<>,;\"\x00") {
		return ""
	}
	return s
}

// KeyOfEmail returns the key of the lead with that address. Kind: Invalid when
// it is not an address.
func KeyOfEmail(address string) (LeadKey, error) {
	n := NormalizeEmail(address)
	if n == "" {
		return "", fault.New(fault.Invalid, "not an e-mail address")
	}
	return hash("email", n), nil
}

// ParseKey reads a key as an address or a cursor has it. ok is false for what
// can be none; whether there is such a lead is another question.
func ParseKey(text string) (k LeadKey, ok bool) {
	strange := func(c rune) bool { return (c < 'a' || c > 'z') && (c < '0' || c > '9') }
	if text == "" || len(text) > 64 || strings.ContainsFunc(text, strange) {
		return "", false
	}
	return LeadKey(text), true
}

// LeadKey derives the key of the lead that the signal belongs to, from the
// signal alone: the address, else the sender's contact id, else its user id,
// else the anonymous id. Kind: Invalid when the signal names nobody.
func (s Signal) LeadKey() (LeadKey, error) {
	id := s.Identity
	switch {
	case NormalizeEmail(id.Email) != "":
		return hash("email", NormalizeEmail(id.Email)), nil
	case id.ContactID != "":
		return hash("contact", s.Source+":"+id.ContactID), nil
	case id.UserID != "":
		return hash("user", s.Source+":"+id.UserID), nil
	case id.AnonymousID != "":
		return hash("anonymous", id.AnonymousID), nil
	}
	return "", fault.New(fault.Invalid, "the signal names nobody: no e-mail, contact, user or anonymous id")
}

func hash(kind, value string) LeadKey {
	sum := sha256.Sum256([]byte(keyVersion + "\x00" + kind + "\x00" + value))
	enc := base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(sum[:16])
	return LeadKey(keyVersion + strings.ToLower(enc))
}
