package link_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/handoff-oss/handoff/shared/link"
)

func TestSecretForms(t *testing.T) {
	for document, want := range map[string]link.Keys{
		`{"keys":"only"}`:             {"only"},
		`{"keys":["newest","older"]}`: {"newest", "older"},
		`{}`:                          nil,
	} {
		var got link.Secret
		if err := json.Unmarshal([]byte(document), &got); err != nil {
			t.Errorf("%s: %v", document, err)
		}
		if diff := cmp.Diff(want, got.Keys); diff != "" {
			t.Errorf("%s (-want +got):\n%s", document, diff)
		}
	}
	var s link.Secret
	if err := json.Unmarshal([]byte(`{"keys":7}`), &s); err == nil {
		t.Error("a number passes as keys")
	}
}
