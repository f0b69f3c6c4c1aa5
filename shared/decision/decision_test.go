package decision_test

import (
	"strings"
	"testing"
	"time"

	"github.com/handoff-oss/handoff/infra/dynamodb/dynamotest"
	"github.com/handoff-oss/handoff/shared/decision"
	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/policy/rules"
	"github.com/handoff-oss/handoff/shared/signal"
	"github.com/handoff-oss/handoff/shared/table"
)

// A stored policy that cannot be used stops nobody who knows an earlier one.
func TestTheLastUsablePolicyServes(t *testing.T) {
	unusable := map[string]string{
		"no policy at all":      "}{",
		"an unknown expression": strings.Replace(string(policy.Default()), "when: email.business", "when: email.nonsense", 1),
		"an unknown calendar":   strings.Replace(string(policy.Default()), "calendar: office", "calendar: factory", 1),
	}
	for name, text := range unusable {
		t.Run(name, func(t *testing.T) {
			client, tableName := dynamotest.CreateTable(t)
			store := table.New(client, tableName)
			apply := func(m *decision.Maker, i int, at time.Time) (int, fault.Kind, error) {
				out, err := m.Apply(t.Context(), "1ada", []signal.Signal{pageView(i)}, at)
				return out.Decisions, fault.KindOf(err), err
			}
			maker, later := decision.New(store, rules.NewLoader(store.Policy)), monday.Add(2*time.Minute)
			if n, _, err := apply(maker, 0, monday); n != 1 {
				t.Fatal(n, err)
			}
			if err := store.PutPolicy(t.Context(), "p-bad", []byte(text), monday); err != nil {
				t.Fatal(err)
			}
			if n, _, err := apply(maker, 1, later); n != 1 {
				t.Errorf("%d decisions, %v; want one", n, err)
			}
			if _, kind, err := apply(decision.New(store, rules.NewLoader(store.Policy)), 2, later); kind != fault.Invalid {
				t.Errorf("a process that knows no policy: %v, want kind invalid", err)
			}
		})
	}
}
