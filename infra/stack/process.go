package stack

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"time"

	"github.com/handoff-oss/handoff/infra/cfn"
)

// Options say how to start a stack.
type Options struct {
	Port    int       // 0: any free one
	Data    string    // folder for all data; made when it does not exist
	Secrets string    // file of the sources' secrets; "" for the development secrets
	Policy  string    // file of the policy; "" for the default
	Output  io.Writer // what the stack prints; nil for nowhere
}

// Process is a stack that was started here.
type Process struct {
	*Stack
	cmd   *exec.Cmd
	ended chan error
}

// stopPatience is how long a stack may take to end by itself.
const stopPatience = 30 * time.Second

// Start builds the local host, starts it and waits until it is ready.
func Start(ctx context.Context, o Options) (*Process, error) {
	root, err := cfn.Root(".")
	if err != nil {
		return nil, err
	}
	binary := filepath.Join(root, ".cache", "bin", "handoff-local")
	build := exec.CommandContext(ctx, "go", "build", "-o", binary, "./infra/local")
	build.Dir = root
	if out, err := build.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("build the local host: %w\n%s", err, out)
	}
	if o.Port == 0 {
		if o.Port, err = freePort(ctx); err != nil {
			return nil, err
		}
	}
	cmd := exec.Command(binary, "-data", o.Data) //nolint:noctx // it is ended by Stop, in order
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "PORT="+strconv.Itoa(o.Port), "SECRETS="+o.Secrets, "POLICY="+o.Policy, "AWS_ENDPOINT_URL_DYNAMODB=")
	cmd.Stdout, cmd.Stderr = o.Output, o.Output
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	p := &Process{Stack: At(fmt.Sprintf("http://127.0.0.1:%d", o.Port)), cmd: cmd, ended: make(chan error, 1)}
	go func() { p.ended <- cmd.Wait() }()
	if err := p.ready(ctx); err != nil {
		return nil, errors.Join(err, p.Stop())
	}
	return p, nil
}

// ready waits until the stack says that it is healthy.
func (p *Process) ready(ctx context.Context) error {
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		// Another stack may have the port: the one that was started names itself.
		h, err := p.Health(ctx)
		if err == nil && h.Status == "ok" && slices.Contains(h.Processes["local"], p.cmd.Process.Pid) {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("the stack did not become ready: %w", ctx.Err())
		case err := <-p.ended:
			p.ended <- err
			if err == nil { // somebody stopped it
				return errors.New("the stack was stopped before it was ready")
			}
			return fmt.Errorf("the stack ended before it was ready: %w", err)
		case <-tick.C:
		}
	}
}

// Stop ends the stack as Ctrl-C does, and by force when it does not end.
func (p *Process) Stop() error {
	if err := syscall.Kill(-p.cmd.Process.Pid, syscall.SIGINT); err != nil && !errors.Is(err, syscall.ESRCH) {
		return err
	}
	force := time.NewTimer(stopPatience)
	defer force.Stop()
	select {
	case <-p.ended: //nolint:errcheck // ended by a signal: its status says nothing
		return nil
	case <-force.C:
		err := syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL)
		<-p.ended //nolint:errcheck // killed: its status says nothing
		return errors.Join(errors.New("the stack did not end by itself"), err)
	}
}

func freePort(ctx context.Context) (int, error) {
	var config net.ListenConfig
	l, err := config.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer func() { _ = l.Close() }()
	address, ok := l.Addr().(*net.TCPAddr)
	if !ok {
		return 0, errors.New("no TCP address")
	}
	return address.Port, nil
}
