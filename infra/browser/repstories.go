package main

import (
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/handoff-oss/handoff/infra/stack"
)

// repsDay is a rep's: from a new lead to one that waits, at their own page and
// at the lead's.
func (v *visitor) repsDay(t *tab) {
	l, err := v.isGiven(t, rep, "Larch")
	other, also := v.isGiven(t, rep, "Beech")
	if !v.check("two leads are given to a rep", errors.Join(err, also)) {
		return
	}
	mine, err := v.as(rep)
	defer mine.close()
	if !v.check("the rep signs in, and goes to My leads", errors.Join(err, mine.click(`.top nav a[href="/my"]`), mine.isAt("/my"))) {
		return
	}
	v.check("both leads are new, and say why they come and until when to answer", errors.Join(
		mine.shows(`[aria-labelledby="h-new"] tr`, "Robin Larch"), mine.shows(`[aria-labelledby="h-new"] tr`, "Robin Beech"),
		mine.until(fmt.Sprintf(`document.querySelector(%q).innerText.match(/demo[^]*\d+ (h|min)[^]* left/i)`, rowOf(l, ""))),
	))
	v.check("one click on Accept is enough", errors.Join(mine.click(rowOf(l, "form button")), mine.shows(".notice", "The lead is yours"), v.isStage(t, l, "accepted")))
	v.check("the list says what is due next", errors.Join(mine.open("/my"), mine.shows(`[aria-labelledby="h-due"] tr`, "Robin Larch"), mine.shows(rowOf(l, "td"), "First contact")))
	v.check("the rep calls them, and says how and when", errors.Join(
		v.passes(t, 10*time.Minute), mine.click(rowOf(l, `a[href$="/answer/contacted"]`)), mine.shows("h1", "Have you contacted them?"),
		mine.click(`input[name=how][value=call]`), mine.earlier("#when", 5*time.Minute), mine.click("main form button"), mine.shows(".notice", "First contact is recorded"),
	))
	v.check("the lead is contacted", v.isStage(t, l, "contacted"))
	v.check("the lead waits for the customer", errors.Join(
		mine.open("/my"), mine.click(rowOf(l, `a[href$="/answer/snooze"]`)), mine.shows("h1", "Snooze this lead?"),
		mine.click(`input[value=customer_asked]`), mine.click("main form button"), mine.shows(".notice", "The lead is snoozed"), v.Idle(t.ctx),
	))
	v.check("it stands among those that wait", errors.Join(mine.open("/my"), mine.shows(`[aria-labelledby="h-waiting"] tr`, "Robin Larch")))
	v.inspect(mine, "my-leads")
	v.fromTheLead(t, mine, l, other)
}

// fromTheLead goes on at the pages of two leads, of which one is new.
func (v *visitor) fromTheLead(t, mine *tab, l, other stack.Lead) {
	v.check("the lead's page says how they were contacted, and that the clock waits", errors.Join(
		mine.open("/my"), mine.click(rowOf(l, "th a")), mine.isAt("/leads/"+l.Key), mine.shows("#h-contact ~ p", "Call"), mine.shows("#clocks", "Paused"),
	))
	v.check("a comment from there", errors.Join(
		mine.follows("Comment"), mine.shows("h1", "Leave a comment"), mine.fill("#comment", "Back from the fair on Monday."), mine.click("main form button"),
		mine.shows(".notice", "Your comment is kept"), v.Idle(t.ctx),
	))
	v.check("the history says that there is one", errors.Join(mine.open("/leads/"+l.Key), mine.shows(".timeline", "The holder left a comment")))
	v.check("the other is accepted from its page", errors.Join(
		mine.open("/leads/"+other.Key), mine.follows("Accept"), mine.shows("h1", "Accept this lead?"),
	))
	v.inspect(mine, "answer-accept")
	v.check("after a look at what is asked", errors.Join(mine.click("main form button"), mine.shows(".notice", "The lead is yours"), v.isStage(t, other, "accepted")))
}

// earlier sets the time in a field back.
func (t *tab) earlier(selector string, by time.Duration) error {
	const layout = "2006-01-02T15:04"
	now, err := eval[string](t, fmt.Sprintf(`document.querySelector(%q).value`, selector))
	if err != nil {
		return err
	}
	at, err := time.Parse(layout, now)
	return errors.Join(err, t.choose(selector, at.Add(-by).Format(layout)))
}

// byKeys accepts a lead by the page's keys, and another by Tab alone.
func (v *visitor) byKeys(t *tab) {
	first, err := v.isGiven(t, rep, "Cedar")
	second, also := v.isGiven(t, rep, "Maple")
	mine, failed := v.as(rep)
	defer mine.close()
	if !v.check("a rep with two new leads", errors.Join(err, also, failed, mine.opens("/my"))) {
		return
	}
	v.check("? says what the keys are, and the focus is seen there", errors.Join(mine.press("?"), mine.until(`document.getElementById("keys").open`), mine.focusShown()))
	v.check("j and k go from lead to lead, and the focus is always seen", errors.Join(
		mine.reach(first), mine.press("j"), mine.focusShown(), mine.press("k"), mine.focusShown(), mine.until(inRow(first)),
	))
	v.check("a opens the page that asks, and nothing is done yet", errors.Join(
		mine.press("a"), mine.isAt("/leads/"+first.Key+"/answer/accept"), mine.shows("h1", "Accept this lead?"), mine.focusShown(), v.isStage(t, first, "handed_off"),
	))
	v.check("Enter accepts", errors.Join(mine.enter(), mine.isAt("/my"), mine.shows(".notice", "The lead is yours"), v.isStage(t, first, "accepted")))
	v.check("Tab alone leads to Accept of the other, and Enter accepts", errors.Join(
		mine.opens("/my"), mine.tabTo(rowOf(second, "form button")), mine.enter(), mine.until(`location.search.includes("did=accept")`), mine.shows(".notice", "The lead is yours"), v.isStage(t, second, "accepted"),
	))
	v.check("keys that are switched off do nothing", errors.Join(
		mine.opens("/my"), mine.click("#keys summary"), mine.click("#keys-on"), mine.click("h1"), mine.press("j"), mine.until(`!document.activeElement.closest("[data-row]")`),
		mine.click("#keys-on"),
	))
}

// reach presses j until the focus is in the row of a lead.
func (t *tab) reach(l stack.Lead) error {
	for range 40 {
		if err := errors.Join(t.press("j"), t.focusShown()); err != nil {
			return err
		}
		if there, err := eval[bool](t, inRow(l)); err != nil || there {
			return err
		}
	}
	return fmt.Errorf("j does not lead to %s", l.Key)
}

// inRow is the condition that the focus is in the row of a lead.
func inRow(l stack.Lead) string {
	return fmt.Sprintf(`document.activeElement.matches(%q)`, rowOf(l, "*"))
}

// notTheirs is a rep who tries a lead of another rep.
func (v *visitor) notTheirs(t *tab) {
	l, err := v.isGiven(t, otherRep, "Rowan")
	mine, also := v.as(rep)
	defer mine.close()
	if !v.check("a lead is given to one rep, and another signs in", errors.Join(err, also, mine.opens("/my"))) {
		return
	}
	v.check("it is not in their list", mine.until(fmt.Sprintf(`!document.querySelector("main").innerHTML.includes(%q)`, l.Key)))
	own := "/leads/" + l.Key
	v.check("the API refuses the lead, its history and an answer", errors.Join(
		mine.refused(http.MethodGet, "/api"+own, ""), mine.refused(http.MethodGet, "/api"+own+"/timeline", ""),
		mine.refused(http.MethodPost, "/api"+own+"/answers", `'{"answer":"accept"}'`),
		mine.refused(http.MethodPost, "/api"+own+"/orders", `'{"order":"take-back","reason":"Mine","handoff":1}'`),
	))
	for _, c := range []struct{ what, path string }{{"the page of an answer", own + "/answer/accept"}, {"the page of an order", own + "/order/reassign"}, {"the lead's page", own}} {
		mine.asked = append(mine.asked, mine.url+c.path)
		v.check(c.what+" is refused, and tells nothing of the lead", errors.Join(
			mine.open(c.path), mine.until(`performance.getEntriesByType("navigation")[0].responseStatus === 403`),
			mine.until(fmt.Sprintf(`document.querySelector("h1") && !document.body.innerText.includes("Rowan") && !document.body.innerText.includes(%q)`, l.Email)),
		))
	}
	v.inspect(mine, "lead-of-another")
	v.check("nothing has happened to it", errors.Join(v.isStage(t, l, "handed_off"), v.isWith(t, l, otherRep)))
}

// midForm is a rep whose sessions an operator ends while a comment is written.
func (v *visitor) midForm(t *tab) {
	l, err := v.isGiven(t, rep, "Hazel")
	mine, also := v.as(rep)
	defer mine.close()
	boss, failed := v.as(operator)
	defer boss.close()
	const words = "Too early: \"in spring\", they say & mean it."
	if !v.check("a rep chooses a reason, and writes", errors.Join(
		err, also, failed, mine.opens("/leads/"+l.Key+"/answer/reject"), mine.click("input[value=too_early]"), mine.fill("#comment", words),
	)) {
		return
	}
	v.check("an operator signs them out everywhere meanwhile", errors.Join(
		boss.open("/sessions"), boss.click(fmt.Sprintf(`button[aria-label="Sign out everywhere: %s"]`, rep)), boss.isAt("/sessions"),
		boss.until(fmt.Sprintf(`![...document.querySelectorAll("h2")].some(e => e.innerText.includes(%q))`, rep)),
	))
	mine.asked = append(mine.asked, mine.url+"/leads/"+l.Key+"/answer/reject")
	v.check("sending says that the session has ended, and leads to the identity provider", errors.Join(
		mine.click("main form button"), mine.shows("h1", "Your session has ended"), mine.click("main form button"), mine.shows("h1", "Who are you?"), // past a page that goes on by itself
	))
	v.check("nothing was sent", v.isStage(t, l, "handed_off"))
	v.check("after signing in the form is there with what was typed", errors.Join(
		mine.choosePerson(rep), mine.shows("h1", "Go on with what you were doing"), mine.shows("dd", words), mine.shows("dd", "too_early"),
	))
	v.inspect(mine, "form-kept")
	v.check("sending it works", errors.Join(mine.click("main form button"), mine.isAt("/my"), mine.shows(".notice", "The lead is off your list"), v.isStage(t, l, "recycled")))
	v.check("once: sent again from the page before, it changes nothing", v.sentOnce(t, mine, l))
}

// sentOnce goes back to the kept form, and sends it again if it is still there.
func (v *visitor) sentOnce(t, mine *tab, l stack.Lead) error {
	before, err := v.Timeline(t.ctx, l.Key)
	if err != nil {
		return err
	}
	if _, err := eval[bool](mine, `history.back(), true`); err != nil {
		return err
	}
	if err := mine.until(`location.pathname !== "/my" && document.readyState === "complete"`); err != nil {
		return err
	}
	if mine.text("h1") == "Go on with what you were doing" {
		if err := errors.Join(mine.click("main form button"), mine.until(`location.pathname === "/my" || /already|moved on|not kept/.test(document.querySelector("main").innerText)`)); err != nil {
			return err
		}
	}
	if err := v.Idle(t.ctx); err != nil {
		return err
	}
	after, err := v.Timeline(t.ctx, l.Key)
	return errors.Join(err, unless(len(after) == len(before), "the history has grown from %d to %d", len(before), len(after)))
}
