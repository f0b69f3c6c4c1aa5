package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/handoff-oss/handoff/infra/dynamodb/dynamotest"
	"github.com/handoff-oss/handoff/shared/answer"
	"github.com/handoff-oss/handoff/shared/clock"
	"github.com/handoff-oss/handoff/shared/contract"
	"github.com/handoff-oss/handoff/shared/decision"
	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/inbox"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/link"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/policy/rules"
	"github.com/handoff-oss/handoff/shared/remote"
	"github.com/handoff-oss/handoff/shared/secret"
	"github.com/handoff-oss/handoff/shared/signal"
	"github.com/handoff-oss/handoff/shared/table"
)

const (
	linkKey       = "a key for links"
	signingSecret = "Slack's secret"
)

// monday is ten in the morning of a working day in New York, where the reps of
// the default policy are.
var monday = time.Date(2026, 5, 18, 14, 0, 0, 0, time.UTC)

// bench is the function on a table of its own, with one lead handed off.
type bench struct {
	t      *testing.T
	h      handler
	table  *table.Table
	key    signal.LeadKey
	parked []string
	logs   *bytes.Buffer

	slackURL string // of whoever plays Slack
}

func newBench(t *testing.T) *bench {
	t.Helper()
	client, name := dynamotest.CreateTable(t)
	pages, err := readPages()
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{t: t, table: table.New(client, name), logs: new(bytes.Buffer)}
	b.h = handler{
		desk: desk{
			Desk: answer.Desk{
				Table: b.table,
				Park: func(_ context.Context, bodies ...string) error {
					b.parked = append(b.parked, bodies...)
					return nil
				},
				Policy: answer.Current(policy.NewLoader(b.table.Policy, answer.NewBook).Current, b.table.Roster),
				Limits: answer.Patient(),
			},
			keys: func(context.Context, time.Time) ([]string, error) { return []string{linkKey, "an older key"}, nil },
		},
		channels: func(context.Context, time.Time) (c channels, err error) {
			c.Slack.SigningSecret = secret.Keys{signingSecret, "an older secret"}
			c.Slack.APIURL = b.slackURL
			return c, nil
		},
		http:  remote.NewClient(time.Second),
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
	b.give("alex", 1)
	return b
}

// give makes a rep the holder of the lead, by a handoff of that number that
// began at monday, whomever the rules would have chosen.
func (b *bench) give(rep string, number int) {
	b.t.Helper()
	l, err := b.table.Lead(b.t.Context(), b.key)
	if err != nil {
		b.t.Fatal(err)
	}
	l.Version++
	l.Journey.Held = nil
	l.Journey.Stage, l.Journey.StageAt[lead.HandedOff] = lead.HandedOff, monday
	l.Journey.Handoff = &lead.Handoff{
		Number: number, Pool: "sales", Rep: rep, RepName: strings.ToUpper(rep), Since: monday, Waits: monday,
		Reason: "asked for a demo", Parts: []contract.Part{{Rule: "demo", Points: 40, Reason: "asked for a demo"}}, HadBy: []string{rep},
	}
	clockOf := func(kind lead.ClockKind, scope lead.ClockScope, hours string, within time.Duration) lead.Clock {
		return lead.Clock{
			Kind: kind, Scope: scope, State: lead.Running, Handoff: number, Hours: hours, Within: within, Base: monday,
			StartedAt: monday, DueAt: monday.Add(within),
		}
	}
	l.Journey.Clocks = []lead.Clock{
		clockOf(lead.AcceptClock, lead.HolderScope, policy.HoursHolder, 30*time.Minute),
		clockOf(lead.FirstContactClock, lead.CustomerScope, policy.HoursTeam, 90*time.Minute),
		clockOf(lead.FirstContactClock, lead.HolderScope, policy.HoursHolder, 2*time.Hour),
	}
	if err := b.table.Commit(b.t.Context(), table.Change{Lead: l}); err != nil {
		b.t.Fatal(err)
	}
}

// at moves the function's clock.
func (b *bench) at(now time.Time) { b.h.clock = clock.Fixed(now) }

func (b *bench) now() time.Time { return b.h.clock(b.t.Context()) }

// decide lets the core apply signals, as the stream would.
func (b *bench) decide(signals ...signal.Signal) {
	b.t.Helper()
	maker := decision.New(b.table, rules.NewLoader(b.table.Policy))
	if _, err := maker.Apply(b.t.Context(), b.key, signals, b.now()); err != nil {
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
func (b *bench) token(p link.Purpose) string { return b.nth(p, 0) }

// nth signs a later link of a purpose.
func (b *bench) nth(p link.Purpose, n int) string {
	b.t.Helper()
	h := b.lead().Journey.Handoff
	token, err := link.Sign(linkKey, link.Claims{Lead: b.key, Handoff: h.Number, Rep: h.Rep, Purpose: p, Nth: n, Expires: monday.AddDate(0, 0, 7)})
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
		b.t.Fatalf("%s: status %d, want %d: %s", e.RequestContext.HTTP.Method, out.StatusCode, want, out.Body[max(0, strings.Index(out.Body, "<main")):])
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
			b.t.Errorf("%q is missing in %s", w, text[max(0, strings.Index(text, "<main")):])
		}
	}
}

// answers counts the rep's answers in the inbox.
func (b *bench) answers() int {
	b.t.Helper()
	all, err := b.table.Signals(b.t.Context(), b.key)
	if err != nil {
		b.t.Fatal(err)
	}
	return len(all) - 1
}

// away is a table that nobody answers for.
func away(t *testing.T) *table.Table {
	t.Helper()
	return tableAt(t, "http://127.0.0.1:1") // nothing listens there
}

func tableAt(t *testing.T, address string) *table.Table {
	t.Helper()
	cfg := dynamotest.Config(t)
	cfg.BaseEndpoint = aws.String(address)
	cfg.RetryMaxAttempts = 1
	return table.New(dynamodb.NewFromConfig(cfg), "away")
}

func errAway() error { return fault.New(fault.Unavailable, "away") }

// unpark stores what was parked, as the function behind the queue does.
func (b *bench) unpark() {
	b.t.Helper()
	for _, body := range b.parked {
		stored, err := inbox.StoreMessage(b.t.Context(), b.table.PutSignal, b.table.PutSignalFor, body)
		if err != nil || stored.New != 1 {
			b.t.Fatalf("stored %+v, %v", stored, err)
		}
	}
}
