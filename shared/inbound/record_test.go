package inbound_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/inbound"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/signal"
)

var recordTime = time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)

// thinCase is a webhook that names a record, and the API's answer about it.
type thinCase struct {
	webhook  string
	kind     inbound.Kind
	path     string // that is asked for
	answer   string
	complete signal.Signal
}

func thinCases() map[string]thinCase {
	base := func(source, id string, kind signal.Type, at time.Time) signal.Signal {
		return signal.Signal{Source: source, ID: id, Type: kind, OccurredAt: at, ReceivedAt: recordTime}
	}
	meta := base("meta", "9007199254740993#fetched", signal.FormSubmitted, recordTime.Add(-5*time.Minute))
	meta.Identity = signal.Identity{Email: "noa@northwind.example", ContactID: "9007199254740993", Phone: "+49 30 1234567"}
	meta.Lead = map[string]string{"email": "noa@northwind.example", "first_name": "Noa", "last_name": "Berg", "company": "Northwind", "phone": "+49 30 1234567"}
	meta.Attributes = map[string]string{
		"leadgen_id": "9007199254740993", "page_id": "1001", "form_id": "77", "ad_id": "88", "campaign_name": "Spring", "is_organic": "false",
		"when_do_you_start?": "this month, next month",
	}
	linkedin := base("linkedin", "3f1c-1.CREATED.1772445300000#fetched", signal.FormSubmitted, recordTime.Add(-4*time.Minute))
	linkedin.Identity = signal.Identity{Email: "sam@fabrikam.example", ContactID: "3f1c-1"}
	linkedin.Lead = map[string]string{"email": "sam@fabrikam.example", "first_name": "Sam", "employees": "51-200"}
	linkedin.Attributes = map[string]string{
		"response_id": "3f1c-1", "form": "Talk to sales", "form_id": "10", "lead_type": "SPONSORED", "leadType": "SPONSORED",
		"campaign": "q1", "leadGenForm": "urn:li:versionedLeadGenForm:(urn:li:leadGenForm:10,1)",
	}
	hubspot := base("hubspot", "7.8.501.1772445600000#fetched", signal.ContactCreated, recordTime)
	hubspot.Identity = signal.Identity{Email: "ida@contoso.example", ContactID: "501"}
	hubspot.Lead = map[string]string{"email": "ida@contoso.example", "first_name": "Ida", "title": "CTO"}
	hubspot.Attributes = map[string]string{"objectId": "501", "subscriptionId": "8", "subscriptionType": "contact.creation", "lifecyclestage": "lead", "hs_object_id": "501", "lastmodifieddate": "2026-03-02T09:59:00Z"}
	return map[string]thinCase{
		"meta": {
			`{"object":"page","entry":[{"id":"1001","time":1772445300,"changes":[{"field":"leadgen","value":{"leadgen_id":"9007199254740993","page_id":"1001","form_id":"77","created_time":1772445300}}]}]}`,
			inbound.Forms, "/9007199254740993",
			`{"id":"9007199254740993","created_time":"2026-03-02T09:55:00+0000","form_id":"77","ad_id":"88","campaign_name":"Spring","is_organic":false,"field_data":[
				{"name":"full_name","values":["Noa Berg"]},{"name":"email","values":["noa@northwind.example"]},{"name":"company_name","values":["Northwind"]},
				{"name":"phone_number","values":["+49 30 1234567"]},{"name":"when_do_you_start?","values":["this month","next month"]}]}`,
			meta,
		},
		"linkedin": {
			`{"type":"LEAD_ACTION","leadGenFormResponse":"urn:li:leadGenFormResponse:3f1c-1","leadGenForm":"urn:li:versionedLeadGenForm:(urn:li:leadGenForm:10,1)","leadType":"SPONSORED","leadAction":"CREATED","occurredAt":1772445300000}`,
			inbound.Forms, "/rest/leadFormResponses/3f1c-1",
			`{"id":"3f1c-1","leadType":"SPONSORED","submittedAt":1772445360000,"testLead":false,
			"form":{"id":10,"name":"Talk to sales","hiddenFields":[{"name":"campaign","value":"q1"}],"content":{"questions":[
				{"questionId":1,"predefinedField":"FIRST_NAME","name":"First name"},{"questionId":2,"predefinedField":"WORK_EMAIL"},
				{"questionId":3,"name":"Company size","questionDetails":{"multipleChoiceQuestionDetails":{"options":[{"id":5,"text":{"localized":{"en_US":"51-200"}}}]}}}]}},
			"formResponse":{"answers":[{"questionId":1,"answerDetails":{"textQuestionAnswer":{"answer":"Sam"}}},
				{"questionId":2,"answerDetails":{"textQuestionAnswer":{"answer":"sam@fabrikam.example"}}},
				{"questionId":3,"answerDetails":{"multipleChoiceAnswer":{"options":[5]}}}]}}`,
			linkedin,
		},
		"hubspot": {
			`[{"eventId":7,"subscriptionId":8,"objectId":501,"occurredAt":1772445600000,"subscriptionType":"contact.creation"}]`,
			inbound.Engagement, "/crm/v3/objects/contacts/501",
			`{"id":"501","properties":{"email":"ida@contoso.example","firstname":"Ida","lastname":null,"jobtitle":"CTO","lifecyclestage":"lead","hs_object_id":"501","lastmodifieddate":"2026-03-02T09:59:00Z"},"archived":false}`,
			hubspot,
		},
	}
}

// thin parses the webhook of a case.
func thin(t *testing.T, provider string, c thinCase) signal.Signal {
	t.Helper()
	d, err := lookup(t, provider).Parse(inbound.Request{Method: "POST", Body: []byte(c.webhook), ReceivedAt: recordTime, Kind: c.kind, Source: provider})
	if err != nil || len(d.Signals) != 1 {
		t.Fatalf("%s: %+v %v", provider, d, err)
	}
	return d.Signals[0]
}

func TestThinSignalsAreCompleted(t *testing.T) {
	for provider, c := range thinCases() {
		s := thin(t, provider, c)
		r, ok := inbound.RecordOf(s)
		if !ok || r.Provider() != provider || !strings.HasPrefix(r.API(), "https://") {
			t.Errorf("%s: %+v names no record", provider, s)
			continue
		}
		ask, err := r.Ask(s, "")
		if err != nil || ask.Path != c.path || ask.Query == "" {
			t.Errorf("%s: %+v %v", provider, ask, err)
		}
		got, err := r.Complete(inbound.Request{}, s, []byte(c.answer))
		if err != nil {
			t.Errorf("%s: %v", provider, err)
			continue
		}
		if diff := cmp.Diff(c.complete, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", provider, diff)
		}
		if inbound.Thin(got) {
			t.Errorf("%s: the complete signal asks again", provider)
		}
	}
}

func TestPolicySaysWhatFetchedFieldsMean(t *testing.T) {
	c := thinCases()["meta"]
	s := thin(t, "meta", c)
	r, _ := inbound.RecordOf(s)
	source := policy.Source{Provider: "meta", Fields: map[string]string{"when_do_you_start?": signal.AttrMessage}}
	got, err := r.Complete(inbound.Request{Policy: source}, s, []byte(c.answer))
	if err != nil || got.Attributes[signal.AttrMessage] != "this month, next month" {
		t.Errorf("%+v %v", got, err)
	}
}

// Nothing in a payload may lead a request elsewhere: ids of another form are
// refused before they become part of an address.
func TestIDsThatAreNoneAreNotAskedFor(t *testing.T) {
	attribute := map[string]string{"meta": "leadgen_id", "linkedin": "response_id", "hubspot": "objectId"}
	for provider, c := range thinCases() {
		for _, id := range []string{
			"", "../me", "..", "1/../../me", "1?access_token=x", "1#x", "1%2f..", "1\r\nHost: evil.example", "//evil.example", "@evil.example", "1 2", "１２",
			"1:2", "1\x00", strings.Repeat("1", 101),
		} {
			s := thin(t, provider, c)
			s.Attributes[attribute[provider]] = id
			r, _ := inbound.RecordOf(s)
			if ask, err := r.Ask(s, ""); fault.KindOf(err) != fault.Invalid || err == nil {
				t.Errorf("%s: %q is asked for as %s", provider, id, ask.Path)
			}
		}
		s := thin(t, provider, c)
		r, _ := inbound.RecordOf(s)
		for _, version := range []string{"v3/../..", "x y", "\r\n", strings.Repeat("1", 30)} {
			if ask, err := r.Ask(s, version); err == nil {
				t.Errorf("%s: version %q is asked for as %+v", provider, version, ask)
			}
		}
		if ask, err := r.Ask(s, "202701"); err != nil || !strings.Contains(ask.Path+ask.Headers["LinkedIn-Version"], "202701") {
			t.Errorf("%s: %+v %v", provider, ask, err)
		}
	}
}

func TestAnswersAboutSomethingElse(t *testing.T) {
	for provider, c := range thinCases() {
		s := thin(t, provider, c)
		r, _ := inbound.RecordOf(s)
		for _, body := range []string{"", "{", "[]", "{}", "null", `{"id":"1"}`, `{"id":"1","properties":{},"field_data":[]}`} {
			if got, err := r.Complete(inbound.Request{}, s, []byte(body)); fault.KindOf(err) != fault.Invalid || err == nil {
				t.Errorf("%s: %q gives %+v", provider, body, got)
			}
		}
	}
}

func TestRefusals(t *testing.T) {
	meta := func(code, more string) string { return `{"error":{"message":"x","code":` + code + more + `}}` }
	for _, c := range []struct {
		provider string
		status   int
		body     string
		kind     fault.Kind
	}{
		{"meta", 400, meta("190", `,"error_subcode":463`), fault.Denied},
		{"meta", 400, meta("10", ""), fault.Denied},
		{"meta", 403, meta("200", ""), fault.Denied},
		{"meta", 400, meta("100", `,"error_subcode":33`), fault.Denied}, // no such lead, or no permission
		{"meta", 400, meta("100", ""), fault.Invalid},
		{"meta", 400, meta("4", ""), fault.Unavailable},
		{"meta", 400, meta("80005", ""), fault.Unavailable},
		{"meta", 400, meta("9999", `,"is_transient":true`), fault.Unavailable},
		{"meta", 500, meta("1", ""), fault.Unavailable},
		{"meta", 502, "<html>", fault.Unavailable},
		{"linkedin", 401, "{}", fault.Denied},
		{"linkedin", 403, "{}", fault.Denied},
		{"linkedin", 404, "{}", fault.NotFound},
		{"linkedin", 426, "{}", fault.Denied}, // a version that is no longer served: api_version says another
		{"linkedin", 429, "{}", fault.Unavailable},
		{"hubspot", 404, "{}", fault.NotFound},
		{"hubspot", 429, "{}", fault.Unavailable},
		{"hubspot", 302, "", fault.Invalid},
	} {
		r, _ := inbound.RecordOf(thin(t, c.provider, thinCases()[c.provider]))
		if err := r.Refusal(c.status, []byte(c.body)); err == nil || fault.KindOf(err) != c.kind {
			t.Errorf("%s %d %s: %v, kind %v", c.provider, c.status, c.body, err, fault.KindOf(err))
		}
	}
}

// Of a contact's many changes in one delivery one is fetched, the last; what
// names its address itself, a deletion and a test are not.
func TestHubSpotContactsAreFetchedOncePerDelivery(t *testing.T) {
	body := `[
{"eventId":101,"subscriptionId":1,"objectId":11,"occurredAt":1772445600000,"subscriptionType":"contact.creation"},
{"eventId":102,"subscriptionId":1,"objectId":11,"occurredAt":1772445601000,"subscriptionType":"contact.propertyChange","propertyName":"firstname","propertyValue":"Ida"},
{"eventId":103,"subscriptionId":1,"objectId":12,"occurredAt":1772445602000,"subscriptionType":"contact.propertyChange","propertyName":"email","propertyValue":"ida@contoso.example"},
{"eventId":104,"subscriptionId":1,"objectId":13,"occurredAt":1772445603000,"subscriptionType":"contact.deletion"},
{"eventId":100,"subscriptionId":1,"objectId":123,"occurredAt":1772445603000,"subscriptionType":"contact.creation","changeSource":"CRM"},
{"eventId":105,"subscriptionId":1,"objectId":14,"occurredAt":1772445604000,"subscriptionType":"deal.creation"},
{"eventId":106,"subscriptionId":1,"objectId":"15/..","occurredAt":1772445604000,"subscriptionType":"contact.creation"}]`
	d, err := lookup(t, "hubspot").Parse(inbound.Request{Method: "POST", Body: []byte(body), ReceivedAt: recordTime, Kind: inbound.Forms, Source: "hubspot"})
	if err != nil || len(d.Signals) != 7 {
		t.Fatalf("%+v %v", d, err)
	}
	var thin []int
	for i, s := range d.Signals {
		if inbound.Thin(s) {
			thin = append(thin, i)
		}
	}
	if diff := cmp.Diff([]int{1}, thin); diff != "" {
		t.Error(diff)
	}
}

// FuzzRecords: an API's answer never breaks anything, and keeps the bounds.
func FuzzRecords(f *testing.F) {
	for provider, c := range thinCases() {
		f.Add(provider, c.answer)
	}
	cases := thinCases()
	f.Fuzz(func(t *testing.T, provider, answer string) {
		c, ok := cases[provider]
		if !ok {
			return
		}
		s := thin(t, provider, c)
		r, _ := inbound.RecordOf(s)
		got, err := r.Complete(inbound.Request{}, s, []byte(answer))
		if err != nil {
			if fault.KindOf(err) != fault.Invalid {
				t.Errorf("kind %v", fault.KindOf(err))
			}
			return
		}
		if got.Source != s.Source || !got.ReceivedAt.Equal(s.ReceivedAt) || !strings.HasSuffix(got.ID, "#fetched") || len(got.Attributes) > 100 || inbound.Thin(got) {
			t.Errorf("%+v", got)
		}
	})
}
