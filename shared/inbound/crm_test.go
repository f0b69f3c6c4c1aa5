package inbound_test

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/inbound"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/secret"
	"github.com/handoff-oss/handoff/shared/signal"
)

// named returns the fixture of that name.
func named(t *testing.T, name string) fixture {
	t.Helper()
	for _, f := range fixtures(t) {
		if f.name == name {
			return f
		}
	}
	t.Fatalf("no fixture %s", name)
	return fixture{}
}

func parsed(t *testing.T, provider, body string) []signal.Signal {
	t.Helper()
	d, err := lookup(t, provider).Parse(inbound.Request{
		Method: "POST", Body: []byte(body), ReceivedAt: noon, Source: provider, Kind: inbound.CRM,
	})
	if err != nil {
		t.Fatalf("%s: %v", body, err)
	}
	return d.Signals
}

func TestCalcomWithoutASecretLetsNobodyIn(t *testing.T) {
	f := named(t, "calcom_booked")
	for _, keys := range []secret.Keys{{"calcom-secret"}, {"no-secret-provided"}, {""}, nil} {
		r := f.request()
		r.Keys = keys
		r.Headers["x-cal-signature-256"] = "no-secret-provided"
		refused(t, f, r, "no-secret-provided")
	}
}

func TestCalendlyHeaders(t *testing.T) {
	f := named(t, "calendly_booked")
	good := f.Headers["calendly-webhook-signature"]
	stated, signature, _ := strings.Cut(good, ",")
	for header, let := range map[string]bool{
		good:                                     true,
		signature + "," + stated:                 true,
		stated + ",v1=00," + signature:           true, // a second signature during a rotation
		stated + ", " + signature:                true,
		signature:                                false,
		stated:                                   false,
		stated + "," + good:                      false, // two times
		stated + ",v0=" + signature[len("v1="):]: false,
		strings.Replace(good, "t=", "t=0", 1):    false,
		strings.ToUpper(good):                    false,
	} {
		r := f.request()
		r.Headers["calendly-webhook-signature"] = header
		if err := f.adapter(t).Verify(r); (err == nil) != let {
			t.Errorf("%s: %v", header, err)
		}
	}
}

// The two halves of a moved meeting name each other.
func TestCalendlyMovedMeetingsAreLinked(t *testing.T) {
	old := parsed(t, "calendly", named(t, "calendly_moved_old").Body)[0]
	next := parsed(t, "calendly", named(t, "calendly_moved_new").Body)[0]
	if old.Attributes[signal.AttrNextMeeting] != next.Attributes[signal.AttrMeeting] || next.Attributes[signal.AttrPreviousMeeting] != old.Attributes[signal.AttrMeeting] {
		t.Errorf("%v\n%v", old.Attributes, next.Attributes)
	}
	for _, s := range []signal.Signal{old, next} {
		for name, value := range s.Attributes {
			if strings.Contains(value, "calendly.com/cancellations") || strings.Contains(value, "calendly.com/reschedulings") {
				t.Errorf("%s lets whoever reads it move the meeting", name)
			}
		}
	}
}

func TestCalendlyNoShows(t *testing.T) {
	const uri = "https://api.calendly.com/scheduled_events/e/invitees/i"
	s := parsed(t, "calendly", `{"event":"invitee_no_show.deleted","created_at":"2026-03-02T09:00:00Z","payload":{"uri":"`+uri+`","email":"a@b.example"}}`)[0]
	if s.Type != signal.MeetingBooked || s.Attributes[signal.AttrMeeting] != uri || s.Attributes[signal.AttrBookedBy] != "" {
		t.Errorf("taken back: %+v", s)
	}
	s = parsed(t, "calendly", `{"event":"invitee_no_show.created","created_at":"2026-03-02T09:00:00Z","payload":{"uri":"https://api.calendly.com/invitee_no_shows/n","invitee":"`+uri+`"}}`)[0]
	if s.Type != signal.MeetingNoShow || s.Attributes[signal.AttrMeeting] != uri || s.Identity.ContactID != uri {
		t.Errorf("a record of its own: %+v", s)
	}
	s = parsed(t, "calendly", `{"event":"event_type.updated","created_at":"2026-03-02T09:00:00Z","payload":{"uri":"x"}}`)[0]
	if s.Type != signal.Other || s.Attributes[signal.AttrOriginalType] != "event_type.updated" {
		t.Errorf("unknown: %+v", s)
	}
}

func TestPipedrivePasswords(t *testing.T) {
	f := named(t, "pipedrive_v2_opened")
	for password, let := range map[string]bool{"pipedrive-password": true, "pipedrive-old": true, "pipedrive-passworD": false, "": false, "pipedrive-password ": false} {
		r := f.request()
		r.Headers["authorization"] = "Basic " + base64.StdEncoding.EncodeToString([]byte("anybody:"+password))
		if err := f.adapter(t).Verify(r); (err == nil) != let {
			t.Errorf("%q: %v", password, err)
		}
	}
}

// A repeated try is the same event; the next change is another one.
func TestPipedriveTriesHaveOneID(t *testing.T) {
	for name, counter := range map[string][2]string{
		"pipedrive_v2_opened": {`"attempt":1`, `"attempt":3`}, "pipedrive_v1_lost": {`"retry":2`, `"retry":0`},
	} {
		body := named(t, name).Body
		again := strings.Replace(body, counter[0], counter[1], 1)
		if body == again {
			t.Fatalf("%s counts no tries", name)
		}
		if a, b := parsed(t, "pipedrive", body)[0], parsed(t, "pipedrive", again)[0]; a.ID != b.ID {
			t.Errorf("%s: %s and %s", name, a.ID, b.ID)
		}
	}
	v1 := named(t, "pipedrive_v1_lost").Body
	other := strings.Replace(v1, `"value":18250,"currency"`, `"value":18251,"currency"`, 1)
	if parsed(t, "pipedrive", v1)[0].ID == parsed(t, "pipedrive", other)[0].ID {
		t.Error("two changes have one id")
	}
}

func soap(inner string) string {
	return `<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Body>` +
		`<notifications xmlns="http://soap.sforce.com/2005/09/outbound"><OrganizationId>00D5e000000AbCdEAK</OrganizationId>` + inner + `</notifications></soapenv:Body></soapenv:Envelope>`
}

func notification(id, fields string) string {
	return `<Notification><Id>` + id + `</Id><sObject xsi:type="sf:Opportunity" xmlns:sf="urn:sobject.enterprise.soap.sforce.com">` + fields + `</sObject></Notification>`
}

func TestSalesforceRefusesTrickyXML(t *testing.T) {
	good := soap(notification("n1", "<sf:Id>o1</sf:Id>"))
	for what, body := range map[string]string{
		"an entity of its own":  `<!DOCTYPE x [<!ENTITY a "boom">]>` + soap(notification("n1", "<sf:Id>&a;</sf:Id>")),
		"a file":                `<!DOCTYPE x SYSTEM "file:///etc/passwd">` + good,
		"an unknown entity":     soap(notification("n1", "<sf:Id>&nbsp;</sf:Id>")),
		"another encoding":      `<?xml version="1.0" encoding="UTF-16"?>` + good,
		"no end":                good[:len(good)-20],
		"something behind":      good + "<x/>",
		"a text":                "hello",
		"nothing":               "",
		"invalid characters":    soap(notification("n1", "<sf:Id>\x00</sf:Id>")),
		"crossed elements":      `<a><b></a></b>`,
		"depth":                 strings.Repeat("<a>", 5000) + strings.Repeat("</a>", 5000),
		"another document":      `<html><body/></html>`,
		"no notification":       soap(""),
		"an empty notification": soap("<Notification><Id>1</Id></Notification>"),
	} {
		_, err := lookup(t, "salesforce").Parse(inbound.Request{Body: []byte(body), ReceivedAt: noon, Source: "salesforce", Kind: inbound.CRM})
		if fault.KindOf(err) != fault.Invalid || err == nil {
			t.Errorf("%s: %v", what, err)
		}
	}
	if s := parsed(t, "salesforce", soap(notification("n1", "<sf:Id>o<!-- x -->1</sf:Id><sf:Name><![CDATA[<b>]]> &amp; &#65;</sf:Name>"))); s[0].Attributes["deal"] != "o1" || s[0].Attributes["Name"] != "<b> & A" {
		t.Errorf("%+v", s)
	}
}

func TestSalesforceTakesAHundredAndKeepsTheSessionToItself(t *testing.T) {
	var inner strings.Builder
	inner.WriteString("<SessionId>00Dxx!secret</SessionId>")
	for i := range 100 {
		inner.WriteString(notification(fmt.Sprintf("n%d", i), fmt.Sprintf("<sf:Id>o%d</sf:Id><sf:StageName>Closed Won</sf:StageName>", i)))
	}
	signals := parsed(t, "salesforce", soap(inner.String()))
	if len(signals) != 100 || signals[99].ID != "n99" || signals[99].Type != signal.DealWon || signals[99].Identity.ContactID != "deal:o99" {
		t.Fatalf("%d signals, last %+v", len(signals), signals[len(signals)-1])
	}
	for _, s := range signals {
		if strings.Contains(fmt.Sprint(s), "secret") {
			t.Fatal("the session is stored")
		}
	}
}

func TestSalesforceOrganizations(t *testing.T) {
	f := named(t, "salesforce_lead")
	for organization, let := range map[string]bool{
		"": true, "00D5e000000AbCdEAK": true, "00D5e000000AbCd": true, "00D5e000000AbCeEAK": false, "00d5e000000abcdeak": false, "00D": false,
	} {
		r := f.request()
		r.Policy = policy.Source{Provider: "salesforce", Organization: organization}
		if err := f.adapter(t).Verify(r); (err == nil) != let {
			t.Errorf("%q: %v", organization, err)
		}
	}
}

// Salesforce ends its tries for 200 with an Ack of true alone.
func TestSalesforceIsAnsweredInSOAP(t *testing.T) {
	a := lookup(t, "salesforce")
	for _, o := range outcomes() {
		if o == inbound.Probe || o == inbound.Challenged {
			continue
		}
		got := a.Answer(inbound.Request{}, inbound.Result{Outcome: o})
		taken := o == inbound.Accepted || o == inbound.Duplicate || o == inbound.Parked || o == inbound.Ignored
		if strings.Contains(got.Body, "<Ack>true</Ack>") != taken || strings.Contains(got.Body, "<Ack>false</Ack>") == taken ||
			(got.Status == 200) != taken || !strings.HasPrefix(got.Headers["Content-Type"], "text/xml") {
			t.Errorf("%s: %+v", o, got)
		}
	}
}

func TestDealsOfNobodyAreKept(t *testing.T) {
	for provider, body := range map[string]string{
		"hubspot":    `[{"eventId":900,"subscriptionType":"deal.propertyChange","objectId":7,"propertyName":"dealname","propertyValue":"x","occurredAt":1772445581000}]`,
		"pipedrive":  `{"meta":{"entity":"deal","action":"change","entity_id":"7","id":"0b7c5a52-8d1a-4f8e-9a30-4b5f3a1e9c77"},"data":{"id":7,"status":"open"}}`,
		"salesforce": soap(notification("n", "<sf:Id>7</sf:Id>")),
		"standard":   `{"type":"deal.won","attributes":{"deal":"7","amount":1e3}}`,
	} {
		s := parsed(t, provider, body)[0]
		if _, err := s.LeadKey(); err != nil || s.Identity.ContactID != "deal:7" || s.Attributes[signal.AttrDeal] != "7" {
			t.Errorf("%s: %+v %v", provider, s, err)
		}
	}
}

func TestAmountsAreDecimalNumbers(t *testing.T) {
	for sent, want := range map[string]string{
		"12000.50": "12000.50", "0": "0", "-3": "-3", "1.2E+6": "1200000", "5e-2": "0.05", "12000.": "12000", "+5": "5", " 7 ": "7", ".5": "0.5",
		"": "", "abc": "", "1,000": "", "0x10": "", "1e999999999": "", "NaN": "", "1/3": "", "--1": "", "1_000": "", strings.Repeat("9", 50): "",
	} {
		body := `[{"eventId":900,"subscriptionType":"deal.propertyChange","objectId":7,"propertyName":"amount","propertyValue":"` + sent + `"}]`
		if got := parsed(t, "hubspot", body)[0].Attributes[signal.AttrAmount]; got != want {
			t.Errorf("%q: %q, want %q", sent, got, want)
		}
	}
}
