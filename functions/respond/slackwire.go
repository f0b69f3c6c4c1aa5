package main

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/handoff-oss/handoff/shared/answer"
	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/remote"
)

// Headers of a signed request, in lower case, and how old one may be:
// https://docs.slack.dev/authentication/verifying-requests-from-slack
const (
	signatureHeader = "x-slack-signature"
	timestampHeader = "x-slack-request-timestamp"
	maxAge          = 5 * time.Minute
)

// maxPayload is how much Slack may send: the message comes along with the press.
const maxPayload = 256 << 10

// isGenuine tells whether one of the secrets signed the request, lately.
func isGenuine(secrets []string, headers map[string]string, body string, now time.Time) bool {
	stamp := headers[timestampHeader]
	seconds, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil || now.Sub(time.Unix(seconds, 0)).Abs() > maxAge {
		return false
	}
	sum, ok := strings.CutPrefix(headers[signatureHeader], "v0=")
	got, err := hex.DecodeString(sum)
	if !ok || err != nil {
		return false
	}
	genuine := false
	for _, secret := range secrets {
		m := hmac.New(sha256.New, []byte(secret))
		m.Write([]byte("v0:" + stamp + ":" + body))
		genuine = secret != "" && hmac.Equal(got, m.Sum(nil)) || genuine
	}
	return genuine
}

// answer returns the token of a button or a list of ours, and the fields of
// its form. A button that opens a page says nothing here.
func (a action) answer() (token string, fields map[string]string) {
	if token, ok := strings.CutPrefix(a.BlockID, "reject:"); ok && a.Selected.Value != "" {
		return token, map[string]string{answer.FieldReason: a.Selected.Value}
	}
	if strings.HasPrefix(a.ActionID, "handoff_") && a.URL == "" && a.Value != "" {
		return a.Value, map[string]string{}
	}
	return "", nil
}

// tell says to the person who pressed, and to nobody else, what became of it.
func (h handler) tell(ctx context.Context, apiURL, responseURL string, res result, now time.Time) error {
	ctx, cancel := context.WithTimeout(ctx, tellTimeout)
	defer cancel()
	if !mayTell(apiURL, responseURL) {
		return fault.New(fault.Denied, "the response_url is no address of Slack")
	}
	title, detail, _ := words(res, now)
	body, err := json.Marshal(map[string]any{
		"response_type": "ephemeral", "replace_original": false, "text": escape(title + "\n" + detail),
	})
	if err != nil {
		return fault.Wrap(fault.Internal, "encode message", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, responseURL, bytes.NewReader(body))
	if err != nil {
		return fault.New(fault.Invalid, "the response_url cannot be used")
	}
	req.Header.Set("Content-Type", "application/json; charset=utf-8")
	resp, err := h.http.Do(req)
	if err != nil {
		return fault.Wrap(fault.Unavailable, "tell in Slack", remote.WithoutURL(err))
	}
	if err := resp.Body.Close(); err != nil {
		return fault.Wrap(fault.Unavailable, "tell in Slack", err)
	}
	if resp.StatusCode != http.StatusOK {
		return fault.New(fault.Unavailable, "Slack answered %d", resp.StatusCode)
	}
	return nil
}

// mayTell tells whether an address is Slack's, or on the host that plays
// Slack. It came in a signed request; that is no reason to post anywhere.
func mayTell(apiURL, responseURL string) bool {
	u, err := url.Parse(responseURL)
	if err != nil || u.User != nil || remote.CheckAddress("the response_url", responseURL) != nil {
		return false
	}
	if u.Scheme == "https" && (u.Host == "hooks.slack.com" || u.Host == "slack.com") {
		return true
	}
	own, err := url.Parse(apiURL)
	return err == nil && own.Host != "" && own.Host == u.Host && own.Scheme == u.Scheme
}

// escape takes the meaning from the characters that Slack gives one:
// https://docs.slack.dev/messaging/formatting-message-text
func escape(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(s)
}
