package inbox

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/signal"
)

// PutFor stores a signal for a lead that it does not name by itself, such as a
// rep's answer, and reports whether it is new. Kind: Unavailable.
type PutFor func(ctx context.Context, key signal.LeadKey, s signal.Signal) (stored bool, err error)

// keyed is a message of the park queue with one signal and its lead.
type keyed struct {
	Key    signal.LeadKey `json:"key"`
	Signal signal.Signal  `json:"signal"`
}

// KeyedMessage encodes a signal as a message of the park queue that says whose
// it is: {"key":…,"signal":{…}}.
func KeyedMessage(key signal.LeadKey, s signal.Signal) (string, error) {
	b, err := json.Marshal(keyed{Key: key, Signal: s})
	return string(b), fault.Wrap(fault.Internal, "encode signal", err)
}

// StoreMessage stores what one message of the park queue holds: a chunk, as
// Chunks makes it, or a single signal, as KeyedMessage does. It may be called
// again with the same message. Kinds: Invalid when it is neither, Unavailable.
func StoreMessage(ctx context.Context, put Put, putFor PutFor, body string) (Stored, error) {
	if !strings.HasPrefix(strings.TrimSpace(body), "{") {
		return StoreChunk(ctx, put, body)
	}
	var m keyed
	if err := json.Unmarshal([]byte(body), &m); err != nil || m.Key == "" || m.Signal.ID == "" {
		// The decoder's message may quote the body: leave it out.
		return Stored{}, fault.New(fault.Invalid, "the message is no signal with the key of its lead")
	}
	switch stored, err := putFor(ctx, m.Key, m.Signal); {
	case err != nil:
		return Stored{}, fault.Wrap(fault.KindOf(err), "store parked answer", err)
	case stored:
		return Stored{New: 1}, nil
	}
	return Stored{Duplicates: 1}, nil
}
