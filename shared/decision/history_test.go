package decision_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"github.com/handoff-oss/handoff/infra/dynamodb/dynamotest"
	"github.com/handoff-oss/handoff/shared/decision"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/policy/rules"
	"github.com/handoff-oss/handoff/shared/routing"
	"github.com/handoff-oss/handoff/shared/signal"
	"github.com/handoff-oss/handoff/shared/table"
	"github.com/handoff-oss/handoff/shared/worktime"
)

// act is one thing that a function does about a pool: it hands a new lead off,
// or it hears that the deal of one is won.
type act struct {
	lead int
	won  bool
}

// office is the model: one pool that is changed by one act at a time, with the
// pure rules and nothing else.
type office struct {
	Pool    routing.Pool
	Holders map[int]string // the reps of the leads that are open, "" of those that are held
}

// capped is the default policy with tight limits and uneven weights.
func capped() *policy.Policy {
	p, err := policy.Decode(policy.Default())
	if err != nil {
		return nil
	}
	pool := p.Routing.Pools["sales"]
	pool.Caps = []policy.Cap{{Most: 3, Per: policy.CapOpen}, {Most: 5, Per: policy.CapDay}, {Most: 4, Per: "2h"}}
	for i := range pool.Reps {
		pool.Reps[i].Weight = float64(i) + 0.5
	}
	p.Routing.Pools["sales"] = pool
	return p
}

// step applies an act to the office; legal tells whether the rep who received
// the lead, "" for a lead that is held, is whom the rules choose.
func (o office) step(p *policy.Policy, cal *worktime.Calendar, a act, rep string) (office, bool) {
	next := office{o.Pool, maps.Clone(o.Holders)}
	pool := p.Routing.Pools["sales"]
	if a.won {
		delete(next.Holders, a.lead)
		if holder := o.Holders[a.lead]; holder != "" {
			if next.Pool = o.Pool.Release(holder, []string{policy.CapOpen}); next.Pool.Held > 0 {
				next.Pool.Reopens = monday
			}
		} else if next.Pool.Held--; next.Pool.Held == 0 {
			next.Pool.Reopens = time.Time{}
		}
		return next, true
	}
	if waits := o.Pool.Held > 0 && !monday.Before(o.Pool.Reopens); !waits {
		request := routing.Request{Policy: pool, State: o.Pool, Calendar: cal, Now: monday, Concerns: func(policy.Cap) bool { return true }}
		for _, r := range pool.Reps {
			request.Candidates = append(request.Candidates, routing.Candidate{Rep: r, Hours: cal})
		}
		if choice, ok := routing.Choose(request); ok {
			next.Pool, next.Holders[a.lead] = choice.State, choice.Rep.ID
			return next, rep == choice.Rep.ID
		}
	}
	next.Holders[a.lead] = ""
	if next.Pool.Held++; next.Pool.Reopens.IsZero() || next.Pool.Reopens.After(monday) {
		next.Pool.Reopens = monday.Add(time.Minute)
	}
	return next, rep == ""
}

// Whatever functions race about a pool, what they did is what one of them could
// have done after the other, in an order that fits the times: no cap is
// exceeded, nobody is passed over, and no lead has two holders.
func TestRacingFunctionsAreAsGoodAsOneAfterTheOther(t *testing.T) {
	p := capped()
	cal, err := worktime.FromPolicy(p, "office")
	if err != nil {
		t.Fatal(err)
	}
	model := porcupine.Model{
		Init: func() any { return office{Pool: routing.Pool{Name: "sales"}, Holders: map[int]string{}} },
		Step: func(state, input, output any) (bool, any) {
			o, isOffice := state.(office)
			a, isAct := input.(act)
			rep, isRep := output.(string)
			if !isOffice || !isAct || !isRep {
				return false, state
			}
			next, legal := o.step(p, cal, a, rep)
			return legal, next
		},
		Equal: func(a, b any) bool { return asText(a) == asText(b) },
	}
	for seed := range uint64(histories) {
		history := race(t, rand.New(rand.NewPCG(seed, 1)), p)
		if result := porcupine.CheckOperationsTimeout(model, history, 30*time.Second); result != porcupine.Ok {
			t.Fatalf("history %d is %s:\n%s", seed, result, describe(history))
		}
	}
}

// histories is how many races are looked at.
const histories = 12

func asText(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(b)
}

func describe(history []porcupine.Operation) string {
	out := ""
	for _, op := range history {
		out += fmt.Sprintf("%d: %+v → %v\n", op.ClientId, op.Input, op.Output)
	}
	return out
}

// race lets several functions work at once against the real engine and records
// what each did, from when to when.
func race(t *testing.T, draw *rand.Rand, p *policy.Policy) []porcupine.Operation {
	t.Helper()
	client, name := dynamotest.CreateTable(t)
	store := table.New(client, name)
	text, err := json.Marshal(p) // JSON is YAML
	if err != nil {
		t.Fatal(err)
	}
	if err := store.PutPolicy(t.Context(), policy.VersionOf(text), text, monday.AddDate(0, 0, -1)); err != nil {
		t.Fatal(err)
	}
	const functions = 4
	plans := make([][]act, functions)
	for f := range plans {
		for i := range 2 + draw.IntN(5) {
			id := f*100 + i
			plans[f] = append(plans[f], act{lead: id})
			if draw.IntN(3) == 0 {
				plans[f] = append(plans[f], act{lead: id, won: true})
			}
		}
	}
	var mu sync.Mutex
	var history []porcupine.Operation
	var wg sync.WaitGroup
	begin := time.Now()
	for f, plan := range plans {
		wg.Go(func() {
			maker := decision.New(store, rules.NewLoader(store.Policy))
			for _, a := range plan {
				from := time.Since(begin).Nanoseconds()
				rep := do(t, store, maker, a)
				mu.Lock()
				history = append(history, porcupine.Operation{ClientId: f, Input: a, Call: from, Output: rep, Return: time.Since(begin).Nanoseconds()})
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	return history
}

// do carries one act out and returns who has the lead then.
func do(t *testing.T, store *table.Table, maker *decision.Maker, a act) string {
	t.Helper()
	s := signal.Signal{
		Source: "typeform", ID: "1", Type: signal.FormSubmitted, OccurredAt: monday, ReceivedAt: monday,
		Identity: signal.Identity{Email: fmt.Sprintf("p%d@c%d.example", a.lead, a.lead)}, Attributes: map[string]string{"form": "Request a demo"},
	}
	k, err := s.LeadKey()
	if err != nil {
		t.Error(err)
		return "?"
	}
	if a.won {
		s.Source, s.ID, s.Type, s.Attributes = "hubspot", "2", signal.DealWon, map[string]string{signal.AttrDeal: "7"}
	}
	if _, err := store.PutSignal(t.Context(), s); err != nil {
		t.Error(err)
	}
	if _, err := maker.Apply(t.Context(), k, []signal.Signal{s}, monday); err != nil {
		t.Error(err)
	}
	l, err := store.Lead(t.Context(), k)
	if err != nil {
		t.Error(err)
		return "?"
	}
	if h := l.Journey.Holder(); h != nil {
		return h.Rep
	}
	return ""
}
