package scoring

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/signal"
)

// Kinds of mail events.
const (
	mailDelivered = "d"
	mailOpened    = "o"
	mailClicked   = "c"
)

// mailKind returns the kind of a signal that is evidence about an e-mail. One
// that names no message cannot be judged together with others and counts as
// it is.
func mailKind(s signal.Signal) (kind string, ok bool) {
	kind, ok = map[signal.Type]string{
		signal.EmailDelivered: mailDelivered, signal.EmailOpened: mailOpened, signal.EmailClicked: mailClicked,
	}[s.Type]
	return kind, ok && s.Attributes[signal.AttrMessageID] != ""
}

// machineMade tells whether an open or click says by itself that no person
// made it: the provider marks it so, or the user agent is a scanner's.
func machineMade(s policy.Scanner, g signal.Signal) bool {
	if g.Type != signal.EmailOpened && g.Type != signal.EmailClicked {
		return false
	}
	agent := strings.ToLower(g.Attributes[signal.AttrUserAgent])
	return g.Attributes[signal.AttrMachine] == "true" ||
		slices.ContainsFunc(s.UserAgents, func(part string) bool { return strings.Contains(agent, part) })
}

// addMail keeps a mail event as evidence, in the order of (time, event), the
// first mostMail of its UTC day.
func (f *Facts) addMail(kind string, s signal.Signal, mark Mark, hits []Hit) {
	m := MailEvent{
		Message: hashItem(s.Attributes[signal.AttrMessageID]), Kind: kind, At: mark.At,
		Link: hashItem(s.Attributes[signal.AttrURL]), Event: mark.Event, Hits: hits,
	}
	at, _ := slices.BinarySearchFunc(f.Mail, m, func(a, b MailEvent) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Event, b.Event))
	})
	f.Mail = slices.Insert(f.Mail, at, m)
	byDay := func(a MailEvent, day int) int { return cmp.Compare(dayOf(a.At), day) }
	first, _ := slices.BinarySearchFunc(f.Mail, dayOf(m.At), byDay)
	next, _ := slices.BinarySearchFunc(f.Mail, dayOf(m.At)+1, byDay)
	if next-first > mostMail {
		f.Mail = slices.Delete(f.Mail, next-1, next)
	}
}

// mailDay is what is judged together: the events of one message on one UTC
// day. Judging by day lets past days be counted for good, at the price of a
// burst across midnight being judged in two parts.
type mailDay struct {
	message string
	day     int
}

// countHuman hands the hits of every open and click that a person made to
// count. events are in order of time.
func countHuman(events []MailEvent, s policy.Scanner, count func(day int, hits []Hit)) {
	days := map[mailDay][]MailEvent{}
	var order []mailDay
	for _, m := range events {
		k := mailDay{m.Message, dayOf(m.At)}
		if days[k] == nil {
			order = append(order, k)
		}
		days[k] = append(days[k], m)
	}
	for _, k := range order {
		for _, m := range human(days[k], s) {
			count(k.day, m.Hits)
		}
	}
}

// human returns the opens and clicks of one message and day that mail security
// software did not make: not sooner after delivery than a person can be, and
// not part of a burst of clicks over many different links.
func human(events []MailEvent, s policy.Scanner) []MailEvent {
	machine := make([]bool, len(events))
	delay := time.Duration(s.MinDelaySeconds) * time.Second
	for _, d := range events {
		if d.Kind != mailDelivered {
			continue
		}
		for i, m := range events {
			if m.Kind != mailDelivered && !m.At.Before(d.At) && m.At.Sub(d.At) < delay {
				machine[i] = true
			}
		}
	}
	markBursts(events, machine, s)
	var out []MailEvent
	for i, m := range events {
		if m.Kind != mailDelivered && !machine[i] {
			out = append(out, m)
		}
	}
	return out
}

func markBursts(events []MailEvent, machine []bool, s policy.Scanner) {
	if s.BurstLinks < 1 {
		return
	}
	window := time.Duration(s.BurstWindowSeconds) * time.Second
	for i := range events {
		links := map[string]bool{}
		end := i
		for ; end < len(events) && events[end].At.Sub(events[i].At) <= window; end++ {
			if events[end].Kind == mailClicked {
				links[events[end].Link] = true
			}
		}
		if len(links) < s.BurstLinks {
			continue
		}
		for j := i; j < end; j++ {
			machine[j] = true
		}
	}
}
