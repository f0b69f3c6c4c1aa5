package inbox_test

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/inbox"
	"github.com/handoff-oss/handoff/shared/signal"
)

func TestAKeyedMessageKeepsItsLead(t *testing.T) {
	answer := signal.Signal{Source: "respond", ID: "1.accept", Type: signal.RepAccepted, Attributes: map[string]string{"handoff": "1"}}
	body, err := inbox.KeyedMessage("1key", answer)
	if err != nil {
		t.Fatal(err)
	}
	got := map[signal.LeadKey]signal.Signal{}
	putFor := func(_ context.Context, key signal.LeadKey, s signal.Signal) (bool, error) {
		_, before := got[key]
		got[key] = s
		return !before, nil
	}
	if stored, err := inbox.StoreMessage(t.Context(), nil, putFor, body); err != nil || stored != (inbox.Stored{New: 1}) {
		t.Errorf("first: %+v, %v", stored, err)
	}
	if stored, err := inbox.StoreMessage(t.Context(), nil, putFor, body); err != nil || stored != (inbox.Stored{Duplicates: 1}) {
		t.Errorf("again: %+v, %v", stored, err)
	}
	if d := cmp.Diff(map[signal.LeadKey]signal.Signal{"1key": answer}, got); d != "" {
		t.Error(d)
	}
}

func TestOtherMessages(t *testing.T) {
	away := func(context.Context, signal.LeadKey, signal.Signal) (bool, error) {
		return false, fault.New(fault.Unavailable, "away")
	}
	for name, c := range map[string]struct {
		body string
		want fault.Kind
	}{
		"the table is away": {`{"key":"1key","signal":{"id":"1"}}`, fault.Unavailable},
		"no key":            {`{"signal":{"id":"1"}}`, fault.Invalid},
		"no signal":         {`{"key":"1key"}`, fault.Invalid},
		"not JSON":          {`{"key`, fault.Invalid},
		"neither":           {`"x"`, fault.Invalid},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := inbox.StoreMessage(t.Context(), nil, away, c.body); err == nil || fault.KindOf(err) != c.want {
				t.Errorf("got %v", err)
			}
		})
	}
	put := func(context.Context, signal.Signal) (bool, error) { return true, nil }
	if stored, err := inbox.StoreMessage(t.Context(), put, away, `[{"source":"s","id":"1"}]`); err != nil || stored.New != 1 {
		t.Errorf("a chunk: %+v, %v", stored, err)
	}
}
