package main

import (
	"context"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/handoff-oss/handoff/shared/answer"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/link"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/signal"
)

func purposes() []link.Purpose {
	return []link.Purpose{link.Accept, link.Reject, link.Contacted, link.Meeting, link.Snooze, link.Comment, link.Feedback}
}

// good is a form of each purpose that lacks nothing.
func good(p link.Purpose) string {
	switch p {
	case link.Reject:
		return "reason=too_early&comment="
	case link.Contacted:
		return "how=call&when=2026-05-18T10:05"
	case link.Meeting:
		return "starts_at=2026-05-21T15:30"
	case link.Snooze:
		return "until=date&date=2026-05-22&reason=customer_asked"
	case link.Comment:
		return "comment=Asked+for+a+quote"
	case link.Feedback:
		return "outcome=good_fit&comment="
	case link.Accept:
	}
	return ""
}

func TestEveryAnswerCountsOnce(t *testing.T) {
	for _, tc := range []struct {
		purpose      link.Purpose
		first, again string
		kind         signal.Type
		attributes   map[string]string
	}{
		{link.Accept, "The lead is yours", "accepted this lead already", signal.RepAccepted, nil},
		{link.Reject, "What follows: back to nurture for 60 days; does not count for you.", "rejected this lead already", signal.RepRejected, map[string]string{"reason": "too_early"}},
		{link.Contacted, "as your own word", "First contact is recorded already", signal.RepContacted, map[string]string{"how": "call", "when": "2026-05-18T14:05:00Z"}},
		{link.Meeting, "It is on Thu 21 May, 15:30.", "meeting is recorded already", signal.MeetingBooked, map[string]string{"booked_by": "rep", "meeting": "1.0", "starts_at": "2026-05-21T19:30:00Z"}},
		{link.Snooze, "They go on at Fri 22 May, 09:00", "snoozed already", signal.RepSnoozed, map[string]string{"until": "2026-05-22T13:00:00Z", "reason": "customer_asked"}},
		{link.Comment, "Your comment is kept", "kept already", signal.RepCommented, map[string]string{"message": "Asked for a quote"}},
		{link.Feedback, "Your feedback is recorded", "recorded already", signal.RepFeedback, map[string]string{"outcome": "good_fit"}},
	} {
		t.Run(string(tc.purpose), func(t *testing.T) {
			b := newBench(t)
			token, later := b.token(tc.purpose), b.nth(tc.purpose, 1)
			b.expect(b.post(token, good(tc.purpose), http.StatusOK), tc.first)
			b.expect(b.post(token, good(tc.purpose), http.StatusOK), tc.again) // not applied yet
			s := b.stored("1." + string(tc.purpose))
			b.apply(s.ID)
			b.expect(b.post(token, good(tc.purpose), http.StatusOK), tc.again)
			b.expect(b.get(token, http.StatusOK), tc.again)
			if n := b.answers(); n != 1 || s.Type != tc.kind {
				t.Errorf("%d answers, %+v", n, s)
			}
			want := map[string]string{"handoff": "1", "rep": "alex"}
			maps.Copy(want, tc.attributes)
			if diff := cmp.Diff(want, s.Attributes); diff != "" {
				t.Errorf("attributes (-want +got):\n%s", diff)
			}
			b.give("bo", 2)
			moved := b.post(later, good(tc.purpose), http.StatusConflict)
			b.expect(moved, "This lead has moved on")
			if strings.Contains(moved, "Ada") || b.answers() != 1 {
				t.Errorf("%d answers; a former holder sees %s", b.answers(), moved)
			}
		})
	}
}

func TestTheCoreTakesTheAnswers(t *testing.T) {
	b := newBench(t)
	for _, p := range []link.Purpose{link.Accept, link.Comment, link.Snooze, link.Contacted, link.Meeting, link.Feedback} {
		b.post(b.token(p), good(p), http.StatusOK)
		b.apply("1." + string(p))
	}
	l := b.lead()
	h := l.Journey.Handoff
	if h.Answer != lead.AnswerContacted || h.Comments != 1 || h.Pauses != 1 || h.Attempts != 2 || h.Outcome != "good_fit" || h.Contact.Word != "rep" || l.Journey.Stage != lead.Meeting {
		t.Errorf("stage %s, handoff %+v", l.Journey.Stage, h)
	}
}

func TestFormsThatLackSomething(t *testing.T) {
	b := newBench(t)
	for _, tc := range []struct {
		name    string
		purpose link.Purpose
		form    string
		says    string
		field   string
	}{
		{"no reason", link.Reject, "reason=&comment=", "Please choose a reason.", "reason"},
		{"a reason of nobody's", link.Reject, "reason=made_up", "Please choose a reason.", "reason"},
		{"another reason without words", link.Reject, "reason=other&comment=+", "in a few words", "comment"},
		{"too much", link.Reject, "reason=other&comment=" + strings.Repeat("x", 1001), "under 1000", "comment"},
		{"no way", link.Contacted, "how=&when=", "how you have contacted", "how"},
		{"still to come", link.Contacted, "how=call&when=2026-05-18T10:06", "still to come", "when"},
		{"before the lead was there", link.Contacted, "how=call&when=2026-05-17T09:59", "more than a day before the lead came to you, Mon 18 May, 10:00", "when"},
		{"no time at all", link.Contacted, "how=call&when=yesterday", "such as 2026-05-18T10:05", "when"},
		{"a meeting in the past", link.Meeting, "starts_at=2026-05-18T09:00", "has passed", "starts_at"},
		{"a meeting far ahead", link.Meeting, "starts_at=2028-05-18T09:00", "more than a year", "starts_at"},
		{"a meeting at no time", link.Meeting, "starts_at=noon", "leave it empty", "starts_at"},
		{"no end", link.Snooze, "", "until when", "until"},
		{"no day", link.Snooze, "until=date&date=&reason=customer_asked", "day on which", "date"},
		{"a day of the past", link.Snooze, "until=date&date=2026-05-18&reason=customer_asked", "has passed", "date"},
		{"a time of the past", link.Snooze, "until=2026-05-18T10:05&reason=customer_asked", "has passed", "until"},
		{"too long", link.Snooze, "until=date&date=2026-06-02&reason=customer_asked", "until Mon 1 Jun, 10:05 at the latest", "date"},
		{"too long by a program", link.Snooze, "until=2026-06-01T14:06:00Z&reason=customer_asked", "at the latest", "until"},
		{"two ends", link.Snooze, "until=2026-05-19T09:00&date=2026-05-20&reason=customer_asked", "leave the day empty", "until"},
		{"no why", link.Snooze, "until=2026-05-19T09:00", "why the lead has to wait", "reason"},
		{"nothing said", link.Comment, "comment=+%0D%0A", "what you want to say", "comment"},
		{"no outcome", link.Feedback, "comment=x", "what became of it", "outcome"},
		{"an outcome of nobody's", link.Feedback, "outcome=superb", "what became of it", "outcome"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			b.t = t
			body := b.post(b.token(tc.purpose), tc.form, http.StatusUnprocessableEntity)
			b.expect(body, tc.says, `role="alert"`, `aria-describedby="problem"`, `name="`+tc.field+`"`)
			if n := strings.Count(body, " autofocus"); n != 1 {
				t.Errorf("%d controls have the cursor", n)
			}
		})
	}
	b.t = t
	if n := b.answers(); n != 0 {
		t.Errorf("%d answers", n)
	}
	b.expect(b.post(b.token(link.Contacted), "how=email&when=2026-05-19T10:06", http.StatusUnprocessableEntity), `value="email" required checked`, `value="2026-05-19T10:06"`)
}

func TestTheLimitOfADay(t *testing.T) {
	b := newBench(t)
	midnight := time.Date(2026, 5, 18, 4, 0, 0, 0, time.UTC) // in New York
	pool, err := b.table.Pool(t.Context(), "sales")
	if err != nil {
		t.Fatal(err)
	}
	reject := func(n int) {
		for range n {
			pool = pool.Reject("alex", midnight)
		}
		pool.Version++
		if err := b.table.PutPool(t.Context(), pool); err != nil {
			t.Fatal(err)
		}
	}
	token := b.token(link.Reject)
	reject(4)
	b.expect(b.get(token, http.StatusOK), "Today you can still reject 1 lead.")
	reject(1)
	b.expect(b.get(token, http.StatusConflict), "You have reached today’s limit", "5 leads today", "This one stays with you", "Morgan Hale")
	b.expect(b.post(token, good(link.Reject), http.StatusConflict), "You have reached today’s limit", "Ada")
	if n := b.answers(); n != 0 {
		t.Errorf("%d answers", n)
	}
	b.expect(b.post(b.token(link.Accept), "", http.StatusOK), "The lead is yours")

	b = newBench(t)
	b.at(midnight.Add(24 * time.Hour))
	fresh, err := b.table.Pool(t.Context(), "sales")
	if err != nil {
		t.Fatal(err)
	}
	pool.Version = fresh.Version + 1
	if err := b.table.PutPool(t.Context(), pool); err != nil {
		t.Fatal(err)
	}
	b.expect(b.post(b.token(link.Reject), good(link.Reject), http.StatusOK), "off your list")
}

func TestPauses(t *testing.T) {
	b := newBench(t)
	b.at(time.Date(2026, 5, 22, 20, 0, 0, 0, time.UTC)) // a Friday; the Monday after is a holiday
	b.expect(b.get(b.token(link.Snooze), http.StatusOK), "The next working morning", "In a week", "Fri 29 May, 09:00", "Fri 5 Jun, 16:00 at the latest", `type="date"`, `max="2026-06-05"`)
	b.at(monday.Add(5 * time.Minute))
	b.expect(b.get(b.token(link.Snooze), http.StatusOK), "Tomorrow morning", `value="2026-05-19T13:00:00Z"`, "Tue 19 May, 09:00", "The customer asked to talk later")

	body := b.post(b.token(link.Snooze), good(link.Snooze), http.StatusOK)
	if strings.Contains(body, "<dt>First contact") {
		t.Errorf("a deadline is shown that does not run: %s", body)
	}
	b.apply("1.snooze")
	b.expect(b.get(b.token(link.Contacted), http.StatusOK), "<dt>First contact</dt><dd>paused until Fri 22 May, 09:00 (")
	second := b.nth(link.Snooze, 1)
	b.post(second, good(link.Snooze), http.StatusOK)
	third := b.nth(link.Snooze, 2)
	b.expect(b.get(third, http.StatusConflict), "cannot wait any longer", "2 times already") // not applied yet
	b.apply("1.snooze.1")
	b.expect(b.post(third, good(link.Snooze), http.StatusConflict), "cannot wait any longer", "Morgan Hale")
	b.expect(b.post(second, good(link.Snooze), http.StatusOK), "snoozed already")
	if n := b.answers(); n != 2 {
		t.Errorf("%d answers", n)
	}

	read := b.h.desk.Policy
	b.h.desk.Policy = func(ctx context.Context, now time.Time) (*answer.Book, error) {
		pol, err := read(ctx, now)
		if err != nil {
			return nil, err
		}
		none, strict := *pol, *pol.Policy
		strict.SLA.Pause.Most, none.Policy = 0, &strict
		return &none, nil
	}
	b.expect(b.post(third, good(link.Snooze), http.StatusConflict), "cannot be paused here")
}

func TestAttemptsAreCounted(t *testing.T) {
	b := newBench(t)
	b.post(b.token(link.Contacted), good(link.Contacted), http.StatusOK)
	body := b.post(b.token(link.Contacted), good(link.Contacted), http.StatusOK) // not applied yet
	next := stepTo(t, body, "I have contacted them again")
	b.expect(b.get(next, http.StatusOK), "Have you contacted them again?")
	b.apply("1.contacted")
	b.expect(b.post(next, "how=email&when=2026-05-18T10:05", http.StatusOK), "The next attempt is recorded")
	b.apply("1.contacted.1")
	b.expect(b.post(next, "", http.StatusOK), "This attempt is recorded already")
	if h := b.lead().Journey.Handoff; h.Attempts != 2 || b.answers() != 2 {
		t.Errorf("%d answers, %+v", b.answers(), h)
	}
	b.at(monday.Add(6 * time.Hour))
	b.expect(b.get(b.nth(link.Contacted, 2), http.StatusOK), "<dt>Next attempt</dt><dd>by ", "10 h 5 min of it working time")
}

// stepTo returns the token of the link with a label.
func stepTo(t *testing.T, body, label string) string {
	t.Helper()
	before, _, found := strings.Cut(body, `">`+label+`</a>`)
	at := strings.LastIndex(before, `href="/r/`)
	if !found || at < 0 {
		t.Fatalf("no link %s in %s", label, body)
	}
	return before[at+len(`href="/r/`):]
}

// Of two answers that exclude each other, in the same moment, one is taken, and
// every page says which.
func TestManyClicksAtOnce(t *testing.T) {
	b := newBench(t)
	links := []string{b.token(link.Accept), b.token(link.Reject)}
	forms := []string{"", good(link.Reject)}
	var status [12]int
	var clicks sync.WaitGroup
	for i := range status {
		clicks.Go(func() {
			e := b.event("post.json", links[i%2])
			e.Body, e.IsBase64Encoded = forms[i%2], false
			out, err := b.h.handle(t.Context(), e)
			if err != nil {
				t.Error(err)
			}
			status[i] = out.StatusCode
		})
	}
	clicks.Wait()
	all, err := b.table.Signals(t.Context(), b.key)
	if err != nil {
		t.Fatal(err)
	}
	if n := b.answers(); n != 1 {
		t.Fatalf("%d answers were taken, the pages said %v", n, status)
	}
	taken := slices.IndexFunc(all, func(s signal.Signal) bool { return s.Source == answer.Source })
	for i, code := range status {
		want := http.StatusConflict
		if (i%2 == 1) == (all[taken].Type == signal.RepRejected) {
			want = http.StatusOK
		}
		if code != want {
			t.Errorf("a page of link %d said %d, and %s was taken", i%2, code, all[taken].Type)
		}
	}
	b.decide(all[taken])
	h := b.lead().Journey.Handoff
	if h.Number == 1 && h.Answer != lead.AnswerAccepted && h.Answer != lead.AnswerRejected {
		t.Errorf("handoff %+v", h)
	}
}

// The lead passes on while its former holder answers: both answers are kept,
// and the core decides by the handoff that each is about.
func TestTwoRepsAtOnce(t *testing.T) {
	b := newBench(t)
	b.post(b.token(link.Accept), "", http.StatusOK)
	b.give("bo", 2)
	b.post(b.token(link.Accept), "", http.StatusOK)
	b.decide(b.stored("1.accept"), b.stored("2.accept"))
	if h := b.lead().Journey.Handoff; b.answers() != 2 || h.Rep != "bo" || h.Answer != lead.AnswerAccepted || h.Number != 2 {
		t.Errorf("%d answers, %+v", b.answers(), h)
	}
}

func TestAnswersWhileTheTableIsAway(t *testing.T) {
	for _, p := range purposes() {
		t.Run(string(p), func(t *testing.T) {
			b := newBench(t)
			token := b.token(p)
			b.h.desk.Table = away(t)
			b.h.desk.Policy = func(context.Context, time.Time) (*answer.Book, error) { return nil, errAway() }
			b.expect(b.get(token, http.StatusServiceUnavailable), "Nothing was changed")
			b.expect(b.post(token, good(p), http.StatusAccepted), "Your answer is kept")
			if len(b.parked) != 1 {
				t.Fatalf("parked %v", b.parked)
			}
			b.unpark()
			b.apply("1." + string(p))
		})
	}
}

func TestReasonsWhileThePolicyIsAway(t *testing.T) {
	b := newBench(t)
	b.h.desk.Policy = func(context.Context, time.Time) (*answer.Book, error) { return nil, errAway() }
	b.expect(b.get(b.token(link.Reject), http.StatusServiceUnavailable), "try again")
	b.post(b.token(link.Reject), url.Values{"reason": {"not an id"}}.Encode(), http.StatusUnprocessableEntity)
	b.expect(b.post(b.token(link.Reject), "reason=too_early", http.StatusOK), "off your list")
	b.expect(b.get(b.token(link.Contacted), http.StatusConflict), "You have rejected this lead")
}

func TestTheSecondPolicyInForce(t *testing.T) {
	b := newBench(t)
	text := strings.ReplaceAll(string(policy.Default()), "per_day: 5", "per_day: 0")
	text = strings.ReplaceAll(text, "id: wrong_team, label: Belongs to another team or region, then: next", "id: wrong_team, label: Belongs to another team or region, then: sales")
	if err := b.table.PutPolicy(t.Context(), "p-2", []byte(text), monday); err != nil {
		t.Fatal(err)
	}
	body := b.get(b.token(link.Reject), http.StatusOK)
	b.expect(body, "Goes to pool sales")
	if strings.Contains(body, "Today you can still") {
		t.Error("a limit is told of where there is none")
	}
	if _, err := answer.NewBook("p", []byte("name: [")); err == nil {
		t.Error("a policy that cannot be read passes")
	}
}
