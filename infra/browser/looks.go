package main

import (
	"fmt"
	"net/http"
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
	scheme string
}

func looks() []look {
	return []look{{360, "dark"}, {360, "light"}, {1280, "dark"}, {1280, "light"}}
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
	v.check(name+": nothing in the console", t.complaints())
	var wide error
	for _, l := range looks() {
		if err := v.picture(t, l, name); err != nil {
			v.check(fmt.Sprintf("%s: a picture at %d px, %s", name, l.width, l.scheme), err)
			continue
		}
		if l.width == 360 && l.scheme == "light" {
			wide = tooWide(t)
		}
	}
	v.check(name+": fits 360 px", wide)
}

// highest bounds a picture, in pixels.
const highest = 9000

func (v *visitor) picture(t *tab, l look, name string) error {
	media := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: l.scheme}}}
	if _, err := cdp.Call(t.ctx, chromedp.FromContext(t.ctx).Target, emulation.SetEmulatedMedia, media); err != nil {
		return err
	}
	if err := t.resize(l.width, usual); err != nil {
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

// tooWide names what is wider than the window.
func tooWide(t *tab) error {
	wide, err := eval[string](t, `(() => {
		const width = 360, page = document.scrollingElement.scrollWidth;
		if (page <= width && window.innerWidth <= width) return "";
		const far = [...document.querySelectorAll("main *, header *, footer *")].filter(e => e.getBoundingClientRect().right > width + 1);
		return "the page is " + page + " px wide: " + far.slice(0, 4).map(e => e.tagName + "." + e.className + " " + e.textContent.slice(0, 40)).join("; ");
	})()`)
	if err != nil {
		return err
	}
	return unless(wide == "", "%s", wide)
}

// weigh notes how large the page at a path is.
func (v *visitor) weigh(t *tab, name, path string) {
	r, err := v.Do(t.ctx, http.MethodGet, path, map[string]string{"Accept": "text/html"}, nil)
	if err == nil {
		v.bytes[name] = len(r.Body)
		err = unless(len(r.Body) <= biggest, "%d bytes", len(r.Body))
	}
	v.check(fmt.Sprintf("%s: %.1f KB, at most %d", name, float64(v.bytes[name])/1024, biggest>>10), err)
}
