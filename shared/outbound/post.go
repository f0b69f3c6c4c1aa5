package outbound

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/handoff-oss/handoff/shared/fault"
)

// mostAnswer is how much of a receiver's answer is read.
const mostAnswer = 4 << 10

// NewHTTPClient returns the client that channels post with: it follows no
// redirect, so that nobody but the company says where a message goes, and ends
// a try after Timeout.
func NewHTTPClient() *http.Client {
	return &http.Client{
		Timeout:       Timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// post sends a JSON body to an address out of the company's secret.
func post(ctx context.Context, client *http.Client, address string, header http.Header, body []byte, now time.Time) error {
	if err := checkAddress(address); err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return fault.New(fault.Invalid, "the channel's URL cannot be used")
	}
	req.Header = header
	req.Header.Set("Content-Type", "application/json; charset=utf-8")
	req.Header.Set("User-Agent", "Handoff")
	resp, err := client.Do(req)
	if err != nil {
		return fault.Wrap(fault.Unavailable, "post", withoutURL(err))
	}
	answer, _ := io.ReadAll(io.LimitReader(resp.Body, mostAnswer))
	if err := resp.Body.Close(); err != nil {
		return fault.Wrap(fault.Unavailable, "read answer", err)
	}
	return judge(resp, answer, now)
}

// checkAddress refuses what would send a lead's data in the clear.
func checkAddress(address string) error {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return fault.New(fault.Invalid, "the channel's URL is none")
	}
	if u.Scheme == "https" || (u.Scheme == "http" && loopback(u.Hostname())) {
		return nil
	}
	return fault.New(fault.Invalid, "the channel's URL is not https")
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || (ip != nil && ip.IsLoopback())
}

// withoutURL drops the address from an error of the HTTP client: for some
// channels the address is the secret.
func withoutURL(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}

// judge turns an answer into an error. 408, 425, 429 and 5xx may pass, as may
// no answer at all; everything else that is not 2xx will not.
func judge(resp *http.Response, answer []byte, now time.Time) error {
	status := resp.StatusCode
	switch {
	case status >= 200 && status < 300:
		return nil
	case status == http.StatusRequestTimeout, status == http.StatusTooEarly, status == http.StatusTooManyRequests, status >= 500:
		err := fault.New(fault.Unavailable, "the receiver answered %d", status)
		return delayed{error: err, after: retryAfter(resp.Header.Get("Retry-After"), now)}
	case status >= 300 && status < 400:
		return fault.New(fault.Invalid, "the receiver answered %d; redirects are not followed", status)
	}
	return fault.New(fault.Invalid, "the receiver answered %d%s", status, code(answer))
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

// code returns the receiver's word for an error, such as Slack's
// "channel_is_archived", when the answer is nothing else: any other answer may
// quote what was sent.
func code(answer []byte) string {
	s := strings.TrimSpace(string(answer))
	if s == "" || len(s) > 60 || strings.Trim(s, "abcdefghijklmnopqrstuvwxyz_") != "" {
		return ""
	}
	return ": " + s
}

// header names the event and its receiver.
func (m Message) header() http.Header {
	h := http.Header{}
	h.Set(headerEventID, ascii(m.Event.ID))
	h.Set(headerEventType, ascii(string(m.Event.Type)))
	h.Set(headerLead, ascii(m.Event.Lead))
	h.Set(headerTo, ascii(m.to()))
	return h
}

// to names the recipients.
func (m Message) to() string {
	refs := make([]string, len(m.To))
	for i, r := range m.To {
		refs[i] = r.Ref
	}
	return strings.Join(refs, ", ")
}
