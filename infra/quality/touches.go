package main

import (
	"fmt"
	"slices"
	"time"

	"github.com/handoff-oss/handoff/shared/signal"
)

// touch is a signal, and who it truly comes from.
type touch struct {
	signal.Signal
	who *person // nil for what belongs to an office rather than to somebody
}

// season is how long people go on touching the company.
const season = 90 * 24 * time.Hour

func began() time.Time { return time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC) }

// touches lets everybody do what people do, and returns it in the order in
// which it happens. No system gives somebody's contact id to another person:
// that one word stands, and who has a system which does leaves contact out of
// the policy's identity.join.
func (w *world) touches() []touch {
	var all []touch
	for _, p := range w.people {
		for range 1 + w.dice.IntN(4) {
			all = append(all, w.touch(p)...)
		}
	}
	slices.SortStableFunc(all, func(a, b touch) int { return a.OccurredAt.Compare(b.OccurredAt) })
	for i := range all {
		all[i].ID = fmt.Sprintf("e%06d", i)
		all[i].ReceivedAt = all[i].OccurredAt
	}
	return all
}

func (w *world) some(from, to float64) time.Time {
	share := from + (to-from)*w.dice.Float64()
	return began().Add(time.Duration(share * float64(season))).Truncate(time.Second)
}

// touch is one thing that somebody does, with the pages that they looked at before.
func (w *world) touch(p *person) []touch {
	at := w.some(0, 1)
	earlier := at.Before(began().Add(season / 2))
	s := signal.Signal{OccurredAt: at, Lead: map[string]string{}}
	switch n := w.dice.IntN(100); {
	case n < 50:
		return w.form(p, s, earlier)
	case n < 70 && p.contact != "":
		return []touch{{w.contact(p, s, earlier), p}}
	case n < 85:
		return []touch{{w.badge(p, s, earlier), p}}
	}
	s.Source, s.Type = "segment", signal.PageViewed
	s.Identity.AnonymousID = w.browser(p)
	return []touch{{s, p}}
}

// browser is the device that somebody uses now; a few use one that stands about.
func (w *world) browser(p *person) string {
	if w.dice.happens(2) {
		return w.dice.one(w.kiosks)
	}
	return w.dice.one(p.devices)
}

// form is what somebody fills in on a website, and the pages before it.
func (w *world) form(p *person, s signal.Signal, earlier bool) []touch {
	s.Source, s.Type = "typeform", signal.FormSubmitted
	who := p
	s.Identity.Email = w.typed(p, earlier)
	if w.dice.happens(2) {
		// Somebody writes for the whole office.
		s.Identity.Email, who = w.dice.one([]string{"info@", "sales@", "office@"})+p.work.domain, nil
	}
	w.says(p, s.Lead, earlier)
	if p.id%20 == 0 {
		s.Identity.UserID = "undefined" // a hidden field, filled in by a script that does not know who this is
	}
	var all []touch
	if w.dice.happens(80) {
		s.Identity.AnonymousID = w.browser(p)
		before := signal.Signal{
			Source: "segment", Type: signal.PageViewed, OccurredAt: s.OccurredAt.Add(-time.Duration(1+w.dice.IntN(3600)) * time.Second),
			Identity: signal.Identity{AnonymousID: s.Identity.AnonymousID},
		}
		all = append(all, touch{before, who})
	}
	return append(all, touch{s, who})
}

// typed is the address that somebody types this time.
func (w *world) typed(p *person, earlier bool) string {
	mail := p.mail
	switch {
	case w.dice.happens(30):
		mail = p.home
	case earlier && p.oldMail != "":
		mail = p.oldMail
	}
	if w.dice.happens(3) {
		// One that reaches somebody else would be their lead, by what anybody can know.
		if wrong := w.slip(mail); !w.mails[wrong] && signal.NormalizeEmail(wrong) != "" {
			return wrong
		}
	}
	return mail
}

// says fills in what else a form asks for.
func (w *world) says(p *person, lead map[string]string, earlier bool) {
	lead[signal.FieldFirstName], lead[signal.FieldLastName] = w.written(p, earlier)
	work := p.work
	if earlier && p.before != nil {
		work = p.before
	}
	if w.dice.happens(75) {
		lead[signal.FieldCompany] = w.spelled(work)
	}
	if w.dice.happens(70) {
		lead[signal.FieldCountry] = p.place.code
	}
	if w.dice.happens(50) {
		lead[signal.FieldTitle] = p.title
	}
	switch n := w.dice.IntN(100); {
	case n < 35:
		lead[signal.FieldPhone] = w.dialed(p.place, p.mobile)
	case n < 45:
		lead[signal.FieldPhone] = w.dialed(p.place, p.direct)
	case n < 55:
		lead[signal.FieldPhone] = w.dialed(work.place, work.desk)
	}
	if _, ok := lead[signal.FieldPhone]; ok {
		lead[signal.FieldCountry] = p.place.code // forms ask for both together
	}
}

// contact is a record of the CRM, which often has no address.
func (w *world) contact(p *person, s signal.Signal, earlier bool) signal.Signal {
	s.Source, s.Type = "hubspot", signal.ContactChanged
	s.Identity.ContactID = p.contact
	if w.dice.happens(60) {
		s.Identity.Email = p.mail
		if earlier && p.oldMail != "" {
			s.Identity.Email = p.oldMail
		}
	}
	w.says(p, s.Lead, earlier)
	return s
}

// badge is what a scanner at a fair reads: a number of the fair's own, a name,
// a company, and a telephone number now and then.
func (w *world) badge(p *person, s signal.Signal, earlier bool) signal.Signal {
	s.Source, s.Type = "webhook", signal.ContactCreated
	s.Identity.ContactID = fmt.Sprintf("fair-%d-%d", p.id, w.dice.IntN(1_000_000))
	w.says(p, s.Lead, earlier)
	return s
}
