package main

import (
	"context"
	"log/slog"

	"github.com/aws/aws-lambda-go/events"

	"github.com/handoff-oss/handoff/shared/clock"
	"github.com/handoff-oss/handoff/shared/inbound"
	"github.com/handoff-oss/handoff/shared/inbox"
)

// handler answers POST /webhooks/crm/{source}. Everything that it does is
// done by package inbox.
type handler struct {
	receiver  *inbox.Receiver
	publicURL string
	clock     clock.Clock
	log       *slog.Logger
}

func (h handler) handle(ctx context.Context, e events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error) {
	received := h.clock(ctx)
	id := e.RequestContext.RequestID
	req, err := inbox.FromGateway(e, inbound.CRM, h.publicURL, received)
	var rep inbox.Report
	if err != nil {
		rep = inbox.Refuse(req, id, err)
	} else {
		rep = h.receiver.Receive(ctx, req, id)
	}
	h.log.LogAttrs(ctx, rep.Level(), "webhook.received", rep.Attrs(req, h.clock(ctx).Sub(received))...)
	return inbox.ToGateway(rep.Answer, req.Method), nil
}
