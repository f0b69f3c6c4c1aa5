package outbound

import (
	"fmt"

	"github.com/handoff-oss/handoff/shared/contract"
)

// sourceMessage tells of a source of webhooks. It is about no person.
func sourceMessage(in Input, v view) Message {
	m := Message{Event: in.Event, To: in.To, Links: in.Links, Profile: map[string]string{}}
	s := in.Event.Detail.Source
	if s == nil {
		m.Subject, m.Intro = event(in.Event.Type), clean(in.Event.Summary, 1000)
		return m
	}
	name := clean(s.Name, mostName)
	subject, intro := sourceHeadline(in.Event.Type, name, s.Alert)
	m.Subject, m.Intro = clean(subject, 150), clean(intro+" "+s.Reason, 1000)
	since := "Since"
	if in.Event.Type == contract.SourceSilent {
		since = "Last event"
	}
	m.Promises = []Line{{"Source", name}, {"Provider", clean(s.Provider, mostName)}, {since, v.time(s.Since)}}
	return m
}

// sourceHeadline says what is wrong, or over.
func sourceHeadline(t contract.EventType, name, alert string) (subject, intro string) {
	switch t { //nolint:exhaustive // All others are about a lead.
	case contract.SourceSilent:
		return "Nothing comes from " + name, fmt.Sprintf("The source %s has fallen silent.", name)
	case contract.SourceFailing:
		return "Webhooks of " + name + " fail", fmt.Sprintf("The webhooks of the source %s fail more than usual.", name)
	case contract.SourceDrifted:
		return "Fields of " + name + " are gone", fmt.Sprintf("The events of the source %s have lost what they used to have.", name)
	}
	over := map[string]string{"silent": "It had fallen silent.", "failing": "Its webhooks had failed.", "drifted": "Its events had lost fields."}[alert]
	return name + " is as usual again", fmt.Sprintf("The source %s is as usual again. %s", name, over)
}
