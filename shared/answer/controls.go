package answer

import (
	"time"

	"github.com/handoff-oss/handoff/shared/link"
	"github.com/handoff-oss/handoff/shared/page"
)

// FormView is the form of a page that asks.
type FormView struct {
	Controls []Control
	Button   string
	Bad      bool   // the button takes something away
	Note     string //
}

// Control is one thing to fill in: radio buttons when it has options, a text
// area when it has no type, else an input.
type Control struct {
	Name, Label, Hint, Type, Value, Min, Max string
	Required, Focus, Invalid                 bool
	Options                                  []Choice
}

// Choice is one radio button.
type Choice struct {
	Option
	Name           string
	Checked, Focus bool
}

// formOf builds the form of a purpose, with what was filled in before. The
// cursor stands where something is missing, else at the first control.
func formOf(res Result, now time.Time) FormView {
	f := controlsOf(res, now)
	focus := 0
	for i := range f.Controls {
		c := &f.Controls[i]
		if v := res.Form[c.Name]; res.Form.sent(c.Name) {
			c.Value = v
		}
		if c.Name == res.Problem.Field {
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

func controlsOf(res Result, now time.Time) FormView {
	t := res.Terms
	comment := Control{Name: fieldComment, Label: "In your words", Hint: "(optional)"}
	switch res.Claims.Purpose {
	case link.Accept:
		return FormView{Button: "Accept"}
	case link.Reject:
		f := FormView{Button: "Reject", Bad: true}
		if res.Left >= 0 {
			f.Note = "Today you can still reject " + page.Plural(int(res.Left), "lead") + "."
		}
		if reasons := t.reasons(); len(reasons) > 0 {
			f.Controls = append(f.Controls, radios(FieldReason, "Why?", "", reasons))
			if offered(reasons, other) {
				comment.Hint = "(needed for something else)"
			}
		}
		f.Controls = append(f.Controls, comment)
		return f
	case link.Contacted:
		list := ways()
		return FormView{Button: "I have contacted them", Note: "It stands in the history as your own word.", Controls: []Control{
			radios(fieldHow, "How?", list[0].Value, list),
			{Name: fieldWhen, Label: "When?", Hint: t.byClock(), Type: "datetime-local", Value: now.In(t.zone).Format(localTime), Required: true},
		}}
	case link.Meeting:
		return FormView{Button: "A meeting is set", Controls: []Control{
			{Name: fieldStarts, Label: "When will it be?", Hint: t.byClock() + " (optional)", Type: "datetime-local", Min: now.In(t.zone).Format(localTime)},
		}}
	case link.Snooze:
		return FormView{Button: "Snooze", Controls: t.pauseControls(now)}
	case link.Comment:
		return FormView{Button: "Keep the comment", Controls: []Control{{Name: fieldComment, Label: "Your comment", Required: true}}}
	case link.Feedback:
		return FormView{Button: "Send the feedback", Controls: []Control{radios(fieldOutcome, "What became of it?", "", outcomes()), comment}}
	}
	return FormView{}
}

// pauseControls ask until when and why a lead has to wait.
func (t Terms) pauseControls(now time.Time) []Control {
	choices := t.pauses(now)
	all := []Control{
		radios(fieldUntil, "Until when?", choices[0].Value, choices),
		{
			Name: fieldDate, Label: "On which day?", Hint: "(for “On another day”)", Type: "date",
			Min: now.In(t.zone).Format(localDate), Max: t.longest(now).In(t.zone).Format(localDate),
		},
	}
	if reasons := t.pauseReasons(); len(reasons) > 0 {
		all = append(all, radios(FieldReason, "Why?", "", reasons))
	}
	return all
}

func radios(name, label, value string, options []Option) Control {
	c := Control{Name: name, Label: label, Value: value}
	for _, o := range options {
		c.Options = append(c.Options, Choice{Option: o})
	}
	return c
}

// byClock says whose clock a time is by.
func (t Terms) byClock() string { return "by the clock in " + t.Place() }
