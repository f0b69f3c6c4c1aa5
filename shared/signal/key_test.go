package signal_test

import (
	"testing"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/signal"
)

func TestAPlaceholderNamesNobody(t *testing.T) {
	for _, id := range []string{"undefined", "null", " NULL ", "None", "0", `"0"`, "[object Object]", "NaN", "guest", "{{contact.id}}", "${user}", "00000000-0000-0000-0000-000000000000"} {
		s := signal.Signal{Source: "segment", Identity: signal.Identity{ContactID: id, UserID: id, AnonymousID: id}}
		if k, err := s.LeadKey(); fault.KindOf(err) != fault.Invalid || err == nil {
			t.Errorf("%q names %s, %v", id, k, err)
		}
		s.Identity.Email = "ada@engines.example"
		if names := s.Names(); len(names) != 1 || names[0].Kind != signal.ByEmail {
			t.Errorf("beside %q an address is not the only name: %v", id, names)
		}
	}
	for _, id := range []string{"1", "00", "nullable", "u-0", "anonymous-7", "guest@engines.example", "00000000-0000-0000-0000-000000000001", "{7}"} {
		s := signal.Signal{Source: "segment", Identity: signal.Identity{UserID: id}}
		if names := s.Names(); len(names) != 1 || names[0].Kind != signal.ByUser {
			t.Errorf("%q is no name: %v", id, names)
		}
	}
}
