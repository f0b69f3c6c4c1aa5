package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/google/go-cmp/cmp"

	"github.com/handoff-oss/handoff/infra/dynamodb/dynamotest"
	"github.com/handoff-oss/handoff/shared/access"
	"github.com/handoff-oss/handoff/shared/clock"
	"github.com/handoff-oss/handoff/shared/table"
	"github.com/handoff-oss/handoff/shared/web"
	"github.com/handoff-oss/handoff/shared/web/webtest"
)

var update = flag.Bool("update", false, "write the golden files")

// now is a Monday, one hour after ada's demo request.
var now = time.Date(2026, 11, 23, 15, 0, 0, 0, time.UTC)

type bench struct {
	*handler
	logs   *bytes.Buffer
	client *dynamodb.Client
	table  string
}

func newBench(t *testing.T) bench {
	t.Helper()
	client, name := dynamotest.CreateTable(t)
	pages, err := readPages()
	if err != nil {
		t.Fatal(err)
	}
	leads := table.New(client, name)
	if err := leads.PutPolicy(t.Context(), policyVersion, policyText(t), now); err != nil {
		t.Fatal(err)
	}
	logs := new(bytes.Buffer)
	log := slog.New(slog.NewJSONHandler(logs, nil))
	h := newHandler(leads, log)
	h.site = &web.Site{Routes: h.routes(), Pages: pages, Clock: clock.Fixed(now), Log: log}
	return bench{h, logs, client, name}
}

// event is a request of an operator as API Gateway sends it.
func event(t *testing.T, method, target string) events.APIGatewayV2HTTPRequest {
	t.Helper()
	return webtest.Event(t, method, target, webtest.Somebody(access.Operator))
}

func (b bench) send(t *testing.T, e events.APIGatewayV2HTTPRequest) web.Response {
	t.Helper()
	out, err := b.site.Handle(t.Context(), e)
	if err != nil {
		t.Fatal(err)
	}
	if out.Headers["Cache-Control"] != "no-store" {
		t.Errorf("Cache-Control is %q", out.Headers["Cache-Control"])
	}
	return out
}

func (b bench) get(t *testing.T, target string) web.Response {
	t.Helper()
	out := b.send(t, event(t, http.MethodGet, target))
	if out.StatusCode != http.StatusOK {
		t.Fatalf("GET %s answers %d %s\n%s", target, out.StatusCode, out.Body, b.logs)
	}
	return out
}

// golden compares JSON with a file under testdata.
func golden(t *testing.T, name, body string) {
	t.Helper()
	var pretty bytes.Buffer
	if err := json.Indent(&pretty, []byte(body), "", "  "); err != nil {
		t.Fatalf("%v in %s", err, body)
	}
	pretty.WriteByte('\n')
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, pretty.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v (write it with -update)", err)
	}
	if diff := cmp.Diff(string(want), pretty.String()); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

func TestAPI(t *testing.T) {
	b := newBench(t)
	b.store(t, ada(t), gus(t))
	for _, c := range []struct{ file, target string }{
		{"leads.json", "/api/leads"},
		{"leads_stage.json", "/api/leads?stage=known"},
		{"leads_email.json", "/api/leads?email=" + url.QueryEscape(" ADA@Analytical-Engines.example")},
		{"lead_handed_off.json", "/api/leads/" + string(ada(t).Key)},
		{"lead_not_qualified.json", "/api/leads/" + string(gus(t).Key)},
		{"route.json", "/api/leads/" + string(gus(t).Key) + "/route"},
		{"timeline.json", "/api/leads/" + string(ada(t).Key) + "/timeline"},
	} {
		t.Run(c.file, func(t *testing.T) {
			out := b.get(t, c.target)
			if ct := out.Headers["Content-Type"]; ct != "application/json" {
				t.Errorf("Content-Type is %q", ct)
			}
			golden(t, c.file, out.Body)
		})
	}
}

func TestPointsAddUp(t *testing.T) {
	b := newBench(t)
	b.store(t, ada(t), gus(t))
	for _, l := range []string{string(ada(t).Key), string(gus(t).Key)} {
		var got leadAnswer
		if err := json.Unmarshal([]byte(b.get(t, "/api/leads/"+l).Body), &got); err != nil {
			t.Fatal(err)
		}
		sum := 0
		for _, p := range got.Fit.Parts {
			sum += p.Points
		}
		if sum != got.Fit.Score {
			t.Errorf("the parts of fit add up to %d, the score is %d", sum, got.Fit.Score)
		}
		sum = 0
		for _, p := range got.Engagement.Parts {
			sum += p.Points
		}
		if sum != got.Engagement.Score {
			t.Errorf("the parts of engagement add up to %d, the score is %d", sum, got.Engagement.Score)
		}
	}
}

func TestNothingFoundIsAnEmptyList(t *testing.T) {
	b := newBench(t)
	for _, target := range []string{"/api/leads?email=nobody@nowhere.example", "/api/leads?email=not+an+address"} {
		if got := b.get(t, target).Body; got != `{"leads":[],"next":""}` {
			t.Errorf("%s answers %s", target, got)
		}
	}
}

func TestPaging(t *testing.T) {
	b := newBench(t)
	b.storeMany(t, pageSize+7)
	seen := map[string]bool{}
	cursor, pages := "", 0
	for {
		var got listAnswer
		if err := json.Unmarshal([]byte(b.get(t, "/api/leads?cursor="+url.QueryEscape(cursor)).Body), &got); err != nil {
			t.Fatal(err)
		}
		for _, l := range got.Leads {
			if seen[l.Key] {
				t.Errorf("lead %s is listed twice", l.Key)
			}
			seen[l.Key] = true
		}
		pages++
		if cursor = got.Next; cursor == "" {
			break
		}
	}
	if len(seen) != pageSize+7 || pages < 2 {
		t.Errorf("%d leads on %d pages", len(seen), pages)
	}
	if html := b.get(t, "/leads").Body; !strings.Contains(html, ">Older</a>") || len(html) > 60<<10 {
		t.Errorf("the page of a full list has %d bytes, or no link to older leads", len(html))
	}
}

func TestRefusals(t *testing.T) {
	b := newBench(t)
	b.store(t, ada(t))
	for _, c := range []struct {
		name, method, target string
		change               func(*events.APIGatewayV2HTTPRequest)
		status               int
		code                 string
	}{
		{name: "unknown lead", target: "/api/leads/nosuchlead", status: 404, code: "not_found"},
		{name: "unknown lead's timeline", target: "/api/leads/nosuchlead/timeline", status: 404, code: "not_found"},
		{name: "unknown lead's route", target: "/api/leads/nosuchlead/route", status: 404, code: "not_found"},
		{name: "key of another alphabet", target: "/api/leads/..%2f", status: 404, code: "not_found"},
		{name: "unknown address", target: "/api/nothing", status: 404, code: "not_found"},
		{name: "cursor of somebody else", target: "/api/leads?cursor=!!", status: 400, code: "invalid"},
		{name: "unknown stage", target: "/api/leads?stage=nirvana", status: 400, code: "invalid_stage"},
		{name: "broken query", target: "/api/leads?a=%zz", status: 400, code: "invalid_query"},
		{name: "a write", method: http.MethodPost, target: "/api/leads", status: 404, code: "not_found"},
		{
			name: "nobody signed in", target: "/api/leads", status: 401, code: "unauthorized",
			change: func(e *events.APIGatewayV2HTTPRequest) { e.RequestContext.Authorizer = nil },
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.method == "" {
				c.method = http.MethodGet
			}
			e := event(t, c.method, c.target)
			if c.change != nil {
				c.change(&e)
			}
			b.refuses(t, e, c.status, c.code)
		})
	}
}

// refuses checks that the event is answered with that problem.
func (b bench) refuses(t *testing.T, e events.APIGatewayV2HTTPRequest, status int, code string) {
	t.Helper()
	out := b.send(t, e)
	var p web.Problem
	if err := json.Unmarshal([]byte(out.Body), &p); err != nil {
		t.Fatalf("%v in %s", err, out.Body)
	}
	if p.Detail == "" {
		t.Error("the problem explains nothing")
	}
	want := web.Problem{Type: "about:blank", Title: http.StatusText(status), Status: status, Code: code, Detail: p.Detail, RequestID: webtest.RequestID}
	if diff := cmp.Diff(want, p); diff != "" || out.StatusCode != status {
		t.Errorf("answer %d (-want +got):\n%s", out.StatusCode, diff)
	}
	if ct := out.Headers["Content-Type"]; ct != "application/problem+json" {
		t.Errorf("Content-Type is %q", ct)
	}
	if log := b.logs.String(); !strings.Contains(log, fmt.Sprintf(`"code":%q`, code)) {
		t.Errorf("the log does not say %s: %s", code, log)
	}
}

func TestTableAwayIs503(t *testing.T) {
	b := newBench(t)
	config := dynamotest.Config(t)
	config.BaseEndpoint = new("http://127.0.0.1:1") // nobody listens there
	config.RetryMaxAttempts = 1
	b.leads = table.New(dynamodbClient(config), "away")
	out := b.send(t, event(t, http.MethodGet, "/api/leads"))
	if out.StatusCode != http.StatusServiceUnavailable || out.Headers["Retry-After"] == "" {
		t.Errorf("answer %d %v %s", out.StatusCode, out.Headers, out.Body)
	}
	if strings.Contains(out.Body, "127.0.0.1") {
		t.Errorf("the answer tells about the inside: %s", out.Body)
	}
}

func TestLogsNameNobody(t *testing.T) {
	b := newBench(t)
	b.store(t, ada(t))
	b.get(t, "/api/leads?email=ada@analytical-engines.example")
	b.get(t, "/leads/"+string(ada(t).Key))
	log := b.logs.String()
	if strings.Contains(log, "analytical") || strings.Contains(log, "ops@") {
		t.Errorf("a log line carries an address: %s", log)
	}
	if !strings.Contains(log, `"msg":"request.served"`) || !strings.Contains(log, `"route":"/leads/{key}"`) {
		t.Errorf("log: %s", log)
	}
}
