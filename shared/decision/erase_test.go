package decision_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/smithy-go/middleware"
	"golang.org/x/sync/errgroup"

	"github.com/handoff-oss/handoff/infra/dynamodb/dynamotest"
	"github.com/handoff-oss/handoff/shared/contract"
	"github.com/handoff-oss/handoff/shared/decision"
	"github.com/handoff-oss/handoff/shared/duplicate"
	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/policy/rules"
	"github.com/handoff-oss/handoff/shared/privacy"
	"github.com/handoff-oss/handoff/shared/signal"
	"github.com/handoff-oss/handoff/shared/table"
)

// record is a person with everything that the product keeps of one.
type record struct {
	*table.Table
	maker   *decision.Maker
	signals []signal.Signal
	client  *dynamodb.Client
	name    string
}

var wish = lead.Erasure{Reason: lead.OnRequest, By: "Riley Chen"}

// ada asks for a demo, is known under three names, and is with a rep.
func ada(n int) []signal.Signal {
	at := monday.Add(time.Duration(n) * time.Hour)
	of := func(id string, kind signal.Type, identity signal.Identity, attributes map[string]string) signal.Signal {
		return signal.Signal{
			Source: "typeform", ID: fmt.Sprint(id, n), Type: kind, OccurredAt: at, ReceivedAt: at, Identity: identity, Attributes: attributes,
			Lead: map[string]string{"first_name": "Adalbertina", "last_name": "Lovelacerson", "company": "Engines Ltd", "phone": "+44 20 7946 0018"},
		}
	}
	mail := signal.Identity{Email: "Adalbertina@engines.example", ContactID: "contact-4711", AnonymousID: "browser-4711", Phone: "+44 20 7946 0018"}
	return []signal.Signal{
		of("visit", signal.PageViewed, signal.Identity{AnonymousID: "browser-4711"}, map[string]string{"url": "https://x.example/pricing"}),
		of("form", signal.FormSubmitted, mail, map[string]string{"form": "Request a demo", "message": "Call Adalbertina@engines.example"}),
		of("contact", signal.ContactChanged, signal.Identity{ContactID: "contact-4711"}, nil),
	}
}

func newRecord(t *testing.T) record {
	t.Helper()
	client, name := dynamotest.CreateTable(t)
	store := table.New(client, name)
	r := record{store, decision.New(store, rules.NewLoader(store.Policy)), ada(0), client, name}
	for _, s := range r.signals {
		r.receive(t, s)
	}
	l := r.lead(t)
	e := r.timeline(t)
	if l == nil || l.Journey.Holder() == nil || len(l.Members) != 2 {
		t.Fatalf("the person is not as this test wants: %+v", l)
	}
	must(t, store.PutMessage(t.Context(), table.Message{Lead: l.Key, Event: e.ID, To: "rep:alex", Channel: "C1", TS: "1"}, monday))
	must(t, store.Delivered(t.Context(), table.Delivery{Event: e.ID, Channel: "email", To: "rep:alex", Lead: l.Key, Type: string(e.Type)}, monday))
	return r
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func adaKey(t *testing.T) signal.LeadKey {
	t.Helper()
	k, err := signal.KeyOfEmail("adalbertina@engines.example")
	must(t, err)
	return k
}

// receive stores a signal and decides about it, as the stream would have it.
func (r record) receive(t *testing.T, s signal.Signal) decision.Outcome {
	t.Helper()
	_, err := r.PutSignal(t.Context(), s)
	must(t, err)
	return r.decide(t, s)
}

func (r record) decide(t *testing.T, s signal.Signal) decision.Outcome {
	t.Helper()
	k, err := s.LeadKey()
	must(t, err)
	out, err := r.maker.Apply(t.Context(), k, []signal.Signal{s}, s.ReceivedAt)
	must(t, err)
	return out
}

func (r record) lead(t *testing.T) *lead.Lead {
	t.Helper()
	l, err := r.Lead(t.Context(), adaKey(t))
	if err != nil && fault.KindOf(err) != fault.NotFound {
		t.Fatal(err)
	}
	return l
}

func (r record) timeline(t *testing.T) contract.Event {
	t.Helper()
	items, _, err := r.Timeline(t.Context(), adaKey(t), "", 1)
	must(t, err)
	return items[0].Entries[0]
}

// isGone looks through the whole table for anything of the person.
func (r record) isGone(t *testing.T) {
	t.Helper()
	ids := privacy.IdentifiersOf(r.signals)
	if len(ids.Texts) < 5 || len(ids.Names) == 0 {
		t.Fatalf("too little to look for: %+v", ids)
	}
	proof, err := privacy.Search(t.Context(), r.Table, ids)
	must(t, err)
	for _, p := range proof.Found {
		t.Errorf("%s %s %s", p.PK, p.SK, p.Why)
	}
	tomb, err := r.Tombstone(t.Context(), adaKey(t))
	must(t, err)
	left, err := privacy.Left(t.Context(), r.Table, tomb)
	must(t, err)
	for _, p := range left.Found {
		t.Errorf("%s %s %s", p.PK, p.SK, p.Why)
	}
	must(t, r.Everything(t.Context(), func(s table.Stored) error {
		if strings.HasPrefix(s.PK, "ACCOUNT#") && s.Contains("79460018") {
			t.Errorf("%s has the number", s.PK)
		}
		return nil
	}))
	if tomb.Cleared.IsZero() || len(tomb.Filed) > 0 || r.lead(t) != nil {
		t.Errorf("the erasure is not over: %+v", tomb)
	}
}

func TestAnErasedPersonIsNowhereAndDoesNotComeBack(t *testing.T) {
	r := newRecord(t)
	holder, pool := r.lead(t).Journey.Holder().Rep, r.lead(t).Journey.Holder().Pool
	if p, err := privacy.Search(t.Context(), r.Table, privacy.IdentifiersOf(r.signals)); err != nil || len(p.Found) != 5 { // lead, signals and company
		t.Fatalf("the search finds %d items of a person who is there, %v", len(p.Found), err)
	}
	r.tellsOfIt(t)
	done, err := r.maker.Erase(t.Context(), adaKey(t), wish, monday.Add(time.Hour))
	must(t, err)
	if len(done.Tomb.Keys) != 3 || done.Removed < 6 || done.Tomb.Reason != lead.OnRequest {
		t.Errorf("%+v", done)
	}
	r.isGone(t)
	if held, err := r.HeldBy(t.Context(), holder); err != nil || len(held) != 0 {
		t.Errorf("%s still holds %v, %v", holder, held, err)
	}
	state, err := r.Pool(t.Context(), pool)
	must(t, err)
	if rep := state.Reps[holder]; sum(rep.Open) != 0 {
		t.Errorf("%+v still counts the lead", rep)
	}
	r.repeats(t, done.Tomb.Root)
}

// A batch of the retry queue may name a signal twice.
func TestABatchThatBringsASignalTwiceIsThrownAway(t *testing.T) {
	r := newRecord(t)
	_, err := r.maker.Erase(t.Context(), adaKey(t), wish, monday.Add(time.Hour))
	must(t, err)
	s := ada(1)[1]
	_, err = r.PutSignal(t.Context(), s)
	must(t, err)
	_, err = r.maker.Apply(t.Context(), adaKey(t), []signal.Signal{s, s}, s.ReceivedAt)
	must(t, err)
	r.isGone(t)
}

// repeats sends every webhook again, new ones, records in flight, and answers.
func (r record) repeats(t *testing.T, root signal.LeadKey) {
	t.Helper()
	for _, s := range append(ada(0), ada(1)...) {
		if out := r.receive(t, s); out.Dropped != 1 || out.Decisions != 0 {
			t.Errorf("%s: %+v", s.ID, out)
		}
		r.decide(t, s) // the stream brings it again
	}
	other := ada(7)[1] // under an address that is new, with the contact id of who was erased
	other.Identity.Email, other.Identity.AnonymousID = "other@engines.example", ""
	if out := r.receive(t, other); out.Dropped != 1 {
		t.Errorf("%+v", out)
	}
	answer := signal.Signal{Source: "respond", ID: "1.accepted", Type: signal.RepAccepted, ReceivedAt: monday}
	_, err := r.PutSignalFor(t.Context(), root, answer)
	must(t, err)
	_, err = r.maker.Apply(t.Context(), root, []signal.Signal{answer}, monday)
	must(t, err)
	if out, err := r.maker.Rebuild(t.Context(), root, monday); err != nil || out.Decisions != 0 {
		t.Fatal(out, err)
	}
	r.isGone(t)
	// Somebody else on the same browser is somebody else.
	charles := signal.Signal{
		Source: "typeform", ID: "charles", Type: signal.FormSubmitted, OccurredAt: monday, ReceivedAt: monday,
		Identity: signal.Identity{Email: "charles@engines.example", AnonymousID: "browser-4711"},
	}
	if out := r.receive(t, charles); out.Decisions != 1 || out.Dropped != 0 {
		t.Errorf("%+v", out)
	}
}

// tellsOfIt erases, dies after the first write, and reads what the stream gets.
func (r record) tellsOfIt(t *testing.T) {
	t.Helper()
	dying := table.New(dynamodb.New(r.client.Options(), faults(1)), r.name)
	if _, err := decision.New(dying, rules.NewLoader(dying.Policy)).Erase(t.Context(), adaKey(t), wish, monday.Add(time.Hour)); err == nil {
		t.Fatal("one write did it all")
	}
	tomb, err := r.Tombstone(t.Context(), adaKey(t))
	must(t, err)
	item, err := r.LogAt(t.Context(), tomb.Root, tomb.Version)
	must(t, err)
	if len(item.Entries) != 1 || item.Entries[0].Type != contract.LeadErased || item.Entries[0].Detail.Handoff == nil || item.Entries[0].Detail.By != "Riley Chen" {
		t.Errorf("%+v", item.Entries)
	}
}

func TestErasingAgainDoesNothingAndLiftingLetsThemComeBack(t *testing.T) {
	r := newRecord(t)
	_, err := r.maker.Erase(t.Context(), adaKey(t), wish, monday)
	must(t, err)
	done, err := r.maker.Erase(t.Context(), adaKey(t), wish, monday.Add(time.Hour))
	must(t, err)
	if done.Removed != 0 || !done.Tomb.At.Equal(monday) {
		t.Errorf("%+v", done)
	}
	if _, err := r.maker.Erase(t.Context(), "1nobody", wish, monday); fault.KindOf(err) != fault.NotFound {
		t.Errorf("%v, want NotFound", err)
	}
	must(t, r.Lift(t.Context(), adaKey(t)))
	for _, s := range ada(3) {
		if out := r.receive(t, s); out.Dropped != 0 {
			t.Errorf("%+v", out)
		}
	}
	if l := r.lead(t); l == nil || l.Facts.Signals != 3 || len(l.Members) != 2 {
		t.Errorf("%+v", l)
	}
	if err := r.Lift(t.Context(), adaKey(t)); fault.KindOf(err) != fault.NotFound {
		t.Errorf("%v, want NotFound", err)
	}
}

// The order of a person at a page comes by the stream, and is carried out once:
// not again when the stream repeats it after the person came back.
func TestAnErasureByOrder(t *testing.T) {
	r := newRecord(t)
	if _, err := decision.EraseOrder(lead.Erasure{Reason: "because", By: "Riley"}, monday); fault.KindOf(err) != fault.Invalid {
		t.Errorf("%v, want Invalid", err)
	}
	order, err := decision.EraseOrder(wish, monday)
	must(t, err)
	_, err = r.PutSignalFor(t.Context(), adaKey(t), order)
	must(t, err)
	carry := func() decision.Outcome {
		out, err := r.maker.Apply(t.Context(), adaKey(t), []signal.Signal{order}, monday)
		must(t, err)
		return out
	}
	if out := carry(); out.Events != 1 || out.Dropped < 6 {
		t.Errorf("%+v", out)
	}
	r.isGone(t)
	must(t, r.Lift(t.Context(), adaKey(t)))
	r.receive(t, ada(3)[1])
	if out := carry(); out.Decisions != 0 || r.lead(t) == nil {
		t.Errorf("%+v: the person is gone again", out)
	}
	again := ada(4)[1]
	_, err = r.PutSignal(t.Context(), again)
	must(t, err)
	_, err = r.maker.Apply(t.Context(), adaKey(t), []signal.Signal{order, again}, again.ReceivedAt)
	must(t, err)
	if l := r.lead(t); l == nil || l.Facts.Signals != 2 {
		t.Errorf("%+v: what came in one batch with the order was not heard", l)
	}
}

// Wherever the carrying out of an order dies, the stream brings it again, and
// the second time it is carried out to the end.
func TestAnOrderedErasureSurvivesADeathAtEveryWrite(t *testing.T) {
	for n := int64(0); ; n++ {
		r := newRecord(t)
		order, err := decision.EraseOrder(wish, monday)
		must(t, err)
		_, err = r.PutSignalFor(t.Context(), adaKey(t), order)
		must(t, err)
		dying := table.New(dynamodb.New(r.client.Options(), faults(n)), r.name)
		_, died := decision.New(dying, rules.NewLoader(dying.Policy)).Apply(t.Context(), adaKey(t), []signal.Signal{order}, monday)
		_, err = r.maker.Apply(t.Context(), adaKey(t), []signal.Signal{order}, monday)
		must(t, err)
		r.isGone(t)
		if died == nil || t.Failed() {
			return
		}
	}
}

// A webhook cannot order it, whatever it says.
func TestOnlyOperatorsErase(t *testing.T) {
	r := newRecord(t)
	s := ada(1)[1]
	s.Type, s.Attributes = signal.OrderErase, map[string]string{"reason": "request", "by": "Mallory"}
	r.receive(t, s)
	if r.lead(t) == nil {
		t.Error("a webhook erased a person")
	}
}

// Signals of whom no decision knows yet go as well.
func TestErasingWhoIsNotDecidedAboutYet(t *testing.T) {
	client, name := dynamotest.CreateTable(t)
	store := table.New(client, name)
	r := record{store, decision.New(store, rules.NewLoader(store.Policy)), ada(0), client, name}
	s := r.signals[1]
	_, err := r.PutSignal(t.Context(), s)
	must(t, err)
	_, err = r.maker.Erase(t.Context(), adaKey(t), wish, monday)
	must(t, err)
	if out := r.decide(t, s); out.Dropped != 1 {
		t.Errorf("%+v", out)
	}
	r.isGone(t)
}

// faults lets the n-th write of a client fail, and all after it: the process dies.
func faults(n int64) func(*dynamodb.Options) {
	var count atomic.Int64
	return func(o *dynamodb.Options) {
		o.APIOptions = append(o.APIOptions, func(stack *middleware.Stack) error {
			return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("die", func(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
				switch in.Parameters.(type) {
				case *dynamodb.PutItemInput, *dynamodb.TransactWriteItemsInput, *dynamodb.BatchWriteItemInput, *dynamodb.DeleteItemInput:
					if count.Add(1) > n {
						return middleware.InitializeOutput{}, middleware.Metadata{}, errors.New("the process has died")
					}
				}
				return next.HandleInitialize(ctx, in)
			}), middleware.Before)
		})
	}
}

// Wherever an erasure dies, doing it again ends it; and a webhook that comes in
// between ends it as well.
func TestAnErasureSurvivesADeathAtEveryWrite(t *testing.T) {
	for _, byWebhook := range []bool{false, true} {
		for n := int64(0); !diesAfter(t, n, byWebhook); n++ {
			if n > 40 {
				t.Fatal("it never ends")
			}
		}
	}
}

// diesAfter erases with so many writes, and ends it. It returns whether they were enough.
func diesAfter(t *testing.T, n int64, byWebhook bool) (enough bool) {
	t.Helper()
	client, name := dynamotest.CreateTable(t)
	store := table.New(client, name)
	r := record{store, decision.New(store, rules.NewLoader(store.Policy)), ada(0), client, name}
	for _, s := range r.signals {
		r.receive(t, s)
	}
	const other = "1other"
	must(t, r.PutDuplicate(t.Context(), duplicate.Pair{Names: duplicate.Of(adaKey(t), other), State: duplicate.Open, Version: 1}))
	dying := table.New(dynamodb.New(client.Options(), faults(n)), name)
	_, died := decision.New(dying, rules.NewLoader(dying.Policy)).Erase(t.Context(), adaKey(t), wish, monday)
	if died == nil && n < 4 {
		t.Errorf("only %d writes are needed", n)
	}
	_, err := r.Tombstone(t.Context(), adaKey(t))
	switch {
	case died == nil:
	case byWebhook && err == nil:
		r.receive(t, ada(1)[1])
	default:
		_, err := r.maker.Erase(t.Context(), adaKey(t), wish, monday)
		must(t, err)
	}
	r.isGone(t)
	if left, err := r.ForgetDuplicates(t.Context(), other); left != 0 || err != nil {
		t.Errorf("after %d writes the other lead still has a pair, %v", n, err)
	}
	return died == nil
}

// Decisions that race with an erasure leave nothing behind.
func TestAnErasureRacesWithDecisions(t *testing.T) {
	for round := range 4 {
		r := newRecord(t)
		var g errgroup.Group
		for n := 1; n < 8; n++ {
			for _, s := range ada(n) {
				g.Go(func() error { return r.hears(t.Context(), s) })
			}
		}
		g.Go(func() error {
			_, err := r.maker.Erase(t.Context(), adaKey(t), wish, monday.Add(time.Hour))
			return err
		})
		must(t, g.Wait())
		r.isGone(t)
		if t.Failed() {
			t.Fatalf("in round %d", round)
		}
	}
}

// A company keeps no number of a person who was erased.
func TestACompanyForgetsTheNumber(t *testing.T) {
	r := newRecord(t)
	numbers := func() (all string) {
		must(t, r.Everything(t.Context(), func(s table.Stored) error {
			if strings.HasPrefix(s.PK, "ACCOUNT#") {
				all += s.Doc
			}
			return nil
		}))
		return all
	}
	if !strings.Contains(numbers(), "79460018") {
		t.Fatalf("the company has no number: %s", numbers())
	}
	_, err := r.maker.Erase(t.Context(), adaKey(t), wish, monday)
	must(t, err)
	if strings.Contains(numbers(), "79460018") {
		t.Errorf("the company has the number: %s", numbers())
	}
}

// Nor does one that they were of before.
func TestAFormerCompanyForgetsTheNumber(t *testing.T) {
	p := newPair(t)
	s := request("ada@engines.example")
	s.Source, s.Identity.ContactID = "crm", "7"
	s.Lead["phone"] = "+44 20 7946 0018"
	k := p.hears(s)
	number := func() (found bool) {
		must(t, p.table.Everything(t.Context(), func(s table.Stored) error {
			found = found || strings.HasPrefix(s.PK, "ACCOUNT#") && s.Contains("79460018")
			return nil
		}))
		return found
	}
	if !number() {
		t.Fatal("the company has no number")
	}
	moved := contact("moved", "ada@looms.example", "7", monday.AddDate(0, 0, 1))
	moved.Lead = map[string]string{"company": "Jacquard Looms"}
	p.hears(moved)
	if l := leadOf(t, p.table, k); l.Facts.Values()["email"] != "ada@looms.example" {
		t.Fatalf("%+v", l.Facts.Values())
	}
	_, err := p.maker.Erase(t.Context(), k, wish, monday.AddDate(0, 0, 2))
	must(t, err)
	if number() {
		t.Error("the company has the number")
	}
}

func sum(counts map[string]int64) (n int64) {
	for _, c := range counts {
		n += c
	}
	return n
}

// hears stores a signal and decides about it.
func (r record) hears(ctx context.Context, s signal.Signal) error {
	if _, err := r.PutSignal(ctx, s); err != nil {
		return err
	}
	k, err := s.LeadKey()
	if err != nil {
		return err
	}
	_, err = r.maker.Apply(ctx, k, []signal.Signal{s}, s.ReceivedAt)
	return err
}
