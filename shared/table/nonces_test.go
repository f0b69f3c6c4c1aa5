package table_test

import (
	"testing"
	"time"

	"github.com/handoff-oss/handoff/shared/fault"
)

func TestANonceIsGoodForOneContent(t *testing.T) {
	tb := newTable(t)
	until := noon.Add(time.Hour)
	for _, c := range []struct {
		source, value, content string
		good                   bool
	}{
		{"mailgun", "token", "a", true},
		{"mailgun", "token", "a", true}, // a redelivery
		{"mailgun", "token", "b", false},
		{"mailgun", "token", "a", true},
		{"mailgun", "other", "b", true},
		{"mailgun-eu", "token", "b", true},
	} {
		err := tb.SpendNonce(t.Context(), c.source, c.value, c.content, until)
		if (err == nil) != c.good || (err != nil && fault.KindOf(err) != fault.Conflict) {
			t.Errorf("%s %s with %s: %v", c.source, c.value, c.content, err)
		}
	}
}
