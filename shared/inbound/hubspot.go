package inbound

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/handoff-oss/handoff/shared/signal"
)

// hubspot takes the two webhooks of HubSpot
// (https://developers.hubspot.com/docs/api/webhooks, …/api/webhooks/validating-requests):
//
//   - App webhooks: a list of up to 100 changes of CRM objects. They name a
//     contact by its id and carry no address, so the contact id is the identity
//     until the contact has been read from HubSpot's API.
//     Deals and owners are read in hubspot_sales.go, calls, mails, meetings and
//     messages in hubspot_activity.go.
//   - The workflow action "Send a webhook": one contact with its properties. It
//     is how a form's submission arrives. On the forms path it is a form
//     submission, on the engagement path a change of the contact. The form's
//     title is the query parameter form= of the webhook's URL, else the
//     contact's recent_conversion_event_name.
//
// Signatures v1 and v2 are plain SHA-256 over the secret and what follows, v3
// is an HMAC that also covers a time in milliseconds. Plain SHA-256 lets others
// append to what was signed, but what they would have to append begins with
// bytes that no JSON has after its end. Where v3 is sent, v3 must fit. v2 and
// v3 cover the public URL.
//
// Test deliveries of an app's subscription page are about contact 123 and have
// an event id up to 100. A workflow's test sends a real contact and cannot be
// told from others.
type hubspot struct{}

const (
	hubspotV3        = "x-hubspot-signature-v3"
	hubspotTimestamp = "x-hubspot-request-timestamp"
	hubspotV1V2      = "x-hubspot-signature"
	hubspotVersion   = "x-hubspot-signature-version"
	hubspotWindow    = 5 * time.Minute
)

// About says how HubSpot is connected.
func (hubspot) About() About {
	return About{
		Title:   "HubSpot",
		Paste:   "An app: Development → your app → Webhooks: Target URL, and subscriptions to contact.creation, contact.propertyChange, deal.*; with expanded object support also to association changes of calls, emails, meetings and communications. For forms: a workflow with the action Send a webhook, method POST, Use a request signature. That says no form's title; add ?form=Request+a+demo to its address",
		Key:     "The app's client secret (Auth); for the workflow, that of the app whose id is entered there",
		Signs:   "X-HubSpot-Signature-v3: HMAC-SHA256 over method, address, body and time; else the SHA-256 of versions 1 and 2 in X-HubSpot-Signature",
		Window:  hubspotWindow,
		EventID: "eventId, subscriptionId, objectId and occurredAt; of a workflow the contact and when it was changed; of a call and the like, it and its contact",
		Test:    "The button of an app's subscription sends contact 123, which is answered and stored nowhere. A workflow's test sends a real contact",
		Retries: "An app: every 4xx and 5xx, ten times in a day. A workflow: 5xx and 429, for three days",
		Fetches: "The contact, call, mail, meeting or communication that an app's webhook names by its id, from the CRM API; for mails the token needs sales-email-read",
		Sample:  Sample{ContentType: "application/json", Body: `[{"eventId":100,"subscriptionId":1,"objectId":123,"occurredAt":1767225600000,"subscriptionType":"contact.creation","changeSource":"CRM"}]`},
	}
}

// Kinds returns all kinds: an app has one address for all that it hears of.
func (hubspot) Kinds() []Kind { return []Kind{Forms, Engagement, CRM} }

// Verify checks the newest signature that was sent.
func (h hubspot) Verify(r Request) error {
	if given := r.Headers[hubspotV3]; given != "" {
		return h.verifyV3(r, given)
	}
	given, version := r.Headers[hubspotV1V2], strings.ToLower(r.Headers[hubspotVersion])
	if given == "" {
		return denied("the signature headers are missing")
	}
	var fits func(key string) bool
	switch version {
	case "", "v1":
		fits = func(key string) bool { return equal(given, hubspotHash(key, string(r.Body))) }
	case "v2":
		fits = func(key string) bool {
			return equal(given, hubspotHash(key, r.Method, r.URL, string(r.Body))) ||
				equal(given, hubspotHash(key, r.Method, hubspotURI(r.URL), string(r.Body)))
		}
	default:
		return denied("unknown version of the signature")
	}
	if !anyKey(r.Keys, fits) {
		return denied("the signature does not fit: check the secret, and for v2 the public URL")
	}
	return nil
}

func (hubspot) verifyV3(r Request, given string) error {
	stated := r.Headers[hubspotTimestamp]
	if !within(stated, time.Millisecond, r.ReceivedAt, hubspotWindow) {
		return denied("the stated time is missing or too far from now")
	}
	fits := func(key string) bool {
		return equal(given, hubspotMAC(key, r.Method, r.URL, r.Body, stated)) ||
			equal(given, hubspotMAC(key, r.Method, hubspotURI(r.URL), r.Body, stated))
	}
	if !anyKey(r.Keys, fits) {
		return denied("the signature does not fit: check the secret and the public URL")
	}
	return nil
}

func hubspotHash(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "")))
	return hex.EncodeToString(sum[:])
}

func hubspotMAC(key, method, uri string, body []byte, stated string) string {
	return base64.StdEncoding.EncodeToString(mac(sha256.New, key, []byte(method), []byte(uri), body, []byte(stated)))
}

// hubspotURI decodes the escapes that HubSpot decodes before it signs. All
// others stay as they are.
func hubspotURI(uri string) string {
	pairs := make([]string, 0, 48)
	for _, c := range []byte(":/?@!$'()*,;") {
		escape := "%" + strings.ToUpper(strconv.FormatInt(int64(c), 16))
		pairs = append(pairs, escape, string(c), strings.ToLower(escape), string(c))
	}
	return strings.NewReplacer(pairs...).Replace(uri)
}

// Sign returns the headers of v3, and beside them those of v2 for a workflow's
// object and of v1 for a list, as HubSpot sends them.
func (hubspot) Sign(l Letter) (map[string]string, error) {
	method, uri := first(l.Method, http.MethodPost), hubspotURI(l.URL)
	stated := strconv.FormatInt(l.At.UnixMilli(), 10)
	version, old := "v2", hubspotHash(l.Key, method, uri, string(l.Body))
	if strings.HasPrefix(strings.TrimSpace(string(l.Body)), "[") {
		version, old = "v1", hubspotHash(l.Key, string(l.Body))
	}
	return map[string]string{
		"Content-Type":                "application/json",
		"X-HubSpot-Signature-v3":      hubspotMAC(l.Key, method, uri, l.Body, stated),
		"X-HubSpot-Request-Timestamp": stated,
		"X-HubSpot-Signature":         old,
		"X-HubSpot-Signature-Version": version,
	}, nil
}

// Answer follows the table of answers.
func (hubspot) Answer(r Request, res Result) Answer {
	return machine{"hubspot"}.Answer(r, res)
}

// Parse reads an app's list or a workflow's contact.
func (hubspot) Parse(r Request) (Delivery, error) {
	v, err := decode(r.Body)
	if err != nil {
		return Delivery{}, err
	}
	events, isList := v.([]any)
	if !isList {
		events = []any{v}
	}
	out, err := each(events, func(_ int, e any) (*draft, bool) {
		if isList || hubspotKind(e) != "" { // or one change that is not in a list
			return hubspotChange(e)
		}
		return hubspotContact(r, e)
	}, r)
	hubspotThin(out.Signals)
	return out, err
}

// hubspotKind returns the type of a change: current webhooks say
// subscriptionType, HubSpot's own samples eventType.
func hubspotKind(e any) string {
	return first(text(e, "subscriptionType"), text(e, "eventType"))
}

// hubspotChange reads one change of an app's list.
func hubspotChange(e any) (*draft, bool) {
	kind, objectID := hubspotKind(e), text(e, "objectId")
	if kind == "" {
		return nil, false
	}
	d := newDraft(signal.Other)
	// eventId alone is not unique, attemptNumber changes with every try.
	d.id = strings.Join([]string{text(e, "eventId"), text(e, "subscriptionId"), objectID, text(e, "occurredAt")}, ".")
	d.occurredAt = timeOf(text(e, "occurredAt"), time.Millisecond)
	eventID, err := strconv.Atoi(text(e, "eventId"))
	d.test = err == nil && eventID <= 100 && objectID == "123" && text(e, "changeSource") == "CRM"

	subject, change, _ := strings.Cut(kind, ".")
	contact := subject == "contact" || (subject == "object" && text(e, "objectTypeId") == "0-1")
	d.kind = hubspotType(contact, change)
	switch {
	case hubspotSales(d, e, subject, change):
	case d.kind == signal.Other:
		d.original(kind)
	}
	if contact && change != hubspotAssociation {
		d.identity.ContactID = objectID
		// A property's new value is news about the profile.
		d.field(canonical(text(e, "propertyName")), text(e, "propertyValue"))
		d.hubspotOptOut(text(e, "propertyName"), text(e, "propertyValue"))
	}
	o, _ := e.(object)
	for _, name := range sortedKeys(o) {
		switch name {
		case "eventId", "attemptNumber", "occurredAt", "eventType":
		default:
			flatten(d.attributes, name, o[name])
		}
	}
	return d, true
}

// hubspotOptOut reads the property that says whether a contact opted out of all
// e-mail. Its change is news either way.
func (d *draft) hubspotOptOut(property, value string) {
	if property != "hs_email_optout" {
		return
	}
	switch value {
	case "true":
		d.attributes.put(signal.AttrConsent+signal.PurposeEmail, signal.ConsentNo)
	case "false":
		d.attributes.put(signal.AttrConsent+signal.PurposeEmail, signal.ConsentYes)
	}
}

func hubspotType(contact bool, change string) signal.Type {
	if !contact {
		return signal.Other
	}
	switch change {
	case "creation":
		return signal.ContactCreated
	case "propertyChange":
		return signal.ContactChanged
	case "deletion", "privacyDeletion":
		return signal.ContactDeleted
	}
	return signal.Other
}

// hubspotContact reads a workflow's contact.
func hubspotContact(r Request, e any) (*draft, bool) {
	properties, ok := at(e, "properties").(object)
	if !ok {
		return nil, false
	}
	value := func(name string) string { // older workflows wrap a value in an object
		return first(text(properties, name), text(properties, name, "value"))
	}
	contactID := first(text(e, "id"), text(e, "vid"), value("hs_object_id"))
	changed := first(value("lastmodifieddate"), text(e, "updatedAt"), text(e, "createdAt"))
	d := newDraft(signal.ContactChanged)
	d.id = "workflow." + contactID + "." + first(changed, hashed("content.", encode(e)))
	d.identity = signal.Identity{ContactID: contactID}
	d.occurredAt = timeOf(changed, time.Millisecond)
	if r.Kind == Forms {
		d.kind = signal.FormSubmitted
		d.attributes.put(signal.AttrForm, first(queryValue(r.Query, "form"), value("recent_conversion_event_name")))
		d.attributes.put(signal.AttrURL, value("hs_analytics_last_url"))
		if t := timeOf(value("recent_conversion_date"), time.Millisecond); !t.IsZero() {
			d.occurredAt = t
		}
	}
	names := sortedKeys(properties)
	for _, name := range names {
		d.field(canonical(name), value(name))
	}
	// HubSpot's own properties are many: those of the company come first.
	for _, own := range []bool{false, true} {
		for _, name := range names {
			if canonical(name) == "" && strings.HasPrefix(name, "hs_") == own {
				d.attributes.put(name, value(name))
			}
		}
	}
	return d, contactID != "" || d.identity.Email != ""
}

func queryValue(query, name string) string {
	for _, p := range decodeForm(query) {
		if p.name == name {
			return p.value
		}
	}
	return ""
}
