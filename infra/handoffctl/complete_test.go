package main

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/signal"
	"github.com/handoff-oss/handoff/shared/table"
)

// asksForPhone puts the policy in force under which sales needs a phone number.
func (l *local) asksForPhone() {
	l.t.Helper()
	text, err := os.ReadFile("testdata/desk.yaml")
	if err != nil {
		l.t.Fatal(err)
	}
	text = append(text, []byte("completeness: { handed_off: [phone] }\n")...)
	if err := l.table.PutPolicy(l.t.Context(), policy.VersionOf(text), text, l.now); err != nil {
		l.t.Fatal(err)
	}
}

func TestALeadIsCompletedAtATerminal(t *testing.T) {
	l := startDesk(t)
	l.asksForPhone()
	kim := l.asks("Kim", "20", time.Minute)
	if list := l.types("leads", "--list", "incomplete"); !strings.Contains(list, string(kim)) && !strings.Contains(list, "Kim") {
		t.Errorf("the list lacks the lead:\n%s", list)
	}
	if shown := l.types("lead", "show", string(kim)); !strings.Contains(shown, "Incomplete: the phone is not known") || !strings.Contains(shown, "handoffctl lead complete") {
		t.Errorf("%s", shown)
	}
	for _, args := range [][]string{{}, {"--set", "phone"}, {"--set", "email=a@b.example"}, {"--set", "phone= "}} {
		_, _, err := l.run("", append([]string{"lead", "complete", string(kim), "--by", "ops"}, args...)...)
		if err == nil || fault.KindOf(err) != fault.Invalid {
			t.Errorf("%v: %v", args, err)
		}
	}
	said, after := l.decides(kim, "complete", "--set", "phone=+44 20 7946 0018, ext. 7", "--set", "industry=software, and more")
	if !strings.HasPrefix(said, "Entered: the industry, phone of lead "+string(kim)) {
		t.Errorf("says %q", said)
	}
	if after.Journey.Holder() == nil || after.Facts.Profile["phone"].Value != "+44 20 7946 0018, ext. 7" {
		t.Errorf("%+v", after.Journey)
	}
}

func TestSourcesSayHowCompleteTheirDataIs(t *testing.T) {
	l := startDesk(t)
	l.asksForPhone()
	some := signal.FieldsOf(signal.Signal{Lead: map[string]string{"phone": "1"}})
	h := table.SourceHour{Source: "typeform", Hour: l.now.Truncate(time.Hour), Profiles: map[signal.FieldSet]int64{some: 3, 0: 1}}
	if err := l.table.AddSourceHour(t.Context(), h); err != nil {
		t.Fatal(err)
	}
	said := strings.Join(strings.Fields(l.types("sources")), " ")
	if !strings.Contains(said, "DATA OF 30 DAYS SENT ALL THAT SALES NEEDS BY FIELD typeform 4 75 % phone 75 %") {
		t.Error(said)
	}
}
