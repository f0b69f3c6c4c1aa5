package inbound_test

import (
	"strings"
	"testing"
	"time"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/inbound"
	"github.com/handoff-oss/handoff/shared/signal"
)

// engagement parses the webhook that an engagement of that type was associated
// with the contact 501.
func engagement(t *testing.T, typeID, id string) signal.Signal {
	t.Helper()
	d, err := lookup(t, "hubspot").Parse(inbound.Request{
		Method: "POST", ReceivedAt: recordTime, Kind: inbound.CRM, Source: "hubspot",
		Body: []byte(`[{"eventId":7,"subscriptionId":8,"occurredAt":1772445600000,"subscriptionType":"object.associationChange","fromObjectTypeId":"` + typeID +
			`","toObjectTypeId":"0-1","fromObjectId":"` + id + `","toObjectId":501,"associationRemoved":false}]`),
	})
	if err != nil || len(d.Signals) != 1 {
		t.Fatalf("%+v %v", d, err)
	}
	return d.Signals[0]
}

func TestHubSpotEngagements(t *testing.T) {
	const called = `"hs_timestamp":"2026-03-02T09:40:00Z","hs_call_direction":"OUTBOUND","hs_call_status":`
	for _, c := range []struct{ name, typeID, path, properties, want string }{
		{"a call", "0-48", "calls", called + `"COMPLETED"`, "call outbound"},
		{"nobody answered", "0-48", "calls", called + `"NO_ANSWER"`, "call outbound"},
		{"still talking", "0-48", "calls", called + `"IN_PROGRESS"`, "call outbound"},
		{"not yet connected", "0-48", "calls", called + `"CONNECTING"`, "other"},
		{"to come", "0-48", "calls", called + `"QUEUED"`, "other"},
		{"broken off", "0-48", "calls", called + `"CANCELED"`, "other"},
		{"a call in", "0-48", "calls", `"hs_call_direction":"INBOUND","hs_call_status":"COMPLETED"`, "call inbound"},
		{"a call logged by hand", "0-48", "calls", `"hs_call_direction":null,"hs_call_status":"COMPLETED"`, "call"},
		{"a call in the future", "0-48", "calls", `"hs_timestamp":"2026-03-03T09:40:00Z","hs_call_direction":"OUTBOUND","hs_call_status":"COMPLETED"`, "other"},
		{"a mail", "0-49", "emails", `"hs_email_direction":"EMAIL","hs_email_status":"SENT"`, "email outbound"},
		{"a mail of a sequence", "0-49", "emails", `"hs_email_direction":"EMAIL","hs_email_status":"SENT","hs_sequence_id":"12"`, "email outbound automated"},
		{"a scheduled mail", "0-49", "emails", `"hs_email_direction":"EMAIL","hs_email_status":"SCHEDULED"`, "other"},
		{"a bounced mail", "0-49", "emails", `"hs_email_direction":"EMAIL","hs_email_status":"BOUNCED"`, "other"},
		{"a mail in", "0-49", "emails", `"hs_email_direction":"INCOMING_EMAIL"`, "email inbound"},
		{"a forwarded mail", "0-49", "emails", `"hs_email_direction":"FORWARDED_EMAIL","hs_email_status":"SENT"`, "other"},
		{"a mail without details", "0-49", "emails", ``, "other"},
		{"a meeting", "0-47", "meetings", `"hs_meeting_outcome":"COMPLETED","hs_meeting_start_time":"2026-03-02T09:00:00Z"`, "meeting outbound"},
		{"a planned meeting", "0-47", "meetings", `"hs_meeting_outcome":"SCHEDULED"`, "other"},
		{"a missed meeting", "0-47", "meetings", `"hs_meeting_outcome":"NO_SHOW"`, "other"},
		{"a meeting of which nothing is known", "0-47", "meetings", `"hs_timestamp":"2026-03-02T09:00:00Z"`, "other"},
		{"a message of either side", "0-18", "communications", `"hs_communication_channel_type":"SMS"`, "message"},
	} {
		thin := engagement(t, c.typeID, "70011")
		r, ok := inbound.RecordOf(thin)
		if !ok || r.Provider() != "hubspot" || thin.Type != signal.Other || thin.Identity.ContactID != "501" {
			t.Fatalf("%s: %+v", c.name, thin)
		}
		ask, err := r.Ask(thin, "")
		if err != nil || ask.Path != "/crm/v3/objects/"+c.path+"/70011" || strings.Contains(ask.Query, "body") {
			t.Errorf("%s: %+v %v", c.name, ask, err)
		}
		got, err := r.Complete(inbound.Request{}, thin, []byte(`{"id":"70011","properties":{`+c.properties+`}}`))
		if err != nil || told(got) != c.want || got.ID != thin.ID+"#fetched" || got.Identity != thin.Identity || inbound.Thin(got) {
			t.Errorf("%s: %s, want %s: %+v %v", c.name, told(got), c.want, got, err)
		}
		if named := got.Attributes[signal.AttrOriginalType] != ""; named != (got.Type == signal.Other) {
			t.Errorf("%s: %+v", c.name, got)
		}
	}
}

func TestHubSpotActivitiesSayWhoAndWhen(t *testing.T) {
	thin := engagement(t, "0-48", "70011")
	r, _ := inbound.RecordOf(thin)
	got, err := r.Complete(inbound.Request{}, thin, []byte(`{"id":"70011","properties":{"hs_timestamp":"2026-03-02T09:40:00Z","hs_call_direction":"OUTBOUND","hs_call_status":"COMPLETED","hubspot_owner_id":"5512345"}}`))
	if err != nil || !got.OccurredAt.Equal(recordTime.Add(-20*time.Minute)) || got.Attributes[signal.AttrOwner] != "5512345" || got.ID != "activity.calls.70011.501#fetched" {
		t.Errorf("%+v %v", got, err)
	}
}

func TestHubSpotEngagementsAreAskedForByTheirNumber(t *testing.T) {
	for _, id := range []string{"", "../me", "1?x=y", "1/2", "１２", "x"} {
		s := engagement(t, "0-48", id)
		if inbound.Thin(s) {
			t.Errorf("%q is to be fetched: %+v", id, s)
		}
		s = engagement(t, "0-48", "70011")
		s.Attributes["objectId"] = id
		r, _ := inbound.RecordOf(s)
		if ask, err := r.Ask(s, ""); fault.KindOf(err) != fault.Invalid || err == nil {
			t.Errorf("%q is asked for as %s", id, ask.Path)
		}
	}
	s := engagement(t, "0-48", "70011")
	r, _ := inbound.RecordOf(s)
	if ask, err := r.Ask(s, "../v3"); err == nil {
		t.Errorf("asked for as %+v", ask)
	}
	for _, body := range []string{"", "{", "[]", "null", "{}", `{"id":"70011"}`, `{"id":"1","properties":{}}`, `{"id":"70011","properties":[]}`} {
		if got, err := r.Complete(inbound.Request{}, s, []byte(body)); fault.KindOf(err) != fault.Invalid || err == nil {
			t.Errorf("%q gives %+v", body, got)
		}
	}
}

// What is no engagement, or is taken away from a contact, is not fetched.
func TestOtherAssociationsAreNotFetched(t *testing.T) {
	for _, typeID := range []string{"0-2", "0-27", "0-46", "0-1", "0-116", ""} {
		if s := engagement(t, typeID, "70011"); inbound.Thin(s) || s.Type != signal.Other {
			t.Errorf("%s: %+v", typeID, s)
		}
	}
}

// FuzzHubSpotEngagement: an API's answer never breaks anything.
func FuzzHubSpotEngagement(f *testing.F) {
	f.Add("0-48", `{"id":"70011","properties":{"hs_call_direction":"OUTBOUND","hs_call_status":"COMPLETED"}}`)
	f.Add("0-49", `{"id":"70011","properties":{"hs_email_direction":"EMAIL","hs_email_status":"SENT","hs_timestamp":1772445600000}}`)
	f.Fuzz(func(t *testing.T, typeID, answer string) {
		if strings.ContainsAny(typeID, "\"\\\x00") || strings.IndexFunc(typeID, func(c rune) bool { return c < ' ' || c > '~' }) >= 0 {
			return
		}
		s := engagement(t, typeID, "70011")
		r, ok := inbound.RecordOf(s)
		if !ok {
			return
		}
		got, err := r.Complete(inbound.Request{}, s, []byte(answer))
		if err != nil {
			if fault.KindOf(err) != fault.Invalid {
				t.Errorf("kind %v", fault.KindOf(err))
			}
			return
		}
		if got.Source != s.Source || got.ID != s.ID+"#fetched" || len(got.Attributes) > 100 || inbound.Thin(got) {
			t.Errorf("%+v", got)
		}
	})
}
