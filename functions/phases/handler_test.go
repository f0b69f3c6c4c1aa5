package main

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/handoff-oss/handoff/infra/dynamodb/dynamotest"
	"github.com/handoff-oss/handoff/shared/access"
	"github.com/handoff-oss/handoff/shared/clock"
	"github.com/handoff-oss/handoff/shared/decision"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/policy/rules"
	"github.com/handoff-oss/handoff/shared/steering"
	"github.com/handoff-oss/handoff/shared/table"
	"github.com/handoff-oss/handoff/shared/web"
	"github.com/handoff-oss/handoff/shared/web/webtest"
)

// monday is a Monday, 10:00 in New York.
var monday = time.Date(2027, 5, 17, 14, 0, 0, 0, time.UTC)

// office is the function over a table.
type office struct {
	*handler
	webtest.Client
}

// open opens the office under a policy.
func open(t *testing.T, text []byte) office {
	t.Helper()
	client, name := dynamotest.CreateTable(t)
	store := table.New(client, name)
	if err := store.PutPolicy(t.Context(), "p-rollout", text, monday.Add(-time.Hour)); err != nil {
		t.Fatal(err)
	}
	pages, err := web.Pages(templates, "*.html")
	if err != nil {
		t.Fatal(err)
	}
	logs := new(bytes.Buffer)
	h := &handler{table: store, maker: decision.New(store, rules.NewLoader(store.Policy)), desk: steering.New(store)}
	h.site = &web.Site{Routes: h.routes(), Pages: pages, Clock: clock.Fixed(monday), Log: slog.New(slog.NewJSONHandler(logs, nil))}
	return office{h, webtest.Client{TB: t, Site: h.site, Logs: logs}}
}

// pilot is the example of a rollout in five phases.
func pilot(t *testing.T) []byte {
	t.Helper()
	text, err := os.ReadFile("../../shared/policy/examples/pilot.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func operator() access.Person { return webtest.Somebody(access.Operator) }

func marketer() access.Person { return webtest.Somebody(access.Marketer) }

// manager manages some pools.
func manager(pools ...string) access.Person {
	p := webtest.Somebody(access.Manager)
	p.Pools = pools
	return p
}

func TestWithoutPhasesThePageSaysHowToStart(t *testing.T) {
	t.Parallel()
	o := open(t, policy.Default())
	webtest.Says(t, o.Get(marketer(), "/rollout", http.StatusOK).Body, "everything is automatic", "shared/policy/examples/pilot.yaml", "policy check")
	webtest.Says(t, o.Get(marketer(), "/rollout/journal", http.StatusOK).Body, "nothing to tell yet")
	o.Get(operator(), "/rollout/promote", http.StatusConflict)
	var answer struct {
		Everybody bool
		Acts      []string
	}
	if err := json.Unmarshal([]byte(o.Get(operator(), "/api/rollout", http.StatusOK).Body), &answer); err != nil {
		t.Fatal(err)
	}
	if !answer.Everybody || len(answer.Acts) != 0 {
		t.Errorf("got %+v", answer)
	}
}

func TestAPhaseIsShownAndSteered(t *testing.T) {
	t.Parallel()
	o := open(t, pilot(t))
	page := o.Get(operator(), "/rollout", http.StatusOK).Body
	webtest.Says(t, page, "Watch", "Quarter", "decides and records, tells nobody", "100 % of the accounts", "No verdict yet", "operator agrees", "Promote to europe_confirms", "Both funnels", "none yet")
	webtest.Says(t, o.Get(operator(), "/rollout/promote", http.StatusOK).Body, "a manager confirms each handoff", "Nothing is done before you confirm")

	o.Post(operator(), "/rollout/promote", http.StatusSeeOther, "version", "0", "reason", "Two weeks were enough")
	webtest.Says(t, o.Get(operator(), "/rollout?done=promote", http.StatusOK).Body, "The rollout is promoted", "Two weeks were enough", "Kim Sato", "Handoffs to confirm", "Europe", "manager agrees")
	state, err := o.table.Rollout(t.Context())
	if err != nil || state.Phase != "europe_confirms" || state.By != "Kim Sato" {
		t.Fatalf("got %+v, %v", state, err)
	}

	o.Post(operator(), "/rollout/pause", http.StatusSeeOther, "version", "1", "reason", "Holidays")
	webtest.Says(t, o.Get(operator(), "/rollout", http.StatusOK).Body, "paused", "Resume")
	o.Post(operator(), "/rollout/resume", http.StatusSeeOther, "version", "2", "reason", "They are over", "phase", "")
	o.Post(operator(), "/rollout/roll-back", http.StatusSeeOther, "version", "3", "reason", "Nobody answers")
	webtest.Says(t, o.Get(operator(), "/rollout", http.StatusOK).Body, "rolled back")
	o.Post(operator(), "/rollout/resume", http.StatusSeeOther, "version", "4", "reason", "Watch again", "phase", "watch")
	if state, err = o.table.Rollout(t.Context()); err != nil || state.Phase != "watch" || state.Version != 5 {
		t.Fatalf("got %+v, %v", state, err)
	}
}

func TestTheSecondIsToldWhoWasFaster(t *testing.T) {
	t.Parallel()
	o := open(t, pilot(t))
	o.Post(operator(), "/rollout/promote", http.StatusSeeOther, "version", "0", "reason", "It works")
	late := o.Post(operator(), "/rollout/promote", http.StatusConflict, "version", "0", "reason", "Let us go on").Body
	webtest.Says(t, late, "Kim Sato was faster", "It works", "Nothing was changed")
	if !strings.Contains(late, "Let us go on") || !strings.Contains(late, `name="version" value="1"`) {
		t.Error("the form keeps neither the reason nor has it the version that is in force")
	}
	o.Post(operator(), "/rollout/roll-back", http.StatusSeeOther, "version", "1", "reason", "Harm")
	webtest.Says(t, o.Post(operator(), "/rollout/roll-back", http.StatusConflict, "version", "1", "reason", "Harm, too").Body, "was faster", "Rolled back")
}

func TestWhatIsWrongIsSaid(t *testing.T) {
	t.Parallel()
	o := open(t, pilot(t))
	for _, c := range []struct {
		name, target string
		status       int
		fields       []string
		want         string
	}{
		{"no reason", "/rollout/promote", http.StatusBadRequest, []string{"version", "0", "reason", " "}, "Say why"},
		{"no version", "/rollout/promote", http.StatusBadRequest, []string{"reason", "x"}, "lacks the version"},
		{"any version", "/rollout/promote", http.StatusBadRequest, []string{"version", "-1", "reason", "x"}, "lacks the version"},
		{"runs already", "/rollout/resume", http.StatusConflict, []string{"version", "0", "reason", "x"}, "cannot be done"},
		{"unknown", "/rollout/explode", http.StatusNotFound, []string{"version", "0", "reason", "x"}, "nothing at this address"},
		{"empty note", "/rollout/note", http.StatusBadRequest, []string{"version", "0", "reason", ""}, "write a note"},
	} {
		t.Run(c.name, func(t *testing.T) {
			webtest.Says(t, o.Post(operator(), c.target, c.status, c.fields...).Body, c.want)
		})
	}
	if state, err := o.table.Rollout(t.Context()); err != nil || state.Version != 0 {
		t.Errorf("something changed: %+v, %v", state, err)
	}
}

func TestWhoMaySteer(t *testing.T) {
	t.Parallel()
	o := open(t, pilot(t))
	rep := webtest.Somebody(access.Rep)
	o.Get(rep, "/rollout", http.StatusForbidden)
	o.Get(rep, "/rollout/journal", http.StatusForbidden)
	o.Get(marketer(), "/rollout/suggestions", http.StatusForbidden)

	// The phase watch is the operator's to end, and the next one a manager's.
	o.Get(manager("europe"), "/rollout/promote", http.StatusForbidden)
	o.Post(manager("europe"), "/rollout/promote", http.StatusForbidden, "version", "0", "reason", "x")
	o.Post(operator(), "/rollout/promote", http.StatusSeeOther, "version", "0", "reason", "x")
	o.Post(marketer(), "/rollout/promote", http.StatusForbidden, "version", "1", "reason", "x")
	o.Post(manager("europe"), "/rollout/promote", http.StatusSeeOther, "version", "1", "reason", "x")

	if err := o.table.PutPolicy(t.Context(), "p-second", pilot(t), monday); err != nil {
		t.Fatal(err)
	}
	// Everybody who reads may add a note, and a form of nobody's does nothing.
	o.Post(marketer(), "/rollout/note", http.StatusSeeOther, "version", "2", "reason", "The trade fair was this week.")
	webtest.Says(t, o.Get(marketer(), "/rollout", http.StatusOK).Body, "The trade fair was this week.")
	webtest.Says(t, o.Get(marketer(), "/rollout/journal", http.StatusOK).Body, "The trade fair was this week.", "Promoted to quarter", "p-second")
	o.Post(operator(), "/rollout/hold", http.StatusForbidden, web.TokenField, "of another session", "version", "2", "reason", "x")
}

func TestAnApproverByAddress(t *testing.T) {
	t.Parallel()
	o := open(t, bytes.Replace(pilot(t), []byte("approve: operator"), []byte("approve: Kim.Sato@our-company.example"), 1))
	o.Post(marketer(), "/rollout/hold", http.StatusSeeOther, "version", "0", "reason", "Let us see")
	other := marketer()
	other.Email = "somebody@our-company.example"
	o.Post(other, "/rollout/hold", http.StatusForbidden, "version", "1", "reason", "x")
}

func TestProgramsSteer(t *testing.T) {
	t.Parallel()
	o := open(t, pilot(t))
	o.Call(operator(), "/api/rollout/promote", http.StatusBadRequest, `{"reason":"no version"}`)
	o.Call(operator(), "/api/rollout/promote", http.StatusBadRequest, `nonsense`)
	var now struct {
		State struct {
			Phase   string
			Version int64
		}
		Acts []string
	}
	if err := json.Unmarshal([]byte(o.Call(operator(), "/api/rollout/promote", http.StatusOK, `{"reason":"It works","version":0}`).Body), &now); err != nil {
		t.Fatal(err)
	}
	if now.State.Phase != "europe_confirms" || now.State.Version != 1 || len(now.Acts) == 0 {
		t.Errorf("got %+v", now)
	}
	o.Call(operator(), "/api/rollout/promote", http.StatusConflict, `{"reason":"It works","version":0}`)
	o.Call(marketer(), "/api/rollout/note", http.StatusOK, `{"reason":"Noted by a program"}`)
	if body := o.Get(marketer(), "/api/rollout/journal", http.StatusOK).Body; !strings.Contains(body, "Noted by a program") {
		t.Errorf("the journal lacks the note: %s", body)
	}
}

func TestHostileTextIsText(t *testing.T) {
	t.Parallel()
	o := open(t, pilot(t))
	const hostile = `<script>alert("x")</script>`
	o.Post(operator(), "/rollout/note", http.StatusSeeOther, "version", "0", "reason", hostile)
	o.Post(operator(), "/rollout/promote", http.StatusSeeOther, "version", "0", "reason", hostile)
	for _, target := range []string{"/rollout", "/rollout/journal", "/rollout/journal?round=1", "/rollout/pause"} {
		if strings.Contains(o.Get(operator(), target, http.StatusOK).Body, "<script>alert") {
			t.Errorf("%s runs what somebody wrote", target)
		}
	}
	if strings.Contains(o.Logs.String(), "Kim") {
		t.Error("the log names somebody")
	}
}
