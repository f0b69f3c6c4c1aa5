package main

import (
	"bytes"
	"encoding/json"
	"html"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

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
	t    *testing.T
	logs *bytes.Buffer
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
	return office{h, t, logs}
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

func (o office) send(e events.APIGatewayV2HTTPRequest, status int) web.Response {
	o.t.Helper()
	out, err := o.site.Handle(o.t.Context(), e)
	if err != nil {
		o.t.Fatal(err)
	}
	if out.StatusCode != status {
		o.t.Fatalf("%s %s answers %d, want %d: %s\n%s", e.RequestContext.HTTP.Method, e.RawPath, out.StatusCode, status, seen(out.Body), o.logs)
	}
	return out
}

func (o office) get(who access.Person, target string, status int) web.Response {
	o.t.Helper()
	return o.send(webtest.Event(o.t, http.MethodGet, target, who), status)
}

func (o office) post(who access.Person, target string, status int, fields ...string) web.Response {
	o.t.Helper()
	values := url.Values{}
	for i := 0; i+1 < len(fields); i += 2 {
		values.Add(fields[i], fields[i+1])
	}
	return o.send(webtest.Form(o.t, target, who, values), status)
}

func (o office) call(who access.Person, target string, status int, body string) web.Response {
	o.t.Helper()
	e := webtest.Event(o.t, http.MethodPost, target, who)
	e.Headers["content-type"], e.Headers[web.TokenHeader], e.Body = "application/json", who.Token, body
	return o.send(e, status)
}

// seen is what a reader sees of a page.
func seen(page string) string {
	page = regexp.MustCompile(`(?s)<(script|style)>.*?</(script|style)>`).ReplaceAllString(page, "")
	page = regexp.MustCompile(`<[^>]*>`).ReplaceAllString(page, " ")
	return strings.Join(strings.Fields(html.UnescapeString(page)), " ")
}

func says(t *testing.T, page string, want ...string) {
	t.Helper()
	text := strings.ToLower(seen(page))
	for _, w := range want {
		if !strings.Contains(text, strings.ToLower(w)) {
			t.Errorf("the page does not say %q:\n%s", w, text)
		}
	}
}

func TestWithoutPhasesThePageSaysHowToStart(t *testing.T) {
	t.Parallel()
	o := open(t, policy.Default())
	says(t, o.get(marketer(), "/rollout", http.StatusOK).Body, "everything is automatic", "shared/policy/examples/pilot.yaml", "policy check")
	says(t, o.get(marketer(), "/rollout/journal", http.StatusOK).Body, "nothing to tell yet")
	o.get(operator(), "/rollout/promote", http.StatusConflict)
	var answer struct {
		Everybody bool
		Acts      []string
	}
	if err := json.Unmarshal([]byte(o.get(operator(), "/api/rollout", http.StatusOK).Body), &answer); err != nil {
		t.Fatal(err)
	}
	if !answer.Everybody || len(answer.Acts) != 0 {
		t.Errorf("got %+v", answer)
	}
}

func TestAPhaseIsShownAndSteered(t *testing.T) {
	t.Parallel()
	o := open(t, pilot(t))
	page := o.get(operator(), "/rollout", http.StatusOK).Body
	says(t, page, "Watch", "Quarter", "decides and records, tells nobody", "100 % of the accounts", "No verdict yet", "operator agrees", "Promote to europe_confirms", "Both funnels", "none yet")
	says(t, o.get(operator(), "/rollout/promote", http.StatusOK).Body, "a manager confirms each handoff", "Nothing is done before you confirm")

	o.post(operator(), "/rollout/promote", http.StatusSeeOther, "version", "0", "reason", "Two weeks were enough")
	says(t, o.get(operator(), "/rollout?done=promote", http.StatusOK).Body, "The rollout is promoted", "Two weeks were enough", "Kim Sato", "Handoffs to confirm", "Europe", "manager agrees")
	state, err := o.table.Rollout(t.Context())
	if err != nil || state.Phase != "europe_confirms" || state.By != "Kim Sato" {
		t.Fatalf("got %+v, %v", state, err)
	}

	o.post(operator(), "/rollout/pause", http.StatusSeeOther, "version", "1", "reason", "Holidays")
	says(t, o.get(operator(), "/rollout", http.StatusOK).Body, "paused", "Resume")
	o.post(operator(), "/rollout/resume", http.StatusSeeOther, "version", "2", "reason", "They are over", "phase", "")
	o.post(operator(), "/rollout/roll-back", http.StatusSeeOther, "version", "3", "reason", "Nobody answers")
	says(t, o.get(operator(), "/rollout", http.StatusOK).Body, "rolled back")
	o.post(operator(), "/rollout/resume", http.StatusSeeOther, "version", "4", "reason", "Watch again", "phase", "watch")
	if state, err = o.table.Rollout(t.Context()); err != nil || state.Phase != "watch" || state.Version != 5 {
		t.Fatalf("got %+v, %v", state, err)
	}
}

func TestTheSecondIsToldWhoWasFaster(t *testing.T) {
	t.Parallel()
	o := open(t, pilot(t))
	o.post(operator(), "/rollout/promote", http.StatusSeeOther, "version", "0", "reason", "It works")
	late := o.post(operator(), "/rollout/promote", http.StatusConflict, "version", "0", "reason", "Let us go on").Body
	says(t, late, "Kim Sato was faster", "It works", "Nothing was changed")
	if !strings.Contains(late, "Let us go on") || !strings.Contains(late, `name="version" value="1"`) {
		t.Error("the form keeps neither the reason nor has it the version that is in force")
	}
	o.post(operator(), "/rollout/roll-back", http.StatusSeeOther, "version", "1", "reason", "Harm")
	says(t, o.post(operator(), "/rollout/roll-back", http.StatusConflict, "version", "1", "reason", "Harm, too").Body, "was faster", "Rolled back")
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
			says(t, o.post(operator(), c.target, c.status, c.fields...).Body, c.want)
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
	o.get(rep, "/rollout", http.StatusForbidden)
	o.get(rep, "/rollout/journal", http.StatusForbidden)
	o.get(marketer(), "/rollout/suggestions", http.StatusForbidden)

	// The phase watch is the operator's to end, and the next one a manager's.
	o.get(manager("europe"), "/rollout/promote", http.StatusForbidden)
	o.post(manager("europe"), "/rollout/promote", http.StatusForbidden, "version", "0", "reason", "x")
	o.post(operator(), "/rollout/promote", http.StatusSeeOther, "version", "0", "reason", "x")
	o.post(marketer(), "/rollout/promote", http.StatusForbidden, "version", "1", "reason", "x")
	o.post(manager("europe"), "/rollout/promote", http.StatusSeeOther, "version", "1", "reason", "x")

	if err := o.table.PutPolicy(t.Context(), "p-second", pilot(t), monday); err != nil {
		t.Fatal(err)
	}
	// Everybody who reads may add a note, and a form of nobody's does nothing.
	o.post(marketer(), "/rollout/note", http.StatusSeeOther, "version", "2", "reason", "The trade fair was this week.")
	says(t, o.get(marketer(), "/rollout", http.StatusOK).Body, "The trade fair was this week.")
	says(t, o.get(marketer(), "/rollout/journal", http.StatusOK).Body, "The trade fair was this week.", "Promoted to quarter", "p-second")
	o.post(operator(), "/rollout/hold", http.StatusForbidden, web.TokenField, "of another session", "version", "2", "reason", "x")
}

func TestAnApproverByAddress(t *testing.T) {
	t.Parallel()
	o := open(t, bytes.Replace(pilot(t), []byte("approve: operator"), []byte("approve: Kim.Sato@our-company.example"), 1))
	o.post(marketer(), "/rollout/hold", http.StatusSeeOther, "version", "0", "reason", "Let us see")
	other := marketer()
	other.Email = "somebody@our-company.example"
	o.post(other, "/rollout/hold", http.StatusForbidden, "version", "1", "reason", "x")
}

func TestProgramsSteer(t *testing.T) {
	t.Parallel()
	o := open(t, pilot(t))
	o.call(operator(), "/api/rollout/promote", http.StatusBadRequest, `{"reason":"no version"}`)
	o.call(operator(), "/api/rollout/promote", http.StatusBadRequest, `nonsense`)
	var now struct {
		State struct {
			Phase   string
			Version int64
		}
		Acts []string
	}
	if err := json.Unmarshal([]byte(o.call(operator(), "/api/rollout/promote", http.StatusOK, `{"reason":"It works","version":0}`).Body), &now); err != nil {
		t.Fatal(err)
	}
	if now.State.Phase != "europe_confirms" || now.State.Version != 1 || len(now.Acts) == 0 {
		t.Errorf("got %+v", now)
	}
	o.call(operator(), "/api/rollout/promote", http.StatusConflict, `{"reason":"It works","version":0}`)
	o.call(marketer(), "/api/rollout/note", http.StatusOK, `{"reason":"Noted by a program"}`)
	if body := o.get(marketer(), "/api/rollout/journal", http.StatusOK).Body; !strings.Contains(body, "Noted by a program") {
		t.Errorf("the journal lacks the note: %s", body)
	}
}

func TestHostileTextIsText(t *testing.T) {
	t.Parallel()
	o := open(t, pilot(t))
	const hostile = `<script>alert("x")</script>`
	o.post(operator(), "/rollout/note", http.StatusSeeOther, "version", "0", "reason", hostile)
	o.post(operator(), "/rollout/promote", http.StatusSeeOther, "version", "0", "reason", hostile)
	for _, target := range []string{"/rollout", "/rollout/journal", "/rollout/journal?round=1", "/rollout/pause"} {
		if strings.Contains(o.get(operator(), target, http.StatusOK).Body, "<script>alert") {
			t.Errorf("%s runs what somebody wrote", target)
		}
	}
	if strings.Contains(o.logs.String(), "Kim") {
		t.Error("the log names somebody")
	}
}
