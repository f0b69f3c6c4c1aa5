package signal_test

import (
	"testing"

	"github.com/handoff-oss/handoff/shared/signal"
)

// What people put into a field that must not stay empty says nothing of it.
func TestAFieldThatSaysNothingIsNotKnown(t *testing.T) {
	set := signal.FieldsOf(signal.Signal{
		Identity: signal.Identity{Email: "ada@engines.example", Phone: "-"},
		Lead:     map[string]string{signal.FieldCompany: "n/a", signal.FieldLastName: "Na", signal.FieldTitle: "."},
	})
	for field, want := range map[string]bool{
		signal.FieldEmail: true, signal.FieldLastName: true, signal.FieldPhone: false, signal.FieldCompany: false, signal.FieldTitle: false, signal.FieldCountry: false,
	} {
		if set.Has(field) != want {
			t.Errorf("%s is known: %t, want %t", field, set.Has(field), want)
		}
	}
}
