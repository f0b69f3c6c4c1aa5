package inbox

import (
	"strings"

	"github.com/handoff-oss/handoff/shared/signal"
)

// Shape says which fields events had, and nothing of what stood in them, so
// that somebody can notice when a sender leaves one out.
type Shape struct {
	Events int
	Fields map[string]int // how many of the events had the field: "lead.company", "attributes.form", "identity.email"
	// Profiles counts the profiles that the events brought, by the fields that they had.
	Profiles map[signal.FieldSet]int
}

// longestName bounds the names of fields, which are the sender's.
const longestName = 64

// shapeOf counts the fields of signals. Signals that only name a record at the
// sender, to be fetched later, have no shape yet.
func shapeOf(signals []signal.Signal) Shape {
	shape := Shape{Fields: map[string]int{}, Profiles: profilesOf(signals)}
	for _, s := range signals {
		if s.Attributes[signal.AttrFetch] != "" {
			continue
		}
		shape.Events++
		for prefix, fields := range map[string]map[string]string{"lead.": s.Lead, "attributes.": s.Attributes, "identity.": {
			"email": s.Identity.Email, "contact_id": s.Identity.ContactID, "user_id": s.Identity.UserID,
			"anonymous_id": s.Identity.AnonymousID, "phone": s.Identity.Phone,
		}} {
			for name, value := range fields {
				if value != "" && nameable(name) {
					shape.Fields[prefix+name]++
				}
			}
		}
	}
	return shape
}

// nameable tells names of fields from texts that a sender uses as such.
func nameable(name string) bool {
	return name != "" && len(name) <= longestName &&
		strings.Trim(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.") == ""
}
