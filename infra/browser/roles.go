package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/chromedp/chromedp"
)

// People of the default policy, as the identity provider of this machine names
// them, and somebody whom it does not know.
const (
	operator = "Local operator"
	manager  = "Morgan Hale"
	marketer = "Jamie Novak"
	rep      = "Alex Rivera"
	otherRep = "Bo Lindqvist"
	stranger = "Sasha Nobody"
)

// signIn becomes somebody in the browser of a tab, until they sign out or their
// session ends: Local operator, or a manager or rep of the policy by name.
func (t *tab) signIn(who string) error {
	return errors.Join(t.open("/login?return=%2Fsessions"), t.choosePerson(who), t.until(`location.pathname === "/sessions" && document.readyState === "complete"`))
}

// choosePerson picks somebody on the page of the identity provider.
func (t *tab) choosePerson(who string) error {
	found := fmt.Sprintf(`[...document.querySelectorAll("main a")].find(a => a.innerText.trim() === %q)`, who)
	if err := errors.Join(t.shows("h1", "Who are you?"), t.until(found)); err != nil {
		return err
	}
	_, err := eval[bool](t, found+`.dataset.person = "chosen", true`)
	return errors.Join(err, t.click(`[data-person]`))
}

// as opens a tab in a browser of its own, where somebody is signed in, so that
// several people can be at work at the same time. Close it when they are done.
func (v *visitor) as(who string) (*tab, error) {
	t, err := newTab(v.browser, v.address(), chromedp.WithNewBrowserContext())
	if err != nil || who == "" {
		return t, err
	}
	return t, t.signIn(who)
}

// signingIn looks at the ways in and out.
func (v *visitor) signingIn(t *tab) {
	other, err := v.as("")
	if !v.check("a browser where nobody is signed in", err) {
		return
	}
	defer other.close()
	v.check("a page leads to the identity provider", errors.Join(other.open("/leads"), other.shows("h1", "Who are you?")))
	v.inspect(other, "identity")
	v.check("somebody without a role is told so", errors.Join(other.choosePerson(stranger), other.until(`location.pathname === "/leads"`), other.shows("main", "role")))
	v.inspect(other, "no-role")
	v.check("they sign out", errors.Join(other.click(".account button"), other.shows("h1", "You have signed out")))
	v.inspect(other, "signed-out")
	v.check("the page to sign in", errors.Join(other.open("/login"), other.shows("h1", "Sign in")))
	v.inspect(other, "login")
	v.check("a damaged way back from the provider", errors.Join(other.open("/login/callback?state=none&code=none"), other.shows("h1", "not signed in")))
	v.inspect(other, "login-refused")
	v.check("the operator signs in", t.signIn(operator))
	v.check("their sessions are listed", t.shows("main", "this browser"))
	v.inspect(t, "sessions")
}

// everyPage goes through the navigation as each role has it.
func (v *visitor) everyPage(*tab) {
	for role, who := range roles() {
		t, err := v.as(who)
		if !v.check(who+" signs in", err) {
			return
		}
		links, err := eval[[]string](t, `[...document.querySelectorAll(".top nav a")].map(a => a.getAttribute("href"))`)
		v.check("the "+role+" has a way to go", errors.Join(err, unless(len(links) > 0, "the navigation is empty")))
		for _, path := range append(links, others(role)...) {
			name := role + strings.ReplaceAll(strings.TrimSuffix(path, "/"), "/", "-")
			if path == "/" {
				path, name = "/?overview", role+"-home" // on this machine another page stands there
			}
			v.check(name+": the page opens", errors.Join(t.open(path), t.until(`performance.getEntriesByType("navigation")[0].responseStatus === 200`)))
			v.inspect(t, name)
		}
		t.close()
	}
}

// roles names one person for each role.
func roles() map[string]string {
	return map[string]string{"operator": operator, "manager": manager, "marketer": marketer, "rep": rep}
}

// others are the pages of a role that the navigation does not lead to by itself.
func others(role string) []string {
	if role != "operator" {
		return nil
	}
	return []string{"/leads/nearly", "/leads/views", "/deliveries", "/rollout/journal", "/rollout/suggestions"}
}
