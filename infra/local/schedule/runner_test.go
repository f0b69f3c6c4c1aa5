package schedule_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/handoff-oss/handoff/infra/local/hosttest"
	"github.com/handoff-oss/handoff/infra/local/schedule"
	"github.com/handoff-oss/handoff/infra/local/vtime"
)

// stage is a runner in a world of deadlines and delayed messages.
type stage struct {
	machine *hosttest.Time
	clock   *vtime.Clock
	runner  *schedule.Runner
	due     []time.Time // deadlines that a sweep has not dealt with, in order
	stuck   bool        // sweeps deal with nothing
	delayed []time.Time
	settled int
	fired   []string
}

func set(t *testing.T, expressions ...string) *stage {
	t.Helper()
	s := &stage{machine: hosttest.Start()}
	c, err := vtime.New(hosttest.DB(t, ""), s.machine.Now)
	if err != nil {
		t.Fatal(err)
	}
	s.clock = c
	var jobs []schedule.Job
	for _, text := range expressions {
		e, err := schedule.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		jobs = append(jobs, schedule.Job{Expression: e, Fire: func(_ context.Context, at time.Time) {
			s.fired = append(s.fired, text+" "+at.Format("02 15:04"))
			if e.EveryMinute() && !s.stuck {
				s.due = slices.DeleteFunc(s.due, func(d time.Time) bool { return !d.After(at) })
			}
		}})
	}
	s.runner = schedule.NewRunner(c, jobs)
	return s
}

func (s *stage) world() schedule.World {
	first := func(list []time.Time) (time.Time, bool) {
		if len(list) == 0 {
			return time.Time{}, false
		}
		return list[0], true
	}
	return schedule.World{
		Settle: func(context.Context) error {
			s.settled++
			s.delayed = slices.DeleteFunc(s.delayed, func(d time.Time) bool { return !d.After(s.clock.Now()) })
			return nil
		},
		NextDue:     func(context.Context) (time.Time, bool, error) { at, ok := first(s.due); return at, ok, nil },
		NextDelayed: func() (time.Time, bool) { return first(s.delayed) },
	}
}

func (s *stage) advance(t *testing.T, d time.Duration) {
	t.Helper()
	target := s.clock.Now().Add(d)
	if err := s.runner.Advance(t.Context(), target, s.world()); err != nil {
		t.Fatal(err)
	}
	if !s.clock.Now().Equal(target) {
		t.Errorf("it is %s, want %s", s.clock.Now(), target)
	}
}

func TestAWeekWithNothingDueFiresNothing(t *testing.T) {
	s := set(t, "rate(1 minute)")
	s.advance(t, 7*24*time.Hour)
	if len(s.fired) != 0 {
		t.Errorf("fired %v", s.fired)
	}
}

func TestDeadlinesOnTheWayAreSweptInOrder(t *testing.T) {
	s := set(t, "rate(1 minute)", "cron(0 12 * * ? *)")
	now := s.clock.Now() // the 2nd, 09:00
	s.due = []time.Time{now.Add(90 * time.Second), now.Add(10 * time.Minute), now.Add(30 * time.Hour), now.Add(80 * time.Hour)}
	s.delayed = []time.Time{now.Add(5 * time.Minute)}
	s.advance(t, 48*time.Hour)
	want := []string{
		"rate(1 minute) 02 09:02", "rate(1 minute) 02 09:10",
		"rate(1 minute) 02 12:00", "cron(0 12 * * ? *) 02 12:00", "rate(1 minute) 03 12:00", "cron(0 12 * * ? *) 03 12:00",
		"rate(1 minute) 03 15:00",
	}
	if !slices.Equal(s.fired, want) {
		t.Errorf("fired %q, want %q", s.fired, want)
	}
	if len(s.due) != 1 || len(s.delayed) != 0 {
		t.Errorf("left: %v, %v", s.due, s.delayed)
	}
}

// A schedule of several times an hour shows what happened just before a move,
// and what the move leads to, without firing for every tick of a week.
func TestOfOftenTicksAWeekFiresAFew(t *testing.T) {
	s := set(t, "rate(1 minute)", "rate(5 minutes)")
	s.advance(t, 12*time.Minute)
	if want := []string{"rate(1 minute) 02 09:05", "rate(5 minutes) 02 09:05", "rate(1 minute) 02 09:10", "rate(5 minutes) 02 09:10"}; !slices.Equal(s.fired, want) {
		t.Errorf("fired %q, want %q", s.fired, want)
	}
	s.fired = nil
	s.advance(t, 7*24*time.Hour)
	often := slices.DeleteFunc(s.fired, func(f string) bool { return strings.HasPrefix(f, "rate(1 minute)") })
	if n := len(often); n != 12+23+25+1 || often[11] != "rate(5 minutes) 02 10:10" || often[12] != "rate(5 minutes) 02 11:00" || often[n-1] != "rate(5 minutes) 09 09:10" {
		t.Errorf("%d ticks, the last %q", n, often[max(0, n-1)])
	}
}

func TestATargetShortOfTheNextTickFiresNothing(t *testing.T) {
	s := set(t, "rate(1 minute)")
	s.due = []time.Time{s.clock.Now().Add(10 * time.Second)}
	s.advance(t, 59*time.Second)
	if len(s.fired) != 0 {
		t.Errorf("fired %v", s.fired)
	}
	s.advance(t, time.Second)
	if !slices.Equal(s.fired, []string{"rate(1 minute) 02 09:01"}) {
		t.Errorf("fired %v", s.fired)
	}
}

func TestADeadlineThatStaysDoesNotMakeAWeekLong(t *testing.T) {
	s := set(t, "rate(1 minute)")
	s.due, s.stuck = []time.Time{s.clock.Now()}, true
	s.advance(t, 7*24*time.Hour)
	if n := len(s.fired); n < 10 || n > 200 {
		t.Errorf("fired %d times", n)
	}
}

// What fires while a deadline is still to come says nothing about it.
func TestADeadlineAfterALongNightIsSweptInItsMinute(t *testing.T) {
	s := set(t, "rate(1 minute)", "rate(5 minutes)")
	s.due = []time.Time{s.clock.Now().Add(16*time.Hour + 28*time.Minute)}
	s.advance(t, 24*time.Hour)
	if want := "rate(1 minute) 03 01:28"; !slices.Contains(s.fired, want) {
		t.Errorf("fired %q, want %q among them", s.fired, want)
	}
}

func TestTheRunnerFiresAsTimeFlowsAndMakesUpOnceForWhatItMissed(t *testing.T) {
	s := set(t, "rate(1 minute)")
	if s.runner.Pending() {
		t.Error("something is due at once")
	}
	s.machine.Add(10*time.Minute + time.Second)
	if !s.runner.Pending() {
		t.Error("nothing is due after ten minutes")
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { s.runner.Run(ctx); close(ended) }()
	for s.runner.Pending() {
		if t.Context().Err() != nil {
			t.Fatal("the runner does not catch up")
		}
	}
	cancel()
	<-ended
	want := []string{"rate(1 minute) 02 09:01", "rate(1 minute) 02 09:10"}
	if !slices.Equal(s.fired, want) {
		t.Errorf("fired %v, want %v", s.fired, want)
	}
}
