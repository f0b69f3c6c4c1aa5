package main

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/signal"
)

// visits lets somebody fill in a form that asks for nothing.
func (l *local) visits(email, given, family, company string) signal.LeadKey {
	l.t.Helper()
	s := signal.Signal{
		Source: "typeform", ID: "e-" + email, Type: signal.FormSubmitted, OccurredAt: l.now, ReceivedAt: l.now, Identity: signal.Identity{Email: email},
		Lead:       map[string]string{"first_name": given, "last_name": family, "company": company},
		Attributes: map[string]string{"form": "Newsletter"},
	}
	key, err := s.LeadKey()
	if err != nil {
		l.t.Fatal(err)
	}
	if _, err := l.table.PutSignal(l.t.Context(), s); err != nil {
		l.t.Fatal(err)
	}
	if _, err := l.maker().Apply(l.t.Context(), key, []signal.Signal{s}, l.now); err != nil {
		l.t.Fatal(err)
	}
	return key
}

// settles lets decide carry out what is stored with a lead.
func (l *local) settles(key signal.LeadKey) {
	l.t.Helper()
	stored, err := l.table.Signals(l.t.Context(), key)
	if err != nil {
		l.t.Fatal(err)
	}
	if _, err := l.maker().Apply(l.t.Context(), key, stored, l.now); err != nil {
		l.t.Fatal(err)
	}
	l.now = l.now.Add(time.Second)
}

func TestDuplicatesAreListedDismissedAndLookedFor(t *testing.T) {
	l := startDesk(t)
	if got := l.types("duplicates"); !strings.Contains(got, "No two leads are suggested") {
		t.Errorf("with none: %s", got)
	}
	one := l.visits("robert.krueger@acme.example", "Robert", "Krüger", "Acme GmbH")
	other := l.visits("bob77@mail.example", "Bob", "Krueger", "ACME AG")
	golden(t, "duplicates.txt", l.types("duplicates"))
	var all struct {
		Pairs []pairView `json:"pairs"`
	}
	if err := json.Unmarshal([]byte(l.types("duplicates", "--json")), &all); err != nil || len(all.Pairs) != 1 || all.Pairs[0].Score != 60 {
		t.Errorf("%v: %+v", err, all)
	}
	if _, _, err := l.run("", "duplicates", "dismiss", string(one), string(other), "--by", "ops"); fault.KindOf(err) != fault.Invalid {
		t.Errorf("without a reason: %v", err)
	}
	if got := l.types("duplicates", "dismiss", string(one), "bob77@mail.example", "--reason", "cousins", "--by", "ops"); !strings.HasPrefix(got, "Kept: ") {
		t.Error(got)
	}
	if got := l.types("duplicates"); !strings.Contains(got, "No two leads") {
		t.Errorf("dismissed: %s", got)
	}
	// What somebody judged a scan leaves alone, and what was missed it finds.
	if got := l.types("duplicates", "scan"); !strings.Contains(got, "Looked through 2 leads: 0 pairs newly suggested") {
		t.Error(got)
	}
	if _, err := l.table.ForgetDuplicates(t.Context(), one); err != nil {
		t.Fatal(err)
	}
	if got := l.types("duplicates", "scan"); !strings.Contains(got, "Looked through 2 leads: 1 pair newly suggested") {
		t.Error(got)
	}
}

func TestAMergeIsShownOrderedAndTakenBack(t *testing.T) {
	l := startDesk(t)
	one := l.visits("robert.krueger@acme.example", "Robert", "Krüger", "Acme GmbH")
	other := l.visits("bob77@mail.example", "Bob", "Krueger", "ACME AG")
	golden(t, "merge.txt", l.types("merge", string(one), string(other), "--by", "ops"))
	settle := func() {
		l.settles(one)
		l.settles(other)
	}
	settle()
	if l.stored(one).Key == l.stored(other).Key {
		t.Fatal("looking has merged them")
	}
	if _, _, err := l.run("", "merge", string(one), string(other), "--yes", "--by", "ops"); fault.KindOf(err) != fault.Invalid {
		t.Errorf("without a reason: %v", err)
	}
	golden(t, "merge_done.txt", l.types("merge", string(one), string(other), "--yes", "--reason", "the same on the phone", "--by", "ops"))
	settle()
	root := l.stored(one)
	if root.Key != l.stored(other).Key || len(root.Merges) != 1 {
		t.Fatalf("%s and %s", root.Key, l.stored(other).Key)
	}
	if _, _, err := l.run("", "merge", string(one), string(other), "--by", "ops"); fault.KindOf(err) != fault.Invalid {
		t.Errorf("merging what is one: %v", err)
	}
	if _, _, err := l.run("", "unmerge", string(one), "--merge", "2", "--by", "ops"); err == nil || !strings.Contains(err.Error(), "--merge is 1 to 1") {
		t.Errorf("a merge that there is not: %v", err)
	}
	golden(t, "unmerge.txt", l.types("unmerge", string(one), "--by", "ops"))
	l.types("unmerge", string(one), "--yes", "--reason", "cousins after all", "--by", "ops")
	l.settles(root.Key)
	if l.stored(one).Key == l.stored(other).Key {
		t.Error("they are one still")
	}
	if _, _, err := l.run("", "unmerge", string(one), "--by", "ops"); fault.KindOf(err) != fault.NotFound {
		t.Errorf("nothing to take back: %v", err)
	}
}
