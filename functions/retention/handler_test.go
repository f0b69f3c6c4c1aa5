package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/smithy-go/middleware"

	"github.com/handoff-oss/handoff/infra/dynamodb/dynamotest"
	"github.com/handoff-oss/handoff/shared/clock"
	"github.com/handoff-oss/handoff/shared/decision"
	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/policy/rules"
	"github.com/handoff-oss/handoff/shared/privacy"
	"github.com/handoff-oss/handoff/shared/signal"
	"github.com/handoff-oss/handoff/shared/table"
)

var monday = time.Date(2026, 3, 2, 14, 0, 0, 0, time.UTC)

// stack is a table whose policy keeps leads for so many days, and the function.
type stack struct {
	*table.Table
	handler handler
	client  *dynamodb.Client
	name    string
	log     *bytes.Buffer
}

func open(t *testing.T, days int) stack {
	t.Helper()
	client, name := dynamotest.CreateTable(t)
	s := stack{Table: table.New(client, name), client: client, name: name, log: &bytes.Buffer{}}
	text := strings.Replace(string(policy.Default()), "leads_days: 0", fmt.Sprint("leads_days: ", days), 1)
	must(t, s.PutPolicy(t.Context(), policy.VersionOf([]byte(text)), []byte(text), monday.AddDate(-5, 0, 0)))
	s.handler = s.on(s.Table)
	return s
}

func (s stack) on(tab *table.Table) handler {
	return handler{
		table: tab, maker: decision.New(tab, rules.NewLoader(tab.Policy)), most: mostErased, now: clock.Fixed(monday), log: slog.New(slog.NewJSONHandler(s.log, nil)),
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// visit is of somebody who only looks; request is of somebody whom a rep gets.
func visit(who string, at time.Time) signal.Signal {
	return signal.Signal{
		Source: "segment", ID: who, Type: signal.PageViewed, OccurredAt: at, ReceivedAt: at,
		Identity: signal.Identity{Email: who + "@engines.example", AnonymousID: "browser-of-" + who},
	}
}

func request(who string, at time.Time) signal.Signal {
	s := visit(who, at)
	s.Source, s.Type, s.Attributes = "typeform", signal.FormSubmitted, map[string]string{"form": "Request a demo"}
	s.Lead = map[string]string{"first_name": "Adalbertina", "last_name": "Lovelacerson", "company": "Engines Ltd", "phone": "+44 20 7946 0018"}
	return s
}

func (s stack) hears(t *testing.T, signals ...signal.Signal) {
	t.Helper()
	for _, sig := range signals {
		k, err := sig.LeadKey()
		must(t, err)
		_, err = s.PutSignal(t.Context(), sig)
		must(t, err)
		_, err = s.handler.maker.Apply(t.Context(), k, []signal.Signal{sig}, sig.ReceivedAt)
		must(t, err)
	}
}

// runs lets the function run at a time, and returns its log line.
func (s stack) runs(t *testing.T, at time.Time) string {
	t.Helper()
	s.log.Reset()
	s.handler.now = clock.Fixed(at)
	must(t, s.handler.handle(t.Context()))
	return s.log.String()
}

func (s stack) has(t *testing.T, who string) bool {
	t.Helper()
	k, err := signal.KeyOfEmail(who + "@engines.example")
	must(t, err)
	_, err = s.Lead(t.Context(), k)
	if err != nil && fault.KindOf(err) != fault.NotFound {
		t.Fatal(err)
	}
	return err == nil
}

func (s stack) left(t *testing.T, signals ...signal.Signal) []privacy.Leftover {
	t.Helper()
	p, err := privacy.Search(t.Context(), s.Table, privacy.IdentifiersOf(signals))
	must(t, err)
	return p.Found
}

func says(t *testing.T, line string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(line, part) {
			t.Errorf("%s is not in %s", part, line)
		}
	}
	if strings.Count(line, "\n") != 1 {
		t.Errorf("not one line: %s", line)
	}
}

func TestWhoIsOverdueGoesAndMayComeBack(t *testing.T) {
	s := open(t, 100)
	old := monday.AddDate(0, 0, -110)
	s.hears(t, visit("kim", old), request("ada", old), visit("jon", monday.AddDate(0, 0, -99)), visit("eve", monday.AddDate(0, 0, -100)))
	says(t, s.runs(t, monday), `"leads_days":100`, `"overdue":2`, `"erased":2`, `"failed":0`, `"more":false`, `"level":"INFO"`)
	for who, want := range map[string]bool{"kim": false, "ada": true, "jon": true, "eve": false} {
		if got := s.has(t, who); got != want {
			t.Errorf("%s is there: %t", who, got)
		}
	}
	if found := s.left(t, visit("kim", old)); len(found) != 0 {
		t.Errorf("%+v", found)
	}
	says(t, s.runs(t, monday.Add(2*time.Hour)), `"overdue":0`, `"erased":0`, `"finished":0`)
	s.hears(t, visit("kim", monday.Add(3*time.Hour)))
	if !s.has(t, "kim") {
		t.Error("who was quiet for too long cannot come back")
	}
}

func TestAPolicyThatKeepsEverybodyErasesNobody(t *testing.T) {
	s := open(t, 0)
	s.hears(t, visit("kim", monday.AddDate(-4, 0, 0)))
	says(t, s.runs(t, monday), `"leads_days":0`, `"overdue":0`, `"erased":0`)
	if !s.has(t, "kim") {
		t.Error("kim is gone")
	}
}

func TestARunIsBoundedAndTheNextGoesOn(t *testing.T) {
	s := open(t, 100)
	s.handler.most = 2
	for i := range 5 {
		s.hears(t, visit(fmt.Sprint("lead", i), monday.AddDate(0, 0, -110+i/2)))
	}
	for _, want := range []string{`"erased":2,"kept":0,"finished":0,"failed":0,"more":true`, `"erased":2,"kept":0,"finished":0,"failed":0,"more":true`, `"erased":1,"kept":0,"finished":0,"failed":0,"more":false`} {
		says(t, s.runs(t, monday), want)
	}
	mark, err := s.Retained(t.Context())
	if err != nil || mark.Cursor != "" {
		t.Errorf("the next run begins at %q, %v", mark.Cursor, err)
	}
}

func TestWithoutTimeNoLeadIsBegun(t *testing.T) {
	s := open(t, 100)
	s.hears(t, visit("kim", monday.AddDate(0, 0, -110)))
	ctx, cancel := context.WithTimeout(t.Context(), reserve)
	defer cancel()
	must(t, s.handler.handle(ctx))
	says(t, s.log.String(), `"erased":0`)
	if !s.has(t, "kim") {
		t.Error("kim is gone")
	}
	says(t, s.runs(t, monday), `"erased":1`)
}

func TestAPlaceThatIsNoneIsForgotten(t *testing.T) {
	s := open(t, 100)
	s.hears(t, visit("kim", monday.AddDate(0, 0, -110)))
	must(t, s.PutRetained(t.Context(), table.Retained{Cursor: "nonsense"}))
	if err := s.handler.handle(t.Context()); fault.KindOf(err) != fault.Invalid {
		t.Errorf("%v, want Invalid", err)
	}
	says(t, s.runs(t, monday), `"erased":1`)
}

// dying lets the n-th write of a client fail, and all after it.
func dying(n int) func(*dynamodb.Options) {
	return func(o *dynamodb.Options) {
		o.APIOptions = append(o.APIOptions, func(stack *middleware.Stack) error {
			return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("die", func(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
				switch in.Parameters.(type) {
				case *dynamodb.PutItemInput, *dynamodb.TransactWriteItemsInput, *dynamodb.BatchWriteItemInput, *dynamodb.DeleteItemInput:
					if n--; n < 0 {
						return middleware.InitializeOutput{}, middleware.Metadata{}, errors.New("the process has died")
					}
				}
				return next.HandleInitialize(ctx, in)
			}), middleware.Before)
		})
	}
}

func TestARunThatDiesAtAnyWriteIsEndedByTheNext(t *testing.T) {
	s := open(t, 100)
	for n := range 20 {
		who, day := fmt.Sprint("kim", n), monday.AddDate(0, 0, 3*n)
		s.hears(t, visit(who, day.AddDate(0, 0, -110)))
		h := s.on(table.New(dynamodb.New(s.client.Options(), dying(n)), s.name))
		h.now = clock.Fixed(day)
		err := h.handle(t.Context())
		if err == nil && n < 4 {
			t.Fatalf("%d writes did it all", n)
		}
		says(t, s.runs(t, day.AddDate(0, 0, 1)), `"failed":0`)
		if found := s.left(t, visit(who, day)); len(found) != 0 {
			t.Errorf("after %d writes: %+v", n, found)
		}
		again := visit(who, day.AddDate(0, 0, 2))
		again.ID += " again"
		s.hears(t, again)
		if !s.has(t, who) {
			t.Errorf("after %d writes a tombstone is left", n)
		}
		if err == nil {
			return
		}
	}
	t.Error("it never ends")
}

// Whoever gave their name as their company's before they said how they are called
// is found by the list of companies, which an erasure ends. What others call their
// company is theirs.
func TestANameThatWasTakenForThatOfACompanyGoes(t *testing.T) {
	const name = "Adalbertina Lovelacerson"
	for others, want := range map[string]int{"": 0, "bob": 1} {
		s := open(t, 0)
		early, late := request("ada", monday), request("ada", monday.AddDate(0, 0, 1))
		early.Identity.Email, late.Identity.Email, late.ID = "ada@gmail.com", "ada@gmail.com", "late"
		early.Lead, late.Lead["company"] = map[string]string{"company": name}, name
		s.hears(t, early, late)
		if others != "" {
			colleague := request(others, monday)
			colleague.Identity.Email = others + "@gmail.com"
			colleague.Lead = map[string]string{"first_name": "Bob", "last_name": "Krug", "company": name}
			s.hears(t, colleague)
		}
		k, err := early.LeadKey()
		must(t, err)
		_, err = s.handler.maker.Erase(t.Context(), k, lead.Erasure{Reason: lead.OnRequest, By: "Riley Chen"}, monday.AddDate(0, 0, 2))
		must(t, err)
		if listed, err := s.CompaniesCalled(t.Context(), strings.ToLower(name)); err != nil || len(listed) != want {
			t.Errorf("with %q there: %+v, %v", others, listed, err)
		}
		if found := s.left(t, early, late); others == "" && len(found) != 0 {
			t.Errorf("%+v", found)
		}
	}
}

// An erasure that somebody wished for is ended, too, and they stay away.
func TestAWishThatWasInterruptedIsEnded(t *testing.T) {
	s := open(t, 0)
	ada := request("ada", monday)
	s.hears(t, ada)
	k, err := ada.LeadKey()
	must(t, err)
	maker := s.on(table.New(dynamodb.New(s.client.Options(), dying(1)), s.name)).maker
	if _, err := maker.Erase(t.Context(), k, lead.Erasure{Reason: lead.OnRequest, By: "Riley Chen"}, monday); err == nil {
		t.Fatal("one write did it all")
	}
	says(t, s.runs(t, monday.Add(30*time.Minute)), `"finished":0`) // it may be under way
	says(t, s.runs(t, monday.AddDate(0, 0, 1)), `"finished":1`)
	says(t, s.runs(t, monday.AddDate(0, 0, 2)), `"finished":0`)
	if found := s.left(t, ada); len(found) != 0 {
		t.Errorf("%+v", found)
	}
	if tomb, err := s.Tombstone(t.Context(), k); err != nil || tomb.Cleared.IsZero() {
		t.Errorf("%+v, %v", tomb, err)
	}
}
