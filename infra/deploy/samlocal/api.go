package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/handoff-oss/handoff/infra/cfn"
	"github.com/handoff-oss/handoff/infra/deploy/samcli"
	"github.com/handoff-oss/handoff/infra/stack"
	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/inbound"
)

// api is the HTTP API, ready to be served by the SAM CLI.
type api struct {
	url   string
	local *stack.Process
	cmd   *exec.Cmd
	close func()
}

func newAPI(ctx context.Context, engine docker, sam samcli.CLI, local *stack.Process, template, work string) (*api, error) {
	health, err := local.Health(ctx)
	if err != nil {
		return nil, fault.Wrap(fault.Unavailable, "ask the local stack how it is", err)
	}
	gateway, err := engine.gateway(ctx)
	if err != nil {
		return nil, err
	}
	aws, closeAWS, err := bridge(ctx, gateway, health.Endpoints.AWS)
	if err != nil {
		return nil, err
	}
	dynamodb, closeDynamoDB, err := bridge(ctx, gateway, health.Endpoints.DynamoDB)
	if err != nil {
		return nil, err
	}
	image := "handoff-sam-local-" + strconv.Itoa(os.Getpid())
	if err := engine.derive(ctx, image, "AWS_ENDPOINT_URL="+aws, "AWS_ENDPOINT_URL_DYNAMODB="+dynamodb); err != nil {
		return nil, err
	}
	env := filepath.Join(work, "env.json")
	if err := writeEnv(sam.Root, env, aws, health.Table); err != nil {
		return nil, err
	}
	port := cmp.Or(os.Getenv("PORT"), "3000")
	cmd := sam.Command(ctx, credentials(os.Environ()), "local", "start-api", "--template", template, "--port", port, "--host", "127.0.0.1",
		"--skip-pull-image", "--invoke-image", image, "--add-host", inContainer+":host-gateway", "--env-vars", env,
		"--warm-containers", "LAZY", "--parameter-overrides", samcli.Machine(), "MailFrom=handoff@localhost")
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	return &api{url: "http://127.0.0.1:" + port, local: local, cmd: cmd, close: func() {
		engine.remove(context.WithoutCancel(ctx), image)
		closeAWS()
		closeDynamoDB()
	}}, nil
}

// credentials are made up: the local stack takes any.
func credentials(env []string) []string {
	var kept []string
	for _, v := range env {
		if !strings.HasPrefix(v, "AWS_") {
			kept = append(kept, v)
		}
	}
	return append(kept, "AWS_ACCESS_KEY_ID=local", "AWS_SECRET_ACCESS_KEY=local", "AWS_REGION=us-east-1", "AWS_DEFAULT_REGION=us-east-1")
}

// writeEnv writes the functions' environments as the local stack has them:
// SAM CLI knows no names of what the template would create.
func writeEnv(root, file, aws, table string) error {
	s, err := cfn.Load(filepath.Join(root, "template.yaml"), cfn.Options{
		Placeholder: "local", QueueURL: func(name string) string { return aws + "/000000000000/" + name },
	})
	if err != nil {
		return err
	}
	all := map[string]map[string]string{}
	for _, f := range s.Functions {
		all[f.ID] = f.Environment
		if _, has := f.Environment["TABLE"]; has {
			f.Environment["TABLE"] = table
		}
	}
	document, err := json.Marshal(all)
	if err != nil {
		return fault.Wrap(fault.Internal, "encode the functions' environments", err)
	}
	return fault.Wrap(fault.Internal, "write the functions' environments", os.WriteFile(file, document, 0o600))
}

func (a *api) serve(context.Context) error {
	fmt.Printf("serving the API at %s. Nobody signs in there, since its address is not the one that the local identity provider knows: look at %s/leads,\n"+
		"and at %s/_local/outbox for what is sent.\n", a.url, a.local.URL, a.local.URL)
	return fault.Wrap(fault.Unavailable, "sam local start-api", a.cmd.Run())
}

// try sends a request and looks for its message and its lead.
func (a *api) try(ctx context.Context, key string) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Minute)
	defer cancel()
	if err := a.cmd.Start(); err != nil {
		return fault.Wrap(fault.Unavailable, "start sam local start-api", err)
	}
	defer func() {
		_ = a.cmd.Process.Signal(os.Interrupt)
		_ = a.cmd.Wait()
	}()
	const visitor = "rosa@baltic-ferries.example"
	if err := a.post(ctx, visitor, key); err != nil {
		return err
	}
	if err := a.local.Idle(ctx); err != nil {
		return fault.Wrap(fault.Unavailable, "wait until the local stack is idle", err)
	}
	path := "/api/leads?email=" + url.QueryEscape(visitor)
	closed, err := stack.At(a.url).Do(ctx, "GET", path, nil, nil)
	if err != nil || closed.Status != http.StatusUnauthorized && closed.Status != http.StatusForbidden {
		return fault.New(fault.Invalid, "without an identity the API answers %d, neither 401 nor 403 (%v)", closed.Status, err)
	}
	var found struct {
		Leads []struct{ Key, Stage string }
	}
	if err := a.local.JSON(ctx, path, &found); err != nil || len(found.Leads) != 1 {
		return fault.New(fault.Invalid, "the local stack shows %+v, not one lead (%v)", found, err)
	}
	messages, err := a.local.Outbox(ctx, found.Leads[0].Key)
	if err != nil || len(messages) == 0 {
		return fault.New(fault.Invalid, "no message came (%v)", err)
	}
	fmt.Printf("sam local: the API is closed without an identity; a signed form became a lead in stage %s, and %d messages\n", found.Leads[0].Stage, len(messages))
	return nil
}

// post sends a signed form as soon as the API listens.
func (a *api) post(ctx context.Context, visitor, key string) error {
	w := stack.Typeform(stack.Person{
		Email: visitor, FirstName: "Rosa", LastName: "Okonkwo", Company: "Baltic Ferries", Title: "Head of Operations",
	}, "Request a demo", "sam-local-"+strconv.Itoa(os.Getpid()), time.Now().UTC())
	adapter, ok := inbound.Lookup(w.Source)
	if !ok {
		return fault.New(fault.NotFound, "there is no provider %s", w.Source)
	}
	target := a.url + "/webhooks/forms/" + w.Source
	headers, err := adapter.Sign(inbound.Letter{Method: "POST", URL: target, Body: w.Body, Key: key, At: time.Now()})
	if err != nil {
		return fault.Wrap(fault.Invalid, "sign the form", err)
	}
	headers["Content-Type"] = w.ContentType
	again := time.NewTicker(time.Second)
	defer again.Stop()
	for {
		reply, err := stack.At(a.url).Do(ctx, "POST", target, headers, w.Body)
		if err == nil && reply.Status < 300 {
			return nil
		}
		if err == nil {
			return fault.New(fault.Invalid, "the form was answered %d %.200s", reply.Status, reply.Body)
		}
		select {
		case <-ctx.Done():
			return fault.Wrap(fault.Unavailable, "wait for the API", err)
		case <-again.C:
		}
	}
}
