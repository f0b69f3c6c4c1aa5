package main

import (
	"errors"
	"fmt"

	"github.com/handoff-oss/handoff/infra/stack"
)

// accepted is the first ending: the rep clicks and confirms.
func (v *visitor) accepted(t *tab) {
	if !v.check("the first page opens", t.open("/")) {
		return
	}
	v.check("the form is filled in", t.until(`["first_name", "last_name", "email", "company", "title"].every(id => document.getElementById(id).value)`))
	v.inspect(t, "first")
	l, ok := v.send(t)
	if !ok {
		return
	}
	v.first = l
	v.check("qualified, with the reason", t.shows("#s-qualified.done", "demo"))
	v.check("assigned to a rep", t.shows("#s-assigned.done", "To "))
	v.check("the rep was told on Slack and by e-mail", errors.Join(t.shows("#s-told.done", "Slack"), t.shows("#s-told.done", "Email")))
	v.check("the message is shown", t.shows("#rep iframe, #rep h3", "New lead for"))
	v.check("the clock to accept counts down", v.counts(t, l, "accept", "holder"))
	v.check("both clocks of first contact count down, and say whose they are", errors.Join(
		v.counts(t, l, "first_contact", "customer", "holder"), t.shows("#clocks", "The customer's first contact"), t.shows("#clocks", "Owed by"),
	))
	v.inspect(t, "first-sent")

	asked, err := t.follow(func() error { return t.clickInFrame("#rep iframe", `a[href*="/r/"]`) })
	if !v.check("Accept in the e-mail opens a page", err) {
		return
	}
	defer asked.close()
	v.check("it asks", asked.shows("h1", "Accept this lead?"))
	v.check("looking changed nothing", v.isStage(t, l, "handed_off"))
	v.check("it says until when to answer", v.counts(asked, l, "accept", "holder"))
	v.inspect(asked, "respond-asks-accept")
	v.check("confirm", asked.click("main button"))
	v.check("the lead is the rep's", asked.shows("h1", "The lead is yours"))
	v.inspect(asked, "respond-accepted")

	v.check("the lead is accepted", v.isStage(t, l, "accepted"))
	v.check("the first page shows the first ending", t.shows("#end-accepted.ok", "accepted"))
	v.check("the first page shows the accept clock as met", t.shows("#clocks", "met"))
	v.inspect(t, "first-accepted")
	v.slack(t, l)
	v.contact(asked, l)
}

// slack looks at the message on Slack, which has followed the lead, presses
// Accept in the e-mail again, and looks at the e-mail alone.
func (v *visitor) slack(t *tab, l stack.Lead) {
	v.check("the message on Slack has followed", errors.Join(
		t.click("#rep details:not([open]) summary"), t.shows("#rep details[open] pre", "accepted the lead by now"),
	))
	again, err := t.follow(func() error { return t.clickInFrame("#rep iframe", `a[href*="/r/"]`) })
	if !v.check("Accept in the e-mail opens a page again", err) {
		return
	}
	defer again.close()
	v.check("it says that it was done before", again.shows("h1", "already"))
	v.inspect(again, "respond-already")
	messages, err := v.Outbox(t.ctx, l.Key)
	id := ""
	for _, m := range messages {
		if m.Channel == "email" {
			id = m.ID
		}
	}
	v.check("the e-mail is in the outbox", errors.Join(err, unless(id != "", "there is none")))
	v.check("the e-mail opens alone", errors.Join(again.unboxed(), again.open("/_local/outbox?message="+id)))
	v.inspect(again, "email")
}

// contact goes on from the page after accepting to the first contact.
func (v *visitor) contact(t *tab, l stack.Lead) {
	v.check("the page leads to the next step", t.click(`main a[href*="/r/"]`))
	v.check("it asks for the first contact", t.shows("h1", "Have you contacted them?"))
	v.inspect(t, "respond-asks-contacted")
	v.check("confirm the contact", t.click("main button"))
	v.check("the contact is recorded", t.shows("h1", "First contact is recorded"))
	v.inspect(t, "respond-contacted")
	v.check("the lead is contacted", v.isStage(t, l, "contacted"))
}

// escalated is the second ending: nobody answers.
func (v *visitor) escalated(t *tab) {
	v.check("the first page opens", t.open("/"))
	l, ok := v.send(t)
	if !ok {
		return
	}
	v.late = l
	v.check("assigned to a rep", t.shows("#s-assigned.done", "To "))
	v.check("skip ahead to the deadline", t.click("#skip"))
	v.check("the rep was warned", t.shows("#story", "warned"))
	v.check("the deadline was missed", t.shows("#story", "breached"))
	v.check("the lead was escalated", t.shows("#story", "escalated"))
	v.check("in that order", t.until(fmt.Sprintf(`(() => {
		const s = document.getElementById("story").innerText.toLowerCase(), at = %s.map(w => s.indexOf(w));
		return at.every((n, i) => n >= 0 && (i === 0 || n > at[i - 1]));
	})()`, `["warned", "breached", "escalated"]`)))
	v.check("the manager's message is shown", t.shows("#boss", "Not answered by"))
	v.check("the page shows the second ending", t.shows("#end-escalated.bad", "manager"))
	v.check("time has moved on", t.until(`!document.getElementById("skip").disabled`))
	v.check("the clocks of first contact still count, at the stack's time", v.counts(t, l, "first_contact", "customer", "holder"))
	v.inspect(t, "first-escalated")
	v.check("another person", t.click("#again"))
	v.check("a new form", t.until(fmt.Sprintf(`document.getElementById("email").value !== %q`, l.Email)))
}

// notHandedOff sends what does not qualify.
func (v *visitor) notHandedOff(t *tab) {
	v.check("the first page opens", errors.Join(t.open("/"), t.fill("#email", "somebody.at.home@gmail.com")))
	l, ok := v.send(t)
	if !ok {
		return
	}
	v.check("the page says why not", t.shows("#s-qualified.failed", "gmail.com is a free-mail domain"))
	v.check("and what would change it", t.shows("#s-qualified.failed", "What would change it"))
	v.inspect(t, "first-not-handed-off")
	v.check("its page opens", t.open("/leads/"+l.Key))
	v.check("it says why not", t.shows("main", "gmail.com is a free-mail domain"))
	v.check("the parts add up", addUp(t))
	v.inspect(t, "lead-free-mail")

	v.check("the first page opens again", errors.Join(t.open("/"), t.choose("#form", "Newsletter")))
	if l, ok = v.send(t); !ok {
		return
	}
	v.check("the page says how many points are missing", t.shows("#s-qualified.failed", "short"))
	v.check("its page opens", t.open("/leads/"+l.Key))
	v.inspect(t, "lead-points-short")
}

// weekend sends a lead while the office is closed.
func (v *visitor) weekend(t *tab) {
	if !v.check("move to a Saturday", errors.Join(v.moveTo(t.ctx, 6, 20), t.signIn(operator), t.open("/"))) {
		return
	}
	l, ok := v.send(t)
	if !ok {
		return
	}
	v.check("it is assigned all the same", t.shows("#s-assigned.done", "To "))
	v.check("the page says when the clocks begin to count", t.shows("#clocks", "business time"))
	v.check("the clock to accept counts down", v.counts(t, l, "accept", "holder"))
	v.inspect(t, "first-weekend")
	v.check("its page says it, too", errors.Join(t.open("/leads/"+l.Key), t.shows(".clocks", "business time")))
	v.inspect(t, "lead-weekend")
}
