package main

import (
	"net/http"
	"testing"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/signal"
)

func TestAnOperatorErasesAPerson(t *testing.T) {
	b := newBench(t)
	k := b.give("Ada", "alex")
	target := "/leads/" + string(k) + "/erase"
	b.get(target, manager("sales"), http.StatusForbidden)
	page := b.get(target, operator(), http.StatusOK)
	b.says(page, "Erase this person", "ALEX has the lead no more", "Nobody can take that back", "Why")
	b.says(b.submit(page, target, operator(), http.StatusUnprocessableEntity, "reason", "request"), "Say that you know that this cannot be taken back.")
	b.says(b.submit(page, target, operator(), http.StatusUnprocessableEntity, "sure", "yes", "reason", "because"), "Say why: request, objection, retention or mistake")
	if len(b.said(k)) != 0 {
		t.Fatal("a form that was refused ordered something")
	}
	if to := b.submit(page, target, operator(), http.StatusSeeOther, "sure", "yes", "reason", "request"); to != target {
		t.Errorf("the form leads to %s", to)
	}
	b.says(b.get(target, operator(), http.StatusOK), "It is being carried out")
	said := b.said(k)
	if len(said) != 1 || said[0].Type != signal.OrderErase || said[0].Attributes["reason"] != "request" || said[0].Attributes["by"] == "" {
		t.Fatalf("%+v", said)
	}
	b.settle(k)
	if _, err := b.table.Lead(t.Context(), k); fault.KindOf(err) != fault.NotFound {
		t.Errorf("%v, want NotFound", err)
	}
	b.says(b.get(target, operator(), http.StatusOK), "This person was erased", "What was stored is removed", "backups of the table", "--allow-again")
	b.says(b.submit(page, target, operator(), http.StatusOK, "sure", "yes", "reason", "request"), "This person was erased") // the form once more
	b.get("/leads/1nobody/erase", operator(), http.StatusNotFound)
}
