package main

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sync/errgroup"

	"github.com/handoff-oss/handoff/infra/dynamodb/dynamotest"
	"github.com/handoff-oss/handoff/shared/bus/bustest"
	"github.com/handoff-oss/handoff/shared/clock"
	"github.com/handoff-oss/handoff/shared/contract"
	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/table"
)

// monday is when the history of every source here begins, nine in the morning of a day in UTC.
var monday = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

const twoSources = `
name: tests
sources: {web: {provider: html}, forms: {provider: typeform}}
sla: {calendar: office}
calendars: {office: {zone: UTC, hours: {mon: ["09:00-17:00"]}, holidays: ["2026-03-30"]}}
`

// told returns the events as "type source reason", each id once.
func (s *stage) told() []string {
	return s.bus.Told(func(e contract.Event) string {
		return string(e.Type) + " " + e.Detail.Source.Name + ": " + e.Detail.Source.Reason
	})
}

// forgetful loses the writes of watches while lose is above zero, and refuses to read one source.
type forgetful struct {
	store
	lose, puts int
	broken     string
}

func (f *forgetful) PutWatch(ctx context.Context, w table.Watch) (table.Watch, error) {
	f.puts++
	if f.puts == f.lose {
		return w, fault.New(fault.Unavailable, "lost")
	}
	return f.store.PutWatch(ctx, w)
}

func (f *forgetful) SourceHours(ctx context.Context, source string, most int) ([]table.SourceHour, error) {
	if source == f.broken {
		return nil, fault.New(fault.Unavailable, "away")
	}
	return f.store.SourceHours(ctx, source, most)
}

type stage struct {
	handler
	table *table.Table
	bus   *bustest.Bus
	log   *bytes.Buffer
}

func open(t *testing.T) *stage {
	t.Helper()
	client, name := dynamotest.CreateTable(t)
	tab := table.New(client, name)
	yaml := []byte(twoSources)
	if err := tab.PutPolicy(t.Context(), policy.VersionOf(yaml), yaml, monday); err != nil {
		t.Fatal(err)
	}
	s := &stage{table: tab, bus: &bustest.Bus{}, log: &bytes.Buffer{}}
	s.handler = handler{table: tab, policy: policy.NewLoader(tab.Policy, read), bus: s.bus, log: slog.New(slog.NewJSONHandler(s.log, nil))}
	return s
}

func (s *stage) add(t *testing.T, h table.SourceHour) {
	t.Helper()
	if err := s.table.AddSourceHour(t.Context(), h); err != nil {
		t.Fatal(err)
	}
}

// hour counts deliveries of one hour, each of one signal with an address and a company.
func (s *stage) hour(t *testing.T, source string, at time.Time, accepted int64) {
	t.Helper()
	s.add(t, table.SourceHour{
		Source: source, Hour: at.Truncate(time.Hour), Outcomes: map[string]int64{"accepted": accepted}, Signals: accepted, Shaped: accepted,
		Times:  map[table.SourceTime]time.Time{table.LastEvent: at},
		Fields: map[string]int64{"lead.email": accepted, "lead.company": accepted},
	})
}

// lives gives a source four weeks of working days, the last one a Friday, and
// returns its last event.
func (s *stage) lives(t *testing.T, source string) time.Time {
	t.Helper()
	var last time.Time
	for day := range 26 {
		if weekday := monday.AddDate(0, 0, day).Weekday(); weekday == time.Saturday || weekday == time.Sunday {
			continue
		}
		for hour := range 8 {
			last = monday.AddDate(0, 0, day).Add(time.Duration(hour)*time.Hour + 50*time.Minute)
			s.hour(t, source, last, 12)
		}
	}
	return last
}

// look runs the function at a time.
func (s *stage) look(at time.Time) error {
	h := s.handler
	h.now = clock.Fixed(at)
	return h.handle(context.Background())
}

func (s *stage) mustLook(t *testing.T, at time.Time) {
	t.Helper()
	if err := s.look(at); err != nil {
		t.Fatalf("%v\n%s", err, s.log)
	}
}

func TestASilenceIsToldOnceAndIsOver(t *testing.T) {
	s := open(t)
	last := s.lives(t, "forms")
	// The Monday after is a holiday, so Tuesday is the first day that says something.
	for at := last; at.Before(last.AddDate(0, 0, 5)); at = at.Add(25 * time.Minute) {
		s.mustLook(t, at)
	}
	back := last.AddDate(0, 0, 5).Add(time.Hour)
	s.hour(t, "forms", back, 1)
	for i := range 3 {
		s.mustLook(t, back.Add(time.Duration(i+1)*5*time.Minute))
	}
	want := []string{
		"source.silent forms: Usually 6 an hour on Tuesday mornings, none for 3 days.",
		"source.recovered forms: An event came after 5 days without one.",
	}
	if diff := cmp.Diff(want, s.told()); diff != "" || len(s.bus.Events) != 2 {
		t.Fatalf("%s\n%s", diff, s.log)
	}
	e := s.bus.Events[0]
	if e.Detail.Source.Provider != "typeform" || e.Detail.Source.Alert != "silent" || !e.Detail.Source.Since.Equal(last) || e.Lead != "" ||
		e.PolicyVersion == "" || e.Time.Weekday() != time.Tuesday || e.ID != contract.SourceEventID("forms", e.Time, 0) || !strings.HasPrefix(e.Summary, "The source forms has fallen silent. Usually") {
		t.Errorf("%+v %+v", e, e.Detail.Source)
	}
	if r := s.bus.Events[1].Detail.Source; r.Alert != "silent" || !r.Since.Equal(last) {
		t.Errorf("recovered: %+v", r)
	}
	if log := s.log.String(); !strings.Contains(log, `"msg":"sources.watched"`) || !strings.Contains(log, `"source":"forms","event_id":"`+e.ID) {
		t.Errorf("log: %s", log)
	}
}

// silentAt is when the silence of lives is found at the latest.
func silentAt(last time.Time) time.Time { return last.AddDate(0, 0, 5) }

func TestABusThatIsAwayIsToldLaterUnderTheSameID(t *testing.T) {
	s := open(t)
	at := silentAt(s.lives(t, "forms"))
	s.bus.Away = true
	for i := range 2 {
		if err := s.look(at.Add(time.Duration(i) * 5 * time.Minute)); fault.KindOf(err) != fault.Unavailable {
			t.Fatalf("look %d: %v, want Unavailable", i, err)
		}
	}
	s.bus.Away = false
	s.mustLook(t, at.Add(10*time.Minute))
	s.mustLook(t, at.Add(15*time.Minute))
	if len(s.bus.Events) != 1 || s.bus.Events[0].ID != contract.SourceEventID("forms", at, 0) {
		t.Errorf("%+v", s.bus.Events)
	}
}

// A process that dies between the bus and the table repeats the event, and one
// that dies before the first write decides anew.
func TestWhateverIsLostTheEventIsToldUnderOneID(t *testing.T) {
	for lose := 1; lose <= 3; lose++ {
		s := open(t)
		at := silentAt(s.lives(t, "forms"))
		s.handler.table = &forgetful{store: s.table, lose: lose}
		for i := range 4 {
			_ = s.look(at.Add(time.Duration(i) * 5 * time.Minute)) // one of them fails
		}
		if got := s.told(); len(got) != 1 || !strings.HasPrefix(got[0], "source.silent forms") {
			t.Errorf("lost write %d: told %v", lose, got)
		}
	}
}

func TestConcurrentLooksTellUnderOneID(t *testing.T) {
	s := open(t)
	at := silentAt(s.lives(t, "forms"))
	var g errgroup.Group
	for i := range 6 {
		g.Go(func() error { return s.look(at.Add(time.Duration(i) * time.Second)) })
	}
	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}
	if got := s.told(); len(got) != 1 {
		t.Errorf("told %v", got)
	}
}

func TestFailuresAndDriftAreTold(t *testing.T) {
	s := open(t)
	last := s.lives(t, "forms").Truncate(time.Hour)
	tuesday := last.AddDate(0, 0, 4).Add(-7 * time.Hour)
	s.add(t, table.SourceHour{
		Source: "forms", Hour: tuesday, Outcomes: map[string]int64{"bad_signature": 9, "malformed": 1, "probe": 3, "accepted": 2},
		Times: map[table.SourceTime]time.Time{table.LastEvent: tuesday.Add(time.Minute)},
	})
	s.mustLook(t, tuesday.Add(30*time.Minute))
	s.mustLook(t, tuesday.Add(35*time.Minute))
	for hour := range 4 {
		at := tuesday.Add(time.Duration(hour+1)*time.Hour + 20*time.Minute)
		s.add(t, table.SourceHour{
			Source: "forms", Hour: at.Truncate(time.Hour), Outcomes: map[string]int64{"accepted": 12}, Shaped: 12,
			Times: map[table.SourceTime]time.Time{table.LastEvent: at}, Fields: map[string]int64{"lead.email": 12},
		})
		s.mustLook(t, at.Add(time.Minute))
	}
	want := []string{
		"source.failing forms: In the last hour 10 of 12 failed, usually less than 1 %: 9 bad signature, 1 malformed.",
		"source.recovered forms: Events are accepted again: none of 24 failed.",
		"source.drifted forms: lead.company is gone: in 100 % of 1788 events before, in none of the last 24.",
	}
	got := s.told()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s", diff)
	}
}

func TestASourceThatCannotBeReadHoldsUpNoOther(t *testing.T) {
	s := open(t)
	at := silentAt(s.lives(t, "web"))
	s.handler.table = &forgetful{store: s.table, broken: "forms"}
	if err := s.look(at); fault.KindOf(err) != fault.Unavailable {
		t.Errorf("%v, want Unavailable", err)
	}
	if got := s.told(); len(got) != 1 || !strings.HasPrefix(got[0], "source.silent web") {
		t.Errorf("told %v", got)
	}
	if log := s.log.String(); !strings.Contains(log, `"msg":"source.failed","source":"forms","kind":"unavailable"`) {
		t.Errorf("log: %s", log)
	}
}

func TestNothingIsSaidOfSourcesThatNeverSent(t *testing.T) {
	s := open(t)
	s.add(t, table.SourceHour{Source: "forms", Hour: monday, Outcomes: map[string]int64{"bad_signature": 500}})
	s.mustLook(t, monday.Add(30*time.Minute))
	if got := s.told(); len(got) != 0 {
		t.Errorf("told %v", got)
	}
}
