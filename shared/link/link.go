// Package link makes and checks the capability in a rep's answer link: a
// signed token that names one lead, one handoff, one rep and one thing to do,
// until a time. Whoever holds the link may do just that, without a login.
//
// A token is a version byte, the claims and an HMAC-SHA256 over both, in
// base64url without padding. There is exactly one string for each token: what
// differs in a single character is refused, even where base64 would not tell.
// The package does not know what was answered before; that a link acts once is
// the inbox's doing, by the id of the signal that it becomes.
package link

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"math"
	"time"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/signal"
)

// Purpose is the one thing that a link does.
type Purpose string

// The purposes.
const (
	Accept    Purpose = "accept"
	Reject    Purpose = "reject"
	Contacted Purpose = "contacted"
	Meeting   Purpose = "meeting"
	Snooze    Purpose = "snooze"
	Comment   Purpose = "comment"
	Feedback  Purpose = "feedback"
)

// Claims is what a link says.
type Claims struct {
	Lead    signal.LeadKey
	Handoff int       // number of the handoff that is answered
	Rep     string    // id of the rep who answers
	Purpose Purpose   //
	Nth     int       // which of several of the same purpose in one handoff, from 0
	Expires time.Time // whole seconds; from then on the link is refused
}

// Secret is the JSON document of the keys that links are signed with. The
// first key signs; all of them verify, so that a rotation breaks no link.
type Secret struct {
	Keys Keys `json:"keys"`
}

// Keys are a list in JSON, or one string: what AWS generates for a new stack.
type Keys []string

// UnmarshalJSON accepts both forms.
func (k *Keys) UnmarshalJSON(b []byte) error {
	var one string
	if json.Unmarshal(b, &one) == nil {
		*k = Keys{one}
		return nil
	}
	return fault.Wrap(fault.Invalid, "decode the keys of links", json.Unmarshal(b, (*[]string)(k)))
}

// ErrExpired is in the chain of the error for a genuine link that is too old.
var ErrExpired = errors.New("the link has expired")

const (
	version  = 2
	maxToken = 1024 // characters; no genuine token is near it
)

// codes are the purposes by the byte that stands for them.
func codes() [8]Purpose {
	return [8]Purpose{1: Accept, 2: Reject, 3: Contacted, 4: Meeting, 5: Snooze, 6: Comment, 7: Feedback}
}

// Sign returns the token for the claims. The same claims and key give the same
// token. Kind: Invalid when the key is empty or a claim is missing.
func Sign(key string, c Claims) (string, error) {
	payload, err := c.encode()
	if err != nil {
		return "", err
	}
	if key == "" {
		return "", fault.New(fault.Invalid, "the key that signs links is empty")
	}
	return base64.RawURLEncoding.EncodeToString(append(payload, mac(key, payload)...)), nil
}

// Verify returns what the token says when one of the keys signed it and now is
// before it expires. Kinds: Denied when it is forged or damaged; NotFound with
// ErrExpired when it is genuine and too old: then the claims are set as well.
func Verify(keys []string, token string, now time.Time) (Claims, error) {
	denied := fault.New(fault.Denied, "this is no link of ours")
	if len(token) > maxToken {
		return Claims{}, denied
	}
	raw, err := base64.RawURLEncoding.DecodeString(token)
	// The decoder passes over line breaks and spare bits; only the canonical form will do.
	if err != nil || base64.RawURLEncoding.EncodeToString(raw) != token || len(raw) <= sha256.Size {
		return Claims{}, denied
	}
	payload, sum := raw[:len(raw)-sha256.Size], raw[len(raw)-sha256.Size:]
	genuine := false
	for _, key := range keys {
		genuine = key != "" && hmac.Equal(sum, mac(key, payload)) || genuine
	}
	if !genuine {
		return Claims{}, denied
	}
	c, ok := decode(payload)
	if !ok {
		return Claims{}, denied
	}
	if !now.Before(c.Expires) {
		return c, fault.Wrap(fault.NotFound, "verify link", ErrExpired)
	}
	return c, nil
}

// mac signs for this use alone, should the key ever serve another.
func mac(key string, payload []byte) []byte {
	h := hmac.New(sha256.New, []byte(key))
	h.Write([]byte("handoff answer link\x00"))
	h.Write(payload)
	return h.Sum(nil)
}

// encode lays the claims out: version, purpose, expiry, handoff, which of
// several, length of the lead's key, the key, the rep.
func (c Claims) encode() ([]byte, error) {
	purpose := byte(0)
	for code, p := range codes() {
		if p == c.Purpose && p != "" {
			purpose = byte(code)
		}
	}
	seconds := c.Expires.Unix()
	if purpose == 0 || c.Lead == "" || c.Rep == "" || c.Handoff < 1 || c.Nth < 0 || seconds < 1 || len(c.Lead)+len(c.Rep) > 512 {
		return nil, fault.New(fault.Invalid, "a link needs a lead, a handoff, a rep, a purpose and an expiry")
	}
	b := []byte{version, purpose}
	b = binary.AppendUvarint(b, uint64(seconds))
	b = binary.AppendUvarint(b, uint64(c.Handoff))
	b = binary.AppendUvarint(b, uint64(c.Nth))
	b = binary.AppendUvarint(b, uint64(len(c.Lead)))
	b = append(b, c.Lead...)
	return append(b, c.Rep...), nil
}

// decode reads what encode wrote. The signature has been checked; what is
// wrong here was signed by a later version.
func decode(b []byte) (Claims, bool) {
	if len(b) < 2 || b[0] != version || int(b[1]) >= len(codes()) || b[1] == 0 {
		return Claims{}, false
	}
	c := Claims{Purpose: codes()[b[1]]}
	b = b[2:]
	var numbers [4]int
	for i := range numbers {
		n, size := binary.Uvarint(b)
		if size <= 0 || n > math.MaxInt32<<8 {
			return Claims{}, false
		}
		numbers[i], b = int(n), b[size:]
	}
	if numbers[3] == 0 || numbers[3] >= len(b) {
		return Claims{}, false
	}
	c.Expires, c.Handoff, c.Nth = time.Unix(int64(numbers[0]), 0).UTC(), numbers[1], numbers[2]
	c.Lead, c.Rep = signal.LeadKey(b[:numbers[3]]), string(b[numbers[3]:])
	return c, true
}
