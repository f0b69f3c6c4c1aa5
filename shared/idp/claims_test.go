package idp

import (
	"encoding/json"
	"slices"
	"testing"
)

func TestWhatClaimsSay(t *testing.T) {
	tests := []struct {
		name, claims string
		address      string
		groups       []string
		called       string
	}{
		{"all", `{"email":"A@b.example","email_verified":true,"name":"Ann","groups":["x","y"]}`, "a@b.example", []string{"x", "y"}, "Ann"},
		{"nothing about verification", `{"email":"a@b.example"}`, "a@b.example", nil, ""},
		{"not verified", `{"email":"a@b.example","email_verified":false}`, "", nil, ""},
		{"not verified, as text", `{"email":"a@b.example","email_verified":"false"}`, "", nil, ""},
		{"verified, as text", `{"email":"a@b.example","email_verified":"true"}`, "a@b.example", nil, ""},
		{"not verified, in other letters", `{"email":"a@b.example","email_verified":"False"}`, "", nil, ""},
		{"not verified, as a number", `{"email":"a@b.example","email_verified":0}`, "", nil, ""},
		{"verified in no form that is known", `{"email":"a@b.example","email_verified":{"by":"somebody"}}`, "", nil, ""},
		{"null about verification", `{"email":"a@b.example","email_verified":null}`, "a@b.example", nil, ""},
		{"one group as text", `{"groups":"x","preferred_username":"ann"}`, "", []string{"x"}, "ann"},
		{"groups of another form", `{"groups":[{"id":1}],"email":7,"name":null}`, "", nil, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			id, err := identityOf("s", "i", "groups", func(v any) error { return json.Unmarshal([]byte(tt.claims), v) })
			if err != nil || id.Address() != tt.address || !slices.Equal(id.Groups, tt.groups) || id.Name != tt.called {
				t.Errorf("%+v, %v", id, err)
			}
		})
	}
}
