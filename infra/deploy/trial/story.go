package main

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/handoff-oss/handoff/shared/contract"
	"github.com/handoff-oss/handoff/shared/fault"
)

// soon is how long each part of the story may take.
const soon = time.Minute

// visitor asks for the demo.
const visitor = "rosa@baltic-ferries.example"

// story is one lead's way through the deployed stack.
type story struct {
	stack  *stack
	inbox  *inbox
	people *people
	step   func(string, ...any)
}

func (s story) play(ctx context.Context) error {
	if err := s.askForDemo(ctx); err != nil {
		return err
	}
	s.step("the request was stored and answered")
	link, err := s.awaitMessages(ctx)
	if err != nil {
		return err
	}
	s.step("Slack, the signed webhook and e-mail told of the handoff")
	if err := s.accept(ctx, link); err != nil {
		return err
	}
	s.step("the rep accepted by the link in the mail")
	if err := s.look(ctx); err != nil {
		return err
	}
	s.step("the API is closed without a good token, and shows the accepted lead to one who has it")
	if err := s.browse(ctx); err != nil {
		return err
	}
	s.step("a browser signed in at the identity provider, saw the lead, and signed out")
	return nil
}

// askForDemo sends a form the way Typeform does.
func (s story) askForDemo(ctx context.Context) error {
	body, err := json.Marshal(demoRequest(time.Now().UTC()))
	if err != nil {
		return fault.Wrap(fault.Internal, "encode the form", err)
	}
	mac := hmac.New(sha256.New, []byte(s.stack.typeform))
	mac.Write(body)
	forged := http.Header{"Content-Type": {"application/json"}, "Typeform-Signature": {"sha256=AAAA"}}
	got, err := s.stack.send(ctx, http.MethodPost, "/webhooks/forms/typeform", forged, string(body))
	if err != nil || got.status < 400 || got.status > 499 {
		return fault.New(fault.Invalid, "a forged request was answered %d (%v)", got.status, err)
	}
	signed := http.Header{
		"Content-Type":       {"application/json"},
		"Typeform-Signature": {"sha256=" + base64.StdEncoding.EncodeToString(mac.Sum(nil))},
	}
	got, err = s.stack.send(ctx, http.MethodPost, "/webhooks/forms/typeform", signed, string(body))
	if err != nil || got.status > 299 {
		return fault.New(fault.Invalid, "the request was answered %d %.200s (%v)", got.status, got.body, err)
	}
	return nil
}

func demoRequest(at time.Time) map[string]any {
	var fields, answers []map[string]any
	add := func(ref, kind, key, value string) {
		fields = append(fields, map[string]any{"id": ref, "ref": ref, "type": kind, "title": strings.ReplaceAll(ref, "_", " ")})
		answers = append(answers, map[string]any{
			"type": key, key: value, "field": map[string]any{"id": ref, "ref": ref, "type": kind},
		})
	}
	add("email", "email", "email", visitor)
	add("first_name", "short_text", "text", "Rosa")
	add("last_name", "short_text", "text", "Okonkwo")
	add("company", "short_text", "text", "Baltic Ferries")
	add("title", "short_text", "text", "Head of Operations")
	when := at.Format(time.RFC3339)
	return map[string]any{
		"event_id": "trial-1", "event_type": "form_response",
		"form_response": map[string]any{
			"form_id": "demo", "token": "trial-1", "landed_at": when, "submitted_at": when,
			"definition": map[string]any{"id": "demo", "title": "Request a demo", "fields": fields}, "answers": answers,
		},
	}
}

// awaitMessages waits until every channel has told of the handoff, and
// returns the path of the link that accepts it.
func (s story) awaitMessages(ctx context.Context) (link string, err error) {
	accept := regexp.MustCompile(`Accept: https?://[^/\s]+(/r/\S+)`)
	err = until(ctx, "every channel tells of the handoff", soon, func() (bool, error) {
		slack, webhooks, err := s.inbox.count(string(contract.LeadHandedOff))
		if err != nil || slack == 0 || webhooks == 0 {
			return false, err
		}
		mails, err := s.stack.aws.mails(ctx)
		if err != nil {
			return false, err
		}
		for _, m := range mails {
			if found := accept.FindStringSubmatch(m); found != nil {
				link = found[1]
			}
		}
		return link != "", nil
	})
	return link, err
}

// accept follows the link: looking changes nothing, posting accepts.
func (s story) accept(ctx context.Context, link string) error {
	for _, method := range []string{http.MethodGet, http.MethodPost} {
		got, err := s.stack.send(ctx, method, link, http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}, "")
		if err != nil || got.status > 399 {
			return fault.New(fault.Invalid, "%s of the accept link was answered %d %.200s (%v)", method, got.status, got.body, err)
		}
	}
	return until(ctx, "the handoff is accepted", soon, func() (bool, error) {
		_, webhooks, err := s.inbox.count(string(contract.LeadAccepted))
		return webhooks > 0, err
	})
}

// reply is an answer of the API.
type reply struct {
	status int
	header http.Header
	body   []byte
}

// send makes a request of the deployed API, by its own host name.
func (s *stack) send(ctx context.Context, method, path string, h http.Header, body string) (reply, error) {
	req, err := http.NewRequestWithContext(ctx, method, s.aws.url+path, strings.NewReader(body))
	if err != nil {
		return reply{}, fault.Wrap(fault.Internal, "make the request", err)
	}
	req.Header = h
	req.Host = s.api + ".execute-api.localhost:" + req.URL.Port()
	res, err := s.aws.http.Do(req)
	if err != nil {
		return reply{}, fault.Wrap(fault.Unavailable, "call the API", err)
	}
	defer func() { _ = res.Body.Close() }()
	answer, err := io.ReadAll(res.Body)
	return reply{res.StatusCode, res.Header, answer}, fault.Wrap(fault.Unavailable, "read the API's answer", err)
}

// mails returns the texts of the mails that were sent.
func (e *emulator) mails(ctx context.Context) ([]string, error) {
	var sent struct {
		Messages map[string][]struct{ BodyText string }
	}
	if err := e.request(ctx, http.MethodGet, "/_ministack/ses/messages", nil, &sent); err != nil {
		return nil, err
	}
	var texts []string
	for _, of := range sent.Messages {
		for _, m := range of {
			texts = append(texts, m.BodyText)
		}
	}
	return texts, nil
}
