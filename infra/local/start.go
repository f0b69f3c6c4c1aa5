package main

import (
	"context"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"

	"github.com/handoff-oss/handoff/infra/cfn"
	"github.com/handoff-oss/handoff/infra/dynamodb/engine"
	"github.com/handoff-oss/handoff/infra/local/front"
	"github.com/handoff-oss/handoff/infra/local/lambda"
	"github.com/handoff-oss/handoff/infra/local/queue"
	"github.com/handoff-oss/handoff/infra/local/schedule"
	"github.com/handoff-oss/handoff/infra/local/stream"
	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/policy/check"
	"github.com/handoff-oss/handoff/shared/table"
)

// startTable brings up DynamoDB, the table and the policy. The engine lives
// as long as life.
func (h *host) startTable(ctx, life context.Context) error {
	var program engine.Program
	err := h.steps.do(ctx, stepFetch, func(ctx context.Context) (err error) {
		if h.settings.dynamodb != "" {
			return nil
		}
		program, err = engine.Install(ctx, filepath.Join(h.settings.cache, "dynamodb"), h.steps.out)
		return err
	})
	if err != nil {
		return err
	}
	err = h.steps.do(ctx, stepEngine, func(context.Context) error { return h.startEngine(life, program) })
	if err != nil {
		return err
	}
	err = h.steps.do(ctx, stepTable, func(ctx context.Context) error {
		t, err := h.stack.Table("Table")
		if err != nil {
			return err
		}
		return engine.EnsureTable(ctx, h.tables(), t, t.Name)
	})
	if err != nil {
		return err
	}
	return h.steps.do(ctx, stepPolicy, h.applyPolicy)
}

func (h *host) startEngine(life context.Context, program engine.Program) error {
	if h.settings.dynamodb != "" {
		h.dynamodbURL = h.settings.dynamodb
		return nil
	}
	log, err := openLog(h.settings.data, "dynamodb")
	if err != nil {
		return err
	}
	// It ends in stop, after the functions: not with the signal.
	h.engine, err = program.Start(context.WithoutCancel(life), engine.Options{
		DBPath: filepath.Join(h.settings.data, "dynamodb"), Log: log,
		OnExit: func(err error) { h.steps.say("dynamodb ended (%v) and is started again", err) },
	})
	if err != nil {
		return err
	}
	h.dynamodbURL = h.engine.URL()
	return nil
}

func (h *host) tables() *dynamodb.Client { return dynamodb.NewFromConfig(engine.Config(h.dynamodbURL)) }

func (h *host) table() (*table.Table, error) {
	t, err := h.stack.Table("Table")
	return table.New(h.tables(), t.Name), err
}

// readPolicy reads and checks the file of POLICY.
func (h *host) readPolicy() error {
	if h.settings.policy == "" {
		return nil
	}
	text, err := os.ReadFile(h.settings.policy)
	if err != nil {
		return fault.Wrap(fault.NotFound, "POLICY", err)
	}
	h.policy = text
	_, err = check.Parse(h.settings.policy, text)
	return err
}

// applyPolicy stores the policy of POLICY as the current one.
func (h *host) applyPolicy(ctx context.Context) error {
	if h.policy == nil {
		return nil
	}
	t, err := h.table()
	if err != nil {
		return err
	}
	return t.PutPolicy(ctx, policy.VersionOf(h.policy), h.policy, h.clock.Now())
}

// startFunctions starts the processes, waits until each asks for work, and
// lets work come.
func (h *host) startFunctions(ctx context.Context, bin string) error {
	h.front = &front.Front{PublicURL: h.settings.publicURL, Now: h.clock.Now, Activity: h.activity, Log: h.log, Operator: h.operatorToken()}
	var jobs []schedule.Job
	byARN := map[string]*lambda.Pool{}
	for _, f := range h.stack.Functions {
		pool, err := h.startFunction(f, bin)
		if err != nil {
			return err
		}
		h.pools = append(h.pools, pool)
		byARN[f.ARN] = pool
		for _, r := range f.Routes {
			h.front.Routes = append(h.front.Routes, front.Route{Method: r.Method, Path: r.Path, Authorizer: r.Authorizer, Function: pool})
		}
		if err := h.addPollers(f, pool); err != nil {
			return err
		}
		added, err := h.jobs(f, pool)
		if err != nil {
			return err
		}
		jobs = append(jobs, added...)
	}
	if err := h.connectAuthorizers(byARN); err != nil {
		return err
	}
	wait, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for _, p := range h.pools {
		if err := p.Ready(wait); err != nil {
			return fault.New(fault.Unavailable, "the function %s does not start: see %s", p.Name(), h.logPath(p.Name()))
		}
	}
	h.schedules = schedule.NewRunner(h.clock, jobs)
	h.goAll(ctx)
	close(h.ready)
	return nil
}

func (h *host) goAll(ctx context.Context) {
	for _, p := range h.queuePollers {
		h.background.Go(func() { p.Run(ctx, h.clock.Moved) })
	}
	for _, p := range h.streamPollers {
		h.background.Go(func() { p.Run(ctx) })
	}
	h.background.Go(func() { h.schedules.Run(ctx) })
}

// mostProcesses bounds how many requests of one function run at a time.
const mostProcesses = 4

func (h *host) startFunction(f cfn.Function, bin string) (*lambda.Pool, error) {
	log, err := openLog(h.settings.data, f.Folder)
	if err != nil {
		return nil, err
	}
	env := map[string]string{}
	for k, v := range f.Environment {
		env[k] = v
	}
	env["AWS_ENDPOINT_URL"], env["AWS_ENDPOINT_URL_DYNAMODB"] = h.awsURL(), h.dynamodbURL
	most := len(f.Streams) + len(f.Queues) + len(f.Schedules)
	if len(f.Routes) > 0 || h.authorizes(f) {
		most += mostProcesses
	}
	fn := lambda.Function{
		Name: f.Folder, ARN: f.ARN, Binary: filepath.Join(bin, f.Folder), Timeout: f.Timeout, MemoryMB: f.MemoryMB, Most: max(most, 1),
		Env: env, Region: engine.Region, Log: log, Now: time.Now, Offset: h.clock.Offset,
		Died: func(reason string) { h.steps.say("%s: %s", f.Folder, reason) },
	}
	if h.engine != nil {
		fn.Begin = h.settling
	}
	return lambda.New(fn), nil
}

// settling is what a function's success waits for: that what it wrote is
// stored. Otherwise a stream would go on, and a sender be thanked, for a
// transaction that a killed engine has lost.
func (h *host) settling() (end func(context.Context) error) {
	pid := h.engine.PID()
	return func(ctx context.Context) error { return h.engine.Settle(ctx, pid) }
}

func (h *host) addPollers(f cfn.Function, pool *lambda.Pool) error {
	for _, source := range f.Queues {
		q, err := h.queues.Get(source.QueueARN)
		if err != nil {
			return fault.Wrap(fault.Invalid, "resource "+f.ID+": Events."+source.Event+": Queue", err)
		}
		p, err := queue.NewPoller(q, source, pool, engine.Region, h.activity, h.log)
		if err != nil {
			return fault.Wrap(fault.Invalid, "resource "+f.ID+": Events."+source.Event, err)
		}
		h.queuePollers = append(h.queuePollers, p)
	}
	dead := deadLetters{folder: h.deadLetterFolder(), queues: h.queues, now: h.clock.Now}
	for _, source := range f.Streams {
		t, err := h.stack.Table(source.Table)
		if err != nil {
			return fault.Wrap(fault.Invalid, "resource "+f.ID+": Events."+source.Event+": Stream", err)
		}
		reader := &stream.TableReader{
			Tables: h.tables(), Streams: dynamodbstreams.NewFromConfig(engine.Config(h.dynamodbURL)), Table: t.Name,
			Region: engine.Region, SourceARN: source.StreamARN, Now: time.Now,
		}
		p, err := stream.NewPoller(stream.Config{
			Name: f.Folder, Source: source, Function: pool, Reader: reader, DB: h.db, Now: time.Now,
			Dead: dead.discard(f, source), Activity: h.activity, Log: h.log,
		})
		if err != nil {
			return err
		}
		h.streamPollers = append(h.streamPollers, p)
	}
	return nil
}

func (h *host) logPath(name string) string {
	return filepath.Join(h.settings.data, "logs", name+".log")
}

// openLog opens a log to append to. One that has grown large is set aside.
func openLog(data, name string) (io.WriteCloser, error) {
	const large = 20 << 20
	file := filepath.Join(data, "logs", strings.ReplaceAll(name, "/", "-")+".log")
	if info, err := os.Stat(file); err == nil && info.Size() > large {
		if err := os.Rename(file, file+".old"); err != nil {
			return nil, fault.Wrap(fault.Internal, "set a log aside", err)
		}
	}
	f, err := os.OpenFile(file, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600) //nolint:gosec // A path of ours.
	return f, fault.Wrap(fault.Internal, "open a log", err)
}

// jobs are the function's schedules.
func (h *host) jobs(f cfn.Function, pool *lambda.Pool) ([]schedule.Job, error) {
	var jobs []schedule.Job
	for _, s := range f.Schedules {
		if !s.Enabled {
			continue
		}
		e, err := schedule.Parse(s.Expression)
		if err != nil {
			return nil, fault.Wrap(fault.Invalid, "resource "+f.ID+": Events."+s.Event, err)
		}
		call := scheduledCall{function: f, schedule: s, pool: pool, send: h.send, log: h.log}
		jobs = append(jobs, schedule.Job{Expression: e, Fire: func(ctx context.Context, at time.Time) {
			defer h.activity.Begin()()
			call.make(ctx, at)
		}})
	}
	return jobs, nil
}

// logged reports what the host could not do about a failed call.
func logged(ctx context.Context, log *slog.Logger, what string, err error) {
	if err != nil {
		log.ErrorContext(ctx, "host.failed", slog.String("what", what), slog.Any("error", err))
	}
}
