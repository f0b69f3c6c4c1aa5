package inbox

import (
	"context"
	"log/slog"

	"github.com/aws/aws-lambda-go/events"

	"github.com/handoff-oss/handoff/shared/clock"
	"github.com/handoff-oss/handoff/shared/inbound"
)

// Edge is what a receiving function adds of its own.
type Edge struct {
	Kind      inbound.Kind // what it receives
	PublicURL string       // as in FromGateway; may be empty
	Clock     clock.Clock
	Log       *slog.Logger
}

// Serve answers one request of an HTTP API: it receives the webhook, writes
// one line of log, and returns what the provider is told.
func (r *Receiver) Serve(ctx context.Context, e events.APIGatewayV2HTTPRequest, edge Edge) events.APIGatewayV2HTTPResponse {
	received := edge.Clock(ctx)
	id := e.RequestContext.RequestID
	req, err := FromGateway(e, edge.Kind, edge.PublicURL, received)
	var rep Report
	if err != nil {
		rep = Refuse(req, id, err)
	} else {
		rep = r.Receive(ctx, req, id)
	}
	edge.Log.LogAttrs(ctx, rep.Level(), "webhook.received", rep.Attrs(req, edge.Clock(ctx).Sub(received))...)
	return ToGateway(rep.Answer, req.Method)
}
