package awsapi

import (
	"context"
	"encoding/json"
	"math"
	"net/http"
	"strings"
	"time"

	"github.com/handoff-oss/handoff/infra/local/bus"
	"github.com/handoff-oss/handoff/infra/local/outbox"
)

type putEventsInput struct {
	Entries []struct {
		EventBusName string
		Source       string
		DetailType   string
		Detail       string
		Time         *float64
		Resources    []string
	}
}

// putEvents refuses an entry by itself where EventBridge does.
func (a *API) putEvents(_ context.Context, in putEventsInput) (any, error) {
	size := 0
	for _, e := range in.Entries {
		size += len(e.Detail) + len(e.DetailType) + len(e.Source)
	}
	if len(in.Entries) == 0 || len(in.Entries) > 10 || size >= 1<<20 {
		return nil, failure{"ValidationException", "PutEvents takes 1 to 10 entries of less than 1 MB", http.StatusBadRequest}
	}
	entries, failed := []map[string]string{}, 0
	for _, e := range in.Entries {
		name := e.EventBusName[strings.LastIndexByte(e.EventBusName, '/')+1:]
		if name == "" {
			name = "default"
		}
		event := bus.Event{DetailType: e.DetailType, Source: e.Source, Account: "000000000000", Region: "us-east-1", Resources: e.Resources, Detail: json.RawMessage(e.Detail)}
		if e.Time != nil {
			event.Time = seconds(*e.Time)
		}
		entry, ok := a.putEvent(name, event)
		if !ok {
			failed++
		}
		entries = append(entries, entry)
	}
	return map[string]any{"FailedEntryCount": failed, "Entries": entries}, nil
}

func (a *API) putEvent(name string, e bus.Event) (entry map[string]string, ok bool) {
	var detail map[string]any
	switch {
	case e.Source == "" || e.DetailType == "":
		return map[string]string{"ErrorCode": "InvalidArgument", "ErrorMessage": "Source and DetailType are required"}, false
	case json.Unmarshal(e.Detail, &detail) != nil:
		return map[string]string{"ErrorCode": "MalformedDetail", "ErrorMessage": "Detail is malformed"}, false
	case !a.Bus.Has(name):
		return map[string]string{"ErrorCode": "ResourceNotFoundException", "ErrorMessage": "there is no event bus " + name}, false
	}
	id, err := a.Bus.Put(name, e)
	if err != nil {
		return map[string]string{"ErrorCode": "InternalFailure", "ErrorMessage": err.Error()}, false
	}
	return map[string]string{"EventId": id}, true
}

func seconds(s float64) time.Time {
	whole, part := math.Modf(s)
	return time.Unix(int64(whole), int64(part*1e9)).UTC()
}

type getSecretValueInput struct {
	SecretID string `json:"SecretId"`
}

func (a *API) getSecretValue(_ context.Context, in getSecretValueInput) (any, error) {
	value, err := a.Secret(in.SecretID)
	if err != nil {
		return nil, err
	}
	return map[string]any{"ARN": in.SecretID, "Name": in.SecretID, "SecretString": value, "VersionId": "local", "VersionStages": []string{"AWSCURRENT"}}, nil
}

type content struct{ Data string }

type sendEmailInput struct {
	FromEmailAddress string
	Destination      struct {
		ToAddresses, CcAddresses, BccAddresses []string
	}
	Content struct {
		Simple *struct {
			Subject content
			Body    struct {
				Text *content
				HTML *content `json:"Html"`
			}
			Headers []struct{ Name, Value string }
		}
	}
}

func (a *API) sendEmail(_ context.Context, in sendEmailInput) (any, error) {
	simple := in.Content.Simple
	if simple == nil {
		return nil, failure{"BadRequestException", "only Content.Simple is emulated here", http.StatusBadRequest}
	}
	if len(in.Destination.ToAddresses) == 0 || in.FromEmailAddress == "" {
		return nil, failure{"BadRequestException", "a sender and a recipient are required", http.StatusBadRequest}
	}
	headers := http.Header{}
	for _, h := range simple.Headers {
		headers.Set(strings.TrimPrefix(strings.ToLower(h.Name), "x-"), h.Value)
	}
	mail := outbox.Email{From: in.FromEmailAddress, To: in.Destination.ToAddresses, Subject: simple.Subject.Data, Header: headers}
	if t := simple.Body.Text; t != nil {
		mail.Text = t.Data
	}
	if h := simple.Body.HTML; h != nil {
		mail.HTML = h.Data
	}
	id, err := a.Outbox.Email(mail)
	return map[string]string{"MessageId": id}, err
}
