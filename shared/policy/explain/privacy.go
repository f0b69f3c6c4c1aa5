package explain

import (
	"strings"

	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/signal"
)

// meaning puts what a field of a form means in words.
func meaning(field string) string {
	words := strings.ReplaceAll(field, "_", " ")
	if purpose, ok := strings.CutPrefix(words, signal.AttrConsent); ok {
		return "the consent to " + purpose
	}
	return "the " + words
}

// privacy says what consent does, and how long data are kept.
func (w *writer) privacy(p policy.Privacy) {
	w.heading("Consent, and how long data are kept")
	if len(p.Consent.StoppedBy) == 0 || len(p.Consent.Purposes) == 0 {
		w.item("Nobody's scoring stops when they opt out")
	} else {
		var ways []string
		for _, t := range p.Consent.StoppedBy {
			ways = append(ways, map[string]string{
				string(signal.EmailUnsubscribed): "unsubscribes", string(signal.EmailComplained): "complains about an e-mail",
				string(signal.ConsentWithdrawn): "withdraws consent",
			}[t])
		}
		w.item("Who %s (to %s) is scored no more, until they agree again", or(ways), or(spacedWords(p.Consent.Purposes)))
		if p.Consent.HearRequests {
			w.item("If they ask for sales all the same, they are heard")
		}
	}
	r := p.Retention
	w.item("Single visits, events and e-mails are kept %s", kept(r.SignalsDays))
	if r.LeadsDays > 0 {
		w.item("A lead without any signal for %s is erased the night after, unless somebody has it or its deal is open", plural(r.LeadsDays, "day"))
	} else {
		w.item("No lead is erased for being quiet")
	}
	w.item("That a person was erased is remembered %s", kept(r.TombstonesDays))
}

func spacedWords(names []string) []string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = strings.ReplaceAll(n, "_", " ")
	}
	return out
}

func kept(days int) string {
	if days == 0 {
		return "for ever"
	}
	return "for " + plural(days, "day")
}
