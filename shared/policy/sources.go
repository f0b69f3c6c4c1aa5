package policy

import (
	"bytes"
	"context"
	"time"

	"github.com/goccy/go-yaml"

	"github.com/handoff-oss/handoff/shared/fault"
)

// missFreshFor is how old the sources may be when they are the ground for
// refusing one. It bounds what a flood of unknown names costs.
const missFreshFor = 2 * time.Second

// SourcesLoader keeps the sources of the current policy for the functions
// that receive webhooks. It compiles no expression, so that they start fast.
type SourcesLoader struct {
	loader *Loader[map[string]Source]
}

// NewSourcesLoader returns a loader of the current policy's sources.
func NewSourcesLoader(read Read) *SourcesLoader {
	return &SourcesLoader{loader: NewLoader(read, func(_ Version, text []byte) (map[string]Source, error) {
		return decodeSources(text)
	})}
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
	sources, err := l.loader.current(ctx, now, fresh)
	if err == nil {
		return sources, nil
	}
	fallback, decodeErr := decodeSources(Default())
	if decodeErr != nil {
		return nil, decodeErr
	}
	return fallback, err
}

// decodeSources decodes the section sources alone: most of a policy is
// something else, and the first webhook waits for this. When the section does
// not stand on lines of its own, or cannot be read alone, the whole is decoded.
func decodeSources(text []byte) (map[string]Source, error) {
	var p struct {
		Sources map[string]Source `yaml:"sources"`
	}
	if err := yaml.Unmarshal(sourcesSection(text), &p); err == nil && len(p.Sources) > 0 {
		return p.Sources, nil
	}
	whole, err := Decode(text)
	if err != nil {
		return nil, err
	}
	return whole.Sources, nil
}

// sourcesSection returns the lines from "sources:" to the next line that is
// neither indented nor empty nor a comment.
func sourcesSection(text []byte) []byte {
	var section []byte
	inside := false
	for line := range bytes.Lines(text) {
		if key := bytes.TrimRight(line, " \r\n"); bytes.Equal(key, []byte("sources:")) {
			inside = true
		} else if inside && !bytes.ContainsAny(line[:1], " #\r\n") {
			break
		}
		if inside {
			section = append(section, line...)
		}
	}
	return section
}
