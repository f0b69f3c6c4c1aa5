package main

import (
	"context"
	"net"
	"net/http"
	"time"

	"github.com/handoff-oss/handoff/infra/local/identity"
	"github.com/handoff-oss/handoff/shared/fault"
)

// mailFrom sends the e-mail.
const mailFrom = "handoff@trial.example"

// people is an identity provider with one operator, on the loopback. The
// emulator's own would have its functions ask the real AWS for its keys.
type people struct {
	*identity.Provider
	close func()
}

// makePeople starts the identity provider.
func makePeople(ctx context.Context) (*people, error) {
	der, err := identity.NewKey()
	if err != nil {
		return nil, err
	}
	key, err := identity.ParseKey(der)
	if err != nil {
		return nil, err
	}
	var listen net.ListenConfig
	l, err := listen.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fault.Wrap(fault.Unavailable, "listen for people who sign in", err)
	}
	p := &people{Provider: &identity.Provider{
		Issuer: "http://" + l.Addr().String() + identity.Path, Secret: "trial", Key: key, Now: time.Now,
		People: func() []identity.Person { return []identity.Person{identity.Operator()} }, Own: func(*http.Request) bool { return false },
	}}
	server := &http.Server{Handler: p.Handler(), ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = server.Serve(l) }()
	p.close = func() { _ = server.Close() }
	return p, nil
}

// verifySender tells the mail service that the address is ours, as an operator does once.
func (e *emulator) verifySender(ctx context.Context, address string) error {
	return e.rest(ctx, "ses", "/v2/email/identities", map[string]any{"EmailIdentity": address}, nil)
}
