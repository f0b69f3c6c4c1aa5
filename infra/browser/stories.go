package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/handoff-oss/handoff/infra/stack"
)

// stories are what people do at the pages in a day, each told by itself with
// leads of its own. They leave everybody at work and with their leads.
func (v *visitor) stories() iter.Seq2[string, func(*tab)] {
	return func(yield func(string, func(*tab)) bool) {
		for _, s := range []struct {
			title string
			tell  func(*tab)
		}{
			{"A rep's day", v.repsDay},
			{"A rep without a mouse", v.byKeys},
			{"A lead of somebody else", v.notTheirs},
			{"A session that ends in the middle of a form", v.midForm},
			{"A manager's day", v.managersDay},
			{"A lead about which two decide", v.twoDecide},
			{"A sick day", v.sickDay},
			{"A marketer's day", v.marketersDay},
			{"A marketer imports contacts", v.importing},
			{"One person under two addresses", v.onePerson},
			{"The people of a company", v.company},
			{"Somebody who asks to be forgotten", v.forgotten},
			{"An operator's day", v.operatorsDay},
		} {
			if !yield(s.title, s.tell) {
				return
			}
		}
	}
}

// comes sends the form of a page about somebody of a company, and waits until
// everything that follows is worked off. No company is called like one that the
// welcome page makes up (infra/local/welcome): what finds it would find both.
func (v *visitor) comes(t *tab, company, form string) (stack.Lead, error) {
	v.sent++
	// No two are of one company: its owner would get both.
	email, firm := fmt.Sprintf("buyer@%s-%d.example", strings.ToLower(company), v.sent), fmt.Sprintf("%s %d", company, v.sent)
	body := url.Values{"email": {email}, "first_name": {"Robin"}, "last_name": {company}, "company": {firm}, "title": {"CTO"}, "form": {form}}.Encode()
	r, err := v.Do(t.ctx, http.MethodPost, v.form(t), map[string]string{"Content-Type": "application/x-www-form-urlencoded"}, []byte(body))
	if err != nil {
		return stack.Lead{}, err
	}
	l, ok, err := v.found(t, email)
	return l, errors.Join(err, unless(r.OK(), "the form is answered %d", r.Status), unless(ok, "no lead %s", email))
}

// isGiven lets leads of a company come until one is with the rep, and returns it.
func (v *visitor) isGiven(t *tab, rep, company string) (stack.Lead, error) {
	for range 6 {
		l, err := v.comes(t, company, "Request a demo")
		if err != nil {
			return l, err
		}
		if l.Handoff != nil && l.Handoff.Holder.Name == rep {
			return l, nil
		}
	}
	return stack.Lead{}, fmt.Errorf("of six leads none is for %s", rep)
}

// isWith checks who holds a lead, as the API says it; "" is nobody.
func (v *visitor) isWith(t *tab, l stack.Lead, name string) error {
	holder, err := v.holder(t, l)
	return errors.Join(err, unless(holder == name, "it is with %q, not with %q", holder, name))
}

// hasLeft checks that somebody holds a lead, and another does not any more.
func (v *visitor) hasLeft(t *tab, l stack.Lead, name string) error {
	holder, err := v.holder(t, l)
	return errors.Join(err, unless(holder != "" && holder != name, "it is with %q", holder))
}

// holder returns the name of who holds a lead once everything is worked off; ""
// is nobody.
func (v *visitor) holder(t *tab, l stack.Lead) (string, error) {
	if err := v.Idle(t.ctx); err != nil {
		return "", err
	}
	l, err := v.reload(t, l)
	if err != nil || l.Handoff == nil {
		return "", err
	}
	return l.Handoff.Holder.Name, nil
}

// passes moves the stack's time on.
func (v *visitor) passes(t *tab, d time.Duration) error {
	now, err := v.Now(t.ctx)
	return errors.Join(err, v.MoveTo(t.ctx, now.Add(d)))
}

// rowOf selects something in the row of a lead.
func rowOf(l stack.Lead, what string) string {
	return fmt.Sprintf(`main tr:has(a[href="/leads/%s"]) %s`, l.Key, what)
}

// isAt waits until the tab shows a page of that path, with any query.
func (t *tab) isAt(path string) error {
	return t.until(fmt.Sprintf(`location.pathname === %q && document.readyState === "complete"`, path))
}

// opens goes to a path that is there for whoever asks.
func (t *tab) opens(path string) error {
	return errors.Join(t.open(path), t.until(`performance.getEntriesByType("navigation")[0].responseStatus === 200`))
}

// press presses keys, one after the other.
func (t *tab) press(keys string) error {
	return errors.Join(t.front(), chromedp.Do(t.ctx, chromedp.KeyEvent(keys)))
}

// focusShown holds what has the focus against what somebody without a mouse
// needs: it is in the window, and a line around it says so.
func (t *tab) focusShown() error {
	wrong, err := eval[string](t, `(() => {
		const e = document.activeElement, s = getComputedStyle(e), r = e.getBoundingClientRect();
		if (e === document.body) return "nothing has the focus";
		const lined = s.outlineStyle !== "none" && parseFloat(s.outlineWidth) >= 2;
		const there = r.bottom > 0 && r.top < innerHeight && r.right > 0 && r.left < innerWidth && r.width > 0;
		return (lined ? "" : "no line around ") + (there ? "" : "out of sight: ") + (lined && there ? "" : e.outerHTML.slice(0, 120));
	})()`)
	return errors.Join(err, unless(wrong == "", "%s", wrong))
}

// tabTo goes on by the Tab key until what matches has the focus, which it holds
// to be seen at each step.
func (t *tab) tabTo(selector string) error {
	for range 60 {
		if err := errors.Join(t.press("\t"), t.focusShown()); err != nil {
			return err
		}
		there, err := eval[bool](t, fmt.Sprintf(`document.activeElement.matches(%q)`, selector))
		if err != nil || there {
			return err
		}
	}
	return fmt.Errorf("60 presses of Tab do not lead to %s", selector)
}

// asked is what the page in a tab gets for a request of its own.
type asked struct {
	Status int
	Kind   string
	Text   string
}

// asks sends a request from the page, with the session of who is signed in.
func (t *tab) asks(method, path, kind, body string) (asked, error) {
	options, err := json.Marshal(map[string]any{"method": method, "headers": map[string]string{"Content-Type": kind, "Accept": "application/json"}})
	if err != nil {
		return asked{}, err
	}
	if body == "" {
		body = "undefined"
	}
	return chromedp.Run(t.ctx, chromedp.Evaluate[asked](fmt.Sprintf(
		`fetch(%q, {...%s, body: %s}).then(async r => ({Status: r.status, Kind: r.headers.get("content-type") || "", Text: (await r.text()).slice(0, 20000)}))`, path, options, body,
	), chromedp.EvalAwaitPromise))
}

// refused checks that a request is answered with 403 and JSON: the API's
// own where the route is for other roles, else a problem of ours.
func (t *tab) refused(method, path, body string) error {
	t.asked = append(t.asked, t.url+path)
	a, err := t.asks(method, path, "application/json", body)
	return errors.Join(err, unless(a.Status == http.StatusForbidden && strings.HasPrefix(a.Kind, "application/") && strings.Contains(a.Kind, "json"), "%s %s answers %d as %s: %.200s", method, path, a.Status, a.Kind, a.Text))
}
