package inbound

import (
	"net/http"
	"time"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/signal"
)

// metaRecord is a lead of a lead ad in the Graph API
// (https://developers.facebook.com/docs/marketing-api/guides/lead-ads/retrieving).
// A page's own access token with leads_retrieval reads it; one of a system
// user reads those of all pages. A page token made from a long-lived user token
// does not expire. Without a version in the path the oldest version serves that
// is open to the app.
type metaRecord struct{}

// Provider returns meta.
func (metaRecord) Provider() string { return "meta" }

// API returns the Graph API.
func (metaRecord) API() string { return "https://graph.facebook.com" }

const metaFields = "id,created_time,field_data,form_id,ad_id,ad_name,adset_id,adset_name,campaign_id,campaign_name,is_organic,platform"

// Ask reads the lead by its id.
func (metaRecord) Ask(thin signal.Signal, version string) (Ask, error) {
	id, page := thin.Attributes["leadgen_id"], thin.Attributes["page_id"]
	if !isNumber(id) || (page != "" && !isNumber(page)) {
		return Ask{}, fault.New(fault.Invalid, "the leadgen_id is not one of Meta's")
	}
	version, err := versioned(version, "")
	if err != nil {
		return Ask{}, err
	}
	path := "/" + id
	if version != "" {
		path = "/" + version + path
	}
	return Ask{Path: path, Query: "fields=" + metaFields, Account: page}, nil
}

// Complete reads the fields of the form.
func (metaRecord) Complete(r Request, thin signal.Signal, answered []byte) (signal.Signal, error) {
	v, err := decode(answered)
	if err != nil {
		return signal.Signal{}, err
	}
	if text(v, "id") != thin.Attributes["leadgen_id"] || at(v, "field_data") == nil {
		return signal.Signal{}, fault.New(fault.Invalid, "the answer is not the lead that was asked for")
	}
	d := completed(thin, signal.FormSubmitted)
	if t := timeOf(metaZone(text(v, "created_time")), time.Second); !t.IsZero() {
		d.occurredAt = t
	}
	var fields []answer
	for _, f := range list(v, "field_data") {
		value, _ := joinScalars(list(f, "values"))
		fields = append(fields, answer{name: text(f, "name"), value: value})
	}
	d.answers(r, fields)
	d.onlyAddress(fields)
	o, _ := v.(object)
	for _, name := range sortedKeys(o) {
		switch name {
		case "id", "created_time", "field_data":
		default:
			d.attributes.put(name, text(o, name))
		}
	}
	return d.finish(r, thin), nil
}

// metaZone gives the offset of a time the colon that RFC 3339 has: Meta writes
// 2026-03-02T10:00:00+0000.
func metaZone(stated string) string {
	if n := len(stated); n > 5 && (stated[n-5] == '+' || stated[n-5] == '-') {
		return stated[:n-2] + ":" + stated[n-2:]
	}
	return stated
}

// Refusal reads the code of the error: Meta answers most of them by 400
// (https://developers.facebook.com/docs/graph-api/guides/error-handling).
func (metaRecord) Refusal(status int, answered []byte) error {
	v, err := decode(answered)
	code := text(v, "error", "code")
	if err != nil || code == "" {
		return refusal(status)
	}
	switch {
	case text(v, "error", "is_transient") == "true":
		return fault.New(fault.Unavailable, "Meta answered %d, code %s, for the moment", status, code)
	case metaThrottles(code):
		return fault.New(fault.Unavailable, "Meta answered %d, code %s: too many calls, or Meta is away", status, code)
	case code == "100" && text(v, "error", "error_subcode") != "33" && status == http.StatusBadRequest:
		return fault.New(fault.Invalid, "Meta answered 400, code 100: a parameter is wrong")
	}
	// 190 and 102: the token; 3, 10 and 200 to 299: a permission; 100 with 33: no
	// such lead, or none that this token may see.
	return fault.New(fault.Denied, "Meta answered %d, code %.10s: the access token is wrong, has expired or lacks a permission (leads_retrieval)", status, code)
}

// metaThrottles knows the codes of limits and outages.
func metaThrottles(code string) bool {
	switch code {
	case "1", "2", "4", "17", "32", "341", "368", "613":
		return true
	}
	return len(code) == 5 && code[:3] == "800" // limits by use case, 80000 to 80014
}
