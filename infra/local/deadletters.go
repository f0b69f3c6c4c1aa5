package main

import (
	"crypto/rand"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/handoff-oss/handoff/infra/cfn"
	"github.com/handoff-oss/handoff/infra/local/queue"
	"github.com/handoff-oss/handoff/infra/local/stream"
	"github.com/handoff-oss/handoff/shared/fault"
)

// deadLetters takes the records that a stream's function could not work off to
// the destination that the template names: a bucket is a folder, with the
// records in full; a queue gets a message that names them.
type deadLetters struct {
	folder string
	queues *queue.Queues
	now    func() time.Time
}

// discard has the signature of stream.Config.Dead for one source.
func (d deadLetters) discard(f cfn.Function, s cfn.StreamSource) func(string, stream.Discarded) error {
	return func(_ string, lost stream.Discarded) error {
		if s.OnFailure == "" {
			return nil
		}
		record, err := d.record(f, s, lost)
		if err != nil {
			return err
		}
		if s.OnFailureKind == "S3" {
			return d.write(f, record)
		}
		q, err := d.queues.Get(s.OnFailure)
		if err != nil {
			return err
		}
		_, err = q.Send(queue.Outgoing{Body: string(record), Delay: -1})
		return err
	}
}

// record is the invocation record that Lambda sends to a destination.
func (d deadLetters) record(f cfn.Function, s cfn.StreamSource, lost stream.Discarded) ([]byte, error) {
	first, last := lost.Records[0], lost.Records[len(lost.Records)-1]
	out := map[string]any{
		"requestContext": map[string]any{
			"requestId": rand.Text(), "functionArn": f.ARN, "condition": lost.Reason, "approximateInvokeCount": lost.Attempts,
		},
		"responseContext": map[string]any{"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"},
		"version":         "1.0", "timestamp": d.now().UTC(),
		"DDBStreamBatchInfo": map[string]any{
			"startSequenceNumber": first.Sequence, "endSequenceNumber": last.Sequence, "batchSize": len(lost.Records), "streamArn": s.StreamARN,
			"approximateArrivalOfFirstRecord": first.At, "approximateArrivalOfLastRecord": last.At,
		},
	}
	if s.OnFailureKind == "S3" {
		var events []json.RawMessage
		for _, r := range lost.Records {
			events = append(events, r.Event)
		}
		payload, err := json.Marshal(map[string]any{"Records": events})
		if err != nil {
			return nil, fault.Wrap(fault.Internal, "encode the lost records", err)
		}
		out["payload"] = string(payload)
	}
	b, err := json.Marshal(out)
	return b, fault.Wrap(fault.Internal, "encode the lost records", err)
}

func (d deadLetters) write(f cfn.Function, record []byte) error {
	dir := filepath.Join(d.folder, f.Folder)
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return fault.Wrap(fault.Internal, "keep the lost records", err)
	}
	name := d.now().UTC().Format("2006-01-02T15.04.05") + "-" + strings.ToLower(rand.Text()) + ".json"
	return fault.Wrap(fault.Internal, "keep the lost records", os.WriteFile(filepath.Join(dir, name), record, 0o600))
}
