package inbound

import (
	"strings"
	"time"

	"github.com/handoff-oss/handoff/shared/signal"
)

// What a webhook about an activity says. An activity is work of a user; once it
// is done and was a call, a mail, a meeting or a message it is an act of one of
// us. Tasks, deadlines and types that the company made up are other, and so is
// what many activities were edited to at once, which is tidying up.
//
// Pipedrive does not say who began. What was planned and then done was begun by
// the user. What the user logs as done in the app counts as begun by the user
// unless its subject speaks of something incoming: somebody who logs a call
// that came in should use a type with the key inbound_call or incoming_call.
// What other software logs as done, such as a telephone system, and what is
// edited afterwards has a direction only where type or subject say it. That
// meta.change_source is app or api is in Pipedrive's examples; whether its own
// automations are told apart from users was not confirmed.

// activity reads an activity as it is now.
func (e pipedriveEvent) activity(d *draft) {
	d.identity.ContactID = first(reference(e.now, "person_id"), pipedriveParticipant(e.now))
	how, direction := pipedriveHow(text(e.now, "type"))
	if how == "" || !e.isDone() {
		return
	}
	if direction == "" {
		direction = e.began()
	}
	d.attributes.put(signal.AttrDeal, reference(e.now, "deal_id"))
	d.logged(act{
		record: first(e.entityID, text(e.now, "id")), at: pipedriveTime(text(e.now, "marked_as_done_time")),
		how: how, direction: direction, owner: pipedriveOwner(e.now),
	})
}

// isDone reports whether the activity exists and has been done.
func (e pipedriveEvent) isDone() bool {
	switch {
	case e.action != "create" && e.action != "change", e.bulk:
		return false
	case text(e.now, "is_deleted") == "true", text(e.now, "active_flag") == "false":
		return false
	}
	return isYes(text(e.now, "done"))
}

// began returns who began, where the type leaves that open.
func (e pipedriveEvent) began() string {
	was := text(e.before, "done")
	subject := strings.ToLower(text(e.now, "subject"))
	switch {
	case e.action == "change" && was != "" && !isYes(was): // planned by the user
		return signal.Outbound
	case mentions(subject, "inbound", "incoming", "missed call"):
		return ""
	case e.action == "create" && e.changedIn == "app", mentions(subject, "outbound call", "outgoing call"):
		return signal.Outbound
	}
	return ""
}

// pipedriveHow reads the key of a type: one of Pipedrive's own, or one that
// companies and telephone systems give to types for which it has none.
func pipedriveHow(key string) (how, direction string) {
	switch strings.ToLower(key) {
	case "call":
		return signal.HowCall, ""
	case "outbound_call", "outgoing_call":
		return signal.HowCall, signal.Outbound
	case "inbound_call", "incoming_call":
		return signal.HowCall, signal.Inbound
	case "email":
		return signal.HowEmail, ""
	case "meeting", "lunch":
		return signal.HowMeeting, ""
	case "sms", "text_message", "whatsapp", "linkedin_message":
		return signal.HowMessage, ""
	}
	return "", ""
}

// pipedriveParticipant returns the person whom an activity without person_id is with.
func pipedriveParticipant(o object) string {
	for _, p := range list(o, "participants") {
		if isYes(text(p, "primary")) || isYes(text(p, "primary_flag")) {
			return text(p, "person_id")
		}
	}
	return ""
}

// pipedriveTime reads a time. Version 1 writes it in UTC without saying so, or
// with a short offset. The zero time stands for none.
func pipedriveTime(value string) time.Time {
	for _, layout := range []string{time.DateTime, time.DateTime + "Z07"} {
		if t, err := time.Parse(layout, value); err == nil {
			return t.UTC()
		}
	}
	return timeOf(value, time.Second)
}

// isYes reads a flag, which older versions write as a number.
func isYes(s string) bool { return s == "true" || s == "1" }

// mentions reports whether a text in lower case has one of the phrases.
func mentions(text string, phrases ...string) bool {
	for _, p := range phrases {
		if strings.Contains(text, p) {
			return true
		}
	}
	return false
}
