package naive_test

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/handoff-oss/handoff/infra/sim/naive"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/routing"
)

const (
	reps  = 6
	aDay  = 5 // leads that a rep may receive on a day
	weeks = 26
)

// stream is the arrival of leads over half a year: 1 to 4 a day, and every
// second Tuesday thirty at one instant, after a webinar.
func stream() []time.Time {
	var all []time.Time
	for day := range weeks * 7 {
		morning := start().AddDate(0, 0, day).Add(9 * time.Hour)
		if day%7 >= 5 {
			continue
		}
		for i := range 1 + day*day%4 {
			all = append(all, morning.Add(time.Duration(i)*time.Hour))
		}
		if day%14 == 1 {
			for range 30 {
				all = append(all, morning.Add(8*time.Hour))
			}
		}
	}
	return all
}

func start() time.Time { return time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC) }

func id(i int) string { return string(rune('a' + i)) }

// leaves gives everybody two weeks in a row, and every second Friday.
func leaves(i int) []routing.Away {
	away := []routing.Away{{From: start().AddDate(0, 0, 28*i), To: start().AddDate(0, 0, 28*i+14)}}
	for week := i % 2; week < weeks; week += 2 {
		friday := start().AddDate(0, 0, 7*week+4)
		away = append(away, routing.Away{From: friday, To: friday.AddDate(0, 0, 1)})
	}
	return away
}

// office is the state of the stream under one way to choose.
type office struct {
	open     map[string]int64
	today    map[string]int
	closes   map[time.Time][]string
	entitled map[string]float64
	received map[string]float64
	worst    float64
}

// eligible returns who is there and not full: the same facts for every way to
// choose, though what follows from its choices differs.
func (o *office) eligible(now time.Time) []string {
	var all []string
	for i := range reps {
		there := o.today[id(i)+now.Format(time.DateOnly)] < aDay
		for _, l := range leaves(i) {
			there = there && (now.Before(l.From) || !now.Before(l.To))
		}
		if there {
			all = append(all, id(i))
		}
	}
	return all
}

// give records a lead, and how far anybody is from the share in those leads
// that they could receive.
func (o *office) give(to string, eligible []string, now time.Time) {
	for _, e := range eligible {
		o.entitled[e] += 1 / float64(len(eligible))
	}
	o.received[to]++
	o.open[to]++
	o.today[to+now.Format(time.DateOnly)]++
	done := now.AddDate(0, 0, 1+int(to[0]-'a')*3) // some close their leads within a day, others take weeks
	o.closes[done.Truncate(24*time.Hour)] = append(o.closes[done.Truncate(24*time.Hour)], to)
	for i := range reps {
		o.worst = max(o.worst, math.Abs(o.entitled[id(i)]-o.received[id(i)]))
	}
}

// through sends the whole stream through one way to choose.
func through(pick func(o *office, eligible []string, now time.Time) string) (worst float64, given int) {
	o := &office{
		open: map[string]int64{}, today: map[string]int{}, closes: map[time.Time][]string{},
		entitled: map[string]float64{}, received: map[string]float64{},
	}
	for _, now := range stream() {
		for day, who := range o.closes {
			if !day.After(now) {
				for _, w := range who {
					o.open[w]--
				}
				delete(o.closes, day)
			}
		}
		if eligible := o.eligible(now); len(eligible) > 0 {
			o.give(pick(o, eligible, now), eligible, now)
			given++
		}
	}
	return o.worst, given
}

// TestCompare prints how far each way to choose takes somebody from the share
// in the leads that they could receive.
func TestCompare(t *testing.T) {
	var state routing.Pool
	request := routing.Request{Policy: policy.Pool{Caps: []policy.Cap{{Most: aDay, Per: policy.CapDay}}}}
	for i := range reps {
		request.Candidates = append(request.Candidates, routing.Candidate{Rep: policy.Rep{ID: id(i), Weight: 1}, Leave: leaves(i)})
	}
	ours, given := through(func(_ *office, eligible []string, now time.Time) string {
		request.Now, request.State = now, state
		c, ok := routing.Choose(request)
		if !ok || !strings.Contains(strings.Join(eligible, " "), c.Rep.ID) {
			t.Fatalf("%s: chose %q of %v", now, c.Rep.ID, eligible)
		}
		state = c.State
		return c.Rep.ID
	})
	var table strings.Builder
	row := func(name string, worst float64, given int) {
		fmt.Fprintf(&table, "\n%-26s %8.2f %6d", name, worst, given)
	}
	fmt.Fprintf(&table, "\n%-26s %8s %6s", "way to choose", "worst", "leads")
	row("shared/routing", ours, given)
	if ours > reps-1 {
		t.Errorf("%.2f leads from the share, the bound is %d", ours, reps-1)
	}
	for _, n := range naive.All(1) {
		worst, given := through(func(o *office, eligible []string, _ time.Time) string { return n.Pick(eligible, o.open) })
		row(n.Name, worst, given)
		if worst <= ours {
			t.Errorf("%s is %.2f leads from the share, and ours %.2f", n.Name, worst, ours)
		}
	}
	t.Log(table.String())
}
