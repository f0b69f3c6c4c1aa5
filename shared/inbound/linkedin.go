package inbound

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/signal"
)

// linkedin takes the notifications of LinkedIn's Lead Sync: somebody filled in
// a lead gen form (https://learn.microsoft.com/linkedin/marketing/lead-sync/leadsync).
// What was written is read from LinkedIn's API by the response's id.
//
// X-LI-Signature is an HMAC with the app's client secret over "hmacsha256="
// and the raw body; the header holds the digest alone
// (https://learn.microsoft.com/linkedin/shared/api-guide/webhook-validation).
// There is no time and so no replay window: a replay has the same response and
// time of the action.
//
// Every two hours LinkedIn asks by GET with a challengeCode, and wants its HMAC
// within three seconds; three failures in a row block the address. The answer
// is made with the first of the source's keys. Only a UUID is answered: with
// the HMAC of a text of their own choice, strangers could sign a notification.
type linkedin struct{}

const (
	linkedinHeader = "x-li-signature"
	linkedinPrefix = "hmacsha256=" // in what is signed, not in the header
	linkedinLead   = "LEAD_ACTION"
	linkedinURN    = "urn:li:leadGenFormResponse:"
)

// About says how lead gen forms are connected.
func (linkedin) About() About {
	return About{
		Title:   "LinkedIn Lead Gen Forms (Lead Sync)",
		Paste:   "A subscription made through the Lead Notification Subscriptions API (POST /rest/leadNotifications): webhook",
		Key:     "The client secret of your app (developer portal → Auth), which must have the product Lead Sync. LinkedIn checks the address with it every two hours",
		Signs:   "X-LI-Signature: HMAC-SHA256 with the client secret over hmacsha256= and the body",
		EventID: "The response's id, what was done, and when",
		Test:    "None; a form's test leads are known once they are read from the API, and are stored nowhere",
		Retries: "All but 2xx may be tried again; for how long is not stated",
		Fetches: "The response and the form's questions, from LinkedIn's API",
		Sample:  Sample{ContentType: "application/json", Body: `{"type":"ORGANIZATION_SOCIAL_ACTION_NOTIFICATIONS","notifications":[]}`},
	}
}

// Kinds returns forms.
func (linkedin) Kinds() []Kind { return []Kind{Forms} }

// Verify checks X-LI-Signature.
func (linkedin) Verify(r Request) error {
	given := r.Headers[linkedinHeader]
	if given == "" {
		return denied("the header X-LI-Signature is missing")
	}
	if !anyKey(r.Keys, func(key string) bool { return equal(given, linkedinSignature(key, r.Body)) }) {
		return denied("the signature does not fit the body: the key is the app's client secret")
	}
	return nil
}

func linkedinSignature(key string, body []byte) string {
	return hex.EncodeToString(mac(sha256.New, key, []byte(linkedinPrefix), body))
}

// Sign returns X-LI-Signature.
func (linkedin) Sign(l Letter) (map[string]string, error) {
	return map[string]string{
		"Content-Type":   "application/json",
		"X-LI-Signature": linkedinSignature(l.Key, l.Body),
	}, nil
}

// Challenge answers challengeCode.
func (linkedin) Challenge(r Request) (Answer, bool, error) {
	code := queryValue(r.Query, "challengeCode")
	if r.Method != "GET" || code == "" {
		return Answer{}, false, nil
	}
	switch {
	case !isUUID(code):
		return Answer{}, true, fault.New(fault.Invalid, "challengeCode is not a UUID")
	case len(r.Keys) == 0 || r.Keys[0] == "":
		return Answer{}, true, denied("the source has no secret yet: set it to the app's client secret")
	}
	body := struct {
		Code     string `json:"challengeCode"`
		Response string `json:"challengeResponse"`
	}{code, hex.EncodeToString(mac(sha256.New, r.Keys[0], []byte(code)))}
	return proven("application/json", encode(body)), true, nil
}

// isUUID reports whether s is a UUID in its usual form.
func isUUID(s string) bool {
	if len(s) != len("00000000-0000-0000-0000-000000000000") {
		return false
	}
	for i := range len(s) {
		switch i {
		case 8, 13, 18, 23:
			if s[i] != '-' {
				return false
			}
		default:
			if !isHex(s[i]) {
				return false
			}
		}
	}
	return true
}

// Answer follows the table of answers.
func (linkedin) Answer(r Request, res Result) Answer {
	return machine{"linkedin"}.Answer(r, res)
}

// Parse reads one notification.
func (linkedin) Parse(r Request) (Delivery, error) {
	v, err := decode(r.Body)
	if err != nil {
		return Delivery{}, err
	}
	return each([]any{v}, func(_ int, e any) (*draft, bool) {
		kind := text(e, "type")
		switch {
		case kind == linkedinLead:
			return linkedinAction(r, e)
		case kind != "":
			return linkedinOther(r, e, kind)
		}
		return nil, false
	}, r)
}

// linkedinAction reads what happened to a response: CREATED or DELETED.
func linkedinAction(r Request, e any) (*draft, bool) {
	urn := text(e, "leadGenFormResponse")
	response, ok := strings.CutPrefix(urn, linkedinURN)
	if !ok || !isToken(response) {
		return nil, false
	}
	action := text(e, "leadAction")
	d := newDraft(signal.FormSubmitted)
	switch action {
	case "CREATED", "":
		d.fetch = fetchLinkedIn
	case "DELETED":
		d.kind = signal.ContactDeleted
		d.attributes.put(signal.AttrOriginalType, linkedinLead+"."+action)
	default:
		d.original(linkedinLead + "." + action)
	}
	d.id = strings.Join([]string{response, action, text(e, "occurredAt")}, ".")
	d.identity.ContactID = response
	d.occurredAt = timeOf(text(e, "occurredAt"), time.Millisecond)
	d.attributes.put("response_id", response)
	if owner := linkedinOwner(e); isURN(owner) {
		d.attributes.put("owner", owner)
	}
	linkedinForm(r, d, text(e, "leadGenForm"))
	o, _ := e.(object)
	for _, name := range sortedKeys(o) {
		switch name {
		case "type", "leadGenFormResponse", "leadAction", "occurredAt", "owner":
		default:
			flatten(d.attributes, name, o[name])
		}
	}
	return d, true
}

// linkedinOwner returns the URN of who owns the form: an ad account for
// sponsored leads, else an organization.
func linkedinOwner(e any) string {
	return first(text(e, "owner"), text(e, "owner", "sponsoredAccount"), text(e, "owner", "organization"))
}

// linkedinForm reads urn:li:versionedLeadGenForm:(urn:li:leadGenForm:3162,1).
func linkedinForm(r Request, d *draft, urn string) {
	d.attributes.put(signal.AttrForm, queryValue(r.Query, "form"))
	_, id, _ := strings.Cut(urn, "urn:li:leadGenForm:")
	if cut := strings.IndexAny(id, ",)"); cut >= 0 {
		id = id[:cut]
	}
	if isNumber(id) {
		d.attributes.put(signal.AttrFormID, id)
	}
}

// linkedinOther keeps a notification of another kind, such as about a page's posts.
func linkedinOther(r Request, e any, kind string) (*draft, bool) {
	d := newDraft(signal.Other)
	d.original(kind)
	d.id = hashed("content.", string(r.Body))
	flatten(d.attributes, "", e)
	return d, true
}
