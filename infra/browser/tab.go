package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
)

// launch starts the browser. The context that it returns makes tabs.
func launch(ctx context.Context, path string) (context.Context, func(), error) {
	allocator, free := chromedp.NewExecAllocator(
		ctx, chromedp.ExecPath(path), chromedp.Headless, chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true),
		chromedp.Flag("disable-dev-shm-usage", true), chromedp.Flag("hide-scrollbars", true), chromedp.Flag("force-color-profile", "srgb"),
	)
	browser, quit := chromedp.NewContext(allocator)
	if err := chromedp.Do(browser); err != nil {
		quit()
		free()
		return nil, nil, fmt.Errorf("start %s: %w", path, err)
	}
	return browser, func() { quit(); free() }, nil
}

// tab is one tab of the browser, with what its console said.
type tab struct {
	ctx   context.Context
	close context.CancelFunc
	url   string   // of the stack
	plain bool     // scripts are off
	grows bool     // the page tells a story as it happens, until another is opened
	asked []string // addresses that the page was to be refused
	leave []string // rules of axe that do not concern what is shown

	mu      sync.Mutex
	console []chromedp.ConsoleMessage
}

// longest is how long a page may take to show what is waited for.
const longest = 15 * time.Second

func newTab(browser context.Context, url string, opts ...chromedp.ContextOption) (*tab, error) {
	ctx, cancel := chromedp.NewContext(browser, opts...)
	t := &tab{ctx: ctx, close: cancel, url: url}
	messages := chromedp.Console(ctx)
	go func() {
		for m, err := range messages {
			if err != nil {
				return
			}
			t.mu.Lock()
			t.console = append(t.console, m)
			t.mu.Unlock()
		}
	}()
	if err := chromedp.Do(ctx); err != nil {
		return t, err
	}
	_, err := cdp.Call(ctx, chromedp.FromContext(ctx).Target, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: watchShifts})
	return t, err
}

// complaints returns the errors and warnings in the console and forgets them.
// No complaint is the answer to a page's own address, since an error page says
// so, or to one that was to be refused; nor that a stack which is starting is not healthy yet; nor that an
// e-mail's sandbox keeps out the script by which the browser is driven.
func (t *tab) complaints() error {
	here, err := chromedp.Run(t.ctx, chromedp.Location())
	if err != nil {
		return err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	var all []error
	for _, m := range t.console {
		isOwn := m.Source == "network" && (m.URL == here || slices.Contains(t.asked, m.URL) || strings.HasSuffix(m.URL, "/_local/health"))
		isOurs := m.Source == "security" && strings.HasPrefix(m.Text, "Blocked script execution in") && strings.Contains(here, "/_local/outbox?message=")
		if isOwn || isOurs || (m.Type != "error" && m.Type != "warning" && !m.IsException()) {
			continue
		}
		all = append(all, fmt.Errorf("%s %s %s (%s:%d)", m.Source, m.Type, m.Text, m.URL, m.Line))
	}
	t.console = nil
	return errors.Join(all...)
}

// front brings the tab to the front: one behind others is not drawn.
func (t *tab) front() error {
	_, err := cdp.Call(t.ctx, chromedp.FromContext(t.ctx).Target, page.BringToFront, cdp.Empty{})
	return err
}

// open goes to a path of the stack.
func (t *tab) open(path string) error {
	if strings.HasPrefix(path, "/") {
		path = t.url + path
	}
	t.grows = false
	return chromedp.Do(t.ctx, chromedp.Navigate(path))
}

// path returns the path and query that the tab is at.
func (t *tab) path() string {
	at, err := chromedp.Run(t.ctx, chromedp.Location())
	if err != nil {
		return ""
	}
	return strings.TrimPrefix(at, t.url)
}

func eval[T any](t *tab, js string) (T, error) { return chromedp.Run(t.ctx, chromedp.Evaluate[T](js)) }

// text returns what a reader sees of the first element that matches, "" when there is none.
func (t *tab) text(selector string) string {
	s, err := eval[string](t, fmt.Sprintf(`(document.querySelector(%q) || {}).innerText || ""`, selector))
	if err != nil {
		return ""
	}
	return strings.TrimSpace(s)
}

// until waits for a JavaScript condition.
func (t *tab) until(condition string) error {
	ctx, cancel := context.WithTimeout(t.ctx, longest)
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		// A page that is just being left cannot be asked: that is not yet.
		if ok, err := chromedp.Run(ctx, chromedp.Evaluate[bool](`!!(`+condition+`)`)); err == nil && ok {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s is without %.200s", t.path(), condition)
		case <-tick.C:
		}
	}
}

// shows waits until an element has a text.
func (t *tab) shows(selector, text string) error {
	return t.until(fmt.Sprintf(`[...document.querySelectorAll(%q)].some(e => e.innerText.replace(/\s+/g, " ").includes(%q))`, selector, text))
}

// click clicks with the mouse on the middle of the first element that matches
// and is shown, of a link over several lines on that of its first line.
func (t *tab) click(selector string) error {
	found := fmt.Sprintf(`[...document.querySelectorAll(%q)].find(e => e.offsetParent !== null)`, selector)
	if err := t.front(); err != nil {
		return err
	}
	for {
		if err := t.until(found); err != nil {
			return err
		}
		at, err := eval[[]float64](t, fmt.Sprintf(`(e => {
			if (!e) return [];
			e.scrollIntoView({block: "center", behavior: "instant"});
			const r = e.getClientRects()[0];
			return [r.left + r.width / 2, r.top + r.height / 2];
		})(%s)`, found))
		switch {
		case err != nil:
			return err
		case len(at) == 2: // else the page has gone meanwhile, and another comes
			return chromedp.Do(t.ctx, chromedp.MouseClickXY(at[0], at[1]))
		}
	}
}

// clickInFrame clicks on a link inside a frame that no script may reach into:
// alone, in a tab as wide as the frame is, the same document tells where.
func (t *tab) clickInFrame(frame, link string) error {
	box, err := eval[[]float64](t, fmt.Sprintf(`(e => {
		e.scrollIntoView({block: "start", behavior: "instant"});
		const r = e.getBoundingClientRect();
		return [r.left, r.top, r.width];
	})(document.querySelector(%q))`, frame))
	if err != nil {
		return err
	}
	src, err := eval[string](t, fmt.Sprintf(`document.querySelector(%q).src`, frame))
	if err != nil {
		return err
	}
	alone, err := newTab(t.ctx, t.url)
	if err != nil {
		return err
	}
	defer alone.close()
	if err := errors.Join(chromedp.Do(alone.ctx, chromedp.EmulateViewport(int64(box[2]), 800)), alone.open(src)); err != nil {
		return err
	}
	at, err := eval[[]float64](alone, fmt.Sprintf(`(r => [r.left + r.width / 2, r.top + r.height / 2])(document.querySelector(%q).getBoundingClientRect())`, link))
	if err != nil {
		return err
	}
	if err := t.front(); err != nil {
		return err
	}
	return chromedp.Do(t.ctx, chromedp.MouseClickXY(box[0]+at[0], box[1]+at[1]))
}

// fill types a value into a field, in place of what is there.
func (t *tab) fill(selector, value string) error {
	if err := t.until(fmt.Sprintf(`document.querySelector(%q)`, selector)); err != nil {
		return err
	}
	if _, err := eval[bool](t, fmt.Sprintf(`(e => { e.focus(); e.select(); return true; })(document.querySelector(%q))`, selector)); err != nil {
		return err
	}
	_, err := cdp.Call(t.ctx, chromedp.FromContext(t.ctx).Target, input.InsertText, input.InsertTextParams{Text: value})
	return errors.Join(err, t.until(fmt.Sprintf(`document.querySelector(%q).value === %q`, selector, value)))
}

// choose selects an option of a list.
func (t *tab) choose(selector, value string) error {
	if err := t.until(fmt.Sprintf(`document.querySelector(%q)`, selector)); err != nil {
		return err
	}
	chosen, err := eval[string](t, fmt.Sprintf(`(e => { e.value = %q; e.dispatchEvent(new Event("change", {bubbles: true})); return e.value; })(document.querySelector(%q))`, value, selector))
	return errors.Join(err, unless(chosen == value, "%s has no option %q", selector, value))
}

// follow does something that opens a page in another tab, and returns that tab.
func (t *tab) follow(open func() error) (*tab, error) {
	known := map[target.ID]bool{}
	before, err := chromedp.Targets(t.ctx)
	if err != nil {
		return nil, err
	}
	for _, i := range before {
		known[i.TargetID] = true
	}
	if err := open(); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(t.ctx, longest)
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		now, err := chromedp.Targets(ctx)
		if err != nil {
			return nil, err
		}
		for _, i := range now {
			if i.Type == "page" && !known[i.TargetID] && strings.HasPrefix(i.URL, "http") {
				return newTab(t.ctx, t.url, chromedp.WithTargetID(i.TargetID))
			}
		}
		select {
		case <-ctx.Done():
			return nil, errors.New("no other tab opens")
		case <-tick.C:
		}
	}
}

// unboxed lets axe run where no script may: in the sandbox of an e-mail, which
// is part of the page of a mail program and has no landmarks of its own.
func (t *tab) unboxed() error {
	t.leave = []string{"landmark-one-main", "region"}
	_, err := cdp.Call(t.ctx, chromedp.FromContext(t.ctx).Target, page.SetBypassCSP, page.SetBypassCSPParams{Enabled: true})
	return err
}

// scripts switches the page's scripts on or off; those that run go on.
func (t *tab) scripts(on bool) error {
	t.plain = !on
	_, err := cdp.Call(t.ctx, chromedp.FromContext(t.ctx).Target, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: !on})
	return err
}
