package cfn_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/handoff-oss/handoff/infra/cfn"
	"github.com/handoff-oss/handoff/shared/fault"
)

func load(t *testing.T, parameters map[string]string) *cfn.Stack {
	t.Helper()
	stack, err := cfn.Load("testdata/stack.yaml", cfn.Options{
		Parameters: parameters, StackName: "s", QueueURL: func(name string) string { return "http://queues/" + name },
	})
	if err != nil {
		t.Fatal(err)
	}
	return stack
}

func TestAFunctionResolves(t *testing.T) {
	stack := load(t, map[string]string{"Issuer": "https://issuer"})
	const table, work, dead = "arn:aws:dynamodb:us-east-1:000000000000:table/s-Things", "arn:aws:sqs:us-east-1:000000000000:test-work", "arn:aws:sqs:us-east-1:000000000000:s-Dead"
	want := []cfn.Function{{
		ID: "Worker", Name: "s-Worker", ARN: "arn:aws:lambda:us-east-1:000000000000:function:s-Worker", Folder: "worker", CodeURI: "functions/worker/",
		Timeout: 10 * time.Second, MemoryMB: 256,
		Environment: map[string]string{
			"STAGE": "test", "TABLE": "s-Things", "WORK": "http://queues/test-work", "BUS": "bus-test",
			"URL": "https://b.example/${literal}", "ARN": table + "/stream/current",
		},
		Async:  cfn.Async{Retries: 1, OnFailure: dead},
		Routes: []cfn.Route{{Method: "GET", Path: "/things/{id}", Authorizer: "People"}, {Method: "ANY", Path: "/hook"}},
		Streams: []cfn.StreamSource{{
			Event: "Changes", StreamARN: table + "/stream/current", Table: "Things", Bisect: true, Retries: 4, MaxAge: 10 * time.Minute, Parallel: 2,
			Batch:     cfn.Batching{Size: 25, Filters: []string{`{"eventName":["INSERT"]}`}, PartialFailure: true},
			OnFailure: "arn:aws:s3:::s-Lost", OnFailureKind: "S3",
		}},
		Queues:    []cfn.QueueSource{{Event: "Jobs", QueueARN: work, Batch: cfn.Batching{Size: 5}}},
		Schedules: []cfn.Schedule{{Event: "Hourly", Expression: "rate(1 hour)", Input: `{"a":1}`, Enabled: true, DeadLetter: dead}},
	}}
	if diff := cmp.Diff(want, stack.Functions, cmpopts.SortSlices(func(a, b cfn.Route) bool { return a.Path > b.Path })); diff != "" {
		t.Error(diff)
	}
}

func TestResourcesResolve(t *testing.T) {
	stack := load(t, map[string]string{"Issuer": "https://issuer"})
	table, err := stack.Table("Things")
	if err != nil {
		t.Fatal(err)
	}
	want := cfn.Table{
		ID: "Things", Name: "s-Things", ARN: "arn:aws:dynamodb:us-east-1:000000000000:table/s-Things",
		Attributes: map[string]string{"id": "S", "color": "N"}, Key: cfn.Key{Partition: "id"},
		Indexes:    []cfn.Index{{Name: "by-color", Key: cfn.Key{Partition: "color", Sort: "id"}, Projection: "INCLUDE", Include: []string{"name"}}},
		StreamView: "NEW_IMAGE", TTLAttribute: "gone_at",
	}
	if diff := cmp.Diff(want, table); diff != "" {
		t.Error(diff)
	}
	work, ok := stack.Queue("http://queues/test-work")
	if !ok || work.Visibility != time.Minute || work.Delay != 5*time.Second || work.MaxReceives != 3 || work.Retention != 96*time.Hour {
		t.Errorf("the queue is %+v", work)
	}
	rules := []cfn.Rule{{
		ID: "Everything", Bus: "bus-test", Pattern: `{"source":["things"]}`, Enabled: true,
		Targets: []cfn.Target{{ID: "work", ARN: work.ARN}},
	}}
	if diff := cmp.Diff(rules, stack.Rules); diff != "" {
		t.Error(diff)
	}
}

func TestConditionsDecideWhatIsThere(t *testing.T) {
	if _, ok := load(t, map[string]string{"Issuer": "i"}).Resources["Encrypted"]; ok {
		t.Error("a resource whose condition fails is there")
	}
	stack := load(t, map[string]string{"Issuer": "i", "Key": "k"})
	if _, ok := stack.Resources["Encrypted"]; !ok {
		t.Error("a resource whose condition holds is not there")
	}
	if got := stack.Functions[0].Environment; got["URL"] != "https://keyed" || got["EMPTY"] != "x" {
		t.Errorf("the environment is %v", got)
	}
}

func TestErrorsNameResourceAndProperty(t *testing.T) {
	const function = "Resources:\n  F:\n    Type: AWS::Serverless::Function\n    Properties:\n      CodeUri: f\n"
	tests := []struct{ name, template, want string }{
		{"a parameter without a value", "Parameters: {P: {Type: String}}\n" + function, "parameter P has no value"},
		{"nothing deployed", "Parameters: {}", "there are no Resources"},
		{"a key twice", "Resources: {A: {Type: x}, A: {Type: y}}", "A"},
		{"no YAML", "Resources: [", "t.yaml"},
		{"an unknown reference", function + "      Environment: {Variables: {X: !Ref Nobody}}", "resource F: Environment: Variables: X: !Ref Nobody"},
		{"an unknown attribute's resource", function + "      Environment: {Variables: {X: !Sub '${Nobody.Arn}'}}", "!GetAtt Nobody.Arn"},
		{"no number", function + "      Timeout: soon", `resource F: Timeout: "soon"`},
		{"no flag", function + "      Events: {E: {Type: DynamoDB, Properties: {Stream: s, StartingPosition: LATEST, BisectBatchOnFunctionError: perhaps}}}", `Events.E: BisectBatchOnFunctionError: "perhaps"`},
		{"an unknown event", function + "      Events: {E: {Type: Telegram}}", `Events.E: Type: the event type "Telegram"`},
		{"an event without its queue", function + "      Events: {E: {Type: SQS, Properties: {}}}", "Events.E: Queue: must be given"},
		{"an unknown function", function + "      Environment: {Variables: {X: !Cidr [a, b]}}", "Fn::Cidr is not understood"},
		{"an unknown condition", function + "      Environment: {Variables: {X: !If [No, a, b]}}", "there is no condition No"},
		{"a rule without targets", "Resources: {R: {Type: 'AWS::Events::Rule', Properties: {EventPattern: {source: [a]}}}}", "resource R: Targets: must be given"},
		{"a key that is no attribute", "Resources: {T: {Type: 'AWS::DynamoDB::Table', Properties: {KeySchema: [{AttributeName: id, KeyType: HASH}]}}}", "resource T: KeySchema: id is not among AttributeDefinitions"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := cfn.Parse("t.yaml", []byte(tt.template), cfn.Options{})
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("the error is %v, want it to say %q", err, tt.want)
			}
			if fault.KindOf(err) != fault.Invalid {
				t.Errorf("the kind is %s", fault.KindOf(err))
			}
		})
	}
}

func TestTheProjectsTemplate(t *testing.T) {
	root, err := cfn.Root(".")
	if err != nil {
		t.Fatal(err)
	}
	stack, err := cfn.Load(filepath.Join(root, "template.yaml"), cfn.Options{Placeholder: "x"})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range stack.Functions {
		t.Run(f.ID, func(t *testing.T) { checkFunction(t, root, stack, f) })
	}
	if len(stack.Tables) != 1 || stack.Tables[0].StreamView != "NEW_AND_OLD_IMAGES" {
		t.Errorf("the tables are %+v", stack.Tables)
	}
}

func checkFunction(t *testing.T, root string, stack *cfn.Stack, f cfn.Function) {
	t.Helper()
	if _, err := os.Stat(filepath.Join(root, f.CodeURI)); err != nil {
		t.Errorf("it has no folder: %v", err)
	}
	authorizes := slices.ContainsFunc(stack.Authorizers, func(a cfn.Authorizer) bool { return a.FunctionARN == f.ARN })
	if !authorizes && len(f.Routes)+len(f.Streams)+len(f.Queues)+len(f.Schedules) == 0 {
		t.Error("nothing calls it")
	}
	for name, value := range f.Environment {
		if strings.Contains(value, "unresolved:") {
			t.Errorf("%s is %s", name, value)
		}
	}
	for _, q := range f.Queues {
		if source, ok := stack.Queue(q.QueueARN); !ok || source.Visibility < 6*f.Timeout {
			t.Errorf("it polls %s, which hides messages for %s", q.QueueARN, source.Visibility)
		}
	}
}

func TestRootIsWhereTheModuleIs(t *testing.T) {
	root, err := cfn.Root("testdata")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(root, "go.mod")); err != nil {
		t.Error(err)
	}
	if _, err := cfn.Root("/"); fault.KindOf(err) != fault.NotFound {
		t.Errorf("got %v", err)
	}
}
