package main

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/handoff-oss/handoff/shared/inbound"
	"github.com/handoff-oss/handoff/shared/page"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/table"
)

// hoursShown is how many hours of a source are summed up, the running one included.
const hoursShown = 24

// sourcesAnswer is the answer of GET /api/sources.
type sourcesAnswer struct {
	Sources []sourceState `json:"sources"` // by name
	AsOf    time.Time     `json:"as_of"`
}

// sourceState is how a source of the policy is.
type sourceState struct {
	Name      string     `json:"name"`
	Provider  string     `json:"provider"`
	Paths     []string   `json:"paths"` // of its webhooks
	State     string     `json:"state"` // alive, failing (its latest news is a failure) or waiting (for its first webhook)
	LastEvent *time.Time `json:"last_event_at"`
	Events    int64      `json:"events_24h"`  // webhooks that were genuine
	Signals   int64      `json:"signals_24h"` // stored from them
	PerHour   []int64    `json:"per_hour"`    // events, the oldest hour first, the running one last
	Failures  []failures `json:"failures_24h"`
	LastError *lastError `json:"last_error"`
	Signature signature  `json:"signature"`
}

type failures struct {
	Cause string `json:"cause"`
	Count int64  `json:"count"`
}

type lastError struct {
	At     time.Time `json:"at"`
	Cause  string    `json:"cause"`
	Detail string    `json:"detail"`
}

// signature says whether what proves the sender fits.
type signature struct {
	State string     `json:"state"` // fits, fails or unknown
	At    *time.Time `json:"at"`    // since the last webhook that says so
}

// sources answers GET /api/sources.
func (h *handler) sources(ctx context.Context, r request) (sourcesAnswer, error) {
	compiled, err := h.policy.Current(ctx, r.now)
	if err != nil {
		return sourcesAnswer{}, err
	}
	names := slices.Sorted(maps.Keys(compiled.Sources))
	out := sourcesAnswer{Sources: make([]sourceState, len(names)), AsOf: r.now.UTC()}
	var g errgroup.Group
	g.SetLimit(8)
	for i, name := range names {
		g.Go(func() error {
			// The latest hours, however old: the last word of a source that fell silent is among them.
			hours, err := h.leads.SourceHours(ctx, name, hoursShown)
			out.Sources[i] = stateOf(name, compiled.Sources[name], hours, r.now)
			return err
		})
	}
	return out, g.Wait()
}

// stateOf sums the hours up.
func stateOf(name string, source policy.Source, hours []table.SourceHour, now time.Time) sourceState {
	s := sourceState{Name: name, Provider: source.Provider, Paths: []string{}, PerHour: make([]int64, hoursShown), Failures: []failures{}, State: "waiting"}
	if a, ok := inbound.Lookup(source.Provider); ok {
		for _, kind := range a.Kinds() {
			s.Paths = append(s.Paths, "/webhooks/"+string(kind)+"/"+name)
		}
	}
	failed := map[string]int64{}
	latest := map[table.SourceTime]time.Time{}
	for _, hour := range hours {
		for which, at := range hour.Times {
			if at.After(latest[which]) {
				latest[which] = at
			}
		}
		if at := hour.Times[table.LastError]; s.LastError == nil && !at.IsZero() {
			cause, detail, _ := strings.Cut(hour.Error, ": ")
			s.LastError = &lastError{At: at.UTC(), Cause: cause, Detail: detail}
		}
		s.add(hour, int(now.UTC().Truncate(time.Hour).Sub(hour.Hour)/time.Hour), failed)
	}
	for cause, n := range failed {
		s.Failures = append(s.Failures, failures{cause, n})
	}
	slices.SortFunc(s.Failures, func(a, b failures) int { return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Cause, b.Cause)) })
	s.judge(latest)
	return s
}

// add counts an hour that is so many hours ago.
func (s *sourceState) add(hour table.SourceHour, ago int, failed map[string]int64) {
	if ago < 0 || ago >= hoursShown {
		return
	}
	for outcome, n := range hour.Outcomes {
		switch inbound.Outcome(outcome) {
		case inbound.Accepted, inbound.Duplicate, inbound.Parked, inbound.Ignored:
			s.PerHour[hoursShown-1-ago] += n
			s.Events += n
		case inbound.Probe, inbound.Challenged, "fetched":
		case inbound.BadSignature, inbound.Malformed, inbound.TooLarge, inbound.WrongPath, inbound.BadMethod, inbound.UnknownSource, inbound.Unavailable:
			failed[outcome] += n
		default:
			failed[outcome] += n
		}
	}
	s.Signals += hour.Signals
}

// judge compares the latest moments.
func (s *sourceState) judge(latest map[table.SourceTime]time.Time) {
	s.LastEvent = orNil(latest[table.LastEvent])
	switch {
	case latest[table.LastError].After(latest[table.LastEvent]):
		s.State = "failing"
	case s.LastEvent != nil:
		s.State = "alive"
	}
	s.Signature = signature{State: "unknown"}
	switch fits, fails := latest[table.LastVerified], latest[table.LastForged]; {
	case fails.After(fits):
		s.Signature = signature{"fails", orNil(fails)}
	case !fits.IsZero():
		s.Signature = signature{"fits", orNil(fits)}
	}
}

// Tone is the color of the state.
func (s sourceState) Tone() string {
	switch s.State {
	case "alive":
		return "ok"
	case "failing":
		return "bad"
	}
	return ""
}

// Hint says what a failing source probably needs.
func (s sourceState) Hint() string {
	if s.State != "failing" || s.LastError == nil {
		return ""
	}
	switch s.LastError.Cause {
	case string(inbound.BadSignature):
		return "Compare the secret in the tool with the one in the sources' secret, under the name " + s.Name + "."
	case string(inbound.Malformed):
		return "The tool sends something that this provider's format is not: check which provider the policy names."
	case string(inbound.WrongPath):
		return "The address in the tool has another kind of webhook: it is one of the paths shown here."
	case "fetch_failed":
		return "Check the access token in the secret of the APIs."
	}
	return ""
}

// sourcesView is what the page /sources shows.
type sourcesView struct {
	Now     time.Time
	Used    []sourceState // those that were heard of, failing ones first
	Waiting []sourceState
}

func (h *handler) sourcesPage(ctx context.Context, r request) (response, error) {
	all, err := h.sources(ctx, r)
	if err != nil {
		return response{}, err
	}
	v := sourcesView{Now: r.now}
	for _, s := range all.Sources {
		if s.State == "waiting" {
			v.Waiting = append(v.Waiting, s)
		} else {
			v.Used = append(v.Used, s)
		}
	}
	slices.SortStableFunc(v.Used, func(a, b sourceState) int { return cmp.Compare(b.State, a.State) })
	return h.show(r, "sources.html", page.Doc{Title: "Sources", Data: v}, "/sources")
}
