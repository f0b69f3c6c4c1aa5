package table_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/handoff-oss/handoff/shared/access"
	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/session"
	"github.com/handoff-oss/handoff/shared/table"
)

// put stores a session of somebody, with an id of its own.
func putSession(t *testing.T, tb *table.Table, email, seed string) session.Session {
	t.Helper()
	var random [session.IDSize]byte
	copy(random[:], email+seed)
	id := access.Identity{Issuer: "https://a.example", Subject: email, Email: email, Name: "Somebody", Groups: []string{"g"}}
	s := session.Session{Ref: session.NewID(random).Ref(session.OwnerOf(id)), Identity: id, Created: noon, Seen: noon}
	if err := tb.PutSession(t.Context(), s, noon.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestASessionIsKeptSeenAndEnded(t *testing.T) {
	tb := newTable(t)
	s := putSession(t, tb, "ann@ours.example", "1")
	got, err := tb.Session(t.Context(), s.Ref)
	if diff := cmp.Diff(s, got); err != nil || diff != "" {
		t.Errorf("%v\n%s", err, diff)
	}
	if err := tb.PutSession(t.Context(), s, noon); fault.KindOf(err) != fault.Conflict {
		t.Errorf("the same session again: %v", err)
	}
	if err := tb.SeeSession(t.Context(), s.Ref, noon.Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	if got, err := tb.Session(t.Context(), s.Ref); err != nil || !got.Seen.Equal(noon.Add(time.Minute)) || !got.Created.Equal(noon) {
		t.Errorf("%+v, %v", got, err)
	}
	for range 2 {
		if err := tb.EndSession(t.Context(), s.Ref); err != nil {
			t.Fatal(err)
		}
	}
	if err := tb.SeeSession(t.Context(), s.Ref, noon); fault.KindOf(err) != fault.NotFound {
		t.Errorf("an ended session is seen: %v", err)
	}
	if _, err := tb.Session(t.Context(), s.Ref); fault.KindOf(err) != fault.NotFound {
		t.Errorf("an ended session is there: %v", err)
	}
}

func TestSessionsByPersonAndOfEverybody(t *testing.T) {
	tb := newTable(t)
	putSession(t, tb, "ann@ours.example", "1")
	putSession(t, tb, "ann@ours.example", "2")
	ben := putSession(t, tb, "ben@ours.example", "1")
	if all, err := tb.AllSessions(t.Context()); err != nil || len(all) != 3 {
		t.Errorf("%d, %v", len(all), err)
	}
	if n, err := tb.EndSessions(t.Context(), session.OwnerOfAddress("Ann@ours.example")); n != 2 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	all, err := tb.AllSessions(t.Context())
	if diff := cmp.Diff([]session.Session{ben}, all); err != nil || diff != "" {
		t.Errorf("%v\n%s", err, diff)
	}
	if keys, err := tb.HeldBy(t.Context(), "sessions#"); err != nil || len(keys) != 0 {
		t.Errorf("sessions are taken for leads: %v, %v", keys, err)
	}
}

func TestALoginIsTakenOnceAndInTime(t *testing.T) {
	tb := newTable(t)
	l := table.Login{Nonce: "n", Verifier: "v", Browser: "b", Return: "/leads", Fields: map[string][]string{"a": {"1", "2"}}}
	until := noon.Add(15 * time.Minute)
	if err := tb.PutLogin(t.Context(), "state", l, until); err != nil {
		t.Fatal(err)
	}
	if err := tb.PutLogin(t.Context(), "state", l, until); fault.KindOf(err) != fault.Conflict {
		t.Errorf("the same name again: %v", err)
	}
	if got, err := tb.Login(t.Context(), "state", noon); err != nil || cmp.Diff(l, got) != "" {
		t.Errorf("%+v, %v", got, err)
	}
	if _, err := tb.Login(t.Context(), "state", until); fault.KindOf(err) != fault.NotFound {
		t.Errorf("too late: %v", err)
	}
	if got, err := tb.TakeLogin(t.Context(), "state", noon); err != nil || cmp.Diff(l, got) != "" {
		t.Errorf("%+v, %v", got, err)
	}
	for _, name := range []string{"state", "", "other"} {
		if _, err := tb.TakeLogin(t.Context(), name, noon); fault.KindOf(err) != fault.NotFound {
			t.Errorf("%q: %v", name, err)
		}
	}
}
