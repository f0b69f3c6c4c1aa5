package main

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"sync"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/handoff-oss/handoff/shared/fault"
)

// inbox is where the messages of the channels that post arrive.
type inbox struct {
	url    string
	secret string // of the signed webhook
	close  func()

	mu       sync.Mutex
	slack    []string
	webhooks map[string]int // event type → how often
	wrong    error          // the first message that was not as it must be
}

// openInbox listens on the loopback.
func openInbox(ctx context.Context) (*inbox, error) {
	key := make([]byte, 32)
	if _, err := rand.Read(key); err != nil {
		return nil, fault.Wrap(fault.Internal, "make a secret", err)
	}
	var listen net.ListenConfig
	l, err := listen.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fault.Wrap(fault.Unavailable, "listen for messages", err)
	}
	in := &inbox{
		url: "http://" + l.Addr().String(), secret: "whsec_" + base64.StdEncoding.EncodeToString(key), webhooks: map[string]int{},
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /slack", in.takeSlack)
	mux.HandleFunc("POST /webhook", in.takeWebhook)
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = server.Serve(l) }()
	in.close = func() { _ = server.Close() }
	return in, nil
}

func (in *inbox) takeSlack(_ http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	in.mu.Lock()
	defer in.mu.Unlock()
	in.slack = append(in.slack, string(body))
	in.note(err)
}

// takeWebhook checks the signature by the standard's own library.
func (in *inbox) takeWebhook(_ http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	in.mu.Lock()
	defer in.mu.Unlock()
	in.note(err)
	verifier, err := standardwebhooks.NewWebhook(in.secret)
	in.note(err)
	if err == nil {
		in.note(verifier.Verify(body, r.Header))
	}
	var event struct{ Type string }
	in.note(json.Unmarshal(body, &event))
	in.webhooks[event.Type]++
}

func (in *inbox) note(err error) {
	if in.wrong == nil && err != nil {
		in.wrong = fault.Wrap(fault.Invalid, "a message that arrived is wrong", err)
	}
}

// count returns how many messages have come to Slack, and how many webhooks about the type.
func (in *inbox) count(event string) (slack, webhooks int, err error) {
	in.mu.Lock()
	defer in.mu.Unlock()
	return len(in.slack), in.webhooks[event], in.wrong
}
