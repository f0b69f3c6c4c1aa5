package table_test

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/go-cmp/cmp"

	"github.com/handoff-oss/handoff/infra/dynamodb/dynamotest"
	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/signal"
	"github.com/handoff-oss/handoff/shared/table"
)

func TestHoursOfASourceAddUp(t *testing.T) {
	client, name := dynamotest.CreateTable(t)
	tab := table.New(client, name)
	ten := time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)
	add := func(h table.SourceHour) {
		t.Helper()
		if err := tab.AddSourceHour(t.Context(), h); err != nil {
			t.Fatal(err)
		}
	}
	add(table.SourceHour{
		Source: "typeform", Hour: ten, Outcomes: map[string]int64{"accepted": 3, "bad_signature": 1}, Signals: 3,
		Times: map[table.SourceTime]time.Time{table.LastEvent: ten.Add(5 * time.Minute), table.LastForged: ten}, Error: "bad_signature: why",
	})
	add(table.SourceHour{
		Source: "typeform", Hour: ten, Outcomes: map[string]int64{"accepted": 2, "duplicate": 1}, Signals: 2,
		Times:  map[table.SourceTime]time.Time{table.LastEvent: ten.Add(7 * time.Minute)},
		Shaped: 2, Fields: map[string]int64{"lead.email": 2, "attributes.page.path": 1},
		Profiles: map[signal.FieldSet]int64{0x7ff: 1, 9: 1},
	})
	add(table.SourceHour{Source: "typeform", Hour: ten, Shaped: 3, Fields: map[string]int64{"lead.email": 3}, Profiles: map[signal.FieldSet]int64{9: 3}, Cut: true})
	add(table.SourceHour{Source: "typeform", Hour: ten.Add(-30 * time.Hour), Outcomes: map[string]int64{"accepted": 9}, Signals: 9})
	add(table.SourceHour{Source: "typeform2", Hour: ten, Outcomes: map[string]int64{"accepted": 100}})
	got, err := tab.SourceHours(t.Context(), "typeform", 48)
	if err != nil {
		t.Fatal(err)
	}
	want := []table.SourceHour{
		{
			Source: "typeform", Hour: ten, Outcomes: map[string]int64{"accepted": 5, "bad_signature": 1, "duplicate": 1}, Signals: 5, Error: "bad_signature: why",
			Shaped: 5, Fields: map[string]int64{"lead.email": 5, "attributes.page.path": 1}, Cut: true,
			Profiles: map[signal.FieldSet]int64{0x7ff: 1, 9: 4},
			Times:    map[table.SourceTime]time.Time{table.LastEvent: ten.Add(7 * time.Minute), table.LastForged: ten},
		},
		{Source: "typeform", Hour: ten.Add(-30 * time.Hour), Outcomes: map[string]int64{"accepted": 9}, Signals: 9, Times: map[table.SourceTime]time.Time{}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if got, err := tab.SourceHours(t.Context(), "typeform", 1); err != nil || len(got) != 1 || !got[0].Hour.Equal(ten) {
		t.Errorf("%+v %v", got, err)
	}
	if got, err := tab.SourceHours(t.Context(), "nosuch", 48); err != nil || len(got) != 0 {
		t.Errorf("%+v %v", got, err)
	}
	if err := tab.AddSourceHour(t.Context(), table.SourceHour{Hour: ten}); fault.KindOf(err) != fault.Invalid {
		t.Errorf("%v", err)
	}
}

// What the package comment promises about the cost.
func TestAnHourCostsOneWriteUnitAndIsForgotten(t *testing.T) {
	client, name := dynamotest.CreateTable(t)
	hour := time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)
	h := table.SourceHour{Source: "a-name-of-a-source-that-is-rather-long", Hour: hour, Outcomes: map[string]int64{}, Times: map[table.SourceTime]time.Time{}, Error: string(make([]byte, 200))}
	for _, o := range []string{"accepted", "duplicate", "parked", "ignored", "bad_signature", "malformed", "too_large", "wrong_path", "probe", "challenged", "unavailable", "fetched", "fetch_failed"} {
		h.Outcomes[o] = 1 << 40
	}
	for _, which := range []table.SourceTime{table.LastEvent, table.LastError, table.LastVerified, table.LastForged} {
		h.Times[which] = hour
	}
	h.Profiles = map[signal.FieldSet]int64{}
	for set := range signal.FieldSet(16) { // more kinds than forms have in an hour
		h.Profiles[0x7f0+set] = 1 << 40
	}
	if err := table.New(client, name).AddSourceHour(t.Context(), h); err != nil {
		t.Fatal(err)
	}
	out, err := client.Scan(t.Context(), &dynamodb.ScanInput{TableName: &name, ConsistentRead: aws.Bool(true)})
	if err != nil || len(out.Items) != 1 || len(out.Items[0]) != 38 {
		t.Fatalf("%v %v", out, err)
	}
	it := out.Items[0]
	size := 0
	for name, v := range it {
		size += len(name)
		switch v := v.(type) {
		case *types.AttributeValueMemberS:
			size += len(v.Value)
		case *types.AttributeValueMemberN: // a byte for two digits, and one
			size += (len(v.Value)+1)/2 + 1
		}
	}
	if size > 1024 {
		t.Errorf("%d bytes", size)
	}
	if n, ok := it["expires_at"].(*types.AttributeValueMemberN); !ok || n.Value != "1777629600" {
		t.Errorf("expires %v", it["expires_at"])
	}
}
