package fetch

import (
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/inbound"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/remote"
	"github.com/handoff-oss/handoff/shared/signal"
)

// Timeout bounds one call of an API.
const Timeout = 10 * time.Second

// mostAnswer is how much of an API's answer is read.
const mostAnswer = 1 << 20

// Access is how one source's provider is asked. In the secret it stands under
// the source's name, or under the provider's for all of its sources:
//
//	{"meta":     {"access_token": "…", "pages": {"<page id>": "<its token>"}, "app_secret": "…"},
//	 "linkedin": {"access_token": "…", "api_version": "202606"},
//	 "hubspot":  {"access_token": "…"},
//	 "hubspot-emea": {"skip": true}}
type Access struct {
	Token   string            `json:"access_token"`
	Pages   map[string]string `json:"pages"`       // meta: tokens by page, where one does not read all
	Secret  string            `json:"app_secret"`  // meta: where the app demands a proof with each call
	Version string            `json:"api_version"` // of the API; empty is the one that the adapter knows
	Base    string            `json:"base_url"`    // of the API; empty is the provider's
	Skip    bool              `json:"skip"`        // do not fetch: the thin signals are all that is wanted
}

// ErrSkipped says that the company does not want the record.
var ErrSkipped = fault.New(fault.NotFound, "the secret says that these records are not fetched")

// Accesses are all of them, by source or provider.
type Accesses map[string]Access

// of returns the access of a source.
func (a Accesses) of(source, provider string) (Access, error) {
	own, ok := a[source]
	if !ok {
		own, ok = a[provider]
	}
	if !ok {
		return own, fault.New(fault.Denied, "the secret of the APIs has nothing for the source %q, nor for %q", source, provider)
	}
	return own, nil
}

// Client reads records.
type Client struct {
	HTTP *http.Client
}

// Complete reads the record of a request and returns the complete signal. now
// is for dates in answers. Kinds: Unavailable, not before remote.RetryAfter;
// Denied, until somebody repairs the token; NotFound when there is no such
// record, ErrSkipped when it is not wanted; Invalid.
func (c Client) Complete(ctx context.Context, r Request, all Accesses, source policy.Source, now time.Time) (signal.Signal, error) {
	record, ok := inbound.RecordOf(r.Signal)
	if !ok {
		return signal.Signal{}, fault.New(fault.Invalid, "the signal names no record")
	}
	access, err := all.of(r.Signal.Source, record.Provider())
	if err != nil {
		return signal.Signal{}, err
	}
	if access.Skip {
		return signal.Signal{}, ErrSkipped
	}
	ask, err := record.Ask(r.Signal, access.Version)
	if err != nil {
		return signal.Signal{}, err
	}
	answer, err := c.get(ctx, record, ask, access, now)
	if err != nil {
		return signal.Signal{}, err
	}
	return record.Complete(inbound.Request{Policy: source}, r.Signal, answer)
}

func (c Client) get(ctx context.Context, record inbound.Record, ask inbound.Ask, access Access, now time.Time) ([]byte, error) {
	req, err := request(ctx, record, ask, access)
	if err != nil {
		return nil, err
	}
	res, err := c.HTTP.Do(req)
	if err != nil {
		return nil, fault.Wrap(fault.Unavailable, "call the API of "+record.Provider(), remote.WithoutURL(err))
	}
	body, err := io.ReadAll(io.LimitReader(res.Body, mostAnswer))
	if closed := res.Body.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return nil, fault.Wrap(fault.Unavailable, "read the API's answer", err)
	}
	if res.StatusCode >= 200 && res.StatusCode < 300 {
		return body, nil
	}
	return nil, remote.Delay(record.Refusal(res.StatusCode, body), res.Header, now)
}

// request builds the GET request. The token travels in a header, where no log
// of addresses shows it.
func request(ctx context.Context, record inbound.Record, ask inbound.Ask, access Access) (*http.Request, error) {
	token := cmp.Or(access.Pages[ask.Account], access.Token)
	if token == "" || strings.ContainsAny(token, "\r\n") {
		return nil, fault.New(fault.Denied, "the secret of the APIs has no access token for %s that can be used", record.Provider())
	}
	base := strings.TrimRight(cmp.Or(access.Base, record.API()), "/")
	if err := remote.CheckAddress("base_url", base); err != nil {
		return nil, fault.Wrap(fault.Denied, "the secret of the APIs", err)
	}
	query := ask.Query
	if access.Secret != "" { // https://developers.facebook.com/docs/graph-api/guides/secure-requests
		m := hmac.New(sha256.New, []byte(access.Secret))
		m.Write([]byte(token))
		query += "&appsecret_proof=" + hex.EncodeToString(m.Sum(nil))
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, base+ask.Path+"?"+query, http.NoBody)
	if err != nil {
		return nil, fault.New(fault.Denied, "base_url cannot be used")
	}
	for name, value := range ask.Headers {
		req.Header.Set(name, value)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", "Handoff")
	return req, nil
}
