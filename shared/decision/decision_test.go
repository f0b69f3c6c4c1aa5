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
			maker := decision.New(store, rules.NewLoader(store.Policy))
			k, err := pageView(0).LeadKey()
			if err != nil {
				t.Fatal(err)
			}
			if _, err := maker.Apply(t.Context(), k, []signal.Signal{pageView(0)}, monday); err != nil {
				t.Fatal(err)
			}
			if err := store.PutPolicy(t.Context(), "p-bad", []byte(text), monday); err != nil {
				t.Fatal(err)
			}
			later := monday.Add(2 * time.Minute)
			if out, err := maker.Apply(t.Context(), k, []signal.Signal{pageView(1)}, later); err != nil || out.Decisions != 1 {
				t.Errorf("%+v, %v; want one decision", out, err)
			}
			fresh := decision.New(store, rules.NewLoader(store.Policy))
			if _, err := fresh.Apply(t.Context(), k, []signal.Signal{pageView(2)}, later); fault.KindOf(err) != fault.Invalid {
				t.Errorf("a process that knows no policy: %v, want kind invalid", err)
			}
		})
	}
}
