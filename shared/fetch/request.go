// Package fetch completes thin signals: those of webhooks that name a record
// by its id alone, such as the leads of Meta and LinkedIn and the contacts and
// engagements of HubSpot. The way of one:
//
//	webhook → request on the queue, then the thin signal in the inbox → 2xx
//	queue → the provider's API → the complete signal in the inbox
//
// Before wraps what stores a signal, so that whoever stores a thin one, the
// receiving functions or the one behind the park queue, has asked for the
// record first. When the queue refuses the request, storing fails as if the
// table were away: the signal is parked, or the sender is asked to come again.
// A redelivery asks again, which costs a call of the API and changes nothing,
// since the complete signal has an id of its own.
//
// What is asked of an API comes from package inbound, and the address, the
// token and the version from a secret of the company: nothing in a payload says
// where a request goes. The package does not know queues.
package fetch

import (
	"context"
	"encoding/json"
	"time"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/inbound"
	"github.com/handoff-oss/handoff/shared/inbox"
	"github.com/handoff-oss/handoff/shared/signal"
)

// Request asks for the record that a thin signal names.
type Request struct {
	Signal signal.Signal `json:"signal"`
}

// askTimeout bounds the queue's answer, so that it and the table's fit into the
// time that storing a signal has.
const askTimeout = 600 * time.Millisecond

// Before returns put behind a request for the record of each thin signal. Kind
// of its own errors: Unavailable.
func Before(send func(ctx context.Context, bodies ...string) error, put inbox.Put) inbox.Put {
	return func(ctx context.Context, s signal.Signal) (bool, error) {
		if !inbound.Thin(s) {
			return put(ctx, s)
		}
		body, err := json.Marshal(Request{Signal: s})
		if err != nil {
			return false, fault.Wrap(fault.Internal, "encode request", err)
		}
		asking, cancel := context.WithTimeout(ctx, askTimeout)
		defer cancel()
		if err := send(asking, string(body)); err != nil {
			return false, fault.Wrap(fault.Unavailable, "ask for the record", err)
		}
		return put(ctx, s)
	}
}

// Parse reads a message of the queue. Kind: Invalid.
func Parse(body string) (Request, error) {
	var r Request
	if err := json.Unmarshal([]byte(body), &r); err != nil || r.Signal.ID == "" || r.Signal.Source == "" || !inbound.Thin(r.Signal) {
		// The decoder's message may quote the body: leave it out.
		return Request{}, fault.New(fault.Invalid, "the message is no request for a record")
	}
	return r, nil
}
