// Package lambda runs functions as AWS Lambda does: each as a process of its
// own behind the Lambda Runtime API, one invocation at a time, killed when it
// takes longer than its timeout and started again when it dies. When all
// processes of a function are busy another one is started, up to a limit. It
// does not know what calls the functions.
package lambda

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"sort"
	"strconv"
	"sync"
	"time"

	"github.com/handoff-oss/handoff/shared/clock"
)

// Function says what to run and how.
type Function struct {
	Name     string // as it stands in the health page, the name of its folder
	ARN      string
	Binary   string
	Timeout  time.Duration
	MemoryMB int
	Most     int               // most processes at a time, at least 1
	Env      map[string]string // the template's, and the endpoints of the emulated services
	Region   string
	Log      io.Writer            // what it prints
	Died     func(reason string)  // told when a process ends by itself; may be nil
	Now      func() time.Time     // the machine's time
	Offset   func() time.Duration // how far virtual time is ahead; nil for not at all
	// Begin, when set, is called before each invocation. What it returns is
	// called after a success, and may still make a failure of it.
	Begin func() (end func(context.Context) error)
}

// FunctionError is what a failed invocation answers.
type FunctionError struct {
	Type    string `json:"errorType"`
	Message string `json:"errorMessage"`
}

// Error joins type and message.
func (e *FunctionError) Error() string { return e.Type + ": " + e.Message }

// Result is the outcome of one invocation: a payload, or an error.
type Result struct {
	Payload []byte
	Err     *FunctionError
}

// Pool is a function with its processes.
type Pool struct {
	fn     Function
	work   chan *invocation
	ctx    context.Context //nolint:containedctx // The life of the processes, not of a call.
	cancel context.CancelFunc
	ended  sync.WaitGroup
	ready  chan struct{} // closed when a process has first asked for work
	once   func()

	mu        sync.Mutex
	processes map[*process]struct{}
	busy      int
	pause     time.Duration // before the next start, grows while starts fail
}

// New returns the function with one process started. The processes end with
// Close.
func New(fn Function) *Pool {
	ctx, cancel := context.WithCancel(context.Background())
	p := &Pool{fn: fn, work: make(chan *invocation), ctx: ctx, cancel: cancel, ready: make(chan struct{}), processes: map[*process]struct{}{}}
	p.once = sync.OnceFunc(func() { close(p.ready) })
	p.add()
	return p
}

// Name returns the function's name.
func (p *Pool) Name() string { return p.fn.Name }

// PIDs returns the ids of the processes that run now.
func (p *Pool) PIDs() []int {
	p.mu.Lock()
	defer p.mu.Unlock()
	pids := make([]int, 0, len(p.processes))
	for proc := range p.processes {
		pids = append(pids, proc.cmd.Process.Pid)
	}
	sort.Ints(pids)
	return pids
}

// Ready waits until a process has first asked for work.
func (p *Pool) Ready(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-p.ready:
		return nil
	}
}

// Invoke calls the function and waits for the outcome. It returns an error
// only when ctx ends first; the invocation then goes on by itself.
func (p *Pool) Invoke(ctx context.Context, payload []byte) (Result, error) {
	if p.fn.Begin == nil {
		return p.call(ctx, payload)
	}
	end := p.fn.Begin()
	result, err := p.call(ctx, payload)
	if err == nil && result.Err == nil {
		if failed := end(ctx); failed != nil {
			result = Result{Err: &FunctionError{Type: "Host.Unsettled", Message: failed.Error()}}
		}
	}
	return result, err
}

func (p *Pool) call(ctx context.Context, payload []byte) (Result, error) {
	inv := &invocation{id: requestID(), payload: payload, result: make(chan Result, 1)}
	p.enter()
	defer p.leave()
	select {
	case p.work <- inv:
	case <-ctx.Done():
		return Result{}, ctx.Err()
	case <-p.ctx.Done():
		return Result{Err: &FunctionError{Type: "Host.Closed", Message: "the host is shutting down"}}, nil
	}
	select {
	case r := <-inv.result:
		return r, nil
	case <-ctx.Done():
		return Result{}, ctx.Err()
	}
}

// Close kills the processes and waits until they are gone.
func (p *Pool) Close() {
	p.cancel()
	p.mu.Lock()
	for proc := range p.processes {
		proc.kill()
	}
	p.mu.Unlock()
	p.ended.Wait()
}

// enter counts a call and adds a process when there are more calls than
// processes.
func (p *Pool) enter() {
	p.mu.Lock()
	p.busy++
	more := p.busy > len(p.processes) && len(p.processes) > 0 && len(p.processes) < p.fn.Most
	p.mu.Unlock()
	if more {
		p.add()
	}
}

func (p *Pool) leave() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.busy--
}

// healthy forgets earlier failed starts.
func (p *Pool) healthy() {
	p.once()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.pause = 0
}

// add starts a process and keeps watch over it.
func (p *Pool) add() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ctx.Err() != nil {
		return
	}
	proc, err := launch(p.ctx, p)
	p.ended.Add(1)
	if err != nil {
		fmt.Fprintln(p.fn.Log, "the host could not start the function:", err) //nolint:errcheck // The log is all there is.
		go p.again()
		return
	}
	p.processes[proc] = struct{}{}
	go p.watch(proc)
}

// watch waits for the end of a process, and starts another when it was the
// last one.
func (p *Pool) watch(proc *process) {
	<-proc.exited
	if !proc.initialized() {
		p.failWaiting(proc.initErr)
	}
	p.mu.Lock()
	delete(p.processes, proc)
	last := len(p.processes) == 0
	p.mu.Unlock()
	if p.ctx.Err() == nil && p.fn.Died != nil {
		p.fn.Died(proc.initErr.Message)
	}
	if p.ctx.Err() != nil || !last {
		p.ended.Done()
		return
	}
	p.again()
}

// failWaiting tells a caller that the function cannot start, as Lambda does.
func (p *Pool) failWaiting(failed *FunctionError) {
	select {
	case inv := <-p.work:
		inv.finish(Result{Err: failed})
	default:
	}
}

// again starts a process after a pause that grows while starts fail.
func (p *Pool) again() {
	defer p.ended.Done()
	const longest = 5 * time.Second
	p.mu.Lock()
	pause := p.pause
	p.pause = min(2*p.pause+100*time.Millisecond, longest)
	p.mu.Unlock()
	select {
	case <-p.ctx.Done():
	case <-time.After(pause):
		p.add()
	}
}

// environment is what Lambda gives a process, and nothing of the host's own.
func (f Function) environment() []string {
	vars := map[string]string{
		"AWS_LAMBDA_FUNCTION_NAME":        f.Name,
		"AWS_LAMBDA_FUNCTION_VERSION":     "$LATEST",
		"AWS_LAMBDA_FUNCTION_MEMORY_SIZE": strconv.Itoa(f.MemoryMB),
		"AWS_LAMBDA_LOG_GROUP_NAME":       "/aws/lambda/" + f.Name,
		"AWS_LAMBDA_LOG_STREAM_NAME":      "local",
		"AWS_LAMBDA_LOG_FORMAT":           "JSON",
		"AWS_REGION":                      f.Region,
		"AWS_DEFAULT_REGION":              f.Region,
		"AWS_ACCESS_KEY_ID":               "local",
		"AWS_SECRET_ACCESS_KEY":           "local",
		"AWS_SESSION_TOKEN":               "local",
		"_HANDLER":                        "bootstrap",
		"TZ":                              ":UTC",
		"LANG":                            "en_US.UTF-8",
		"PATH":                            "/usr/local/bin:/usr/bin/:/bin",
	}
	for k, v := range f.Env {
		vars[k] = v
	}
	env := make([]string, 0, len(vars))
	for k, v := range vars {
		env = append(env, k+"="+v)
	}
	sort.Strings(env)
	return env
}

// clientContext carries virtual time to the function, see package clock.
func (f Function) clientContext() string {
	if f.Offset == nil {
		return ""
	}
	b, err := json.Marshal(map[string]any{"custom": map[string]string{clock.OffsetKey: f.Offset().String()}})
	if err != nil {
		return ""
	}
	return string(b)
}

// requestID is a random UUID.
func requestID() string {
	b := make([]byte, 16)
	_, _ = rand.Read(b) // It never fails.
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

func traceID(now time.Time, id string) string {
	sum := []byte(id)
	return fmt.Sprintf("Root=1-%08x-%s;Parent=%s;Sampled=0", now.Unix(), hex.EncodeToString(sum[:12]), hex.EncodeToString(sum[12:20]))
}
