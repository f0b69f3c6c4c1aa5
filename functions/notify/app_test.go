package main

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sync/errgroup"

	"github.com/handoff-oss/handoff/shared/contract"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/link"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/table"
)

const appPolicy = `
name: tests
sla: {calendar: office, pause: {most: 72h, times: 1}}
calendars: {office: {zone: America/New_York}, berlin: {zone: Europe/Berlin}}
routing:
  fallback: inbound
  link_hours: 24
  rejections: {reasons: [{id: too_early, label: Not now, then: next}, {id: other, label: Something else, then: next}]}
  pools:
    inbound:
      manager: {name: Noor Haddad, email: noor@seller.example, slack: U0NOOR}
      reps:
        - {id: maya, name: Maya Lind, email: maya@seller.example, slack: U0MAYA, calendar: berlin}
        - {id: omar, name: Omar Diaz, email: omar@seller.example}
notifications:
  - {on: lead.handed_off, to: holder, channels: [slack, teams]}
  - {on: lead.reassigned, to: holder, channels: [slack]}
  - {on: clock.warned, to: holder, channels: [slack]}
  - {on: lead.escalated, to: manager, channels: [slack]}
  - {on: lead.escalated, to: holder, channels: [slack]}
  - {on: source.silent, to: operator, channels: [slack]}
operator: {name: Riley Chen, email: riley@seller.example, slack: U0RILEY}
`

// openApp is open with a Slack app and Teams.
func openApp(t *testing.T) *stage {
	t.Helper()
	s := open(t)
	s.world.secret["channels"] = `{"slack":{"webhook_url":"` + s.world.url + `/slack","bot_token":"xoxb-1","signing_secret":["s"],"api_url":"` + s.world.url +
		`/api"},"teams":{"webhook_url":"` + s.world.url + `/teams"}}`
	yaml := []byte(appPolicy)
	if err := s.table.PutPolicy(t.Context(), policy.VersionOf(yaml), yaml, monday); err != nil {
		t.Fatal(err)
	}
	return s
}

// decided stores what a decision made of the lead, with the events as its log.
func (s *stage) decided(t *testing.T, change func(j *lead.Journey), events ...contract.Event) []contract.Event {
	t.Helper()
	l, err := s.table.Lead(t.Context(), leadKey)
	if err != nil {
		t.Fatal(err)
	}
	l.Version++
	change(&l.Journey)
	for i := range events {
		e := &events[i]
		e.ID, e.Lead, e.Time = contract.EventID(leadKey, l.Version, i), leadKey, *s.clock
	}
	log := &lead.LogItem{Key: leadKey, Version: l.Version, At: *s.clock, PolicyVersion: "p-1", Inputs: []string{"tick"}, Entries: events}
	if err := s.table.Commit(t.Context(), table.Change{Lead: l, Log: log}); err != nil {
		t.Fatal(err)
	}
	return events
}

// told hands the events to the function, which settles all of them.
func (s *stage) told(t *testing.T, events ...contract.Event) {
	t.Helper()
	for _, e := range events {
		if again := s.send(t, carry(t, e.ID, e)); len(again) > 0 {
			t.Fatalf("%s is left in the queue\n%s", e.Type, s.log)
		}
	}
}

func event(t contract.EventType, rep string) contract.Event {
	return contract.Event{Type: t, Summary: "What happened.", Detail: contract.Detail{Handoff: &contract.HandoffRef{Number: 1, Pool: "inbound", Rep: rep}}}
}

func handing(j *lead.Journey) { j.Stage, j.Handoff.Answer = lead.HandedOff, lead.AnswerNone }

// shown returns what a request to Slack says.
func shown(t *testing.T, r request) string {
	t.Helper()
	b, err := json.Marshal(r.body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestTheAppTellsThePersonDirectly(t *testing.T) {
	s := openApp(t)
	e := s.decided(t, handing, event(contract.LeadHandedOff, "maya"))
	s.told(t, e...)
	s.told(t, e...)
	posts := s.world.requests("/api/chat.postMessage")
	if len(posts) != 1 || len(s.world.requests("/slack")) != 0 || len(s.world.requests("/teams")) != 1 {
		t.Fatalf("%d direct messages, %d in the channel, %d on Teams; want 1, 0, 1", len(posts), len(s.world.requests("/slack")), len(s.world.requests("/teams")))
	}
	body := shown(t, posts[0])
	for _, purpose := range []link.Purpose{link.Accept, link.Reject, link.Contacted} {
		answer := token(t, purpose, 0)
		if !has(body, answer) {
			t.Errorf("no token to %s in %s", purpose, body)
		}
		if !has(shown(t, s.world.requests("/teams")[0]), "https://handoff.seller.example/r/"+answer) {
			t.Errorf("no link to %s on Teams", purpose)
		}
	}
	if !has(body, `"channel":"U0MAYA"`, `"value":"too_early"`, "New lead for Maya Lind") {
		t.Errorf("maya is told %s", body)
	}
}

func token(t *testing.T, purpose link.Purpose, nth int) string {
	t.Helper()
	token, err := link.Sign(linkKey, link.Claims{Lead: leadKey, Handoff: 1, Rep: "maya", Purpose: purpose, Nth: nth, Expires: monday.Add(24 * time.Hour)})
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func TestWhoHasNoMemberIDIsToldInTheChannel(t *testing.T) {
	s := openApp(t)
	s.told(t, s.decided(t, func(j *lead.Journey) { j.Handoff.Rep, j.Handoff.RepName = "omar", "Omar Diaz" }, event(contract.LeadEscalated, "omar"))...)
	if direct, all := s.world.requests("/api/chat.postMessage"), s.world.requests("/slack"); len(direct) != 1 || len(all) != 1 || direct[0].body["channel"] != "U0NOOR" {
		t.Errorf("%d direct messages, %d in the channel; want one to each\n%s", len(direct), len(all), s.log)
	}
	if !has(s.log.String(), "slack/manager:inbound=sent slack/rep:omar=sent") {
		t.Errorf("the log: %s", s.log)
	}
}

func TestASourceIsToldOfDirectly(t *testing.T) {
	s := openApp(t)
	s.told(t, silent())
	if direct := s.world.requests("/api/chat.postMessage"); len(direct) != 1 || direct[0].body["channel"] != "U0RILEY" {
		t.Errorf("direct messages: %v\n%s", direct, s.log)
	}
}

// Every message that was sent follows the lead, whatever happens to it.
func TestEarlierMessagesStayTrue(t *testing.T) {
	contacted := func(j *lead.Journey) {
		j.Stage, j.Handoff.Answer, j.Handoff.Attempts = lead.Contacted, lead.AnswerContacted, 1
	}
	for _, tc := range []struct {
		event  contract.EventType
		change func(j *lead.Journey)
		says   []string
		open   []link.Purpose
	}{
		{contract.LeadAccepted, func(j *lead.Journey) { j.Stage, j.Handoff.Answer = lead.Accepted, lead.AnswerAccepted }, []string{"accepted the lead by now"}, []link.Purpose{link.Contacted, link.Meeting, link.Snooze}},
		{contract.LeadContacted, contacted, []string{"contacted the lead by now"}, []link.Purpose{link.Meeting, link.Snooze, link.Feedback}},
		{contract.ClockPaused, func(j *lead.Journey) { contacted(j); j.Handoff.Pauses = 1 }, nil, []link.Purpose{link.Meeting, link.Feedback}},
		{contract.LeadRejected, func(j *lead.Journey) { j.Stage, j.Handoff.Answer = lead.Qualified, lead.AnswerRejected }, []string{"Lead no longer with Maya Lind", "rejected the lead"}, nil},
		{contract.LeadReassigned, func(j *lead.Journey) { j.Handoff.Number, j.Handoff.Rep, j.Handoff.RepName = 2, "omar", "Omar Diaz" }, []string{"moved on", "Omar Diaz"}, nil},
		{contract.LeadRecycled, func(j *lead.Journey) { j.Stage, j.Handoff.Answer = lead.Recycled, lead.AnswerRejected }, []string{"gone back to nurture"}, nil},
		{contract.LeadDisqualified, func(j *lead.Journey) { j.Stage, j.Handoff.Answer = lead.Disqualified, lead.AnswerRejected }, []string{"disqualified by now"}, nil},
		{contract.LeadStageChanged, func(j *lead.Journey) { contacted(j); j.Stage, j.Process = lead.Won, lead.Contacted }, []string{"The deal is won by now"}, []link.Purpose{link.Feedback}},
		{contract.LeadEscalated, func(j *lead.Journey) {
			j.Clocks = []lead.Clock{{Kind: lead.AcceptClock, Scope: lead.HolderScope, Handoff: 1, State: lead.Breached, DueAt: monday}}
		}, []string{"16:00 CEST (Europe/Berlin), missed"}, []link.Purpose{link.Accept, link.Reject, link.Contacted}},
	} {
		t.Run(string(tc.event), func(t *testing.T) {
			s := openApp(t)
			s.told(t, s.decided(t, handing, event(contract.LeadHandedOff, "maya"))...)
			s.told(t, s.decided(t, tc.change, event(tc.event, "maya"))...)
			updates := s.world.requests("/api/chat.update")
			if len(updates) == 0 || updates[0].body["channel"] != "DU0MAYA" || updates[0].body["ts"] != "1.000001" {
				t.Fatalf("updates: %v\n%s", updates, s.log)
			}
			body := shown(t, updates[0])
			if !has(body, tc.says...) {
				t.Errorf("want %q in %s", tc.says, body)
			}
			checkOpen(t, body, tc.open)
			if tc.event == contract.LeadContacted && !has(body, token(t, link.Contacted, 1)) {
				t.Error("the next attempt cannot be reported")
			}
		})
	}
}

// checkOpen sees to it that a message carries the first tokens of these
// purposes and of no others.
func checkOpen(t *testing.T, body string, open []link.Purpose) {
	t.Helper()
	for _, purpose := range []link.Purpose{link.Accept, link.Reject, link.Contacted, link.Meeting, link.Snooze, link.Feedback} {
		if got, want := has(body, token(t, purpose, 0)), slices.Contains(open, purpose); got != want {
			t.Errorf("%s is open: %v, want %v", purpose, got, want)
		}
	}
}

func TestAnUpdateIsRetriedAndRepeatedWithoutHarm(t *testing.T) {
	s := openApp(t)
	s.told(t, s.decided(t, handing, event(contract.LeadHandedOff, "maya"))...)
	e := s.decided(t, func(j *lead.Journey) { j.Handoff.Answer = lead.AnswerAccepted }, event(contract.LeadAccepted, "maya"))
	s.world.refuse("/api/chat.update", http.StatusTooManyRequests, "Retry-After", "120")
	m := carry(t, "m1", e[0])
	if again := s.send(t, m); len(again) != 1 || s.hidden()[0] < 120 {
		t.Fatalf("left in the queue %v, hidden for %v", again, s.hidden())
	}
	s.world.allow("/api/chat.update")
	for range 2 {
		if again := s.send(t, redelivered(m)); len(again) > 0 {
			t.Fatalf("left in the queue: %v\n%s", again, s.log)
		}
	}
	updates := s.world.requests("/api/chat.update")
	if len(updates) != 3 || len(s.world.requests("/api/chat.postMessage")) != 1 {
		t.Fatalf("%d updates of %d messages", len(updates), len(s.world.requests("/api/chat.postMessage")))
	}
	if diff := cmp.Diff(updates[1].body, updates[2].body); diff != "" {
		t.Errorf("repeated, the update is another:\n%s", diff)
	}
}

func (s *stage) answerSlack(path, body string) {
	s.world.mu.Lock()
	defer s.world.mu.Unlock()
	s.world.answer[path] = func(w http.ResponseWriter) { _, _ = w.Write([]byte(body)) }
}

func TestAMessageThatIsGoneIsForgotten(t *testing.T) {
	s := openApp(t)
	s.told(t, s.decided(t, handing, event(contract.LeadHandedOff, "maya"))...)
	s.answerSlack("/api/chat.update", `{"ok":false,"error":"message_not_found"}`)
	s.told(t, s.decided(t, func(j *lead.Journey) { j.Handoff.Answer = lead.AnswerAccepted }, event(contract.LeadAccepted, "maya"))...)
	s.told(t, s.decided(t, func(*lead.Journey) {}, event(contract.LeadContacted, "maya"))...)
	if n := len(s.world.requests("/api/chat.update")); n != 1 || !has(s.log.String(), "slack/rep:maya=gone") {
		t.Errorf("%d updates, want the one that found nothing\n%s", n, s.log)
	}
}

func TestErrorsOfTheAppAreJudged(t *testing.T) {
	s := openApp(t)
	e := s.decided(t, handing, event(contract.LeadHandedOff, "maya"))[0]
	s.answerSlack("/api/chat.postMessage", `{"ok":false,"error":"invalid_auth"}`)
	if again := s.send(t, carry(t, "m1", e)); len(again) != 1 {
		t.Errorf("a token that can be put right was given up\n%s", s.log)
	}
	s.answerSlack("/api/chat.postMessage", `{"ok":false,"error":"user_not_found"}`)
	if again := s.send(t, carry(t, "m1", e)); len(again) != 0 || len(s.world.requests("AmazonSQS.SendMessage")) != 1 {
		t.Errorf("left in the queue: %v\n%s", again, s.log)
	}
	s.world.allow("/api/chat.postMessage")
	s.told(t, e)
	if messages, err := s.table.Messages(t.Context(), leadKey); err != nil || len(messages) != 1 {
		t.Errorf("messages kept: %v, %v", messages, err)
	}
}

// The lead is accepted while the message about it is on its way: whoever comes
// last, the message says so in the end.
func TestAMessageThatWasOvertakenIsMadeTrue(t *testing.T) {
	s := openApp(t)
	e := s.decided(t, handing, event(contract.LeadHandedOff, "maya"))
	overtaken := false
	s.world.mu.Lock()
	s.world.answer["/api/chat.postMessage"] = func(w http.ResponseWriter) {
		if !overtaken {
			overtaken = true
			s.told(t, s.decided(t, func(j *lead.Journey) { j.Stage, j.Handoff.Answer = lead.Accepted, lead.AnswerAccepted }, event(contract.LeadAccepted, "maya"))...)
		}
		_, _ = w.Write([]byte(`{"ok":true,"channel":"DU0MAYA","ts":"1.000001"}`))
	}
	s.world.mu.Unlock()
	s.told(t, e...)
	updates := s.world.requests("/api/chat.update")
	if len(updates) != 1 || !has(shown(t, updates[0]), "accepted the lead by now") {
		t.Errorf("updates: %v\n%s", updates, s.log)
	}
}

// Events of a lead are told of at once and in any order: the last word on the
// message is the lead as it is.
func TestConcurrentUpdatesEndWithTheNewestState(t *testing.T) {
	s := openApp(t)
	s.told(t, s.decided(t, handing, event(contract.LeadHandedOff, "maya"))...)
	all := s.decided(t, func(j *lead.Journey) { j.Handoff.Answer = lead.AnswerAccepted }, event(contract.LeadAccepted, "maya"))
	all = append(all, s.decided(t, func(j *lead.Journey) { j.Handoff.Answer, j.Handoff.Attempts = lead.AnswerContacted, 1 }, event(contract.LeadContacted, "maya"))...)
	all = append(all, s.decided(t, func(j *lead.Journey) { j.Stage = lead.Won }, event(contract.LeadStageChanged, "maya"))...)
	var g errgroup.Group
	for _, e := range all {
		g.Go(func() error {
			_, err := s.tell(context.Background(), context.Background(), e)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}
	updates := s.world.requests("/api/chat.update")
	if last := shown(t, updates[len(updates)-1]); !strings.Contains(last, "The deal is won by now") {
		t.Errorf("the last of %d updates says %s", len(updates), last)
	}
}
