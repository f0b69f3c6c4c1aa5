package main

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/handoff-oss/handoff/infra/stack"
)

// managersDay is a manager's: what is overdue, and one lead after the other
// that needs a decision.
func (v *visitor) managersDay(t *tab) {
	l, err := v.comes(t, "Aspen", "Request a demo")
	low, also := v.comes(t, "Birch", "Newsletter")
	boss, failed := v.as(manager)
	defer boss.close()
	if !v.check("a manager signs in, and goes to the board", errors.Join(err, also, failed, boss.click(`.top nav a[href="/board"]`), boss.isAt("/board"))) {
		return
	}
	if v.late.Key != "" {
		v.check("what is overdue stands there", errors.Join(boss.shows("#overdue", v.late.Handoff.Holder.Name), boss.until(fmt.Sprintf(`document.querySelector(%q)`, fmt.Sprintf(`#overdue a[href="/leads/%s"]`, v.late.Key)))))
	}
	v.check("the lead's page offers what can be decided", errors.Join(boss.open("/leads/"+l.Key), boss.shows("#acts", "Reassign")))
	v.gives(t, boss, l)
	v.check("a reminder is sent", errors.Join(boss.orders(l, "remind", "The customer waits"), v.Idle(t.ctx), boss.open("/leads/"+l.Key), boss.shows(".timeline", "The customer waits")))
	v.check("the lead is taken back, and is with somebody or waits", errors.Join(boss.orders(l, "take-back", "Nothing has happened"), v.Idle(t.ctx), boss.open("/leads/"+l.Key), boss.shows(".timeline", "Nothing has happened")))
	v.check("it is held until tomorrow", errors.Join(boss.orders(l, "hold", "To be checked first"), v.isWith(t, l, "")))
	v.check("the board says that it is held, and until when", errors.Join(boss.open("/board"), boss.shows("#held", "Aspen"), boss.shows("#held", "until")))
	v.inspect(boss, "board-held")
	v.check("it goes back to nurture", errors.Join(boss.orders(l, "recycle", "Too early"), v.isStage(t, l, "recycled")))
	v.check("a lead that did not qualify says why not, and is handed off all the same", errors.Join(
		boss.open("/leads/"+low.Key), boss.shows("main", "Why this lead is not handed off"), boss.orders(low, "hand-off", "We met them at a fair"), v.isStage(t, low, "handed_off"),
	))
	v.check("the history says by whom", errors.Join(boss.open("/leads/"+low.Key), boss.shows(".timeline", manager), boss.shows(".timeline", "We met them at a fair")))
	v.inspect(boss, "lead-handed-off-by-order")
}

// gives is the order that asks most: the page says what will happen, wants a
// reason, and gives the lead to whom the manager names.
func (v *visitor) gives(t, boss *tab, l stack.Lead) {
	from, to := l.Handoff.Holder.Name, colleague(l.Handoff.Holder.Name)
	v.check("the page of the order says what will happen", errors.Join(
		boss.open("/leads/"+l.Key), boss.follows("Reassign"), boss.shows("h1", "Give this lead to somebody else?"),
		boss.shows(".will", from+" is told that the lead is no longer theirs"), boss.shows("#h-route ~ *", to),
	))
	v.inspect(boss, "order-reassign")
	v.check("without a reason nothing is ordered", errors.Join(boss.click("main form button"), boss.until(`document.querySelector("#reason:invalid")`), v.isWith(t, l, from)))
	v.check("with one it is", errors.Join(
		boss.chooseText("#to", to), boss.fill("#reason", "Knows the company"), boss.click("main form button"), boss.isAt("/leads/"+l.Key), v.isWith(t, l, to),
	))
	v.check("the page says that the order was carried out, and the history why", errors.Join(boss.shows("#acts", "The order was carried out"), boss.open("/leads/"+l.Key), boss.shows(".timeline", "Knows the company"), boss.shows(".timeline", manager)))
}

// colleague is the other rep of the default policy.
func colleague(of string) string {
	if of == rep {
		return otherRep
	}
	return rep
}

// orders opens the page of an order about a lead, and gives it with a reason
// and else as it is proposed.
func (t *tab) orders(l stack.Lead, what, why string) error {
	return errors.Join(
		t.opens("/leads/"+l.Key+"/order/"+what), t.shows("h2", "What will happen"), t.fill("#reason", why), t.click("main form button"), t.isAt("/leads/"+l.Key),
	)
}

// chooseText selects the option of a list whose text begins so.
func (t *tab) chooseText(selector, text string) error {
	value, err := eval[string](t, fmt.Sprintf(`([...document.querySelector(%q).options].find(o => o.innerText.startsWith(%q)) || {value: "none"}).value`, selector, text))
	return errors.Join(err, t.choose(selector, value))
}

// twoDecide is a manager and an operator who look at the same lead, and both
// give it away.
func (v *visitor) twoDecide(t *tab) {
	l, err := v.comes(t, "Linden", "Request a demo")
	boss, also := v.as(manager)
	defer boss.close()
	second, failed := v.as(operator)
	defer second.close()
	if !v.check("a manager and an operator sign in", errors.Join(err, also, failed)) {
		return
	}
	from, page := l.Handoff.Holder.Name, "/leads/"+l.Key+"/order/reassign"
	v.check("both look at the same lead", errors.Join(
		boss.opens(page), second.opens(page), boss.fill("#reason", "The holder is away"), second.fill("#reason", "Nothing has happened"),
	))
	v.check("both send at once", errors.Join(boss.send(), second.send(), boss.outcome(), second.outcome(), v.Idle(t.ctx)))
	entries, err := v.Timeline(t.ctx, l.Key)
	moved := 0
	for _, e := range entries {
		if e.Type == "lead.reassigned" {
			moved++
		}
	}
	v.check("the lead is given away once", errors.Join(err, unless(moved == 1, "%d times", moved), v.hasLeft(t, l, from)))
	v.check("one sees that their order was carried out, the other why theirs was not", differ(boss, second))
	has, err := v.holder(t, l)
	v.check("both look again, and the manager is the first to send", errors.Join(
		err, boss.opens(page), second.opens(page), boss.fill("#reason", "Back to who had it"), second.fill("#reason", "Too much to do"),
		boss.click("main form button"), boss.isAt("/leads/"+l.Key), v.hasLeft(t, l, has),
	))
	second.asked = append(second.asked, second.url+page)
	given, err := v.holder(t, l)
	v.check("the other sees what has changed, with what they typed, and nothing more is done", errors.Join(
		err, second.click("main form button"), second.shows("[role=alert]", "The lead has changed since you looked"), second.shows("[role=alert]", "Back to who had it"),
		second.until(`document.getElementById("reason").value === "Too much to do"`), v.isWith(t, l, given),
	))
	v.inspect(second, "order-changed")
}

// send sends the form of an order and does not wait for what comes.
func (t *tab) send() error {
	_, err := eval[bool](t, `document.querySelector("main form").requestSubmit(), true`)
	return err
}

// outcome waits until a page says what became of an order.
func (t *tab) outcome() error {
	return t.until(`/The order was carried out|An order changed nothing|has changed since you looked/.test(document.querySelector("main").innerText)`)
}

// differ checks that one of two was carried out and the other was not.
func differ(a, b *tab) error {
	const done = `document.querySelector("main").innerText.includes("The order was carried out")`
	first, err := eval[bool](a, done)
	second, also := eval[bool](b, done)
	return errors.Join(err, also, unless(first != second, "carried out: %t and %t", first, second))
}

// sickDay is a rep who calls in sick: two clicks of the manager.
func (v *visitor) sickDay(t *tab) {
	l, err := v.isGiven(t, rep, "Sycamore")
	boss, also := v.as(manager)
	defer boss.close()
	if !v.check("a rep has a new lead, and the manager goes to the people", errors.Join(err, also, boss.click(`.top nav a[href="/people"]`), boss.isAt("/people"))) {
		return
	}
	v.check("the first click shows which open leads go where, and does nothing", errors.Join(
		boss.click(fmt.Sprintf(`a[aria-label="%s is sick today"]`, rep)), boss.shows("h1", rep+" is away today"),
		boss.until(fmt.Sprintf(`/^(Bo|Casey) /.test(document.querySelector(%q).innerText)`, rowOf(l, `td[data-label="Goes to"]`))), v.isWith(t, l, rep),
	))
	v.inspect(boss, "sick-today")
	v.check("the second confirms", errors.Join(boss.click("main form button"), boss.isAt("/people/alex"), boss.shows(".notice", "The leave is entered"), boss.shows(".notice", "handed over")))
	v.check("the lead has moved", v.hasLeft(t, l, rep))
	v.check("its history says by whom and why", errors.Join(boss.open("/leads/"+l.Key), boss.shows(".timeline", manager), boss.shows(".timeline", "sick")))
	v.check("the list of people says that they are away", errors.Join(boss.open("/people"), boss.shows("tr", "on leave")))
	next, err := v.comes(t, "Poplar", "Request a demo")
	v.check("the next lead is for somebody else", errors.Join(err, v.hasLeft(t, next, rep)))
	v.check("well again: the leave is taken back", errors.Join(boss.open("/people/alex"), boss.click(`button[aria-label^="Take back the leave"]`), boss.isAt("/people/alex"), boss.until(`!document.querySelector('button[aria-label^="Take back the leave"]')`)))
}

// marketersDay finds leads, keeps what was found as a view, and takes it away.
func (v *visitor) marketersDay(t *tab) {
	l, err := v.comes(t, "Hemlock", "Request a demo")
	near, also := v.comes(t, "Spruce", "Newsletter")
	desk, failed := v.as(marketer)
	defer desk.close()
	if !v.check("a marketer signs in, and goes to the leads", errors.Join(err, also, failed, desk.click(`.top nav a[href="/leads"]`), desk.isAt("/leads"))) {
		return
	}
	v.check("finds a lead by source, stage and a part of the company", errors.Join(
		desk.fill("#q", "hemlo"), desk.choose("#stage", "handed_off"), desk.choose("#source", "html"), desk.click("main form button"),
		desk.until(`location.search.includes("q=hemlo") && document.readyState === "complete"`),
		desk.until(fmt.Sprintf(`document.querySelectorAll("#found tbody tr").length === 1 && document.querySelector(%q)`, rowOf(l, "a"))),
	))
	v.check("keeps it as a view", errors.Join(
		desk.click("#found details summary"), desk.fill("#view-name", "Hemlocks"), desk.click(`form[action="/leads/views"] button`), desk.shows(".views a[aria-current]", "Hemlocks"),
	))
	v.inspect(desk, "leads-view")
	v.check("takes them along as CSV", desk.csv(l.Email, near.Email))
	v.check("finds the page of those who are nearly ready", errors.Join(desk.opens("/leads/nearly"), desk.shows("h1", "Nearly qualified")))
	v.check("opens the view again, and deletes it", errors.Join(
		desk.opens("/leads/views"), desk.shows("main tr", "Hemlocks"), desk.click("main tr a"), desk.shows("#found", "Hemlock"),
		desk.opens("/leads/views"), desk.click("button[value=delete]"), desk.shows("main", "No view is saved yet"),
	))
	v.check("may not decide about a lead", errors.Join(
		desk.refused(http.MethodPost, "/api/leads/"+l.Key+"/orders", `'{"order":"take-back","reason":"Mine","handoff":1}'`),
		desk.open("/leads/"+l.Key), desk.until(`document.querySelector("h1") && !document.querySelector("#acts a")`),
	))
}

// csv downloads the leads that a list shows, and checks who is among them.
func (t *tab) csv(with, without string) error {
	path, err := eval[string](t, `document.querySelector("a[download]").getAttribute("href")`)
	if err != nil {
		return err
	}
	a, err := t.asks(http.MethodGet, path, "text/plain", "")
	lines := strings.Split(strings.TrimSpace(a.Text), "\n")
	return errors.Join(err,
		unless(a.Status == http.StatusOK && strings.HasPrefix(a.Kind, "text/csv"), "%s answers %d as %s", path, a.Status, a.Kind),
		unless(len(lines) == 2 && strings.Contains(lines[len(lines)-1], with) && !strings.Contains(a.Text, without), "the file is %.300s", a.Text),
	)
}

// operatorsDay looks at what waits and failed, at deliveries, and ends the
// sessions of somebody.
func (v *visitor) operatorsDay(t *tab) {
	l, err := v.comes(t, "Walnut", "Request a demo")
	boss, also := v.as(operator)
	defer boss.close()
	if !v.check("an operator signs in, and goes to the operations", errors.Join(err, also, boss.click(`.top nav a[href="/operations"]`), boss.isAt("/operations"))) {
		return
	}
	v.check("they say what waits, what failed and what runs", errors.Join(boss.shows("h2", "What waits"), boss.shows("h2", "What failed"), boss.shows("h2", "What runs")))
	v.check("the deliveries say to whom the handoff was told", errors.Join(boss.follows("Deliveries"), boss.isAt("/deliveries"), boss.shows("tr", l.Key[:8])))
	v.check("and which were given up", errors.Join(boss.choose("#state", "given_up"), boss.click("main form button"), boss.shows("main", "No delivery is given up")))
	v.deadLetter(t, boss)
	gone, err := v.as(marketer)
	defer gone.close()
	v.check("a marketer signs in", errors.Join(err, gone.opens("/leads")))
	v.check("the operator signs them out everywhere", errors.Join(
		boss.open("/sessions"), boss.click(fmt.Sprintf(`button[aria-label="Sign out everywhere: %s"]`, marketer)), boss.isAt("/sessions"),
		boss.until(fmt.Sprintf(`![...document.querySelectorAll("h2")].some(e => e.innerText.includes(%q))`, marketer)),
	))
	v.check("their next click leads to signing in", errors.Join(gone.open("/leads"), gone.shows("h1", "Who are you?")))
}

// deadLetter is a message among the parked signals that holds none: it is given
// up, and the operator sees why, sends it back in vain, and discards it.
func (v *visitor) deadLetter(t, boss *tab) {
	if !v.check("something damaged lies among the signals that wait to be stored", v.damaged(t)) {
		return
	}
	v.check("it is given up, and the page says why", errors.Join(boss.open("/operations"), boss.shows("#park h3", "1"), boss.shows(`#park td[data-label="Why"]`, "message")))
	v.inspect(boss, "operations-dead-letter")
	v.check("sent back it comes again, since nothing was repaired", errors.Join(
		boss.click(`#park form[action="/operations/retry"] button`), boss.isAt("/operations"), boss.shows("[role=status]", ""), v.Idle(t.ctx),
		boss.open("/operations"), boss.shows("#park h3", "1"),
	))
	v.check("it is discarded with a reason", errors.Join(
		boss.click("#park td details summary"), boss.fill("#park td input[name=reason]", "A test by hand"), boss.click("#park td details[open] button"),
		boss.isAt("/operations"), boss.until(`document.querySelector("main").innerText.includes("Nothing was given up")`),
	))
}

// damaged sends a message to the queue of parked signals, as no function does.
func (v *visitor) damaged(t *tab) error {
	health, err := v.Health(t.ctx)
	if err != nil {
		return err
	}
	r, err := v.Do(t.ctx, http.MethodPost, health.Endpoints.AWS, map[string]string{
		"Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": "AmazonSQS.SendMessage",
	}, fmt.Appendf(nil, `{"QueueUrl":%q,"MessageBody":"no signals"}`, health.Endpoints.AWS+"/000000000000/handoff-ParkQueue"))
	return errors.Join(err, unless(r.OK(), "the queue answers %d: %s", r.Status, r.Body), v.Idle(t.ctx))
}
