package e2e

import (
	"slices"
	"strings"
	"time"

	"github.com/handoff-oss/handoff/infra/stack"
)

// Nobody ever answers. A lead of a late afternoon goes from rep to rep, in
// office hours alone, then to the fallback pool, then to its manager, and each
// step is told once to whom it concerns.
func playSilence(w world) {
	monday := w.monday(16, 28)
	l := w.ask(someone("silence", 1))
	w.holds(l, "silence1")
	tuesday := w.later(monday, 1, 16, 0)
	l = w.find(l.Email)
	last := holder(l)
	if len(l.HadBy) != 4 || !slices.Equal(l.HadBy[:3], []string{"silence1", "silence2", "silence3"}) || l.Handoff.Pool != "sales" {
		w.t.Fatalf("had by %v, at last in pool %s", l.HadBy, l.Handoff.Pool)
	}
	w.expectTimes(l, monday, []string{"accept/holder", "lead.handed_off", "lead.reassigned"}, []moment{
		{"Mon 16:28", "lead.handed_off silence1"},
		{"Mon 16:48", "clock.warned accept/holder"},
		{"Mon 16:58", "clock.breached accept/holder"},
		{"Mon 16:58", "lead.escalated accept/holder"},
		{"Tue 09:28", "lead.reassigned silence2"},
		{"Tue 09:48", "clock.warned accept/holder"},
		{"Tue 09:58", "clock.breached accept/holder"},
		{"Tue 09:58", "lead.escalated accept/holder"},
		{"Tue 10:28", "lead.reassigned silence3"},
		{"Tue 10:48", "clock.warned accept/holder"},
		{"Tue 10:58", "clock.breached accept/holder"},
		{"Tue 10:58", "lead.escalated accept/holder"},
		{"Tue 11:28", "lead.reassigned " + last},
		{"Tue 11:48", "clock.warned accept/holder"},
		{"Tue 11:58", "clock.breached accept/holder"},
		{"Tue 11:58", "lead.escalated accept/holder"},
		{"Tue 12:28", "lead.escalated accept/holder"},
	})
	w.expectTimes(l, monday, []string{"first_contact"}, []moment{
		{"Tue 12:28", "clock.breached first_contact/customer"},
		{"Tue 12:28", "lead.escalated first_contact/customer"},
		{"Tue 14:28", "clock.warned first_contact/holder"},
		{"Tue 15:28", "clock.breached first_contact/holder"},
	})
	w.checkSilenceTold(l, last)
	w.checkNight(l, monday, tuesday)
	w.checkVerdicts(l)
}

// moment is something that happened at a time of the office's clock.
type moment struct{ at, what string }

// drift is how much later than planned a step may be that follows from others:
// each may wait for the next sweep.
const drift = 5 * time.Minute

// expectTimes compares what happened to the lead since a time, of what
// contains one of the words; the starts and ends of clocks are left out.
func (w world) expectTimes(l stack.Lead, since time.Time, words []string, want []moment) {
	w.t.Helper()
	all, err := w.Events(w.t.Context(), l.Key)
	w.must(err)
	got := slices.DeleteFunc(all, func(e stack.Event) bool {
		started := e.Type == "clock.started" || e.Type == "clock.stopped"
		return started || !e.Time.After(since) || !slices.ContainsFunc(words, func(w string) bool { return strings.Contains(happened(e), w) })
	})
	for i := range max(len(got), len(want)) {
		if i >= len(got) || i >= len(want) {
			w.t.Errorf("%d things happened, want %d", len(got), len(want))
			break
		}
		e, m := got[i], want[i]
		at := e.Time.In(w.newYork())
		plan, err := time.ParseInLocation("Mon 15:04", m.at, w.newYork())
		w.must(err)
		due := time.Date(at.Year(), at.Month(), at.Day(), plan.Hour(), plan.Minute(), 0, 0, w.newYork())
		if happened(e) != m.what || !strings.HasPrefix(m.at, at.Format("Mon ")) || at.Before(due) || at.Sub(due) > drift {
			w.t.Errorf("at %s %s, want at %s %s", at.Format("Mon 15:04:05"), happened(e), m.at, m.what)
		}
	}
}

// checkSilenceTold checks who was told how often, by e-mail.
func (w world) checkSilenceTold(l stack.Lead, last string) {
	w.t.Helper()
	w.toldOnce(l)
	manager, ofLast := mailOf("silence-manager"), "morgan.hale@our-company.example"
	for _, m := range []struct {
		to, event string
		times     int
	}{
		{mailOf("silence1"), "lead.handed_off", 1},
		{mailOf("silence2"), "lead.reassigned", 1},
		{mailOf("silence3"), "lead.reassigned", 1},
		{manager, "lead.escalated", 3},
		{ofLast, "lead.escalated", 3}, // of the accept clock, that of the customer, and at the end
	} {
		if n := w.mails(l, m.to, m.event); n != m.times {
			w.t.Errorf("%s was told %d times of %s, want %d", m.to, n, m.event, m.times)
		}
	}
	reminded := map[string]int{}
	for _, m := range w.messages(l, "clock.warned") {
		reminded[m.Channel+" "+m.To]++
	}
	for _, rep := range []string{"silence1", "silence2", "silence3"} {
		if n := reminded["slack rep:"+rep]; n != 1 {
			w.t.Errorf("%s was reminded %d times: %v", rep, n, reminded)
		}
	}
	if n := reminded["slack rep:"+last]; n != 2 { // to accept, and of the first contact
		w.t.Errorf("%s was reminded %d times: %v", last, n, reminded)
	}
	story, err := w.Timeline(w.t.Context(), l.Key)
	w.must(err)
	end := "Escalated to the manager: the rep's answer did not come in time, and 4 reps had the lead"
	if n := count(story, end); n != 1 {
		w.t.Errorf("the history says %d times %q", n, end)
	}
}

func count(story []stack.Entry, summary string) (n int) {
	for _, e := range story {
		if e.Summary == summary {
			n++
		}
	}
	return n
}

// checkNight checks that nobody heard of the lead while the office was closed.
func (w world) checkNight(l stack.Lead, monday, tuesday time.Time) {
	w.t.Helper()
	all, err := w.Outbox(w.t.Context(), l.Key)
	w.must(err)
	closes := monday.Add(32 * time.Minute)
	opens := tuesday.Add(-7 * time.Hour)
	for _, m := range all {
		if m.At.After(closes.Add(time.Minute)) && m.At.Before(opens) {
			w.t.Errorf("%s was told of %s at %s", m.To, m.Event.Type, m.At.In(w.newYork()).Format("Mon 15:04"))
		}
	}
}

// checkVerdicts checks that each deadline that ran out was acted on in time.
func (w world) checkVerdicts(l stack.Lead) {
	w.t.Helper()
	for _, e := range w.told(l, "clock.breached") {
		if !soon(e.Time, e.Detail.Clock.DueAt) {
			w.t.Errorf("%s was due at %s and breached at %s", happened(e), e.Detail.Clock.DueAt, e.Time)
		}
	}
}
