package inbox_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/inbound"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/secret"
)

// TestHandshakes walks through what becomes of a provider's question whether
// the address is ours.
func TestHandshakes(t *testing.T) {
	away := fault.New(fault.Unavailable, "away")
	const (
		right = "hub.mode=subscribe&hub.challenge=42&hub.verify_token=tok"
		wrong = "hub.mode=subscribe&hub.challenge=42&hub.verify_token=tak"
		code  = "challengeCode=890e4665-4dfe-4ab1-b689-ed553bceeed0"
	)
	keys := map[string]secret.Keys{"meta": {"app", "verify:tok"}, "linkedin": {"client"}}
	for _, c := range []struct {
		name, source, method, query string
		kind                        inbound.Kind
		keys                        map[string]secret.Keys
		sourceErr, keysErr          error
		outcome                     inbound.Outcome
		status                      int
		body                        string
	}{
		{name: "right", source: "meta", method: "GET", query: right, outcome: inbound.Challenged, status: 200, body: "42"},
		{name: "wrong", source: "meta", method: "GET", query: wrong, outcome: inbound.BadSignature, status: 401},
		{name: "no question", source: "meta", method: "GET", outcome: inbound.Probe, status: 200},
		{name: "HEAD", source: "meta", method: "HEAD", query: right, outcome: inbound.Probe, status: 200},
		{name: "POST", source: "meta", method: "POST", query: right, outcome: inbound.BadSignature, status: 401},
		{name: "wrong path", source: "meta", method: "GET", query: right, kind: inbound.Engagement, outcome: inbound.WrongPath, status: 403},
		{name: "no secret yet", source: "meta", method: "GET", query: right, keys: map[string]secret.Keys{}, outcome: inbound.BadSignature, status: 401},
		{name: "secrets away", source: "meta", method: "GET", query: right, keysErr: away, outcome: inbound.Unavailable, status: 503},
		{name: "policy away, right", source: "meta", method: "GET", query: right, sourceErr: away, outcome: inbound.Challenged, status: 200, body: "42"},
		{name: "policy away, wrong", source: "meta", method: "GET", query: wrong, sourceErr: away, outcome: inbound.Unavailable, status: 503},
		{name: "code", source: "linkedin", method: "GET", query: code, outcome: inbound.Challenged, status: 200, body: `"challengeResponse"`},
		{name: "no UUID", source: "linkedin", method: "GET", query: "challengeCode=hmacsha256%3D1", outcome: inbound.Malformed, status: 400},
	} {
		t.Run(c.name, func(t *testing.T) {
			var w world
			r := w.receiver()
			r.Source = func(context.Context, time.Time, string) (policy.Source, error) {
				return policy.Source{Provider: c.source}, c.sourceErr
			}
			r.Keys = func(context.Context, time.Time) (map[string]secret.Keys, error) {
				if c.keys != nil {
					return c.keys, c.keysErr
				}
				return keys, c.keysErr
			}
			req := inbound.Request{Method: c.method, Query: c.query, Kind: inbound.Forms, Source: c.source, ReceivedAt: noon, Headers: map[string]string{}}
			if c.kind != "" {
				req.Kind = c.kind
			}
			rep := r.Receive(t.Context(), req, "1")
			if rep.Result.Outcome != c.outcome || rep.Answer.Status != c.status || !strings.Contains(rep.Answer.Body, c.body) || len(w.stored) != 0 {
				t.Errorf("%s, %d %s", rep.Result.Outcome, rep.Answer.Status, rep.Answer.Body)
			}
		})
	}
}
