package e2e

import (
	"fmt"
	"net/http"
	"time"

	"github.com/handoff-oss/handoff/infra/stack"
)

// A rep gives lead after lead back. Each goes where its reason says, and one
// that is replaced leaves the rep's turn where it was; the sixth of a day stays.
func playRejections(w world) {
	monday := w.monday(10, 0)
	before := w.books("rejections1")
	for n, give := range []struct{ reason, stage, follows string }{
		{"not_a_fit", "disqualified", "lead.disqualified rejections1"},
		{"too_early", "recycled", "lead.recycled rejections1"},
		{"wrong_contact_data", "qualified", "lead.escalated accept/holder"},
		{"no_interest", "disqualified", "lead.disqualified rejections1"},
		{"not_a_fit", "disqualified", "lead.disqualified rejections1"},
	} {
		l := w.ask(someone("rejections", n+1))
		w.holds(l, "rejections1")
		at := w.later(monday, 0, 10, 5*(n+1))
		w.answer(w.link(l, "rejections1", "Reject"), http.StatusOK, "The lead is off your list", "reason", give.reason)
		w.expect(give.reason, w.since(l, at, "lead."), "lead.rejected rejections1", give.follows)
		l = w.find(l.Email)
		w.holds(l, "")
		if l.Stage != give.stage {
			w.t.Errorf("%s: stage %s, want %s", give.reason, l.Stage, give.stage)
		}
		if after := w.books("rejections1"); after != before {
			w.t.Errorf("%s: the books say %s, before the lead %s", give.reason, after, before)
		}
	}
	w.checkGivenBack(monday)
	w.checkSixth(monday)
	w.checkNextRep(monday)
}

// books is what a rep's turn depends on.
func (w world) books(rep string) string {
	w.t.Helper()
	p, err := w.table().Pool(w.t.Context(), "rejections")
	w.must(err)
	s := p.Reps[rep]
	return fmt.Sprintf("balance %d, received %d, open %d", s.Balance, s.Received, s.Open[""])
}

// checkGivenBack looks at what is left of the leads that went to nobody.
func (w world) checkGivenBack(monday time.Time) {
	w.t.Helper()
	early := w.find(someone("rejections", 2).Email)
	if u := early.RecycledUntil; u == nil || u.Sub(monday).Round(24*time.Hour) != 60*24*time.Hour {
		w.t.Errorf("recycled until %v", u)
	}
	wrong := w.find(someone("rejections", 3).Email)
	if n := w.mails(wrong, mailOf("rejections-manager"), "lead.escalated"); n != 1 {
		w.t.Errorf("the manager was told %d times", n)
	}
	if len(wrong.WhyNot) != 1 || wrong.WhyNot[0].Rule != "rejected" {
		w.t.Errorf("why nobody has it: %+v", wrong.WhyNot)
	}
	story, err := w.Timeline(w.t.Context(), wrong.Key)
	w.must(err)
	if word := "Escalated to the manager: rejected: The contact data is wrong"; count(story, word) != 1 {
		w.t.Errorf("the history does not say %q: %+v", word, story)
	}
	w.answer(w.link(wrong, "rejections1", "Reject"), http.StatusOK, "You have rejected this lead already", "reason", "not_a_fit")
	w.toldOnce(wrong)
}

// checkSixth tries to give one more back than a day allows.
func (w world) checkSixth(monday time.Time) {
	w.t.Helper()
	at := w.later(monday, 0, 11, 0)
	l := w.ask(someone("rejections", 6))
	w.holds(l, "rejections1")
	reject := w.link(l, "rejections1", "Reject")
	w.answer(reject, http.StatusConflict, "You have reached today’s limit", "reason", "not_a_fit")
	if a, err := w.Press(w.t.Context(), http.MethodGet, reject, nil); err != nil || a.Code != "limit_reached" {
		w.t.Errorf("the page says %+v, %v", a, err)
	}
	w.expect("the sixth", w.since(l, at, "rejected", "escalated"))
	w.answer(w.link(l, "rejections1", "Accept"), http.StatusOK, "The lead is yours")
	w.holds(w.find(l.Email), "rejections1")
}

// checkNextRep gives a lead back that goes to the next rep, and counts.
func (w world) checkNextRep(monday time.Time) {
	w.t.Helper()
	w.later(monday, 0, 11, 30)
	l := w.ask(someone("rejections", 7))
	w.holds(l, "rejections2")
	accept, reject := w.link(l, "rejections2", "Accept"), w.link(l, "rejections2", "Reject")
	at := w.later(monday, 0, 11, 40)
	w.answer(reject, http.StatusOK, "The lead is off your list", "reason", "no_time")
	w.expect("no time", w.since(l, at, "lead.", "started"), "lead.rejected rejections2", "lead.reassigned rejections1",
		"clock.started accept/holder", "clock.started first_contact/holder")
	l = w.find(l.Email)
	w.holds(l, "rejections1")
	w.state(l, "first_contact", "customer", "running")
	if n := w.mails(l, mailOf("rejections1"), "lead.reassigned"); n != 1 {
		w.t.Errorf("the next rep was told %d times", n)
	}
	if got := w.books("rejections2"); got[len(got)-6:] != "open 0" || w.received("rejections2") != 1 {
		w.t.Errorf("the books of who gave it back say %s", got)
	}
	w.answer(accept, http.StatusConflict, "This lead has moved on")
	w.toldOnce(l)
	w.answer(w.link(l, "rejections1", "Accept"), http.StatusOK, "The lead is yours")
}

func (w world) received(rep string) int64 {
	w.t.Helper()
	p, err := w.table().Pool(w.t.Context(), "rejections")
	w.must(err)
	return p.Reps[rep].Received
}

// lost lets the CRM lose a lead's deal.
func (w world) lost(l stack.Lead) {
	w.t.Helper()
	now, err := w.Now(w.t.Context())
	w.must(err)
	w.send(stack.StandardSignal(stack.Person{Email: l.Email}, "deal.lost", "msg_lost_"+l.Email, map[string]string{"deal": "d-" + l.Key, "reason": "The price"}, now))
}
