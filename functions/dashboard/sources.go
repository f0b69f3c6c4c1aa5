package main

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/handoff-oss/handoff/shared/health"
	"github.com/handoff-oss/handoff/shared/inbound"
	"github.com/handoff-oss/handoff/shared/page"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/table"
	"github.com/handoff-oss/handoff/shared/view"
	"github.com/handoff-oss/handoff/shared/web"
)

// sourcesAnswer is the answer of GET /api/sources.
type sourcesAnswer struct {
	Sources []sourceState `json:"sources"` // by name
	AsOf    time.Time     `json:"as_of"`
}

// sourceState is how a source of the policy is.
type sourceState struct {
	Name      string       `json:"name"`
	Provider  string       `json:"provider"`
	Paths     []string     `json:"paths"` // of its webhooks
	State     health.State `json:"state"` // alive, failing (its latest news is a failure) or waiting (for its first webhook)
	LastEvent *time.Time   `json:"last_event_at"`
	Events    int64        `json:"events_24h"`  // webhooks that were genuine
	Signals   int64        `json:"signals_24h"` // stored from them
	PerHour   []int64      `json:"per_hour"`    // events, the oldest hour first, the running one last
	Failures  []failures   `json:"failures_24h"`
	LastError *lastError   `json:"last_error"`
	Signature signature    `json:"signature"`
	Data      sourceData   `json:"data"` // how complete what it sends is
}

// sourceData is how complete the profiles were that a source sent.
type sourceData struct {
	Days      int         `json:"days"`     // counted, today included
	Profiles  int64       `json:"profiles"` // forms, new contacts, identified visitors, fetched records
	Complete  int64       `json:"complete"` // of these: they had all that sales needs
	Fields    []dataField `json:"fields"`   // that the policy asks for
	Uncounted []string    `json:"uncounted"`

	data health.Data
}

type dataField struct {
	Field string `json:"field"`
	Count int64  `json:"count"`
	Share int    `json:"share"` // of the profiles, in whole percent, rounded down
}

// Share is how many of the profiles are complete, in whole percent.
func (d sourceData) Share() int { return d.data.Share(d.Complete) }

func dataOf(d health.Data) sourceData {
	out := sourceData{Days: health.DataDays, Profiles: d.Profiles, Complete: d.Complete, Fields: []dataField{}, Uncounted: orEmpty(d.Uncounted), data: d}
	for _, f := range d.Fields {
		out.Fields = append(out.Fields, dataField{f.Name, f.Count, d.Share(f.Count)})
	}
	return out
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
	State health.Fit `json:"state"` // fits, fails or unknown
	At    *time.Time `json:"at"`    // since the last webhook that says so
}

// sources answers GET /api/sources.
func (h *handler) sources(ctx context.Context, r *web.Request) (sourcesAnswer, error) {
	compiled, err := h.policy.Current(ctx, r.Now)
	if err != nil {
		return sourcesAnswer{}, err
	}
	names := slices.Sorted(maps.Keys(compiled.Sources))
	out := sourcesAnswer{Sources: make([]sourceState, len(names)), AsOf: r.Now.UTC()}
	var g errgroup.Group
	g.SetLimit(8)
	for i, name := range names {
		g.Go(func() error {
			// The latest hours, however old: the last word of a source that fell silent is among them.
			hours, err := h.leads.SourceHours(ctx, name, health.DataHours)
			out.Sources[i] = stateOf(name, compiled.Sources[name], hours, r.Now)
			out.Sources[i].Data = dataOf(health.DataOf(hours, compiled.Completeness.For(name), r.Now))
			return err
		})
	}
	return out, g.Wait()
}

// stateOf puts the summary of a source's hours into the API's words.
func stateOf(name string, source policy.Source, hours []table.SourceHour, now time.Time) sourceState {
	sum := health.Summarize(hours, now)
	s := sourceState{
		Name: name, Provider: source.Provider, Paths: []string{}, State: sum.State, LastEvent: view.OrNil(sum.LastEvent), Events: sum.Events, Signals: sum.Signals,
		PerHour: sum.PerHour, Failures: []failures{}, Signature: signature{sum.Signature, view.OrNil(sum.SignatureAt)},
	}
	if a, ok := inbound.Lookup(source.Provider); ok {
		for _, kind := range a.Kinds() {
			s.Paths = append(s.Paths, "/webhooks/"+string(kind)+"/"+name)
		}
	}
	for _, f := range sum.Failures {
		s.Failures = append(s.Failures, failures(f))
	}
	if !sum.LastError.IsZero() {
		s.LastError = &lastError{At: sum.LastError.UTC(), Cause: sum.Cause, Detail: sum.Detail}
	}
	return s
}

// Tone is the color of the state.
func (s sourceState) Tone() string {
	switch s.State {
	case health.Alive:
		return "ok"
	case health.Failing:
		return "bad"
	case health.Waiting:
	}
	return ""
}

// Hint says what a failing source probably needs.
func (s sourceState) Hint() string {
	if s.State != health.Failing || s.LastError == nil {
		return ""
	}
	switch s.LastError.Cause {
	case string(inbound.BadSignature):
		return "Compare the secret in the tool with the one in the sources' secret, under the name " + s.Name + "."
	case string(inbound.Malformed):
		return "The tool sends something that this provider's format is not: check which provider the policy names."
	case string(inbound.WrongPath):
		return "The address in the tool has another kind of webhook: it is one of the paths shown here."
	case health.FetchFailed:
		return "Check the access token in the secret of the APIs."
	}
	return ""
}

// sourcesView is what the page /sources shows.
type sourcesView struct {
	Now     time.Time
	Used    []sourceState // those that were heard of, failing ones first
	Waiting []sourceState
	Days    int           // over which data is counted
	Data    []sourceState // those that sent profiles, the least complete first
}

func (h *handler) sourcesPage(ctx context.Context, r *web.Request) (web.Response, error) {
	all, err := h.sources(ctx, r)
	if err != nil {
		return web.Response{}, err
	}
	v := sourcesView{Now: r.Now, Days: health.DataDays}
	for _, s := range all.Sources {
		if s.State == health.Waiting {
			v.Waiting = append(v.Waiting, s)
		} else {
			v.Used = append(v.Used, s)
		}
		if s.Data.Profiles > 0 {
			v.Data = append(v.Data, s)
		}
	}
	slices.SortStableFunc(v.Used, func(a, b sourceState) int { return cmp.Compare(b.State, a.State) })
	slices.SortStableFunc(v.Data, func(a, b sourceState) int { return cmp.Compare(a.Data.Share(), b.Data.Share()) })
	return h.site.Show(r, "sources.html", page.Doc{Title: "Sources", Data: v})
}
