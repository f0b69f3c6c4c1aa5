package main

import (
	"context"
	"io"
	"net"
	"net/url"

	"github.com/handoff-oss/handoff/shared/fault"
)

// inContainer is the name of this machine in a container.
const inContainer = "host.docker.internal"

// bridge lets containers reach a service on this machine's loopback. It
// returns the address for containers. Where the gateway is no address of this
// machine, the engine runs in a machine of its own and leads to the loopback
// by itself.
func bridge(ctx context.Context, gateway, service string) (address string, stop func(), err error) {
	u, err := url.Parse(service)
	if err != nil {
		return "", nil, fault.Wrap(fault.Invalid, "read the address "+service, err)
	}
	var listen net.ListenConfig
	l, err := listen.Listen(ctx, "tcp", net.JoinHostPort(gateway, "0"))
	if err != nil {
		return "http://" + net.JoinHostPort(inContainer, u.Port()), func() {}, nil //nolint:nilerr // That is such an engine.
	}
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		return "", nil, fault.Wrap(fault.Internal, "read the bridge's address", err)
	}
	go func() {
		for {
			from, err := l.Accept()
			if err != nil {
				return
			}
			go carry(ctx, from, u.Host)
		}
	}()
	return "http://" + net.JoinHostPort(inContainer, port), func() { _ = l.Close() }, nil
}

// carry copies both ways until either side ends.
func carry(ctx context.Context, from net.Conn, host string) {
	var dial net.Dialer
	to, err := dial.DialContext(ctx, "tcp", host)
	if err != nil {
		_ = from.Close()
		return
	}
	one := func(to, from net.Conn) {
		_, _ = io.Copy(to, from)
		_ = to.Close()
		_ = from.Close()
	}
	go one(to, from)
	one(from, to)
}
