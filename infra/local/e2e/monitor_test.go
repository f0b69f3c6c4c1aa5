package e2e

import (
	"fmt"
	"maps"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/handoff-oss/handoff/infra/stack"
	"github.com/handoff-oss/handoff/shared/table"
)

// table is the stack's table, for a past that no test can live through.
func (w world) table() *table.Table {
	w.t.Helper()
	h, err := w.Health(w.t.Context())
	w.must(err)
	return table.New(dynamodb.New(dynamodb.Options{
		Region: "us-east-1", BaseEndpoint: aws.String(h.Endpoints.DynamoDB),
		Credentials: credentials.NewStaticCredentialsProvider("local", "local", ""),
	}), h.Table)
}

// lived gives a source five weeks of twelve webhooks an hour on working days,
// nine to five in New York, before the Monday.
func (w world) lived(source string, monday time.Time) {
	w.t.Helper()
	t := w.table()
	first := time.Date(monday.Year(), monday.Month(), monday.Day(), 14, 0, 0, 0, time.UTC).AddDate(0, 0, -35)
	for day := range 35 {
		if day%7 > 4 {
			continue
		}
		for hour := range 8 {
			at := first.AddDate(0, 0, day).Add(time.Duration(hour) * time.Hour)
			w.must(t.AddSourceHour(w.t.Context(), table.SourceHour{
				Source: source, Hour: at, Outcomes: map[string]int64{"accepted": 12}, Signals: 12,
				Times: map[table.SourceTime]time.Time{table.LastEvent: at.Add(55 * time.Minute)},
			}))
		}
	}
}

// toldOfSources returns what was told of sources: events by type, and messages by type, channel and receiver.
func (w world) toldOfSources() (events, messages map[string]int) {
	w.t.Helper()
	told, err := w.Events(w.t.Context(), "")
	w.must(err)
	sent, err := w.Outbox(w.t.Context(), "")
	w.must(err)
	events, messages = map[string]int{}, map[string]int{}
	for _, e := range told {
		events[e.Type]++
	}
	for _, m := range sent {
		messages[m.Event.Type+" "+m.Channel+" "+m.To]++
	}
	return events, messages
}

// A source that was regular for weeks and falls silent is told of once, on
// every channel, and once more when it is back. A weekend is no silence, and a
// week of time takes seconds.
func TestASilentSourceIsToldOfOnceAndIsBack(t *testing.T) {
	w := start(t)
	monday := w.moveToMondayMorning()
	w.lived("standard", monday)
	w.send(stack.Standard(person(301, "watched"), "Contact sales", "msg_watch_1", monday))
	w.must(w.MoveTo(t.Context(), monday.Add(3*time.Hour)))
	if events, _ := w.toldOfSources(); len(events) != 0 {
		t.Fatalf("told after three hours: %v", events)
	}
	began := time.Now()
	w.must(w.MoveTo(t.Context(), monday.AddDate(0, 0, 7)))
	w.idle()
	t.Logf("a week took %s", time.Since(began).Round(time.Second))
	w.compareTold("silent", 1, 0)
	w.send(stack.Standard(person(302, "watched"), "Contact sales", "msg_watch_2", monday.AddDate(0, 0, 7)))
	w.must(w.MoveTo(t.Context(), monday.AddDate(0, 0, 7).Add(10*time.Minute)))
	w.idle()
	w.compareTold("back", 1, 1)
}

func (w world) compareTold(what string, silent, recovered int) {
	w.t.Helper()
	wantEvents, wantMessages := map[string]int{}, map[string]int{}
	for typ, n := range map[string]int{"source.silent": silent, "source.recovered": recovered} {
		if n == 0 {
			continue
		}
		wantEvents[typ] = n
		for _, to := range []string{"slack operator", "email riley.chen@our-company.example", "webhook system"} {
			wantMessages[fmt.Sprint(typ, " ", to)] = n
		}
	}
	if events, messages := w.toldOfSources(); !maps.Equal(events, wantEvents) || !maps.Equal(messages, wantMessages) {
		w.t.Errorf("%s: told %v by %v, want %v by %v", what, events, messages, wantEvents, wantMessages)
	}
}
