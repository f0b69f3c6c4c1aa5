package main

import (
	"context"
	"log/slog"

	"github.com/aws/aws-lambda-go/events"

	"github.com/handoff-oss/handoff/shared/clock"
	"github.com/handoff-oss/handoff/shared/inbound"
	"github.com/handoff-oss/handoff/shared/inbox"
)

// handler answers POST /webhooks/forms/{source}. Everything that it does is
// done by package inbox.
type handler struct {
	receiver  *inbox.Receiver
	publicURL string
	clock     clock.Clock
	log       *slog.Logger
}

func (h handler) handle(ctx context.Context, e events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error) {
	return h.receiver.Serve(ctx, e, inbox.Edge{Kind: inbound.Forms, PublicURL: h.publicURL, Clock: h.clock, Log: h.log}), nil
}
