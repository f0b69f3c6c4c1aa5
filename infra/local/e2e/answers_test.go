package e2e

import (
	"net/http"
	"time"

	"github.com/handoff-oss/handoff/infra/stack"
)

// The good way: accepted in time, contacted by the CRM's word, put aside for
// two days in which the lead asks again, followed up and judged.
func playAnswers(w world) {
	monday := w.monday(10, 0)
	l := w.ask(someone("answers", 1))
	w.expect("at first", w.since(l, monday), "lead.created", "lead.qualified", "lead.handed_off answers1",
		"clock.started accept/holder", "clock.started first_contact/holder", "clock.started first_contact/customer")

	at := w.later(monday, 0, 10, 10)
	accept := w.link(l, "answers1", "Accept")
	w.answer(accept, http.StatusOK, "The lead is yours")
	w.answer(accept, http.StatusOK, "You have accepted this lead already")
	w.expect("accepted", w.since(l, at), "lead.accepted answers1", "clock.met accept/holder", "clock.started feedback/holder")

	at = w.later(monday, 0, 11, 0)
	w.logsCall(l, "1", "true")
	w.expect("a machine's mail", w.since(l, at))
	w.logsCall(l, "2", "false")
	w.expect("a call in the CRM", w.since(l, at), "lead.contacted answers1",
		"clock.met first_contact/holder", "clock.met first_contact/customer", "clock.started follow_up/holder")
	if c := w.find(l.Email).Contact; c == nil || c.Word != "crm" || c.Label != "logged by standard" || c.How != "call" {
		w.t.Errorf("contacted: %+v", c)
	}
	w.snoozes(l, accept, monday)
	w.followsUp(l, accept, monday)
	w.toldOnce(l)
	w.attests(monday)
}

// logsCall lets the CRM log a call of ours with the lead.
func (w world) logsCall(l stack.Lead, id, automated string) {
	w.t.Helper()
	now, err := w.Now(w.t.Context())
	w.must(err)
	w.send(stack.StandardSignal(stack.Person{Email: l.Email}, "activity.logged", "msg_call_"+l.Email+id,
		map[string]string{"direction": "outbound", "how": "call", "automated": automated}, now))
	w.idle()
}

// snoozes stops the clocks from Monday 11:30 to Wednesday 9:00; on Tuesday the
// lead asks again.
func (w world) snoozes(l stack.Lead, accept string, monday time.Time) {
	w.t.Helper()
	at := w.later(monday, 0, 11, 30)
	w.answer(w.next(accept, "snooze"), http.StatusOK, "The lead is snoozed",
		"until", monday.AddDate(0, 0, 2).Format("2006-01-02")+"T09:00", "reason", "customer_asked")
	w.expect("snoozed", w.since(l, at), "clock.paused feedback/holder", "clock.paused follow_up/holder")
	l = w.find(l.Email)
	w.state(l, "follow_up", "holder", "paused")
	if r := w.clock(l, "feedback", "holder").ResumeAt; r == nil || !r.Equal(monday.AddDate(0, 0, 2).Add(-time.Hour)) {
		w.t.Errorf("the pause ends at %v", r)
	}

	at = w.later(monday, 1, 10, 0)
	w.demo(someone("answers", 1))
	w.demo(someone("answers", 1)) // the same wish, sent twice
	w.idle()
	w.expect("asks again", w.since(l, at), "lead.active_again answers1")
	if n := w.mails(l, mailOf("answers1"), "lead.active_again"); n != 1 {
		w.t.Errorf("the holder heard %d times of it", n)
	}

	at = w.later(monday, 2, 9, 2)
	w.expect("goes on", w.since(l, monday.AddDate(0, 0, 1).Add(time.Hour)), "clock.resumed feedback/holder", "clock.resumed follow_up/holder")
	l = w.find(l.Email)
	// Half an hour of the 16 was spent; 15:30 are left: all Wednesday, and Thursday until 16:30.
	if due, want := w.clock(l, "follow_up", "holder").DueAt, at.AddDate(0, 0, 1).Add(7*time.Hour+28*time.Minute); !soon(due, want) {
		w.t.Errorf("the next attempt is due at %s, want %s", due, want)
	}
}

// followsUp makes the second and third attempt and gives feedback.
func (w world) followsUp(l stack.Lead, accept string, monday time.Time) {
	w.t.Helper()
	at := w.later(monday, 2, 10, 0)
	w.answer(w.next(accept, "contacted"), http.StatusOK, "The next attempt is recorded", "how", "email")
	w.expect("the second attempt", w.since(l, at), "lead.contacted answers1", "clock.met follow_up/holder", "clock.started follow_up/holder")
	if c := w.find(l.Email).Contact; c == nil || c.Word != "crm" {
		w.t.Errorf("the first contact became %+v", c)
	}
	at = w.later(monday, 2, 11, 0)
	w.answer(w.next(accept, "contacted"), http.StatusOK, "The next attempt is recorded", "how", "call")
	w.expect("the last attempt", w.since(l, at), "lead.contacted answers1", "clock.met follow_up/holder")
	at = w.later(monday, 2, 12, 0)
	w.answer(w.next(accept, "feedback"), http.StatusOK, "Your feedback is recorded", "outcome", "good_fit")
	w.expect("the feedback", w.since(l, at), "lead.feedback answers1", "clock.met feedback/holder")
	l = w.find(l.Email)
	if l.Stage != "contacted" || w.find(l.Email).Handoff.Answer != "contacted" {
		w.t.Errorf("stage %s, answer %s", l.Stage, l.Handoff.Answer)
	}
	for _, c := range l.Clocks {
		if c.State != "met" {
			w.t.Errorf("the clock %s/%s %d is %s", c.Kind, c.Scope, c.N, c.State)
		}
	}
}

// next returns the link to what the page of an earlier answer offers next.
func (w world) next(link, purpose string) string {
	w.t.Helper()
	a, err := w.Press(w.t.Context(), http.MethodGet, link, nil)
	w.must(err)
	step := a.Step(purpose)
	if step == "" {
		w.t.Fatalf("the page %q offers no %s: %+v", a.Title, purpose, a.Steps)
	}
	return step
}

// attests contacts a lead before it was accepted, on the rep's own word.
func (w world) attests(monday time.Time) {
	w.t.Helper()
	at := w.later(monday, 2, 14, 0)
	l := w.ask(someone("answers", 2))
	w.holds(l, "answers2")
	called := w.later(monday, 2, 14, 20)
	w.answer(w.link(l, "answers2", "Contacted"), http.StatusOK, "First contact is recorded",
		"how", "call", "when", called.Add(-5*time.Minute).Format("2006-01-02T15:04"))
	w.expect("contacted at once", w.since(l, called), "lead.accepted answers2", "clock.met accept/holder", "clock.started feedback/holder",
		"lead.contacted answers2", "clock.met first_contact/holder", "clock.met first_contact/customer", "clock.started follow_up/holder")
	if c := w.find(l.Email).Contact; c == nil || c.Word != "rep" || c.Label != "attested by the rep" {
		w.t.Errorf("contacted: %+v", c)
	}
	for _, e := range w.told(l, "lead.contacted") {
		if act := e.Detail.Act; act == nil || act.At.Sub(at) != 15*time.Minute {
			w.t.Errorf("the act is %+v", act)
		}
	}
}
