package inbound_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/handoff-oss/handoff/shared/inbound"
	"github.com/handoff-oss/handoff/shared/signal"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

func parse(t *testing.T, provider string, kind inbound.Kind, body string) (inbound.Delivery, error) {
	t.Helper()
	return lookup(t, provider).Parse(inbound.Request{
		Method: "POST", Source: provider, Kind: kind, Body: []byte(body), ReceivedAt: noon, Headers: map[string]string{},
	})
}

func one(t *testing.T, provider string, kind inbound.Kind, body string) signal.Signal {
	t.Helper()
	d, err := parse(t, provider, kind, body)
	if err != nil || len(d.Signals) != 1 {
		t.Fatalf("%d signals, %v", len(d.Signals), err)
	}
	return d.Signals[0]
}

func TestMalformedBodiesAreInvalid(t *testing.T) {
	for provider, bodies := range map[string][]string{
		"typeform": {"", "{", "[]", "{}", `{"event_type":"form_response"} {}`, "null"},
		"hubspot":  {"", "{", "{}", `[{}]`, "1", `{"properties":{}}`},
		"segment":  {"", "{", "{}", `[{}]`, `"x"`},
		"sendgrid": {"", "{", "{}", `[{"email":"a@b.example"}]`, "null"},
		"standard": {"", "{", "{}", "[]", `{"type":"page.viewed","occurred_at":"yesterday"}`},
		"html":     {"", "&&", "_gotcha=", strings.Repeat("a=b&", 200), "a=" + strings.Repeat("x", 65<<10)},
	} {
		for _, body := range bodies {
			if _, err := parse(t, provider, inbound.Forms, body); err == nil {
				t.Errorf("%s: %.40q was taken", provider, body)
			}
		}
	}
}

func TestEmptyBatchesAreTaken(t *testing.T) {
	for _, provider := range []string{"hubspot", "segment", "sendgrid"} {
		if d, err := parse(t, provider, inbound.Engagement, "[]"); err != nil || len(d.Signals) != 0 {
			t.Errorf("%s: %v %v", provider, d, err)
		}
	}
}

func TestOneBadElementKeepsNobodyOut(t *testing.T) {
	d, err := parse(t, "sendgrid", inbound.Engagement, `[null,{"event":"open","email":"a@b.example","sg_event_id":"1"},7,{}]`)
	if err != nil || len(d.Signals) != 1 || d.Skipped != 3 {
		t.Errorf("%+v %v", d, err)
	}
}

func TestTimesStayBelievable(t *testing.T) {
	for stated, want := range map[string]time.Time{
		`"2026-03-02T11:00:00Z"`:      noon.Add(-time.Hour),
		`"2026-03-02T13:00:00+02:00"`: noon.Add(-time.Hour),
		`"2026-03-02T12:00:01Z"`:      noon, // the future
		`"1999-12-31T23:59:59Z"`:      noon, // not believable
		`""`:                          noon,
		`null`:                        noon,
	} {
		s := one(t, "standard", inbound.Forms, `{"type":"page.viewed","occurred_at":`+stated+`}`)
		if !s.OccurredAt.Equal(want) || !s.ReceivedAt.Equal(noon) {
			t.Errorf("%s: occurred at %v", stated, s.OccurredAt)
		}
	}
}

func TestTypesFromOutside(t *testing.T) {
	for sent, want := range map[string]signal.Type{
		"form.submitted": signal.FormSubmitted, "email.opened": signal.EmailOpened, "other": signal.Other,
		"rep.accepted": signal.Other, "ticket.closed": signal.Other,
		"meeting.booked": signal.MeetingBooked, "deal.won": signal.DealWon, "owner.changed": signal.OwnerChanged,
	} {
		s := one(t, "standard", inbound.Engagement, `{"type":"`+sent+`"}`)
		if s.Type != want || (want == signal.Other && s.Attributes[signal.AttrOriginalType] != sent && sent != "other") {
			t.Errorf("%s: %s, %v", sent, s.Type, s.Attributes)
		}
	}
}

func TestValuesAreBounded(t *testing.T) {
	var b strings.Builder
	for i := range 150 {
		fmt.Fprintf(&b, `"k%03d":"v",`, i)
	}
	body := `{"type":"form.submitted","attributes":{` + b.String() + `"a long":"` + strings.Repeat("ä", 3000) + `"},"identity":{"user_id":"` + strings.Repeat("u", 5000) + `"}}`
	s := one(t, "standard", inbound.Forms, body)
	if len(s.Attributes) > 100 || s.Attributes["attributes_dropped"] == "" {
		t.Errorf("%d attributes, dropped %q", len(s.Attributes), s.Attributes["attributes_dropped"])
	}
	long := s.Attributes["a long"]
	if len(long) > 2048 || !strings.HasSuffix(long, "ä…[cut]") {
		t.Errorf("%d bytes, ending in %q", len(long), long[len(long)-12:])
	}
	if len(s.Identity.UserID) > 200 {
		t.Errorf("user id of %d bytes", len(s.Identity.UserID))
	}
}

func TestEventIDsSurviveRetries(t *testing.T) {
	try := func(n int) string {
		return one(t, "hubspot", inbound.Engagement, fmt.Sprintf(
			`[{"eventId":7000,"subscriptionId":1,"objectId":5,"occurredAt":1772445600000,"subscriptionType":"contact.creation","attemptNumber":%d}]`, n)).ID
	}
	if try(0) != try(3) {
		t.Error("the number of the try changes the event id")
	}
	form := func(at time.Time, body string) string {
		d, err := lookup(t, "html").Parse(inbound.Request{Source: "html", Body: []byte(body), ReceivedAt: at})
		if err != nil {
			t.Fatal(err)
		}
		return d.Signals[0].ID
	}
	if form(noon, "email=a%40b.example") != form(noon.Add(59*time.Minute), "email=a%40b.example") {
		t.Error("the same form within the hour has two ids")
	}
	if form(noon, "email=a%40b.example") == form(noon.Add(time.Hour), "email=a%40b.example") ||
		form(noon, "email=a%40b.example") == form(noon, "email=a%40c.example") || form(noon, "a=bc") == form(noon, "ab=c") {
		t.Error("different forms share an id")
	}
	if form(noon, "email=x&_nonce=1") != form(noon.Add(48*time.Hour), "email=y&_nonce=1") {
		t.Error("a nonce is not the id")
	}
}

func TestNamesOfFieldsAsPeopleWriteThem(t *testing.T) {
	for name, want := range map[string]string{
		"Work email": "email", "E-Mail": "email", "first_name": "first_name", "FirstName": "first_name", "Last Name": "last_name",
		"Company name": "company", "Job Title": "title", "Phone number": "phone", "Country": "country", "Company size": "employees",
		"Website": "website", "Industry": "industry",
	} {
		s := one(t, "html", inbound.Forms, strings.ReplaceAll(name, " ", "+")+"=v%40x.example&x=y")
		if got := s.Lead[want]; got != "v@x.example" {
			t.Errorf("%q: %v", name, s.Lead)
		}
	}
}

func TestForgedElementsCannotHideTheirMark(t *testing.T) {
	d, err := parse(t, "segment", inbound.Engagement, `[{"type":"track","messageId":"1"},{"type":"track","messageId":"2","properties":{"unsigned":"false"}}]`)
	if err != nil || d.Signals[1].Attributes["unsigned"] != "true" || d.Signals[0].Attributes["unsigned"] != "" {
		t.Errorf("%+v %v", d.Signals, err)
	}
}

func TestFullNamesAreSplitUnlessPartsAreGiven(t *testing.T) {
	s := one(t, "segment", inbound.Engagement, `{"type":"identify","messageId":"1","traits":{"name":"Ada King Lovelace","firstName":"Ada","lastName":"Lovelace","company":"Engines"}}`)
	if s.Lead["first_name"] != "Ada" || s.Lead["last_name"] != "Lovelace" || s.Lead["company"] != "Engines" {
		t.Errorf("%v", s.Lead)
	}
	s = one(t, "html", inbound.Forms, "name=Ada++King+Lovelace&email=a%40b.example")
	if s.Lead["first_name"] != "Ada" || s.Lead["last_name"] != "King Lovelace" {
		t.Errorf("%v", s.Lead)
	}
}
