package health

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/inbound"
	"github.com/handoff-oss/handoff/shared/inbox"
	"github.com/handoff-oss/handoff/shared/signal"
	"github.com/handoff-oss/handoff/shared/table"
)

var ten = time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)

// store plays the table.
type store struct {
	mu     sync.Mutex
	writes int
	total  map[string]int64
	last   table.SourceHour
	fail   error
	block  bool
}

func (s *store) add(ctx context.Context, h table.SourceHour) error {
	if s.block {
		<-ctx.Done()
		return ctx.Err()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fail != nil {
		return s.fail
	}
	s.writes++
	s.last = h
	if s.total == nil {
		s.total = map[string]int64{}
	}
	for outcome, n := range h.Outcomes {
		s.total[fmt.Sprint(h.Source, " ", h.Hour.Hour(), " ", outcome)] += n
	}
	return nil
}

func request(source string, at time.Time) inbound.Request {
	return inbound.Request{Source: source, ReceivedAt: at}
}

func report(o inbound.Outcome, detail string) inbox.Report {
	return inbox.Report{Provider: "typeform", Result: inbound.Result{Outcome: o, Detail: detail, Stored: 1}}
}

func TestLittleIsWrittenAtOnce(t *testing.T) {
	var s store
	m := New(s.add)
	for i := range 3 {
		m.Webhook(t.Context(), request("typeform", ten.Add(time.Duration(i)*time.Second)), report(inbound.Accepted, ""))
	}
	if s.writes != 3 || s.total["typeform 10 accepted"] != 3 || s.last.Signals != 1 || !s.last.Times[table.LastVerified].Equal(ten.Add(2*time.Second)) {
		t.Errorf("%d writes, %v, %+v", s.writes, s.total, s.last)
	}
}

// A busy process writes every ten seconds, and loses nothing while it lives.
func TestMuchIsWrittenEveryTenSeconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s store
		m := New(s.add)
		const seconds, each = 600, 20
		for i := range seconds * each {
			m.Webhook(t.Context(), request("typeform", ten.Add(time.Duration(i)*time.Second/each)), report(inbound.Accepted, ""))
		}
		<-time.After(2 * every)
		synctest.Wait()
		if most := seconds/10 + atOnce + 2; s.writes > most || s.writes < seconds/10 {
			t.Errorf("%d writes, want at most %d", s.writes, most)
		}
		if s.total["typeform 10 accepted"] != seconds*each {
			t.Errorf("%v", s.total)
		}
	})
}

func TestSourcesAndHoursAreApart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s store
		m := New(s.add)
		m.writes = 0
		m.Webhook(t.Context(), request("a", ten.Add(-time.Second)), report(inbound.Accepted, ""))
		m.Webhook(t.Context(), request("a", ten), report(inbound.Duplicate, ""))
		m.Webhook(t.Context(), request("b", ten), report(inbound.BadSignature, "why"))
		m.Record(t.Context(), "b", ten, inbox.Shape{}, errors.New("401"))
		m.Record(t.Context(), "b", ten, inbox.Shape{}, nil)
		<-time.After(2 * every)
		synctest.Wait()
		want := map[string]int64{"a 9 accepted": 1, "a 10 duplicate": 1, "b 10 bad_signature": 1, "b 10 fetch_failed": 1, "b 10 fetched": 1}
		if diff := cmp.Diff(want, s.total); diff != "" || s.writes != 3 {
			t.Errorf("%d writes %s", s.writes, diff)
		}
	})
}

func TestWhatEachOutcomeLeaves(t *testing.T) {
	for _, c := range []struct {
		outcome inbound.Outcome
		times   []table.SourceTime
		err     string
	}{
		{inbound.Accepted, []table.SourceTime{table.LastEvent, table.LastVerified}, ""},
		{inbound.Ignored, []table.SourceTime{table.LastEvent, table.LastVerified}, ""},
		{inbound.Malformed, []table.SourceTime{table.LastError, table.LastVerified}, "malformed: why"},
		{inbound.BadSignature, []table.SourceTime{table.LastError, table.LastForged}, "bad_signature: why"},
		{inbound.WrongPath, []table.SourceTime{table.LastError}, "wrong_path: why"},
		{inbound.Unavailable, []table.SourceTime{table.LastError}, "unavailable: no secret"},
		{inbound.Probe, nil, ""},
		{inbound.Challenged, nil, ""},
	} {
		var s store
		rep := report(c.outcome, "why")
		if c.outcome == inbound.Unavailable {
			rep.Err = fault.New(fault.Invalid, "no secret")
		}
		New(s.add).Webhook(t.Context(), request("a", ten), rep)
		want := map[table.SourceTime]time.Time{}
		for _, which := range c.times {
			want[which] = ten
		}
		if diff := cmp.Diff(want, s.last.Times); diff != "" || s.last.Error != c.err || s.last.Outcomes[string(c.outcome)] != 1 {
			t.Errorf("%s: %q %s", c.outcome, s.last.Error, diff)
		}
	}
}

func TestStrangersMakeNoItems(t *testing.T) {
	var s store
	New(s.add).Webhook(t.Context(), request("made up", ten), inbox.Report{Result: inbound.Result{Outcome: inbound.UnknownSource}})
	if s.writes != 0 {
		t.Error("written")
	}
}

func TestATableThatIsAwayLosesNothingAndHoldsNobodyUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := store{block: true}
		m := New(s.add)
		start := time.Now()
		m.Webhook(t.Context(), request("a", ten), report(inbound.BadSignature, "first"))
		if took := time.Since(start); took > writeLimit {
			t.Errorf("held up for %v", took)
		}
		s.block, s.fail = false, errors.New("away")
		m.Webhook(t.Context(), request("a", ten.Add(time.Second)), report(inbound.Accepted, ""))
		s.fail = nil
		m.Webhook(t.Context(), request("a", ten.Add(2*time.Second)), report(inbound.Accepted, ""))
		if s.total["a 10 accepted"] != 2 || s.total["a 10 bad_signature"] != 1 || s.last.Error != "bad_signature: first" || !s.last.Times[table.LastForged].Equal(ten) || !s.last.Times[table.LastEvent].Equal(ten.Add(2*time.Second)) {
			t.Errorf("%v %+v", s.total, s.last)
		}
		for i := range 2 * mostPending { // bounded
			s.fail = errors.New("away")
			m.Webhook(t.Context(), request(fmt.Sprint(i), ten), report(inbound.Accepted, ""))
		}
		if len(m.pending) > mostPending {
			t.Errorf("%d pending", len(m.pending))
		}
	})
}

func TestErrorsAreCutAtACharacter(t *testing.T) {
	var s store
	New(s.add).Record(t.Context(), "a", ten, inbox.Shape{}, errors.New(strings.Repeat("ä", 300)))
	if len(s.last.Error) > maxError || len(s.last.Error) < maxError-3 || !utf8.ValidString(s.last.Error) {
		t.Errorf("%d bytes %q", len(s.last.Error), s.last.Error)
	}
}

func TestFieldsAreCountedAndBounded(t *testing.T) {
	var s store
	m := New(s.add)
	send := func(fields map[string]int) {
		rep := report(inbound.Accepted, "")
		rep.Shape = inbox.Shape{Events: 2, Fields: fields, Profiles: map[signal.FieldSet]int{3: 1}}
		m.Webhook(t.Context(), request("a", ten), rep)
	}
	m.writes = 0
	send(map[string]int{"lead.email": 2, "lead.company": 1})
	s.fail, m.writes = errors.New("away"), 1
	send(map[string]int{"lead.email": 2})
	s.fail, m.writes = nil, 1
	send(map[string]int{"lead.email": 1})
	if s.last.Shaped != 6 || s.last.Cut || !cmp.Equal(s.last.Fields, map[string]int64{"lead.email": 5, "lead.company": 1}) {
		t.Errorf("%+v", s.last)
	}
	if !cmp.Equal(s.last.Profiles, map[signal.FieldSet]int64{3: 3}) {
		t.Errorf("profiles: %v", s.last.Profiles)
	}
	many := map[string]int{}
	for i := range 3 * mostFields {
		many[fmt.Sprint("attributes.", i)] = 1
	}
	m.writes = 1
	send(many)
	if len(s.last.Fields) != mostFields-2 || !s.last.Cut {
		t.Errorf("%d fields, cut %t", len(s.last.Fields), s.last.Cut)
	}
}
