package main

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/handoff-oss/handoff/infra/dynamodb/dynamotest"
	"github.com/handoff-oss/handoff/shared/bus"
	"github.com/handoff-oss/handoff/shared/clock"
	"github.com/handoff-oss/handoff/shared/contract"
	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/steering"
	"github.com/handoff-oss/handoff/shared/table"
)

var monday = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// silent is a bus that takes nothing.
type silent struct{ asked int }

func (s *silent) Put(_ context.Context, all []contract.Event) []bus.Failure {
	s.asked += len(all)
	return []bus.Failure{{Index: 0, Err: fault.New(fault.Unavailable, "away")}}
}

const watched = `
name: tests
rollout:
  seed: s
  unit: account
  phases:
    - {name: watch, mode: shadow, share: 100}
    - {name: all, mode: auto, share: 100}
`

func TestOneLineIsLoggedAndAFailureIsReturned(t *testing.T) {
	for name, tt := range map[string]struct {
		policy string
		kind   fault.Kind
		fails  bool
		line   []string
	}{
		"a bus that is away": {watched, fault.Unavailable, true, []string{`"level":"ERROR"`, `"phase":"watch"`, `"action":"ask"`, `"kept":true`, `"events":0`}},
		"nothing to steer":   {"name: tests\n", 0, false, []string{`"level":"INFO"`, `"everybody":true`}},
	} {
		t.Run(name, func(t *testing.T) {
			client, id := dynamotest.CreateTable(t)
			tab := table.New(client, id)
			if err := tab.PutPolicy(t.Context(), policy.VersionOf([]byte(tt.policy)), []byte(tt.policy), monday); err != nil {
				t.Fatal(err)
			}
			log, away := &bytes.Buffer{}, &silent{}
			h := handler{desk: steering.New(tab), bus: away, now: clock.Fixed(monday), log: slog.New(slog.NewJSONHandler(log, nil))}
			err := h.handle(t.Context())
			if tt.fails != (err != nil) || tt.fails && fault.KindOf(err) != tt.kind {
				t.Errorf("%v", err)
			}
			if tt.fails != (away.asked == 1) {
				t.Errorf("%d events were put", away.asked)
			}
			for _, part := range append(tt.line, `"msg":"rollout.ruled"`) {
				if !strings.Contains(log.String(), part) {
					t.Errorf("%s is not in %s", part, log)
				}
			}
		})
	}
}
