package lambda

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os/exec"
	"strconv"
	"sync"
	"syscall"
	"time"

	"github.com/handoff-oss/handoff/infra/child"
	"github.com/handoff-oss/handoff/shared/fault"
)

// invocation is one call on its way to a process and back.
type invocation struct {
	id      string
	payload []byte
	result  chan Result // buffered: the first result counts
}

func (i *invocation) finish(r Result) {
	select {
	case i.result <- r:
	default:
	}
}

// process is one running copy of a function, with a Runtime API of its own, so
// that nothing a dead process began can reach a living one.
type process struct {
	pool   *Pool
	cmd    *exec.Cmd
	server *http.Server
	exited chan struct{} // closed after the process has ended

	mu       sync.Mutex
	asked    bool // it has asked for an invocation: its init went well
	current  *invocation
	deadline *time.Timer
	initErr  *FunctionError
}

// launch starts a process of the pool's function.
func launch(ctx context.Context, pool *Pool) (*process, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fault.Wrap(fault.Unavailable, "listen for "+pool.fn.Name, err)
	}
	p := &process{pool: pool, exited: make(chan struct{})}
	p.server = &http.Server{Handler: p.routes(), ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = p.server.Serve(l) }() // It ends with Close.
	cmd := exec.Command(pool.fn.Binary)   //nolint:noctx // The function's own binary, ended by hand.
	cmd.Env = append(pool.fn.environment(), "AWS_LAMBDA_RUNTIME_API="+l.Addr().String())
	cmd.Stdout, cmd.Stderr = pool.fn.Log, pool.fn.Log
	cmd.SysProcAttr = child.Attr()
	cmd.WaitDelay = time.Second
	if err := cmd.Start(); err != nil {
		return nil, errors.Join(fault.Wrap(fault.Internal, "start "+pool.fn.Name, err), p.server.Close())
	}
	p.cmd = cmd
	go p.wait()
	return p, nil
}

func (p *process) wait() {
	err := p.cmd.Wait()
	_ = p.server.Close() // Nobody is left to talk to.
	p.mu.Lock()
	inv, failed := p.current, p.initErr
	p.current = nil
	if failed == nil {
		failed = &FunctionError{Type: "Runtime.ExitError", Message: "the process ended: " + exitText(err)}
	}
	p.initErr = failed
	p.mu.Unlock()
	if inv != nil {
		inv.finish(Result{Err: failed})
	}
	close(p.exited)
}

func exitText(err error) string {
	if err == nil {
		return "exit status 0"
	}
	return err.Error()
}

func (p *process) kill() {
	_ = syscall.Kill(p.cmd.Process.Pid, syscall.SIGKILL) // It may have ended already.
}

// initialized tells whether the process ever asked for work.
func (p *process) initialized() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.asked
}

// routes is the Lambda Runtime API,
// https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html.
func (p *process) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /2018-06-01/runtime/invocation/next", p.next)
	mux.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/response", p.response)
	mux.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/error", p.failure)
	mux.HandleFunc("POST /2018-06-01/runtime/init/error", p.initFailure)
	return mux
}

func (p *process) next(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	p.asked = true
	p.mu.Unlock()
	p.pool.healthy()
	select {
	case <-r.Context().Done():
	case inv := <-p.pool.work:
		p.hand(w, inv)
	}
}

// hand gives the invocation to the process and starts its timeout.
func (p *process) hand(w http.ResponseWriter, inv *invocation) {
	fn := p.pool.fn
	now := fn.Now()
	p.mu.Lock()
	p.current = inv
	p.deadline = time.AfterFunc(fn.Timeout, func() { p.timeout(inv) })
	p.mu.Unlock()
	h := w.Header()
	h.Set("Lambda-Runtime-Aws-Request-Id", inv.id)
	h.Set("Lambda-Runtime-Deadline-Ms", strconv.FormatInt(now.Add(fn.Timeout).UnixMilli(), 10))
	h.Set("Lambda-Runtime-Invoked-Function-Arn", fn.ARN)
	h.Set("Lambda-Runtime-Trace-Id", traceID(now, inv.id))
	if custom := fn.clientContext(); custom != "" {
		h.Set("Lambda-Runtime-Client-Context", custom)
	}
	h.Set("Content-Type", "application/json")
	// A write that fails means that the process is gone: wait reports it.
	_, _ = w.Write(inv.payload)
}

func (p *process) timeout(inv *invocation) {
	p.mu.Lock()
	mine := p.current == inv
	if mine {
		p.current = nil
	}
	p.mu.Unlock()
	if !mine {
		return
	}
	inv.finish(Result{Err: &FunctionError{
		Type:    "Sandbox.Timedout",
		Message: fmt.Sprintf("the function timed out after %s", p.pool.fn.Timeout),
	}})
	p.kill()
}

// take returns the current invocation when it has that id, and ends it.
func (p *process) take(id string) *invocation {
	p.mu.Lock()
	defer p.mu.Unlock()
	inv := p.current
	if inv == nil || inv.id != id {
		return nil
	}
	p.current = nil
	p.deadline.Stop()
	return inv
}

// maxResponse is what Lambda lets a function return.
const maxResponse = 6 << 20

func (p *process) response(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxResponse+1))
	if err != nil {
		http.Error(w, "unreadable", http.StatusBadRequest)
		return
	}
	inv := p.take(r.PathValue("id"))
	if inv == nil {
		http.Error(w, `{"errorType":"InvalidRequestID"}`, http.StatusBadRequest)
		return
	}
	result := Result{Payload: body}
	if len(body) > maxResponse {
		result = Result{Err: &FunctionError{Type: "Function.ResponseSizeTooLarge", Message: "the response is larger than 6 MB"}}
	}
	inv.finish(result)
	w.WriteHeader(http.StatusAccepted)
}

func (p *process) failure(w http.ResponseWriter, r *http.Request) {
	failed := readError(r.Body)
	if inv := p.take(r.PathValue("id")); inv != nil {
		inv.finish(Result{Err: failed})
	}
	w.WriteHeader(http.StatusAccepted)
}

func (p *process) initFailure(w http.ResponseWriter, r *http.Request) {
	failed := readError(r.Body)
	p.mu.Lock()
	p.initErr = failed
	p.mu.Unlock()
	w.WriteHeader(http.StatusAccepted)
}

func readError(r io.Reader) *FunctionError {
	var e FunctionError
	if err := json.NewDecoder(io.LimitReader(r, 1<<20)).Decode(&e); err != nil || e.Type == "" && e.Message == "" {
		return &FunctionError{Type: "Unhandled", Message: "the function reported an error without saying which"}
	}
	return &e
}
