package inbound_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/inbound"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/secret"
	"github.com/handoff-oss/handoff/shared/signal"
)

func fixtureOf(t *testing.T, name string) fixture {
	t.Helper()
	for _, f := range fixtures(t) {
		if f.name == name {
			return f
		}
	}
	t.Fatalf("no fixture %s", name)
	return fixture{}
}

// Some payloads repeat the secret: google_key, the address of a Jotform webhook.
func TestNoSecretReachesASignal(t *testing.T) {
	for _, f := range fixtures(t) {
		d, err := f.adapter(t).Parse(f.request())
		if err != nil {
			t.Fatal(err)
		}
		b, err := json.Marshal(d)
		if err != nil {
			t.Fatal(err)
		}
		for _, key := range f.Keys {
			if strings.Contains(string(b), key) {
				t.Errorf("%s: %s", f.name, b)
			}
		}
	}
}

func TestGoogleKeyIsComparedAsAWhole(t *testing.T) {
	f := fixtureOf(t, "google_ads_lead")
	for _, key := range []string{"", "google-ads-ke", "google-ads-keyy", "Google-ads-key", " google-ads-key", "verify:google-ads-key"} {
		r := f.request()
		r.Body = []byte(strings.Replace(f.Body, `"google-ads-key"`, fmt.Sprintf("%q", key), 1))
		refused(t, f, r, "google_key "+key)
	}
	for _, body := range []string{`{}`, `{"google_key":null}`, `{"google_key":["google-ads-key"]}`, `{"GOOGLE_KEY":"google-ads-key"}`, `google-ads-key`, ``, `[{"google_key":"google-ads-key"}]`} {
		r := f.request()
		r.Body = []byte(body)
		refused(t, f, r, body)
	}
	if _, err := f.adapter(t).Sign(inbound.Letter{Body: []byte(f.Body), Key: "another"}); fault.KindOf(err) != fault.Invalid {
		t.Errorf("signed with a key that the payload does not carry: %v", err)
	}
	if got := f.adapter(t).Answer(inbound.Request{}, inbound.Result{Outcome: inbound.Accepted, Stored: 1}); got.Status != 200 || got.Body != "{}" {
		t.Errorf("%+v", got)
	}
}

func TestTokensInTheAddressAreComparedAsAWhole(t *testing.T) {
	for _, name := range []string{"jotform_submission", "unbounce_submission", "webflow_unsigned", "html_multipart", "gravity_forms_json"} {
		f := fixtureOf(t, name)
		key := f.Keys[0]
		for _, query := range []string{"", "token=", "token=" + key[1:], "token=" + key + "x", "Token=" + key, "x=" + key, "token=" + strings.ToUpper(key)} {
			r := f.request()
			delete(r.Headers, "x-handoff-token")
			r.Query = query
			refused(t, f, r, name+"?"+query)
		}
		for _, header := range []string{"x-handoff-token", "authorization"} {
			r := f.request()
			r.Query = ""
			delete(r.Headers, "x-handoff-token")
			r.Headers[header] = map[string]string{"x-handoff-token": key, "authorization": basic(key)}[header]
			if err := f.adapter(t).Verify(r); err != nil {
				t.Errorf("%s: %s: %v", name, header, err)
			}
		}
	}
}

func basic(password string) string {
	r := http.Request{Header: http.Header{}}
	r.SetBasicAuth("anybody", password)
	return r.Header.Get("Authorization")
}

// A signature that does not fit is not made good by a token.
func TestWebflowSignaturesMustFitWhereThereIsOne(t *testing.T) {
	f := fixtureOf(t, "webflow_form")
	r := f.request()
	r.Query = "token=" + f.Keys[0]
	r.Headers["x-webflow-signature"] = strings.Repeat("0", 64)
	refused(t, f, r, "forged, with the token")
	r = f.request()
	delete(r.Headers, "x-webflow-timestamp")
	refused(t, f, r, "no time")
	r = f.request()
	r.Headers["x-webflow-timestamp"] = r.Headers["x-webflow-timestamp"][:10] // seconds
	refused(t, f, r, "seconds")
}

func TestWebflowCountsExactly200(t *testing.T) {
	for _, o := range []inbound.Outcome{inbound.Accepted, inbound.Duplicate, inbound.Parked, inbound.Ignored, inbound.Probe} {
		if got := lookup(t, "webflow").Answer(inbound.Request{}, inbound.Result{Outcome: o}); got.Status != 200 {
			t.Errorf("%s: %d", o, got.Status)
		}
	}
}

// A thousand leads come in one delivery, and each keeps its place and its id.
func TestMetaDeliversAThousandLeads(t *testing.T) {
	var body strings.Builder
	body.WriteString(`{"object":"page","entry":[`)
	for e := range 10 {
		if e > 0 {
			body.WriteByte(',')
		}
		fmt.Fprintf(&body, `{"id":"%d","time":1772445590,"changes":[`, 7000+e)
		for c := range 100 {
			if c > 0 {
				body.WriteByte(',')
			}
			fmt.Fprintf(&body, `{"field":"leadgen","value":{"leadgen_id":"%d","page_id":"%d"}}`, 100000+100*e+c, 7000+e)
		}
		body.WriteString(`]}`)
	}
	body.WriteString(`]}`)
	d, err := parse(t, "meta", inbound.Forms, body.String())
	if err != nil || len(d.Signals) != 1000 || d.Skipped != 0 {
		t.Fatalf("%d signals, %d skipped, %v", len(d.Signals), d.Skipped, err)
	}
	for i, s := range d.Signals {
		if s.ID != fmt.Sprint(100000+i) || s.Attributes["page_id"] != fmt.Sprint(7000+i/100) || s.Attributes[signal.AttrFetch] != "meta_lead" {
			t.Fatalf("%d: %+v", i, s)
		}
	}
}

// The ids of thin payloads become part of addresses.
func TestIDsOfRecordsAreTakenOnlyInTheirForm(t *testing.T) {
	for _, id := range []string{"", "0x1", "1/2", "1?x", "..", "1e9", "-1", "1.5", "１２", " 1", "1\n", strings.Repeat("1", 101), "https://evil.example/1"} {
		b, err := json.Marshal(id)
		if err != nil {
			t.Fatal(err)
		}
		if d, err := parse(t, "meta", inbound.Forms, `{"entry":[{"changes":[{"field":"leadgen","value":{"leadgen_id":`+string(b)+`}}]}]}`); err == nil {
			t.Errorf("meta took %q: %+v", id, d)
		}
	}
	for _, urn := range []string{
		"", "1", "urn:li:leadGenFormResponse:", "urn:li:leadGenFormResponse:a/b", "urn:li:leadGenFormResponse:a:b", "urn:li:leadGenFormResponse:a%2Fb",
		"urn:li:leadGenFormResponse:é", "urn:li:person:1", "https://evil.example/urn:li:leadGenFormResponse:1", "urn:li:leadGenFormResponse:" + strings.Repeat("a", 101),
	} {
		if d, err := parse(t, "linkedin", inbound.Forms, fmt.Sprintf(`{"type":"LEAD_ACTION","leadAction":"CREATED","leadGenFormResponse":%q}`, urn)); err == nil {
			t.Errorf("linkedin took %q: %+v", urn, d)
		}
	}
	s := one(t, "linkedin", inbound.Forms, `{"type":"LEAD_ACTION","leadAction":"CREATED","leadGenFormResponse":"urn:li:leadGenFormResponse:a-1","owner":"https://evil.example","leadGenForm":"urn:li:versionedLeadGenForm:(urn:li:leadGenForm:../1,2)"}`)
	if s.Attributes["owner"] != "" || s.Attributes["form_id"] != "" || s.Attributes["response_id"] != "a-1" {
		t.Errorf("%v", s.Attributes)
	}
}

// Nobody but an adapter says that something is to be fetched.
func TestSendersCannotNameARecordToFetch(t *testing.T) {
	for provider, body := range map[string]string{
		"html":          "email=a%40b.example&fetch=meta_lead&leadgen_id=1",
		"standard":      `{"type":"form.submitted","identity":{"email":"a@b.example"},"attributes":{"fetch":"meta_lead","leadgen_id":"1"}}`,
		"gravity-forms": "email=a%40b.example&fetch=meta_lead",
		"webflow":       `{"triggerType":"form_submission","payload":{"data":{"email":"a@b.example","fetch":"meta_lead"}}}`,
	} {
		s := one(t, provider, inbound.Forms, body)
		if s.Attributes[signal.AttrFetch] != "" || s.Attributes["fetch_said"] != "meta_lead" {
			t.Errorf("%s: %v", provider, s.Attributes)
		}
	}
}

func TestUnbounceAndGravityFormsMakeIDsOfTheirOwn(t *testing.T) {
	id := func(provider string, at time.Time, body string) string {
		t.Helper()
		d, err := lookup(t, provider).Parse(inbound.Request{Method: "POST", Source: provider, Body: []byte(body), ReceivedAt: at, Headers: map[string]string{}})
		if err != nil {
			t.Fatal(err)
		}
		return d.Signals[0].ID
	}
	dated := fixtureOf(t, "unbounce_submission").Body
	if id("unbounce", noon, dated) != id("unbounce", noon.Add(72*time.Hour), dated) {
		t.Error("a second try has another id")
	}
	const bare = "page_id=p&variant=a&data.json=%7B%22email%22%3A%5B%22a%40b.example%22%5D%7D"
	if id("unbounce", noon, bare) != id("unbounce", noon.Add(59*time.Minute), bare) || id("unbounce", noon, bare) == id("unbounce", noon.Add(time.Hour), bare) {
		t.Error("a submission without a time is not told by its hour")
	}
	if id("unbounce", noon, bare) == id("unbounce", noon, strings.Replace(bare, "variant=a", "variant=b", 1)) {
		t.Error("two variants share an id")
	}
	if id("gravity-forms", noon, "id=7&form_id=2&email=x") != "2.7" || id("gravity-forms", noon, "email=x") == id("gravity-forms", noon.Add(time.Hour), "email=x") {
		t.Error("an entry's id is not the event id")
	}
}

// Numbers alone say what a Gravity Forms field is only where they can.
func TestGravityFormsNumbers(t *testing.T) {
	for _, c := range []struct {
		name, body string
		lead       map[string]string
		email      string
	}{
		{"a name", "1.3=Ada&1.6=King&2=a%40b.example", map[string]string{"first_name": "Ada", "last_name": "King", "email": "a@b.example"}, "a@b.example"},
		{"a name with all parts", "1.2=Dr&1.3=Ada&1.4=B&1.6=King&1.8=Jr", map[string]string{"first_name": "Ada", "last_name": "King"}, ""},
		{"an address is no name", "1.1=Street&1.3=Town&1.5=123&1.6=Chile", nil, ""},
		{"two addresses", "1=a%40b.example&2=c%40d.example", nil, ""},
		{"one address twice", "1=a%40b.example&2=A%40B.example", map[string]string{"email": "a@b.example"}, "a@b.example"},
		{"an empty part", "1.1=&1.3=Ada&1.6=King", map[string]string{"first_name": "Ada", "last_name": "King"}, ""},
	} {
		s := one(t, "gravity-forms", inbound.Forms, c.body)
		if diff := cmp.Diff(c.lead, s.Lead); diff != "" || s.Identity.Email != c.email {
			t.Errorf("%s: %s, address %q", c.name, diff, s.Identity.Email)
		}
	}
}

func TestThePolicySaysWhatFieldsMean(t *testing.T) {
	fields := map[string]string{"q1": "email", "Who are you?": "name", "size": "employees", "note": "message", "q9": "favorite_color"}
	r := inbound.Request{
		Source: "html", Kind: inbound.Forms, ReceivedAt: noon, Headers: map[string]string{}, Policy: policy.Source{Fields: fields},
		Body: []byte("q1=a%40b.example&Who+are+you%3F=Ada+King&size=51-200&note=hello&q9=blue&title=CTO"),
	}
	d, err := lookup(t, "html").Parse(r)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"email": "a@b.example", "first_name": "Ada", "last_name": "King", "employees": "51-200", "favorite_color": "blue", "title": "CTO"}
	if diff := cmp.Diff(want, d.Signals[0].Lead); diff != "" || d.Signals[0].Attributes["message"] != "hello" {
		t.Errorf("%s %v", diff, d.Signals[0].Attributes)
	}
}

// Of two fields with one meaning none is lost.
func TestSecondValuesBecomeAttributes(t *testing.T) {
	s := one(t, "html", inbound.Forms, "email=a%40home.example&work_email=a%40firm.example&name=Ada+King&first_name=Augusta&message=one&comments=two&phone=1&mobile=2&mail=nonsense")
	want := map[string]string{"email": "a@home.example", "name": "Ada King", "comments": "two", "message": "one", "mobile": "2", "mail": "nonsense"}
	if diff := cmp.Diff(want, s.Attributes); diff != "" || s.Identity.Email != "a@firm.example" || s.Lead["first_name"] != "Augusta" || s.Lead["phone"] != "1" {
		t.Errorf("%s %v", diff, s)
	}
}

func TestFormsInPartsSteerLikeOthers(t *testing.T) {
	f := fixtureOf(t, "html_multipart")
	r := f.request()
	r.Policy.NextHosts = []string{"www.our-company.example"}
	r.Body = []byte(strings.Replace(f.Body, "name=\"_gotcha\"\r\n\r\n", "name=\"_gotcha\"\r\n\r\nrobot", 1))
	if d, err := f.adapter(t).Parse(r); err != nil || !d.Bait {
		t.Errorf("%+v %v", d, err)
	}
	r.Body = []byte(strings.Replace(f.Body, "name=\"odd %22name%22\"\r\n\r\nkept", "name=\"_next\"\r\n\r\nhttps://www.our-company.example/thanks", 1))
	if got := f.adapter(t).Answer(r, inbound.Result{Outcome: inbound.Accepted}); got.Headers["Location"] != "https://www.our-company.example/thanks" {
		t.Errorf("%+v", got)
	}
}

// Test events of form tools are seen and stored nowhere.
func TestTestsAreMarked(t *testing.T) {
	got := map[string]bool{}
	for _, f := range fixtures(t) {
		d, err := f.adapter(t).Parse(f.request())
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range d.Signals {
			got[f.name] = got[f.name] || s.Test
		}
	}
	for _, name := range []string{"google_ads_test", "meta_test_lead", "typeform_test_request"} {
		if !got[name] {
			t.Errorf("%s is no test", name)
		}
	}
	for _, name := range []string{"google_ads_lead", "meta_leads", "linkedin_created", "webflow_form", "jotform_submission", "gravity_forms_json", "tally_response", "unbounce_submission"} {
		if got[name] {
			t.Errorf("%s is a test", name)
		}
	}
}

func TestMalformedFormsAreInvalid(t *testing.T) {
	for provider, bodies := range map[string][]string{
		"google-ads":    {"", "{", "{}", "[]", `{"google_key":"x"}`},
		"gravity-forms": {"", "&&", "a=&b="},
		"jotform":       {"", "rawRequest=", "rawRequest=%5B%5D", "rawRequest=%7B", "formID=1"},
		"linkedin":      {"", "{", "{}", "[]", `{"type":"LEAD_ACTION"}`},
		"meta":          {"", "{", "{}", "[]", `{"entry":{}}`, `{"entry":[1]}`},
		"tally":         {"", "{", "{}", "[]"},
		"unbounce":      {"", "page_id=1", "data.json=%5B%5D", "data.json=x"},
		"webflow":       {"", "{", "{}", "[]", `{"payload":{}}`},
	} {
		for _, body := range bodies {
			if _, err := parse(t, provider, inbound.Forms, body); fault.KindOf(err) != fault.Invalid || err == nil {
				t.Errorf("%s: %q gives %v", provider, body, err)
			}
		}
	}
	if _, err := parse(t, "meta", inbound.Forms, `{"entry":[]}`); err != nil {
		t.Errorf("an empty delivery: %v", err)
	}
}

// What comes is told apart by the provider's own content types.
func TestGravityFormsSaysTheSameInBothFormats(t *testing.T) {
	read := func(name string) map[string]string {
		f := fixtureOf(t, name)
		f.Fields = map[string]string{"4": "company"}
		d, err := f.adapter(t).Parse(f.request())
		if err != nil {
			t.Fatal(err)
		}
		out := maps.Clone(d.Signals[0].Attributes)
		delete(out, signal.AttrForm) // from the address of one
		for _, k := range slices.Sorted(maps.Keys(d.Signals[0].Lead)) {
			out["lead."+k] = d.Signals[0].Lead[k]
		}
		return out
	}
	if diff := cmp.Diff(read("gravity_forms_json"), read("gravity_forms_form")); diff != "" {
		t.Error(diff)
	}
}

func TestKeysOfOtherSourcesAreRefused(t *testing.T) {
	for _, f := range fixtures(t) {
		r := f.request()
		r.Keys = secret.Keys{"one", "two", "verify:three"}
		refused(t, f, r, f.name)
	}
}
