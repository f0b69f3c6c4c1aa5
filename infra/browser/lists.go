package main

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os/exec"
	"strings"
)

// leads looks at the list and at one lead.
func (v *visitor) leads(t *tab) {
	v.check("the list opens", t.open("/leads"))
	v.check("it has the leads", errors.Join(t.shows("main table", v.first.Email), t.shows("main table", v.late.Email)))
	v.inspect(t, "leads")
	v.check("filter by stage", errors.Join(t.choose("#stage", "contacted"), t.click("main form button")))
	v.check("only that stage is shown", t.until(`document.querySelectorAll("main tbody tr").length === 1`))
	v.check("find an address", errors.Join(t.open("/leads"), t.fill("#q", v.late.Email), t.click("main form button")))
	v.check("one is found", t.until(`document.querySelectorAll("main tbody tr").length === 1`))
	v.inspect(t, "leads-found")
	v.check("look for nobody", t.open("/leads?email=nobody@nowhere.example"))
	v.check("it says so", t.shows("main", "Nobody with this address"))
	v.inspect(t, "leads-nobody")
	v.check("a stage without leads", errors.Join(t.open("/leads?stage=qualified"), t.shows("main", "No lead in this stage")))
	v.inspect(t, "leads-no-stage")

	v.check("the accepted lead opens from the list", errors.Join(t.open("/leads"), t.click(fmt.Sprintf(`a[href="/leads/%s"]`, v.first.Key)), t.until(fmt.Sprintf(`location.pathname === "/leads/%s" && document.querySelector("tfoot")`, v.first.Key))))
	v.check("the parts of its scores add up", addUp(t))
	v.inspect(t, "lead-contacted")
	v.check("the escalated lead opens", t.open("/leads/"+v.late.Key))
	v.check("the parts of its scores add up", addUp(t))
	v.check("its timeline has the breach", t.shows(".timeline", "breached"))
	v.check("its clocks count down at the stack's time", v.counts(t, v.late, "first_contact", "customer", "holder"))
	v.inspect(t, "lead-escalated")
}

// sources looks at the page of who sends webhooks.
func (v *visitor) sources(t *tab) {
	v.check("the page opens", t.open("/sources"))
	v.check("it says what was heard", t.shows("main", "html"))
	v.inspect(t, "sources")
}

// addUp sums the points in the tables on the page of a lead.
func addUp(t *tab) error {
	wrong, err := eval[string](t, `(() => {
		const number = e => Number(e.textContent.replace("−", "-").replace("+", ""));
		const tables = [...document.querySelectorAll("table")].filter(t => t.tFoot);
		if (!tables.length) return "no table of points";
		return tables.map(t => {
			const sum = [...t.tBodies[0].querySelectorAll("td.num")].reduce((a, e) => a + number(e), 0), said = number(t.tFoot.querySelector("td"));
			return sum === said ? "" : "the parts are " + sum + ", below them stands " + said;
		}).join("");
	})()`)
	return errors.Join(err, unless(wrong == "", "%s", wrong))
}

// outbox looks at the messages.
func (v *visitor) outbox(t *tab) {
	v.check("the outbox opens", t.open("/_local/outbox"))
	v.check("it has the manager's message", t.shows("main", "Not answered by"))
	v.check("each e-mail has its frame", t.until(`document.querySelectorAll("iframe").length >= 3`))
	v.inspect(t, "outbox")
	v.check("about one lead", errors.Join(t.open("/_local/outbox?lead="+v.first.Key), t.shows("main", "one lead")))
	v.check("nothing of another lead", t.until(fmt.Sprintf(`!document.querySelector("main").innerText.includes(%q)`, v.late.Email)))
	v.inspect(t, "outbox-one-lead")
	v.check("about no lead", errors.Join(t.open("/_local/outbox?lead=none"), t.until(`document.querySelector("main h2")`)))
	v.inspect(t, "outbox-empty")
}

// nothing looks at pages that are not there, and at refusals.
func (v *visitor) nothing(t *tab) {
	v.check("a lead that is not there", errors.Join(t.open("/leads/0000000000"), t.shows("main", "There is no such lead")))
	v.inspect(t, "lead-not-there")
	v.check("a stage that is not there", errors.Join(t.open("/leads?stage=strange"), t.shows("main", "no such stage")))
	v.inspect(t, "leads-strange-stage")
	for _, c := range []struct {
		path, accept, kind string
		status             int
	}{
		{"/leads/0000000000", "text/html", "text/html", http.StatusNotFound},
		{"/api/leads/0000000000", "text/html", "application/problem+json", http.StatusNotFound},
		{"/api/leads?stage=strange", "application/json", "application/problem+json", http.StatusBadRequest},
	} {
		v.check(fmt.Sprintf("%s answers %d as %s", c.path, c.status, c.kind), v.answersWith(t, http.MethodGet, c.path, c.accept, nil, c.status, c.kind))
	}
	large := []byte(url.Values{"email": {"ada@company.example"}, "message": {string(make([]byte, 1<<20))}}.Encode())
	v.check("a form of more than a megabyte is refused with a page", v.answersWith(t, http.MethodPost, v.form(t), "text/html", large, http.StatusRequestEntityTooLarge, "text/html"))
	v.check("and with JSON for a program", v.answersWith(t, http.MethodPost, v.form(t), "application/json", large, http.StatusRequestEntityTooLarge, "application/problem+json"))
}

// terminal runs the commands that the first page shows, as they stand.
func (v *visitor) terminal(t *tab) {
	v.check("the first page opens", t.open("/"))
	_, err := eval[int](t, `document.querySelectorAll("aside details").forEach(d => { d.open = true; }), 1`)
	v.check("the sources open", err)
	v.inspect(t, "first-sources")
	commands, err := eval[[]string](t, `[...document.querySelectorAll("aside pre code")].map(e => e.textContent)`)
	v.check("there are commands", errors.Join(err, unless(len(commands) == 2, "there are %d", len(commands))))
	email, err := eval[string](t, `document.getElementById("email").value`)
	v.check("they are about the person in the form", err)
	for i, c := range commands {
		command := exec.CommandContext(t.ctx, "bash", "-c", "set -o pipefail; "+c)
		command.Dir = v.root
		out, err := command.CombinedOutput()
		v.check("it runs: "+strings.Join(strings.Fields(c), " "), errors.Join(err, unless(err == nil, "%s", out), v.Idle(t.ctx)))
		v.check(fmt.Sprintf("the lead has had %d signals", i+1), errors.Join(t.open("/leads?email="+url.QueryEscape(email)), t.click("main tbody a"), t.shows(".pairs", fmt.Sprintf("Signals %d", i+1))))
	}
}

// gone looks at the first page when nothing answers any more.
func (v *visitor) gone(t *tab) {
	v.check("the first page opens", t.open("/?email="+url.QueryEscape(v.first.Email)))
	v.check("it follows a lead", t.shows("#s-scored.done", "Fit"))
	v.check("its form is that lead's", t.until(fmt.Sprintf(`document.getElementById("email").value === %q`, v.first.Email)))
	v.check("the stack stops", v.from.stop())
	v.check("the page says so", t.shows("#sent", "make run"))
}

// form returns where the form on the first page goes.
func (v *visitor) form(t *tab) string {
	if err := t.open("/"); err != nil {
		return ""
	}
	action, err := eval[string](t, `document.getElementById("send").getAttribute("action")`)
	if err != nil {
		return ""
	}
	return action
}
