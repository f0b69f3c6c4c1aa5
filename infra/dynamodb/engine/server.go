package engine

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/handoff-oss/handoff/infra/child"
	"github.com/handoff-oss/handoff/shared/fault"
)

// Options say how DynamoDB Local runs.
type Options struct {
	DBPath string    // folder of its data; "" keeps everything in memory
	Port   int       // 0 takes a free one
	Log    io.Writer // what it prints; nil drops it
	// OnExit, when set, is told each time the process has died and will be started again.
	OnExit func(error)
}

// Server is a running DynamoDB Local. It is started again, on the same port,
// whenever it dies, until Close.
type Server struct {
	program Program
	options Options
	port    int
	client  *dynamodb.Client // for Settle, which every invocation of a local function calls
	stop    context.CancelFunc
	done    chan struct{}

	mu  sync.Mutex
	pid int
}

// Start starts DynamoDB Local and waits until it answers. It ends with ctx or
// with Close. Kind: Unavailable.
func (p Program) Start(ctx context.Context, o Options) (*Server, error) {
	if o.DBPath != "" {
		abs, err := filepath.Abs(o.DBPath)
		if err == nil {
			err = os.MkdirAll(abs, 0o750)
		}
		if err != nil {
			return nil, fault.Wrap(fault.Internal, "make the data folder", err)
		}
		o.DBPath = abs
	}
	ctx, cancel := context.WithCancel(ctx)
	s := &Server{program: p, options: o, port: o.Port, stop: cancel, done: make(chan struct{})}
	first, err := s.first(ctx)
	if err != nil {
		cancel()
		return nil, err
	}
	s.client = dynamodb.NewFromConfig(Config(s.URL()))
	go s.supervise(ctx, first)
	return s, nil
}

// first launches the process for the first time, on another port when somebody
// else was quicker to take a free one.
func (s *Server) first(ctx context.Context) (p *process, err error) {
	for range 3 {
		if s.options.Port == 0 {
			if s.port, err = freePort(ctx); err != nil {
				return nil, err
			}
		}
		p, err = s.launch(ctx)
		if err == nil || s.options.Port != 0 || ctx.Err() != nil {
			return p, err
		}
	}
	return nil, err
}

// URL is the endpoint, as AWS_ENDPOINT_URL_DYNAMODB wants it.
func (s *Server) URL() string { return "http://127.0.0.1:" + strconv.Itoa(s.port) }

// PID is the process's id, 0 while it is down.
func (s *Server) PID() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.pid
}

// Settle returns once what the process pid has acknowledged is stored. DynamoDB
// Local acknowledges a transaction before it commits it, so that a process
// that is killed in between loses what it has acknowledged; whatever it answers
// afterwards, it answers after the commit. AWS's tables do not need this.
// Kind Unavailable: another process runs now, or none.
func (s *Server) Settle(ctx context.Context, pid int) error {
	_, err := s.client.ListTables(ctx, &dynamodb.ListTablesInput{Limit: aws.Int32(1)})
	if err == nil && (pid == 0 || s.PID() != pid) {
		err = fault.New(fault.Unavailable, "it was started again meanwhile")
	}
	return fault.Wrap(fault.Unavailable, "see that DynamoDB Local has stored what it acknowledged", err)
}

// Close ends the process and waits until it is gone.
func (s *Server) Close() {
	s.stop()
	<-s.done
}

func (s *Server) setPID(pid int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pid = pid
}

// process is one run of the program; exited is closed after it has ended.
type process struct {
	cmd    *exec.Cmd
	exited chan struct{}
	err    error // why it ended; read it after exited
}

// launch starts the process and waits until it answers.
func (s *Server) launch(ctx context.Context) (*process, error) {
	cmd := s.program.command(s.options, s.port)
	if s.program.docker {
		// A container outlives the program that was killed: end it, it holds the data.
		_ = exec.CommandContext(ctx, "docker", "rm", "--force", container(s.options, s.port)).Run() // None is there as a rule.
	}
	cmd.Stdout, cmd.Stderr = s.options.Log, s.options.Log
	cmd.WaitDelay = time.Second
	cmd.SysProcAttr = child.Attr()
	if err := cmd.Start(); err != nil {
		return nil, fault.Wrap(fault.Unavailable, "start DynamoDB Local", err)
	}
	p := &process{cmd: cmd, exited: make(chan struct{})}
	go func() {
		p.err = cmd.Wait()
		close(p.exited)
	}()
	s.setPID(cmd.Process.Pid)
	if err := s.answers(ctx, p); err != nil {
		p.end()
		s.setPID(0)
		return nil, err
	}
	return p, nil
}

func (s *Server) answers(ctx context.Context, p *process) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL(), nil)
		if err != nil {
			return fault.Wrap(fault.Internal, "ask DynamoDB Local", err)
		}
		if res, err := http.DefaultClient.Do(req); err == nil {
			return res.Body.Close()
		}
		select {
		case <-p.exited:
			return fault.Wrap(fault.Unavailable, "DynamoDB Local ended while it started", errors.Join(p.err))
		case <-ctx.Done():
			return fault.Wrap(fault.Unavailable, "wait for DynamoDB Local", ctx.Err())
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// supervise starts the process again when it dies, sooner when it had run for
// a while.
func (s *Server) supervise(ctx context.Context, p *process) {
	defer close(s.done)
	const longest = 5 * time.Second
	pause := time.Duration(0)
	for {
		if p != nil {
			select {
			case <-ctx.Done():
				p.end()
				s.setPID(0)
				return
			case <-p.exited:
				s.setPID(0)
				if s.options.OnExit != nil {
					s.options.OnExit(p.err)
				}
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(pause):
		}
		started, err := s.launch(ctx)
		p = started
		if err == nil {
			pause = 0
			continue
		}
		pause = min(2*pause+100*time.Millisecond, longest)
	}
}

// end asks the process to end, then kills it.
func (p *process) end() {
	_ = p.cmd.Process.Signal(syscall.SIGTERM) // It may have ended already.
	select {
	case <-p.exited:
	case <-time.After(5 * time.Second):
		_ = p.cmd.Process.Kill() // It may have ended already.
		<-p.exited
	}
}

func (p Program) command(o Options, port int) *exec.Cmd {
	engine := []string{"-sharedDb", "-disableTelemetry"}
	if p.docker {
		args := []string{"run", "--rm", "--init", "--name", container(o, port), "--publish", "127.0.0.1:" + strconv.Itoa(port) + ":8000"}
		if o.DBPath != "" {
			args = append(args, "--user", strconv.Itoa(os.Getuid()), "--volume", o.DBPath+":/data")
			engine = append(engine, "-dbPath", "/data")
		} else {
			engine = append(engine, "-inMemory")
		}
		args = append(args, image, "-jar", "DynamoDBLocal.jar", "-port", "8000")
		return exec.Command("docker", append(args, engine...)...) //nolint:noctx // Ended by hand, gently first.
	}
	if o.DBPath != "" {
		engine = append(engine, "-dbPath", o.DBPath)
	} else {
		engine = append(engine, "-inMemory")
	}
	// The quick compiler and the simple collector suit a process that lives briefly beside others.
	args := []string{
		"-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx1g", "-Djava.library.path=" + p.lib,
		"-cp", filepath.Join(p.lib, "*"), "software.amazon.dynamodb.services.local.main.ServerRunner", "-port", strconv.Itoa(port),
	}
	return exec.Command("java", append(args, engine...)...) //nolint:noctx // Ended by hand, gently first.
}

// container is the name of the container for one folder of data, or one port.
func container(o Options, port int) string {
	sum := sha256.Sum256([]byte(o.DBPath))
	if o.DBPath == "" {
		return "handoff-dynamodb-" + strconv.Itoa(port)
	}
	return "handoff-dynamodb-" + hex.EncodeToString(sum[:6])
}

func freePort(ctx context.Context) (int, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return 0, fault.Wrap(fault.Unavailable, "find a free port", err)
	}
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		return 0, fault.Wrap(fault.Internal, "find a free port", err)
	}
	if err := l.Close(); err != nil {
		return 0, fault.Wrap(fault.Internal, "find a free port", err)
	}
	return strconv.Atoi(port)
}
