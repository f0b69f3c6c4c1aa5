package main

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/handoff-oss/handoff/shared/clock"
	"github.com/handoff-oss/handoff/shared/decision"
	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/policy/rules"
	"github.com/handoff-oss/handoff/shared/routing"
	"github.com/handoff-oss/handoff/shared/signal"
	"github.com/handoff-oss/handoff/shared/table"
)

// crowd is a table of many leads, all with clocks, and a decider that only
// takes note of what it is asked for.
type crowd struct {
	mu       sync.Mutex
	keys     []signal.LeadKey
	due      []signal.LeadKey
	mark     table.Reviewed
	roster   routing.Roster
	version  policy.Version
	wanting  signal.LeadKey // waits for data
	reviewed []signal.LeadKey
	applied  []signal.LeadKey
	fail     func(k signal.LeadKey) error
	stop     func() // called before each review
}

func newCrowd(n int) *crowd {
	c := &crowd{version: "p-1", fail: func(signal.LeadKey) error { return nil }, stop: func() {}}
	for i := range n {
		c.keys = append(c.keys, signal.LeadKey(fmt.Sprintf("1lead%05d", i)))
	}
	return c
}

func (c *crowd) Due(_ context.Context, shard int, _ time.Time, _ int) (table.Due, error) {
	if shard == 0 {
		return table.Due{Leads: c.due}, nil
	}
	return table.Due{}, nil
}

func (c *crowd) OldestHeld(context.Context, string) (time.Time, bool, error) {
	return time.Time{}, false, nil
}

// Clocked says that all are in the first shard, in an order that changes.
func (c *crowd) Clocked(_ context.Context, shard int) ([]signal.LeadKey, error) {
	if shard > 0 {
		return nil, nil
	}
	c.keys = append(c.keys[7:len(c.keys):len(c.keys)], c.keys[:7]...)
	return c.keys, nil
}

func (c *crowd) HeldBy(context.Context, string) ([]signal.LeadKey, error) { return c.keys[:1], nil }

// Incomplete is a lead that waits for data, and has no clock running.
func (c *crowd) Incomplete(context.Context, string) ([]table.Waiting, error) {
	if c.wanting == "" {
		return nil, nil
	}
	return []table.Waiting{{Lead: c.wanting}}, nil
}

func (c *crowd) Pool(_ context.Context, name string) (routing.Pool, error) {
	return routing.Pool{Name: name}, nil
}

func (c *crowd) Roster(context.Context) (routing.Roster, error)        { return c.roster, nil }
func (c *crowd) Reviewed(context.Context) (table.Reviewed, error)      { return c.mark, nil }
func (c *crowd) PutReviewed(_ context.Context, r table.Reviewed) error { c.mark = r; return nil }

func (c *crowd) Apply(_ context.Context, k signal.LeadKey, _ []signal.Signal, _ time.Time) (decision.Outcome, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.applied = append(c.applied, k)
	return decision.Outcome{}, nil
}

func (c *crowd) Review(_ context.Context, k signal.LeadKey, _ time.Time) (decision.Outcome, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stop()
	c.reviewed = append(c.reviewed, k)
	return decision.Outcome{}, c.fail(k)
}

func (c *crowd) Offer(context.Context, context.Context, []string, time.Time) (decision.Outcome, error) {
	return decision.Outcome{}, nil
}

func (c *crowd) handler() handler {
	read := func(context.Context) (policy.Version, []byte, error) { return c.version, policy.Default(), nil }
	return handler{store: c, decide: c, policy: rules.NewLoader(read), now: clock.Fixed(monday), log: slog.New(slog.DiscardHandler)}
}

// walk reviews in sweeps that have time for so many leads each, and returns
// how many sweeps it took.
func (c *crowd) walk(t *testing.T, each int) int {
	t.Helper()
	for n := 1; n <= 20; n++ {
		enough, stop := context.WithCancel(t.Context())
		left := each
		c.stop = func() {
			if left--; left == 0 {
				stop()
			}
		}
		if err := c.handler().review(t.Context(), enough, monday, &sweep{due: map[string]bool{}}); err != nil {
			t.Fatal(err)
		}
		stop()
		if c.mark.Policy == string(c.version) && c.mark.Roster == c.roster.Version && c.mark.Walk == nil {
			return n
		}
	}
	t.Fatalf("no end after 20 sweeps: %+v", c.mark)
	return 0
}

// missed returns how many of the leads were not reviewed.
func (c *crowd) missed() (n int) {
	for _, k := range c.keys {
		if !slices.Contains(c.reviewed, k) {
			n++
		}
	}
	return n
}

// A review of more leads than a sweep has time for goes on in the next.
func TestAReviewGoesOnWhereItEnded(t *testing.T) {
	c := newCrowd(3000)
	if n := c.walk(t, 1000); n > 5 || c.missed() > 0 || len(c.reviewed) > 5000 {
		t.Errorf("%d sweeps, %d reviews, %d leads missed", n, len(c.reviewed), c.missed())
	}
}

// A policy that is taken back in the middle of it is a change like any other.
func TestAReviewThatIsTakenBackLooksAtAllAgain(t *testing.T) {
	c := newCrowd(1000)
	c.walk(t, 5000)
	c.version = "p-2"
	enough, stop := context.WithCancel(t.Context())
	c.stop = func() {
		if len(c.reviewed) == 1500 {
			stop()
		}
	}
	if err := c.handler().review(t.Context(), enough, monday, &sweep{due: map[string]bool{}}); err != nil {
		t.Fatal(err)
	}
	c.version, c.reviewed = "p-1", nil
	if c.walk(t, 600); c.missed() > 0 {
		t.Errorf("%d leads are still as under the other policy", c.missed())
	}
}

// What is said about a rep meanwhile is looked at afterwards.
func TestARosterThatChangesDuringAReviewIsReviewed(t *testing.T) {
	c := newCrowd(1000)
	enough, stop := context.WithCancel(t.Context())
	c.stop = stop
	if err := c.handler().review(t.Context(), enough, monday, &sweep{due: map[string]bool{}}); err != nil {
		t.Fatal(err)
	}
	c.roster = c.roster.With("bo", routing.Entry{Switch: routing.Off})
	if n := c.walk(t, 900); n != 3 || c.mark.Roster != 1 {
		t.Errorf("%d sweeps, want two for the policy and one for the roster; %+v", n, c.mark)
	}
}

// A lead whose review breaks does not keep the others from theirs; one that
// could not be reached is tried again.
func TestAReviewThatFails(t *testing.T) {
	broken := newCrowd(500)
	broken.fail = func(k signal.LeadKey) error {
		if k == "1lead00003" {
			return fault.New(fault.Internal, "a rule is broken")
		}
		return nil
	}
	if n := broken.walk(t, 5000); n != 1 || broken.missed() > 0 {
		t.Errorf("%d sweeps, %d leads missed", n, broken.missed())
	}
	away := newCrowd(500)
	left := 3
	away.fail = func(k signal.LeadKey) error {
		if k == "1lead00300" && left > 0 {
			left--
			return fault.New(fault.Unavailable, "the table is not there")
		}
		return nil
	}
	if n := away.walk(t, 5000); n != 4 || left != 0 || len(away.reviewed) > 1200 {
		t.Errorf("%d sweeps, %d reviews", n, len(away.reviewed))
	}
}

// Deadlines come first: a review takes the time that they leave.
func TestDeadlinesComeBeforeAReview(t *testing.T) {
	c := newCrowd(100)
	c.due = c.keys[:50:50]
	early := 0
	c.stop = func() {
		if len(c.applied) < 50 {
			early++
		}
	}
	if err := c.handler().handle(t.Context()); err != nil {
		t.Fatal(err)
	}
	if early > 0 || len(c.applied) != 50 || c.missed() > 0 {
		t.Errorf("%d reviews came before the last deadline, %d applied, %d missed", early, len(c.applied), c.missed())
	}
}
