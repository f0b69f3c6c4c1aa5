package inbox

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/handoff-oss/handoff/shared/signal"
)

func TestShapeCountsFieldsAndKeepsNoValues(t *testing.T) {
	form := signal.Signal{
		Identity: signal.Identity{Email: "ada@engines.example"}, Lead: map[string]string{"email": "ada@engines.example", "company": "", "first_name": "Ada"},
		Attributes: map[string]string{"form": "Demo", "ada@engines.example": "yes", "How many?": "2", strings.Repeat("x", 65): "y"},
	}
	thin := signal.Signal{Identity: signal.Identity{ContactID: "7"}, Attributes: map[string]string{signal.AttrFetch: "lead"}}
	got := shapeOf([]signal.Signal{form, form, thin, {Identity: signal.Identity{AnonymousID: "a"}}})
	want := Shape{Events: 3, Fields: map[string]int{"identity.email": 2, "lead.email": 2, "lead.first_name": 2, "attributes.form": 2, "identity.anonymous_id": 1}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
