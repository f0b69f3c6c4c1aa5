package idp

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"github.com/handoff-oss/handoff/shared/clock"
)

const (
	// callTimeout bounds one call of the provider; the authorizer has ten seconds.
	callTimeout = 4 * time.Second
	// A token with an unknown key makes us ask for the keys again, but not more
	// often than this, or anybody could have us ask all the time.
	askedAgain  = 10 * time.Second
	failedAgain = 2 * time.Second
)

// errTooSoon stands for a call that was not made.
var errTooSoon = errors.New("the provider's keys were asked for a moment ago")

// keyTransport fetches the provider's keys, not too often, and remembers
// whether that worked.
type keyTransport struct {
	next  http.RoundTripper
	clock clock.Clock

	mu    sync.Mutex
	asked time.Time
	away  bool // the last call that was made got no keys
}

// RoundTrip makes the call, or returns errTooSoon.
func (t *keyTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	if !t.may(r.Context()) {
		return nil, errTooSoon
	}
	res, err := t.next.RoundTrip(r)
	t.mu.Lock()
	defer t.mu.Unlock()
	t.away = err != nil || res.StatusCode != http.StatusOK
	return res, err
}

func (t *keyTransport) may(ctx context.Context) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	now, pause := t.clock(ctx), askedAgain
	if t.away {
		pause = failedAgain
	}
	if !t.asked.IsZero() && now.Sub(t.asked) < pause && !now.Before(t.asked) {
		return false
	}
	t.asked = now
	return true
}

// Away tells whether the keys could not be had.
func (t *keyTransport) Away() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.away
}
