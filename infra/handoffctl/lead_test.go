package main

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/signal"
)

func demoRequest(at time.Time) signal.Signal {
	return signal.Signal{
		Source: "typeform", ID: "e1", Type: signal.FormSubmitted, OccurredAt: at, ReceivedAt: at,
		Identity:   signal.Identity{Email: "Ida@Turing-Works.example"},
		Lead:       map[string]string{"email": "Ida@Turing-Works.example", "first_name": "Ida\x1b[31m", "company": "Turing\u202eWorks", "title": "CTO"},
		Attributes: map[string]string{"form": "Request a demo"},
	}
}

func TestLeadRebuildAndShow(t *testing.T) {
	l := start(t)
	if _, _, err := l.run("", "lead", "show", "ida@turing-works.example"); fault.KindOf(err) != fault.NotFound {
		t.Errorf("an unknown lead: %v, want NotFound", err)
	}
	if _, _, err := l.run("", "lead", "rebuild", "ida@turing-works.example"); fault.KindOf(err) != fault.NotFound {
		t.Errorf("rebuild an unknown lead: %v, want NotFound", err)
	}
	if _, _, err := l.run("", "lead", "show", "@"); fault.KindOf(err) != fault.Invalid {
		t.Errorf("no address: %v, want Invalid", err)
	}
	if _, err := l.table.PutSignal(t.Context(), demoRequest(l.now)); err != nil {
		t.Fatal(err)
	}
	out, _, err := l.run("", "lead", "rebuild", "ida@turing-works.example")
	if err != nil || !strings.Contains(out, "anew from 1 signal") {
		t.Fatalf("rebuild: %s%v", out, err)
	}
	out, _, err = l.run("", "lead", "show", "IDA@turing-works.example", "--signals")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`stage +handed_off`, `title +CTO +\(typeform\)`, `Fit B: 65|Fit A: 65`, `\+25 +decision_maker +Decides about purchases`, `Engagement: 8`,
		`Qualified: Asked for a demo`, `Handoff 1`, `to +Alex Rivera \(alex\), pool sales`, `alex +chosen: `, `accept +for the holder +running +due 2031-03-03 14:30:00Z`,
		`lead.handed_off`, `version 1 under policy default-[0-9a-f]{8}, from typeform#e1`, `typeform +form.submitted +e1`,
	} {
		if !regexp.MustCompile(want).MatchString(out) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
	if strings.ContainsAny(out, "\x1b\u202e") {
		t.Errorf("text from a form moves the terminal:\n%q", out)
	}
	out, _, err = l.run("", "lead", "show", "ida@turing-works.example", "--json")
	var v struct {
		Fit  struct{ Score int }
		Lead struct{ Key string }
	}
	if err != nil || json.Unmarshal([]byte(out), &v) != nil || v.Fit.Score != 65 || v.Lead.Key == "" {
		t.Errorf("as JSON: %+v, %v\n%s", v, err, out)
	}
	if _, _, err := l.run("", "lead", "show", v.Lead.Key); err != nil {
		t.Errorf("by its key: %v", err)
	}
}
