package main

import (
	"time"

	"github.com/handoff-oss/handoff/shared/link"
	"github.com/handoff-oss/handoff/shared/page"
)

// formView is the form of a page that asks.
type formView struct {
	Controls []control
	Button   string
	Bad      bool   // the button takes something away
	Note     string //
}

// control is one thing to fill in: radio buttons when it has options, a text
// area when it has no type, else an input.
type control struct {
	Name, Label, Hint, Type, Value, Min, Max string
	Required, Focus, Invalid                 bool
	Options                                  []choice
}

// choice is one radio button.
type choice struct {
	option
	Name           string
	Checked, Focus bool
}

// formOf builds the form of a purpose, with what was filled in before. The
// cursor stands where something is missing, else at the first control.
func formOf(res result, now time.Time) formView {
	f := controlsOf(res, now)
	focus := 0
	for i := range f.Controls {
		c := &f.Controls[i]
		if v := res.form[c.Name]; res.form.sent(c.Name) {
			c.Value = v
		}
		if c.Name == res.problem.field {
			c.Invalid, focus = true, i
		}
	}
	for i := range f.Controls {
		c := &f.Controls[i]
		c.Focus = i == focus
		for n := range c.Options {
			o := &c.Options[n]
			o.Name, o.Checked, o.Focus = c.Name, o.Value == c.Value, c.Focus && n == 0
		}
	}
	return f
}

func controlsOf(res result, now time.Time) formView {
	t := res.terms
	comment := control{Name: fieldComment, Label: "In your words", Hint: "(optional)"}
	switch res.claims.Purpose {
	case link.Accept:
		return formView{Button: "Accept"}
	case link.Reject:
		f := formView{Button: "Reject", Bad: true}
		if res.left >= 0 {
			f.Note = "Today you can still reject " + page.Plural(int(res.left), "lead") + "."
		}
		if reasons := t.reasons(); len(reasons) > 0 {
			f.Controls = append(f.Controls, radios(fieldReason, "Why?", "", reasons))
			if offered(reasons, other) {
				comment.Hint = "(needed for something else)"
			}
		}
		f.Controls = append(f.Controls, comment)
		return f
	case link.Contacted:
		list := ways()
		return formView{Button: "I have contacted them", Note: "It stands in the history as your own word.", Controls: []control{
			radios(fieldHow, "How?", list[0].Value, list),
			{Name: fieldWhen, Label: "When?", Hint: t.byClock(), Type: "datetime-local", Value: now.In(t.zone).Format(localTime), Required: true},
		}}
	case link.Meeting:
		return formView{Button: "A meeting is set", Controls: []control{
			{Name: fieldStarts, Label: "When will it be?", Hint: t.byClock() + " (optional)", Type: "datetime-local", Min: now.In(t.zone).Format(localTime)},
		}}
	case link.Snooze:
		return formView{Button: "Snooze", Controls: t.pauseControls(now)}
	case link.Comment:
		return formView{Button: "Keep the comment", Controls: []control{{Name: fieldComment, Label: "Your comment", Required: true}}}
	case link.Feedback:
		return formView{Button: "Send the feedback", Controls: []control{radios(fieldOutcome, "What became of it?", "", outcomes()), comment}}
	}
	return formView{}
}

// pauseControls ask until when and why a lead has to wait.
func (t terms) pauseControls(now time.Time) []control {
	choices := t.pauses(now)
	all := []control{
		radios(fieldUntil, "Until when?", choices[0].Value, choices),
		{
			Name: fieldDate, Label: "On which day?", Hint: "(for “On another day”)", Type: "date",
			Min: now.In(t.zone).Format(localDate), Max: t.longest(now).In(t.zone).Format(localDate),
		},
	}
	if reasons := t.pauseReasons(); len(reasons) > 0 {
		all = append(all, radios(fieldReason, "Why?", "", reasons))
	}
	return all
}

func radios(name, label, value string, options []option) control {
	c := control{Name: name, Label: label, Value: value}
	for _, o := range options {
		c.Options = append(c.Options, choice{option: o})
	}
	return c
}

// byClock says whose clock a time is by.
func (t terms) byClock() string { return "by the clock in " + t.place() }
