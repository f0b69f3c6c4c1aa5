package main

import (
	"context"
	"errors"
	"time"

	"github.com/chromedp/chromedp"
)

// atProvider is true while the tab is at the page of the local identity provider
// that asks who somebody is, where it chooses the operator, once. A session
// ends when the stack's time is moved far enough, so any page may lead there.
const atProvider = `(location.pathname === "/_local/identity/authorize" && !window.choosing
	? (window.choosing = [...document.querySelectorAll("main a")].find(a => a.innerText === "Local operator")) && !window.choosing.click()
	: location.pathname === "/_local/identity/authorize")`

// signedIn waits until the tab is back from the identity provider, if it is
// there at all.
func (t *tab) signedIn() error {
	ctx, cancel := context.WithTimeout(t.ctx, longest)
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		// A page that is just being left cannot be asked: that is not yet.
		if away, err := chromedp.Run(ctx, chromedp.Evaluate[bool](`!!`+atProvider)); err == nil && !away {
			return nil
		}
		select {
		case <-ctx.Done():
			return errors.New("signing in does not end: " + t.path())
		case <-tick.C:
		}
	}
}

// signingIn signs in and out as people do.
func (v *visitor) signingIn(t *tab) {
	v.check("the page to sign in opens", errors.Join(t.open("/login"), t.shows("h1", "Sign in to Handoff")))
	v.inspect(t, "login")
	v.check("a page of leads leads to signing in and back", errors.Join(t.open("/leads?stage=known"), t.until(`location.pathname + location.search === "/leads?stage=known"`)))
	v.check("it names who has signed in", t.shows(".account", "Local operator"))
	v.check("the name leads to the sessions", errors.Join(t.click(".account a"), t.shows("h1", "Who is signed in"), t.shows("h2", "Local operator (you)")))
	v.inspect(t, "sessions")
	v.check("signing out says so", errors.Join(t.click(".account button"), t.shows("h1", "You have signed out")))
	v.inspect(t, "signed-out")
	v.check("nothing is open any more", errors.Join(chromedp.Do(t.ctx, chromedp.Navigate(t.url+"/leads")), t.until(`location.pathname === "/leads" && document.querySelector(".account")`)))
	v.check("the provider asks who it is", errors.Join(t.click(".account button"), t.shows("h1", "You have signed out"), chromedp.Do(t.ctx, chromedp.Navigate(t.url+"/leads"))))
	v.inspect(t, "choose")
	v.check("one click signs in", t.signedIn())
}
