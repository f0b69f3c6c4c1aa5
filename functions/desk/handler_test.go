package main

import (
	"bytes"
	"encoding/json"
	"html"
	"log/slog"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"github.com/handoff-oss/handoff/infra/dynamodb/dynamotest"
	"github.com/handoff-oss/handoff/shared/access"
	"github.com/handoff-oss/handoff/shared/clock"
	"github.com/handoff-oss/handoff/shared/contract"
	"github.com/handoff-oss/handoff/shared/decision"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/policy/rules"
	"github.com/handoff-oss/handoff/shared/signal"
	"github.com/handoff-oss/handoff/shared/table"
	"github.com/handoff-oss/handoff/shared/web"
	"github.com/handoff-oss/handoff/shared/web/webtest"
)

// monday is ten in the morning of a working day in New York, where the reps of
// the default policy are, and now is five minutes later.
var (
	monday = time.Date(2026, 5, 18, 14, 0, 0, 0, time.UTC)
	now    = monday.Add(5 * time.Minute)
)

// bench is the function on a table of its own.
type bench struct {
	*handler
	t    testing.TB
	at   time.Time
	logs *bytes.Buffer
}

func newBench(t *testing.T) *bench {
	t.Helper()
	client, name := dynamotest.CreateTable(t)
	return benchOn(t, table.New(client, name))
}

func benchOn(tb testing.TB, on *table.Table) *bench {
	tb.Helper()
	pages, err := readPages()
	if err != nil {
		tb.Fatal(err)
	}
	b := &bench{handler: newHandler(on), t: tb, logs: new(bytes.Buffer), at: now}
	b.site = &web.Site{Routes: b.routes(), Pages: pages, Clock: clock.Fixed(now), Log: slog.New(slog.NewJSONHandler(b.logs, nil))}
	return b
}

// later moves the function's clock.
func (b *bench) later(d time.Duration) {
	b.at = b.at.Add(d)
	b.site.Clock = clock.Fixed(b.at)
}

// lead stores a lead of that name that asked for a demo, and returns its key.
func (b *bench) known(name string) signal.LeadKey {
	b.t.Helper()
	address := strings.ToLower(name) + "@" + strings.ToLower(name) + "-works.example"
	s := signal.Signal{
		Source: "typeform", ID: "1", Type: signal.FormSubmitted, OccurredAt: monday, ReceivedAt: monday, Identity: signal.Identity{Email: address},
		Lead:       map[string]string{"email": address, "first_name": name, "company": name + " Works", "title": "CTO"},
		Attributes: map[string]string{"form": "Request a demo"},
	}
	return b.arrives(s)
}

// arrives stores a signal and decides about it, on monday, and returns the key of
// its lead.
func (b *bench) arrives(s signal.Signal) signal.LeadKey {
	b.t.Helper()
	k, err := s.LeadKey()
	if err != nil {
		b.t.Fatal(err)
	}
	if _, err := b.table.PutSignal(b.t.Context(), s); err != nil {
		b.t.Fatal(err)
	}
	b.decideAt(k, monday, s)
	return k
}

// change writes a lead as a decision would.
func (b *bench) change(k signal.LeadKey, how func(*lead.Journey)) {
	b.t.Helper()
	l := b.read(k)
	l.Version++
	how(&l.Journey)
	if err := b.table.Commit(b.t.Context(), table.Change{Lead: l}); err != nil {
		b.t.Fatal(err)
	}
}

// give makes a rep of the pool sales the holder of a lead since monday.
func (b *bench) give(name, rep string) signal.LeadKey {
	b.t.Helper()
	k := b.known(name)
	b.change(k, func(j *lead.Journey) { handTo(j, rep, 1) })
	return k
}

func handTo(j *lead.Journey, rep string, number int) {
	j.Held, j.Stage = nil, lead.HandedOff
	j.StageAt[lead.HandedOff] = monday
	j.Handoff = &lead.Handoff{
		Number: number, Pool: "sales", Rep: rep, RepName: strings.ToUpper(rep), Since: monday, Waits: monday, Tier: "",
		Reason: "asked for a demo", Parts: []contract.Part{{Rule: "demo", Points: 40, Reason: "asked for a demo"}}, HadBy: []string{rep},
	}
	clockOf := func(kind lead.ClockKind, scope lead.ClockScope, hours string, within time.Duration) lead.Clock {
		return lead.Clock{
			Kind: kind, Scope: scope, State: lead.Running, Handoff: number, Hours: hours, Within: within, Base: monday,
			StartedAt: monday, DueAt: monday.Add(within),
		}
	}
	j.Clocks = []lead.Clock{
		clockOf(lead.AcceptClock, lead.HolderScope, policy.HoursHolder, 30*time.Minute),
		clockOf(lead.FirstContactClock, lead.CustomerScope, policy.HoursTeam, 90*time.Minute),
		clockOf(lead.FirstContactClock, lead.HolderScope, policy.HoursHolder, 2*time.Hour),
	}
}

func (b *bench) read(k signal.LeadKey) *lead.Lead {
	b.t.Helper()
	l, err := b.table.Lead(b.t.Context(), k)
	if err != nil {
		b.t.Fatal(err)
	}
	return l
}

// decideAt lets the core apply signals, as the stream would.
func (b *bench) decideAt(k signal.LeadKey, at time.Time, signals ...signal.Signal) {
	b.t.Helper()
	maker := decision.New(b.table, rules.NewLoader(b.table.Policy))
	if _, err := maker.Apply(b.t.Context(), k, signals, at); err != nil {
		b.t.Fatal(err)
	}
}

// settle applies what was answered and ordered and is not applied yet.
func (b *bench) settle(k signal.LeadKey) {
	b.t.Helper()
	for _, s := range b.said(k) {
		b.decideAt(k, b.at, s)
	}
}

// said are the answers and orders of a lead, in the order of their ids.
func (b *bench) said(k signal.LeadKey) []signal.Signal {
	b.t.Helper()
	all, err := b.table.Signals(b.t.Context(), k)
	if err != nil {
		b.t.Fatal(err)
	}
	var out []signal.Signal
	for _, s := range all {
		if s.Source == lead.Respond || s.Source == lead.Operator {
			out = append(out, s)
		}
	}
	return out
}

// Who asks in these tests.
func rep(id string) access.Person {
	who := webtest.Somebody(access.Rep)
	who.Rep, who.Subject = id, "u-"+id
	return who
}

func manager(pools ...string) access.Person {
	who := webtest.Somebody(access.Manager)
	who.Pools = pools
	return who
}

func operator() access.Person { return webtest.Somebody(access.Operator) }

func (b *bench) send(e events.APIGatewayV2HTTPRequest, want int) web.Response {
	b.t.Helper()
	return webtest.Client{TB: b.t, Site: b.site, Logs: b.logs}.Send(e, want)
}

// get returns the body of a page or an answer.
func (b *bench) get(target string, who access.Person, want int) string {
	b.t.Helper()
	return b.send(webtest.Event(b.t, http.MethodGet, target, who), want).Body
}

// submit sends the form of a page as its reader fills it in, and returns where
// that leads, or the page that is shown.
func (b *bench) submit(page, target string, who access.Person, want int, fill ...string) string {
	b.t.Helper()
	fields := url.Values{}
	for _, f := range regexp.MustCompile(`<input type="hidden" name="([^"]+)" value="([^"]*)">`).FindAllStringSubmatch(page, -1) {
		fields.Set(f[1], html.UnescapeString(f[2]))
	}
	for i := 0; i < len(fill); i += 2 {
		fields.Set(fill[i], fill[i+1])
	}
	out := b.send(webtest.Form(b.t, target, who, fields), want)
	if out.StatusCode == http.StatusSeeOther {
		return out.Headers["Location"]
	}
	return out.Body
}

// post sends JSON as a program does, and reads the answer.
func (b *bench) post(target string, who access.Person, body string, want int) map[string]any {
	b.t.Helper()
	who.Token = ""
	e := webtest.Event(b.t, http.MethodPost, target, who)
	e.Body, e.Headers["content-type"] = body, "application/json"
	var doc map[string]any
	if err := json.Unmarshal([]byte(b.send(e, want).Body), &doc); err != nil {
		b.t.Fatal(err)
	}
	return doc
}

// text is what a reader sees of a page.
func text(page string) string {
	_, page, _ = strings.Cut(page, "<main")
	page, _, _ = strings.Cut(page, "</main>")
	plain := regexp.MustCompile(`<[^>]*>`).ReplaceAllString(page, " ")
	return strings.Join(strings.Fields(html.UnescapeString(plain)), " ")
}

func (b *bench) says(page string, words ...string) {
	b.t.Helper()
	for _, w := range words {
		if !strings.Contains(text(page), w) {
			b.t.Errorf("the page does not say %q: %s", w, text(page))
		}
	}
}

func (b *bench) saysNot(page string, words ...string) {
	b.t.Helper()
	for _, w := range words {
		if strings.Contains(text(page), w) {
			b.t.Errorf("the page says %q: %s", w, text(page))
		}
	}
}
