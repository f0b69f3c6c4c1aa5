package inbox_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/inbound"
	"github.com/handoff-oss/handoff/shared/inbox"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/secret"
)

// mailgunReceiver has one source whose proof does not cover what it says.
func mailgunReceiver(w *world, spend inbox.Spend) *inbox.Receiver {
	r := w.receiver()
	r.Spend = spend
	r.Source = func(context.Context, time.Time, string) (policy.Source, error) {
		return policy.Source{Provider: "mailgun"}, nil
	}
	r.Keys = func(context.Context, time.Time) (map[string]secret.Keys, error) {
		return map[string]secret.Keys{"mailgun": {key}}, nil
	}
	return r
}

// spending keeps what was spent, as the table does.
func spending() inbox.Spend {
	spent := map[string]string{}
	return func(_ context.Context, source, value, content string, _ time.Time) error {
		if known, ok := spent[source+value]; ok && known != content {
			return fault.New(fault.Conflict, "spent")
		}
		spent[source+value] = content
		return nil
	}
}

func TestACapturedSignatureSaysNothingElse(t *testing.T) {
	a, ok := inbound.Lookup("mailgun")
	if !ok {
		t.Fatal("no mailgun")
	}
	_, genuine, err := inbound.Seal(a, inbound.Letter{Body: []byte(`{"event-data":{"event":"opened","id":"1","recipient":"a@b.example"}}`), Key: key, At: noon})
	if err != nil {
		t.Fatal(err)
	}
	proof := genuine[len(`{"event-data":{"event":"opened","id":"1","recipient":"a@b.example"}`):]
	forged := append([]byte(`{"event-data":{"event":"clicked","id":"2","recipient":"c@b.example"}`), proof...)
	send := func(r *inbox.Receiver, body []byte) inbox.Report {
		req := request("mailgun", string(body))
		return r.Receive(t.Context(), req, "1")
	}
	var w world
	r := mailgunReceiver(&w, spending())
	for i, c := range []struct {
		body    []byte
		outcome inbound.Outcome
	}{
		{genuine, inbound.Accepted}, {forged, inbound.BadSignature}, {genuine, inbound.Duplicate},
	} {
		if got := send(r, c.body); got.Result.Outcome != c.outcome {
			t.Errorf("%d: %s %s", i, got.Result.Outcome, got.Answer.Body)
		}
	}
	if len(w.stored) != 1 {
		t.Errorf("%d signals stored", len(w.stored))
	}
	for what, spend := range map[string]inbox.Spend{
		"no memory": nil,
		"table away": func(context.Context, string, string, string, time.Time) error {
			return fault.New(fault.Unavailable, "away")
		},
	} {
		var w world
		if got := send(mailgunReceiver(&w, spend), genuine); got.Answer.Status != 503 || got.Err == nil || len(w.stored)+len(w.parked) != 0 {
			t.Errorf("%s: %d %s", what, got.Answer.Status, fmt.Sprint(got.Err))
		}
	}
}

// A webhook that is answered 200 though it could not be read is told of loudly.
func TestLettingGoIsLogged(t *testing.T) {
	var w world
	r := mailgunReceiver(&w, spending())
	r.Source = func(context.Context, time.Time, string) (policy.Source, error) {
		return policy.Source{Provider: "customerio"}, nil
	}
	a, _ := inbound.Lookup("customerio")
	headers, body, err := inbound.Seal(a, inbound.Letter{Body: []byte(`{`), Key: key, At: noon})
	if err != nil {
		t.Fatal(err)
	}
	req := request("mailgun", string(body))
	req.Headers = map[string]string{"x-cio-signature": headers["X-CIO-Signature"], "x-cio-timestamp": headers["X-CIO-Timestamp"]}
	got := r.Receive(t.Context(), req, "1")
	if got.Answer.Status != 200 || got.Result.Outcome != inbound.Malformed || got.Level().String() != "WARN" {
		t.Errorf("%d %s %s", got.Answer.Status, got.Result.Outcome, got.Level())
	}
}
