package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"

	"github.com/chromedp/chromedp"
)

// contacts are a file as a spreadsheet in Germany saves it.
const contacts = "E-Mail;Vorname;Nachname;Firma;Farbe\n" +
	"ada@imported-engines.example;Ada;Lovelace;Imported Engines;blau\n" +
	"niemand;;;;\n" +
	"grace@imported-navy.example;Grace;Hopper;Imported Navy;\n"

// pick chooses a file in the form.
func (t *tab) pick(file string) error {
	if err := t.until(`document.querySelector("#file")`); err != nil {
		return err
	}
	return chromedp.Do(t.ctx, chromedp.SetUploadFiles("#file", []string{file}))
}

// importing is a marketer who imports a file: looks at it, says what a column
// is, sends it part by part, and takes the rejected rows along; then again
// without scripts.
func (v *visitor) importing(*tab) {
	dir, err := os.MkdirTemp("", "handoff-import-")
	if !v.check("a folder for the files", err) {
		return
	}
	defer func() { v.check("the folder is removed", os.RemoveAll(dir)) }()
	first, second := filepath.Join(dir, "kontakte.csv"), filepath.Join(dir, "more.csv")
	desk, failed := v.as(marketer)
	defer desk.close()
	err = errors.Join(os.WriteFile(first, []byte(contacts), 0o600), os.WriteFile(second, []byte(strings.ReplaceAll(contacts, "imported", "more")), 0o600), failed)
	if !v.check("a marketer signs in, and goes to the imports", errors.Join(err, desk.click(`.top nav a[href="/imports"]`), desk.isAt("/imports"))) {
		return
	}
	v.inspect(desk, "imports-empty")
	v.check("a file is looked at first", errors.Join(desk.pick(first), desk.click("#choose button"), desk.shows("h1", "kontakte.csv"),
		desk.shows("main", "1 row cannot be imported"), desk.shows("main", "Ada")))
	desk.grows = true // the preview takes the place of the form
	v.inspect(desk, "import-preview")
	v.check("a column is something else", errors.Join(desk.choose("#target-4", "attr.farbe"), desk.click("#anew"), desk.shows("#h-first + div", "blau")))
	v.check("it is imported", errors.Join(desk.click("#start button:not(.quiet)"), desk.shows("#said", "Complete: 2 rows stored, 1 rejected")))
	rejected, err := eval[string](desk, `(a => a.href.slice(0, 5) + a.download)(document.querySelector("a[download]"))`)
	v.check("the rejected row is to be had", errors.Join(err, unless(rejected == "blob:kontakte.rejected.csv", "it is %q", rejected), desk.click("a[download]")))
	v.inspect(desk, "import-complete")
	desk.grows = false
	v.check("what was imported has a page", errors.Join(desk.click(`#start a[href^="/imports/"]`), desk.shows("h2", "Complete"), desk.shows("main", "attribute farbe"), v.Idle(desk.ctx)))
	v.inspect(desk, "import")
	v.check("the lead is there", errors.Join(desk.opens("/leads?q=ada@imported-engines.example"), desk.shows("main tbody", "Imported Engines")))
	v.check("nobody was told", errors.Join(desk.opens("/_local/outbox"), desk.until(`!document.querySelector("main").innerText.includes("Imported Engines")`)))
	v.check("the same file is known", errors.Join(desk.opens("/imports"), desk.pick(first), desk.click("#choose button"), desk.shows("main", "E-mail address")))

	v.check("the same without scripts", errors.Join(desk.opens("/imports"), desk.scripts(false), desk.opens("/imports"), desk.pick(second), desk.click("#choose button"),
		desk.shows("h1", "more.csv"), desk.pick(second), desk.click("#start button:not(.quiet)"), desk.shows("h2", "Complete"), desk.shows("main", "Rows stored")))
	v.inspect(desk, "import-no-script")
	v.check("scripts again", errors.Join(desk.scripts(true), desk.opens("/imports")))
	v.inspect(desk, "imports")
}
