package inbox

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/signal"
)

// Limits of one message on the park queue.
const (
	chunkSignals = 100
	chunkBytes   = 200 << 10
)

// Chunks encodes verified signals as messages of the park queue: JSON lists of
// signals, in order, each within the limits. What stands there is never
// verified again: times grow old and secrets are rotated.
func Chunks(signals []signal.Signal) ([]string, error) {
	var chunks []string
	var parts []string
	size := 0
	flush := func() {
		if len(parts) > 0 {
			chunks = append(chunks, "["+strings.Join(parts, ",")+"]")
		}
		parts, size = nil, 0
	}
	for _, s := range signals {
		b, err := json.Marshal(s)
		if err != nil {
			return nil, fault.Wrap(fault.Internal, "encode signal", err)
		}
		if len(parts) == chunkSignals || size+len(b)+2 > chunkBytes {
			flush()
		}
		parts = append(parts, string(b))
		size += len(b) + 1
	}
	flush()
	return chunks, nil
}

// Stored counts what became of a chunk.
type Stored struct {
	New        int
	Duplicates int
	Nobody     int // cannot belong to a lead; never parked by Receive
}

// StoreChunk puts the signals of one message of the park queue. It may be
// called again with the same message. Kinds: Invalid when it is no chunk,
// Unavailable.
func StoreChunk(ctx context.Context, put Put, body string) (Stored, error) {
	var signals []signal.Signal
	if err := json.Unmarshal([]byte(body), &signals); err != nil {
		// The decoder's message may quote the body: leave it out.
		return Stored{}, fault.New(fault.Invalid, "the message is not a list of signals")
	}
	ctx, cancel := context.WithTimeout(ctx, chunkTimeout)
	defer cancel()
	done, errs := PutAll(ctx, put, signals)
	var out Stored
	var failed error
	for i := range signals {
		switch {
		case fault.KindOf(errs[i]) == fault.Invalid:
			out.Nobody++
		case errs[i] != nil:
			failed = fault.Wrap(fault.KindOf(errs[i]), "store parked signal", errs[i])
		case done[i]:
			out.New++
		default:
			out.Duplicates++
		}
	}
	return out, failed
}
