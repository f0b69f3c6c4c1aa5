package privacy_test

import (
	"testing"

	"github.com/handoff-oss/handoff/shared/privacy"
	"github.com/handoff-oss/handoff/shared/signal"
	"github.com/handoff-oss/handoff/shared/table"
)

// Who has changed their name is found under each of them.
func TestAnItemIsFoundByAnyNameOfAPerson(t *testing.T) {
	called := func(first, last string) signal.Signal {
		return signal.Signal{Lead: map[string]string{"first_name": first, "last_name": last}}
	}
	ids := privacy.IdentifiersOf([]signal.Signal{called("Ada", "Byron"), called("Ada", "King"), called("Ada", "King"), called("Ada", "")})
	if ids.Count() != 2 {
		t.Errorf("%d identifiers of two names: %+v", ids.Count(), ids)
	}
	for doc, want := range map[string]bool{
		`{"first":"Ada","last":"Byron"}`: true, `{"first":"ada","last":"KING"}`: true,
		`{"text":"a message about Ada King of Engines"}`: true,
		`{"first":"Ada"}`: false, `{"first":"Adam","last":"King"}`: false,
	} {
		if got := ids.In(table.Stored{Doc: doc}); got != want {
			t.Errorf("%s: found %t", doc, got)
		}
	}
}
