// Package remote holds what every call to somebody else's HTTP API has in
// common: addresses that may be called, a client that is not led astray, and
// what an answer means for another try. It knows no particular API.
package remote

import (
	"errors"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/handoff-oss/handoff/shared/fault"
)

// NewClient returns a client that follows no redirect, so that nobody but the
// company says where data and tokens go, and ends a try after the timeout.
func NewClient(timeout time.Duration) *http.Client {
	return &http.Client{
		Timeout:       timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// CheckAddress refuses what would send a person's data or a token in the
// clear: everything but https, and http to this machine. Kind: Invalid. The
// error does not quote the address, which may be a secret; what names it.
func CheckAddress(what, address string) error {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return fault.New(fault.Invalid, "%s is none", what)
	}
	if u.Scheme == "https" || (u.Scheme == "http" && loopback(u.Hostname())) {
		return nil
	}
	return fault.New(fault.Invalid, "%s is not https", what)
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || (ip != nil && ip.IsLoopback())
}

// WithoutURL drops the address from an error of the HTTP client: it may hold a
// secret.
func WithoutURL(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}

// MayPass reports whether a status may be another one at the next try: 408,
// 425, 429 and 5xx.
func MayPass(status int) bool {
	switch status {
	case http.StatusRequestTimeout, http.StatusTooEarly, http.StatusTooManyRequests:
		return true
	}
	return status >= http.StatusInternalServerError
}

// delayed is an error of a server that said when to come back.
type delayed struct {
	error
	after time.Duration
}

// Unwrap returns the error itself.
func (d delayed) Unwrap() error { return d.error }

// Delay notes on err how long the answer asks to wait before another try.
func Delay(err error, answer http.Header, now time.Time) error {
	return delayed{error: err, after: retryAfter(answer.Get("Retry-After"), now)}
}

// RetryAfter returns how long the server asks to wait before another try, or 0
// when it did not say.
func RetryAfter(err error) time.Duration {
	var d delayed
	if errors.As(err, &d) {
		return d.after
	}
	return 0
}

// retryAfter reads both forms of the header (RFC 9110, section 10.2.3):
// seconds, or a date.
func retryAfter(header string, now time.Time) time.Duration {
	header = strings.TrimSpace(header)
	if seconds, err := strconv.Atoi(header); err == nil {
		return time.Duration(min(max(seconds, 0), 24*60*60)) * time.Second
	}
	if at, err := http.ParseTime(header); err == nil && at.After(now) {
		return min(at.Sub(now), 24*time.Hour)
	}
	return 0
}
