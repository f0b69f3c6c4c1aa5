package main

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"go.etcd.io/bbolt"

	"github.com/handoff-oss/handoff/infra/cfn"
	"github.com/handoff-oss/handoff/infra/dynamodb/dynamotest"
	"github.com/handoff-oss/handoff/infra/local/awsapi"
	queues "github.com/handoff-oss/handoff/infra/local/queue"
	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/fetch"
	"github.com/handoff-oss/handoff/shared/health"
	"github.com/handoff-oss/handoff/shared/inbound"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/queue"
	"github.com/handoff-oss/handoff/shared/remote"
	"github.com/handoff-oss/handoff/shared/secret"
	"github.com/handoff-oss/handoff/shared/signal"
	"github.com/handoff-oss/handoff/shared/table"
)

const (
	token   = "the token of the page"
	leadgen = `{"object":"page","entry":[{"id":"1001","time":1772445300,"changes":[
{"field":"leadgen","value":{"leadgen_id":"9007199254740993","page_id":"1001","form_id":"77","created_time":1772445300}}]}]}`
	lead = `{"id":"9007199254740993","created_time":"2026-03-02T09:55:00+0000","field_data":[
{"name":"email","values":["noa@northwind.example"]},{"name":"full_name","values":["Noa Berg"]}]}`
)

var monday = time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)

// stage is the function between the template's own queues and a real table,
// with a provider's API that the test plays.
type stage struct {
	handler
	t      *testing.T
	queues *queues.Queues
	table  *table.Table
	log    *bytes.Buffer
	clock  time.Time
	secret string
	status int
	answer string
	header map[string]string
	asked  []*http.Request
}

func open(t *testing.T) *stage {
	t.Helper()
	s := &stage{t: t, log: &bytes.Buffer{}, clock: monday, status: http.StatusOK, answer: lead}
	provider := httptest.NewServer(s)
	t.Cleanup(provider.Close)
	s.secret = `{"meta":{"access_token":"of no page","pages":{"1001":"` + token + `"},"base_url":"` + provider.URL + `"}}`
	s.queues = s.openQueues()
	api := httptest.NewServer((&awsapi.API{
		Queues: s.queues, Log: slog.New(slog.DiscardHandler),
		Secret: func(string) (string, error) { return s.secret, nil },
	}).Handler())
	t.Cleanup(api.Close)
	cfg := aws.Config{Region: "eu-west-1", BaseEndpoint: &api.URL, Credentials: credentials.NewStaticCredentialsProvider("id", "secret", ""), RetryMaxAttempts: 1}
	client, name := dynamotest.CreateTable(t)
	s.table = table.New(client, name)
	s.handler = handler{
		client: fetch.Client{HTTP: remote.NewClient(fetch.Timeout)},
		access: secret.New(secretsmanager.NewFromConfig(cfg), "fetch"),
		source: policy.NewSourcesLoader(s.table.Policy).Source,
		put:    s.table.PutSignal,
		seen:   health.New(s.table.AddSourceHour).Record,
		queue:  queue.Worked{Client: sqs.NewFromConfig(cfg), URL: "https://sqs.example/" + s.name("FetchQueue"), DeadLetters: "https://sqs.example/" + s.name("FetchDeadLetters")},
		now:    func(context.Context) time.Time { return s.clock },
		log:    slog.New(slog.NewJSONHandler(s.log, nil)),
	}
	return s
}

func (s *stage) openQueues() *queues.Queues {
	s.t.Helper()
	root, err := cfn.Root(".")
	if err != nil {
		s.t.Fatal(err)
	}
	stack, err := cfn.Load(filepath.Join(root, "template.yaml"), cfn.Options{Placeholder: "unset"})
	if err != nil {
		s.t.Fatal(err)
	}
	db, err := bbolt.Open(filepath.Join(s.t.TempDir(), "queues"), 0o600, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = db.Close() })
	all, err := queues.Open(db, stack.Queues, func() time.Time { return s.clock }, func() {})
	if err != nil {
		s.t.Fatal(err)
	}
	return all
}

// name is the name of one of the template's queues.
func (s *stage) name(id string) string { return s.get(id).Name }

func (s *stage) get(id string) *queues.Queue {
	s.t.Helper()
	for _, name := range []string{id, "handoff-" + id} {
		if q, err := s.queues.Get(name); err == nil {
			return q
		}
	}
	s.t.Fatalf("the template has no queue %s", id)
	return nil
}

// ServeHTTP plays the provider.
func (s *stage) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.asked = append(s.asked, r.Clone(context.WithoutCancel(r.Context())))
	for name, value := range s.header {
		w.Header().Set(name, value)
	}
	w.WriteHeader(s.status)
	_, _ = w.Write([]byte(s.answer))
}

// receive parses the webhook and stores its signals as the receiving function does.
func (s *stage) receive() {
	s.t.Helper()
	a, _ := inbound.Lookup("meta")
	d, err := a.Parse(inbound.Request{Method: "POST", Body: []byte(leadgen), ReceivedAt: monday, Kind: inbound.Forms, Source: "meta"})
	if err != nil {
		s.t.Fatal(err)
	}
	put := fetch.Before(queue.New(s.handler.queue.Client, s.handler.queue.URL).Send, s.table.PutSignal)
	for _, one := range d.Signals {
		if _, err := put(s.t.Context(), one); err != nil {
			s.t.Fatal(err)
		}
	}
}

// work hands the queue's messages to the function, as Lambda does, and returns
// how many there were.
func (s *stage) work() int {
	s.t.Helper()
	q := s.get("FetchQueue")
	batch, err := q.Receive(10, -1)
	if err != nil {
		s.t.Fatal(err)
	}
	var e events.SQSEvent
	for _, m := range batch {
		e.Records = append(e.Records, events.SQSMessage{
			MessageId: m.ID, Body: m.Body, ReceiptHandle: m.Receipt, Attributes: map[string]string{"ApproximateReceiveCount": strconv.Itoa(m.Receives)},
		})
	}
	out, err := s.handle(s.t.Context(), e)
	if err != nil {
		s.t.Fatal(err)
	}
	failed := map[string]bool{}
	for _, f := range out.BatchItemFailures {
		failed[f.ItemIdentifier] = true
	}
	for _, m := range batch {
		if !failed[m.ID] {
			if err := q.Delete(m.Receipt); err != nil {
				s.t.Fatal(err)
			}
		}
	}
	return len(batch)
}

// count is how many messages a queue has.
func (s *stage) count(id string) int {
	visible, delayed, inFlight := s.get(id).Counts()
	return visible + delayed + inFlight
}

// hidden is for how long the next message cannot be received; 0 when there is none.
func (s *stage) hidden() time.Duration {
	at, ok := s.get("FetchQueue").NextVisible()
	if !ok {
		return 0
	}
	return at.Sub(s.clock)
}

// signals are those of a lead with that address.
func (s *stage) signals(address string) []signal.Signal {
	s.t.Helper()
	key, err := signal.KeyOfEmail(address)
	if err != nil {
		s.t.Fatal(err)
	}
	all, err := s.table.Signals(s.t.Context(), key)
	if err != nil {
		s.t.Fatal(err)
	}
	return all
}

// last is the last line of the log.
func (s *stage) last() map[string]any {
	s.t.Helper()
	lines := strings.Split(strings.TrimSpace(s.log.String()), "\n")
	var line map[string]any
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &line); err != nil {
		s.t.Fatal(err)
	}
	return line
}

func TestAThinLeadIsCompletedOnce(t *testing.T) {
	s := open(t)
	s.receive()
	if n := s.work(); n != 1 {
		t.Fatalf("%d requests", n)
	}
	got := s.signals("noa@northwind.example")
	if len(got) != 1 || got[0].ID != "9007199254740993#fetched" || got[0].Type != signal.FormSubmitted || got[0].Lead["first_name"] != "Noa" ||
		!got[0].ReceivedAt.Equal(monday) || !got[0].OccurredAt.Equal(monday.Add(-5*time.Minute)) {
		t.Errorf("%+v", got)
	}
	if len(s.asked) != 1 || s.asked[0].URL.Path != "/9007199254740993" || s.asked[0].Header.Get("Authorization") != "Bearer "+token || strings.Contains(s.asked[0].URL.String(), "token") {
		t.Errorf("asked %v", s.asked)
	}
	s.receive() // the provider sends again
	s.work()
	if got := s.signals("noa@northwind.example"); len(got) != 1 || s.last()["outcome"] != "duplicate" || s.count("FetchQueue")+s.count("FetchDeadLetters") != 0 {
		t.Errorf("%d signals, %v", len(got), s.last())
	}
	if log := s.log.String(); strings.Contains(log, "noa") || strings.Contains(log, token) || strings.Contains(log, "9007199254740993") {
		t.Errorf("the log names somebody: %s", log)
	}
}

func TestWhatMayPassComesBack(t *testing.T) {
	for _, c := range []struct {
		name   string
		status int
		answer string
		header map[string]string
		secret string
		least  time.Duration
		most   time.Duration
	}{
		{"limit of calls", 429, "{}", map[string]string{"Retry-After": "120"}, "", 2 * time.Minute, 3 * time.Minute},
		{"limit, as Meta says it", 400, `{"error":{"code":4}}`, nil, "", time.Second, queue.FirstWait},
		{"away", 503, "", nil, "", time.Second, queue.FirstWait},
		{"token expired", 400, `{"error":{"code":190}}`, nil, "", time.Second, queue.FirstWait},
		{"no token", 200, lead, nil, `{}`, time.Second, queue.FirstWait},
		{"an empty token", 200, lead, nil, `{"meta":{}}`, time.Second, queue.FirstWait},
		{"a secret that is none", 200, lead, nil, `no JSON`, time.Second, queue.FirstWait},
		{"not https", 200, lead, nil, `{"meta":{"access_token":"x","base_url":"http://graph.example"}}`, time.Second, queue.FirstWait},
		{"no such record yet", 404, "", nil, "", time.Second, queue.FirstWait},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := open(t)
			s.status, s.answer, s.header = c.status, c.answer, c.header
			good := s.secret
			if c.secret != "" {
				s.secret = c.secret
			}
			s.receive()
			s.work()
			if pause := s.hidden(); pause < c.least || pause > c.most {
				t.Errorf("hidden for %v; %v", pause, s.last())
			}
			if s.last()["outcome"] != "again" || s.last()["level"] != "WARN" || s.last()["error"] == "" {
				t.Errorf("%v", s.last())
			}
			// Repaired, it goes on by itself; a secret is read again after a minute.
			s.status, s.answer, s.header, s.secret = 200, lead, nil, good
			s.clock = s.clock.Add(5 * time.Minute)
			s.work()
			if got := s.signals("noa@northwind.example"); len(got) != 1 {
				t.Errorf("%d signals; %v", len(got), s.last())
			}
		})
	}
}

// Without a token a request waits for a few hours and then lies among the dead
// letters, where an alarm finds it.
func TestARequestThatNobodyCanAnswerStaysVisible(t *testing.T) {
	s := open(t)
	s.secret = "{}"
	s.receive()
	start, tries := s.clock, 0
	for s.count("FetchDeadLetters") == 0 && tries < 100 {
		tries += s.work()
		s.clock = s.clock.Add(17 * time.Minute)
	}
	if tries != 20 || s.clock.Sub(start) < 3*time.Hour || s.count("FetchQueue") != 0 || s.count("FetchDeadLetters") != 1 {
		t.Errorf("%d tries in %v, %d left, %d dead", tries, s.clock.Sub(start), s.count("FetchQueue"), s.count("FetchDeadLetters"))
	}
	if hours, err := s.table.SourceHours(t.Context(), "meta", 10); err != nil || len(hours) == 0 || !strings.HasPrefix(hours[0].Error, "fetch_failed: the secret of the APIs has nothing") {
		t.Errorf("%+v %v", hours, err)
	}
	if why, _ := s.last()["error"].(string); !strings.Contains(why, `nothing for the source "meta"`) {
		t.Errorf("%v", s.last())
	}
}

func TestWhatIsHopelessIsBuriedAtOnce(t *testing.T) {
	for name, prepare := range map[string]func(*stage){
		"an answer about another lead": func(s *stage) { s.answer = `{"id":"1","field_data":[]}` },
		"an answer that is none":       func(s *stage) { s.answer = "<html>" },
		"a wrong parameter":            func(s *stage) { s.status, s.answer = 400, `{"error":{"code":100}}` },
		"a redirect":                   func(s *stage) { s.status, s.header = 302, map[string]string{"Location": "http://169.254.169.254/"} },
	} {
		s := open(t)
		prepare(s)
		s.receive()
		s.work()
		if s.count("FetchQueue") != 0 || s.count("FetchDeadLetters") != 1 || s.last()["level"] != "ERROR" {
			t.Errorf("%s: %d left, %d dead, %v", name, s.count("FetchQueue"), s.count("FetchDeadLetters"), s.last())
		}
	}
	s := open(t)
	for _, body := range []string{"no request", `{"signal":{"source":"meta","id":"1"}}`, `{"signal":{"source":"meta","id":"1","attributes":{"fetch":"meta_lead","leadgen_id":"../me"}}}`} {
		if err := queue.New(s.handler.queue.Client, s.handler.queue.URL).Send(t.Context(), body); err != nil {
			t.Fatal(err)
		}
	}
	s.work()
	if s.count("FetchDeadLetters") != 3 || len(s.asked) != 0 {
		t.Errorf("%d dead, asked %v", s.count("FetchDeadLetters"), s.asked)
	}
}

func TestOtherEnds(t *testing.T) {
	for _, c := range []struct {
		outcome string
		secret  string
		status  int
		rounds  int
	}{{"skipped", `{"meta":{"skip":true}}`, 200, 1}, {"gone", "", 404, goneAfter}} {
		s := open(t)
		if c.secret != "" {
			s.secret = c.secret
		}
		s.status = c.status
		s.receive()
		for range c.rounds {
			s.work()
			s.clock = s.clock.Add(20 * time.Minute)
		}
		if s.last()["outcome"] != c.outcome || s.count("FetchQueue")+s.count("FetchDeadLetters") != 0 {
			t.Errorf("%s: %v", c.outcome, s.last())
		}
	}
}

func TestATableThatIsAwayKeepsTheRequest(t *testing.T) {
	s := open(t)
	s.receive()
	s.put = func(context.Context, signal.Signal) (bool, error) { return false, fault.New(fault.Unavailable, "away") }
	s.work()
	if s.count("FetchQueue") != 1 || s.last()["outcome"] != "again" {
		t.Errorf("%v", s.last())
	}
}
