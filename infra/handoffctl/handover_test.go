package main

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/routing"
	"github.com/handoff-oss/handoff/shared/signal"
)

// orders are the stored orders about a lead.
func (l *local) orders(key signal.LeadKey) []signal.Signal {
	l.t.Helper()
	stored, err := l.table.Signals(l.t.Context(), key)
	if err != nil {
		l.t.Fatal(err)
	}
	var all []signal.Signal
	for _, s := range stored {
		if s.Type == signal.OrderReassign {
			all = append(all, s)
		}
	}
	return all
}

// caseyIsBack lets casey come back from leave, who has room for two leads.
func (l *local) caseyIsBack() {
	l.t.Helper()
	read, err := os.ReadFile("testdata/desk.yaml")
	if err != nil {
		l.t.Fatal(err)
	}
	text := strings.Replace(string(read), `leave: [{ from: "2031-03-01", to: "2031-03-07", reason: vacation }]`, "leave: []", 1)
	if err := l.table.PutPolicy(l.t.Context(), "p-casey", []byte(text), l.now); err != nil {
		l.t.Fatal(err)
	}
}

func TestHandOver(t *testing.T) {
	l, keys := busy(t)
	l.types("reps", "off", "alex", "--reason", "left us", "--by", "ops")
	golden(t, "handover_nobody.txt", l.types("reps", "hand-over", "alex", "--by", "ops"))
	l.caseyIsBack()
	golden(t, "handover.txt", l.types("reps", "hand-over", "alex", "--by", "ops"))
	for name, key := range keys {
		if n := len(l.orders(key)); n != 0 {
			t.Errorf("a look has stored %d orders about %s", n, name)
		}
	}
	golden(t, "handover_done.txt", l.types("reps", "hand-over", "alex", "--yes", "--reason", "left us", "--by", "ops"))
	for _, name := range []string{"Jon", "Kim"} {
		orders := l.orders(keys[name])
		if len(orders) != 1 {
			t.Fatalf("%d orders about %s", len(orders), name)
		}
		want := map[string]string{"handoff": "1", "to": "", "reason": "left us", "by": "ops", "stage": "handed_off", "after": "0"}
		if diff := cmp.Diff(want, orders[0].Attributes); diff != "" {
			t.Errorf("the order about %s (-want +got):\n%s", name, diff)
		}
		if _, err := l.maker().Apply(t.Context(), keys[name], orders, l.now); err != nil {
			t.Fatal(err)
		}
		if got := l.holder(keys[name]); got != "casey" {
			t.Errorf("decide gave %s to %s", name, got)
		}
	}
	if got := l.types("reps", "hand-over", "alex", "--by", "ops"); got != "Alex Rivera holds no open lead.\n" {
		t.Errorf("afterwards: %s", got)
	}
}

// With room for one only, the other stays, and nothing is ordered about it.
func TestHandOverLeavesWhatNobodyCanTake(t *testing.T) {
	l, _ := busy(t)
	l.caseyIsBack()
	state, err := l.table.Pool(t.Context(), "sales")
	if err != nil {
		t.Fatal(err)
	}
	state.Reps["casey"] = routing.RepState{Open: map[string]int64{"": 1}}
	state.Version++
	if err := l.table.PutPool(t.Context(), state); err != nil {
		t.Fatal(err)
	}
	var v handOverView
	if err := json.Unmarshal([]byte(l.types("reps", "hand-over", "alex", "--yes", "--by", "ops", "--json")), &v); err != nil {
		t.Fatal(err)
	}
	goes, stays := 0, 0
	for _, m := range v.Moves {
		n := len(l.orders(signal.LeadKey(m.Lead)))
		switch {
		case m.To == "casey" && n == 1:
			goes++
		case m.To == "" && n == 0 && strings.Contains(m.Why, "casey (full: 2 open leads of 2)"):
			stays++
		default:
			t.Errorf("%d orders about %+v", n, m)
		}
	}
	if goes != 1 || stays != 1 || !v.Ordered {
		t.Errorf("%d go and %d stay: %+v", goes, stays, v)
	}
	if got := l.types("reps", "hand-over", "alex", "--by", "ops"); !strings.Contains(got, "Alex Rivera is on and goes on receiving: handoffctl reps off alex") {
		t.Errorf("of a rep who is on: %s", got)
	}
	if _, _, err := l.run("", "reps", "hand-over", "zoe"); fault.KindOf(err) != fault.NotFound {
		t.Errorf("of nobody: %v", err)
	}
}

func TestGive(t *testing.T) {
	l, keys := crowd(t)
	carriedOut := func(key signal.LeadKey, args ...string) string {
		out := l.types(append([]string{"lead", "give", string(key), "--reason", "knows them", "--by", "ops"}, args...)...)
		if !strings.Contains(out, "Ordered: lead "+string(key)) {
			t.Errorf("give says %s", out)
		}
		orders := l.orders(key)
		if _, err := l.maker().Apply(t.Context(), key, orders, l.now); err != nil {
			t.Fatal(err)
		}
		l.now = l.now.Add(time.Second)
		return l.holder(key)
	}
	if got := carriedOut(keys["Jon"], "--to", "casey"); got != "casey" {
		t.Errorf("a lead of alex went to %q", got)
	}
	if got := carriedOut(keys["Nia"], "--to", "eva"); got != "eva" {
		t.Errorf("a held lead went to %q", got)
	}
	if got := carriedOut(keys["Lea"]); got != "alex" {
		t.Errorf("by the rules a lead of bo went to %q", got)
	}
	gus := signal.Signal{Source: "typeform", ID: "1", Type: signal.FormSubmitted, OccurredAt: l.now, ReceivedAt: l.now, Identity: signal.Identity{Email: "gus@gmail.com"}}
	if _, err := l.maker().Apply(t.Context(), "1gus", []signal.Signal{gus}, l.now); err != nil {
		t.Fatal(err)
	}
	for name, args := range map[string][]string{
		"holds the lead already":        {string(keys["Kim"]), "--to", "alex", "--reason", "x"},
		`has a rep "zoe"`:               {string(keys["Kim"]), "--to", "zoe", "--reason", "x"},
		"say why with --reason":         {string(keys["Kim"]), "--to", "bo"},
		"knows no lead nobody":          {"nobody", "--reason", "x"},
		"was never ready for a handoff": {"1gus", "--reason", "x"},
	} {
		if _, _, err := l.run("", append([]string{"lead", "give", "--by", "ops"}, args...)...); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%v: %v; want %q", args, err, name)
		}
	}
	if n := len(l.orders(keys["Kim"])); n != 0 {
		t.Errorf("a refused order was stored %d times", n)
	}
}
