package main

import (
	"context"
	"encoding/json"
	"path/filepath"
	"strings"

	"github.com/handoff-oss/handoff/infra/cfn"
	"github.com/handoff-oss/handoff/infra/deploy/samcli"
	"github.com/handoff-oss/handoff/shared/fault"
)

// stackName is the name that the stack is deployed under.
const stackName = "handoff-trial"

// stack is what was deployed.
type stack struct {
	aws       *emulator
	template  *cfn.Stack
	api       string            // id of the HTTP API
	resources map[string]string // logical id → physical id
	people    *people
	typeform  string // what the demo's form tool signs with
}

// deploy deploys what was built, as an operator would.
func deploy(ctx context.Context, sam samcli.CLI, built string, aws *emulator, who *people) (*stack, error) {
	env := aws.environ()
	_, err := sam.Call(ctx, env, "deploy", "--template-file", built,
		"--stack-name", stackName, "--resolve-s3", "--capabilities", "CAPABILITY_IAM", "--no-confirm-changeset", "--no-progressbar",
		"--parameter-overrides", samcli.Machine(), "MailFrom="+mailFrom)
	if err != nil {
		return nil, err
	}
	list, err := sam.Call(ctx, env, "list", "resources", "--stack-name", stackName, "--output", "json")
	if err != nil {
		return nil, err
	}
	var resources []struct{ LogicalResourceID, PhysicalResourceID string }
	if err := json.Unmarshal(list, &resources); err != nil {
		return nil, fault.Wrap(fault.Invalid, "read the list of resources", err)
	}
	template, err := cfn.Load(filepath.Join(sam.Root, "template.yaml"), cfn.Options{Placeholder: "trial"})
	if err != nil {
		return nil, err
	}
	s := &stack{aws: aws, template: template, resources: map[string]string{}, people: who}
	for _, r := range resources {
		s.resources[r.LogicalResourceID] = r.PhysicalResourceID
	}
	s.api = s.resources["Api"]
	return s, nil
}

// logs returns what the functions logged.
func (s *stack) logs(ctx context.Context) string {
	var lines []string
	for _, f := range s.template.Functions {
		var found struct{ Events []struct{ Message string } }
		group := map[string]any{"logGroupName": s.resources[strings.TrimSuffix(f.ID, "Function")+"Logs"]}
		if err := s.aws.action(ctx, "logs", "Logs_20140328.FilterLogEvents", group, &found); err != nil {
			lines = append(lines, f.Folder+": no log: "+err.Error())
		}
		for _, e := range found.Events {
			lines = append(lines, f.Folder+": "+strings.TrimSpace(e.Message))
		}
	}
	return strings.Join(lines, "\n")
}
