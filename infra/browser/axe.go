package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/chromedp/chromedp"
)

// axe is axe-core, which looks for what keeps people out of a page. Source:
// https://github.com/dequelabs/axe-core/blob/develop/doc/API.md.
type axe struct{ script string }

// readAxe reads axe-core from a file.
func readAxe(file string) (axe, error) {
	script, err := os.ReadFile(file) //nolint:gosec // The user names the file.
	if err != nil {
		return axe{}, fmt.Errorf("axe-core is missing; make test-pages fetches it: %w", err)
	}
	return axe{string(script)}, nil
}

// violation is one rule that a page breaks, and the elements that do.
type violation struct {
	ID    string   `json:"id"`
	Help  string   `json:"help"`
	Where []string `json:"where"`
}

// inspection runs every rule for WCAG 2.2 AA and the good practices. Frames are
// left out: an e-mail is looked at alone, and no script may reach into it.
const inspection = `(leave => axe.run(document, {
	runOnly: {type: "tag", values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]},
	rules: Object.fromEntries([["target-size", {enabled: true}], ...leave.map(r => [r, {enabled: false}])]), iframes: false, resultTypes: ["violations"],
}).then(r => r.violations.map(v => ({id: v.id, help: v.help, where: v.nodes.slice(0, 3).map(n => n.target.join(" ") + ": " + n.failureSummary.split("\n").slice(1, 3).join(",").trim())}))))(%s)`

// check runs axe on the page in a tab, and leaves some rules out. It is put in
// by the debugger, which the page's security policy does not concern.
func (a axe) check(t *tab, leave ...string) (err error) {
	if t.plain {
		if err := t.scripts(true); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, t.scripts(false)) }()
	}
	if _, err := eval[bool](t, a.script+";!!window.axe"); err != nil {
		return err
	}
	names, err := json.Marshal(append([]string{}, leave...))
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(t.ctx, longest)
	defer cancel()
	found, err := chromedp.Run(ctx, chromedp.Evaluate[[]violation](fmt.Sprintf(inspection, names), chromedp.EvalAwaitPromise))
	if err != nil {
		return err
	}
	var all []error
	for _, v := range found {
		all = append(all, fmt.Errorf("%s (%s) at %s", v.ID, v.Help, strings.Join(v.Where, " | ")))
	}
	return errors.Join(all...)
}
