// Package deploy_test checks that functions/ and template.yaml agree, and that
// the template keeps what production needs. The folders beside it deploy the
// template: to an emulator, and by sam local.
package deploy_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/handoff-oss/handoff/infra/cfn"
	"github.com/handoff-oss/handoff/shared/access"
	"github.com/handoff-oss/handoff/shared/queue"
)

func load(t *testing.T) (root string, s *cfn.Stack) {
	t.Helper()
	root, err := cfn.Root(".")
	if err != nil {
		t.Fatal(err)
	}
	s, err = cfn.Load(filepath.Join(root, "template.yaml"), cfn.Options{Placeholder: "test"})
	if err != nil {
		t.Fatal(err)
	}
	return root, s
}

// The parameter says how many executions the functions reserve, and what an
// account needs beside the hundred that AWS leaves to nobody.
func TestTheReservedExecutionsAreSaid(t *testing.T) {
	root, _ := load(t)
	text, err := os.ReadFile(filepath.Join(root, "template.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	sum := 0
	for _, m := range regexp.MustCompile(`ReservedConcurrentExecutions: !If \[ReservesConcurrency, (\d+),`).FindAllSubmatch(text, -1) {
		n, err := strconv.Atoi(string(m[1]))
		if err != nil {
			t.Fatal(err)
		}
		sum += n
	}
	said := strings.Join(strings.Fields(string(text)), " ")
	for _, want := range []string{fmt.Sprintf("Reserves %d of", sum), fmt.Sprintf("limit is below %d has", sum+100)} {
		if !strings.Contains(said, want) {
			t.Errorf("the template does not say %q", want)
		}
	}
}

func TestEveryFolderIsAFunctionAndBack(t *testing.T) {
	root, s := load(t)
	entries, err := os.ReadDir(filepath.Join(root, "functions"))
	if err != nil {
		t.Fatal(err)
	}
	var folders, declared []string
	for _, e := range entries {
		folders = append(folders, "functions/"+e.Name())
	}
	for _, f := range s.Functions {
		declared = append(declared, strings.TrimSuffix(f.CodeURI, "/"))
		if name := strings.ToUpper(f.Folder[:1]) + f.Folder[1:] + "Function"; f.ID != name {
			t.Errorf("the function of folder %s is %s, want %s", f.Folder, f.ID, name)
		}
	}
	slices.Sort(declared)
	if diff := cmp.Diff(folders, declared); diff != "" {
		t.Errorf("folders and functions of the template (-folders +template):\n%s", diff)
	}
}

func TestEveryVariableIsReadAndDeclared(t *testing.T) {
	root, s := load(t)
	for _, f := range s.Functions {
		t.Run(f.Folder, func(t *testing.T) {
			read := variables(t, filepath.Join(root, "functions", f.Folder, "main.go"))
			declared := slices.Sorted(maps.Keys(f.Environment))
			if diff := cmp.Diff(declared, read); diff != "" {
				t.Errorf("environment (-template.yaml +main.go):\n%s", diff)
			}
		})
	}
}

// variables returns the names that a main.go loads or gets from its environment.
func variables(t *testing.T, file string) []string {
	t.Helper()
	tree, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	ast.Inspect(tree, func(n ast.Node) bool {
		for _, arg := range settingsIn(n) {
			name, err := strconv.Unquote(arg)
			if err != nil {
				t.Fatal(err)
			}
			names[name] = true
		}
		return true
	})
	return slices.Sorted(maps.Keys(names))
}

// settingsIn returns the string literals of a call of Load or Get.
func settingsIn(n ast.Node) (literals []string) {
	call, ok := n.(*ast.CallExpr)
	if !ok {
		return nil
	}
	f, ok := call.Fun.(*ast.SelectorExpr)
	if !ok || f.Sel.Name != "Load" && f.Sel.Name != "Get" {
		return nil
	}
	for _, arg := range call.Args {
		if lit, ok := arg.(*ast.BasicLit); ok && lit.Kind == token.STRING {
			literals = append(literals, lit.Value)
		}
	}
	return literals
}

// The template and the table of routes name the same routes, and a route is
// without an authorizer exactly when the table calls it open.
func TestRoutesAreClosedButForThoseThatTheTableOpens(t *testing.T) {
	_, s := load(t)
	rules, named := access.Routes(), map[access.Route]bool{}
	for _, f := range s.Functions {
		for _, r := range f.Routes {
			route := access.Route(r.Method + " " + r.Path)
			rule, ok := rules[route]
			if !ok {
				t.Errorf("%s of %s is not in access.Routes, so nobody could use it", route, f.ID)
			}
			if rule.Open != (r.Authorizer == "") {
				t.Errorf("%s is open: %t, and its authorizer is %q", route, rule.Open, r.Authorizer)
			}
			if named[route] {
				t.Errorf("%s leads to two functions", route)
			}
			named[route] = true
		}
	}
	for route := range rules {
		if !named[route] {
			t.Errorf("%s is in access.Routes, and no function of the template answers it", route)
		}
	}
}

// A function looks at each request to a closed route anew.
func TestTheAuthorizerIsAskedEachTime(t *testing.T) {
	_, s := load(t)
	if len(s.Authorizers) != 1 {
		t.Fatalf("there are %d authorizers", len(s.Authorizers))
	}
	a := s.Authorizers[0]
	if a.Reuse != 0 || a.Identity || !a.Simple || a.Format != "2.0" {
		t.Errorf("it is %+v", a)
	}
	i := slices.IndexFunc(s.Functions, func(f cfn.Function) bool { return f.ARN == a.FunctionARN })
	if i < 0 || s.Functions[i].Folder != "authorize" {
		t.Errorf("the function behind it is not authorize: %s", a.FunctionARN)
	}
	for _, f := range s.Functions {
		for _, r := range f.Routes {
			if r.Authorizer != "" && r.Authorizer != a.Name {
				t.Errorf("%s %s has the authorizer %s", r.Method, r.Path, r.Authorizer)
			}
		}
	}
}

func TestQueuesKeepMessagesForTwoWeeks(t *testing.T) {
	_, s := load(t)
	for _, q := range s.Queues {
		if q.Retention != 14*24*time.Hour {
			t.Errorf("%s keeps messages for %s", q.ID, q.Retention)
		}
	}
}

// A queue that hands a message out again while the function still works on it
// makes two of it; AWS asks for six times the function's timeout.
func TestQueuesWaitForTheirFunctions(t *testing.T) {
	_, s := load(t)
	queues := map[string]cfn.Queue{}
	for _, q := range s.Queues {
		queues[q.ARN] = q
	}
	for _, f := range s.Functions {
		for _, source := range f.Queues {
			q := queues[source.QueueARN]
			if q.Visibility < 6*f.Timeout {
				t.Errorf("%s hides a message for %s, less than six times the %s of %s", q.ID, q.Visibility, f.Timeout, f.ID)
			}
			if queues[q.DeadLetters].ID == "" || q.MaxReceives == 0 {
				t.Errorf("%s has no dead-letter queue", q.ID)
			}
			if !source.Batch.PartialFailure {
				t.Errorf("one failing message of %s repeats its batch in %s", q.ID, f.ID)
			}
		}
	}
}

// Whoever fails for the last time says why, if it knows which time is the last.
func TestFunctionsKnowTheLastTry(t *testing.T) {
	_, s := load(t)
	want := map[string]int{
		"ParkQueue": queue.ParkReceives, "RetryQueue": queue.RetryReceives, "NotifyQueue": queue.NotifyReceives, "FetchQueue": queue.FetchReceives,
	}
	got := map[string]int{}
	for _, q := range s.Queues {
		if q.DeadLetters != "" {
			got[q.ID] = q.MaxReceives
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("receives (-shared/queue +template):\n%s", diff)
	}
}

// Without these a record that always fails blocks its shard for a day, and is
// gone then.
func TestStreamsOutliveARecordThatAlwaysFails(t *testing.T) {
	_, s := load(t)
	readers := 0
	for _, f := range s.Functions {
		for _, source := range f.Streams {
			readers++
			if source.Retries < 1 || source.MaxAge <= 0 || source.MaxAge > 12*time.Hour {
				t.Errorf("%s tries %d times and for %s", f.ID, source.Retries, source.MaxAge)
			}
			if !source.Bisect || !source.Batch.PartialFailure || len(source.Batch.Filters) != 1 || source.FromLatest {
				t.Errorf("%s: bisect, partial failure, one filter and TRIM_HORIZON: got %+v", f.ID, source)
			}
			if source.OnFailureKind != "S3" {
				t.Errorf("%s does not keep the record itself that it gives up: its destination is of kind %q", f.ID, source.OnFailureKind)
			}
		}
	}
	if readers != 2 {
		t.Errorf("the stream has %d readers; DynamoDB serves two without throttling", readers)
	}
}

func TestWhatIsCalledByEventsLosesNone(t *testing.T) {
	_, s := load(t)
	queues := map[string]bool{}
	for _, q := range s.Queues {
		queues[q.ARN] = true
	}
	for _, r := range s.Rules {
		for _, target := range r.Targets {
			if !queues[target.DeadLetter] {
				t.Errorf("rule %s, target %s: no dead-letter queue", r.ID, target.ID)
			}
		}
	}
	for _, f := range s.Functions {
		for _, source := range f.Schedules {
			if !queues[source.DeadLetter] || !queues[f.Async.OnFailure] {
				t.Errorf("%s: a call by schedule %s that fails leaves no trace", f.ID, source.Event)
			}
		}
	}
}

func TestFunctionsHaveWhatProductionNeeds(t *testing.T) {
	_, s := load(t)
	for _, f := range s.Functions {
		name := strings.TrimSuffix(f.ID, "Function")
		for suffix, kind := range map[string]string{
			"Role": "AWS::IAM::Role", "Logs": "AWS::Logs::LogGroup", "Errors": "AWS::CloudWatch::Alarm",
		} {
			if s.Resources[name+suffix] != kind {
				t.Errorf("%s has no %s%s of type %s", f.ID, name, suffix, kind)
			}
		}
		if f.MemoryMB < 512 || f.Timeout > time.Minute {
			t.Errorf("%s has %d MB and %s", f.ID, f.MemoryMB, f.Timeout)
		}
	}
	for _, q := range s.Queues {
		if strings.HasSuffix(q.ID, "DeadLetters") && s.Resources[q.ID+"Filled"] != "AWS::CloudWatch::Alarm" {
			t.Errorf("nothing rings when %s fills", q.ID)
		}
	}
}
