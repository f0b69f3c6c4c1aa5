package e2e

import (
	"slices"
	"time"

	"github.com/handoff-oss/handoff/infra/stack"
	"github.com/handoff-oss/handoff/shared/routing"
)

// isHeld checks that a lead waits in its pool's queue, and that the manager
// was told once.
func (w world) isHeld(l stack.Lead, pool string) {
	w.t.Helper()
	w.holds(l, "")
	if l.Held == nil || l.Held.Pool != pool {
		w.t.Errorf("%s: held %+v, stage %s", l.Email, l.Held, l.Stage)
	}
	w.expect("of "+l.Email, w.since(l, time.Time{}, "held", "handed_off"), "lead.held")
	if n := w.mails(l, mailOf(pool+"-manager"), "lead.held"); n != 1 {
		w.t.Errorf("the manager was told %d times that %s is held", n, l.Email)
	}
}

// noFallback switches the reps of the fallback pool off: with somebody there no
// lead would have to wait.
func (w world) noFallback() {
	w.t.Helper()
	for _, rep := range []string{"alex", "bo", "casey"} {
		w.roster(rep, routing.Entry{Switch: routing.Off, Reason: "at a fair"})
	}
}

// Each rep takes one lead a day. What comes then is held, and goes out the next
// morning, oldest first; a newer one waits for its turn.
func playCaps(w world) {
	w.noFallback()
	monday := w.monday(15, 0)
	var all []stack.Lead
	for n := range 5 {
		w.later(monday, 0, 15, n+1)
		all = append(all, w.ask(someone("caps", n+1)))
	}
	w.holds(all[0], "caps1")
	w.holds(all[1], "caps2")
	for _, l := range all[2:] {
		w.isHeld(l, "caps")
	}
	w.later(monday, 1, 8, 59)
	for _, l := range all[2:] {
		w.isHeld(w.find(l.Email), "caps") // the window has reopened; nobody is on duty
	}
	opens := w.later(monday, 1, 9, 0)
	newer := w.ask(someone("caps", 6))
	w.later(monday, 1, 9, 3)
	got := []string{holder(w.find(all[2].Email)), holder(w.find(all[3].Email))}
	slices.Sort(got)
	w.expect("on Tuesday the two oldest go out", got, "caps1", "caps2")
	w.isHeld(w.find(all[4].Email), "caps")
	w.isHeld(w.find(newer.Email), "caps")
	for _, l := range all[2:4] {
		for _, e := range w.told(l, "lead.handed_off") {
			if !soon(e.Time, opens) {
				w.t.Errorf("%s went out at %s, the office opened at %s", l.Email, e.Time, opens)
			}
		}
		w.state(w.find(l.Email), "first_contact", "customer", "running") // its time has gone on since Monday
		w.toldOnce(l)
	}
}

// One rep holds one lead at a time. When it closes, the oldest of the queue
// gets the place, though a newer one comes in that very moment.
func playFull(w world) {
	w.noFallback()
	monday := w.monday(10, 0)
	first := w.ask(someone("full", 1))
	w.holds(first, "full1")
	w.later(monday, 0, 10, 5)
	second := w.ask(someone("full", 2))
	w.later(monday, 0, 10, 6)
	third := w.ask(someone("full", 3))
	w.isHeld(second, "full")
	w.isHeld(third, "full")
	closed := w.later(monday, 0, 10, 20)
	w.lost(first)
	fourth := w.ask(someone("full", 4))
	w.isHeld(fourth, "full")
	w.later(monday, 0, 10, 23)
	w.holds(w.find(second.Email), "full1")
	for _, e := range w.told(second, "lead.handed_off") {
		if !soon(e.Time, closed) {
			w.t.Errorf("the place was free at %s and given at %s", closed, e.Time)
		}
	}
	w.isHeld(w.find(third.Email), "full")
	w.isHeld(w.find(fourth.Email), "full")
}
