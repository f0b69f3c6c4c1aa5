package front

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"github.com/handoff-oss/handoff/infra/local/activity"
	"github.com/handoff-oss/handoff/infra/local/lambda"
)

// Invoker calls a function.
type Invoker interface {
	Invoke(ctx context.Context, payload []byte) (lambda.Result, error)
}

// Front answers requests by calling functions.
type Front struct {
	Routes    []Route
	PublicURL string
	Now       func() time.Time // virtual time
	Activity  *activity.Tracker
	Log       *slog.Logger
	// Operator makes a token of whoever sits at this machine, for requests that
	// FromHere tells; nil gives none.
	Operator func() (string, error)
}

const (
	maxBody = 10 << 20         // of a request to API Gateway
	maxCall = 6 << 20          // of a payload to Lambda
	timeout = 30 * time.Second // of API Gateway
)

func (f *Front) requestID() string { return rand.Text()[:16] }

// ServeHTTP answers a request as API Gateway does.
func (f *Front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	route, ok := find(f.Routes, r.Method, r.URL.Path)
	if !ok {
		refuse(w, http.StatusNotFound, "Not Found")
		return
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	if err != nil {
		refuse(w, http.StatusBadRequest, "Bad Request")
		return
	}
	if len(body) > maxBody {
		refuse(w, http.StatusRequestEntityTooLarge, "Request Entity Too Large")
		return
	}
	in, err := f.request(r, route, body)
	if err != nil {
		f.Log.ErrorContext(r.Context(), "front.request", slog.Any("error", err))
		refuse(w, http.StatusInternalServerError, "Internal Server Error")
		return
	}
	f.call(w, r, route, in)
}

// call goes on when the client has hung up: the function has begun.
func (f *Front) call(w http.ResponseWriter, r *http.Request, route found, in events.APIGatewayV2HTTPRequest) {
	defer f.Activity.Begin()()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), timeout)
	defer cancel()
	if route.Authorizer != "" {
		who, status := f.authorize(ctx, route, in)
		if status != http.StatusOK {
			refuse(w, status, http.StatusText(status))
			return
		}
		in.RequestContext.Authorizer = &events.APIGatewayV2HTTPRequestContextAuthorizerDescription{Lambda: who}
	}
	payload, err := json.Marshal(in)
	if err != nil || len(payload) > maxCall {
		refuse(w, http.StatusRequestEntityTooLarge, "Request Entity Too Large")
		return
	}
	result, err := route.Function.Invoke(ctx, payload)
	switch {
	case err != nil:
		refuse(w, http.StatusServiceUnavailable, "Service Unavailable")
		return
	case result.Err != nil:
		f.Log.WarnContext(ctx, "front.failed", slog.String("route", route.Key()), slog.String("error", result.Err.Error()))
		refuse(w, http.StatusInternalServerError, "Internal Server Error")
		return
	}
	if err := answer(w, result.Payload); err != nil {
		f.Log.WarnContext(ctx, "front.answer", slog.String("route", route.Key()), slog.Any("error", err))
		refuse(w, http.StatusInternalServerError, "Internal Server Error")
	}
}

func refuse(w http.ResponseWriter, status int, message string) {
	body, err := json.Marshal(map[string]string{"message": message})
	if err != nil {
		body = []byte("{}")
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(body) // The client may be gone.
}
