package main

import (
	"bytes"
	"encoding/json"
	"html"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/handoff-oss/handoff/infra/cfn"
	"github.com/handoff-oss/handoff/infra/dynamodb/dynamotest"
	"github.com/handoff-oss/handoff/infra/dynamodb/engine"
	"github.com/handoff-oss/handoff/infra/local/awsapi"
	"github.com/handoff-oss/handoff/infra/local/hosttest"
	"github.com/handoff-oss/handoff/infra/local/queue"
	"github.com/handoff-oss/handoff/shared/access"
	"github.com/handoff-oss/handoff/shared/bus"
	"github.com/handoff-oss/handoff/shared/clock"
	"github.com/handoff-oss/handoff/shared/contract"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/table"
	"github.com/handoff-oss/handoff/shared/web"
	"github.com/handoff-oss/handoff/shared/web/webtest"
)

var now = time.Date(2026, 3, 2, 9, 30, 0, 0, time.UTC)

// bench is the handler on a real table and emulated queues.
type bench struct {
	*handler
	queues *queue.Queues
	logs   *bytes.Buffer
}

func newBench(t *testing.T, build *debug.BuildInfo) bench {
	t.Helper()
	var all []cfn.Queue
	for _, name := range []string{"park", "retry", "notify", "fetch", "rule", "schedule"} {
		for _, n := range []string{name, name + "-dead"} {
			all = append(all, cfn.Queue{ID: n, Name: n, ARN: "arn:aws:sqs:::" + n, Retention: 14 * 24 * time.Hour, Visibility: time.Minute})
		}
	}
	queues, err := queue.Open(hosttest.DB(t, ""), all, hosttest.Start().Now, func() {})
	if err != nil {
		t.Fatal(err)
	}
	api := awsapi.API{Queues: queues, Buckets: map[string]string{"lost": t.TempDir()}, Log: hosttest.Log()}
	server := httptest.NewServer(api.Handler())
	t.Cleanup(server.Close)
	cfg := engine.Config(server.URL)
	client, name := dynamotest.CreateTable(t)
	pages, err := web.Pages(templates, "*.html")
	if err != nil {
		t.Fatal(err)
	}
	b := bench{queues: queues, logs: &bytes.Buffer{}}
	log := slog.New(slog.NewJSONHandler(b.logs, nil))
	b.handler = newHandler(clients{
		table: table.New(client, name), queues: sqs.NewFromConfig(cfg), bus: bus.New(eventbridge.NewFromConfig(cfg), "bus"), config: cfg, log: log,
	}, func(name string) string {
		if name == "STREAM_DEAD_LETTERS" {
			return "lost"
		}
		short, dead := strings.CutSuffix(strings.ToLower(strings.TrimSuffix(name, "_URL")), "_dead_letters")
		if dead {
			return "http://q/0/" + short + "-dead"
		}
		return "http://q/0/" + strings.TrimSuffix(short, "_queue")
	}, build)
	b.site = &web.Site{Routes: b.routes(), Pages: pages, Clock: clock.Fixed(now), Log: log}
	return b
}

func operator() access.Person { return webtest.Somebody(access.Operator) }

func (b bench) send(t *testing.T, e events.APIGatewayV2HTTPRequest) web.Response {
	t.Helper()
	out, err := b.site.Handle(t.Context(), e)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// get returns a page or an answer.
func (b bench) get(t *testing.T, target string) string {
	t.Helper()
	out := b.send(t, webtest.Event(t, http.MethodGet, target, operator()))
	if out.StatusCode != http.StatusOK {
		t.Fatalf("GET %s answers %d %s\n%s", target, out.StatusCode, out.Body, b.logs)
	}
	return out.Body
}

// post sends JSON, as a program does.
func (b bench) post(t *testing.T, target, body string, into any) int {
	t.Helper()
	who := operator()
	who.Token = ""
	e := webtest.Event(t, http.MethodPost, target, who)
	e.Body, e.Headers["content-type"] = body, "application/json"
	out := b.send(t, e)
	if err := json.Unmarshal([]byte(out.Body), into); err != nil {
		t.Fatalf("%v in %s", err, out.Body)
	}
	return out.StatusCode
}

func (b bench) put(t *testing.T, name, body, why string) string {
	t.Helper()
	q, err := b.queues.Get(name)
	if err != nil {
		t.Fatal(err)
	}
	m := queue.Outgoing{Body: body, Delay: -1}
	if why != "" {
		m.Attributes = map[string]queue.Attribute{"reason": {Type: "String", Text: why}, "tries": {Type: "Number", Text: "20"}}
	}
	sent, err := q.Send(m)
	if err != nil {
		t.Fatal(err)
	}
	return sent[0].ID
}

func (b bench) count(t *testing.T, name string) int {
	t.Helper()
	q, err := b.queues.Get(name)
	if err != nil {
		t.Fatal(err)
	}
	visible, delayed, inFlight := q.Counts()
	return visible + delayed + inFlight
}

// text is what a reader sees of a page.
func text(body string) string {
	_, body, _ = strings.Cut(body, "<main")
	plain := html.UnescapeString(regexp.MustCompile(`<[^>]*>`).ReplaceAllString(body, " "))
	return strings.Join(strings.Fields(plain), " ")
}

func says(t *testing.T, seen string, all ...string) {
	t.Helper()
	for _, want := range all {
		if !strings.Contains(seen, want) {
			t.Errorf("it does not say %q:\n%s", want, seen)
		}
	}
}

// told is an event as it lies in the queue of notify.
func told(t *testing.T, e contract.Event) string {
	t.Helper()
	b, err := json.Marshal(map[string]any{"version": "0", "source": "handoff", "detail-type": e.Type, "detail": e})
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func handedOff(version int64) contract.Event {
	return contract.Event{ID: contract.EventID("1a", version, 0), Type: contract.LeadHandedOff, Time: now, Lead: "1a", Summary: "Handed off."}
}

func TestRoutesAreForOperatorsAlone(t *testing.T) {
	b := newBench(t, nil)
	for route := range b.routes() {
		method, path, _ := strings.Cut(string(route), " ")
		for _, role := range access.Roles() {
			out := b.send(t, webtest.Event(t, method, path, access.Person{Subject: "u-1", Roles: []access.Role{role}}))
			if refused := out.StatusCode == http.StatusForbidden; refused != (role != access.Operator) {
				t.Errorf("%s as %s answers %d", route, role, out.StatusCode)
			}
		}
	}
}

func TestNothingWaitsAndNothingFailed(t *testing.T) {
	b := newBench(t, nil)
	seen := text(b.get(t, "/operations"))
	says(t, seen, "Nothing waits", "Nothing was given up", "unknown: the build had no repository", "which comes with the code: none was applied", "nothing was said about reps yet")
	var got operationsAnswer
	if err := json.Unmarshal([]byte(b.get(t, "/api/operations")), &got); err != nil {
		t.Fatal(err)
	}
	if len(got.Waiting) != 4 || len(got.Failed) != 7 || got.Runs.Code.Revision != "unknown" || got.Runs.Policy.Since != nil || !strings.HasPrefix(got.Runs.Policy.Version, "default-") {
		t.Errorf("%+v", got)
	}
	for _, f := range got.Failed {
		if f.Error != "" || f.Count != 0 {
			t.Errorf("%+v", f)
		}
	}
}

func TestThePageSaysWhatRuns(t *testing.T) {
	b := newBench(t, &debug.BuildInfo{Settings: []debug.BuildSetting{
		{Key: "vcs.revision", Value: "0123456789abcdef0123"}, {Key: "vcs.time", Value: "2026-03-01T08:00:00Z"}, {Key: "vcs.modified", Value: "true"},
	}})
	yaml := []byte("name: Spring <b>campaign</b>\n")
	if err := b.table.PutPolicy(t.Context(), policy.VersionOf(yaml), yaml, now.Add(-time.Hour)); err != nil {
		t.Fatal(err)
	}
	says(t, text(b.get(t, "/operations")), "Code 0123456789ab with changes that are not committed, of Sun 1 Mar 2026, 08:00 UTC",
		"Spring <b>campaign</b>, "+string(policy.VersionOf(yaml))+" , since Mon 2 Mar 2026, 08:30 UTC")
}

func TestThePageSaysWhatWaitsAndWhatFailed(t *testing.T) {
	b := newBench(t, nil)
	for range 3 {
		b.put(t, "park", "[]", "")
	}
	b.put(t, "notify-dead", told(t, handedOff(3)), "slack to rep:maya: the receiver answered <i>410</i>")
	b.put(t, "retry-dead", `{"pk":"LEAD#1b","sk":"SIG#typeform#7"}`, "")
	body := b.get(t, "/operations")
	says(t, text(body), "park Signals that could not be stored at once. An alarm rings when one has waited for 10 minutes. 3 0",
		"Events not told 1", "Event, lead handed off 1a.3.0", "slack to rep:maya: the receiver answered <i>410</i> 20 tries", "Repair the channel, then retry",
		"Signals not decided 1", "Signal of typeform, which is stored no more", "Not recorded", "Empty: Signals not stored, Records not fetched")
	if strings.Contains(body, "<i>410") || !strings.Contains(body, `<a href="/leads/1b">`) || strings.Contains(body, "style=") {
		t.Error("escaping, link or style")
	}
	if b.count(t, "notify-dead") != 1 || b.count(t, "notify") != 0 {
		t.Error("a look moves letters")
	}
}

func TestAFormSendsALetterBackAndSaysSo(t *testing.T) {
	b := newBench(t, nil)
	id := b.put(t, "notify-dead", told(t, handedOff(3)), "away")
	b.put(t, "notify-dead", told(t, handedOff(4)), "away")
	out := b.send(t, webtest.Form(t, "/operations/retry", operator(), url.Values{"place": {"notify"}, "id": {id}}))
	if out.StatusCode != http.StatusSeeOther {
		t.Fatalf("%d %s", out.StatusCode, out.Body)
	}
	if b.count(t, "notify") != 1 || b.count(t, "notify-dead") != 1 {
		t.Errorf("%d and %d", b.count(t, "notify"), b.count(t, "notify-dead"))
	}
	says(t, text(b.get(t, out.Headers["Location"])), "1 dead letter was sent back to where it is worked off.")
	if strings.Contains(b.logs.String(), "Kim") || !strings.Contains(b.logs.String(), `"did":"retry","place":"notify"`) {
		t.Errorf("log: %s", b.logs)
	}
	gone := b.send(t, webtest.Form(t, "/operations/retry", operator(), url.Values{"place": {"notify"}, "id": {id}}))
	if gone.StatusCode != http.StatusNotFound || !strings.Contains(gone.Body, "not there any more") {
		t.Errorf("%d %s", gone.StatusCode, gone.Body)
	}
	forged := webtest.Form(t, "/operations/retry", operator(), url.Values{"place": {"notify"}, "all": {"1"}, web.TokenField: {"another"}})
	if out := b.send(t, forged); out.StatusCode != http.StatusForbidden || b.count(t, "notify-dead") != 1 {
		t.Errorf("a forged form answers %d", out.StatusCode)
	}
}

func TestWhatIsDiscardedNeedsAReason(t *testing.T) {
	b := newBench(t, nil)
	for range 2 {
		b.put(t, "schedule-dead", "{}", "")
	}
	for reason, status := range map[string]int{"": 400, " ": 400, "for ada@engines.example": 400, strings.Repeat("x", 301): 400} {
		out := b.send(t, webtest.Form(t, "/operations/discard", operator(), url.Values{"place": {"schedule"}, "all": {"1"}, "reason": {reason}}))
		if out.StatusCode != status || b.count(t, "schedule-dead") != 2 {
			t.Errorf("%q answers %d", reason, out.StatusCode)
		}
	}
	out := b.send(t, webtest.Form(t, "/operations/discard", operator(), url.Values{"place": {"schedule"}, "all": {"1"}, "reason": {"the sweep runs again"}}))
	if out.StatusCode != http.StatusSeeOther || b.count(t, "schedule-dead") != 0 || !strings.Contains(b.logs.String(), `"reason":"the sweep runs again"`) {
		t.Errorf("%d\n%s", out.StatusCode, b.logs)
	}
	says(t, text(b.get(t, out.Headers["Location"])), "2 dead letters were discarded.")
	if out := b.send(t, webtest.Form(t, "/operations/retry", operator(), url.Values{"place": {"schedule"}, "all": {"1"}})); out.StatusCode != http.StatusBadRequest {
		t.Errorf("retrying a missed run answers %d", out.StatusCode)
	}
}

func TestLettersForPrograms(t *testing.T) {
	b := newBench(t, nil)
	var ids []string
	for n := range 3 {
		ids = append(ids, b.put(t, "notify-dead", told(t, handedOff(int64(n+1))), "away"))
	}
	b.put(t, "park-dead", `[{"source":"typeform","id":"1","identity":{"email":"ada@engines.example"}}]`, "away")
	var all lettersAnswer
	body := b.get(t, "/api/dead-letters")
	if err := json.Unmarshal([]byte(body), &all); err != nil || len(all.Letters) != 4 || strings.Contains(body, "ada@engines") {
		t.Errorf("%s %v", body, err)
	}
	var one lettersAnswer
	if err := json.Unmarshal([]byte(b.get(t, "/api/dead-letters?place=notify&id="+ids[1])), &one); err != nil || len(one.Letters) != 1 || one.Letters[0].Event != "1a.2.0" ||
		one.Letters[0].Why != "away" || !strings.Contains(one.Letters[0].Body, "Handed off.") {
		t.Errorf("%+v %v", one, err)
	}
	var done settled
	if status := b.post(t, "/api/dead-letters/retry", `{"place":"notify","all":true,"most":2}`, &done); status != 200 || done.Done != 2 || done.Left != 1 {
		t.Errorf("%d %+v", status, done)
	}
	for target, body := range map[string]string{
		"/api/dead-letters/retry":   `{"place":"notify"}`,
		"/api/dead-letters/discard": `{"place":"notify","all":true}`,
		"/api/deliveries/retry":     `no JSON`,
	} {
		var p web.Problem
		if status := b.post(t, target, body, &p); status != http.StatusBadRequest || p.Detail == "" {
			t.Errorf("%s %s answers %d %+v", target, body, status, p)
		}
	}
	for _, target := range []string{"/api/dead-letters?place=attic", "/api/dead-letters?most=0", "/api/deliveries?state=lost", "/api/deliveries?cursor=x"} {
		if out := b.send(t, webtest.Event(t, http.MethodGet, target, operator())); out.StatusCode != http.StatusBadRequest {
			t.Errorf("%s answers %d %s", target, out.StatusCode, out.Body)
		}
	}
}

func TestAQueueThatIsAwayHidesNothingElse(t *testing.T) {
	b := newBench(t, nil)
	b.put(t, "notify-dead", told(t, handedOff(1)), "away")
	b.work[0].url = "http://q/0/nowhere"
	says(t, text(b.get(t, "/operations")), "cannot be reached right now", "Events not told 1", "Event, lead handed off 1a.1.0")
	if !strings.Contains(b.logs.String(), "place.unreachable") {
		t.Error("nobody is told that a queue is away")
	}
}

// tellSome stores an event with a delivery in each state.
func (b bench) tellSome(t *testing.T) contract.Event {
	t.Helper()
	e := handedOff(1)
	if err := b.table.Commit(t.Context(), table.Change{
		Lead: &lead.Lead{Key: "1a", Version: 1, CreatedAt: now, UpdatedAt: now, Journey: lead.Journey{Stage: lead.HandedOff}},
		Log:  &lead.LogItem{Key: "1a", Version: 1, At: now, Entries: []contract.Event{e}},
	}); err != nil {
		t.Fatal(err)
	}
	mark := func(channel, whom string) table.Delivery {
		d := table.Delivery{Event: e.ID, Channel: channel, To: whom, Whom: whom, Lead: "1a", Type: string(e.Type)}
		if err := b.table.Claim(t.Context(), d, now.Add(-time.Minute), time.Second); err != nil {
			t.Fatal(err)
		}
		return d
	}
	for _, err := range []error{
		b.table.Delivered(t.Context(), mark("email", "rep:maya"), now.Add(-time.Minute)),
		b.table.Failed(t.Context(), mark("slack", "manager:inbound"), now.Add(-2*time.Minute), "the receiver answered <b>503</b>"),
		b.table.GiveUp(t.Context(), mark("webhook", "system"), now.Add(-3*time.Minute), "the receiver answered 410"),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	return e
}

func TestDeliveries(t *testing.T) {
	b := newBench(t, nil)
	says(t, text(b.get(t, "/deliveries")), "Nobody was told of anything yet.")
	e := b.tellSome(t)
	body := b.get(t, "/deliveries")
	says(t, text(body), "rep maya email", "manager of inbound slack", "failed once, is tried again by itself: the receiver answered <b>503</b>", "failed once, given up: the receiver answered 410")
	if strings.Contains(body, "<b>503") || strings.Count(body, `action="/deliveries/retry"`) != 2 {
		t.Error("escaping, or a form for what was accepted")
	}
	for state, n := range map[string]int{"": 3, "accepted": 1, "waiting": 1, "given_up": 1} {
		var got deliveriesAnswer
		if err := json.Unmarshal([]byte(b.get(t, "/api/deliveries?state="+state)), &got); err != nil || len(got.Deliveries) != n {
			t.Errorf("%q: %+v %v", state, got, err)
		}
	}
	out := b.send(t, webtest.Form(t, "/deliveries/retry", operator(), url.Values{"event": {e.ID}, "state": {"given_up"}}))
	if out.StatusCode != http.StatusSeeOther || b.count(t, "notify") != 1 {
		t.Errorf("%d %s", out.StatusCode, out.Body)
	}
	says(t, text(b.get(t, out.Headers["Location"])), "The event is on its way again")
	for _, id := range []string{"1a.9.0", "1a.1.7", "source-x.1.0", "", "1a.x.0"} {
		if out := b.send(t, webtest.Form(t, "/deliveries/retry", operator(), url.Values{"event": {id}})); out.StatusCode != http.StatusNotFound {
			t.Errorf("%q answers %d", id, out.StatusCode)
		}
	}
}
