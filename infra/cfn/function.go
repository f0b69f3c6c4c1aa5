package cfn

import (
	"path"
	"strings"
	"time"

	"github.com/handoff-oss/handoff/shared/fault"
)

// Function is a Lambda function with what calls it.
type Function struct {
	ID          string // logical id
	Name        string // physical name
	ARN         string
	Folder      string // last element of CodeUri: the function's folder
	CodeURI     string
	Timeout     time.Duration
	MemoryMB    int
	Environment map[string]string
	Routes      []Route
	Streams     []StreamSource
	Queues      []QueueSource
	Schedules   []Schedule
	Async       Async
}

// Async is what becomes of calls that nobody waits for when they fail.
type Async struct {
	Retries   int
	OnFailure string // ARN of the destination, "" for none
}

// Route is a path of the HTTP API.
type Route struct {
	Method     string // upper case, or ANY
	Path       string // with {name} and {name+}
	Authorizer string // name of the authorizer in front of it, "" for none
}

// Batching is what event sources have in common.
type Batching struct {
	Size           int
	Window         time.Duration
	Filters        []string // JSON patterns; a record passes when one matches
	PartialFailure bool     // the function reports the records that failed
}

// StreamSource reads a table's stream.
type StreamSource struct {
	Event         string // name of the event in the template
	StreamARN     string
	Table         string // logical id of the table
	Batch         Batching
	Bisect        bool
	Retries       int           // -1: until the record is too old
	MaxAge        time.Duration // -1 ns: no limit
	Parallel      int
	FromLatest    bool
	OnFailure     string // ARN of the destination, "" for none
	OnFailureKind string // "SQS", "SNS" or "S3"
}

// QueueSource reads a queue.
type QueueSource struct {
	Event       string
	QueueARN    string
	Batch       Batching
	Concurrency int // most invocations at a time, 0: no limit stated
}

// Schedule calls the function at times.
type Schedule struct {
	Event      string
	Expression string // rate(…) or cron(…)
	Input      string // JSON; "" for the scheduled event
	Enabled    bool
	DeadLetter string // ARN of the queue for calls that could not be made
}

func readFunction(id, name, arn string, p *props, globals, apis map[string]any) Function {
	g := p.within("Globals", globals)
	f := Function{ID: id, Name: name, ARN: arn, CodeURI: p.str("CodeUri")}
	if f.CodeURI == "" {
		f.CodeURI = g.str("CodeUri")
	}
	f.Folder = path.Base(strings.TrimSuffix(f.CodeURI, "/"))
	f.Timeout = p.seconds("Timeout", g.number("Timeout", 3))
	f.MemoryMB = p.number("MemorySize", g.number("MemorySize", 128))
	f.Environment = map[string]string{}
	for _, from := range []*props{g, p} {
		for k, v := range object(from.object("Environment")["Variables"]) {
			f.Environment[k] = text(v)
		}
	}
	p.take(g)
	async := p.within("EventInvokeConfig", p.object("EventInvokeConfig"))
	f.Async = Async{
		Retries:   async.number("MaximumRetryAttempts", 2),
		OnFailure: text(object(async.object("DestinationConfig")["OnFailure"])["Destination"]),
	}
	p.take(async)
	events, ok := p.values["Events"].(map[string]any)
	if !ok {
		return f
	}
	for _, event := range sortedKeys(events) {
		m := object(events[event])
		e := p.within("Events."+event, object(m["Properties"]))
		f.addEvent(event, text(m["Type"]), e, apis)
		p.take(e)
	}
	return f
}

func (f *Function) addEvent(event, kind string, e *props, apis map[string]any) {
	switch kind {
	case "HttpApi":
		f.Routes = append(f.Routes, readRoute(e, apis))
	case "DynamoDB":
		f.Streams = append(f.Streams, readStream(event, e))
	case "SQS":
		f.Queues = append(f.Queues, QueueSource{
			Event: event, QueueARN: e.required("Queue"), Batch: readBatching(e, 10),
			Concurrency: e.within("ScalingConfig", e.object("ScalingConfig")).number("MaximumConcurrency", 0),
		})
	case "Schedule", "ScheduleV2":
		f.Schedules = append(f.Schedules, readSchedule(event, kind, e))
	default:
		e.fail("Type", fault.New(fault.Invalid, "the event type %q is not known", kind))
	}
}

// readRoute reads an HttpApi event. What authorizer the API puts in front of
// routes that name none is settled by link, which knows the API.
func readRoute(e *props, apis map[string]any) Route {
	r := Route{Method: strings.ToUpper(e.required("Method")), Path: e.required("Path")}
	if r.Method == "*" || r.Method == "X-AMAZON-APIGATEWAY-ANY-METHOD" {
		r.Method = "ANY"
	}
	auth := e.object("Auth")
	r.Authorizer = text(auth["Authorizer"])
	if r.Authorizer == "" {
		r.Authorizer = defaultAuthorizer(e, apis)
	}
	if r.Authorizer == "NONE" {
		r.Authorizer = ""
	}
	return r
}

// readAuthorizers reads those of an HTTP API that are functions, by name. One
// that checks tokens by itself is none.
func readAuthorizers(p *props) []Authorizer {
	var all []Authorizer
	authorizers := object(p.object("Auth")["Authorizers"])
	for _, name := range sortedKeys(authorizers) {
		a := p.within("Auth.Authorizers."+name, object(authorizers[name]))
		if arn := a.str("FunctionArn"); arn != "" {
			identity := a.within("Identity", a.object("Identity"))
			sources := len(identity.strs("Headers")) + len(identity.strs("QueryStrings")) + len(identity.strs("Context"))
			all = append(all, Authorizer{
				Name: name, FunctionARN: arn, Format: a.str("AuthorizerPayloadFormatVersion"), Simple: a.flag("EnableSimpleResponses", false),
				Identity: sources > 0, Reuse: identity.seconds("ReauthorizeEvery", 0),
			})
			a.take(identity)
		}
		p.take(a)
	}
	return all
}

// defaultAuthorizer is the one that the route's API, or the Globals, put in
// front of routes that name none.
func defaultAuthorizer(e *props, apis map[string]any) string {
	api := e.within("Globals.HttpApi", apis)
	if id := apiOf(e.values["ApiId"]); id != "" {
		if res, ok := e.resolver.resources[id]; ok {
			api = e.within("ApiId "+id, res.Properties)
		}
	}
	name := text(api.object("Auth")["DefaultAuthorizer"])
	e.take(api)
	return name
}

// apiOf is the logical id that an ApiId refers to.
func apiOf(v any) string {
	if m, ok := v.(map[string]any); ok {
		return text(m["Ref"])
	}
	return text(v)
}

func readBatching(e *props, size int) Batching {
	b := Batching{
		Size:   e.number("BatchSize", size),
		Window: e.seconds("MaximumBatchingWindowInSeconds", 0),
	}
	for _, t := range e.strs("FunctionResponseTypes") {
		b.PartialFailure = b.PartialFailure || t == "ReportBatchItemFailures"
	}
	filters, _ := e.object("FilterCriteria")["Filters"].([]any)
	for _, f := range filters {
		b.Filters = append(b.Filters, text(object(f)["Pattern"]))
	}
	return b
}

func readStream(event string, e *props) StreamSource {
	s := StreamSource{
		Event: event, StreamARN: e.required("Stream"), Batch: readBatching(e, 100),
		Bisect:   e.flag("BisectBatchOnFunctionError", false),
		Retries:  e.number("MaximumRetryAttempts", -1),
		MaxAge:   time.Duration(e.number("MaximumRecordAgeInSeconds", -1)),
		Parallel: e.number("ParallelizationFactor", 1),
	}
	if s.MaxAge >= 0 {
		s.MaxAge *= time.Second
	}
	switch at := e.required("StartingPosition"); at {
	case "LATEST":
		s.FromLatest = true
	case "TRIM_HORIZON", "":
	default:
		e.fail("StartingPosition", fault.New(fault.Invalid, "%q is neither TRIM_HORIZON nor LATEST", at))
	}
	dest := e.within("DestinationConfig.OnFailure", object(e.object("DestinationConfig")["OnFailure"]))
	s.OnFailure, s.OnFailureKind = dest.str("Destination"), dest.str("Type")
	if s.OnFailureKind == "" && s.OnFailure != "" {
		s.OnFailureKind = strings.ToUpper(strings.Split(s.OnFailure+":::", ":")[2])
	}
	e.take(dest)
	return s
}

func readSchedule(event, kind string, e *props) Schedule {
	s := Schedule{Event: event, Input: e.str("Input"), Enabled: e.flag("Enabled", true) && e.str("State") != "DISABLED"}
	s.Expression = e.str("Schedule")
	if kind == "ScheduleV2" {
		s.Expression = e.required("ScheduleExpression")
	}
	s.DeadLetter = text(e.object("DeadLetterConfig")["Arn"])
	return s
}
