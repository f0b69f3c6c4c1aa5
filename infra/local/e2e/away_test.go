package e2e

import (
	"net/http"
	"strings"
	"time"

	"github.com/handoff-oss/handoff/infra/stack"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/routing"
)

// away enters leave of a rep for one day.
func (w world) away(rep string, day time.Time, reason string) {
	w.t.Helper()
	date := day.Format("2006-01-02")
	w.roster(rep, routing.Entry{Leave: []policy.Leave{{From: date, To: date, Reason: reason}}})
}

// The holder falls ill overnight: what they owe waits for them, what the
// customer was promised does not.
func playLeave(w world) {
	monday := w.monday(16, 50)
	l := w.ask(someone("leave", 1))
	w.holds(l, "leave1")
	tuesday := func(hour, minute int) time.Time {
		return time.Date(monday.Year(), monday.Month(), monday.Day()+1, hour, minute, 0, 0, w.newYork())
	}
	due := func(kind, scope string, want time.Time) {
		w.t.Helper()
		if got := w.clock(w.find(l.Email), kind, scope).DueAt; !soon(got, want) {
			w.t.Errorf("the %s of the %s is due at %s, want %s", kind, scope, got.In(w.newYork()), want)
		}
	}
	due("accept", "holder", tuesday(9, 20))
	due("first_contact", "holder", tuesday(12, 50))
	due("first_contact", "customer", tuesday(12, 50))
	morning := w.later(monday, 1, 8, 0)
	w.away("leave1", morning, "sick")
	w.later(monday, 1, 8, 3)
	w.expect("sick", w.since(l, morning), "clock.moved accept/holder", "clock.moved first_contact/holder")
	due("accept", "holder", tuesday(24+9, 20))
	due("first_contact", "holder", tuesday(24+12, 50))
	due("first_contact", "customer", tuesday(12, 50))
	w.later(monday, 1, 10, 0)
	other := w.ask(someone("leave", 2))
	w.holds(other, "leave2")
	w.considered(other, 0, "leave1", "on leave until")
	w.later(monday, 1, 13, 0)
	w.expect("on the day of the leave", w.since(l, morning, "warned", "breached", "escalated"),
		"clock.breached first_contact/customer", "lead.escalated first_contact/customer")
	w.holds(w.find(l.Email), "leave1")

	back := w.later(monday, 2, 9, 0)
	w.later(monday, 2, 9, 15)
	w.expect("back", w.since(l, back), "clock.warned accept/holder")
	w.answer(w.link(l, "leave1", "Contacted"), http.StatusOK, "First contact is recorded", "how", "call")
	w.expect("in time but for the customer", w.since(l, back, "clock.met", "clock.late"),
		"clock.met accept/holder", "clock.met first_contact/holder", "clock.late first_contact/customer")
	// From Tuesday 12:50 to Wednesday 9:15 the office was open for 4:25.
	if late := w.clock(w.find(l.Email), "first_contact", "customer").Late; !strings.HasPrefix(late, "4h24m") && !strings.HasPrefix(late, "4h25m") {
		w.t.Errorf("the customer waited %s too long", late)
	}
	w.toldOnce(l)
}

// considered checks why a rep was not chosen in a step of the way to the holder.
func (w world) considered(l stack.Lead, step int, rep, why string) {
	w.t.Helper()
	if step < len(l.Handoff.Route) {
		for _, c := range l.Handoff.Route[step].Considered {
			if c.Rep == rep && strings.Contains(c.Why, why) {
				return
			}
		}
	}
	w.t.Errorf("%s: step %d does not say of %s %q: %+v", l.Email, step, rep, why, l.Handoff.Route)
}

// rocketeer is one of the people of one company.
func rocketeer(n int) stack.Person {
	p := someone("owner", n)
	p.Email = strings.Replace(p.Email, strings.SplitN(p.Email, "@", 2)[1], "acme-rockets.example", 1)
	p.Company = "Acme Rockets"
	return p
}

// A company has an owner: its next lead goes there, whoever's turn it is, but
// not while the owner is away.
func playOwner(w world) {
	monday := w.monday(10, 0)
	first := w.ask(rocketeer(1))
	w.holds(first, "owner1")
	w.holds(w.ask(someone("owner", 2)), "owner2")
	second := w.ask(rocketeer(3))
	w.holds(second, "owner1")
	if second.Handoff.By != "owner of Acme Rockets" {
		w.t.Errorf("chosen by %q", second.Handoff.By)
	}
	w.considered(second, 0, "owner3", "not the owner of the account")

	w.away("owner1", monday, "training")
	third := w.ask(rocketeer(4))
	w.holds(third, "owner3")
	if third.Handoff.By != "rule owner" || third.Handoff.Route[0].By != "owner of Acme Rockets" {
		w.t.Errorf("chosen by %q after %+v", third.Handoff.By, third.Handoff.Route)
	}
	w.considered(third, 0, "owner1", "on leave until")
	w.considered(third, 1, "owner1", "on leave until")
	w.answer(w.link(third, "owner3", "Accept"), http.StatusOK, "The lead is yours")
	w.expect("the third", w.since(third, monday, "lead."), "lead.created", "lead.qualified", "lead.handed_off owner3", "lead.accepted owner3")

	w.later(monday, 1, 9, 0)
	for _, l := range []stack.Lead{first, second} {
		w.holds(w.find(l.Email), "owner1")
		if n := w.mails(l, mailOf("owner1"), "lead.handed_off"); n != 1 {
			w.t.Errorf("the owner was told %d times of %s", n, l.Email)
		}
	}
	w.answer(w.link(second, "owner1", "Accept"), http.StatusOK, "The lead is yours")
	fourth := w.ask(rocketeer(5))
	w.holds(fourth, "owner1")
	if fourth.Handoff.By != "owner of Acme Rockets" {
		w.t.Errorf("back at work, chosen by %q: %+v", fourth.Handoff.By, fourth.Handoff.Route)
	}
}
