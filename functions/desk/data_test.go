package main

import (
	"net/http"
	"strings"
	"testing"

	"github.com/handoff-oss/handoff/shared/access"
	"github.com/handoff-oss/handoff/shared/duplicate"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/signal"
	"github.com/handoff-oss/handoff/shared/web/webtest"
)

// wanting puts the policy in force that asks for a phone number, and stores a
// lead, Ada, that waits for it.
func (b *bench) wanting() signal.LeadKey {
	b.t.Helper()
	text := strings.Replace(string(policy.Default()), "  handed_off: [email]", "  handed_off: [phone]", 1)
	if err := b.table.PutPolicy(b.t.Context(), policy.VersionOf([]byte(text)), []byte(text), monday); err != nil {
		b.t.Fatal(err)
	}
	k := b.known("Ada")
	if b.read(k).Journey.Incomplete == nil {
		b.t.Fatalf("%+v", b.read(k).Journey)
	}
	return k
}

func dataURL(k signal.LeadKey) string { return "/leads/" + string(k) + "/data" }

func TestTheMissingDataIsEntered(t *testing.T) {
	b := newBench(t)
	k := b.wanting()
	who := manager("sales")
	page := b.get(dataURL(k), who, http.StatusOK)
	b.says(page, "waits for data: the phone is not known", "Phone", "Other fields", "Ada")
	if strings.Contains(page, `name="field.email"`) {
		t.Error("the address can be entered, by which the lead is known")
	}
	wrong := b.submit(page, dataURL(k), who, http.StatusUnprocessableEntity, "reason", "by chat")
	b.says(wrong, "Enter at least one field.")
	if !strings.Contains(wrong, `value="by chat"`) {
		t.Error("what was typed is lost")
	}
	for range 2 {
		if to := b.submit(page, dataURL(k), who, http.StatusSeeOther, "field.phone", "+44 20 7946 0018", "reason", "by chat"); to != "/leads/"+string(k) {
			t.Errorf("it leads to %s", to)
		}
	}
	said := b.said(k)
	if len(said) != 1 || said[0].Lead["phone"] != "+44 20 7946 0018" || said[0].Attributes["by"] != "Kim Sato" || said[0].Attributes["reason"] != "by chat" {
		t.Fatalf("%+v", said)
	}
	b.settle(k)
	if l := b.read(k); l.Journey.Holder() == nil || l.Journey.Incomplete != nil {
		t.Errorf("%+v", l.Journey)
	}
	b.says(b.get(dataURL(k), who, http.StatusOK), "Sales has all that it needs", "Known so far: +44 20 7946 0018")
}

func TestDataByTheAPI(t *testing.T) {
	b := newBench(t)
	k := b.wanting()
	target := "/api/leads/" + string(k) + "/data"
	body := `{"fields":{"phone":"1"},"reason":"by chat"}`
	first, second := b.post(target, operator(), body, http.StatusOK), b.post(target, operator(), body, http.StatusOK)
	if first["before"] != false || second["before"] != true || first["id"] != second["id"] || first["lead"] != string(k) {
		t.Errorf("%v, %v", first, second)
	}
	wrong := b.post(target, operator(), `{"fields":{"shoe_size":"43"}}`, http.StatusUnprocessableEntity)
	if said, _ := wrong["detail"].(string); !strings.Contains(said, "cannot be entered") {
		t.Errorf("%v", wrong)
	}
	b.post(target, operator(), `[]`, http.StatusBadRequest)
}

// Whoever sees a lead may say what they know of it, and nobody else.
func TestWhoMayEnterData(t *testing.T) {
	b := newBench(t)
	waits := b.wanting()
	held := b.give("Lou", "alex")
	b.change(held, func(j *lead.Journey) { j.Incomplete = nil })
	for _, c := range []struct {
		name string
		who  access.Person
		k    signal.LeadKey
		want int
	}{
		{"the pool's manager", manager("sales"), waits, http.StatusOK},
		{"another's", manager("enterprise"), waits, http.StatusNotFound},
		{"the marketer", webtest.Somebody(access.Marketer), waits, http.StatusOK},
		{"a rep, of a lead that nobody has", rep("alex"), waits, http.StatusNotFound},
		{"its rep", rep("alex"), held, http.StatusOK},
		{"another rep", rep("bo"), held, http.StatusNotFound},
		{"somebody without a role", webtest.Somebody(), waits, http.StatusForbidden},
	} {
		t.Log(c.name)
		b.get(dataURL(c.k), c.who, c.want)
	}
	b.get("/leads/1abcdefghijklmnopqrstuvwxyz/data", operator(), http.StatusNotFound)
}

// Whoever merges a lead that waits for data reads that it does, on either side.
func TestAMergeSaysWhatWaitsForData(t *testing.T) {
	b := newBench(t)
	k := b.wanting()
	other := b.visits("lou@lou-works.example", "Lou", "Lind", "Lou Works")
	page := b.get(pairURL(duplicate.Of(k, other)), operator(), http.StatusOK)
	b.says(page, "Ada waits for data in the queue of the pool sales: the phone is not known")
	b.saysNot(page, "no promise to the customer runs")
	held := b.give("Mia", "alex")
	b.says(b.get(pairURL(duplicate.Of(k, held)), operator(), http.StatusOK), "Ada leaves the queue of leads that wait for data")
}

// The board has what waits for data, and both ways out of it.
func TestTheBoardHasTheDataQueue(t *testing.T) {
	b := newBench(t)
	k := b.wanting()
	got := b.boardOf("", manager("sales"))
	if namesOf(got.Incomplete) != "Ada" || got.OpenLeads != 1 || got.Incomplete[0].Why != "The phone is not known" {
		t.Errorf("%+v", got)
	}
	page := b.get("/board", manager("sales"), http.StatusOK)
	b.says(page, "Data is missing", "The phone is not known")
	if !strings.Contains(page, dataURL(k)) || !strings.Contains(page, orderURL(k, "hand-off")) {
		t.Error("there is no way on from the board")
	}
	b.says(b.get(orderURL(k, "hand-off"), manager("sales"), http.StatusOK), "gets the lead and a message about it")
	b.says(b.get(orderURL(k, "hold"), manager("sales"), http.StatusOK), "waits for data")
	if got := b.boardOf("", manager("enterprise")); len(got.Incomplete) > 0 {
		t.Errorf("another manager sees it: %+v", got.Incomplete)
	}
}
