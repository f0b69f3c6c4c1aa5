package inbound_test

import (
	"net/http"
	"slices"
	"testing"

	"github.com/handoff-oss/handoff/shared/inbound"
)

// TestTableOfAnswers compares all answers with their golden file: whoever
// changes one sees for whom.
func TestTableOfAnswers(t *testing.T) {
	type cell struct {
		Status  int               `json:"status"`
		Headers map[string]string `json:"headers"`
		Body    string            `json:"body"`
	}
	table := map[string]map[inbound.Outcome]cell{}
	for _, row := range inbound.Table() {
		if table[row.Provider] == nil {
			table[row.Provider] = map[inbound.Outcome]cell{}
		}
		table[row.Provider][row.Outcome] = cell{row.Answer.Status, row.Answer.Headers, row.Answer.Body}
	}
	compareGolden(t, "testdata/answers.json", table)
	for _, provider := range inbound.Providers() {
		if n := len(table[provider]); n != len(inbound.Outcomes())-2 {
			t.Errorf("%s is told about %d outcomes", provider, n)
		}
	}
}

// What a provider's documents say about success and about giving up, apart from
// how the table says it.
func TestAnswersKeepThePromisesOfTheProviders(t *testing.T) {
	good := []inbound.Outcome{inbound.Accepted, inbound.Duplicate, inbound.Parked, inbound.Ignored}
	for _, row := range inbound.Table() {
		status := row.Answer.Status
		switch {
		case slices.Contains(good, row.Outcome) && (status < 200 || status > 299):
			t.Errorf("%s: %s is answered %d", row.Provider, row.Outcome, status)
		case slices.Contains(good, row.Outcome) && status != http.StatusOK && row.Provider != "standard":
			t.Errorf("%s: %s is answered %d; some take nothing but 200 for success", row.Provider, row.Outcome, status)
		case row.Outcome == inbound.Unavailable && (status != http.StatusServiceUnavailable || row.Answer.Headers["Retry-After"] == ""):
			t.Errorf("%s: %s is answered %d", row.Provider, row.Outcome, status)
		case row.Outcome == inbound.BadSignature && status < 400:
			t.Errorf("%s: a forged webhook is answered %d", row.Provider, status)
		case row.Provider != "" && (status == http.StatusNotFound || status == http.StatusGone):
			t.Errorf("%s: %s is answered %d, at which some disable a webhook", row.Provider, row.Outcome, status)
		case status >= 300 && status < 400:
			t.Errorf("%s: %s redirects", row.Provider, row.Outcome)
		}
	}
}
