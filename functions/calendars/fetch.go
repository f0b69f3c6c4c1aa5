package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"

	"github.com/handoff-oss/handoff/shared/calendar"
	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/routing"
)

const (
	fetchTimeout = 10 * time.Second
	largest      = 8 << 20 // bytes of a calendar
	longestMark  = 500     // of an ETag that is kept
	// ahead is how far into the future leave is looked for, and askAnew how old
	// what was read last may be for "not modified" to be an answer: less than
	// leave of the time between them would be missed.
	ahead   = 400 * 24 * time.Hour
	askAnew = 30 * 24 * time.Hour
)

// outcome is what came of reading one calendar.
type outcome struct {
	same           bool // it has not changed since it was read
	leave          []policy.Leave
	etag, modified string
	wrong          string // why it could not be read, for the rep; never an address. "" when it could
}

// fetch reads one calendar.
func (h handler) fetch(ctx context.Context, f routing.Feed, zone *time.Location, now time.Time) outcome {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, f.URL, http.NoBody)
	if err != nil || r.URL.Scheme != "https" {
		return outcome{wrong: "the address is not one that can be read"}
	}
	r.Header.Set("User-Agent", "Handoff")
	r.Header.Set("Accept", "text/calendar")
	if !f.ReadAt.IsZero() && now.Sub(f.ReadAt) < askAnew {
		mark(r, "If-None-Match", f.ETag)
		mark(r, "If-Modified-Since", f.Modified)
	}
	answer, err := h.http.Do(r)
	if err != nil {
		return outcome{wrong: words(err)}
	}
	defer func() { _ = answer.Body.Close() }()
	switch {
	case answer.StatusCode == http.StatusNotModified:
		return outcome{same: true}
	case answer.StatusCode != http.StatusOK:
		return outcome{wrong: fmt.Sprintf("the server answers %d", answer.StatusCode)}
	}
	text, err := io.ReadAll(io.LimitReader(answer.Body, largest+1))
	switch {
	case err != nil:
		return outcome{wrong: "the server broke off"}
	case len(text) > largest:
		return outcome{wrong: fmt.Sprintf("the calendar is larger than %d MB", largest>>20)}
	}
	leave, err := leaveIn(text, calendar.Reading{Zone: zone, Words: f.Words, From: now, To: now.Add(ahead)})
	if err != nil {
		return outcome{wrong: err.Error()}
	}
	return outcome{leave: leave, etag: short(answer.Header.Get("Etag")), modified: short(answer.Header.Get("Last-Modified"))}
}

// leaveIn makes a panic in a library that reads a stranger's text a failure of
// one calendar alone.
func leaveIn(text []byte, r calendar.Reading) (leave []policy.Leave, err error) {
	defer func() {
		if recover() != nil {
			err = fault.New(fault.Invalid, "it is no calendar that can be read")
		}
	}()
	return calendar.Leave(text, r)
}

func mark(r *http.Request, header, value string) {
	if value != "" {
		r.Header.Set(header, value)
	}
}

func short(value string) string {
	if len(value) > longestMark {
		return ""
	}
	return value
}

// words say why a server could not be asked, without its address.
func words(err error) string {
	switch kind := fault.KindOf(err); {
	case kind == fault.Denied:
		return "the address leads to no public host, or to one without https"
	case kind == fault.Invalid:
		return "the address sends on to others too often"
	case errors.Is(err, context.DeadlineExceeded), os.IsTimeout(err):
		return "the server does not answer in time"
	}
	return "the server cannot be reached"
}
