package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// components looks at what pages are made of, in a gallery of its own.
func (v *visitor) components(ctx context.Context) error {
	var err error
	if v.parts, err = newGallery(); err != nil {
		return err
	}
	if v.gallery, _, err = v.parts.serve(ctx, "127.0.0.1:0"); err != nil {
		return err
	}
	v.chapter("The components", v.everyComponent)
	if v.only {
		return nil
	}
	v.chapter("Times and countdowns", v.times)
	v.chapter("Sections that are read again", v.readAgain)
	return nil
}

func (v *visitor) everyComponent(t *tab) {
	v.check("the gallery opens", t.open("/"))
	v.inspect(t, "gallery")
	v.check("on paper there is neither navigation nor button", errors.Join(
		v.picture(t, look{1280, "print"}, "gallery"), t.until(`[...document.querySelectorAll(".top nav, button, .tabs")].every(e => !e.offsetParent)`),
	))
	v.check("paper is white and its text black", t.until(`getComputedStyle(document.body).backgroundColor === "rgb(255, 255, 255)" && getComputedStyle(document.body).color === "rgb(0, 0, 0)"`))
	v.check("a picture in forced colors", v.picture(t, look{1280, "forced"}, "gallery"))
	v.check("back to the screen", look{1280, "light"}.show(t))
	v.check("the keyboard reaches every control, and a ring shows where it is", v.tabThrough(t))
	v.check("a page that comes slowly does not move when the rest of its table is there", errors.Join(t.open("/slow"), t.until(`document.readyState === "complete"`), v.picture(t, look{1280, "light"}, "gallery-slow"), t.until(`!window.handoffShifted.length`)))
	v.check("fifty rows open", t.open("/fifty"))
	v.inspect(t, "gallery-fifty-rows")
}

// tabThrough presses Tab until all of the page has had the focus.
func (v *visitor) tabThrough(t *tab) error {
	controls := `[...document.querySelectorAll("a[href], button, input, select, textarea, summary")].filter(e => e.offsetParent && !e.disabled && e.type !== "hidden")`
	n, err := eval[int](t, fmt.Sprintf(`window.reached = new Set(), document.activeElement.blur(), window.getSelection().removeAllRanges(), %s.length`, controls))
	if err != nil {
		return err
	}
	var unseen []error
	for range n + 1 {
		if err := chromedp.Do(t.ctx, chromedp.KeyEvent("\t")); err != nil {
			return err
		}
		bad, err := eval[string](t, `(() => {
			const e = document.activeElement, style = getComputedStyle(e), box = e.getBoundingClientRect();
			if (e === document.body) return "";
			reached.add(e);
			const ring = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2, within = box.bottom > 0 && box.top < innerHeight;
			return ring && within ? "" : e.outerHTML.slice(0, 80) + (ring ? " is out of sight" : " has no ring");
		})()`)
		if unseen = append(unseen, err, unless(bad == "", "%s", bad)); err != nil {
			break
		}
	}
	left, err := eval[string](t, controls+`.filter(e => !reached.has(e) && e.type !== "radio").map(e => e.outerHTML.slice(0, 80)).join(" ")`)
	return errors.Join(append(unseen, err, unless(left == "", "not reached: %s", left))...)
}

// zone sets the time zone of the reader.
func (t *tab) zone(name string) error {
	_, err := cdp.Call(t.ctx, chromedp.FromContext(t.ctx).Target, emulation.SetTimezoneOverride, emulation.SetTimezoneOverrideParams{TimezoneID: name})
	return err
}

// at sets the time that the page speaks of, and waits for a text of an element.
func (t *tab) at(now, selector, text string) error {
	return t.until(fmt.Sprintf(`(handoff.set(%q), document.querySelector(%q).textContent === %q)`, now, selector, text))
}

// times compares what the script writes with what stands in the page without it.
func (v *visitor) times(t *tab) {
	v.check("a reader in UTC opens the gallery", errors.Join(t.zone("UTC"), t.open("/")))
	differs, err := chromedp.Run(t.ctx, chromedp.Evaluate[string](`fetch("/").then(r => r.text()).then(html => {
		const said = [...new DOMParser().parseFromString(html, "text/html").querySelectorAll("time:not(#place time)")];
		handoff.set(document.body.dataset.now);
		return [...document.querySelectorAll("time:not(#place time)")].map((e, i) => e.textContent === said[i].textContent ? "" : e.textContent + " for " + said[i].textContent).filter(x => x).join("; ");
	})`, chromedp.EvalAwaitPromise))
	v.check("the script writes times and countdowns as the page does", errors.Join(err, unless(differs == "", "%s", differs)))

	v.check("a reader in Tokyo opens it", errors.Join(t.zone("Asia/Tokyo"), t.open("/")))
	v.check("times are by their clock", errors.Join(t.shows(".message time", "Sat 28 Nov 2026, 01:30 GMT+9"), t.shows("#place", "Sat 28 Nov 2026, 01:30 GMT+9")))
	v.check("the tooltip has both", t.until(`document.querySelector(".message time").title === "Fri 27 Nov 2026, 16:30:00 UTC · Sat 28 Nov 2026, 01:30:00 GMT+9"`))
	v.check("the foot of the page says so", t.shows("footer", "Times are by your clock, Asia/Tokyo."))
	v.check("the office opens by their clock", t.shows("#closed", "office closed until Mon 18:00 GMT+9"))
	v.check("nothing has moved", shifts(t))

	v.check("business time runs while the office is open", t.at("2026-11-27T16:40:00Z", "#open", "20 min left"))
	v.check("it stands when the office has closed", t.at("2026-11-27T17:30:00Z", "#open", "10 min left, office closed"))
	v.check("it begins when the office opens", t.at("2026-11-30T09:30:00Z", "#closed", "1 h left"))
	v.check("it ends at the deadline", t.at("2026-11-30T11:30:00Z", "#closed", "overdue by 1 h"))
	v.check("what is overdue looks so", t.until(`document.querySelector("#closed").closest("li").classList.contains("late")`))

	v.check("without scripts it opens, too", errors.Join(t.scripts(false), t.open("/")))
	v.check("times are in UTC, or by the clock of the place", errors.Join(t.shows(".message time", "Fri 27 Nov 2026, 16:30 UTC"), t.shows("#place", "Fri 27 Nov 2026, 11:30 EST"), t.shows("footer", "All times are UTC.")))
}

// readAgain changes what the server answers and watches the live section.
func (v *visitor) readAgain(t *tab) {
	g := v.parts
	rows := func(n int) error {
		return t.until(fmt.Sprintf(`document.querySelectorAll("#rows tbody tr").length === %d`, n))
	}
	count := func(n int) error { return t.shows("#count", fmt.Sprintf("%d row", n)) }
	v.check("the list opens", errors.Join(t.open("/live"), rows(4)))
	_, err := eval[bool](t, `document.querySelector("#rows tbody tr").kept = document.querySelector("#rows time").old = true`)
	v.check("the times of rows that stay are new", errors.Join(err, t.until(`!document.querySelector("#rows time").old && document.querySelector("#rows tbody tr").kept`)))
	v.check("nothing has moved", shifts(t))

	v.check("the reader looks at the end of the list", t.resize(1280, 300))
	_, err = eval[bool](t, `(document.querySelector("#h-after").scrollIntoView(), window.place = document.querySelector("#h-after").getBoundingClientRect().top, true)`)
	g.answer(http.StatusOK, 9)
	v.check("new rows come by themselves", errors.Join(err, rows(9)))
	v.check("the reader still sees the same", t.until(`Math.abs(document.querySelector("#h-after").getBoundingClientRect().top - place) < 2`))

	v.check("somebody writes into the list's form", errors.Join(t.resize(1280, usual), t.fill("#word", "half a wo")))
	g.answer(http.StatusOK, 2)
	v.check("the rest of the page is new, the list stays", errors.Join(count(2), rows(9)))
	_, err = eval[bool](t, `(document.activeElement.blur(), true)`)
	g.answer(http.StatusOK, 3)
	v.check("it stays as long as the words are there", errors.Join(err, count(3), rows(9), t.until(`document.querySelector("#word").value === "half a wo"`)))
	_, err = eval[bool](t, `(document.querySelector("#word").value = "", document.querySelector("#rows details").open = true)`)
	g.answer(http.StatusOK, 5)
	v.check("and as long as something is unfolded", errors.Join(err, count(5), rows(9)))
	_, err = eval[bool](t, `!(document.querySelector("#rows details").open = false)`)
	v.check("then it is new, too", errors.Join(err, rows(5)))

	g.answer(http.StatusInternalServerError, 0)
	v.check("a server that fails is reported", t.shows(".toast", "This page is not current"))
	g.answer(http.StatusOK, 0)
	v.check("until it answers", errors.Join(rows(0), t.shows("#rows", "No leads yet"), t.until(`document.querySelector(".toast").textContent === ""`)))

	g.answer(http.StatusUnauthorized, 0)
	v.check("the end of the session is said politely", errors.Join(t.shows(".toast[role=status]", "Your session has ended"), t.until(`document.querySelector(".toast a").href === location.href`)))
	asked := g.answer(http.StatusUnauthorized, 0)
	_, err = eval[bool](t, `!!(window.ended = performance.now())`)
	v.check("and nothing is asked any more", errors.Join(err, t.until(`performance.now() - ended > 2500`), unless(g.answer(http.StatusOK, 0) == asked, "it was asked again")))
	v.check("axe finds nothing in the notice", v.axe.check(t))
}
