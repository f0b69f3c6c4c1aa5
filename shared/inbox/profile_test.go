package inbox

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/handoff-oss/handoff/shared/signal"
)

func TestProfilesAreCountedByTheirFields(t *testing.T) {
	form := signal.Signal{
		Type: signal.FormSubmitted, Identity: signal.Identity{Email: "ada@engines.example", Phone: "1"},
		Lead: map[string]string{"company": "Engines", "title": "", "shoe_size": "43"},
	}
	of := func(typ signal.Type, change func(*signal.Signal)) signal.Signal {
		s := form
		s.Type = typ
		if change != nil {
			change(&s)
		}
		return s
	}
	got := shapeOf([]signal.Signal{
		form, form, of(signal.ContactCreated, func(s *signal.Signal) { s.Lead = nil }),
		of(signal.ContactChanged, nil), of(signal.PageViewed, nil),
		of(signal.LeadIdentified, func(s *signal.Signal) { s.Lead = nil }),
		of(signal.ContactCreated, func(s *signal.Signal) { s.Attributes = map[string]string{signal.AttrFetch: "contact"} }),
	}).Profiles
	address, all := signal.FieldsOf(of(signal.FormSubmitted, func(s *signal.Signal) { s.Lead = nil })), signal.FieldsOf(form)
	if diff := cmp.Diff(map[signal.FieldSet]int{all: 2, address: 1}, got); diff != "" {
		t.Error(diff)
	}
	for field, want := range map[string]bool{"email": true, "phone": true, "company": true, "title": false, "shoe_size": false} {
		if all.Has(field) != want {
			t.Errorf("%s is in the set: %t", field, !want)
		}
	}
	for typ, want := range map[signal.Type]int{signal.ContactChanged: 1, signal.ContactCreated: 1, signal.FormSubmitted: 1, signal.ContactDeleted: 0, signal.DealWon: 0} {
		if n := len(RecordShape(of(typ, nil)).Profiles); n != want {
			t.Errorf("a record of %s is %d profiles", typ, n)
		}
	}
}
