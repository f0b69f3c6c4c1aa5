package signal

// FieldSet is a set of the fields that every source has: one bit for each, in the
// order of Fields.
type FieldSet uint32

// FieldsOf returns which fields a signal says something about.
func FieldsOf(s Signal) FieldSet {
	var set FieldSet
	for i, name := range Fields() {
		known := s.Lead[name] != ""
		switch name {
		case FieldEmail:
			known = known || s.Identity.Email != ""
		case FieldPhone:
			known = known || s.Identity.Phone != ""
		}
		if known {
			set |= 1 << i
		}
	}
	return set
}

// Has tells whether a field is in the set. One that not every source has never is.
func (f FieldSet) Has(field string) bool {
	for i, name := range Fields() {
		if name == field {
			return f&(1<<i) != 0
		}
	}
	return false
}
