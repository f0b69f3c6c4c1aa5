package main

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/handoff-oss/handoff/shared/access"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/signal"
	"github.com/handoff-oss/handoff/shared/web/webtest"
)

// say stores what a rep wrote with an answer, so many minutes ago.
func (b bench) say(t *testing.T, l *lead.Lead, id, rep string, kind signal.Type, words string, ago int) {
	t.Helper()
	s := signal.Signal{
		Source: lead.Respond, ID: id, Type: kind, ReceivedAt: now.Add(-time.Duration(ago) * time.Minute),
		Attributes: map[string]string{signal.AttrRep: rep},
	}
	if words != "" {
		s.Attributes[signal.AttrMessage] = words
	}
	if _, err := b.leads.PutSignalFor(t.Context(), l.Key, s); err != nil {
		t.Fatal(err)
	}
}

// What reps wrote stands on the page, the newest first, for those who see the
// lead, and nowhere else.
func TestWhatRepsWroteStandsOnThePageAlone(t *testing.T) {
	b := newBench(t)
	l := ada(t)
	b.store(t, l)
	target := "/leads/" + string(l.Key)
	if strings.Contains(b.as(t, target, holder()), "What reps wrote") {
		t.Error("nobody wrote anything yet")
	}
	b.say(t, l, "2.comment", "alex", signal.RepCommented, "They ask for <b>two</b> quotes.\nBy Friday.", 10)
	b.say(t, l, "1.reject", "bo", signal.RepRejected, "Speaks Dutch alone", 50)
	b.say(t, l, "2.accept", "alex", signal.RepAccepted, "", 40)
	b.say(t, l, "2.comment.1", "gone", signal.RepCommented, "Call after lunch", 5)
	for _, who := range []access.Person{holder(), managerOf("sales"), webtest.Somebody(access.Operator), webtest.Somebody(access.Marketer)} {
		page := b.as(t, target, who)
		says(t, page, "What reps wrote gone Commented, Mon 23 Nov 2026, 14:55 UTC Call after lunch "+
			"Alex Rivera Commented, Mon 23 Nov 2026, 14:50 UTC They ask for <b>two</b> quotes. By Friday. "+
			"Bo Lindqvist Rejected, Mon 23 Nov 2026, 14:10 UTC Speaks Dutch alone Timeline")
		if !strings.Contains(page, "They ask for &lt;b&gt;two&lt;/b&gt; quotes.") {
			t.Error("what a rep wrote is not text")
		}
	}
	other := b.send(t, webtest.Event(t, http.MethodGet, target, managerOf("enterprise")))
	if other.StatusCode != http.StatusForbidden || strings.Contains(other.Body, "lunch") {
		t.Errorf("the manager of another pool gets %d", other.StatusCode)
	}
	for _, path := range []string{"/api" + target, "/api" + target + "/timeline"} {
		if strings.Contains(b.get(t, path).Body, "lunch") {
			t.Errorf("%s carries what a rep wrote", path)
		}
	}
	if strings.Contains(b.logs.String(), "lunch") {
		t.Error("the log carries what a rep wrote")
	}
}

// What reps wrote about a lead that has become part of this one stays on its page.
func TestWhatRepsWroteOutlivesAMerge(t *testing.T) {
	b := newBench(t)
	l := ada(t)
	part := *l
	part.Key = "1home"
	l.Merges = []lead.Merge{{From: part.Key, Keys: []signal.LeadKey{part.Key}, At: now, By: "order", Reason: "said so on the phone", Name: "Lee Park", Log: 3}}
	b.store(t, l)
	b.say(t, &part, "1.comment", "bo", signal.RepCommented, "Prefers mornings", 60)
	b.say(t, l, "2.comment", "alex", signal.RepCommented, "Call after lunch", 5)
	says(t, b.as(t, "/leads/"+string(l.Key), holder()), "Call after lunch Bo Lindqvist Commented, Mon 23 Nov 2026, 14:00 UTC Prefers mornings")
}

// A page says when it does not show all that was written.
func TestAPageShowsTheNewestOfManyComments(t *testing.T) {
	b := newBench(t)
	l := ada(t)
	b.store(t, l)
	for i := range mostNotes + 1 {
		b.say(t, l, fmt.Sprintf("2.comment.%d", i), "alex", signal.RepCommented, fmt.Sprintf("Comment no. %d.", i), 30-i)
	}
	page := b.as(t, "/leads/"+string(l.Key), holder())
	says(t, page, fmt.Sprintf("Comment no. %d.", mostNotes), "Comment no. 1.", "There is more, which is not shown here.")
	if strings.Contains(text(page), "Comment no. 0.") {
		t.Error("more is shown than a page has")
	}
}
