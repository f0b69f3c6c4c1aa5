package policy_test

import (
	"context"
	"testing"
	"time"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/policy"
)

// store is a table that holds one policy and can be away.
type store struct {
	version policy.Version
	text    string
	err     error
	reads   int
}

func (s *store) read(context.Context) (policy.Version, []byte, error) {
	s.reads++
	if s.err != nil {
		return "", nil, s.err
	}
	if s.text == "" {
		return "", nil, fault.New(fault.NotFound, "no policy was applied")
	}
	return s.version, []byte(s.text), nil
}

func (s *store) apply(text string) { s.version, s.text = policy.VersionOf([]byte(text)), text }

func name(_ policy.Version, text []byte) (string, error) {
	p, err := policy.Decode(text)
	if err != nil {
		return "", err
	}
	return p.Name, nil
}

func TestLoader(t *testing.T) {
	away := fault.New(fault.Unavailable, "the table is away")
	type step struct {
		after time.Duration // since the step before
		do    func(*store)
		want  string
		kind  fault.Kind
		fails bool
		reads int // in all so far
	}
	tests := []struct {
		name  string
		steps []step
	}{
		{"reads once a minute", []step{
			{0, func(s *store) { s.apply("name: a") }, "a", 0, false, 1},
			{59 * time.Second, func(s *store) { s.apply("name: b") }, "a", 0, false, 1},
			{time.Second, nil, "b", 0, false, 2},
		}},
		{"the default serves until one is applied", []step{
			{0, nil, "Example policy of a B2B software company", 0, false, 1},
			{time.Minute, func(s *store) { s.apply("name: a") }, "a", 0, false, 2},
		}},
		{"the last one known serves while the table is away, and is asked again after five seconds", []step{
			{0, func(s *store) { s.apply("name: a") }, "a", 0, false, 1},
			{time.Minute, func(s *store) { s.err = away }, "a", 0, false, 2},
			{4 * time.Second, nil, "a", 0, false, 2},
			{time.Second, nil, "a", 0, false, 3},
			{5 * time.Second, func(s *store) { s.err = nil; s.apply("name: b") }, "b", 0, false, 4},
			{59 * time.Second, nil, "b", 0, false, 4},
		}},
		{"with nothing known the error is returned, and the table asked again after a second", []step{
			{0, func(s *store) { s.err = away }, "", fault.Unavailable, true, 1},
			{900 * time.Millisecond, nil, "", fault.Unavailable, true, 1},
			{100 * time.Millisecond, func(s *store) { s.err = nil; s.apply("name: a") }, "a", 0, false, 2},
		}},
		{"an unusable policy does not replace the one known", []step{
			{0, func(s *store) { s.apply("name: a") }, "a", 0, false, 1},
			{time.Minute, func(s *store) { s.apply("name: [") }, "a", 0, false, 2},
		}},
		{"an unusable policy and nothing known", []step{
			{0, func(s *store) { s.apply("name: [") }, "", fault.Invalid, true, 1},
		}},
		{"time that goes back reads again", []step{
			{0, func(s *store) { s.apply("name: a") }, "a", 0, false, 1},
			{-time.Hour, func(s *store) { s.apply("name: b") }, "b", 0, false, 2},
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := new(store)
			l := policy.NewLoader(s.read, name)
			now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
			for i, st := range tt.steps {
				now = now.Add(st.after)
				if st.do != nil {
					st.do(s)
				}
				got, err := l.Current(t.Context(), now)
				if (err != nil) != st.fails || fault.KindOf(err) != st.kind || got != st.want || s.reads != st.reads {
					t.Fatalf("step %d: %q, %v after %d reads; want %q, failure %v after %d", i, got, err, s.reads, st.want, st.fails, st.reads)
				}
			}
		})
	}
}

func TestSourcesLoader(t *testing.T) {
	const own = "sources: {web: {provider: html, rank: 3}}"
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	s := new(store)
	s.apply(own)
	l := policy.NewSourcesLoader(s.read)

	if got, err := l.Source(t.Context(), now, "web"); err != nil || got.Provider != "html" || got.Rank != 3 {
		t.Fatalf("web: %+v, %v", got, err)
	}
	if _, err := l.Source(t.Context(), now, "typeform"); fault.KindOf(err) != fault.NotFound {
		t.Errorf("a source of the default alone: %v, want NotFound", err)
	}
	s.apply("sources: {web: {provider: html}, late: {provider: segment}}")
	if got, err := l.Source(t.Context(), now.Add(3*time.Second), "late"); err != nil || got.Provider != "segment" {
		t.Errorf("a source added three seconds ago: %+v, %v", got, err)
	}
	reads := s.reads
	for range 100 {
		_, _ = l.Source(t.Context(), now.Add(4*time.Second), "guess")
	}
	if s.reads != reads {
		t.Errorf("100 unknown names within two seconds cost %d reads", s.reads-reads)
	}
	s.err = fault.New(fault.Unavailable, "away")
	if _, err := l.Source(t.Context(), now.Add(10*time.Second), "newer"); fault.KindOf(err) != fault.Unavailable {
		t.Errorf("an unknown source while the table is away: %v, want Unavailable: it may have been added since", err)
	}
	if _, err := l.Source(t.Context(), now.Add(2*time.Minute), "web"); err != nil {
		t.Errorf("a known source while the table is away: %v", err)
	}
}

func TestSourcesWhenNothingIsKnown(t *testing.T) {
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	s := &store{err: fault.New(fault.Unavailable, "away")}
	l := policy.NewSourcesLoader(s.read)
	got, err := l.Current(t.Context(), now)
	if fault.KindOf(err) != fault.Unavailable || got["typeform"].Provider != "typeform" {
		t.Errorf("got %d sources, %v; want the default's and Unavailable", len(got), err)
	}
	src, err := l.Source(t.Context(), now, "typeform")
	if fault.KindOf(err) != fault.Unavailable || src.Provider != "typeform" {
		t.Errorf("typeform: %+v, %v; want the default's and Unavailable", src, err)
	}
	if src, err := l.Source(t.Context(), now, "own"); fault.KindOf(err) != fault.Unavailable || src.Provider != "" {
		t.Errorf("own: %+v, %v; want nothing and Unavailable", src, err)
	}
}
