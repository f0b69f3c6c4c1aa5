package policy

import (
	"bytes"
	"context"
	"slices"
	"time"

	"github.com/goccy/go-yaml"

	"github.com/handoff-oss/handoff/shared/fault"
)

// missFreshFor is how old the sources may be when they are the ground for
// refusing one. It bounds what a flood of unknown names costs.
const missFreshFor = 2 * time.Second

// SourcesLoader keeps the sources of the current policy, and how long what they
// send is kept, for the functions that receive webhooks. It compiles no
// expression, so that they start fast.
type SourcesLoader struct {
	loader *Loader[receiving]
}

// receiving is what a policy says to those who receive webhooks.
type receiving struct {
	Sources map[string]Source `yaml:"sources"`
	Privacy Privacy           `yaml:"privacy"`
}

// NewSourcesLoader returns a loader of the current policy's sources.
func NewSourcesLoader(read Read) *SourcesLoader {
	return &SourcesLoader{loader: NewLoader(read, func(_ Version, text []byte) (receiving, error) {
		return decodeReceiving(text)
	})}
}

// SignalsDays returns how long single visits are kept, as of Retention. While
// that is not known they are kept for ever: 0.
func (l *SourcesLoader) SignalsDays(ctx context.Context, now time.Time) int {
	r, err := l.loader.Current(ctx, now)
	if err != nil {
		return 0
	}
	return r.Privacy.Retention.SignalsDays
}

// Current returns the sources in force; see Loader.Current.
//
// When nothing could be read yet, it returns the default's sources AND the
// error. What verifies under them is genuine, since only the sender knows the
// secret, and may be accepted: a table that is away at a cold start loses no
// webhook. But nothing may be refused on their ground. While there is an
// error, answer 503 with Retry-After where you would have answered 4xx.
func (l *SourcesLoader) Current(ctx context.Context, now time.Time) (map[string]Source, error) {
	return l.current(ctx, now, maxAge)
}

// Source returns the source with that name. Before it says NotFound it reads
// the policy again, unless it did so in the last two seconds: a provider may
// disable a webhook at the first 404, and the source may have been added a
// moment ago. With the kind Unavailable the source may be set all the same,
// from the default; then the rule of Current holds. Kinds: NotFound,
// Unavailable, Invalid.
func (l *SourcesLoader) Source(ctx context.Context, now time.Time, name string) (Source, error) {
	sources, err := l.current(ctx, now, maxAge)
	if s, ok := sources[name]; ok || err != nil {
		return s, err
	}
	sources, err = l.current(ctx, now, missFreshFor)
	if s, ok := sources[name]; ok || err != nil {
		return s, err
	}
	if l.loader.Stale() {
		return Source{}, fault.New(fault.Unavailable, "the source %q is not in the last policy that could be read", name)
	}
	return Source{}, fault.New(fault.NotFound, "no source %q in the policy", name)
}

func (l *SourcesLoader) current(ctx context.Context, now time.Time, fresh time.Duration) (map[string]Source, error) {
	r, err := l.loader.current(ctx, now, fresh)
	if err == nil {
		return r.Sources, nil
	}
	fallback, decodeErr := decodeReceiving(Default())
	if decodeErr != nil {
		return nil, decodeErr
	}
	return fallback.Sources, err
}

// decodeReceiving decodes two sections alone: most of a policy is something
// else, and the first webhook waits for this. When the sources do not stand on
// lines of their own, or cannot be read alone, the whole is decoded.
func decodeReceiving(text []byte) (receiving, error) {
	var r receiving
	if err := yaml.Unmarshal(sectionsOf(text, "sources:", "privacy:"), &r); err == nil && len(r.Sources) > 0 && standsAlone(text, "privacy") {
		return r, nil
	}
	whole, err := Decode(text)
	if err != nil {
		return receiving{}, err
	}
	return receiving{Sources: whole.Sources, Privacy: whole.Privacy}, nil
}

// standsAlone tells whether a section stands on lines of its own, or nowhere.
func standsAlone(text []byte, name string) bool {
	return len(sectionsOf(text, name+":")) > 0 || !bytes.Contains(text, []byte(name))
}

// sectionsOf returns the lines from one that is a name alone to the next that is
// neither indented nor empty nor a comment, of each name.
func sectionsOf(text []byte, names ...string) []byte {
	var section []byte
	inside := false
	for line := range bytes.Lines(text) {
		key := string(bytes.TrimRight(line, " \r\n"))
		switch {
		case slices.Contains(names, key):
			inside = true
		case inside && !bytes.ContainsAny(line[:1], " #\r\n"):
			inside = false
		}
		if inside {
			section = append(section, line...)
		}
	}
	return section
}
