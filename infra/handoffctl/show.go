package main

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/handoff-oss/handoff/shared/contract"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/scoring"
	"github.com/handoff-oss/handoff/shared/signal"
)

// print writes the lead for a person at a terminal.
func (v *view) print(out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	v.person(w)
	score(w, "Fit "+v.Fit.Grade, v.Fit)
	score(w, "Engagement", v.Engagement)
	v.qualification(w)
	v.handoff(w)
	v.clocks(w)
	v.timeline(w)
	v.signals(w)
	if v.Broken != "" {
		put(w, "\nWarning: %s\n", plain(v.Broken))
	}
	return w.Flush()
}

func (v *view) person(w io.Writer) {
	profile := v.Lead.Facts.Values()
	name := strings.TrimSpace(profile[signal.FieldFirstName] + " " + profile[signal.FieldLastName])
	if name == "" {
		name = profile[signal.FieldEmail]
	}
	put(w, "%s\n", plain(name))
	put(w, "  key\t%s\n", v.Lead.Key)
	put(w, "  stage\t%s\n", v.Lead.Journey.Stage)
	put(w, "  known since\t%s\n", stamp(v.Lead.CreatedAt))
	put(w, "  changed\t%s (version %d, %s)\n", stamp(v.Lead.UpdatedAt), v.Lead.Version, count(v.Lead.Facts.Signals, "signal"))
	for _, field := range slices.Sorted(maps.Keys(profile)) {
		from, _, _ := strings.Cut(v.Lead.Facts.Profile[field].Event, "#")
		put(w, "  %s\t%s\t(%s)\n", plain(field), plain(profile[field]), plain(from))
	}
}

func score(w io.Writer, title string, s scoring.Score) {
	put(w, "\n%s: %d\n", title, s.Score)
	parts(w, s.Parts)
}

func parts(w io.Writer, all []contract.Part) {
	for _, p := range all {
		put(w, "  %+d\t%s\t%s\n", p.Points, p.Rule, plain(p.Reason))
	}
}

func (v *view) qualification(w io.Writer) {
	q := v.Qualification
	if q.Qualified {
		put(w, "\nQualified: %s\n", plain(q.Reason))
		return
	}
	put(w, "\nNot qualified\n")
	for _, b := range q.Blockers {
		put(w, "  %s\t%s\tchanged by: %s\n", b.Rule, plain(b.Reason), plain(b.Fix))
	}
}

func (v *view) handoff(w io.Writer) {
	j := v.Lead.Journey
	if h := j.Handoff; h != nil {
		answer := string(h.Answer)
		if answer == "" {
			answer = "no answer yet"
		}
		put(w, "\nHandoff %d\n", h.Number)
		put(w, "  to\t%s (%s), pool %s, since %s\n", plain(h.RepName), h.Rep, h.Pool, stamp(h.Since))
		put(w, "  because\t%s\n", plain(h.Reason))
		put(w, "  found by\t%s\n", plain(h.By))
		put(w, "  answer\t%s\n", answer)
		if !h.TakenAt.IsZero() {
			put(w, "  taken back\tat %s\n", stamp(h.TakenAt))
		}
		if h.Contact != nil {
			put(w, "  contact\t%s at %s, %s\n", plain(h.Contact.How), stamp(h.Contact.At), plain(onWhoseWord(*h.Contact)))
		}
		v.route(w)
	}
	if h := j.Held; h != nil {
		why := "nobody could receive it"
		if !h.Until.IsZero() {
			why = "held back by order until " + stamp(h.Until)
		}
		put(w, "\nHeld: %s\n  waits for\tpool %s, since %s\n", why, h.Pool, stamp(h.Waits))
		if v.NextOffer != nil {
			put(w, "  offered next\t%s, oldest first\n", stamp(*v.NextOffer))
		}
	}
	if i := j.Incomplete; i != nil {
		put(w, "\nIncomplete: %s\n  waits for\tdata, since %s, to go to pool %s\n", plain(i.Words()), stamp(i.Waits), i.Pool)
		put(w, "  enter it\thandoffctl lead complete %s --set FIELD=VALUE, or lead hand-off for handing it off as it is\n", v.Lead.Key)
	}
	if until := j.RecycledUntil; j.Reached() == lead.Recycled {
		put(w, "\nBack in nurture until %s\n", stamp(until))
	}
}

// onWhoseWord says how an act is known.
func onWhoseWord(a contract.ActRef) string {
	if a.Word == "rep" {
		return "attested by the rep"
	}
	return "logged by " + cmp.Or(a.Source, "a CRM")
}

// route says how the holder was found.
func (v *view) route(w io.Writer) {
	for _, s := range v.Route {
		put(w, "  %s", plain(s.By))
		if s.Pool != "" {
			put(w, ", pool %s", s.Pool)
		}
		if s.Why != "" {
			put(w, " (%s)", plain(s.Why))
		}
		put(w, "\n")
		for _, c := range s.Considered {
			state := ""
			if c.Chosen {
				state = "chosen: "
			}
			put(w, "    %s\t%s%s\n", c.Rep, state, plain(c.Why))
		}
	}
}

func (v *view) clocks(w io.Writer) {
	if len(v.Lead.Journey.Clocks) == 0 {
		return
	}
	put(w, "\nClocks\n")
	for _, c := range v.Lead.Journey.Clocks {
		kind := string(c.Kind)
		if c.N > 0 {
			kind += fmt.Sprintf(" %d", c.N)
		}
		scope := string(c.Scope)
		if h := v.Lead.Journey.Handoff; c.Scope == lead.HolderScope && h != nil && c.Handoff != h.Number {
			scope += fmt.Sprintf(" of handoff %d", c.Handoff)
		}
		put(w, "  %s\tfor the %s\t%s\tdue %s\t%s\n", kind, scope, c.State, stamp(c.DueAt), v.clockNote(c))
	}
}

// clockNote says what is particular to a clock: the pause, the lateness, or
// the time that is left.
func (v *view) clockNote(c lead.Clock) string {
	hours := ""
	if c.Hours != "" {
		hours = fmt.Sprintf(", counts %s hours", c.Hours)
	}
	switch {
	case c.State == lead.Paused:
		return fmt.Sprintf("until %s: %s", stamp(c.ResumeAt), plain(c.Paused))
	case c.State == lead.Running && c.DueAt.Before(v.Now):
		return "late" + hours
	case c.State == lead.Running:
		return "in " + c.DueAt.Sub(v.Now).Round(time.Minute).String() + hours
	case c.State == lead.Breached && c.Corrected:
		return "in time after all: heard of at " + stamp(c.ActedAt)
	case c.State == lead.Breached && !c.ActedAt.IsZero():
		return fmt.Sprintf("done at %s, %s late%s", stamp(c.ActedAt), policy.Duration(c.Late.Round(time.Second)), hours)
	case c.State == lead.Breached:
		return "not done yet" + hours
	case !c.EndedAt.IsZero():
		return "ended " + stamp(c.EndedAt)
	}
	return ""
}

func (v *view) timeline(w io.Writer) {
	put(w, "\nTimeline, newest first\n")
	for _, item := range v.Timeline {
		for _, e := range item.Entries {
			put(w, "  %s\t%s\t%s\n", stamp(e.Time), e.Type, plain(e.Summary))
		}
		put(w, "  \t\tversion %d under policy %s, from %s\n", item.Version, item.PolicyVersion, plain(strings.Join(item.Inputs, ", ")))
	}
	if v.More {
		put(w, "  …\n")
	}
}

func (v *view) signals(w io.Writer) {
	if len(v.Signals) == 0 {
		return
	}
	slices.SortFunc(v.Signals, func(a, b signal.Signal) int { return b.ReceivedAt.Compare(a.ReceivedAt) })
	put(w, "\nSignals, newest first\n")
	for _, s := range v.Signals {
		put(w, "  %s\t%s\t%s\t%s\thappened %s\n", stamp(s.ReceivedAt), plain(s.Source), s.Type, plain(s.ID), stamp(s.OccurredAt))
	}
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05Z") }

// plain keeps text that somebody else wrote from moving the cursor or the
// columns of a terminal.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r >= 0x7f && r < 0xa0 || r == '\u202e' || r == '\u2066' || r == '\u2067' {
			return '·'
		}
		return r
	}, s)
}
