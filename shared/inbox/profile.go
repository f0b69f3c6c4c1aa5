package inbox

import "github.com/handoff-oss/handoff/shared/signal"

// profilesOf counts which fields the profiles had that signals brought: a form, a
// contact when it is new, and what a visitor is identified by. News of a contact
// say what has changed alone, so that they are no profile.
func profilesOf(signals []signal.Signal) map[signal.FieldSet]int {
	var all map[signal.FieldSet]int
	for _, s := range signals {
		if s.Attributes[signal.AttrFetch] != "" || !bringsProfile(s) {
			continue
		}
		if all == nil {
			all = map[signal.FieldSet]int{}
		}
		all[signal.FieldsOf(s)]++
	}
	return all
}

func bringsProfile(s signal.Signal) bool {
	switch s.Type { //nolint:exhaustive // The others bring none.
	case signal.FormSubmitted, signal.ContactCreated:
		return true
	case signal.LeadIdentified:
		return len(s.Lead) > 0
	}
	return false
}

// RecordShape is the shape of a signal that was completed with the whole record
// of a person, got from the sender's API.
func RecordShape(s signal.Signal) Shape {
	switch s.Type { //nolint:exhaustive // The others are no records of a person.
	case signal.FormSubmitted, signal.ContactCreated, signal.ContactChanged, signal.LeadIdentified:
		return Shape{Profiles: map[signal.FieldSet]int{signal.FieldsOf(s): 1}}
	}
	return Shape{}
}
