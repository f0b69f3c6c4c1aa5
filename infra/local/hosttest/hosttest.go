// Package hosttest helps the tests of the local host's parts: a database that
// is thrown away, a time that stands still until it is moved, and a function
// that is not there.
package hosttest

import (
	"context"
	"encoding/json"
	"log/slog"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"github.com/handoff-oss/handoff/infra/local/lambda"
)

// DB opens an empty database, or with a file an existing one.
func DB(tb testing.TB, file string) *bbolt.DB {
	tb.Helper()
	if file == "" {
		file = filepath.Join(tb.TempDir(), "test.db")
	}
	db, err := bbolt.Open(file, 0o600, &bbolt.Options{NoSync: true, Timeout: time.Second})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := db.Close(); err != nil {
			tb.Error(err)
		}
	})
	return db
}

// Log drops everything.
func Log() *slog.Logger { return slog.New(slog.DiscardHandler) }

// Time is a time that moves only by Add.
type Time struct {
	mu  sync.Mutex
	now time.Time
}

// Start returns a time in the past.
func Start() *Time { return &Time{now: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)} }

// Now returns the time.
func (t *Time) Now() time.Time {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.now
}

// Add moves the time forward.
func (t *Time) Add(d time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.now = t.now.Add(d)
}

// Function plays a function: it answers each call by Answer and remembers the
// payloads.
type Function struct {
	Answer func(call int, payload []byte) lambda.Result

	mu    sync.Mutex
	calls [][]byte
}

// Invoke is a call.
func (f *Function) Invoke(_ context.Context, payload []byte) (lambda.Result, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls = append(f.calls, payload)
	if f.Answer == nil {
		return lambda.Result{}, nil
	}
	return f.Answer(len(f.calls), payload), nil
}

// Calls returns the payloads so far.
func (f *Function) Calls() [][]byte {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([][]byte(nil), f.calls...)
}

// Failed is the answer of a function that returned an error.
func Failed() lambda.Result {
	return lambda.Result{Err: &lambda.FunctionError{Type: "Test", Message: "refused"}}
}

// FailedItems is a partial batch response.
func FailedItems(ids ...string) lambda.Result {
	items := []map[string]string{}
	for _, id := range ids {
		items = append(items, map[string]string{"itemIdentifier": id})
	}
	b, err := json.Marshal(map[string]any{"batchItemFailures": items})
	if err != nil {
		return Failed()
	}
	return lambda.Result{Payload: b}
}
