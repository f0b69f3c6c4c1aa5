package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"github.com/chromedp/chromedp"

	"github.com/handoff-oss/handoff/infra/stack"
)

// onward accepts a lead and goes on from one answer to the next, on a telephone.
func (v *visitor) onward(t *tab) {
	v.check("the first page opens", t.open("/"))
	l, ok := v.send(t)
	if !ok {
		return
	}
	accept, err := v.link(t, l.Key, "Accept")
	if !v.check("the page to accept opens", errors.Join(err, t.open(accept), t.shows("h1", "Accept this lead?"))) {
		return
	}
	v.phone(t, "respond-asks-accept")
	v.check("accept by the keyboard", errors.Join(t.enter(), t.shows("h1", "The lead is yours")))
	v.phone(t, "respond-accepted")
	for _, s := range []struct {
		label, asks string
		fill        func() error
		name, told  string
	}{
		{"Comment", "Leave a comment", func() error { return t.fill("#comment", "They ask for a quote.") }, "comment", "Your comment is kept"},
		{"Snooze", "Snooze this lead?", func() error { return t.click("input[value=customer_asked]") }, "snooze", "The lead is snoozed"},
		{"I have contacted them", "Have you contacted them?", func() error { return t.click("input[value=email]") }, "contacted", "First contact is recorded"},
		{"A meeting is set", "Is a meeting set?", func() error { return nil }, "meeting", "The meeting is recorded"},
		{"Give feedback", "What became of this lead?", func() error { return t.click("input[value=good_fit]") }, "feedback", "Your feedback is recorded"},
	} {
		if !v.check(s.label+": the page leads there", errors.Join(t.follows(s.label), t.shows("h1", s.asks))) {
			return
		}
		v.phone(t, "respond-asks-"+s.name)
		v.check(s.label+": it is recorded", errors.Join(s.fill(), t.click("main button"), t.shows("h1", s.told)))
		v.phone(t, "respond-told-"+s.name)
		v.check(s.label+": everything is worked off", v.Idle(t.ctx))
	}
	v.check("the lead is in a meeting", v.isStage(t, l, "meeting"))
}

// follows clicks on a link by its text.
func (t *tab) follows(label string) error {
	path, err := eval[string](t, fmt.Sprintf(`(([...document.querySelectorAll("main a[href]")].find(a => a.innerText.trim() === %q)) || document.body).getAttribute("href") || ""`, label))
	if err != nil || path == "" {
		return errors.Join(err, fmt.Errorf("%s has no link %q", t.path(), label))
	}
	return t.click(fmt.Sprintf(`main a[href=%q]`, path))
}

// enter presses the enter key where the cursor is.
func (t *tab) enter() error {
	return errors.Join(t.front(), chromedp.Do(t.ctx, chromedp.KeyEvent("\r")))
}

// phone holds the page of an answer to what a telephone and a keyboard need: it
// is not wider than the screen, every control has a label, the cursor stands
// where the first answer is given. The tab is left wide and light.
func (v *visitor) phone(t *tab, name string) {
	v.check(name+": the cursor stands at the first control", t.until(`(f => !f || (document.activeElement.form === f && document.activeElement.autofocus))(document.querySelector("main form"))`))
	unnamed, err := eval[string](t, `[...document.querySelectorAll("main input, main select, main textarea")].filter(e => !e.labels.length || !e.labels[0].innerText.trim()).map(e => e.outerHTML).join(" ")`)
	v.check(name+": every control has a label", errors.Join(err, unless(unnamed == "", "%s", unnamed)))
	for _, l := range []look{{390, "light"}, {390, "dark"}, {320, "dark"}, {320, "light"}} {
		err := v.picture(t, l, name)
		width, failed := eval[int64](t, `Math.max(document.scrollingElement.scrollWidth, window.innerWidth)`)
		v.check(fmt.Sprintf("%s: fits %d px, %s", name, l.width, l.scheme), errors.Join(err, failed, unless(width <= l.width, "the page is %d px wide", width)))
	}
	v.check(name+": back to a desk", t.resize(1280, usual))
}

// limit rejects leads until a rep has used up what a day allows.
func (v *visitor) limit(t *tab) {
	action := v.form(t)
	for n := range 20 {
		email := fmt.Sprintf("buyer-%d@limit-%d.example", n, n)
		body := url.Values{"email": {email}, "first_name": {"Lin"}, "last_name": {"Doe"}, "company": {"Limit"}, "title": {"CTO"}, "form": {"Request a demo"}}.Encode()
		_, err := v.Do(t.ctx, http.MethodPost, action, map[string]string{"Content-Type": "application/x-www-form-urlencoded"}, []byte(body))
		l, ok, failed := v.found(t, email)
		if !v.check("another lead to reject", errors.Join(err, failed, unless(ok, "no lead %s", email))) {
			return
		}
		reject, err := v.link(t, l.Key, "Reject")
		if !v.check("it has a link to reject", err) {
			return
		}
		code, err := v.rejects(t, reject)
		if !v.check("it is rejected, or the limit is reached", errors.Join(err, unless(code == "" || code == "limit_reached", "it says %s", code))) {
			return
		}
		if code == "limit_reached" {
			v.check("the page says that the limit is reached", errors.Join(t.open(reject), t.shows("h1", "today’s limit")))
			v.phone(t, "respond-limit")
			return
		}
	}
	v.check("a day has a limit", errors.New("20 leads were rejected"))
}

func (v *visitor) found(t *tab, email string) (stack.Lead, bool, error) {
	if err := v.Idle(t.ctx); err != nil {
		return stack.Lead{}, false, err
	}
	return v.Find(t.ctx, email)
}

// rejects posts an answer as a program does, and returns the code of a refusal.
func (v *visitor) rejects(t *tab, address string) (string, error) {
	r, err := v.Do(t.ctx, http.MethodPost, address, map[string]string{"Accept": "application/json", "Content-Type": "application/json"}, []byte(`{"reason":"too_early"}`))
	if err != nil {
		return "", err
	}
	var problem struct {
		Code string `json:"code"`
	}
	return problem.Code, errors.Join(json.Unmarshal(r.Body, &problem), v.Idle(t.ctx))
}
