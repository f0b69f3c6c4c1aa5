// Package cfn reads a SAM or CloudFormation template the way a deploy would,
// as far as a program that runs or checks the stack needs it: functions with
// their environment and event sources, queues, bus rules, secrets and the
// table. Intrinsic functions resolve against given parameters to names and
// ARNs of one account. It creates nothing and knows nothing of how the
// resources are run.
package cfn

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"time"

	"github.com/handoff-oss/handoff/shared/fault"
)

// Options are what a template resolves against.
type Options struct {
	Parameters  map[string]string        // override the template's defaults
	Placeholder string                   // the value of parameters that have neither; "" reports them
	Region      string                   // default us-east-1
	Account     string                   // default 000000000000
	StackName   string                   // default handoff
	QueueURL    func(name string) string // default https://sqs.<region>.amazonaws.com/<account>/<name>
}

// Stack is a resolved template.
type Stack struct {
	Functions []Function // by logical id
	Queues    []Queue
	Rules     []Rule
	Tables    []Table
	Secrets   []Secret
	Buckets   []Bucket
	// Authorizers are the functions in front of routes; Route.Authorizer names one.
	Authorizers []Authorizer
	Resources   map[string]string // logical id → type, of every resource that would be deployed

	resolver *resolver
}

// Secret is a secret of Secrets Manager.
type Secret struct{ ID, Name, ARN string }

// Bucket is an S3 bucket.
type Bucket struct{ ID, Name, ARN string }

// Authorizer is a function that an HTTP API asks whether a request may pass
// (type REQUEST).
type Authorizer struct {
	Name        string
	FunctionARN string
	Format      string        // of its payload: "1.0" or "2.0"
	Simple      bool          // it answers isAuthorized, and not with a policy
	Identity    bool          // without the headers and the like that it names, a request is refused at once
	Reuse       time.Duration // for how long an answer is used again
}

// Root returns the nearest folder at or above dir that holds a go.mod, which
// is where template.yaml stands. Kind: NotFound.
func Root(dir string) (string, error) {
	at, err := filepath.Abs(dir)
	if err != nil {
		return "", fault.Wrap(fault.Internal, "find the project's root", err)
	}
	for {
		if _, err := os.Stat(filepath.Join(at, "go.mod")); err == nil {
			return at, nil
		}
		up := filepath.Dir(at)
		if up == at {
			return "", fault.New(fault.NotFound, "no go.mod at or above %s", dir)
		}
		at = up
	}
}

// Load reads and resolves the template in a file. Kinds: NotFound, Invalid;
// an Invalid error names every resource and property that is wrong.
func Load(file string, o Options) (*Stack, error) {
	source, err := os.ReadFile(file) //nolint:gosec // The caller names the template.
	if err != nil {
		return nil, fault.Wrap(fault.NotFound, "read the template", err)
	}
	return Parse(filepath.Base(file), source, o)
}

// Parse resolves a template. Kind: Invalid.
func Parse(file string, source []byte, o Options) (*Stack, error) {
	tree, err := parse(file, source)
	if err != nil {
		return nil, err
	}
	r, err := newResolver(tree, o)
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, file, err)
	}
	s := &Stack{resolver: r, Resources: map[string]string{}}
	var wrong []error
	globals := object(object(tree["Globals"])["Function"])
	apis := object(object(tree["Globals"])["HttpApi"])
	for _, id := range sortedKeys(r.resources) {
		res := r.resources[id]
		if res.Condition != "" {
			holds, err := r.holds(res.Condition)
			if err != nil {
				wrong = append(wrong, fault.Wrap(fault.Invalid, "resource "+id+": Condition", err))
			}
			if !holds {
				continue
			}
		}
		s.Resources[id] = res.Type
		p := &props{resolver: r, where: "resource " + id, values: res.Properties}
		s.add(id, res, p, globals, apis)
		wrong = append(wrong, p.wrong...)
	}
	s.link()
	if err := errors.Join(wrong...); err != nil {
		return nil, fault.Wrap(fault.Invalid, file, err)
	}
	return s, nil
}

func (s *Stack) add(id string, res raw, p *props, globals, apis map[string]any) {
	name, err := s.resolver.physical(id, res)
	if err != nil {
		p.fail("", err)
	}
	arn := s.resolver.names.arn(res.Type, name)
	switch res.Type {
	case "AWS::Serverless::Function":
		s.Functions = append(s.Functions, readFunction(id, name, arn, p, globals, apis))
	case "AWS::SQS::Queue":
		s.Queues = append(s.Queues, readQueue(id, name, arn, p))
	case "AWS::Events::Rule":
		s.Rules = append(s.Rules, readRule(id, p))
	case "AWS::DynamoDB::Table":
		s.Tables = append(s.Tables, readTable(id, name, arn, p))
	case "AWS::SecretsManager::Secret":
		s.Secrets = append(s.Secrets, Secret{ID: id, Name: name, ARN: arn})
	case "AWS::S3::Bucket":
		s.Buckets = append(s.Buckets, Bucket{ID: id, Name: name, ARN: arn})
	case "AWS::Serverless::HttpApi":
		s.Authorizers = append(s.Authorizers, readAuthorizers(p)...)
	}
}

// Table returns the table with a logical id. Kind: NotFound.
func (s *Stack) Table(id string) (Table, error) {
	i := slices.IndexFunc(s.Tables, func(t Table) bool { return t.ID == id })
	if i < 0 {
		return Table{}, fault.New(fault.NotFound, "the template has no table %s", id)
	}
	return s.Tables[i], nil
}

// Queue returns the queue with that ARN, URL or name; ok is false when there
// is none.
func (s *Stack) Queue(name string) (q Queue, ok bool) {
	for _, q := range s.Queues {
		if name == q.ARN || name == q.URL || name == q.Name {
			return q, true
		}
	}
	return Queue{}, false
}

func newResolver(tree map[string]any, o Options) (*resolver, error) {
	region, account, stack := or(o.Region, "us-east-1"), or(o.Account, "000000000000"), or(o.StackName, "handoff")
	r := &resolver{
		parameters: map[string]any{},
		mappings:   object(tree["Mappings"]),
		conditions: object(tree["Conditions"]),
		resources:  map[string]raw{},
		names:      names{region: region, account: account, queueURL: o.QueueURL},
		pseudo: map[string]any{
			"AWS::Region": region, "AWS::AccountId": account, "AWS::StackName": stack, "AWS::Partition": "aws",
			"AWS::URLSuffix": "amazonaws.com", "AWS::NoValue": noValue{},
			"AWS::StackId": "arn:aws:cloudformation:" + region + ":" + account + ":stack/" + stack + "/local",
		},
	}
	if r.names.queueURL == nil {
		r.names.queueURL = func(name string) string {
			return "https://sqs." + region + ".amazonaws.com/" + account + "/" + name
		}
	}
	var missing []error
	for name, p := range object(tree["Parameters"]) {
		value, given := o.Parameters[name]
		def, hasDefault := object(p)["Default"]
		switch {
		case given:
			r.parameters[name] = value
		case hasDefault:
			r.parameters[name] = text(def)
		case o.Placeholder != "":
			r.parameters[name] = o.Placeholder
		default:
			missing = append(missing, fault.New(fault.Invalid, "parameter %s has no value", name))
		}
	}
	for id, v := range object(tree["Resources"]) {
		m := object(v)
		r.resources[id] = raw{Type: text(m["Type"]), Condition: text(m["Condition"]), Properties: object(m["Properties"])}
	}
	if len(r.resources) == 0 {
		missing = append(missing, fault.New(fault.Invalid, "there are no Resources"))
	}
	return r, errors.Join(missing...)
}

func object(v any) map[string]any {
	m, _ := v.(map[string]any)
	return m
}

func or(v, otherwise string) string {
	if v == "" {
		return otherwise
	}
	return v
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}
