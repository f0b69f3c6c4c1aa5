package privacy_test

import (
	"strings"
	"testing"
	"time"

	"github.com/handoff-oss/handoff/shared/privacy"
	"github.com/handoff-oss/handoff/shared/signal"
)

// Whoever reads it finds by what they are known, which the fields of a form may
// not repeat, and no heading with nothing under it.
func TestWhatAPersonReads(t *testing.T) {
	at := time.Date(2026, 5, 18, 9, 0, 0, 0, time.UTC)
	d := privacy.Dossier{At: at, Signals: []signal.Signal{{
		Source: "segment", ID: "1", Type: signal.PageViewed, OccurredAt: at, ReceivedAt: at,
		Identity: signal.Identity{Email: "kim@kim-works.example", ContactID: "c-7", UserID: "u-7", AnonymousID: "b-7", Phone: "+1 415 555 0123"},
		Lead:     map[string]string{"email": "kim@kim-works.example"}, Attributes: map[string]string{"url": "https://our-company.example/"},
	}}, Scores: &privacy.Scores{Grade: "D", Qualification: "Not qualified"}}
	text := d.Readable()
	for _, want := range []string{
		"  - email: kim@kim-works.example\n", "  - contact id: c-7\n", "  - user id: u-7\n", "  - anonymous id: b-7\n", "  - phone: +1 415 555 0123\n",
		"objected to\n\nNothing that is known.\n", "as far as we know\n\nNothing that is known.\n", "Fit D:\n\n- nothing\n", "Interest lately:\n\n- nothing\n",
		"What was decided\n\nNothing.\n",
	} {
		if n := strings.Count(text, want); n != 1 {
			t.Errorf("%q is there %d times:\n%s", want, n, text)
		}
	}
}
