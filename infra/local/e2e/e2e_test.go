// Package e2e starts the local stack with its real binaries and looks at it
// from outside: every provider's webhook, the way to the message, the clocks,
// and what is left after processes were killed in the middle of it all.
package e2e

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/handoff-oss/handoff/infra/stack"
)

// world is a running stack with what the test knows of it.
type world struct {
	*stack.Process
	t    *testing.T
	keys map[string]string
	logs string // folder of what the functions log
}

func start(t *testing.T) world {
	t.Helper()
	return startUnder(t)
}

// startUnder starts a stack under the default policy with some edits.
func startUnder(t *testing.T, edits ...stack.Edit) world {
	t.Helper()
	if len(edits) == 0 {
		return startWith(t, "")
	}
	file, err := stack.WritePolicy(t.TempDir(), edits...)
	if err != nil {
		t.Fatal(err)
	}
	return startWith(t, file)
}

// startWith starts a stack under the policy of a file, "" for the default one.
func startWith(t *testing.T, rules string) world {
	t.Helper()
	dir := t.TempDir()
	secrets, byName, err := stack.NewKeys(dir)
	if err != nil {
		t.Fatal(err)
	}
	log, err := os.Create(filepath.Join(dir, "stack.log"))
	if err != nil {
		t.Fatal(err)
	}
	p, err := stack.Start(t.Context(), stack.Options{Data: filepath.Join(dir, "data"), Secrets: secrets, Policy: rules, Output: log})
	if err != nil {
		text, _ := os.ReadFile(log.Name())
		t.Fatalf("%v\n%s", err, text)
	}
	t.Cleanup(func() {
		if err := p.Stop(); err != nil {
			t.Error(err)
		}
		if t.Failed() {
			text, _ := os.ReadFile(log.Name())
			t.Logf("the stack said:\n%s", text)
		}
	})
	return world{Process: p, t: t, keys: byName, logs: filepath.Join(dir, "data", "logs")}
}

func (w world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// send posts webhooks until they are accepted, as providers do.
func (w world) send(hooks ...stack.Webhook) {
	w.t.Helper()
	for _, h := range hooks {
		w.must(w.deliver(w.t.Context(), h))
	}
}

// deliver posts a webhook until it is accepted.
func (w world) deliver(ctx context.Context, h stack.Webhook) error {
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	for try := 0; ; try++ {
		r, err := w.Send(ctx, h, w.keys[h.Source])
		if err == nil && r.OK() {
			return nil
		}
		if try == 150 {
			return errors.Join(err, fmt.Errorf("%s was not accepted: %d %s", h.Source, r.Status, r.Body))
		}
		<-tick.C
	}
}

func (w world) idle() {
	w.t.Helper()
	w.must(w.Idle(w.t.Context()))
}

func (w world) find(email string) stack.Lead {
	w.t.Helper()
	l, ok, err := w.Find(w.t.Context(), email)
	w.must(err)
	if !ok {
		w.t.Fatalf("no lead %s", email)
	}
	for name, s := range map[string]struct {
		score float64
		parts []stack.Part
	}{"fit": {l.Fit.Score, l.Fit.Parts}, "engagement": {l.Engagement.Score, l.Engagement.Parts}} {
		sum := 0.0
		for _, p := range s.parts {
			sum += p.Points
		}
		if sum != s.score {
			w.t.Errorf("%s: the parts of %s sum to %v, it is %v", email, name, sum, s.score)
		}
	}
	return l
}

// told returns the events of a lead with one of these types, each "type kind".
func (w world) told(l stack.Lead, types ...string) []stack.Event {
	w.t.Helper()
	all, err := w.Events(w.t.Context(), l.Key)
	w.must(err)
	return slices.DeleteFunc(all, func(e stack.Event) bool { return !slices.Contains(types, e.Type) })
}

func (w world) messages(l stack.Lead, event string) []stack.Message {
	w.t.Helper()
	all, err := w.Outbox(w.t.Context(), l.Key)
	w.must(err)
	return slices.DeleteFunc(all, func(m stack.Message) bool { return m.Event.Type != event })
}

func person(i int, name string) stack.Person {
	return stack.Person{
		Email: fmt.Sprintf("%s%d@company%d.example", name, i, i), FirstName: name, LastName: "Tester",
		Company: "Company " + fmt.Sprint(i), Title: "CTO", Phone: "+1 212 555 0100",
	}
}

// deliveries are signed payloads of every provider.
func deliveries(at time.Time) []stack.Webhook {
	return []stack.Webhook{
		stack.Typeform(person(1, "typeform"), "Request a demo", "e2e-tf-1", at),
		stack.HubSpotWorkflow(person(2, "hubspot"), "9001", at),
		stack.HubSpotApp(9002, 77, at),
		stack.Segment(person(3, "segment"), "Pricing Page Viewed", "e2e-seg-1", at),
		stack.SegmentBatch([]stack.Person{person(4, "batch"), person(5, "batch")}, "Trial Started", "e2e-seg-2", at),
		stack.SendGrid(person(6, "sendgrid"), "e2e-sg-1", at),
		stack.Standard(person(7, "standard"), "Request a demo", "msg_e2e_1", at),
		stack.HTML(person(8, "html"), "Contact sales"),
	}
}

func emails() []string {
	return []string{
		person(1, "typeform").Email, person(2, "hubspot").Email, person(3, "segment").Email, person(4, "batch").Email,
		person(5, "batch").Email, person(6, "sendgrid").Email, person(7, "standard").Email, person(8, "html").Email,
	}
}

// requests are the addresses whose webhooks ask for sales.
func requests() []string {
	return []string{person(1, "typeform").Email, person(7, "standard").Email, person(8, "html").Email}
}

func TestEveryProviderReachesItsEnd(t *testing.T) {
	w := start(t)
	monday := w.moveToMondayMorning()
	hooks := deliveries(monday)
	w.send(hooks...)
	w.idle()
	for _, email := range requests() {
		w.checkHandoff(email)
	}
	if l := w.find(person(3, "segment").Email); l.Stage == "handed_off" || l.Engagement.Score == 0 {
		t.Errorf("one visit: stage %s, engagement %v", l.Stage, l.Engagement.Score)
	}
	before := w.facts()
	slices.Reverse(hooks)
	w.send(append(hooks, hooks...)...)
	w.idle()
	w.compare("the same payloads twice more, in another order", before)
	w.checkClocks(person(1, "typeform").Email)
	w.checkLogs()

	killed := start(t)
	killed.deliverAmongKills(deliveries(killed.moveToMondayMorning()))
	killed.compare("the same payloads shuffled, twice, with processes killed in between", before)
}

// deliverAmongKills sends every webhook twice, shuffled, and kills one process
// after another in the middle.
func (w world) deliverAmongKills(hooks []stack.Webhook) {
	w.t.Helper()
	twice := append(slices.Clone(hooks), hooks...)
	rand.Shuffle(len(twice), func(i, j int) { twice[i], twice[j] = twice[j], twice[i] })
	victims := []string{"decide", "publish", "notify", "dynamodb", "decide"}
	for i, h := range twice {
		w.send(h)
		if i%3 == 1 && len(victims) > 0 {
			w.kill(victims[0])
			victims = victims[1:]
		}
	}
	w.idle()
}

// moveToMondayMorning moves to a Monday, 10:30 in New York, where the default policy's office is.
func (w world) moveToMondayMorning() time.Time {
	w.t.Helper()
	now, err := w.Now(w.t.Context())
	w.must(err)
	day := now.AddDate(0, 0, 1)
	for day.Weekday() != time.Monday {
		day = day.AddDate(0, 0, 1)
	}
	monday := time.Date(day.Year(), day.Month(), day.Day(), 15, 30, 0, 0, time.UTC)
	w.must(w.MoveTo(w.t.Context(), monday))
	return monday
}

// checkHandoff checks one handoff and exactly one notification on each channel.
func (w world) checkHandoff(email string) {
	w.t.Helper()
	l := w.find(email)
	if l.Stage != "handed_off" || l.Handoff == nil || l.Handoff.Reason == "" {
		w.t.Errorf("%s: stage %s, handoff %+v", email, l.Stage, l.Handoff)
	}
	ids := map[string]bool{}
	for _, e := range w.told(l, "lead.handed_off") {
		ids[e.ID] = true
	}
	if len(ids) != 1 {
		w.t.Errorf("%s: handed off under %d ids", email, len(ids))
	}
	channels := map[string]int{}
	for _, m := range w.messages(l, "lead.handed_off") {
		channels[m.Channel+" "+m.To]++
	}
	if len(channels) == 0 {
		w.t.Errorf("%s: nobody was told", email)
	}
	for channel, n := range channels {
		if n != 1 {
			w.t.Errorf("%s: %s was told %d times", email, channel, n)
		}
	}
}

// checkClocks lets the accept clock of a lead run out.
func (w world) checkClocks(email string) {
	w.t.Helper()
	accept, ok := w.find(email).Running("accept")
	if !ok {
		w.t.Fatalf("%s: no accept clock runs", email)
	}
	w.must(w.MoveTo(w.t.Context(), accept.DueAt.Add(2*time.Minute)))
	w.idle()
	var order []string
	for _, e := range w.told(w.find(email), "clock.warned", "clock.breached", "lead.escalated") {
		if e.Detail.Clock != nil && e.Detail.Clock.Kind == "accept" {
			order = append(order, e.Type)
		}
	}
	if got := strings.Join(order, " "); got != "clock.warned clock.breached lead.escalated" {
		w.t.Errorf("told %q", got)
	}
}

// checkLogs looks for personal data in everything that the functions logged.
func (w world) checkLogs() {
	w.t.Helper()
	files, err := filepath.Glob(filepath.Join(w.logs, "*.log"))
	w.must(err)
	lines := 0
	for _, f := range files {
		text, err := os.ReadFile(f)
		w.must(err)
		lines += strings.Count(string(text), "\n")
		for _, personal := range append(emails(), "Tester", "+1 212 555", "Company 1") {
			if strings.Contains(string(text), personal) {
				w.t.Errorf("%s holds %q", filepath.Base(f), personal)
			}
		}
	}
	if lines < len(emails()) {
		w.t.Errorf("only %d lines of log were found in %s", lines, w.logs)
	}
}

// facts renders what the signals of every lead say, without what depends on the moment.
func (w world) facts() map[string]string {
	w.t.Helper()
	out := map[string]string{}
	for _, email := range emails() {
		l := w.find(email)
		told := map[string]bool{} // by what the recipient sees: a repeat after a kill has the same id
		for _, m := range w.messages(l, "lead.handed_off") {
			told[m.Channel+" "+strings.TrimPrefix(m.Event.ID, l.Key)] = true
		}
		out[email] = fmt.Sprintf("%s fit %s %v engagement %v %v, told on %d channels", l.Stage, l.Fit.Grade, l.Fit.Score, l.Engagement.Score, l.Engagement.Parts, len(told))
	}
	return out
}

func (w world) compare(what string, want map[string]string) {
	w.t.Helper()
	got := w.facts()
	for _, email := range slices.Sorted(maps.Keys(want)) {
		if got[email] != want[email] {
			w.t.Errorf("%s: %s\n  was %s\n  is  %s", what, email, want[email], got[email])
		}
	}
}

// Killing any process in the middle loses nothing and repeats nothing, but for
// the one repeat that a killed notify can leave, which carries the same id.
func TestKilledProcessesLoseAndRepeatNothing(t *testing.T) {
	w := start(t)
	monday := w.moveToMondayMorning()
	victims := []string{"decide", "dynamodb", "publish", "notify"}
	const leads = 24
	for i := range leads {
		w.send(stack.Typeform(person(100+i, "chaos"), "Request a demo", fmt.Sprintf("e2e-chaos-%d", i), monday))
		if i%6 == 3 {
			w.kill(victims[i/6])
		}
	}
	w.idle()
	repeats := 0
	for i := range leads {
		email := person(100+i, "chaos").Email
		l := w.find(email)
		ids, effects := map[string]bool{}, map[string]int{}
		for _, e := range w.told(l, "lead.handed_off") {
			ids[e.ID] = true
		}
		for _, m := range w.messages(l, "lead.handed_off") {
			ids[m.Event.ID] = true
			effects[m.Channel+" "+m.To]++
		}
		if l.Stage != "handed_off" || len(ids) != 1 || len(effects) == 0 {
			t.Errorf("%s: stage %s, %d ids, effects %v", email, l.Stage, len(ids), effects)
		}
		for _, n := range effects {
			repeats += n - 1
		}
	}
	if repeats > 1 {
		t.Errorf("%d messages were repeated; one kill of notify explains one", repeats)
	}
}

func (w world) kill(name string) {
	w.t.Helper()
	h, err := w.Health(w.t.Context())
	w.must(err)
	pids := h.Processes[name]
	if len(pids) == 0 && name != "notify" {
		w.t.Fatalf("the stack names no process of %s: %v", name, h.Processes)
	}
	for _, pid := range pids {
		if err := syscall.Kill(pid, syscall.SIGKILL); err != nil && !errors.Is(err, syscall.ESRCH) {
			w.t.Fatal(err)
		}
	}
}
