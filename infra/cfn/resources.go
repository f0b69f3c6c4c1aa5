package cfn

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/handoff-oss/handoff/shared/fault"
)

// Queue is an SQS queue.
type Queue struct {
	ID, Name, ARN, URL string
	Visibility         time.Duration
	Delay              time.Duration
	Retention          time.Duration
	DeadLetters        string // ARN of the queue that messages go to, "" for none
	MaxReceives        int    // after how many receives
}

// Rule sends events of a bus to targets.
type Rule struct {
	ID      string
	Bus     string // name of the bus, "default" when none is given
	Pattern string // JSON
	Enabled bool
	Targets []Target
}

// Target is where a rule sends events.
type Target struct {
	ID, ARN    string
	DeadLetter string // ARN
}

// Table is a DynamoDB table.
type Table struct {
	ID, Name, ARN string
	Attributes    map[string]string // name → S, N or B
	Key           Key
	Indexes       []Index
	StreamView    string // "" when there is no stream
	TTLAttribute  string
}

// Key names the key attributes; Sort may be "".
type Key struct{ Partition, Sort string }

// Index is a global secondary index.
type Index struct {
	Name       string
	Key        Key
	Projection string   // ALL, KEYS_ONLY or INCLUDE
	Include    []string // with INCLUDE
}

func readQueue(id, name, arn string, p *props) Queue {
	q := Queue{
		ID: id, Name: name, ARN: arn, URL: p.resolver.names.queueURL(name),
		Visibility: p.seconds("VisibilityTimeout", 30),
		Delay:      p.seconds("DelaySeconds", 0),
		Retention:  p.seconds("MessageRetentionPeriod", 345600),
	}
	redrive := p.within("RedrivePolicy", p.object("RedrivePolicy"))
	if redrive.values != nil {
		q.DeadLetters = redrive.required("deadLetterTargetArn")
		q.MaxReceives = redrive.number("maxReceiveCount", 0)
	}
	p.take(redrive)
	return q
}

func readRule(id string, p *props) Rule {
	r := Rule{ID: id, Bus: p.str("EventBusName"), Enabled: p.str("State") != "DISABLED"}
	r.Bus = or(r.Bus[strings.LastIndexByte(r.Bus, '/')+1:], "default")
	pattern, err := json.Marshal(p.object("EventPattern"))
	if err != nil {
		p.fail("EventPattern", fault.Wrap(fault.Invalid, "encode", err))
	}
	r.Pattern = string(pattern)
	targets, _ := p.get("Targets").([]any)
	for _, t := range targets {
		m := object(t)
		r.Targets = append(r.Targets, Target{ID: text(m["Id"]), ARN: text(m["Arn"]), DeadLetter: text(object(m["DeadLetterConfig"])["Arn"])})
	}
	if len(r.Targets) == 0 {
		p.fail("Targets", fault.New(fault.Invalid, "must be given"))
	}
	return r
}

func readTable(id, name, arn string, p *props) Table {
	t := Table{
		ID: id, Name: name, ARN: arn, Attributes: map[string]string{},
		StreamView:   text(p.object("StreamSpecification")["StreamViewType"]),
		TTLAttribute: text(p.object("TimeToLiveSpecification")["AttributeName"]),
	}
	attributes, _ := p.get("AttributeDefinitions").([]any)
	for _, a := range attributes {
		m := object(a)
		t.Attributes[text(m["AttributeName"])] = text(m["AttributeType"])
	}
	t.Key = readKey("KeySchema", p.get("KeySchema"), t.Attributes, p)
	indexes, _ := p.get("GlobalSecondaryIndexes").([]any)
	for _, i := range indexes {
		m := object(i)
		index := Index{Name: text(m["IndexName"])}
		index.Key = readKey("GlobalSecondaryIndexes."+index.Name+".KeySchema", m["KeySchema"], t.Attributes, p)
		projection := object(m["Projection"])
		index.Projection, index.Include = text(projection["ProjectionType"]), strs(projection["NonKeyAttributes"])
		t.Indexes = append(t.Indexes, index)
	}
	return t
}

func readKey(property string, v any, attributes map[string]string, p *props) Key {
	var k Key
	list, _ := v.([]any)
	for _, item := range list {
		m := object(item)
		name := text(m["AttributeName"])
		if attributes[name] == "" {
			p.fail(property, fault.New(fault.Invalid, "%s is not among AttributeDefinitions", name))
		}
		if text(m["KeyType"]) == "HASH" {
			k.Partition = name
		} else {
			k.Sort = name
		}
	}
	if k.Partition == "" {
		p.fail(property, fault.New(fault.Invalid, "there is no HASH key"))
	}
	return k
}

// link connects what refers to each other by ARN.
func (s *Stack) link() {
	for i := range s.Functions {
		for j := range s.Functions[i].Streams {
			src := &s.Functions[i].Streams[j]
			for _, t := range s.Tables {
				if strings.HasPrefix(src.StreamARN, t.ARN+"/stream/") {
					src.Table = t.ID
				}
			}
		}
	}
}
