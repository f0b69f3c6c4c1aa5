package main

import (
	"strings"
	"testing"
	"time"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/signal"
)

// decides types an order about a lead and has decide carry out what is stored.
func (l *local) decides(key signal.LeadKey, command string, args ...string) (said string, after *lead.Lead) {
	l.t.Helper()
	said = l.types(append([]string{"lead", command, string(key), "--reason", "the budget comes later", "--by", "Morgan Hale"}, args...)...)
	stored, err := l.table.Signals(l.t.Context(), key)
	if err != nil {
		l.t.Fatal(err)
	}
	if _, err := l.maker().Apply(l.t.Context(), key, stored, l.now); err != nil {
		l.t.Fatal(err)
	}
	l.now = l.now.Add(time.Second)
	after, err = l.table.Lead(l.t.Context(), key)
	if err != nil {
		l.t.Fatal(err)
	}
	return said, after
}

func TestOrders(t *testing.T) {
	l, keys := crowd(t)
	kim := keys["Kim"]
	for _, tt := range []struct {
		command string
		args    []string
		says    string
		is      func(j lead.Journey) bool
	}{
		{"remind", nil, "is brought to its holder's mind", func(j lead.Journey) bool { return !j.Handoff.Reminded.IsZero() }},
		{"hold", []string{"--until", "2031-03-20"}, "is held back until 2031-03-19", func(j lead.Journey) bool { return j.Held != nil && j.Holder() == nil }},
		{"give", []string{"--to", "bo"}, "goes to Bo", func(j lead.Journey) bool { return j.Holder() != nil && j.Holder().Rep == "bo" }},
		{"take-back", nil, "is taken back", func(j lead.Journey) bool { return j.Holder() == nil || j.Holder().Rep != "bo" }},
		{"recycle", []string{"--days", "30"}, "goes back to nurture until 2031-04-", func(j lead.Journey) bool { return j.Stage == lead.Recycled }},
		{"hand-off", []string{"--to", "alex"}, "is handed off to Alex Rivera", func(j lead.Journey) bool { return j.Holder() != nil && j.Holder().Rep == "alex" }},
		{"disqualify", nil, "is disqualified", func(j lead.Journey) bool { return j.Stage == lead.Disqualified }},
	} {
		said, after := l.decides(kim, tt.command, tt.args...)
		if !strings.HasPrefix(said, "Ordered: lead "+string(kim)+" "+tt.says) || !tt.is(after.Journey) {
			t.Errorf("%s says %q; %+v", tt.command, said, after.Journey)
		}
	}
	l.types("lead", "hold", string(keys["Jon"]), "--days", "2", "--reason", "x", "--by", "ops")
	if got := l.types("lead", "hold", string(keys["Jon"]), "--days", "2", "--reason", "x", "--by", "ops"); !strings.HasPrefix(got, "Ordered before, and not carried out yet") {
		t.Errorf("a second time: %s", got)
	}
}

func TestWhatCannotBeOrdered(t *testing.T) {
	l, keys := crowd(t)
	jon := string(keys["Jon"])
	for _, tt := range []struct {
		args []string
		want string
	}{
		{[]string{"take-back", string(keys["Nia"]), "--reason", "x"}, "nobody holds the lead"},
		{[]string{"hold", jon, "--days", "91", "--reason", "x"}, "90 days at most"},
		{[]string{"hold", jon, "--until", "soon", "--reason", "x"}, "is neither a date"},
		{[]string{"hold", jon, "--until", "2001-01-01", "--reason", "x"}, "a time that is to come"},
		{[]string{"hand-off", jon, "--reason", "x"}, "holds the lead: give it to somebody else instead"},
		{[]string{"remind", jon}, "say why with --reason"},
	} {
		if _, _, err := l.run("", append([]string{"lead"}, append(tt.args, "--by", "ops")...)...); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%v: %v, want %q", tt.args, err, tt.want)
		}
	}
	if _, _, err := l.run("", "lead", "hold", jon, "--reason", "x", "--by", "ops"); err == nil {
		t.Error("a hold without an end is taken")
	}
	if _, _, err := l.run("", "lead", "hand-off", jon, "--to", "zoe", "--reason", "x", "--by", "ops"); fault.KindOf(err) != fault.NotFound {
		t.Errorf("to a stranger: %v", err)
	}
}

// Each command says what follows.
func TestHelpOfOrders(t *testing.T) {
	l := start(t)
	for _, text := range orderTexts() {
		if got := l.types("lead", text.name, "--help"); !strings.Contains(got, text.long) || !strings.Contains(got, "An order is stored") {
			t.Errorf("%s --help says %s", text.name, got)
		}
	}
}
