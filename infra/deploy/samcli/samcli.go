// Package samcli runs the SAM CLI on the project's template. It knows how the
// functions are built, and nothing of what becomes of them.
package samcli

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/handoff-oss/handoff/infra/child"
	"github.com/handoff-oss/handoff/shared/fault"
)

// CLI is an installed SAM CLI.
type CLI struct {
	Program string
	Root    string // of the project
}

// patience is how long an interrupted SAM CLI may take to clean up.
const patience = 10 * time.Second

// Machine is the parameter by which the template builds for this machine.
func Machine() string {
	if runtime.GOARCH == "amd64" {
		return "Architecture=x86_64"
	}
	return "Architecture=" + runtime.GOARCH
}

// Build builds all functions for this machine into the folder and returns the
// template there.
func (c CLI) Build(ctx context.Context, dir string) (template string, err error) {
	env := append(os.Environ(), "CGO_ENABLED=0", `GOFLAGS=-trimpath -tags=lambda.norpc "-ldflags=-s -w"`)
	_, err = c.Call(ctx, env, "build", "--build-dir", dir, "--parameter-overrides", Machine())
	return filepath.Join(dir, "template.yaml"), err
}

// Command is a run of the SAM CLI that has not been started. The end of ctx
// interrupts it.
func (c CLI) Command(ctx context.Context, env []string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, c.Program, args...)
	cmd.Dir, cmd.Env, cmd.SysProcAttr = c.Root, append(env, "SAM_CLI_TELEMETRY=0"), child.Attr()
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = patience
	return cmd
}

// Call runs the SAM CLI and returns what it prints. When it fails, the error
// has the last of its words.
func (c CLI) Call(ctx context.Context, env []string, args ...string) ([]byte, error) {
	cmd := c.Command(ctx, env, args...)
	var out, log bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &log
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
