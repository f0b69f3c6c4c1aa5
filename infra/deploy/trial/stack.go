package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/handoff-oss/handoff/infra/cfn"
	"github.com/handoff-oss/handoff/infra/child"
	"github.com/handoff-oss/handoff/shared/fault"
)

// stackName is the name that the stack is deployed under.
const stackName = "handoff-trial"

// deployment builds and deploys the template as an operator would.
type deployment struct {
	sam  string // the SAM CLI
	root string // of the project
	work string // folder for what is built
}

// stack is what was deployed.
type stack struct {
	aws       *emulator
	template  *cfn.Stack
	api       string            // id of the HTTP API
	resources map[string]string // logical id → physical id
	issuer    people
	typeform  string // what the demo's form tool signs with
}

func (d deployment) parameters() string { return "Architecture=" + architecture() }

// architecture is this machine's, since the emulator runs the binaries here.
func architecture() string {
	if runtime.GOARCH == "amd64" {
		return "x86_64"
	}
	return runtime.GOARCH
}

func (d deployment) build(ctx context.Context) error {
	env := append(os.Environ(), "CGO_ENABLED=0", `GOFLAGS=-trimpath -tags=lambda.norpc "-ldflags=-s -w"`, "SAM_CLI_TELEMETRY=0")
	_, err := d.call(ctx, env, "build", "--build-dir", filepath.Join(d.work, "build"), "--parameter-overrides", d.parameters())
	return err
}

func (d deployment) deploy(ctx context.Context, aws *emulator, who people) (*stack, error) {
	env := aws.environ()
	_, err := d.call(ctx, env, "deploy", "--template-file", filepath.Join(d.work, "build", "template.yaml"),
		"--stack-name", stackName, "--resolve-s3", "--capabilities", "CAPABILITY_IAM", "--no-confirm-changeset", "--no-progressbar",
		"--parameter-overrides", d.parameters(), "JwtIssuer="+who.issuer, "JwtAudience="+who.audience, "MailFrom="+mailFrom)
	if err != nil {
		return nil, err
	}
	list, err := d.call(ctx, env, "list", "resources", "--stack-name", stackName, "--output", "json")
	if err != nil {
		return nil, err
	}
	var resources []struct{ LogicalResourceID, PhysicalResourceID string }
	if err := json.Unmarshal(list, &resources); err != nil {
		return nil, fault.Wrap(fault.Invalid, "read the list of resources", err)
	}
	template, err := cfn.Load(filepath.Join(d.root, "template.yaml"), cfn.Options{Placeholder: "trial"})
	if err != nil {
		return nil, err
	}
	s := &stack{aws: aws, template: template, resources: map[string]string{}, issuer: who}
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

// call runs the SAM CLI in the project's root and returns what it prints. Its
// words appear in the error when it fails.
func (d deployment) call(ctx context.Context, env []string, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, d.sam, args...)
	var out, log bytes.Buffer
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr, cmd.SysProcAttr = d.root, env, &out, &log, child.Attr()
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 10 * time.Second
	if err := cmd.Run(); err != nil {
		return nil, fault.New(fault.Unavailable, "sam %s: %v\n%s\n%s", args[0], err, tail(out.String()), tail(log.String()))
	}
	return out.Bytes(), nil
}

// tail is the end of a log.
func tail(s string) string {
	lines := strings.Split(strings.TrimSpace(s), "\n")
	return strings.Join(lines[max(0, len(lines)-30):], "\n")
}
