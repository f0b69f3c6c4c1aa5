package main

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/handoff-oss/handoff/shared/clock"
	"github.com/handoff-oss/handoff/shared/directory"
	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/policy/rules"
	"github.com/handoff-oss/handoff/shared/routing"
)

const (
	inParallel = 8 // calendars read at once
	// reserve is how much of the invocation's time is left when no other
	// calendar is begun: one is read to its end, and what was found is written.
	reserve  = fetchTimeout + 10*time.Second
	maxTries = 10 // of a write that others conflict with
)

type store interface {
	Roster(ctx context.Context) (routing.Roster, error)
	PutRoster(ctx context.Context, r routing.Roster) error
}

type handler struct {
	store  store
	policy *rules.Loader
	http   *http.Client
	now    clock.Clock
	log    *slog.Logger
}

// handle reads the calendars of all reps. Each that has changed, that fails or
// that works again is one version of the roster; the others write nothing.
func (h handler) handle(ctx context.Context) error {
	now := h.now(ctx)
	p, err := h.policy.Current(ctx, now)
	if err != nil {
		return err
	}
	roster, err := h.store.Roster(ctx)
	if err != nil {
		return err
	}
	enough, cancel := clock.StopBefore(ctx, reserve)
	defer cancel()
	found := h.read(ctx, enough, p.Policy, roster, now)
	changed, failing := 0, 0
	for _, rep := range slices.Sorted(maps.Keys(found)) {
		wrote, failed := h.note(ctx, p.Policy, rep, *roster.Reps[rep].Feed, found[rep], now)
		err = errors.Join(err, failed)
		if wrote {
			changed++
		}
		if found[rep].wrong != "" {
			failing++
		}
	}
	level := slog.LevelInfo
	if err != nil {
		level = slog.LevelError
	}
	h.log.LogAttrs(ctx, level, "calendars.read", slog.Int("calendars", len(found)), slog.Int("changed", changed), slog.Int("failing", failing),
		slog.Int64("duration_ms", h.now(ctx).Sub(now).Milliseconds()), slog.Any("error", err))
	return err
}

// read reads the calendars, a few at once, until there is enough. It begins
// with another one each hour, so that none is always left over.
func (h handler) read(ctx, enough context.Context, p *policy.Policy, roster routing.Roster, now time.Time) map[string]outcome {
	var reps []string
	for _, id := range slices.Sorted(maps.Keys(roster.Reps)) {
		if e := roster.Reps[id]; e.Feed != nil && !e.Gone {
			reps = append(reps, id)
		}
	}
	if n := len(reps); n > 0 {
		first := int(now.Unix()/int64(time.Hour/time.Second)) % n
		reps = slices.Concat(reps[first:], reps[:first])
	}
	effective := roster.Over(p)
	outcomes := make([]*outcome, len(reps))
	var g errgroup.Group
	g.SetLimit(inParallel)
	for i, id := range reps {
		if enough.Err() != nil {
			break
		}
		zone := directory.Zone(effective, id)
		g.Go(func() error {
			out := h.fetch(ctx, *roster.Reps[id].Feed, zone, now)
			outcomes[i] = &out
			return nil
		})
	}
	_ = g.Wait() // what fails is an outcome
	found := map[string]outcome{}
	for i, out := range outcomes {
		if out != nil {
			found[reps[i]] = *out
		}
	}
	return found
}

// note writes what was found, unless it is what is known. wrote is false then,
// and when the rep has another feed by now.
func (h handler) note(ctx context.Context, p *policy.Policy, rep string, read routing.Feed, out outcome, now time.Time) (wrote bool, err error) {
	for range maxTries {
		roster, err := h.store.Roster(ctx)
		if err != nil {
			return false, err
		}
		entry := roster.Reps[rep]
		if entry.Feed == nil || entry.Feed.URL != read.URL || !slices.Equal(entry.Feed.Words, read.Words) {
			return false, nil
		}
		next, changed := out.applied(*entry.Feed, now)
		if !changed {
			return false, nil
		}
		entry.Feed, entry.By, entry.Changed = &next, "calendar feed", now
		err = h.store.PutRoster(ctx, roster.Record(p, rep, entry, "read from the calendar"))
		if err == nil || fault.KindOf(err) != fault.Conflict {
			return err == nil, err
		}
	}
	return false, fault.New(fault.Conflict, "the roster changed under each of %d tries", maxTries)
}

// applied is the feed with what was found. changed is false when that is known.
func (o outcome) applied(f routing.Feed, now time.Time) (next routing.Feed, changed bool) {
	switch {
	case o.wrong != "" && o.wrong == f.Error:
		return f, false
	case o.wrong != "":
		if f.Error == "" {
			f.Since = now
		}
		f.Error = o.wrong
		return f, true
	case o.same:
		changed = f.Error != ""
		f.Error, f.Since = "", time.Time{}
		return f, changed
	case f.Error == "" && !f.ReadAt.IsZero() && slices.Equal(o.leave, f.Leave):
		return f, false
	}
	if f.ReadAt.IsZero() || !slices.Equal(o.leave, f.Leave) {
		f.ReadAt = now
	}
	f.Leave, f.ETag, f.Modified, f.Error, f.Since = o.leave, o.etag, o.modified, "", time.Time{}
	return f, true
}
