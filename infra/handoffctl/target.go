package main

import (
	"cmp"
	"context"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/handoff-oss/handoff/infra/stack"
	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/table"
)

// target is the stack that a command is about, as the flags name it.
type target struct {
	getenv func(string) string

	local bool
	stack string
	table string
	url   string
	as    string // whom to be on the local stack's API; "" is its operator
}

// place is a stack that was found.
type place struct {
	name    string // for messages
	url     string // the public URL, without a slash at the end; "" when not known
	table   *table.Table
	local   *stack.Stack // nil in AWS
	config  aws.Config
	secrets string // in AWS, the secret of the sources
}

// now is the time that the stack goes by: virtual on this machine.
func (p *place) now(ctx context.Context) (time.Time, error) {
	if p.local == nil {
		return time.Now().UTC(), nil
	}
	now, err := p.local.Now(ctx)
	return now, fault.Wrap(fault.Unavailable, "read the local stack's clock", err)
}

// find returns the stack. Kinds: Unavailable, NotFound, Invalid.
func (t *target) find(ctx context.Context) (*place, error) {
	if t.stack != "" || t.table != "" {
		return t.inAWS(ctx)
	}
	return t.here(ctx)
}

// probeTimeout is how long the local stack has to say that it is there.
const probeTimeout = 3 * time.Second

func (t *target) here(ctx context.Context) (*place, error) {
	url := "http://127.0.0.1:" + cmp.Or(t.getenv("PORT"), "3000")
	local := stack.At(url)
	probe, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	health, err := local.Health(probe)
	if err != nil {
		return nil, fault.New(fault.Unavailable, "no local stack answers at %s: start one with make run, or name one in AWS with --stack", url)
	}
	client := dynamodb.New(dynamodb.Options{
		Region:       "us-east-1", // DynamoDB Local takes any
		BaseEndpoint: aws.String(health.Endpoints.DynamoDB),
		Credentials:  credentials.NewStaticCredentialsProvider("local", "local", ""),
	})
	public := strings.TrimSuffix(cmp.Or(t.url, t.getenv("PUBLIC_URL"), url), "/")
	return &place{name: "the local stack at " + url, url: public, local: local, table: table.New(client, health.Table)}, nil
}

// inWords names the stack or table in AWS that the flags name; "" for none.
func (t *target) inWords() string {
	switch {
	case t.stack != "":
		return "the stack " + t.stack
	case t.table != "":
		return "the table " + t.table
	}
	return ""
}

func (t *target) inAWS(ctx context.Context) (*place, error) {
	cfg, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, "read the AWS configuration", err)
	}
	p := &place{name: t.inWords(), config: cfg, url: t.url}
	name := t.table
	if t.stack != "" {
		out, err := outputs(ctx, cfg, t.stack)
		if err != nil {
			return nil, err
		}
		p.secrets = out["SourcesSecretArn"]
		if p.url == "" {
			p.url = out["ApiUrl"]
		}
		if name == "" {
			name = out["TableName"]
		}
	}
	if name == "" {
		return nil, fault.New(fault.NotFound, "the stack %s has no output TableName: is it Handoff's?", t.stack)
	}
	p.url = strings.TrimSuffix(p.url, "/")
	p.table = table.New(dynamodb.NewFromConfig(cfg), name)
	return p, nil
}
