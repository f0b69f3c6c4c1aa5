package main

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"github.com/handoff-oss/handoff/infra/local/identity"
	"github.com/handoff-oss/handoff/shared/fault"
)

// look asks the API for the lead, without a token, with one for somebody else,
// and with a good one.
func (s story) look(ctx context.Context) error {
	path := "/api/leads?email=" + url.QueryEscape(visitor)
	other, err := s.people.Token(identity.Operator(), "another application", "")
	if err != nil {
		return err
	}
	for name, h := range map[string]http.Header{"without a token": {}, "with a token for somebody else": {"Authorization": {"Bearer " + other}}} {
		got, err := s.stack.send(ctx, http.MethodGet, path, h, "")
		if err != nil || got.status != http.StatusForbidden {
			return fault.New(fault.Invalid, "%s the API answers %d, not 403 (%v)", name, got.status, err)
		}
	}
	token, err := s.people.Token(identity.Operator(), identity.CLI, "")
	if err != nil {
		return err
	}
	got, err := s.stack.send(ctx, http.MethodGet, path, http.Header{"Authorization": {"Bearer " + token}}, "")
	if err != nil || got.status != http.StatusOK {
		return fault.New(fault.Invalid, "with a token the API answers %d %.200s (%v)", got.status, got.body, err)
	}
	var found struct{ Leads []struct{ Stage string } }
	if err := json.Unmarshal(got.body, &found); err != nil {
		return fault.Wrap(fault.Invalid, "read the list of leads", err)
	}
	if len(found.Leads) != 1 || found.Leads[0].Stage != "accepted" {
		return fault.New(fault.Invalid, "the API shows %.300s, not one accepted lead", got.body)
	}
	return nil
}

// browse signs in by the browser's way, looks at a page, and signs out.
func (s story) browse(ctx context.Context) error {
	jar := http.Header{}
	page := func(path string) (reply, error) { return s.stack.send(ctx, http.MethodGet, path, jar, "") }
	got, err := page("/leads")
	login := got.header.Get("Location")
	if err != nil || got.status != http.StatusSeeOther || !strings.HasPrefix(login, "/login?") {
		return fault.New(fault.Invalid, "a stranger who opens a page is answered %d, to %q (%v)", got.status, login, err)
	}
	if got, err = page(login); err != nil || got.status != http.StatusSeeOther {
		return fault.New(fault.Invalid, "the login answers %d %.200s (%v)", got.status, got.body, err)
	}
	keep(jar, got)
	back, err := s.choose(ctx, got.header.Get("Location"))
	if err != nil {
		return err
	}
	if got, err = page(back); err != nil || got.status != http.StatusSeeOther || got.header.Get("Location") != "/leads" {
		return fault.New(fault.Invalid, "the callback answers %d %.200s (%v)", got.status, got.body, err)
	}
	keep(jar, got)
	got, err = page("/leads")
	token := regexp.MustCompile(`name="form_token" value="([^"]+)"`).FindSubmatch(got.body)
	if err != nil || got.status != http.StatusOK || !strings.Contains(string(got.body), visitor) || token == nil {
		return fault.New(fault.Invalid, "the page answers %d %.200s (%v)", got.status, got.body, err)
	}
	form := jar.Clone()
	form.Set("Content-Type", "application/x-www-form-urlencoded")
	got, err = s.stack.send(ctx, http.MethodPost, "/logout", form, url.Values{"form_token": {string(token[1])}}.Encode())
	if err != nil || got.status != http.StatusOK {
		return fault.New(fault.Invalid, "signing out is answered %d %.200s (%v)", got.status, got.body, err)
	}
	if got, err = page("/leads"); err != nil || got.status != http.StatusSeeOther {
		return fault.New(fault.Invalid, "after signing out the page answers %d (%v)", got.status, err)
	}
	return nil
}

// keep keeps the cookies of an answer.
func keep(jar http.Header, r reply) {
	cookies := []string{}
	if before := jar.Get("Cookie"); before != "" {
		cookies = append(cookies, before)
	}
	for _, line := range r.header.Values("Set-Cookie") {
		value, _, _ := strings.Cut(line, ";")
		cookies = append(cookies, value)
	}
	jar.Set("Cookie", strings.Join(cookies, "; "))
}

// choose signs in at the identity provider, and returns the path that it sends
// the browser back to.
func (s story) choose(ctx context.Context, address string) (string, error) {
	u, err := url.Parse(address)
	if err != nil {
		return "", fault.Wrap(fault.Invalid, "read the address of the identity provider", err)
	}
	base, ok := strings.CutSuffix(u.Query().Get("redirect_uri"), "/login/callback")
	if !ok {
		return "", fault.New(fault.Invalid, "the login leads to %s", address)
	}
	s.people.PublicURL = base // The stack has no name of its own here.
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address+"&person=operator", nil)
	if err != nil {
		return "", fault.Wrap(fault.Internal, "make the request", err)
	}
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := client.Do(req)
	if err != nil {
		return "", fault.Wrap(fault.Unavailable, "ask the identity provider", err)
	}
	defer func() { _ = res.Body.Close() }()
	back, ok := strings.CutPrefix(res.Header.Get("Location"), base)
	if !ok {
		return "", fault.New(fault.Invalid, "the identity provider answers %d, to %q", res.StatusCode, res.Header.Get("Location"))
	}
	return back, nil
}
