package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"

	"go.etcd.io/bbolt"
	"golang.org/x/sync/errgroup"

	"github.com/handoff-oss/handoff/infra/cfn"
	"github.com/handoff-oss/handoff/infra/dynamodb/engine"
	"github.com/handoff-oss/handoff/infra/local/activity"
	"github.com/handoff-oss/handoff/infra/local/awsapi"
	"github.com/handoff-oss/handoff/infra/local/bus"
	"github.com/handoff-oss/handoff/infra/local/front"
	"github.com/handoff-oss/handoff/infra/local/identity"
	"github.com/handoff-oss/handoff/infra/local/lambda"
	"github.com/handoff-oss/handoff/infra/local/outbox"
	"github.com/handoff-oss/handoff/infra/local/queue"
	"github.com/handoff-oss/handoff/infra/local/schedule"
	"github.com/handoff-oss/handoff/infra/local/stream"
	"github.com/handoff-oss/handoff/infra/local/vtime"
	"github.com/handoff-oss/handoff/infra/local/welcome"
	"github.com/handoff-oss/handoff/shared/fault"
)

// The steps of a start.
const (
	stepBuild  = "Build the functions"
	stepFetch  = "Fetch DynamoDB Local"
	stepEngine = "Start DynamoDB Local"
	stepTable  = "Create the table"
	stepPolicy = "Apply the policy"
	stepStart  = "Start the functions"
)

// host is the running stack.
type host struct {
	settings settings
	steps    *steps
	log      *slog.Logger
	logFile  io.Closer

	db       *bbolt.DB
	clock    *vtime.Clock
	activity *activity.Tracker
	stack    *cfn.Stack
	secrets  *secrets
	policy   []byte // of POLICY, nil without
	queues   *queue.Queues
	bus      *bus.Bus
	outbox   *outbox.Outbox
	identity *identity.Provider

	listener, awsListener net.Listener
	engine                *engine.Server // nil when the DynamoDB is not ours

	ready         chan struct{} // closed when everything below is set and runs
	dynamodbURL   string
	pools         []*lambda.Pool
	front         *front.Front
	queuePollers  []*queue.Poller
	streamPollers []*stream.Poller
	schedules     *schedule.Runner
	background    sync.WaitGroup
}

// newHost opens what is kept and takes the ports. Nothing runs yet.
func newHost(ctx context.Context, s settings, out io.Writer) (*host, error) {
	h := &host{settings: s, activity: &activity.Tracker{}, ready: make(chan struct{})}
	h.steps = newSteps(out,
		welcome.Step{Name: stepBuild, Detail: "The first time takes longest."},
		welcome.Step{Name: stepFetch, Detail: "Once, from Maven Central."},
		welcome.Step{Name: stepEngine, Detail: "A Java process."},
		welcome.Step{Name: stepTable}, welcome.Step{Name: stepPolicy}, welcome.Step{Name: stepStart},
	)
	if err := os.MkdirAll(filepath.Join(s.data, "logs"), 0o750); err != nil {
		return nil, fault.Wrap(fault.Internal, "make the data folder", err)
	}
	// The database outlives a kill of the host without being synced to disk on
	// every write; what it is not made for is a power cut.
	db, err := bbolt.Open(filepath.Join(s.data, "host.db"), 0o600, &bbolt.Options{Timeout: time.Second, NoSync: true, NoFreelistSync: true})
	if err != nil {
		return nil, fault.Wrap(fault.Conflict, "open "+s.data+" (does another stack run on it?)", err)
	}
	h.db = db
	if err := h.open(ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return h, nil
}

func (h *host) open(ctx context.Context) error {
	log, err := openLog(h.settings.data, "host")
	if err != nil {
		return err
	}
	h.logFile, h.log = log, slog.New(slog.NewJSONHandler(log, nil))
	h.clock, err = vtime.New(h.db, time.Now)
	if err != nil {
		return err
	}
	var lc net.ListenConfig
	h.listener, err = lc.Listen(ctx, "tcp", "127.0.0.1:"+h.settings.port)
	if err != nil {
		return fault.Wrap(fault.Conflict, "take port "+h.settings.port+" (PORT=… chooses another)", err)
	}
	h.awsListener, err = lc.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return fault.Wrap(fault.Unavailable, "take a port for the emulated services", err)
	}
	return h.load()
}

// load reads template, policy and secrets and opens queues, bus and outbox.
func (h *host) load() error {
	var err error
	h.stack, err = cfn.Load(filepath.Join(h.settings.root, "template.yaml"), cfn.Options{
		Parameters:  map[string]string{"PublicUrl": h.settings.publicURL, "MailFrom": "handoff@localhost"},
		Placeholder: "local",
		QueueURL:    func(name string) string { return h.awsURL() + "/000000000000/" + name },
	})
	if err != nil {
		return err
	}
	if err := h.readPolicy(); err != nil {
		return err
	}
	h.secrets, err = loadSecrets(h.db, h.settings.secrets, h.settings.apis, h.settings.publicURL, h.issuer())
	if err != nil {
		return err
	}
	h.queues, err = queue.Open(h.db, h.stack.Queues, h.clock.Now, h.activity.Touch)
	if err != nil {
		return err
	}
	h.bus, err = bus.New(h.db, h.stack.Rules, h.send, h.clock.Now)
	if err != nil {
		return err
	}
	h.outbox, err = outbox.New(h.db, h.clock.Now)
	if err != nil {
		return err
	}
	return h.openIdentity()
}

func (h *host) awsURL() string { return "http://" + h.awsListener.Addr().String() }

// send puts a text into the queue with an ARN.
func (h *host) send(arn, body string) error {
	q, err := h.queues.Get(arn)
	if err != nil {
		return err
	}
	_, err = q.Send(queue.Outgoing{Body: body, Delay: -1})
	return err
}

// run starts everything, the page first, and ends when ctx does or the start
// fails.
func (h *host) run(ctx context.Context) error {
	h.steps.say("\nHandoff is starting at %s\n", h.settings.publicURL)
	page := &http.Server{Handler: front.Guard(h.settings.publicURL, h.routes()), ReadHeaderTimeout: 10 * time.Second, BaseContext: func(net.Listener) context.Context { return ctx }}
	api := awsapi.API{Queues: h.queues, Bus: h.bus, Outbox: h.outbox, Secret: h.secrets.lookup(h.stack), Buckets: h.buckets(), Log: h.log}
	aws := &http.Server{Handler: api.Handler(), ReadHeaderTimeout: 10 * time.Second}
	failed := make(chan error, 2)
	go func() { failed <- serve(page, h.listener) }()
	go func() { failed <- serve(aws, h.awsListener) }()
	err := h.start(ctx)
	if err == nil {
		h.banner()
		select {
		case <-ctx.Done():
		case err = <-failed:
		}
	}
	if ctx.Err() != nil {
		err = nil
		h.steps.say("\nStopping …")
	}
	return errors.Join(err, h.stop(context.WithoutCancel(ctx), page, aws))
}

// buckets are folders. The stack has one, of the stream's dead letters.
func (h *host) buckets() map[string]string {
	folders := map[string]string{}
	for _, b := range h.stack.Buckets {
		folders[b.Name] = h.deadLetterFolder()
	}
	return folders
}

func (h *host) deadLetterFolder() string { return filepath.Join(h.settings.data, "dead-letters") }

func serve(s *http.Server, l net.Listener) error {
	if err := s.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return fault.Wrap(fault.Unavailable, "serve", err)
	}
	return nil
}

// start does the steps; the build and the engine beside each other.
func (h *host) start(ctx context.Context) error {
	bin := h.settings.functions
	g, both := errgroup.WithContext(ctx)
	g.Go(func() error {
		return h.steps.do(both, stepBuild, func(ctx context.Context) error {
			if bin != "" {
				return nil
			}
			bin = filepath.Join(h.settings.data, "functions")
			return build(ctx, h.settings.root, bin, h.stack.Functions)
		})
	})
	g.Go(func() error { return h.startTable(both, ctx) })
	if err := g.Wait(); err != nil {
		return err
	}
	return h.steps.do(ctx, stepStart, func(context.Context) error { return h.startFunctions(ctx, bin) })
}

// banner says where everything is.
func (h *host) banner() {
	h.steps.say(`
Handoff runs at %[1]s

  first minutes   %[1]s/
  leads           %[1]s/leads  (sign in as anybody of the policy with one click)
  outbox          %[1]s/_local/outbox
  webhooks        %[1]s/webhooks/{forms,engagement,crm}/{source}
  time            %[2]s  (POST {"advance":"30m"} to %[1]s/_local/clock)
  logs            %[3]s

Ctrl-C stops it; the data stays in %[4]s.
`, h.settings.publicURL, h.clock.Now().Format(time.RFC3339), filepath.Join(h.settings.data, "logs"), h.settings.data)
}

// stop ends everything in order: no new work, then what is under way, then the
// processes.
func (h *host) stop(ctx context.Context, page, aws *http.Server) error {
	grace, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	_ = page.Shutdown(grace) // What takes longer is cut off below.
	finished := make(chan struct{})
	go func() { h.background.Wait(); close(finished) }()
	select {
	case <-finished:
	case <-grace.Done():
	}
	var closing sync.WaitGroup
	for _, p := range h.pools {
		closing.Go(p.Close)
	}
	closing.Wait()
	<-finished
	if h.engine != nil {
		h.engine.Close()
	}
	err := errors.Join(page.Close(), aws.Close(), h.db.Sync(), h.db.Close())
	return errors.Join(err, h.logFile.Close())
}
