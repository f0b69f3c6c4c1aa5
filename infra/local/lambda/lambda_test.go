package lambda_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/handoff-oss/handoff/infra/local/lambda"
)

// binary builds the function of the tests, once.
var binary = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "lambda")
	if err != nil {
		return "", err
	}
	file := filepath.Join(dir, "function")
	build := exec.CommandContext(context.Background(), "go", "build", "-tags", "lambda.norpc", "-o", file, "./testdata/function")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	out, err := build.CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%w: %s", err, out)
	}
	return file, nil
})

func TestMain(m *testing.M) {
	code := m.Run()
	if file, err := binary(); err == nil {
		_ = os.RemoveAll(filepath.Dir(file)) // It stands under the folder for temporary files.
	}
	os.Exit(code)
}

type report struct {
	PID                      int
	ARN, Name, Setting, Host string
	Ahead, Deadline          time.Duration
}

// log is what functions print.
type log struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func start(t *testing.T, change func(*lambda.Function)) *lambda.Pool {
	t.Helper()
	file, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	f := lambda.Function{
		Name: "worker", ARN: "arn:aws:lambda:us-east-1:000000000000:function:worker", Binary: file, Timeout: 20 * time.Second,
		Most: 1, Env: map[string]string{"SETTING": "on"}, Region: "us-east-1", Log: &log{}, Now: time.Now,
		Offset: func() time.Duration { return 48 * time.Hour },
	}
	if change != nil {
		change(&f)
	}
	p := lambda.New(f)
	t.Cleanup(p.Close)
	return p
}

func invoke(t *testing.T, p *lambda.Pool, do string) lambda.Result {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	r, err := p.Invoke(ctx, []byte(`{"Do":"`+do+`"}`))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func reportOf(t *testing.T, r lambda.Result) report {
	t.Helper()
	if r.Err != nil {
		t.Fatal(r.Err)
	}
	var got report
	if err := json.Unmarshal(r.Payload, &got); err != nil {
		t.Fatal(err)
	}
	return got
}

func TestAFunctionSeesWhatLambdaGives(t *testing.T) {
	got := reportOf(t, invoke(t, start(t, nil), "report"))
	want := report{
		PID: got.PID, ARN: "arn:aws:lambda:us-east-1:000000000000:function:worker", Name: "worker", Setting: "on",
		Ahead: 48 * time.Hour, Deadline: 20 * time.Second,
	}
	if got != want {
		t.Errorf("the function sees %+v, want %+v", got, want)
	}
}

func TestAnErrorOfTheFunctionLeavesTheProcessAlive(t *testing.T) {
	p := start(t, nil)
	before := reportOf(t, invoke(t, p, "report")).PID
	if r := invoke(t, p, "fail"); r.Err == nil || r.Err.Message != "as ordered" || r.Err.Type != "errorString" {
		t.Errorf("the error is %+v", r.Err)
	}
	if after := reportOf(t, invoke(t, p, "report")).PID; after != before {
		t.Errorf("process %d became %d", before, after)
	}
}

func TestASuccessMayStillFail(t *testing.T) {
	began, ends := 0, 0
	p := start(t, func(f *lambda.Function) {
		f.Begin = func() func(context.Context) error {
			began++
			return func(context.Context) error {
				ends++
				return errors.New("not stored")
			}
		}
	})
	if r := invoke(t, p, "report"); r.Err == nil || r.Err.Type != "Host.Unsettled" || r.Err.Message != "not stored" {
		t.Errorf("the outcome is %+v", r)
	}
	if r := invoke(t, p, "fail"); r.Err == nil || r.Err.Message != "as ordered" {
		t.Errorf("the error is %+v", r.Err)
	}
	if began != 2 || ends != 1 {
		t.Errorf("began %d times and ended %d times, want 2 and once", began, ends)
	}
}

func TestAProcessThatEndsFailsItsCallAndIsStartedAgain(t *testing.T) {
	died := make(chan string, 1)
	p := start(t, func(f *lambda.Function) { f.Died = func(reason string) { died <- reason } })
	before := reportOf(t, invoke(t, p, "report")).PID
	if r := invoke(t, p, "exit"); r.Err == nil || r.Err.Type != "Runtime.ExitError" {
		t.Errorf("the error is %+v", r.Err)
	}
	if reason := <-died; !strings.Contains(reason, "exit status 7") {
		t.Errorf("the reason is %q", reason)
	}
	if after := reportOf(t, invoke(t, p, "report")).PID; after == before {
		t.Error("the process that ended answers")
	}
}

func TestAProcessThatIsKilledIsStartedAgain(t *testing.T) {
	p := start(t, nil)
	before := reportOf(t, invoke(t, p, "report")).PID
	if err := syscall.Kill(before, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	for {
		r := invoke(t, p, "report")
		if r.Err != nil {
			continue // It was handed to the dying process.
		}
		if after := reportOf(t, r).PID; after != before {
			return
		}
		t.Fatal("the killed process answers")
	}
}

func TestATimeoutKillsTheProcess(t *testing.T) {
	p := start(t, func(f *lambda.Function) { f.Timeout = time.Second })
	before := reportOf(t, invoke(t, p, "report")).PID
	if r := invoke(t, p, "hang"); r.Err == nil || r.Err.Type != "Sandbox.Timedout" {
		t.Errorf("the error is %+v", r.Err)
	}
	if after := reportOf(t, invoke(t, p, "report")).PID; after == before {
		t.Error("the process that hung answers")
	}
}

func TestAFunctionThatCannotStartFailsItsCall(t *testing.T) {
	p := start(t, func(f *lambda.Function) { f.Env = map[string]string{"SETTING": "broken"} })
	if r := invoke(t, p, "report"); r.Err == nil || !strings.Contains(r.Err.Message, "exit status 3") {
		t.Errorf("the error is %+v", r.Err)
	}
}

func TestABusyFunctionGetsMoreProcesses(t *testing.T) {
	p := start(t, func(f *lambda.Function) { f.Most, f.Timeout = 2, 2*time.Second })
	if err := p.Ready(t.Context()); err != nil {
		t.Fatal(err)
	}
	hung := make(chan lambda.Result, 1)
	go func() {
		r, err := p.Invoke(t.Context(), []byte(`{"Do":"hang"}`))
		if err == nil {
			hung <- r
		}
	}()
	for len(p.PIDs()) < 2 {
		reportOf(t, invoke(t, p, "report")) // The second call finds the first process busy.
	}
	if r := <-hung; r.Err == nil || r.Err.Type != "Sandbox.Timedout" {
		t.Errorf("the call that hung gave %+v", r)
	}
}

func TestWhatAFunctionPrintsIsKept(t *testing.T) {
	kept := &log{}
	p := start(t, func(f *lambda.Function) { f.Log = kept })
	reportOf(t, invoke(t, p, "print"))
	p.Close()
	if !strings.Contains(kept.String(), "a line of log") {
		t.Errorf("the log is %q", kept)
	}
}

func TestCloseLeavesNoProcess(t *testing.T) {
	p := start(t, nil)
	pid := reportOf(t, invoke(t, p, "report")).PID
	p.Close()
	if err := syscall.Kill(pid, 0); err == nil {
		t.Errorf("process %d is still there", pid)
	}
	if r := invoke(t, p, "report"); r.Err == nil {
		t.Error("a closed function answers")
	}
}
