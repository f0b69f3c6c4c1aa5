// Package session is how long somebody stays signed in, the cookie that says
// so, and the proof that a form was made for the session that sends it. A
// cookie names a session and is signed; what it is worth is for the stored
// session to say, so that a session that is ended is ended at once. The
// package knows neither where sessions are stored, nor HTTP, nor roles.
package session

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"strings"
	"time"

	"github.com/handoff-oss/handoff/shared/access"
	"github.com/handoff-oss/handoff/shared/fault"
)

// Owner stands for the person whose sessions are kept together: a hash, so
// that no address stands in a key.
type Owner string

// OwnerOf returns whose the sessions of an identity are: of the address where
// there is one, so that they are found by it, else of the provider's id.
func OwnerOf(id access.Identity) Owner {
	if address := id.Address(); address != "" {
		return OwnerOfAddress(address)
	}
	return owner("subject\x00" + id.Issuer + "\x00" + id.Subject)
}

// OwnerOfAddress returns whose the sessions of an e-mail address are.
func OwnerOfAddress(email string) Owner {
	return owner("address\x00" + access.Identity{Email: email}.Address())
}

func owner(name string) Owner {
	sum := sha256.Sum256([]byte(name))
	return Owner(base64.RawURLEncoding.EncodeToString(sum[:16]))
}

// Ref names a stored session. It opens nothing: the id that it is the hash of
// stands in the cookie alone.
type Ref struct {
	Owner Owner
	Hash  string
}

// String returns the reference as ParseRef reads it.
func (r Ref) String() string { return string(r.Owner) + "." + r.Hash }

// ParseRef reads a reference. Kind: Invalid.
func ParseRef(text string) (Ref, error) {
	owner, hash, ok := strings.Cut(text, ".")
	if !ok || !plain(owner) || !plain(hash) {
		return Ref{}, fault.New(fault.Invalid, "this names no session")
	}
	return Ref{Owner(owner), hash}, nil
}

// plain tells whether text is base64url without padding, and short.
func plain(text string) bool {
	if text == "" || len(text) > 64 {
		return false
	}
	_, err := base64.RawURLEncoding.DecodeString(text)
	return err == nil
}

// Session is one that is stored.
type Session struct {
	Ref      Ref             `json:"-"`
	Identity access.Identity `json:"identity"`
	Created  time.Time       `json:"created"`
	Seen     time.Time       `json:"-"` // the last use that was noted; see Rolls
}

// Ends is when the session ends unless it is used.
func (s Session) Ends(l access.Length) time.Time {
	idle, longest := s.Seen.Add(l.Idle), s.Created.Add(l.Longest)
	if idle.Before(longest) {
		return idle
	}
	return longest
}

// Live tells whether the session still lasts.
func (s Session) Live(l access.Length, now time.Time) bool { return now.Before(s.Ends(l)) }

// rollShare is the share of the idle time after which a use is noted: one in a
// quarter of it costs few writes, and ends a session at most so much early.
const rollShare = 4

// Rolls tells whether a use now is worth noting.
func (s Session) Rolls(l access.Length, now time.Time) bool {
	return now.Sub(s.Seen) >= l.Idle/rollShare
}

// IDSize is the length of an ID in bytes.
const IDSize = 32

// ID is a session's secret, random bytes in base64url.
type ID string

// NewID makes an ID of IDSize random bytes.
func NewID(random [IDSize]byte) ID { return ID(base64.RawURLEncoding.EncodeToString(random[:])) }

// Ref names the session of an owner with that id.
func (id ID) Ref(o Owner) Ref {
	sum := sha256.Sum256([]byte("handoff session\x00" + string(id)))
	return Ref{o, base64.RawURLEncoding.EncodeToString(sum[:])}
}

// FormToken is what a form of this session carries. It follows from the id,
// needs no storage, and does not give the id away.
func (id ID) FormToken() string { return mac(string(id), "handoff form") }

// Cookie is what a session's cookie says.
type Cookie struct {
	Owner Owner
	ID    ID
}

// Sign returns the cookie's value. Kind: Invalid when the key is empty.
func Sign(key string, c Cookie) (string, error) {
	return Seal(key, "session", string(c.Owner)+"."+string(c.ID))
}

// Verify reads a cookie's value that one of the keys has signed. Kind: Denied.
func Verify(keys []string, value string) (Cookie, error) {
	text, err := Open(keys, "session", value)
	if err != nil {
		return Cookie{}, err
	}
	o, id, ok := strings.Cut(text, ".")
	if !ok || !plain(o) || !plain(id) {
		return Cookie{}, fault.New(fault.Denied, "this is no session of ours")
	}
	return Cookie{Owner(o), ID(id)}, nil
}

// maxValue bounds what is looked at; no genuine value is near it.
const maxValue = 512

// Seal signs a text for one use, so that what is signed for another proves
// nothing there. Kind: Invalid when the key is empty.
func Seal(key, use, text string) (string, error) {
	if key == "" {
		return "", fault.New(fault.Invalid, "the key that signs sessions is empty")
	}
	return text + "." + mac(key, "handoff "+use+"\x00"+text), nil
}

// Open returns the text that was sealed for a use by one of the keys. Kind:
// Denied.
func Open(keys []string, use, value string) (string, error) {
	at := strings.LastIndexByte(value, '.')
	denied := fault.New(fault.Denied, "this is no %s of ours", use)
	if at < 0 || len(value) > maxValue {
		return "", denied
	}
	genuine := false
	for _, key := range keys {
		genuine = key != "" && hmac.Equal([]byte(value[at+1:]), []byte(mac(key, "handoff "+use+"\x00"+value[:at]))) || genuine
	}
	if !genuine {
		return "", denied
	}
	return value[:at], nil
}

func mac(key, text string) string {
	h := hmac.New(sha256.New, []byte(key))
	h.Write([]byte(text))
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil))
}
