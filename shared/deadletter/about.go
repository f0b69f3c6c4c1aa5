package deadletter

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/aws/aws-lambda-go/events"

	"github.com/handoff-oss/handoff/shared/contract"
	"github.com/handoff-oss/handoff/shared/queue"
	"github.com/handoff-oss/handoff/shared/signal"
	"github.com/handoff-oss/handoff/shared/table"
)

// unknown is what a letter is that has none of the known forms.
func unknown() About { return About{What: "nothing of a known form"} }

// about says what the body of a message is.
func about(p Place, body string) About {
	switch p {
	case Park:
		return parked(body)
	case Retry:
		return undecided(body)
	case Fetch:
		return request(body)
	case Notify, Rule:
		return untold(body)
	case Schedule:
		return missed(body)
	case Stream: // not a message
	}
	return unknown()
}

// parked is a list of signals, or one signal with the key of its lead.
func parked(body string) About {
	var all []signal.Signal
	var keyed struct {
		Key    signal.LeadKey `json:"key"`
		Signal signal.Signal  `json:"signal"`
	}
	if err := json.Unmarshal([]byte(body), &all); err != nil {
		if err := json.Unmarshal([]byte(body), &keyed); err != nil || keyed.Signal.ID == "" {
			return unknown()
		}
		all = []signal.Signal{keyed.Signal}
	}
	if len(all) == 0 {
		return unknown()
	}
	a := ofSignals(all)
	if keyed.Key != "" {
		a.Lead = keyed.Key
	}
	return a
}

// ofSignals describes signals by the first of them.
func ofSignals(all []signal.Signal) About {
	s := all[0]
	a := About{Source: s.Source, Type: string(s.Type), Count: len(all), What: inWords(len(all), s.Source)}
	if key, err := s.LeadKey(); err == nil {
		a.Lead = key
	}
	return a
}

// inWords says how many signals there are, and where the first is from.
func inWords(signals int, source string) string {
	if signals > 1 {
		return fmt.Sprintf("%d signals, the first of %s", signals, source)
	}
	return "signal of " + source
}

// undecided is the keys of a signal.
func undecided(body string) About {
	var r table.SignalRef
	if err := json.Unmarshal([]byte(body), &r); err != nil || r.PK == "" || r.SK == "" {
		return unknown()
	}
	source := r.Source()
	return About{
		What: inWords(1, cmp.Or(source, "an unknown source")), Lead: leadOf(r), Source: source, Count: 1, signals: []table.SignalRef{r},
	}
}

// leadOf is the lead that a signal's keys name, "" when they name none.
func leadOf(r table.SignalRef) signal.LeadKey {
	key, err := r.Lead()
	if err != nil {
		return ""
	}
	return key
}

// request asks a provider for a record.
func request(body string) About {
	var r struct {
		Signal signal.Signal `json:"signal"`
	}
	if err := json.Unmarshal([]byte(body), &r); err != nil || r.Signal.ID == "" {
		return unknown()
	}
	a := ofSignals([]signal.Signal{r.Signal})
	a.What = "request for a record of " + r.Signal.Source
	if kind := r.Signal.Attributes[signal.AttrFetch]; kind != "" {
		a.What = "request for the " + kind + " of a webhook of " + r.Signal.Source
	}
	return a
}

// untold is an event in the bus's envelope.
func untold(body string) About {
	var envelope events.EventBridgeEvent
	var e contract.Event
	if err := json.Unmarshal([]byte(body), &envelope); err != nil {
		return unknown()
	}
	if err := json.Unmarshal(envelope.Detail, &e); err != nil || e.ID == "" {
		return unknown()
	}
	return ofEvents([]contract.Event{e})
}

func ofEvents(all []contract.Event) About {
	e := all[0]
	a := About{What: "event", Type: string(e.Type), Event: e.ID, Lead: signal.LeadKey(e.Lead), Count: len(all)}
	if len(all) > 1 {
		a.What = fmt.Sprintf("%d events", len(all))
	}
	if s := e.Detail.Source; s != nil {
		a.Source = s.Name
	}
	return a
}

// givenUp is what Lambda says of a call that it gave up.
type givenUp struct {
	FunctionARN string `json:"functionArn"`
	Condition   string `json:"condition"`
	Tries       int    `json:"approximateInvokeCount"`
}

// missed is a run of a schedule: the record of a call that failed, or the
// event of one that was never made.
func missed(body string) About {
	var call struct {
		RequestContext givenUp  `json:"requestContext"`
		Resources      []string `json:"resources"`
	}
	if err := json.Unmarshal([]byte(body), &call); err != nil {
		return unknown()
	}
	name := function(call.RequestContext.FunctionARN)
	if name == "" && len(call.Resources) > 0 {
		name = call.Resources[0][strings.LastIndexByte(call.Resources[0], '/')+1:]
	}
	return About{What: "run of " + cmp.Or(name, "a schedule"), Count: 1}
}

// function is the name in a function's ARN, without its version.
func function(arn string) string {
	_, name, _ := strings.Cut(arn, ":function:")
	name, _, _ = strings.Cut(name, ":")
	return name
}

// reason says why a message failed, as far as it tells: in the attributes of
// whoever buried it, of the bus and of the scheduler, or in a call's record.
func reason(p Place, body string, said map[string]string) (why string, tries int) {
	if n, err := strconv.Atoi(cmp.Or(said[queue.AttrTries], said["RETRY_ATTEMPTS"])); err == nil {
		tries = n
	}
	if why := said[queue.AttrReason]; why != "" {
		return why, tries
	}
	if code := said["ERROR_CODE"]; code != "" {
		return strings.TrimSuffix(code+": "+said["ERROR_MESSAGE"], ": "), tries
	}
	if p != Schedule {
		return "", tries
	}
	var call struct {
		RequestContext  givenUp `json:"requestContext"`
		ResponsePayload struct {
			Type    string `json:"errorType"`
			Message string `json:"errorMessage"`
		} `json:"responsePayload"`
	}
	if err := json.Unmarshal([]byte(body), &call); err != nil {
		return "", tries
	}
	return cmp.Or(call.ResponsePayload.Message, call.ResponsePayload.Type, call.RequestContext.Condition), cmp.Or(tries, call.RequestContext.Tries)
}
