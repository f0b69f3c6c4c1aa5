package inbound

import (
	"net/http"
	"time"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/signal"
)

// linkedInRecord is a lead of a lead form in LinkedIn's Lead Sync API
// (https://learn.microsoft.com/en-us/linkedin/marketing/lead-sync/leadsync). The
// token needs r_marketing_leadgen_automation; a member's token lives 60 days.
// LinkedIn keeps a lead for 90 days. A version of the API lives about a year:
// api_version says a newer one than linkedInVersion.
//
// That one lead is read by its id and not through its owner is what
// integrations do; the documentation that was at hand shows the lists of an
// owner only. The form of a multiple-choice answer is unconfirmed, too.
type linkedInRecord struct{}

const linkedInVersion = "202606"

// Provider returns linkedin.
func (linkedInRecord) Provider() string { return "linkedin" }

// API returns LinkedIn's API.
func (linkedInRecord) API() string { return "https://api.linkedin.com" }

// Ask reads the answers together with the form's questions.
func (linkedInRecord) Ask(thin signal.Signal, version string) (Ask, error) {
	id := thin.Attributes["response_id"]
	if !isToken(id) {
		return Ask{}, fault.New(fault.Invalid, "the response's id is not one of LinkedIn's")
	}
	version, err := versioned(version, linkedInVersion)
	if err != nil {
		return Ask{}, err
	}
	return Ask{
		Path:    "/rest/leadFormResponses/" + id,
		Query:   "fields=id,submittedAt,testLead,leadType,formResponse,form:(hiddenFields,name,id,content)",
		Headers: map[string]string{"LinkedIn-Version": version, "X-Restli-Protocol-Version": "2.0.0"},
	}, nil
}

// Complete reads the answers. A question's predefined field says what it means.
func (linkedInRecord) Complete(r Request, thin signal.Signal, answered []byte) (signal.Signal, error) {
	v, err := decode(answered)
	if err != nil {
		return signal.Signal{}, err
	}
	if at(v, "formResponse", "answers") == nil {
		return signal.Signal{}, fault.New(fault.Invalid, "the answer is not a response to a form")
	}
	d := completed(thin, signal.FormSubmitted)
	d.test = text(v, "testLead") == "true"
	if t := timeOf(text(v, "submittedAt"), time.Millisecond); !t.IsZero() {
		d.occurredAt = t
	}
	d.attributes.put(signal.AttrForm, first(text(v, "form", "name"), thin.Attributes[signal.AttrForm]))
	d.attributes.put(signal.AttrFormID, text(v, "form", "id"))
	d.attributes.put("lead_type", text(v, "leadType"))
	questions := map[string]any{}
	for _, q := range list(v, "form", "content", "questions") {
		questions[text(q, "questionId")] = q
	}
	var fields []answer
	for _, a := range list(v, "formResponse", "answers") {
		fields = append(fields, linkedInAnswer(a, questions[text(a, "questionId")]))
	}
	for _, h := range list(v, "form", "hiddenFields") {
		fields = append(fields, answer{name: text(h, "name"), value: text(h, "value")})
	}
	d.answers(r, fields)
	d.onlyAddress(fields)
	return d.finish(r, thin), nil
}

func linkedInAnswer(a, question any) answer {
	out := answer{
		name:  first(text(question, "predefinedField"), text(question, "name"), "question_"+text(a, "questionId")),
		title: text(question, "name"),
		value: text(a, "answerDetails", "textQuestionAnswer", "answer"),
	}
	localized, _ := at(question, "question", "localized").(object)
	for _, locale := range sortedKeys(localized) {
		out.title = first(out.title, text(localized, locale))
	}
	if out.value != "" {
		return out
	}
	chosen := list(a, "answerDetails", "multipleChoiceAnswer", "options")
	for i, option := range chosen {
		chosen[i] = linkedInOption(question, option)
	}
	out.value, _ = joinScalars(chosen)
	return out
}

// linkedInOption returns the text of an option that an answer names by its id.
func linkedInOption(question, option any) any {
	id := text(object{"id": option}, "id")
	for _, o := range list(question, "questionDetails", "multipleChoiceQuestionDetails", "options") {
		if text(o, "id") != id {
			continue
		}
		localized, _ := at(o, "text", "localized").(object)
		for _, locale := range sortedKeys(localized) {
			if s := text(localized, locale); s != "" {
				return s
			}
		}
	}
	return id
}

// Refusal goes by the status. 426 is a version that is no longer served.
func (linkedInRecord) Refusal(status int, _ []byte) error {
	if status == http.StatusUpgradeRequired {
		return fault.New(fault.Denied, "LinkedIn answered 426: the version of the API is no longer served; set api_version to a newer one")
	}
	return refusal(status)
}
