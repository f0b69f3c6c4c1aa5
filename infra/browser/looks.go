package main

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
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

func (v *visitor) picture(t *tab, l look, name string) error {
	session := chromedp.FromContext(t.ctx).Target
	metrics := emulation.SetDeviceMetricsOverrideParams{Width: l.width, Height: 800, DeviceScaleFactor: 1, Mobile: l.width < 600}
	if _, err := cdp.Call(t.ctx, session, emulation.SetDeviceMetricsOverride, metrics); err != nil {
		return err
	}
	media := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: l.scheme}}}
	if _, err := cdp.Call(t.ctx, session, emulation.SetEmulatedMedia, media); err != nil {
		return err
	}
	png, err := chromedp.Run(t.ctx, chromedp.FullScreenshot(100))
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(v.shots, fmt.Sprintf("%s-%d-%s.png", name, l.width, l.scheme)), png, 0o600)
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
