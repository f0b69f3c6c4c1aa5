package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/routing"
)

func TestARepIsChangedAndTheHistorySaysHow(t *testing.T) {
	l := startDesk(t)
	got := l.types("reps", "set", "alex", "weight=0.5", "caps=5 per day; 20 open", "zone=Europe/London", "hours=mon-fri 08:00-12:00", "--reason", "half time", "--by", "ops")
	for _, want := range []string{"weight: 1 → 0.5", "caps: the pool's → 5 per day, 20 open", "Europe/London, mon-fri 08:00-12:00"} {
		if !strings.Contains(got, want) {
			t.Errorf("set prints no %q:\n%s", want, got)
		}
	}
	if got := l.types("reps", "set", "alex", "weight=0.5", "--by", "ops"); !strings.HasPrefix(got, "Nothing changed") {
		t.Error(got)
	}
	l.types("reps", "set", "eve", "--new", "name=Eve Moss", "email=eve@our-company.example", "pools=sales,enterprise", "--by", "ops")
	l.types("reps", "feed", "eve", "https://calendar.example/secret-17", "--words", "urlaub", "--by", "ops")
	l.types("reps", "off", "alex", "--reason", "at a fair", "--by", "ops")
	l.types("reps", "set", "alex", "--reset", "hours", "--by", "ops")
	golden(t, "reps_show.txt", l.types("reps", "show", "eve")+l.types("reps", "show", "alex"))
	golden(t, "reps_history.txt", l.types("reps", "history")+"\n"+l.types("reps", "history", "eve"))
	var changes []routing.Change
	text := l.types("reps", "history", "alex", "--json")
	if err := json.Unmarshal([]byte(text), &changes); err != nil || len(changes) != 3 || changes[0].Entry.Switch != routing.Off {
		t.Errorf("%v in %s", err, text)
	}
	if all := l.types("reps", "history", "--json") + l.types("reps", "show", "eve", "--json"); strings.Contains(all, "secret-17") {
		t.Error("the address of the feed is told")
	}
	if got := l.types("reps", "list"); !strings.Contains(got, "Eve Moss") {
		t.Errorf("who was added is not listed:\n%s", got)
	}
	l.types("reps", "feed", "eve", "--remove", "--by", "ops")
	l.types("reps", "set", "eve", "gone=true", "--by", "ops")
	if got := l.types("reps", "list"); strings.Contains(got, "Eve Moss") {
		t.Errorf("who has left is listed:\n%s", got)
	}
}

func TestWhatCannotBeSetChangesNothing(t *testing.T) {
	l := startDesk(t)
	for _, c := range []struct {
		args []string
		kind fault.Kind
		want string
	}{
		{[]string{"set", "alex", "weight"}, fault.Invalid, "such as weight=2"},
		{[]string{"set", "alex", "weight=much"}, fault.Invalid, "is no number"},
		{[]string{"set", "alex", "weight=-1"}, fault.Invalid, "more than 0"},
		{[]string{"set", "alex", "caps=many"}, fault.Invalid, "no limit such as"},
		{[]string{"set", "alex", "hours=always"}, fault.Invalid, "is no day"},
		{[]string{"set", "alex", "zone=Berlin"}, fault.Invalid, "IANA"},
		{[]string{"set", "alex", "pools=sale"}, fault.Invalid, "did you mean sales?"},
		{[]string{"set", "alex", "gone=perhaps"}, fault.Invalid, "true or false"},
		{[]string{"set", "alex", "boss=kim"}, fault.Invalid, "there is no field"},
		{[]string{"set", "alex", "--reset", "id"}, fault.Invalid, "no field that the policy has"},
		{[]string{"set", "alex", "--new", "name=A", "email=a@b.example", "pools=sales"}, fault.Conflict, "already"},
		{[]string{"set", "zoe", "weight=2"}, fault.NotFound, "no pool has a rep"},
		{[]string{"show", "zoe"}, fault.NotFound, "no pool has a rep"},
		{[]string{"feed", "alex"}, fault.Invalid, "--remove"},
		{[]string{"feed", "alex", "http://calendar.example/x"}, fault.Invalid, "https://"},
	} {
		if _, _, err := l.run("", append([]string{"reps"}, c.args...)...); err == nil || fault.KindOf(err) != c.kind || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v: %v; want kind %v and %q", c.args, err, c.kind, c.want)
		}
	}
	if r, err := l.table.Roster(t.Context()); err != nil || r.Version != 0 {
		t.Errorf("the roster is at version %d, %v", r.Version, err)
	}
	if got := l.types("reps", "history"); !strings.Contains(got, "the policy holds") {
		t.Error(got)
	}
}
