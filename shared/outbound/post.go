package outbound

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/remote"
)

// mostAnswer is how much of a receiver's answer is read. Slack's Web API
// repeats the whole message.
const mostAnswer = 512 << 10

// NewHTTPClient returns the client that channels post with.
func NewHTTPClient() *http.Client { return remote.NewClient(Timeout) }

// post sends a JSON body to an address out of the company's secret.
func post(ctx context.Context, client *http.Client, address string, header http.Header, body []byte, now time.Time) error {
	_, _, err := exchange(ctx, client, address, header, body, now)
	return err
}

// exchange is post for a receiver whose answer and its header say more than its
// status.
func exchange(ctx context.Context, client *http.Client, address string, header http.Header, body []byte, now time.Time) (answer []byte, told http.Header, err error) {
	if err := remote.CheckAddress("the channel's URL", address); err != nil {
		return nil, nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return nil, nil, fault.New(fault.Invalid, "the channel's URL cannot be used")
	}
	req.Header = header
	req.Header.Set("Content-Type", "application/json; charset=utf-8")
	req.Header.Set("User-Agent", "Handoff")
	resp, err := client.Do(req)
	if err != nil {
		return nil, nil, fault.Wrap(fault.Unavailable, "post", remote.WithoutURL(err))
	}
	answer, _ = io.ReadAll(io.LimitReader(resp.Body, mostAnswer))
	if err := resp.Body.Close(); err != nil {
		return nil, nil, fault.Wrap(fault.Unavailable, "read answer", err)
	}
	return answer, resp.Header, judge(resp, answer, now)
}

// judge turns an answer into an error. 408, 425, 429 and 5xx may pass, as may
// no answer at all; everything else that is not 2xx will not.
func judge(resp *http.Response, answer []byte, now time.Time) error {
	status := resp.StatusCode
	switch {
	case status >= 200 && status < 300:
		return nil
	case remote.MayPass(status):
		return remote.Delay(fault.New(fault.Unavailable, "the receiver answered %d", status), resp.Header, now)
	case status >= 300 && status < 400:
		return fault.New(fault.Invalid, "the receiver answered %d; redirects are not followed", status)
	}
	return fault.New(fault.Invalid, "the receiver answered %d%s", status, code(answer))
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
	if m.Event.Lead != "" {
		h.Set(headerLead, ascii(m.Event.Lead))
	}
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
