package main

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/handoff-oss/handoff/infra/stack"
)

// visitor goes through the pages and reports.
type visitor struct {
	*stack.Stack
	report
	from    *starting
	browser context.Context //nolint:containedctx // It stands for the browser: chromedp makes tabs of it.
	root    string          // of the project
	shots   string          // folder
	only    bool            // take pictures, and leave out what else is held against each page
	axe     axe
	// chapters is a text that those which are told have in their titles.
	chapters string
	pages    sheet
	parts    *gallery
	gallery  string // its address

	first stack.Lead // the lead that was accepted
	late  stack.Lead // the lead that nobody answered
	sent  int        // how many leads the stories have had
}

// beginning is the title of the chapter without which there are no others.
const beginning = "The start"

// all is the whole visit, in order: later chapters look at what earlier ones left.
func (v *visitor) all() {
	if !v.chapter(beginning, v.start) {
		return
	}
	v.chapter("Signing in", v.signingIn)
	v.chapter("The first ending: accepted", v.accepted)
	v.chapter("The second ending: escalated", v.escalated)
	v.chapter("Not handed off", v.notHandedOff)
	v.chapter("The leads", v.leads)
	v.chapter("The sources", v.sources)
	v.chapter("Every page of each role", v.everyPage)
	v.chapter("The outbox", v.outbox)
	for title, tell := range v.stories() {
		v.chapter(title, tell)
	}
	v.chapter("The answers", v.answers)
	v.chapter("Without scripts", v.plain)
	v.chapter("Where there is nothing", v.nothing)
	v.chapter("On a weekend", v.weekend)
	v.chapter("A week later", v.weekLater)
	v.chapter("In a terminal", v.terminal)
	v.chapter("A pilot", v.pilot)
	v.chapter("The stack is gone", v.gone)
}

// address is that of the stack, or of the gallery as long as there is none.
func (v *visitor) address() string {
	if v.Stack == nil {
		return v.gallery
	}
	return v.URL
}

// chapter runs in a tab of its own, and tells whether all of it passed.
func (v *visitor) chapter(title string, tell func(*tab)) bool {
	if !strings.Contains(title, v.chapters) && title != beginning {
		return true
	}
	v.say("\n%s", title)
	failed := v.failed
	t, err := newTab(v.browser, v.address())
	if !v.check("open a tab", err) {
		return false
	}
	defer t.close()
	tell(t)
	return v.failed == failed
}

// start watches the stack come up.
func (v *visitor) start(t *tab) {
	v.check("a page is there before the stack is", t.arrive())
	v.check("it says that the stack is starting", t.shows("h1", "Starting Handoff"))
	v.check("it names what is being started", t.shows("#steps", "Start DynamoDB Local"))
	v.inspect(t, "starting")
	if v.check("the stack comes up", v.from.wait()) {
		v.check("the page goes on by itself", t.shows("h1", "Your first lead"))
		v.check("move to a Wednesday morning", v.morning(t.ctx))
	}
}

// arrive opens the first page as soon as something answers there.
func (t *tab) arrive() error {
	ctx, cancel := context.WithTimeout(t.ctx, 3*longest) // the local host is being compiled
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		err := t.open("/")
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return err
		case <-tick.C:
		}
	}
}

// morning moves to the next Wednesday, a quarter past ten in the office of the
// default policy, or past eleven in winter. None of its holidays is a Wednesday.
func (v *visitor) morning(ctx context.Context) error { return v.moveTo(ctx, time.Wednesday, 15) }

func (v *visitor) moveTo(ctx context.Context, day time.Weekday, hour int) error {
	now, err := v.Now(ctx)
	if err != nil {
		return err
	}
	then := time.Date(now.Year(), now.Month(), now.Day(), hour, 15, 0, 0, time.UTC)
	for then.Weekday() != day || then.Before(now) {
		then = then.AddDate(0, 0, 1)
	}
	return v.MoveTo(ctx, then)
}

// send sends the form on the first page and follows it until the rep is told,
// or until it is clear that none will be.
func (v *visitor) send(t *tab) (stack.Lead, bool) {
	email, err := eval[string](t, `document.getElementById("email").value`)
	if err == nil {
		err = t.click("#go")
	}
	if !v.check("send the form for "+email, err) {
		return stack.Lead{}, false
	}
	t.grows = true
	v.check("received", t.shows("#s-received.done", "Answered in"))
	v.check("stored", t.shows("#s-stored.done", "inbox"))
	v.check("scored, in parts", t.shows("#s-scored.done", "Fit"))
	l, ok, err := v.Find(t.ctx, email)
	return l, v.check("the API knows the lead", errors.Join(err, unless(ok, "no lead %s", email)))
}

// reload reads a lead again.
func (v *visitor) reload(t *tab, l stack.Lead) (stack.Lead, error) {
	again, ok, err := v.Find(t.ctx, l.Email)
	return again, errors.Join(err, unless(ok, "the lead %s is gone", l.Key))
}

// isStage checks how far the lead is, as the API says it.
func (v *visitor) isStage(t *tab, l stack.Lead, want string) error {
	if err := v.Idle(t.ctx); err != nil {
		return err
	}
	l, err := v.reload(t, l)
	return errors.Join(err, unless(l.Stage == want, "the stage is %s, not %s", l.Stage, want))
}

// counts holds the countdowns of a kind of clock, for the holder or the customer as
// scopes say, against their deadlines and the stack's time.
func (v *visitor) counts(t *tab, l stack.Lead, kind string, scopes ...string) error {
	l, err := v.reload(t, l)
	if err != nil {
		return err
	}
	var errs []error
	for _, scope := range scopes {
		at := slices.IndexFunc(l.Clocks, func(c stack.Clock) bool {
			return c.Kind == kind && c.Scope == scope && c.State == "running"
		})
		if at < 0 {
			errs = append(errs, fmt.Errorf("no %s clock runs for the %s", kind, scope))
			continue
		}
		errs = append(errs, v.countdown(t, l.Clocks[at]))
	}
	return errors.Join(errs...)
}

// countdown holds what the page says is left of a clock against what is.
func (v *visitor) countdown(t *tab, clock stack.Clock) error {
	shown := t.text(fmt.Sprintf(`time[data-until][datetime^=%q]`, clock.DueAt.UTC().Format("2006-01-02T15:04:05")))
	now, err := v.Now(t.ctx)
	if err != nil {
		return err
	}
	left, least, err := duration(shown)
	if err != nil {
		return err
	}
	off := (clock.DueAt.Sub(now) - left).Abs()
	return unless(off <= least+3*time.Second, "the page says %q, and %s are left", shown, clock.DueAt.Sub(now))
}

// duration reads "in 1 h 29 min", and tells how much of a unit is the least.
func duration(text string) (total, least time.Duration, err error) {
	units := map[string]time.Duration{"d": 24 * time.Hour, "h": time.Hour, "min": time.Minute, "s": time.Second}
	for _, m := range regexp.MustCompile(`(\d+) (d|h|min|s)\b`).FindAllStringSubmatch(text, -1) {
		n, err := strconv.Atoi(m[1])
		if err != nil {
			return 0, 0, err
		}
		total, least = total+time.Duration(n)*units[m[2]], units[m[2]]
	}
	return total, least, unless(least > 0 && strings.HasPrefix(text, "in "), "%q is no time that is left", text)
}
