package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"log/slog"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/handoff-oss/handoff/infra/dynamodb/dynamotest"
	"github.com/handoff-oss/handoff/shared/clock"
	"github.com/handoff-oss/handoff/shared/decision"
	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/inbox"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/link"
	"github.com/handoff-oss/handoff/shared/page"
	"github.com/handoff-oss/handoff/shared/policy/rules"
	"github.com/handoff-oss/handoff/shared/signal"
	"github.com/handoff-oss/handoff/shared/table"
)

const linkKey = "a key for links"

// monday is in the working hours of the default policy.
var monday = time.Date(2026, 5, 18, 14, 0, 0, 0, time.UTC)

// bench is the function on a table of its own, with one lead handed off.
type bench struct {
	t      *testing.T
	h      handler
	table  *table.Table
	key    signal.LeadKey
	parked []string
	logs   *bytes.Buffer
}

func newBench(t *testing.T) *bench {
	t.Helper()
	client, name := dynamotest.CreateTable(t)
	pages, err := page.Parse(templates, "*.html")
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{t: t, table: table.New(client, name), logs: new(bytes.Buffer)}
	b.h = handler{
		desk: desk{
			table: b.table,
			park: func(_ context.Context, bodies ...string) error {
				b.parked = append(b.parked, bodies...)
				return nil
			},
			keys: func(context.Context, time.Time) ([]string, error) { return []string{linkKey, "an older key"}, nil },
		},
		pages: pages, clock: clock.Fixed(monday.Add(5 * time.Minute)), log: slog.New(slog.NewJSONHandler(b.logs, nil)),
	}
	s := signal.Signal{
		Source: "typeform", ID: "1", Type: signal.FormSubmitted, OccurredAt: monday, ReceivedAt: monday,
		Identity: signal.Identity{Email: "ada@analytical-engines.example"},
		Lead: map[string]string{
			"email": "ada@analytical-engines.example", "first_name": "Ada", "last_name": "<b>Byron</b>",
			"company": "Analytical Engines", "title": "CTO", "phone": "+44 20 7946 0018",
		},
		Attributes: map[string]string{"form": "Request a demo"},
	}
	if b.key, err = s.LeadKey(); err != nil {
		t.Fatal(err)
	}
	if _, err := b.table.PutSignal(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	b.decide(s)
	return b
}

// decide lets the core apply signals, as the stream would.
func (b *bench) decide(signals ...signal.Signal) {
	b.t.Helper()
	maker := decision.New(b.table, rules.NewLoader(b.table.Policy))
	if _, err := maker.Apply(b.t.Context(), b.key, signals, monday.Add(5*time.Minute)); err != nil {
		b.t.Fatal(err)
	}
}

// apply decides about a stored answer.
func (b *bench) apply(id string) {
	b.t.Helper()
	b.decide(b.stored(id))
}

func (b *bench) stored(id string) signal.Signal {
	b.t.Helper()
	s, err := b.table.Signal(b.t.Context(), b.key, "respond", id)
	if err != nil {
		b.t.Fatal(err)
	}
	return s
}

func (b *bench) lead() *lead.Lead {
	b.t.Helper()
	l, err := b.table.Lead(b.t.Context(), b.key)
	if err != nil || l.Journey.Handoff == nil {
		b.t.Fatalf("%+v, %v", l, err)
	}
	return l
}

// token signs a link of the current holder.
func (b *bench) token(p link.Purpose) string {
	b.t.Helper()
	h := b.lead().Journey.Handoff
	token, err := link.Sign(linkKey, link.Claims{Lead: b.key, Handoff: h.Number, Rep: h.Rep, Purpose: p, Expires: monday.Add(time.Hour)})
	if err != nil {
		b.t.Fatal(err)
	}
	return token
}

func (b *bench) event(file, token string) events.APIGatewayV2HTTPRequest {
	b.t.Helper()
	text, err := os.ReadFile("testdata/" + file)
	if err != nil {
		b.t.Fatal(err)
	}
	var e events.APIGatewayV2HTTPRequest
	if err := json.Unmarshal(bytes.ReplaceAll(text, []byte("TOKEN"), []byte(token)), &e); err != nil {
		b.t.Fatal(err)
	}
	return e
}

func (b *bench) send(e events.APIGatewayV2HTTPRequest, want int) string {
	b.t.Helper()
	out, err := b.h.handle(b.t.Context(), e)
	if err != nil {
		b.t.Fatal(err)
	}
	if out.StatusCode != want {
		b.t.Fatalf("%s: status %d, want %d: %s", e.RequestContext.HTTP.Method, out.StatusCode, want, out.Body)
	}
	for name, value := range map[string]string{"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff"} {
		if out.Headers[name] != value {
			b.t.Errorf("%s is %q", name, out.Headers[name])
		}
	}
	if strings.HasPrefix(out.Headers["Content-Type"], "text/html") && !strings.Contains(out.Headers["Content-Security-Policy"], "default-src 'none'") {
		b.t.Errorf("Content-Security-Policy is %q", out.Headers["Content-Security-Policy"])
	}
	return out.Body
}

func (b *bench) get(token string, want int) string {
	b.t.Helper()
	return b.send(b.event("get.json", token), want)
}

// post sends a form as API Gateway passes it on: in base64.
func (b *bench) post(token, form string, want int) string {
	b.t.Helper()
	e := b.event("post.json", token)
	e.Body = base64.StdEncoding.EncodeToString([]byte(form))
	return b.send(e, want)
}

func (b *bench) expect(text string, words ...string) {
	b.t.Helper()
	for _, w := range words {
		if !strings.Contains(text, w) {
			b.t.Errorf("%q is missing in %s", w, text)
		}
	}
}

// signals counts the rep's answers in the inbox.
func (b *bench) answers() int {
	b.t.Helper()
	all, err := b.table.Signals(b.t.Context(), b.key)
	if err != nil {
		b.t.Fatal(err)
	}
	return len(all) - 1
}

func TestLookingChangesNothing(t *testing.T) {
	b := newBench(t)
	for _, p := range []link.Purpose{link.Accept, link.Reject, link.Contacted} {
		body := b.get(b.token(p), http.StatusOK)
		b.expect(body, "Ada", "Analytical Engines", `<form method="post">`, "&lt;b&gt;Byron")
		e := b.event("get.json", b.token(p))
		e.RequestContext.HTTP.Method = http.MethodHead
		if body := b.send(e, http.StatusOK); body != "" {
			t.Errorf("HEAD has a body: %s", body)
		}
	}
	b.expect(b.get(b.token(link.Accept), http.StatusOK), "Accept this lead?", ">Accept</button>", "Answer</dt><dd>by", "promised by")
	b.expect(b.get(b.token(link.Reject), http.StatusOK), `<select id="reason" name="reason" required>`, ">Reject</button>")
	if n := b.answers(); n != 0 {
		t.Errorf("looking stored %d answers", n)
	}
}

func TestAcceptOnceThenContacted(t *testing.T) {
	b := newBench(t)
	token := b.token(link.Accept)
	body := b.post(token, "", http.StatusOK)
	b.expect(body, "The lead is yours", "I have contacted them", "mailto:ada@", "Contact them by")
	b.expect(b.post(token, "", http.StatusOK), "accepted this lead already") // not applied yet
	b.apply("1.accept")
	b.expect(b.post(token, "", http.StatusOK), "accepted this lead already")
	b.expect(b.get(token, http.StatusOK), "accepted this lead already", "I have contacted them")
	s := b.stored("1.accept")
	if s.Type != signal.RepAccepted || s.Attributes["handoff"] != "1" || s.Attributes["rep"] != b.lead().Journey.Handoff.Rep || !s.ReceivedAt.Equal(monday.Add(5*time.Minute)) {
		t.Errorf("signal %+v", s)
	}
	if l := b.lead(); b.answers() != 1 || l.Journey.Stage != lead.Accepted {
		t.Errorf("%d answers, stage %s", b.answers(), l.Journey.Stage)
	}

	next := regexp.MustCompile(`href="/r/([^"]+)"`).FindStringSubmatch(body)
	if next == nil {
		t.Fatal("no link to the next step")
	}
	b.expect(b.get(next[1], http.StatusOK), "Have you contacted them?", "tel:")
	b.expect(b.post(next[1], "how=call", http.StatusOK), "First contact is recorded")
	b.apply("1.contacted")
	if got := b.stored("1.contacted").Attributes["how"]; got != "call" || b.lead().Journey.Stage != lead.Contacted {
		t.Errorf("how %q, stage %s", got, b.lead().Journey.Stage)
	}
	b.expect(b.post(next[1], "", http.StatusOK), "recorded already")
	if strings.Contains(b.get(token, http.StatusOK), "The next step") {
		t.Error("the next step is offered after it was taken")
	}
	b.expect(b.post(b.token(link.Reject), "reason=not_a_fit", http.StatusConflict), "You have accepted this lead", "talk to your manager")
}

func TestRejectNeedsAReason(t *testing.T) {
	b := newBench(t)
	token := b.token(link.Reject)
	b.expect(b.post(token, "reason=&comment=", http.StatusUnprocessableEntity), "Please choose a reason.", `name="reason"`)
	b.expect(b.post(token, "reason=made_up", http.StatusUnprocessableEntity), "Please choose a reason.")
	b.expect(b.post(token, "reason=other&comment=+", http.StatusUnprocessableEntity), "in a few words")
	b.expect(b.post(token, "reason=other&comment="+strings.Repeat("x", 1001), http.StatusUnprocessableEntity), "under 1000")
	b.expect(b.post(token, "%zz", http.StatusUnprocessableEntity), "cannot be read")
	b.expect(b.post(token, "comment="+strings.Repeat("x", maxBody), http.StatusUnprocessableEntity), "cannot be read")
	if n := b.answers(); n != 0 {
		t.Fatalf("%d answers", n)
	}
	b.expect(b.post(token, "reason=other&comment=Moved+to+%3Cb%3EMars", http.StatusOK), "off your list")
	s := b.stored("1.reject")
	if s.Type != signal.RepRejected || s.Attributes["reason"] != "other" || s.Attributes["message"] != "Moved to <b>Mars" {
		t.Errorf("signal %+v", s)
	}
	b.expect(b.get(b.token(link.Accept), http.StatusConflict), "You have rejected this lead") // not applied yet
	accept := b.token(link.Accept)
	before := b.lead().Journey.Handoff
	b.apply("1.reject")
	if after := b.lead().Journey.Handoff; after.Number != 2 || after.Rep == before.Rep {
		t.Fatalf("handoff %+v", after)
	}
	b.expect(b.post(token, "reason=other&comment=again", http.StatusOK), "rejected this lead already")
	moved := b.post(accept, "", http.StatusConflict)
	b.expect(moved, "This lead has moved on")
	if strings.Contains(moved, "Ada") || b.answers() != 1 {
		t.Errorf("%d answers; a former holder sees %s", b.answers(), moved)
	}
	b.expect(b.post(b.token(link.Accept), "", http.StatusOK), "The lead is yours")
}

func TestRejectWithoutTheForm(t *testing.T) {
	b := newBench(t)
	b.post(b.token(link.Reject), "", http.StatusOK)
	if got := b.stored("1.reject").Attributes["reason"]; got != "unspecified" {
		t.Errorf("reason %q", got)
	}
}

func TestLinksThatDoNothing(t *testing.T) {
	b := newBench(t)
	token := b.token(link.Accept)
	b.expect(b.post(token[:len(token)-4]+"AAAA", "", http.StatusForbidden), "This link does not work")
	b.expect(b.get("nonsense", http.StatusForbidden), "This link does not work")
	method := b.event("post.json", token)
	method.RequestContext.HTTP.Method = http.MethodDelete
	b.send(method, http.StatusMethodNotAllowed)
	broken := b.event("post.json", token)
	broken.Body = "%%%"
	b.send(broken, http.StatusUnprocessableEntity)
	gone, err := link.Sign(linkKey, link.Claims{Lead: "1nobody", Handoff: 1, Rep: "alex", Purpose: link.Accept, Expires: monday.Add(time.Hour)})
	if err != nil {
		t.Fatal(err)
	}
	b.expect(b.get(gone, http.StatusGone), "no longer here")
	b.post(gone, "", http.StatusGone)

	b.h.clock = clock.Fixed(monday.Add(time.Hour))
	b.expect(b.get(token, http.StatusGone), "This link has expired")
	b.expect(b.post(token, "", http.StatusGone), "This link has expired")
	if n := b.answers(); n != 0 {
		t.Errorf("%d answers", n)
	}
}

func TestTheTableIsAway(t *testing.T) {
	b := newBench(t)
	token := b.token(link.Accept)
	cfg := dynamotest.Config(t)
	cfg.BaseEndpoint = aws.String("http://127.0.0.1:1") // nothing listens there
	cfg.RetryMaxAttempts = 1
	b.h.desk.table = table.New(dynamodb.NewFromConfig(cfg), "away")

	b.expect(b.get(token, http.StatusServiceUnavailable), "Nothing was changed")
	b.expect(b.post(token, "", http.StatusAccepted), "Your answer is kept")
	if len(b.parked) != 1 {
		t.Fatalf("parked %v", b.parked)
	}
	stored, err := inbox.StoreMessage(t.Context(), b.table.PutSignal, b.table.PutSignalFor, b.parked[0])
	if err != nil || stored.New != 1 {
		t.Fatalf("stored %+v, %v", stored, err)
	}
	b.apply("1.accept")
	if l := b.lead(); l.Journey.Stage != lead.Accepted {
		t.Errorf("stage %s", l.Journey.Stage)
	}

	b.h.desk.park = func(context.Context, ...string) error { return fault.New(fault.Unavailable, "away too") }
	out, err := b.h.handle(t.Context(), b.event("post.json", token))
	if err != nil || out.StatusCode != http.StatusServiceUnavailable || out.Headers["Retry-After"] == "" {
		t.Errorf("got %+v, %v", out, err)
	}
	b.h.desk.keys = func(context.Context, time.Time) ([]string, error) {
		return nil, fault.New(fault.Unavailable, "no keys")
	}
	b.post(token, "", http.StatusServiceUnavailable)
}

func TestPrograms(t *testing.T) {
	b := newBench(t)
	request := func(token, method, body string, want int) map[string]any {
		e := b.event("post.json", token)
		e.Headers = map[string]string{"Accept": "application/json", "Content-Type": "application/json; charset=utf-8"}
		e.RequestContext.HTTP.Method, e.Body, e.IsBase64Encoded = method, body, false
		e.PathParameters = nil
		var doc map[string]any
		if err := json.Unmarshal([]byte(b.send(e, want)), &doc); err != nil {
			t.Fatal(err)
		}
		return doc
	}
	reject := b.token(link.Reject)
	if doc := request(reject, http.MethodGet, "", http.StatusOK); doc["state"] != "open" || doc["purpose"] != "reject" || doc["lead"] == nil {
		t.Errorf("got %v", doc)
	}
	if doc := request(reject, http.MethodPost, `{"reason":"nonsense"}`, http.StatusUnprocessableEntity); doc["code"] != "invalid" || doc["request_id"] == "" {
		t.Errorf("got %v", doc)
	}
	request(reject, http.MethodPost, `[]`, http.StatusUnprocessableEntity)
	doc := request(b.token(link.Accept), http.MethodPost, "", http.StatusOK)
	if next, ok := doc["next"].(string); !ok || doc["state"] != "recorded" || !strings.HasPrefix(next, "/r/") {
		t.Errorf("got %v", doc)
	}
	if doc := request(reject, http.MethodPost, `{"reason":"no_time"}`, http.StatusConflict); doc["status"] != float64(409) || doc["code"] != "answered" {
		t.Errorf("got %v", doc)
	}
}

func TestLogsKeepSecrets(t *testing.T) {
	b := newBench(t)
	token := b.token(link.Reject)
	b.get(token, http.StatusOK)
	b.post(token, "reason=other&comment=secret+words", http.StatusOK)
	b.post(token+"x", "", http.StatusForbidden)
	text := b.logs.String()
	for _, secret := range []string{token, token[:20], "ada@", "Ada", "Byron", "secret words", "7946"} {
		if strings.Contains(text, secret) {
			t.Errorf("%q stands in the log: %s", secret, text)
		}
	}
	b.expect(text, `"msg":"link.answered"`, `"lead":"`+string(b.key)+`"`, `"outcome":"recorded"`, `"outcome":"link_invalid"`)
	if n := strings.Count(text, "\n"); n != 3 {
		t.Errorf("%d lines for 3 requests", n)
	}
}
