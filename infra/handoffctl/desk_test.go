package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/handoff-oss/handoff/shared/decision"
	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/policy/rules"
	"github.com/handoff-oss/handoff/shared/signal"
)

var update = flag.Bool("update", false, "write the golden files")

// golden compares what a command printed with a file under testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v (write it with -update)", err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

// startDesk is a stack with the policy of testdata/desk.yaml, on a Monday at
// 11:00 in Berlin: alex is on duty, bo comes at 13:00, casey is on leave; of
// the enterprise pool, emil is there and eva is off.
func startDesk(t *testing.T) *local {
	t.Helper()
	l := start(t)
	text, err := os.ReadFile("testdata/desk.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if err := l.table.PutPolicy(t.Context(), "p-desk", text, l.now); err != nil {
		t.Fatal(err)
	}
	return l
}

func (l *local) maker() *decision.Maker {
	return decision.New(l.table, rules.NewLoader(l.table.Policy))
}

// asks lets somebody ask for a demo, so long before now, as forms and decide do.
func (l *local) asks(name, employees string, ago time.Duration) signal.LeadKey {
	l.t.Helper()
	at := l.now.Add(-ago)
	company := name + " Works"
	email := strings.ToLower(name) + "@" + strings.ToLower(name) + "-works.example"
	s := signal.Signal{
		Source: "typeform", ID: "e-" + name, Type: signal.FormSubmitted, OccurredAt: at, ReceivedAt: at, Identity: signal.Identity{Email: email},
		Lead:       map[string]string{"email": email, "first_name": name, "company": company, "employees": employees},
		Attributes: map[string]string{"form": "Request a demo"},
	}
	key, err := s.LeadKey()
	if err != nil {
		l.t.Fatal(err)
	}
	if _, err := l.table.PutSignal(l.t.Context(), s); err != nil {
		l.t.Fatal(err)
	}
	if _, err := l.maker().Apply(l.t.Context(), key, []signal.Signal{s}, at); err != nil {
		l.t.Fatal(err)
	}
	return key
}

// types a command line that must succeed, and returns what it prints.
func (l *local) types(args ...string) string {
	l.t.Helper()
	out, _, err := l.run("", args...)
	if err != nil {
		l.t.Fatalf("%s: %v", strings.Join(args, " "), err)
	}
	return out
}

func (l *local) stored(key signal.LeadKey) *lead.Lead {
	l.t.Helper()
	found, err := l.table.Lead(l.t.Context(), key)
	if err != nil {
		l.t.Fatal(err)
	}
	return found
}

// holder is who has a lead; "held" while it waits.
func (l *local) holder(key signal.LeadKey) string {
	l.t.Helper()
	j := l.stored(key).Journey
	switch h := j.Holder(); {
	case h != nil:
		return h.Rep
	case j.Held != nil:
		return "held"
	}
	return ""
}

func TestRouteOfALeadThatDoesNotExist(t *testing.T) {
	l := startDesk(t)
	big := write(t, "big.json", `{"email": "ida@turing-works.example", "first_name": "Ida", "company": "Turing Works", "employees": 1200, "request": "demo"}`)
	golden(t, "route_big.txt", l.types("route", "--dry-run", "--file", big))
	golden(t, "route_big.json", l.types("route", "--dry-run", "--file", big, "--json"))
	small := `{"email": "gus@gmail.com", "source": "hubspot", "request": "demo"}`
	out, _, err := l.run(small, "route", "--dry-run", "--file", "-")
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "route_hubspot.txt", out)
	key, err := signal.KeyOfEmail("ida@turing-works.example")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := l.table.Lead(t.Context(), key); fault.KindOf(err) != fault.NotFound {
		t.Errorf("asking has made the lead: %v", err)
	}
	if state, err := l.table.Pool(t.Context(), "enterprise"); err != nil || state.Version != 0 {
		t.Errorf("asking has changed the pool: %+v, %v", state, err)
	}
}

func TestRouteOfALeadThatSomebodyHas(t *testing.T) {
	l := startDesk(t)
	ida := l.asks("Ida", "1200", time.Hour)
	if got := l.holder(ida); got != "emil" {
		t.Fatalf("ida is with %s", got)
	}
	before := l.stored(ida)
	golden(t, "route_next.txt", l.types("route", "--dry-run", "--lead", string(ida)))
	if got := l.types("route", "--dry-run", "--email", "IDA@ida-works.example"); got != l.types("route", "--dry-run", "--lead", string(ida)) {
		t.Errorf("by the address:\n%s", got)
	}
	if diff := cmp.Diff(before, l.stored(ida)); diff != "" {
		t.Errorf("asking has changed the lead:\n%s", diff)
	}
	// Another lead of the company goes to who has it.
	golden(t, "route_owner.txt", func() string {
		out, _, err := l.run(`{"email": "olga@ida-works.example", "employees": "20"}`, "route", "--dry-run", "--file", "-")
		if err != nil {
			t.Fatal(err)
		}
		return out
	}())
	golden(t, "show_handed_off.txt", l.types("lead", "show", string(ida)))
}

func TestRouteSaysWhatIsWrong(t *testing.T) {
	l := startDesk(t)
	for _, c := range []struct {
		name, input string
		args        []string
		kind        fault.Kind
		want        string
	}{
		{"no dry run", "", []string{"--lead", "x"}, fault.Invalid, "use --dry-run"},
		{"unknown lead", "", []string{"--dry-run", "--lead", "x"}, fault.NotFound, "knows no lead x"},
		{"no address", "", []string{"--dry-run", "--email", "@"}, fault.Invalid, ""},
		{"no file", "", []string{"--dry-run", "--file", "/no/such/file"}, fault.NotFound, ""},
		{"no JSON", "email: a@b.example", []string{"--dry-run", "--file", "-"}, fault.Invalid, "not a JSON object"},
		{"nested", `{"email": ["a"]}`, []string{"--dry-run", "--file", "-"}, fault.Invalid, "the field email is neither"},
		{"unknown source", `{"source": "fax"}`, []string{"--dry-run", "--file", "-"}, fault.Invalid, `no source "fax"`},
		{"unknown request", `{"request": "coffee"}`, []string{"--dry-run", "--file", "-"}, fault.Invalid, `no request "coffee"`},
	} {
		_, _, err := l.run(c.input, append([]string{"route"}, c.args...)...)
		if err == nil || fault.KindOf(err) != c.kind || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v; want kind %v and %q", c.name, err, c.kind, c.want)
		}
	}
	if _, _, err := l.run("", "route", "--dry-run"); err == nil {
		t.Error("no lead at all is accepted")
	}
}

// crowd fills the desk: emil has one lead, alex and bo have two each, and two
// wait.
func crowd(t *testing.T) (l *local, keys map[string]signal.LeadKey) {
	t.Helper()
	l, keys = busy(t)
	keys["Nia"], keys["Oli"] = l.asks("Nia", "20", 55*time.Minute), l.asks("Oli", "5000", 54*time.Minute)
	if nia, oli := l.holder(keys["Nia"]), l.holder(keys["Oli"]); nia != "held" || oli != "held" {
		t.Fatalf("Nia is with %q, Oli with %q", nia, oli)
	}
	return l, keys
}

// busy fills the desk so far that nobody has room for more, and nobody waits.
func busy(t *testing.T) (l *local, keys map[string]signal.LeadKey) {
	t.Helper()
	l, keys = startDesk(t), map[string]signal.LeadKey{}
	got := map[string]string{}
	for i, name := range []string{"Ida", "Jon", "Kim", "Lea", "Max"} {
		employees := "20"
		if name == "Ida" {
			employees = "5000"
		}
		keys[name] = l.asks(name, employees, time.Hour-time.Duration(i)*time.Minute)
		got[name] = l.holder(keys[name])
	}
	want := map[string]string{"Ida": "emil", "Jon": "alex", "Kim": "alex", "Lea": "bo", "Max": "bo"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatalf("holders (-want +got):\n%s", diff)
	}
	return l, keys
}

func TestHeld(t *testing.T) {
	if got := startDesk(t).types("held"); got != "No lead waits.\n" {
		t.Errorf("of nothing: %s", got)
	}
	l, keys := crowd(t)
	golden(t, "held.txt", l.types("held"))
	golden(t, "held.json", l.types("held", "--json"))
	golden(t, "show_held.txt", l.types("lead", "show", string(keys["Nia"])))
	golden(t, "route_held.txt", l.types("route", "--dry-run", "--lead", string(keys["Nia"])))
	state, err := l.table.Pool(t.Context(), "sales")
	if err != nil {
		t.Fatal(err)
	}
	state.Version, state.Reopens = state.Version+1, l.now.Add(7*time.Minute)
	if err := l.table.PutPool(t.Context(), state); err != nil {
		t.Fatal(err)
	}
	if got := l.types("held"); !strings.Contains(got, "Pool sales: 1 lead, offered next at the latest at 2031-03-03 10:07:00Z") {
		t.Errorf("before the next offer:\n%s", got)
	}
	l.types("reps", "leave", "casey", "--from", "2031-04-01", "--to", "2031-04-02", "--by", "ops")
	if got := l.types("held"); strings.Contains(got, "at the latest") {
		t.Errorf("after the people have changed:\n%s", got)
	}
}

func TestRepsList(t *testing.T) {
	l := startDesk(t)
	golden(t, "reps_empty.txt", l.types("reps", "list"))
	l, _ = crowd(t)
	l.types("reps", "off", "alex", "--reason", "at a fair", "--by", "ops")
	l.types("reps", "leave", "bo", "--from", "2031-03-10", "--to", "2031-03-11T12:00", "--reason", "moving", "--by", "ops")
	golden(t, "reps.txt", l.types("reps", "list"))
	golden(t, "reps.txt", l.types("reps"))
	golden(t, "reps.json", l.types("reps", "list", "--json"))
}

func TestOffAndOn(t *testing.T) {
	l, _ := crowd(t)
	golden(t, "reps_off.txt", l.types("reps", "off", "alex", "--reason", "at a fair", "--by", "ops"))
	roster, err := l.table.Roster(t.Context())
	if e := roster.Reps["alex"]; err != nil || e.Switch != "off" || e.Reason != "at a fair" || e.By != "ops" || !e.Changed.Equal(l.now) {
		t.Errorf("the roster says %+v, %v", e, err)
	}
	if got := l.types("reps", "on", "alex", "--by", "ops"); got != "Alex Rivera receives leads again.\n" {
		t.Errorf("on: %s", got)
	}
	if got := l.types("reps", "on", "eva", "--by", "ops"); !strings.Contains(got, "The policy has them off (parental leave); this goes before it.") {
		t.Errorf("on, against the policy: %s", got)
	}
	if got := l.types("reps", "list"); strings.Contains(got, "off:") {
		t.Errorf("somebody is off still:\n%s", got)
	}
	if got := l.types("reps", "off", "casey", "--reason", "left", "--by", "ops"); !strings.Contains(got, "They hold no open lead.") {
		t.Errorf("off: %s", got)
	}
	// Who says so is the name on the machine when nothing else is said.
	l.types("reps", "off", "casey", "--reason", "left")
	if roster, err = l.table.Roster(t.Context()); err != nil || roster.Reps["casey"].By == "" {
		t.Errorf("nobody said so: %+v, %v", roster.Reps["casey"], err)
	}
}

func TestLeave(t *testing.T) {
	l, _ := crowd(t)
	golden(t, "reps_leave.txt", l.types("reps", "leave", "bo", "--from", "2031-07-01", "--to", "2031-07-14", "--reason", "vacation", "--by", "ops"))
	l.types("reps", "leave", "bo", "--from", "2031-03-03T13:00", "--to", "2031-03-03T17:00", "--by", "ops")
	if got := l.types("reps", "list"); !strings.Contains(got, "2031-06-30 22:00Z to 2031-07-14 22:00Z (vacation)") || !strings.Contains(got, "2031-03-03 12:00Z to 2031-03-03 16:00Z") {
		t.Errorf("the list says\n%s", got)
	}
	for _, c := range []struct {
		name string
		args []string
		kind fault.Kind
		want string
	}{
		{"unknown rep", []string{"zoe", "--from", "2031-07-01", "--to", "2031-07-02"}, fault.NotFound, `no pool has a rep "zoe"; there are alex, bo`},
		{"from after to", []string{"bo", "--from", "2031-07-02", "--to", "2031-07-01"}, fault.Invalid, "before it begins"},
		{"bad date", []string{"bo", "--from", "1 July", "--to", "2031-07-01"}, fault.Invalid, "two days such as"},
		{"long over", []string{"bo", "--from", "2027-07-01", "--to", "2027-07-14"}, fault.Invalid, "is over already"},
		{"entered before", []string{"bo", "--from", "2031-07-01", "--to", "2031-07-14", "--reason", "vacation"}, fault.Invalid, "entered already"},
	} {
		_, _, err := l.run("", append([]string{"reps", "leave", "--by", "ops"}, c.args...)...)
		if err == nil || fault.KindOf(err) != c.kind || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v; want kind %v and %q", c.name, err, c.kind, c.want)
		}
	}
	for _, args := range [][]string{{"bo"}, {"bo", "--from", "2031-07-01"}, {"bo", "--clear", "--from", "2031-07-01", "--to", "2031-07-02"}} {
		if _, _, err := l.run("", append([]string{"reps", "leave"}, args...)...); err == nil {
			t.Errorf("leave %v is accepted", args)
		}
	}
	if got := l.types("reps", "leave", "bo", "--clear", "--by", "ops"); got != "Took back 2 leaves of Bo Lindqvist.\n" {
		t.Errorf("clear: %s", got)
	}
	if got := l.types("reps", "leave", "casey", "--clear", "--by", "ops"); !strings.Contains(got, "The policy still has 2031-03-01 to 2031-03-07 (vacation).") {
		t.Errorf("clear: %s", got)
	}
	if _, _, err := l.run("", "reps", "off", "alex", "--by", "ops"); fault.KindOf(err) != fault.Invalid {
		t.Errorf("off without a reason: %v", err)
	}
}

// What several people say at the same time is all kept.
func TestTheRosterLosesNothing(t *testing.T) {
	l := startDesk(t)
	const writers = 5
	failed := make(chan error, writers)
	for i := range writers {
		go func() {
			day := fmt.Sprintf("2031-05-%02d", i+1)
			_, _, err := l.run("", "reps", "leave", "bo", "--from", day, "--to", day, "--by", "ops")
			failed <- err
		}()
	}
	for range writers {
		if err := <-failed; err != nil {
			t.Error(err)
		}
	}
	roster, err := l.table.Roster(t.Context())
	if err != nil || len(roster.Reps["bo"].Leave) != writers {
		t.Errorf("%d leaves are kept, %v", len(roster.Reps["bo"].Leave), err)
	}
}
