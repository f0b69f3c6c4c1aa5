package inbound

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"hash"
	"strconv"
	"strings"
	"time"

	"github.com/handoff-oss/handoff/shared/fault"
)

// equal compares in a time that does not depend on where the two differ.
func equal(a, b string) bool {
	return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1
}

// mac returns the HMAC of the parts, one after another.
func mac(h func() hash.Hash, key string, parts ...[]byte) []byte {
	m := hmac.New(h, []byte(key))
	for _, p := range parts {
		m.Write(p)
	}
	return m.Sum(nil)
}

// anyKey reports whether one of the keys fits. All are tried, whichever fits,
// and an empty key never does: a missing secret must not let anybody in.
func anyKey(keys []string, fits func(key string) bool) bool {
	found := false
	for _, k := range keys {
		if k != "" && fits(k) {
			found = true
		}
	}
	return found
}

// within reports whether the time that a sender states, a whole number of the
// unit since 1970, lies within the tolerance of received, both ways.
func within(stated string, unit time.Duration, received time.Time, tolerance time.Duration) bool {
	n, err := strconv.ParseInt(stated, 10, 64)
	if err != nil || strconv.FormatInt(n, 10) != stated {
		return false
	}
	t := time.Unix(n, 0)
	if unit == time.Millisecond {
		t = time.UnixMilli(n)
	}
	// Comparing times does not overflow as subtracting them would.
	return !t.Before(received.Add(-tolerance)) && !t.After(received.Add(tolerance))
}

func denied(why string) error { return fault.New(fault.Denied, "%s", why) }

// tokenHeader is where a sender that cannot sign may put the source's secret.
const tokenHeader = "x-handoff-token"

// tokens returns what the sender offers as a secret: the query parameter
// token, the password of HTTP basic authentication, the header X-Handoff-Token.
func tokens(r Request) []string {
	var offered []string
	for _, p := range decodeForm(r.Query) {
		if p.name == "token" && p.value != "" {
			offered = append(offered, p.value)
		}
	}
	if t := r.Headers[tokenHeader]; t != "" {
		offered = append(offered, t)
	}
	scheme, credentials, _ := strings.Cut(r.Headers["authorization"], " ")
	if strings.EqualFold(scheme, "basic") {
		plain, err := base64.StdEncoding.Strict().DecodeString(credentials)
		if _, password, ok := strings.Cut(string(plain), ":"); err == nil && ok && password != "" {
			offered = append(offered, password)
		}
	}
	return offered
}

// hasToken reports whether the sender offers one of the source's keys.
func hasToken(r Request) bool {
	found := false
	for _, offered := range tokens(r) {
		// Hashing first hides the length of the secret from the comparison's time.
		sum := sha256.Sum256([]byte(offered))
		if anyKey(r.Keys, func(key string) bool {
			own := sha256.Sum256([]byte(key))
			return subtle.ConstantTimeCompare(sum[:], own[:]) == 1
		}) {
			found = true
		}
	}
	return found
}
