package inbound_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/inbound"
	"github.com/handoff-oss/handoff/shared/signal"
)

// told says what a signal claims that one of us did: "other" when it is no
// activity, else how, who began and whether a machine acted.
func told(s signal.Signal) string {
	if s.Type != signal.ActivityLogged {
		return string(s.Type)
	}
	parts := []string{s.Attributes[signal.AttrHow]}
	for _, name := range []string{signal.AttrDirection, signal.AttrAutomated} {
		if v := s.Attributes[name]; v != "" && v != "false" {
			parts = append(parts, strings.Replace(v, "true", name, 1))
		}
	}
	return strings.Join(parts, " ")
}

func pipedriveActivity(meta, data, previous string) string {
	return `{"meta":{"entity":"activity","entity_id":"9","id":"5d0c8a11-64b2-4f0f-a1c6-7a2b90e4d310","timestamp":"2026-03-02T11:59:00Z",` + meta +
		`},"data":{"id":9,"person_id":77,` + data + `},"previous":` + previous + `}`
}

func TestPipedriveActivities(t *testing.T) {
	const planned, fresh = `{"done":false}`, `null`
	app, api := `"action":"create","change_source":"app"`, `"action":"create","change_source":"api"`
	change := `"action":"change","change_source":"app"`
	for _, c := range []struct{ name, meta, data, previous, want string }{
		{"a planned call is done", change, `"type":"call","done":true`, planned, "call outbound"},
		{"whatever its subject", change, `"type":"call","subject":"Return missed call","done":true`, planned, "call outbound"},
		{"by other software", `"action":"change","change_source":"api"`, `"type":"call","done":true`, planned, "call outbound"},
		{"a lunch", change, `"type":"lunch","done":true`, planned, "meeting outbound"},
		{"a message", change, `"type":"whatsapp","done":1`, `{"done":0}`, "message outbound"},
		{"logged by a user", app, `"type":"email","done":true`, fresh, "email outbound"},
		{"logged by a user as incoming", app, `"type":"call","subject":"Incoming call","done":true`, fresh, "call"},
		{"of an incoming type", app, `"type":"inbound_call","done":true`, fresh, "call inbound"},
		{"of an incoming type, planned", change, `"type":"incoming_call","done":true`, planned, "call inbound"},
		{"of an outgoing type", api, `"type":"outgoing_call","done":true`, fresh, "call outbound"},
		{"logged by a telephone system", api, `"type":"call","subject":"Call with Ada","done":true`, fresh, "call"},
		{"that says outbound", api, `"type":"call","subject":"Outbound call to Ada","done":true`, fresh, "call outbound"},
		{"edited afterwards", change, `"type":"call","done":true`, `{"subject":"x"}`, "call"},
		{"version 1 repeats that it was done", change, `"type":"call","done":true`, `{"done":true}`, "call"},
		{"planned", app, `"type":"call","done":false`, fresh, "other"},
		{"says nothing", app, `"type":"call"`, fresh, "other"},
		{"taken back", change, `"type":"call","done":false`, `{"done":true}`, "other"},
		{"a task", change, `"type":"task","done":true`, planned, "other"},
		{"a deadline", change, `"type":"deadline","done":true`, planned, "other"},
		{"a type of the company", change, `"type":"prepare_call","done":true`, planned, "other"},
		{"many at once", change + `,"is_bulk_edit":true`, `"type":"call","done":true`, planned, "other"},
		{"deleted", `"action":"delete"`, `"type":"call","done":true`, fresh, "other"},
		{"in the bin", change, `"type":"call","done":true,"is_deleted":true`, planned, "other"},
		{"another action", `"action":"merge"`, `"type":"call","done":true`, planned, "other"},
	} {
		s := parsed(t, "pipedrive", pipedriveActivity(c.meta, c.data, c.previous))
		if len(s) != 1 || told(s[0]) != c.want || s[0].Identity.ContactID != "77" {
			t.Errorf("%s: %s, want %s: %+v", c.name, told(s[0]), c.want, s)
		}
	}
}

func activityObject(kind, id, fields string) string {
	return strings.Replace(notification(id, fields), "sf:Opportunity", "sf:"+kind, 1)
}

func TestSalesforceActivities(t *testing.T) {
	const closed = "<sf:IsClosed>true</sf:IsClosed>"
	call := "<sf:TaskSubtype>Call</sf:TaskSubtype>"
	for _, c := range []struct{ name, kind, query, fields, want string }{
		{"a call out", "Task", "", closed + call + "<sf:CallType>Outbound</sf:CallType>", "call outbound"},
		{"a call in, whatever the address says", "Task", "direction=outbound", closed + call + "<sf:CallType>Inbound</sf:CallType>", "call inbound"},
		{"a call among us", "Task", "direction=outbound", closed + call + "<sf:CallType>Internal</sf:CallType>", "other"},
		{"a call logged by hand", "Task", "", closed + call, "call"},
		{"a call that the flow chose", "Task", "direction=outbound", closed + call, "call outbound"},
		{"an address that says something else", "Task", "direction=sideways", closed + call, "call"},
		{"by its status", "Task", "", "<sf:Status>Completed</sf:Status>" + call, "call"},
		{"by its type", "Task", "", closed + "<sf:TaskSubtype>Task</sf:TaskSubtype><sf:Type>Meeting</sf:Type>", "meeting outbound"},
		{"a mail", "Task", "", closed + "<sf:TaskSubtype>Email</sf:TaskSubtype>", "email"},
		{"a mail to many", "Task", "", closed + "<sf:TaskSubtype>ListEmail</sf:TaskSubtype>", "email outbound automated"},
		{"a message", "Task", "", closed + "<sf:TaskSubtype>LinkedIn</sf:TaskSubtype>", "message outbound"},
		{"a step of a cadence", "Task", "direction=outbound", closed + "<sf:TaskSubtype>Cadence</sf:TaskSubtype>", "other"},
		{"a to-do", "Task", "direction=outbound", closed + "<sf:TaskSubtype>Task</sf:TaskSubtype><sf:Subject>Call</sf:Subject>", "other"},
		{"open", "Task", "direction=outbound", "<sf:IsClosed>false</sf:IsClosed><sf:Status>Completed</sf:Status>" + call, "other"},
		{"not said", "Task", "direction=outbound", call, "other"},
		{"deleted", "Task", "direction=outbound", closed + call + "<sf:IsDeleted>true</sf:IsDeleted>", "other"},
		{"news of the owner", "Task", "event=owner.changed", closed + call, "owner.changed"},
		{"held", "Event", "", "<sf:Held__c>true</sf:Held__c><sf:StartDateTime>2026-03-02T09:00:00Z</sf:StartDateTime>", "meeting outbound"},
		{"completed", "Event", "", "<sf:Status__c>Completed</sf:Status__c><sf:Type>Call</sf:Type><sf:StartDateTime>2026-03-02T09:00:00Z</sf:StartDateTime>", "call outbound"},
		{"past and nothing more", "Event", "direction=outbound", "<sf:StartDateTime>2026-03-02T09:00:00Z</sf:StartDateTime>", "other"},
		{"not held", "Event", "", "<sf:Outcome__c>No Show</sf:Outcome__c><sf:StartDateTime>2026-03-02T09:00:00Z</sf:StartDateTime>", "other"},
		{"held before it began", "Event", "", "<sf:Held__c>true</sf:Held__c><sf:StartDateTime>2026-03-02T13:00:00Z</sf:StartDateTime>", "other"},
		{"held at no time", "Event", "", "<sf:Held__c>true</sf:Held__c>", "other"},
		{"another object", "Case", "direction=outbound", closed + call, "other"},
	} {
		d, err := lookup(t, "salesforce").Parse(inbound.Request{
			Body: []byte(soap(activityObject(c.kind, "n", "<sf:Id>a1</sf:Id><sf:WhoId>w1</sf:WhoId>"+c.fields))), Query: c.query, ReceivedAt: noon, Source: "salesforce",
		})
		if err != nil || len(d.Signals) != 1 || told(d.Signals[0]) != c.want || d.Signals[0].Identity.ContactID != "w1" {
			t.Errorf("%s: want %s: %+v %v", c.name, c.want, d, err)
		}
	}
}

func TestIntercomReplies(t *testing.T) {
	const replied, began = "conversation.admin.replied", "conversation.admin.single.created"
	admin, lead := `{"type":"admin","id":"1"}`, `{"type":"lead","id":"2"}`
	part := func(kind, author string) string {
		return `{"id":"p","part_type":"` + kind + `","created_at":1772445586,"author":` + author + `}`
	}
	for _, c := range []struct{ name, topic, source, parts, want string }{
		{"a person replies", replied, `{"type":"conversation","author":` + lead + `}`, part("comment", admin), "message outbound"},
		{"a bot replies", replied, `{"author":` + lead + `}`, part("comment", `{"type":"bot","id":"9"}`), "other"},
		{"an agent of software", replied, `{"author":` + lead + `}`, part("comment", `{"type":"admin","id":"9","from_ai_agent":true}`), "other"},
		{"a bot has the last word", replied, `{"author":` + lead + `}`, part("comment", admin) + "," + part("comment", `{"type":"bot"}`), "other"},
		{"the lead has it", replied, `{"author":` + admin + `}`, part("comment", lead), "other"},
		{"a note among us", replied, `{"author":` + lead + `}`, part("note", admin), "other"},
		{"an assignment", replied, `{"author":` + lead + `}`, part("assignment", admin), "other"},
		{"nothing was written", replied, `{"author":` + admin + `}`, "", "other"},
		{"the topic of a note", "conversation.admin.noted", `{"author":` + lead + `}`, part("comment", admin), "other"},
		{"a conversation is closed", "conversation.admin.closed", `{"author":` + lead + `}`, part("comment", admin), "other"},
		{"a person begins", began, `{"id":"s","delivered_as":"admin_initiated","author":` + admin + `}`, "", "message outbound"},
		{"a campaign begins", began, `{"id":"s","delivered_as":"automated","author":` + admin + `}`, "", "other"},
		{"somebody begins", began, `{"id":"s","author":` + admin + `}`, "", "other"},
		{"the lead writes", "conversation.user.replied", `{"author":` + admin + `}`, part("comment", admin), "event.tracked"},
	} {
		s := one(t, "intercom", inbound.Engagement, `{"topic":"`+c.topic+`","id":"notif_9","created_at":1772445588,"data":{"item":{"type":"conversation","id":"147",`+
			`"contacts":{"contacts":[{"type":"contact","id":"c1"}]},"source":`+c.source+`,"conversation_parts":{"conversation_parts":[`+c.parts+`]}}}}`)
		if told(s) != c.want {
			t.Errorf("%s: %s, want %s: %+v", c.name, told(s), c.want, s)
		}
	}
}

func TestOwnSoftwareSaysWhatWasDone(t *testing.T) {
	for _, c := range []struct{ attributes, at, want string }{
		{`{"how":"call","direction":"outbound"}`, "2026-03-02T11:00:00Z", "call outbound"},
		{`{"how":"email","direction":"outbound","automated":true}`, "2026-03-02T11:00:00Z", "email outbound automated"},
		{`{"how":"meeting","direction":"outbound","automated":"false"}`, "", "meeting outbound"},
		{`{"how":"message","direction":"inbound"}`, "2026-03-02T12:04:00Z", "message inbound"},
		{`{"how":"letter","direction":"outbound"}`, "", "attributes.how"},
		{`{"how":"Call","direction":"outbound"}`, "", "attributes.how"},
		{`{"direction":"outbound"}`, "", "attributes.how"},
		{`{"how":"call"}`, "", "attributes.direction"},
		{`{"how":"call","direction":"out"}`, "", "attributes.direction"},
		{`{"how":"call","direction":"outbound","automated":"yes"}`, "", "attributes.automated"},
		{`{"how":"call","direction":"outbound"}`, "2026-03-02T12:06:00Z", "lies ahead"},
		{`null`, "", "attributes.how"},
	} {
		own := `"type":"activity.logged","occurred_at":"` + c.at + `","identity":{"email":"a@b.example"},"attributes":` + c.attributes
		for provider, body := range map[string]string{
			"standard":    `{` + own + `}`,
			"cloudevents": `{"specversion":"1.0","id":"1","source":"/crm","type":"activity.logged","data":{` + own + `}}`,
		} {
			d, err := lookup(t, provider).Parse(inbound.Request{
				Body: []byte(body), ReceivedAt: noon, Source: provider, Kind: inbound.CRM, Headers: map[string]string{"content-type": "application/cloudevents+json"},
			})
			switch {
			case err != nil && (fault.KindOf(err) != fault.Invalid || !strings.Contains(err.Error(), c.want)):
				t.Errorf("%s %s: %v", provider, c.attributes, err)
			case err == nil && told(d.Signals[0]) != c.want:
				t.Errorf("%s %s: %s, want %s", provider, c.attributes, told(d.Signals[0]), c.want)
			}
		}
	}
}

// Whoever edits the record of an act afterwards makes no second act of it, and
// what is done again later is another one.
func TestAnActIsOneEvent(t *testing.T) {
	pipedrive := func(meta, done, previous string) string {
		return parsed(t, "pipedrive", pipedriveActivity(meta, `"type":"call","done":true,"marked_as_done_time":"`+done+`"`, previous))[0].ID
	}
	change := `"action":"change"`
	did := pipedrive(change, "2026-03-02T11:00:00Z", `{"done":false}`)
	for what, id := range map[string]string{
		"edited":                 pipedrive(change, "2026-03-02T11:00:00Z", `{"subject":"x"}`),
		"as version 1 writes it": pipedrive(change, "2026-03-02 11:00:00", `{"done":false}`),
		"with an offset":         pipedrive(`"action":"create"`, "2026-03-02 11:00:00+00", `null`),
	} {
		if id != did {
			t.Errorf("pipedrive, %s: %s, want %s", what, id, did)
		}
	}
	if again := pipedrive(change, "2026-03-02T11:30:00Z", `{"done":false}`); again == did {
		t.Error("what is done again has the same id")
	}
	salesforce := func(message, changed string) signal.Signal {
		return parsed(t, "salesforce", soap(activityObject("Task", message, "<sf:Id>a1</sf:Id><sf:WhoId>w1</sf:WhoId><sf:IsClosed>true</sf:IsClosed><sf:TaskSubtype>Call</sf:TaskSubtype>"+
			"<sf:CompletedDateTime>2026-03-02T11:00:00Z</sf:CompletedDateTime><sf:LastModifiedDate>"+changed+"</sf:LastModifiedDate>")))[0]
	}
	first, edited := salesforce("n1", "2026-03-02T11:00:00Z"), salesforce("n2", "2026-03-02T11:40:00Z")
	if first.ID != edited.ID || !first.OccurredAt.Equal(noon.Add(-time.Hour)) || !edited.OccurredAt.Equal(first.OccurredAt) {
		t.Errorf("salesforce: %+v %+v", first, edited)
	}
}

// Whatever else a payload says, an activity that is not done is none, one of an
// incoming type is never outbound, and of one that other software logged nobody
// knows who began.
func TestPipedriveNeverGuesses(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		pick := func(name string, values ...string) string { return rapid.SampledFrom(values).Draw(t, name) }
		done, kind := pick("done", "true", "false", "1", "0", "null", `"yes"`), pick("type", "call", "inbound_call", "incoming_call", "email", "meeting", "task", "x")
		action, by := pick("action", "create", "change", "delete", "merge"), pick("source", "app", "api", "")
		subject, previous := pick("subject", "", "Outbound call", "Incoming call"), pick("previous", "null", `{"done":false}`, `{"done":true}`, `{}`)
		body := pipedriveActivity(fmt.Sprintf(`"action":%q,"change_source":%q`, action, by),
			fmt.Sprintf(`"type":%q,"done":%s,"subject":%q,"direction":"outbound","how":"call","automated":"no"`, kind, done, subject), previous)
		d, err := inboundPipedrive().Parse(inbound.Request{Body: []byte(body), ReceivedAt: noon, Source: "pipedrive", Kind: inbound.CRM})
		if err != nil || len(d.Signals) != 1 {
			t.Fatalf("%v %v", d, err)
		}
		s := d.Signals[0]
		direction := s.Attributes[signal.AttrDirection]
		switch {
		case s.Type != signal.ActivityLogged:
		case done != "true" && done != "1", action != "create" && action != "change":
			t.Fatalf("%s is an activity: %+v", body, s)
		case strings.HasPrefix(kind, "in") && direction != signal.Inbound:
			t.Fatalf("%s came in: %+v", body, s)
		case !strings.HasPrefix(kind, "in") && by != "app" && action == "create" && subject != "Outbound call" && direction != "":
			t.Fatalf("%s says who began: %+v", body, s)
		case s.Attributes[signal.AttrAutomated] != "":
			t.Fatalf("%s says that a machine acted: %+v", body, s)
		}
	})
}

func inboundPipedrive() inbound.Adapter {
	a, _ := inbound.Lookup("pipedrive")
	return a
}
