package main

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// link returns the address of a link about a lead in the outbox.
func (v *visitor) link(t *tab, key, label string) (string, error) {
	messages, err := v.Outbox(t.ctx, key)
	for _, m := range messages {
		for _, l := range m.Links {
			if l.Label == label {
				return l.URL, nil
			}
		}
	}
	return "", errors.Join(err, fmt.Errorf("no message about %s has a link %s", key, label))
}

// answers looks at what the other links answer.
func (v *visitor) answers(t *tab) {
	v.check("the first page opens", t.open("/"))
	l, ok := v.send(t)
	if !ok {
		return
	}
	v.check("the rep was told", t.shows("#s-told.done", "Slack"))
	reject, err := v.link(t, l.Key, "Reject")
	if !v.check("the message has a link to reject", err) {
		return
	}
	v.check("it asks", errors.Join(t.open(reject), t.shows("h1", "Reject this lead?")))
	v.inspect(t, "respond-asks-reject")
	v.phone(t, "respond-asks-reject")
	v.check("each reason says where the lead goes", t.shows("fieldset", "Back to nurture for 60 days; does not count for you"))
	v.check("it wants a reason", errors.Join(t.click("main button"), t.until(`document.querySelector("input[name=reason]:invalid")`)))
	v.check("another reason wants words", errors.Join(t.click("input[value=other]"), t.click("main button"), t.until(`document.querySelector("[role=alert]")`)))
	v.check("the reason is still chosen", t.until(`document.querySelector("input[value=other]").checked && document.activeElement.id === "comment"`))
	v.inspect(t, "respond-reject-lacks")
	v.check("with words it is recorded", errors.Join(t.fill("#comment", "A competitor."), t.click("main button"), t.shows("h1", "The lead is off your list")))
	v.inspect(t, "respond-rejected")
	v.check("the lead is with somebody else", v.isStage(t, l, "handed_off"))
	accept, err := v.link(t, l.Key, "Accept")
	v.check("the first link to accept is ruled out", errors.Join(err, t.open(accept), t.until(`/rejected|moved on/.test(document.querySelector("h1").innerText)`)))
	v.inspect(t, "respond-ruled-out")
	v.phone(t, "respond-moved-on")
	v.check("a damaged link", errors.Join(t.open(accept[:len(accept)-4]+"AAAA"), t.shows("h1", "This link does not work")))
	v.inspect(t, "respond-damaged")
	v.check("a program gets JSON", v.answersWith(t, http.MethodGet, accept, "application/json", nil, http.StatusConflict, "application/problem+json"))
	v.check("a damaged link is refused as JSON, too", v.answersWith(t, http.MethodGet, accept+"A", "application/json", nil, http.StatusForbidden, "application/problem+json"))
	v.onward(t)
	v.limit(t)
}

// answersWith checks status and type of an answer.
func (v *visitor) answersWith(t *tab, method, path, accept string, body []byte, status int, kind string) error {
	headers := map[string]string{"Accept": accept}
	if body != nil {
		headers["Content-Type"] = "application/x-www-form-urlencoded"
	}
	r, err := v.Do(t.ctx, method, path, headers, body)
	if err != nil {
		return err
	}
	got := r.Headers.Get("Content-Type")
	return unless(r.Status == status && strings.HasPrefix(got, kind), "it answers %d as %s: %.200s", r.Status, got, r.Body)
}

// weekLater comes back when the links have expired.
func (v *visitor) weekLater(t *tab) {
	now, err := v.Now(t.ctx)
	if !v.check("move on by eight days", errors.Join(err, v.MoveTo(t.ctx, now.AddDate(0, 0, 8)), t.signIn(operator))) {
		return
	}
	accept, err := v.link(t, v.late.Key, "Accept")
	v.check("the link has expired", errors.Join(err, t.open(accept), t.shows("h1", "This link has expired")))
	v.inspect(t, "respond-expired")
	v.phone(t, "respond-expired")
	v.check("the lead says what was missed", errors.Join(t.open("/leads/"+v.late.Key), t.shows("main", "breached"), addUp(t)))
	v.inspect(t, "lead-week-later")
	v.check("the list opens", errors.Join(t.open("/leads"), t.shows("main table", v.late.Email)))
	v.inspect(t, "leads-week-later")
	v.check("the first page goes on with a lead of last week", errors.Join(t.open("/?email="+v.late.Email), t.shows("#end-escalated.bad", "manager")))
	v.inspect(t, "first-week-later")
}

// plain goes the first minutes with scripts switched off.
func (v *visitor) plain(t *tab) {
	if !v.check("the first page opens without scripts", errors.Join(t.scripts(false), t.open("/"))) {
		return
	}
	v.inspect(t, "plain-first")
	email, err := eval[string](t, `document.getElementById("email").value`)
	v.check("send the form", errors.Join(err, t.click("#go")))
	v.check("it leads back and says so", t.shows("main", "The form was sent"))
	v.inspect(t, "plain-sent")
	v.check("everything is worked off", v.Idle(t.ctx))
	v.check("a link leads to the lead", errors.Join(t.click(`main a[href^="/leads"]`), t.shows("main tbody tr:first-child", email)))
	v.check("a link leads to its messages", errors.Join(t.open("/?sent=1"), t.click(`main a[href="/_local/outbox"]`), t.shows(".message", "New lead for")))
	l, ok, err := v.Find(t.ctx, email)
	v.check("the lead is there", errors.Join(err, unless(ok, "no lead %s", email)))
	accept, err := v.link(t, l.Key, "Accept")
	v.check("accept without scripts", errors.Join(err, t.open(accept), t.click("main button"), t.shows("h1", "The lead is yours")))
	v.check("the lead is accepted", v.isStage(t, l, "accepted"))
	v.check("its page opens", errors.Join(t.open("/leads/"+l.Key), addUp(t)))
	v.inspect(t, "plain-lead")
}
