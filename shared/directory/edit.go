package directory

import (
	"bytes"
	"encoding/json"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/policy"
)

// Edit says what is to become of a rep. Fields that are left out stay as they
// are; in JSON, null gives a field back to the policy.
type Edit struct {
	Name     Field[string]          `json:"name,omitzero"`
	Email    Field[string]          `json:"email,omitzero"`
	Slack    Field[string]          `json:"slack,omitzero"`
	OwnerIDs Field[[]string]        `json:"owner_ids,omitzero"`
	Pools    Field[[]string]        `json:"pools,omitzero"`
	Weight   Field[float64]         `json:"weight,omitzero"`
	Caps     Field[[]policy.Cap]    `json:"caps,omitzero"`
	Calendar Field[string]          `json:"calendar,omitzero"` // a name of the policy's, "" for the pool's; the rep's own hours end
	Hours    Field[policy.Calendar] `json:"hours,omitzero"`    // the rep's own
	Off      Field[string]          `json:"off,omitzero"`      // why the rep receives nothing; null lets them receive again
	Feed     Field[Feed]            `json:"feed,omitzero"`     // null: none any more
	Gone     Field[bool]            `json:"gone,omitzero"`     // true takes the rep out of all pools
	// AddLeave is leave of the rep besides what is known; RemoveLeave is known leave that does not hold any more, also of
	// the policy.
	AddLeave    []policy.Leave `json:"add_leave,omitempty"`
	RemoveLeave []policy.Leave `json:"remove_leave,omitempty"`
}

// Feed is a calendar to be read for leave.
type Feed struct {
	URL   string   `json:"url"`             // "" is the one that is read already
	Words []string `json:"words,omitempty"` // that make an event leave; none: the usual ones
}

// Field is one field of an edit. The zero Field leaves it as it is.
type Field[T any] struct {
	touched bool
	value   *T
}

// Set gives a field a value.
func Set[T any](v T) Field[T] { return Field[T]{touched: true, value: &v} }

// Reset gives a field back to the policy.
func Reset[T any]() Field[T] { return Field[T]{touched: true} }

// Touched tells whether the edit is about the field.
func (f Field[T]) Touched() bool { return f.touched }

// Value is the value; ok is false when there is none, as for a field that is
// given back.
func (f Field[T]) Value() (v T, ok bool) {
	if f.value == nil {
		return v, false
	}
	return *f.value, true
}

// UnmarshalJSON reads a value, or null. Unknown fields in it are an error.
func (f *Field[T]) UnmarshalJSON(text []byte) error {
	*f = Field[T]{touched: true}
	if bytes.Equal(text, []byte("null")) {
		return nil
	}
	f.value = new(T)
	return decode(text, f.value)
}

// MarshalJSON writes what UnmarshalJSON reads.
func (f Field[T]) MarshalJSON() ([]byte, error) { return json.Marshal(f.value) }

// ParseEdit reads an edit from JSON. Kind: Invalid.
func ParseEdit(text []byte) (Edit, error) {
	var e Edit
	if err := decode(text, &e); err != nil {
		return e, fault.New(fault.Invalid, "the change cannot be read: %v", err)
	}
	return e, nil
}

func decode(text []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	return d.Decode(v)
}

// OwnLeaveOnly tells whether the edit is about nothing but leave, whether the
// rep receives leads, and the calendar that leave is read from: what reps say
// of themselves.
func (e Edit) OwnLeaveOnly() bool {
	return !e.Name.touched && !e.Email.touched && !e.Slack.touched && !e.OwnerIDs.touched && !e.Pools.touched && !e.Weight.touched &&
		!e.Caps.touched && !e.Calendar.touched && !e.Hours.touched && !e.Gone.touched
}

// GiveBack gives a field back to the policy by its name in JSON; calendar and
// hours are given back together. It is false for what is no field of the
// policy's.
func (e *Edit) GiveBack(field string) bool {
	switch field {
	case "name":
		e.Name = Reset[string]()
	case "email":
		e.Email = Reset[string]()
	case "slack":
		e.Slack = Reset[string]()
	case "owner_ids":
		e.OwnerIDs = Reset[[]string]()
	case "pools":
		e.Pools = Reset[[]string]()
	case "weight":
		e.Weight = Reset[float64]()
	case "caps":
		e.Caps = Reset[[]policy.Cap]()
	case "calendar", "hours":
		e.Calendar, e.Hours = Reset[string](), Field[policy.Calendar]{}
	default:
		return false
	}
	return true
}

// complete says what an edit lacks to make a new rep.
func (e Edit) complete() Problems {
	var wrong Problems
	if e.Name.value == nil {
		wrong.add("name", "give a name")
	}
	if e.Email.value == nil {
		wrong.add("email", "give an address")
	}
	if e.Pools.value == nil {
		wrong.add("pools", "name at least one pool")
	}
	return wrong
}
