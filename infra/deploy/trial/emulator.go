package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/handoff-oss/handoff/infra/child"
	"github.com/handoff-oss/handoff/shared/fault"
)

// region and account are the emulator's.
const (
	region  = "us-east-1"
	account = "000000000000"
)

// emulator is a running ministack.
type emulator struct {
	url     string
	logFile string
	http    *http.Client
	stop    func()
}

// startEmulator starts ministack on a free port of the loopback and waits
// until it answers. Its functions get its address from its own environment.
func startEmulator(ctx context.Context, python, root, work string) (*emulator, error) {
	port, err := freePort(ctx)
	if err != nil {
		return nil, err
	}
	e := &emulator{
		url: "http://127.0.0.1:" + strconv.Itoa(port), logFile: filepath.Join(work, "emulator.log"),
		http: &http.Client{Timeout: time.Minute, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }},
	}
	log, err := os.Create(e.logFile)
	if err != nil {
		return nil, fault.Wrap(fault.Internal, "make the emulator's log", err)
	}
	cmd := exec.CommandContext(ctx, python, filepath.Join(root, "infra", "deploy", "trial", "emulator.py"))
	cmd.Dir, cmd.Stdout, cmd.Stderr, cmd.SysProcAttr = work, log, log, child.Attr()
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 10 * time.Second
	cmd.Env = append(e.environ(), "BIND_HOST=127.0.0.1", "GATEWAY_PORT="+strconv.Itoa(port),
		"S3_DATA_DIR="+filepath.Join(work, "s3"))
	if err := cmd.Start(); err != nil {
		return nil, fault.Wrap(fault.NotFound, "start the emulator", err)
	}
	ended, end := context.WithCancelCause(context.WithoutCancel(ctx))
	go func() { end(cmd.Wait()) }()
	e.stop = func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		select {
		case <-ended.Done():
		case <-time.After(10 * time.Second):
			_ = cmd.Process.Kill()
		}
		_ = log.Close()
	}
	err = until(ctx, "the emulator answers", time.Minute, func() (bool, error) {
		if ended.Err() != nil {
			return false, fault.New(fault.Unavailable, "the emulator ended (%v); its log is %s", context.Cause(ended), e.logFile)
		}
		return e.request(ctx, http.MethodGet, "/_ministack/health", nil, nil) == nil, nil
	})
	if err != nil {
		e.stop()
		return nil, err
	}
	return e, nil
}

// environ is an environment in which AWS clients talk to the emulator alone.
func (e *emulator) environ() []string {
	env := slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "AWS_") })
	return append(env,
		"AWS_ENDPOINT_URL="+e.url, "AWS_REGION="+region, "AWS_DEFAULT_REGION="+region,
		"AWS_ACCESS_KEY_ID=trial", "AWS_SECRET_ACCESS_KEY=trial",
		"AWS_CONFIG_FILE=/dev/null", "AWS_SHARED_CREDENTIALS_FILE=/dev/null", "AWS_EC2_METADATA_DISABLED=true")
}

// action calls an AWS API of the kind that names its action in a header.
func (e *emulator) action(ctx context.Context, service, target string, in, out any) error {
	h := signedFor(service)
	h.Set("X-Amz-Target", target)
	h.Set("Content-Type", "application/x-amz-json-1.1")
	return fault.Wrap(fault.Unavailable, target, e.exchange(ctx, http.MethodPost, "/", h, in, out))
}

// rest calls an AWS API of the kind that names its action by method and path.
func (e *emulator) rest(ctx context.Context, service, path string, in, out any) error {
	h := signedFor(service)
	h.Set("Content-Type", "application/json")
	return fault.Wrap(fault.Unavailable, "POST "+path, e.exchange(ctx, http.MethodPost, path, h, in, out))
}

// request calls the emulator itself.
func (e *emulator) request(ctx context.Context, method, path string, in, out any) error {
	return e.exchange(ctx, method, path, http.Header{}, in, out)
}

func (e *emulator) exchange(ctx context.Context, method, path string, h http.Header, in, out any) error {
	body := io.Reader(http.NoBody)
	if in != nil {
		b, err := json.Marshal(in)
		if err != nil {
			return fault.Wrap(fault.Internal, "encode the request", err)
		}
		body = bytes.NewReader(b)
	}
	req, err := http.NewRequestWithContext(ctx, method, e.url+path, body)
	if err != nil {
		return fault.Wrap(fault.Internal, "make the request", err)
	}
	req.Header = h
	res, err := e.http.Do(req)
	if err != nil {
		return fault.Wrap(fault.Unavailable, "call the emulator", err)
	}
	defer func() { _ = res.Body.Close() }()
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		return fault.Wrap(fault.Unavailable, "read the answer", err)
	}
	if res.StatusCode >= http.StatusMultipleChoices {
		return fault.New(fault.Invalid, "%s: %.500s", res.Status, answer)
	}
	if out == nil {
		return nil
	}
	return fault.Wrap(fault.Invalid, "decode the answer", json.Unmarshal(answer, out))
}

// signedFor is the header by which the emulator tells services apart. It does
// not check signatures.
func signedFor(service string) http.Header {
	return http.Header{"Authorization": {"AWS4-HMAC-SHA256 Credential=trial/20260101/" + region + "/" + service + "/aws4_request"}}
}

func freePort(ctx context.Context) (int, error) {
	var listen net.ListenConfig
	l, err := listen.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return 0, fault.Wrap(fault.Unavailable, "find a free port", err)
	}
	defer func() { _ = l.Close() }()
	addr, ok := l.Addr().(*net.TCPAddr)
	if !ok {
		return 0, fault.New(fault.Internal, "a TCP listener without a port")
	}
	return addr.Port, nil
}

// until asks again and again until the answer is yes, an error, or too late.
func until(ctx context.Context, what string, limit time.Duration, ask func() (bool, error)) error {
	late := time.NewTimer(limit)
	defer late.Stop()
	again := time.NewTicker(100 * time.Millisecond)
	defer again.Stop()
	for {
		yes, err := ask()
		if err != nil || yes {
			return err
		}
		select {
		case <-ctx.Done():
			return fault.Wrap(fault.Unavailable, what, context.Cause(ctx))
		case <-late.C:
			return fault.New(fault.Unavailable, "waited %s in vain: %s", limit, what)
		case <-again.C:
		}
	}
}
