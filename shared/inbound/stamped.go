package inbound

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"time"
)

// stamped is the signature of senders that follow Slack: the hex of HMAC-SHA256
// over "v0:", the time in seconds, ":" and the raw body.
type stamped struct {
	signature string // header, in lower case
	timestamp string // header, in lower case
	prefix    string // of the signature's value
	window    time.Duration
}

func (s stamped) verify(r Request) error {
	_, err := s.key(r)
	return err
}

// key returns the key that the request is signed with.
func (s stamped) key(r Request) (string, error) {
	given, stated := r.Headers[s.signature], r.Headers[s.timestamp]
	if given == "" || stated == "" {
		return "", denied("the headers " + s.signature + " and " + s.timestamp + " are needed")
	}
	if !within(stated, time.Second, r.ReceivedAt, s.window) {
		return "", denied("the stated time is too far from now")
	}
	var signer string
	if !anyKey(r.Keys, func(key string) bool {
		fits := equal(given, s.value(key, stated, r.Body))
		if fits {
			signer = key
		}
		return fits
	}) {
		return "", denied("the signature does not fit the body")
	}
	return signer, nil
}

func (s stamped) value(key, stated string, body []byte) string {
	return s.prefix + hex.EncodeToString(mac(sha256.New, key, []byte("v0:"+stated+":"), body))
}

func (s stamped) sign(l Letter, signature, timestamp string) (map[string]string, error) {
	stated := strconv.FormatInt(l.At.Unix(), 10)
	return map[string]string{
		"Content-Type": "application/json",
		signature:      s.value(l.Key, stated, l.Body),
		timestamp:      stated,
	}, nil
}
