package table_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/table"
)

func TestImagesAreReadOrRefused(t *testing.T) {
	tests := []struct {
		name, image string
		want        fault.Kind
	}{
		{"no document", `{"pk":{"S":"LEAD#1a"},"sk":{"S":"LOG#000000000001"}}`, fault.Invalid},
		{"another type", `{"pk":{"S":"LEAD#1a"},"doc":{"N":"1"}}`, fault.Invalid},
		{"broken JSON", `{"pk":{"S":"LEAD#1a"},"doc":{"S":"{"}}`, fault.Invalid},
		{"broken deflate", `{"pk":{"S":"LEAD#1a"},"doc":{"B":"AAEC"}}`, fault.Invalid},
		{"no lead", `{"pk":{"S":"LEAD#1a"},"doc":{"S":"{}"}}`, fault.Invalid},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var image map[string]events.DynamoDBAttributeValue
			if err := json.Unmarshal([]byte(tt.image), &image); err != nil {
				t.Fatal(err)
			}
			if _, err := table.LogItemFromImage(image); fault.KindOf(err) != tt.want || err == nil {
				t.Errorf("got %v, want kind %s", err, tt.want)
			}
		})
	}
}

func TestALongDocumentComesBackWhole(t *testing.T) {
	tb := newTable(t)
	s := click("long")
	s.Attributes["note"] = strings.Repeat("a long note. ", 500)
	if _, err := tb.PutSignal(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	k, err := s.LeadKey()
	if err != nil {
		t.Fatal(err)
	}
	got, err := tb.Signals(t.Context(), k)
	if err != nil || len(got) != 1 || got[0].Attributes["note"] != s.Attributes["note"] {
		t.Errorf("got %d signals, %v", len(got), err)
	}
}
