package deadletter_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/handoff-oss/handoff/shared/deadletter"
	"github.com/handoff-oss/handoff/shared/signal"
	"github.com/handoff-oss/handoff/shared/table"
)

func TestLettersSayWhatTheyAre(t *testing.T) {
	ada, err := signal.KeyOfEmail("ada@engines.example")
	if err != nil {
		t.Fatal(err)
	}
	const form = `{"source":"typeform","id":"1","type":"form.submitted","identity":{"email":"ada@engines.example"}`
	event := `{"version":"0","detail-type":"lead.handed_off","source":"handoff","detail":{"id":"1a.3.0","type":"lead.handed_off","lead":"1a","detail":{}}}`
	for name, tt := range map[string]struct {
		place deadletter.Place
		body  string
		said  map[string]string
		want  deadletter.Letter
	}{
		"parked signals": {
			deadletter.Park, `[` + form + `},` + form + `}]`,
			map[string]string{"reason": "the table is away", "tries": "1000"},
			deadletter.Letter{Tries: 1000, Reason: "the table is away", About: deadletter.About{What: "2 signals, the first of typeform", Lead: ada, Source: "typeform", Type: "form.submitted", Count: 2}},
		},
		"a parked answer": {
			deadletter.Park, `{"key":"1b","signal":` + form + `}}`, nil,
			deadletter.Letter{About: deadletter.About{What: "signal of typeform", Lead: "1b", Source: "typeform", Type: "form.submitted", Count: 1}},
		},
		"a signal by its keys": {
			deadletter.Retry, `{"pk":"LEAD#1a","sk":"SIG#hubspot#7#8"}`,
			map[string]string{"reason": "panic: a rule is broken", "tries": "50"},
			deadletter.Letter{Tries: 50, Reason: "panic: a rule is broken", About: deadletter.About{What: "signal of hubspot", Lead: "1a", Source: "hubspot", Type: "page.viewed", Count: 1}},
		},
		"one that was erased": {
			deadletter.Retry, `{"pk":"LEAD#1a","sk":"SIG#hubspot#gone"}`, nil,
			deadletter.Letter{About: deadletter.About{What: "signal of hubspot, which is stored no more", Lead: "1a", Source: "hubspot", Count: 1}},
		},
		"a request": {
			deadletter.Fetch, `{"signal":` + form + `,"attributes":{"fetch":"lead"}}}`,
			map[string]string{"reason": "the token has expired"},
			deadletter.Letter{Reason: "the token has expired", About: deadletter.About{What: "request for the lead of a webhook of typeform", Lead: ada, Source: "typeform", Type: "form.submitted", Count: 1}},
		},
		"an event": {
			deadletter.Notify, event,
			map[string]string{"reason": "slack to rep:maya: the receiver answered 410", "tries": "1"},
			deadletter.Letter{Tries: 1, Reason: "slack to rep:maya: the receiver answered 410", About: deadletter.About{What: "event", Type: "lead.handed_off", Event: "1a.3.0", Lead: "1a", Count: 1}},
		},
		"an event of the bus": {
			deadletter.Rule, event,
			map[string]string{"ERROR_CODE": "NO_PERMISSIONS", "ERROR_MESSAGE": "may not send", "RETRY_ATTEMPTS": "3"},
			deadletter.Letter{Tries: 3, Reason: "NO_PERMISSIONS: may not send", About: deadletter.About{What: "event", Type: "lead.handed_off", Event: "1a.3.0", Lead: "1a", Count: 1}},
		},
		"an event about a source": {
			deadletter.Notify, `{"detail":{"id":"source-x.1.0","type":"source.silent","detail":{"source":{"name":"x"}}}}`, nil,
			deadletter.Letter{About: deadletter.About{What: "event", Type: "source.silent", Event: "source-x.1.0", Source: "x", Count: 1}},
		},
		"a run that failed": {
			deadletter.Schedule, `{"requestContext":{"functionArn":"arn:aws:lambda:eu-west-1:1:function:handoff-sla:live","condition":"RetriesExhausted","approximateInvokeCount":1},"responsePayload":{"errorMessage":"out of time","errorType":"Timeout"}}`, nil,
			deadletter.Letter{Tries: 1, Reason: "out of time", About: deadletter.About{What: "run of handoff-sla", Count: 1}},
		},
		"a run that was never made": {
			deadletter.Schedule, `{"source":"aws.scheduler","resources":["arn:aws:scheduler:eu-west-1:1:schedule/default/sla-every-minute"]}`,
			map[string]string{"ERROR_CODE": "Throttling"},
			deadletter.Letter{Reason: "Throttling", About: deadletter.About{What: "run of sla-every-minute", Count: 1}},
		},
		"nonsense parked":    {deadletter.Park, `[]`, nil, deadletter.Letter{About: deadletter.About{What: "nothing of a known form"}}},
		"nonsense to decide": {deadletter.Retry, `{}`, nil, deadletter.Letter{About: deadletter.About{What: "nothing of a known form"}}},
		"nonsense to fetch":  {deadletter.Fetch, `x`, nil, deadletter.Letter{About: deadletter.About{What: "nothing of a known form"}}},
		"nonsense to tell":   {deadletter.Notify, `{"detail":7}`, nil, deadletter.Letter{About: deadletter.About{What: "nothing of a known form"}}},
		"nonsense to run":    {deadletter.Schedule, `x`, nil, deadletter.Letter{About: deadletter.About{What: "nothing of a known form"}}},
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t)
			s.signal[table.SignalRef{PK: "LEAD#1a", SK: "SIG#hubspot#7#8"}] = signal.Signal{Type: signal.PageViewed}
			tt.want.Place, tt.want.ID, tt.want.Body, tt.want.At = tt.place, s.put(string(tt.place)+"-dead", tt.body, tt.said), tt.body, s.clock.Now()
			got, err := s.Peek(t.Context(), tt.place, 10)
			if err != nil || len(got) != 1 {
				t.Fatalf("%+v %v", got, err)
			}
			if diff := cmp.Diff(tt.want, got[0], cmpopts.IgnoreUnexported(deadletter.Letter{}, deadletter.About{})); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
