package privacy

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/handoff-oss/handoff/shared/contract"
	"github.com/handoff-oss/handoff/shared/duplicate"
	"github.com/handoff-oss/handoff/shared/signal"
)

// Readable writes the dossier for the person themselves, in Markdown. The JSON
// has the same, and every detail.
func (d Dossier) Readable() string {
	var w writer
	w.line("# What we hold about you")
	w.line("As of %s.", moment(d.At))
	w.heading("Who you are, as far as we know")
	w.unless(len(d.Profile), "Nothing that is known.")
	for _, name := range slices.Sorted(maps.Keys(d.Profile)) {
		f := d.Profile[name]
		source, _, _ := strings.Cut(f.Event, "#")
		w.item("%s: %s (from %s, %s)", words(name), f.Value, source, moment(f.At))
	}
	w.heading("What you agreed or objected to")
	w.unless(len(d.Consent), "Nothing that is known.")
	for _, purpose := range slices.Sorted(maps.Keys(d.Consent)) {
		c := d.Consent[purpose]
		said, by := c.Latest()
		w.item("%s: %s, by %s on %s%s%s", words(purpose), c.State(), words(string(by)), moment(said.At), more(", text ", said.Text), more(", basis ", said.Basis))
	}
	if s := d.Scores; s != nil {
		w.heading("How we rank your interest, and why")
		w.line("Fit %s:", s.Grade)
		w.parts(s.Fit)
		w.line("Interest lately:")
		w.parts(s.Engagement)
		w.line("%s.", s.Qualification)
	}
	if d.Company != nil {
		w.heading("Your company")
		w.item("%s %s", d.Company.Name, d.Company.Domain)
	}
	d.happened(&w)
	w.heading("Elsewhere")
	for _, e := range d.Elsewhere {
		w.item("%s: %s%s", e.Place, e.Note, more("; kept for days: ", days(e)))
	}
	w.heading("What we do not hold")
	for _, text := range d.NotHeld {
		w.item("%s", text)
	}
	return w.String()
}

// happened writes what came, what was decided and who was told.
func (d Dossier) happened(w *writer) {
	w.heading("What reached us")
	for _, s := range d.Signals {
		w.signal(s)
	}
	w.heading("What was decided")
	w.unless(len(d.Decisions), "Nothing.")
	for _, item := range d.Decisions {
		for _, e := range item.Entries {
			w.item("%s: %s", moment(e.Time), e.Summary)
		}
	}
	w.heading("Others who were thought to be you")
	w.unless(len(d.Pairs), "None.")
	for _, p := range d.Pairs {
		w.pair(p)
	}
	w.heading("Messages to our people about you")
	w.unless(len(d.Deliveries), "None that is remembered.")
	for _, s := range d.Deliveries {
		w.item("%s: %s by %s to %s, %s", moment(s.At), words(s.Type), s.Channel, s.Whom, s.State)
	}
}

type writer struct{ strings.Builder }

func (w *writer) put(text string) { _, _ = w.WriteString(text) } // never fails, by its documentation

func (w *writer) line(format string, args ...any) { w.put(fmt.Sprintf(format, args...) + "\n\n") }

func (w *writer) heading(text string) { w.put("\n## " + text + "\n\n") }

// item writes one entry; what came from outside stays on its line.
func (w *writer) item(format string, args ...any) {
	w.put("- " + strings.Join(strings.Fields(fmt.Sprintf(format, args...)), " ") + "\n")
}

// unless writes a line in place of entries that are not there.
func (w *writer) unless(entries int, text string) {
	if entries == 0 {
		w.line("%s", text)
	}
}

func (w *writer) parts(parts []contract.Part) {
	if len(parts) == 0 {
		w.item("nothing")
	}
	for _, p := range parts {
		w.item("%+d %s", p.Points, p.Reason)
	}
	w.line("")
}

// pair says how alike another lead is, without naming it, and what was said of
// the two.
func (w *writer) pair(p duplicate.Pair) {
	said := ""
	switch p.State {
	case duplicate.Dismissed:
		said = "; " + p.By + " said that they are two people: " + p.Why
	case duplicate.Merged:
		said = "; " + p.By + " said that they are one person: " + p.Why
	case duplicate.Open:
	}
	w.item("%s: another lead, %d of 100 alike%s", moment(p.Since), p.Score, said)
}

func (w *writer) signal(s signal.Signal) {
	w.item("%s: %s, from %s, received %s", moment(s.OccurredAt), words(string(s.Type)), s.Source, moment(s.ReceivedAt))
	for _, of := range []map[string]string{namesIn(s), s.Lead, s.Attributes} {
		for _, name := range slices.Sorted(maps.Keys(of)) {
			w.put("  - " + strings.Join(strings.Fields(words(name)+": "+of[name]), " ") + "\n")
		}
	}
}

// namesIn returns by what a signal knows the person, but for what its profile
// says in the same words.
func namesIn(s signal.Signal) map[string]string {
	i := s.Identity
	names := map[string]string{signal.FieldEmail: i.Email, signal.FieldPhone: i.Phone, "contact_id": i.ContactID, "user_id": i.UserID, "anonymous_id": i.AnonymousID}
	maps.DeleteFunc(names, func(name, value string) bool { return value == "" || value == s.Lead[name] })
	return names
}

func moment(t time.Time) string { return t.UTC().Format("2 January 2006, 15:04 UTC") }

func words(name string) string { return strings.NewReplacer("_", " ", ".", " ").Replace(name) }

func more(before, text string) string {
	if text == "" {
		return ""
	}
	return before + text
}

func days(e Elsewhere) string {
	if e.Days == 0 {
		return ""
	}
	return fmt.Sprint(e.Days)
}
