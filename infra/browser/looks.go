package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// look is one way to see a page.
type look struct {
	width  int64
	scheme string // light, dark, print or forced, which is by colors that the reader's system forces
}

// show lets a tab show its page in that way.
func (l look) show(t *tab) error {
	medium, feature := "", emulation.MediaFeature{Name: "prefers-color-scheme", Value: l.scheme}
	switch l.scheme {
	case "print":
		medium, feature.Value = l.scheme, "dark" // paper is white all the same
	case "forced":
		feature = emulation.MediaFeature{Name: "forced-colors", Value: "active"}
	}
	media := emulation.SetEmulatedMediaParams{Media: medium, Features: []*emulation.MediaFeature{&feature}}
	_, err := cdp.Call(t.ctx, chromedp.FromContext(t.ctx).Target, emulation.SetEmulatedMedia, media)
	return errors.Join(err, t.resize(l.width, usual))
}

// looks are the ways of which pictures are taken: a telephone and a desk.
func looks() []look {
	return []look{{390, "dark"}, {390, "light"}, {1280, "dark"}, {1280, "light"}}
}

// biggest is how large a page may be, in bytes before compression.
const biggest = 60 << 10

// inspect holds the page in a tab to the rules for every page and takes its
// pictures. The tab is left wide and light.
func (v *visitor) inspect(t *tab, name string) {
	if err := t.front(); err != nil {
		v.check(name+": comes to the front", err)
		return
	}
	if !v.only {
		v.check(name+": nothing in the console", t.complaints())
		v.check(fmt.Sprintf("%s: at most %d KB", name, biggest>>10), weigh(t))
		if !t.grows {
			v.check(name+": nothing moves by itself", shifts(t))
		}
	}
	for _, l := range looks() {
		if err := v.picture(t, l, name); err != nil {
			v.check(fmt.Sprintf("%s: a picture at %d px, %s", name, l.width, l.scheme), err)
			continue
		}
		v.pages.add(name)
		if !v.only && (l.width > 600 || l.scheme == "light") {
			v.check(fmt.Sprintf("%s: axe finds nothing at %d px, %s", name, l.width, l.scheme), v.axe.check(t, t.leave...))
		}
	}
	if !v.only {
		v.check(name+": fits 320 px and 390 px", errors.Join(tooWide(t, 320), tooWide(t, 390), t.resize(1280, usual)))
	}
}

// highest bounds a picture, in pixels.
const highest = 9000

func (v *visitor) picture(t *tab, l look, name string) error {
	if err := l.show(t); err != nil {
		return err
	}
	height, err := eval[int64](t, `document.documentElement.scrollHeight`)
	if err != nil {
		return err
	}
	// Frames outside of the window are not drawn, so the window is made as high as the page.
	if err := t.resize(l.width, min(max(height, usual), highest)); err != nil {
		return err
	}
	png, err := chromedp.Run(t.ctx, chromedp.FullScreenshot(100))
	if err != nil {
		return err
	}
	if err := t.resize(l.width, usual); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(v.shots, fmt.Sprintf("%s-%d-%s.png", name, l.width, l.scheme)), png, 0o600)
}

// usual is the height of a window.
const usual = 800

// resize waits until the page has been drawn in the new size, and its frames
// after it: a picture makes the browser draw, and does not need the page's scripts.
func (t *tab) resize(width, height int64) error {
	session := chromedp.FromContext(t.ctx).Target
	metrics := emulation.SetDeviceMetricsOverrideParams{Width: width, Height: height, DeviceScaleFactor: 1, Mobile: width < 600}
	if _, err := cdp.Call(t.ctx, session, emulation.SetDeviceMetricsOverride, metrics); err != nil {
		return err
	}
	for range 2 {
		if _, err := cdp.Call(t.ctx, session, page.CaptureScreenshot, page.CaptureScreenshotParams{Clip: &page.Viewport{Width: 1, Height: 1, Scale: 1}}); err != nil {
			return err
		}
	}
	return nil
}

// tooWide names what does not fit into a window of that width.
func tooWide(t *tab, width int64) error {
	if err := t.resize(width, usual); err != nil {
		return err
	}
	wide, err := eval[string](t, fmt.Sprintf(`(() => {
		const width = %d, page = document.scrollingElement.scrollWidth;
		if (page <= width && window.innerWidth <= width) return "";
		const far = [...document.querySelectorAll("main *, header *, footer *")].filter(e => e.getBoundingClientRect().right > width + 1);
		return "the page is " + page + " px wide in " + width + ": " + far.slice(0, 4).map(e => e.tagName + "." + e.className + " " + e.textContent.slice(0, 40)).join("; ");
	})()`, width))
	if err != nil {
		return err
	}
	return unless(wide == "", "%s", wide)
}

// shifts tells how far the page has moved by itself since it was opened, as
// https://web.dev/articles/cls counts it: what follows within half a second
// from what the reader does is no shift.
func shifts(t *tab) error {
	moved, err := eval[float64](t, `window.handoffShift || 0`)
	if err != nil {
		return err
	}
	what, err := eval[string](t, `(window.handoffShifted || []).join("; ")`)
	return errors.Join(err, unless(moved <= 0.01, "%.3f of the window: %s", moved, what))
}

// watchShifts is run in each page before its own scripts.
const watchShifts = `window.handoffShift = 0;
window.handoffShifted = [];
new PerformanceObserver(list => list.getEntries().filter(e => !e.hadRecentInput).forEach(e => {
	window.handoffShift += e.value;
	e.sources.forEach(s => s.node && window.handoffShifted.push((s.node.id || s.node.className || s.node.nodeName) + " " + (s.node.textContent || "").trim().slice(0, 30)));
})).observe({type: "layout-shift", buffered: true});`

// weigh tells whether the page in the tab came small enough, once it is there
// to its end: until then it weighs nothing.
func weigh(t *tab) error {
	if err := t.until(`document.readyState === "complete"`); err != nil {
		return err
	}
	size, err := eval[int](t, `(performance.getEntriesByType("navigation")[0] || {}).decodedBodySize || 0`)
	if err != nil {
		return err
	}
	return unless(size > 0 && size <= biggest, "%d bytes", size)
}
