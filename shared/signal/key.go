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
	return hash(ByEmail, n), nil
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

// NameKind is the kind of a name that a sender has for a person, the strongest
// first. A phone number is none of them: several people share one.
type NameKind string

// The kinds of names. All but the last identify one person by the word of
// whoever gave them; an anonymous id names a browser, which people share.
const (
	ByEmail     NameKind = "email"
	ByContact   NameKind = "contact" // the contact id of one source
	ByUser      NameKind = "user"    // the user id of one source
	ByAnonymous NameKind = "anonymous"
)

// Name is one name that a signal has for the person, by its key.
type Name struct {
	Kind NameKind
	Key  LeadKey
}

// LeadKey derives the key of the lead that the signal belongs to, from the
// signal alone: that of its strongest name. Kind: Invalid when the signal names
// nobody.
func (s Signal) LeadKey() (LeadKey, error) {
	if names := s.Names(); len(names) > 0 {
		return names[0].Key, nil
	}
	return "", fault.New(fault.Invalid, "the signal names nobody: no e-mail, contact, user or anonymous id")
}

// Names returns every name that the signal has for the person, the strongest
// first: the address, the sender's contact id, its user id, the anonymous id.
// An id that is a placeholder is none.
func (s Signal) Names() []Name {
	id := s.Identity
	var all []Name
	add := func(kind NameKind, value, named string) {
		if value != "" && !placeholder(value) {
			all = append(all, Name{kind, hash(kind, named)})
		}
	}
	email := NormalizeEmail(id.Email)
	add(ByEmail, email, email)
	add(ByContact, id.ContactID, s.Source+":"+id.ContactID)
	add(ByUser, id.UserID, s.Source+":"+id.UserID)
	add(ByAnonymous, id.AnonymousID, id.AnonymousID)
	return all
}

// placeholder tells whether an id is what a tool sends when it knows nobody: the
// text of an empty value, a word for whoever it is, or a template that nobody
// filled in. As a name it would make one person of everybody. Analytics tools
// refuse such ids as well, see
// https://docs.mixpanel.com/troubleshooting/errors/server-side-events-without-a-user
// and https://posthog.com/docs/data/identify.
func placeholder(id string) bool {
	switch word := strings.ToLower(strings.Trim(id, " \t\"'")); word {
	case "", "0", "-1", "-", "null", "nil", "none", "undefined", "nan", "n/a", "na", "true", "false", "unknown", "anonymous", "guest",
		"id", "user", "userid", "user_id", "contact_id", "distinctid", "distinct_id", "anonymous_id", "email", "not_authenticated",
		"[object object]", "00000000-0000-0000-0000-000000000000":
		return true
	default:
		return strings.Contains(word, "{{") || strings.Contains(word, "${")
	}
}

func hash(kind NameKind, value string) LeadKey {
	sum := sha256.Sum256([]byte(keyVersion + "\x00" + string(kind) + "\x00" + value))
	enc := base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(sum[:16])
	return LeadKey(keyVersion + strings.ToLower(enc))
}
