package main

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/handoff-oss/handoff/shared/contract"
	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/queue"
)

// A pool may be renamed while leads are on their way: what is said about them
// must still reach somebody.
func TestAPoolThatIsGoneHasTheReceiversOfTheOneInUse(t *testing.T) {
	p, err := policy.Decode([]byte(teamPolicy))
	if err != nil {
		t.Fatal(err)
	}
	e := handedOff()
	e.Detail.Handoff = &contract.HandoffRef{Number: 1, Pool: "former", Rep: "maya"}
	for _, to := range []string{"manager", "holder"} {
		all := targets(p, []policy.Notification{{On: "lead.escalated", To: to, Channels: []string{"email"}}}, e, known(), nil)
		if len(all) != 1 || len(all[0].to) != 1 || all[0].to[0].Email == "" {
			t.Errorf("%s: %+v, want an address", to, all)
		}
	}
}

// Whoever has the lead that is left hears of a merge by its own event, and not
// once more of a lead that nobody had.
func TestTheHolderHearsOfAMergeOnce(t *testing.T) {
	p, err := policy.Decode([]byte(teamPolicy))
	if err != nil {
		t.Fatal(err)
	}
	l, line := known(), []policy.Notification{{On: "lead.merged", To: "holder", Channels: []string{"email"}}, {On: "lead.merged", To: "system", Channels: []string{"webhook"}}}
	for key, want := range map[string]int{string(l.Key): 2, "1itsbrowser": 1} {
		e := contract.Event{ID: key + ".2.0", Type: contract.LeadMerged, Lead: key}
		if all := targets(p, line, e, l, nil); len(all) != want {
			t.Errorf("%s: %+v, want %d messages", key, all, want)
		}
	}
}

// Of who is erased there is no page.
func TestNothingLeadsToAnErasedLead(t *testing.T) {
	h := handler{publicURL: "https://leads.example"}
	if links := h.linksFor(nil, contract.Event{Type: contract.LeadErased, Lead: "1erased"}, nil); len(links) > 0 {
		t.Errorf("links %+v", links)
	}
}

func TestTargets(t *testing.T) {
	p, err := policy.Decode([]byte(teamPolicy))
	if err != nil {
		t.Fatal(err)
	}
	line := func(to string, channels ...string) policy.Notification {
		return policy.Notification{On: "lead.handed_off", To: to, Channels: channels}
	}
	ref := func(number int, pool, rep string) *contract.HandoffRef {
		return &contract.HandoffRef{Number: number, Pool: pool, Rep: rep}
	}
	for _, tc := range []struct {
		name    string
		lines   []policy.Notification
		handoff *contract.HandoffRef
		want    []string // channel, receiver of the mark, who is addressed
	}{
		{"nobody", nil, ref(1, "inbound", "maya"), nil},
		{"holder", []policy.Notification{line("holder", "slack", "email")}, ref(1, "inbound", "maya"), []string{"slack all rep:maya", "email rep:maya rep:maya"}},
		{"the event's holder, not the lead's", []policy.Notification{line("holder", "email")}, ref(2, "inbound", "omar"), []string{"email rep:omar rep:omar"}},
		{"an event without handoff", []policy.Notification{line("holder", "email")}, nil, []string{"email rep:maya rep:maya"}},
		{
			"one message in Slack for two",
			[]policy.Notification{line("holder", "slack", "email"), line("manager", "slack", "email")},
			ref(1, "inbound", "maya"),
			[]string{"slack all rep:maya,manager:inbound", "email rep:maya rep:maya", "email manager:inbound manager:inbound"},
		},
		{"the same line twice", []policy.Notification{line("holder", "slack"), line("holder", "slack")}, ref(1, "inbound", "maya"), []string{"slack all rep:maya"}},
		{"system", []policy.Notification{line("system", "webhook")}, nil, []string{"webhook all system"}},
		{"a rep who left", []policy.Notification{line("holder", "email")}, ref(1, "inbound", "zoe"), []string{"email rep:zoe rep:zoe"}},
		{"an unknown receiver", []policy.Notification{line("everybody", "slack")}, nil, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			e := handedOff()
			e.Detail.Handoff = tc.handoff
			var got []string
			for _, target := range targets(p, tc.lines, e, known(), nil) {
				got = append(got, target.channel+" "+target.ref()+" "+names(target.to))
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestJudge(t *testing.T) {
	away := fault.New(fault.Unavailable, "away")
	wrong := fault.New(fault.Invalid, "wrong")
	for _, tc := range []struct {
		name string
		done []delivery
		err  error
		todo fate
		min  time.Duration
		max  time.Duration
	}{
		{"nothing to do", nil, nil, forget, 0, 0},
		{"all sent", []delivery{{result: sent}, {result: before}, {result: skipped}}, nil, forget, 0, 0},
		{"one for now", []delivery{{result: sent}, {result: postpone, err: away}}, nil, comeBack, queue.FirstWait / 2, queue.FirstWait},
		{"one for good", []delivery{{result: sent}, {result: failed, err: wrong}}, nil, giveUp, 0, 0},
		{"one of each", []delivery{{result: failed, err: wrong}, {result: postpone, err: away}}, nil, comeBack, queue.FirstWait / 2, queue.FirstWait},
		{"one of each, turned around", []delivery{{result: postpone, err: away}, {result: failed, err: wrong}}, nil, comeBack, queue.FirstWait / 2, queue.FirstWait},
		{"another try", []delivery{{result: held, err: away}}, nil, comeBack, lease, lease + queue.FirstWait},
		{"no event", nil, wrong, giveUp, 0, 0},
		{"table away", nil, away, comeBack, queue.FirstWait / 2, queue.FirstWait},
		{"a defect", nil, errors.New("bug"), comeBack, queue.FirstWait / 2, queue.FirstWait},
	} {
		todo, delay, why := judge(tc.done, tc.err, 1)
		if todo != tc.todo || delay < tc.min || delay > tc.max || (why == nil) != (todo == forget) {
			t.Errorf("%s: %v after %v because of %v, want %v after %v to %v", tc.name, todo, delay, why, tc.todo, tc.min, tc.max)
		}
	}
}
