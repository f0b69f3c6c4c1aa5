package stack

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/handoff-oss/handoff/shared/inbound"
)

// Webhook is a payload in the shape of a provider, not yet signed.
type Webhook struct {
	Source      string // as in the default policy, where each provider has one source of its name
	Kind        inbound.Kind
	ContentType string
	Body        []byte
	ID          string // the event id, where the signature covers one
}

// Person is who a sample webhook is about.
type Person struct {
	Email, FirstName, LastName, Company, Title, Phone string
}

// Send signs the webhook as its provider would, at the stack's time, and posts it.
func (s *Stack) Send(ctx context.Context, w Webhook, key string) (Reply, error) {
	adapter, ok := inbound.Lookup(w.Source)
	if !ok {
		return Reply{}, fmt.Errorf("there is no provider %q; there are %v", w.Source, inbound.Providers())
	}
	now, err := s.Now(ctx)
	if err != nil {
		return Reply{}, err
	}
	target := s.URL + "/webhooks/" + string(w.Kind) + "/" + w.Source
	headers, body, err := inbound.Seal(adapter, inbound.Letter{Method: http.MethodPost, URL: target, Body: w.Body, Key: key, ID: w.ID, At: now})
	if err != nil {
		return Reply{}, err
	}
	headers["Content-Type"] = w.ContentType
	return s.Do(ctx, http.MethodPost, target, headers, body)
}

func jsonHook(source string, kind inbound.Kind, id string, v any) Webhook {
	body, err := json.Marshal(v)
	if err != nil {
		body = []byte("null") // the samples below are maps of plain values: this does not happen
	}
	return Webhook{Source: source, Kind: kind, ContentType: "application/json", Body: body, ID: id}
}

type object = map[string]any

// Typeform is a submitted form with that title.
func Typeform(p Person, title, id string, at time.Time) Webhook {
	text := func(ref, value string) object {
		return object{"type": "text", "text": value, "field": object{"id": "q-" + ref, "type": "short_text", "ref": ref}}
	}
	question := func(ref, title, kind string) object {
		return object{"id": "q-" + ref, "ref": ref, "title": title, "type": kind}
	}
	return jsonHook("typeform", inbound.Forms, "", object{
		"event_id": id, "event_type": "form_response",
		"form_response": object{
			"form_id": "Xy7Demo", "token": "t-" + id, "landed_at": at.Add(-time.Minute).Format(time.RFC3339), "submitted_at": at.Format(time.RFC3339),
			"hidden": object{"utm_campaign": "spring-launch"},
			"definition": object{"id": "Xy7Demo", "title": title, "fields": []any{
				question("email", "Your work e-mail", "email"), question("first_name", "First name", "short_text"), question("last_name", "Last name", "short_text"),
				question("company", "Company", "short_text"), question("job_title", "Job title", "short_text"), question("phone", "Phone", "short_text"),
			}},
			"answers": []any{
				object{"type": "email", "email": p.Email, "field": object{"id": "q-email", "type": "email", "ref": "email"}},
				text("first_name", p.FirstName), text("last_name", p.LastName), text("company", p.Company), text("job_title", p.Title), text("phone", p.Phone),
			},
		},
	})
}

// HubSpotWorkflow is a contact as a workflow's webhook sends it.
func HubSpotWorkflow(p Person, id string, at time.Time) Webhook {
	return jsonHook("hubspot", inbound.Forms, "", object{
		"id": id, "createdAt": at.Format(time.RFC3339), "updatedAt": at.Format(time.RFC3339), "archived": false,
		"properties": object{
			"hs_object_id": id, "email": p.Email, "firstname": p.FirstName, "lastname": p.LastName, "company": p.Company, "jobtitle": p.Title,
			"phone": p.Phone, "lastmodifieddate": at.Format(time.RFC3339),
		},
	})
}

// HubSpotApp is one contact creation as an app's webhook sends it.
func HubSpotApp(contact, event int, at time.Time) Webhook {
	return jsonHook("hubspot", inbound.Forms, "", []any{object{
		"eventId": event, "subscriptionId": 7, "portalId": 4242, "appId": 17, "occurredAt": at.UnixMilli(), "attemptNumber": 0,
		"subscriptionType": "contact.creation", "objectId": contact, "changeSource": "CRM_UI", "changeFlag": "CREATED",
	}})
}

func track(p Person, event, id string, at time.Time) object {
	return object{
		"type": "track", "event": event, "messageId": id, "anonymousId": "anon-" + id, "userId": "user-" + p.FirstName,
		"timestamp": at.Format(time.RFC3339), "context": object{"traits": object{"email": p.Email, "company": object{"name": p.Company}}, "page": object{"path": "/pricing"}},
		"properties": object{"url": "https://www.our-company.example/" + url.PathEscape(event)},
	}
}

// Segment is one tracked event.
func Segment(p Person, event, id string, at time.Time) Webhook {
	return jsonHook("segment", inbound.Engagement, "", track(p, event, id, at))
}

// SegmentBatch is a batch of the same event of several people.
func SegmentBatch(people []Person, event, id string, at time.Time) Webhook {
	batch := make([]any, len(people))
	for i, p := range people {
		batch[i] = track(p, event, fmt.Sprintf("%s-%d", id, i), at)
	}
	return jsonHook("segment", inbound.Engagement, "", batch)
}

// SendGrid is a delivery and a click on a link of the same message, half an hour apart.
func SendGrid(p Person, id string, at time.Time) Webhook {
	event := func(kind string, at time.Time) object {
		return object{"email": p.Email, "event": kind, "timestamp": at.Unix(), "sg_event_id": id + "-" + kind, "sg_message_id": id + ".recvd", "url": "https://www.our-company.example/guide"}
	}
	w := jsonHook("sendgrid", inbound.Engagement, "", []any{event("delivered", at.Add(-30*time.Minute)), event("click", at)})
	w.Body = append(w.Body, '\r', '\n') // as SendGrid ends its bodies
	return w
}

// Standard is our own signal.
func Standard(p Person, form, id string, at time.Time) Webhook {
	return jsonHook("standard", inbound.Forms, id, object{
		"type": "form.submitted", "occurred_at": at.Format(time.RFC3339), "identity": object{"email": p.Email},
		"lead": object{"first_name": p.FirstName, "last_name": p.LastName, "company": p.Company, "title": p.Title}, "attributes": object{"form": form},
	})
}

// HTML is a plain form post.
func HTML(p Person, form string) Webhook {
	body := url.Values{
		"email": {p.Email}, "first_name": {p.FirstName}, "last_name": {p.LastName}, "company": {p.Company}, "title": {p.Title}, "phone": {p.Phone},
		"form": {form}, "_gotcha": {""},
	}.Encode()
	return Webhook{Source: "html", Kind: inbound.Forms, ContentType: "application/x-www-form-urlencoded", Body: []byte(body)}
}
