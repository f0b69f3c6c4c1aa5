package main

import (
	"errors"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/handoff-oss/handoff/infra/stack"
)

// pilot goes through the pages of a rollout: a policy whose first phase asks a
// manager about each handoff comes into force, a lead is confirmed, and the
// operator goes on to the next phase. It stays in force.
func (v *visitor) pilot(t *tab) {
	if !v.check("a policy with phases comes into force", v.applies(t,
		stack.Edit{Old: "    - name: everybody # unique", New: "    - { name: confirmed, mode: suggest, share: 100, least_days: 14, approve: operator }\n    - name: everybody # unique"},
	)) {
		return
	}
	// It is in force once the functions read it again, which they do each minute; the phase begins with the hour.
	v.check("an hour passes on a Wednesday morning", errors.Join(v.morning(t.ctx), v.passes(t, time.Hour)))
	boss, err := v.as(manager)
	defer boss.close()
	l, also := v.comes(t, "Hazel", "Request a demo")
	if !v.check("a manager signs in, and a lead comes", errors.Join(err, also, v.isWith(t, l, ""))) {
		return
	}
	v.check("it waits for the manager", errors.Join(boss.opens("/rollout"), boss.click(`main a[href="/rollout/suggestions"]`), boss.isAt("/rollout/suggestions"), boss.shows("article h3", "Hazel")))
	v.inspect(boss, "rollout-suggestion")
	v.check("the manager confirms it, and it is handed off", errors.Join(
		boss.click("article > form button"), boss.isAt("/rollout/suggestions"), boss.shows("[role=status]", "carried out"), v.isStage(t, l, "handed_off"),
	))
	v.goesOn(t)
}

// goesOn is the operator, who promotes the phase.
func (v *visitor) goesOn(t *tab) {
	v.check("the operator looks at the rollout", errors.Join(t.signIn(operator), t.opens("/rollout"), t.shows(".track [aria-current]", "Confirmed"), t.shows("#h-verdict", "Verdict now")))
	v.inspect(t, "rollout-running")
	v.check("adds a note", errors.Join(t.fill("#n-text", "All reps have signed in"), t.click(`form[action="/rollout/note"] button`), t.shows("[role=status]", "The note is kept"), t.shows("main", "All reps have signed in")))
	v.check("the page of a promotion says what will happen", errors.Join(t.click(`main a[href="/rollout/promote"]`), t.isAt("/rollout/promote"), t.shows(".will", "which you override")))
	v.inspect(t, "rollout-promote")
	v.check("with a reason it is promoted", errors.Join(t.fill("#a-reason", "Every suggestion was right"), t.click("main form button"), t.isAt("/rollout"), t.shows("[role=status]", "promoted"), t.shows(".track [aria-current]", "Everybody")))
	v.inspect(t, "rollout-promoted")
	v.check("the journal has both phases, the reason and the note", errors.Join(
		t.click(`main a[href="/rollout/journal"]`), t.isAt("/rollout/journal"), t.shows("#r-1", "All reps have signed in"), t.shows("#r-2", "Every suggestion was right"), t.shows("#r-2", operator),
	))
	v.inspect(t, "rollout-journal")
}

// applies brings the default policy with some edits into force, by the command
// line as an operator does.
func (v *visitor) applies(t *tab, edits ...stack.Edit) error {
	dir, err := os.MkdirTemp("", "handoff-policy-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }() // what is left of it does no harm
	file, err := stack.WritePolicy(dir, edits...)
	if err != nil {
		return err
	}
	at, err := url.Parse(v.URL)
	if err != nil {
		return err
	}
	binary := filepath.Join(dir, "handoffctl")
	for _, words := range [][]string{{"go", "build", "-o", binary, "./infra/handoffctl"}, {binary, "policy", "apply", file}} {
		command := exec.CommandContext(t.ctx, words[0], words[1:]...)
		command.Dir, command.Env = v.root, append(os.Environ(), "PORT="+at.Port())
		if out, err := command.CombinedOutput(); err != nil {
			return errors.Join(err, errors.New(string(out)))
		}
	}
	return nil
}
