// Package inbox is the way of a webhook from the wire to the table: find the
// source, verify, parse, store each signal by one conditional put, answer. When
// the table is away, or a batch is large, the verified signals are parked on a
// queue and stored from there; only when that fails too is the sender asked to
// come again. The functions for forms, engagement and CRMs are this package
// behind a handler.
//
// It keeps promise 1, "a webhook answered 2xx is never lost, and never counted
// twice": the put is conditioned on the signal's key, so a redelivery, a retry
// after half a batch and a parked copy of what was stored after all change
// nothing. It does not know providers, nor what follows from a signal.
//
// Three things are acknowledged and stored nowhere; each is counted in the
// answer and in the log line: test events of providers, posts that filled in a
// honeypot, and events about nobody (no address, no contact, user or anonymous
// id), such as a change of a company record. An event about nobody belongs to
// no lead, and nothing could follow from it.
package inbox

import (
	"context"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/inbound"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/secret"
	"github.com/handoff-oss/handoff/shared/signal"
)

// Time limits. Together they stay below the three seconds within which the
// least patient sender wants its answer.
const (
	lookupTimeout = 900 * time.Millisecond
	putTimeout    = 1100 * time.Millisecond
	parkTimeout   = 800 * time.Millisecond
	// chunkTimeout bounds one message of the park queue, so that ten of them end
	// within the function's time while the table is away.
	chunkTimeout = 2500 * time.Millisecond
)

// directPuts is how many signals of one webhook are stored before the answer;
// a larger batch is parked.
const directPuts = 100

// parallelPuts is how many puts are on their way at a time.
const parallelPuts = 16

// Put stores one signal and reports whether it is new. Kinds: Invalid,
// Unavailable.
type Put func(ctx context.Context, s signal.Signal) (stored bool, err error)

// Spend binds a value that a source's sender made once to the content that it
// came with. Kinds: Conflict when it came with another before, Unavailable.
type Spend func(ctx context.Context, source, value, content string, until time.Time) error

// Receiver receives webhooks. All fields but Spend and Seen are needed.
type Receiver struct {
	Put Put
	// Spend is needed where a provider's proof does not cover what it says: without
	// it such webhooks are not taken.
	Spend Spend
	// Park sends messages to the park queue.
	Park func(ctx context.Context, bodies ...string) error
	// Source returns what the policy says about a source. With the kind
	// Unavailable the source may be set all the same, as a guess: then a webhook
	// may be accepted on its ground, and not refused.
	Source func(ctx context.Context, now time.Time, name string) (policy.Source, error)
	// Keys returns the active keys of all sources.
	Keys func(ctx context.Context, now time.Time) (map[string]secret.Keys, error)
	// Seen is told what became of each webhook, when its answer is ready.
	Seen func(ctx context.Context, req inbound.Request, rep Report)
}

// Report is what became of a webhook, for the answer and the log.
type Report struct {
	Answer   inbound.Answer
	Result   inbound.Result
	Provider string
	Lead     signal.LeadKey // when the webhook was about one lead alone
	Shape    Shape          // of the signals that are a lead's
	Err      error          // what the operator should know; not for the sender
}

// Receive takes one webhook. Request's Policy and Keys are looked up here. It
// returns within about three seconds.
func (r *Receiver) Receive(ctx context.Context, req inbound.Request, requestID string) Report {
	rep := Report{Result: inbound.Result{RequestID: requestID}}
	adapter := r.receive(ctx, &req, &rep)
	switch {
	case adapter == nil:
		rep.Answer = inbound.AnswerUnknown(req, rep.Result)
	case rep.Result.Outcome != inbound.Challenged: // whose answer is there
		rep.Answer = adapter.Answer(req, rep.Result)
	}
	if r.Seen != nil {
		r.Seen(ctx, req, rep)
	}
	return rep
}

// receive fills in the report and returns the adapter, once it is known.
func (r *Receiver) receive(ctx context.Context, req *inbound.Request, rep *Report) inbound.Adapter {
	adapter, guess := r.lookup(ctx, req, rep)
	if adapter == nil {
		return nil
	}
	switch { // after the lookup: providers differ in what they make of a refusal
	case len(req.Body) > inbound.MaxBody:
		rep.end(inbound.TooLarge, "the body is over 1 MB")
		return adapter
	case req.Method != "POST" && req.Method != "GET" && req.Method != "HEAD":
		rep.end(inbound.BadMethod, "webhooks are sent by POST")
		return adapter
	case rep.Result.Outcome != "":
		return adapter
	}
	delivery := r.open(adapter, *req, rep)
	if rep.Result.Outcome == "" {
		r.spend(ctx, adapter, *req, rep)
	}
	if rep.Result.Outcome == "" {
		r.keep(ctx, delivery, rep)
		return adapter
	}
	if guess && !harmless(rep.Result.Outcome) { // nothing may be refused on the ground of a guess
		rep.end(inbound.Unavailable, "try again later")
	}
	return adapter
}

// harmless reports whether an outcome without signals refuses nothing.
func harmless(o inbound.Outcome) bool { return o == inbound.Probe || o == inbound.Challenged }

func (rep *Report) end(o inbound.Outcome, detail string) {
	rep.Result.Outcome, rep.Result.Detail = o, detail
}

// unavailable ends with the cause, which is for the operator alone.
func (rep *Report) unavailable(err error) {
	rep.Err = err
	rep.end(inbound.Unavailable, "try again later")
}

// lookup finds the source, its adapter and its keys. guess says that the
// policy could not be read and the source is taken from the default.
func (r *Receiver) lookup(ctx context.Context, req *inbound.Request, rep *Report) (adapter inbound.Adapter, guess bool) {
	ctx, cancel := context.WithTimeout(ctx, lookupTimeout)
	defer cancel()
	type found struct {
		keys map[string]secret.Keys
		err  error
	}
	keys := make(chan found, 1)
	go func() { // beside the policy, so that a cold start waits once
		k, err := r.Keys(ctx, req.ReceivedAt)
		keys <- found{k, err}
	}()
	source, err := r.Source(ctx, req.ReceivedAt, req.Source)
	secrets := <-keys
	adapter, known := inbound.Lookup(source.Provider)
	switch {
	case fault.KindOf(err) == fault.NotFound:
		rep.end(inbound.UnknownSource, "no such source")
		return nil, false
	case err != nil && !known:
		rep.unavailable(err)
		return nil, false
	case !known:
		rep.unavailable(fault.New(fault.Invalid, "the policy's source %q has the unknown provider %q", req.Source, source.Provider))
		return nil, false
	}
	rep.Err, rep.Provider, req.Policy = err, source.Provider, source
	req.Keys = usable(secrets.keys[req.Source])
	switch {
	case secrets.err != nil:
		rep.unavailable(secrets.err)
	case len(req.Keys) == 0 && req.Method == "POST":
		// Ours to repair; a refusal would make some senders give up. Who only looks
		// may: some tools show their secret after they have seen the address work.
		rep.unavailable(fault.New(fault.Invalid, "the source %q has no secret", req.Source))
	}
	return adapter, err != nil
}

// usable leaves out empty keys.
func usable(keys secret.Keys) secret.Keys {
	var out secret.Keys
	for _, k := range keys {
		if k != "" {
			out = append(out, k)
		}
	}
	return out
}

// open verifies and parses.
func (r *Receiver) open(adapter inbound.Adapter, req inbound.Request, rep *Report) inbound.Delivery {
	if !inbound.Takes(adapter, req.Kind) {
		rep.end(inbound.WrongPath, "this source does not belong on this path")
		return inbound.Delivery{}
	}
	if r.challenged(adapter, req, rep) {
		return inbound.Delivery{}
	}
	if req.Method != "POST" {
		rep.end(inbound.Probe, "")
		return inbound.Delivery{}
	}
	if err := adapter.Verify(req); err != nil {
		rep.end(inbound.BadSignature, err.Error())
		return inbound.Delivery{}
	}
	delivery, err := adapter.Parse(req)
	if err != nil {
		rep.end(inbound.Malformed, err.Error())
		return inbound.Delivery{}
	}
	return delivery
}

// spend makes sure that a proof which does not cover what is said serves for
// one content. While the table is away nobody can tell, so the sender is asked
// to come again.
func (r *Receiver) spend(ctx context.Context, adapter inbound.Adapter, req inbound.Request, rep *Report) {
	n, ok := adapter.(inbound.Nonced)
	if !ok {
		return
	}
	if r.Spend == nil {
		rep.unavailable(fault.New(fault.Internal, "this function keeps no values spent, which %s needs", rep.Provider))
		return
	}
	ctx, cancel := context.WithTimeout(ctx, putTimeout)
	defer cancel()
	nonce := n.Nonce(req)
	switch err := r.Spend(ctx, req.Source, nonce.Value, nonce.Content, nonce.Until); {
	case fault.KindOf(err) == fault.Conflict && err != nil:
		rep.end(inbound.BadSignature, "the signature came with other data before")
	case err != nil:
		rep.unavailable(err)
	}
}

// challenged answers the provider's question whether the address is ours, when
// the request is one.
func (r *Receiver) challenged(adapter inbound.Adapter, req inbound.Request, rep *Report) bool {
	c, ok := adapter.(inbound.Challenger)
	if !ok {
		return false
	}
	answer, asked, err := c.Challenge(req)
	switch {
	case !asked:
		return false
	case fault.KindOf(err) == fault.Denied:
		rep.end(inbound.BadSignature, err.Error())
	case err != nil:
		rep.end(inbound.Malformed, err.Error())
	default:
		rep.end(inbound.Challenged, "")
		rep.Answer = answer
	}
	return true
}

// keep stores or parks the signals and decides the outcome.
func (r *Receiver) keep(ctx context.Context, d inbound.Delivery, rep *Report) {
	res := &rep.Result
	res.Skipped = d.Skipped
	signals := make([]signal.Signal, 0, len(d.Signals))
	leads := map[signal.LeadKey]bool{}
	for _, s := range d.Signals {
		key, err := s.LeadKey()
		switch {
		case s.Test:
			res.Test++
		case err != nil:
			res.Nobody++
		default:
			leads[key] = true
			signals = append(signals, s)
		}
	}
	if len(leads) == 1 {
		for key := range leads {
			rep.Lead = key
		}
	}
	rep.Shape = shapeOf(signals)
	left := signals
	if len(signals) <= directPuts {
		var err error
		if left, err = r.store(ctx, signals, res); err != nil {
			rep.Err = err
		}
	}
	if len(left) > 0 {
		if err := r.park(ctx, left); err != nil {
			rep.unavailable(err)
			return
		}
		res.Parked = len(left)
	}
	res.Outcome = outcome(*res)
}

func outcome(r inbound.Result) inbound.Outcome {
	switch {
	case r.Parked > 0:
		return inbound.Parked
	case r.Stored > 0:
		return inbound.Accepted
	case r.Duplicates > 0:
		return inbound.Duplicate
	}
	return inbound.Ignored
}

// store puts the signals and returns those that could not be stored, with one
// of the causes.
func (r *Receiver) store(ctx context.Context, signals []signal.Signal, res *inbound.Result) ([]signal.Signal, error) {
	ctx, cancel := context.WithTimeout(ctx, putTimeout)
	defer cancel()
	done, errs := PutAll(ctx, r.Put, signals)
	var left []signal.Signal
	var cause error
	for i, s := range signals {
		switch {
		case errs[i] != nil:
			left, cause = append(left, s), errs[i]
		case done[i]:
			res.Stored++
		default:
			res.Duplicates++
		}
	}
	return left, cause
}

// PutAll stores signals side by side. For each it says whether it was new, and
// what went wrong.
func PutAll(ctx context.Context, put Put, signals []signal.Signal) (stored []bool, errs []error) {
	stored, errs = make([]bool, len(signals)), make([]error, len(signals))
	if len(signals) == 1 {
		stored[0], errs[0] = put(ctx, signals[0])
		return stored, errs
	}
	var group errgroup.Group
	group.SetLimit(parallelPuts)
	for i, s := range signals {
		group.Go(func() error {
			stored[i], errs[i] = put(ctx, s)
			return nil
		})
	}
	_ = group.Wait() // the errors stand in errs
	return stored, errs
}

// park sends the signals to the queue in chunks.
func (r *Receiver) park(ctx context.Context, signals []signal.Signal) error {
	ctx, cancel := context.WithTimeout(ctx, parkTimeout)
	defer cancel()
	chunks, err := Chunks(signals)
	if err != nil {
		return err
	}
	return r.Park(ctx, chunks...)
}
