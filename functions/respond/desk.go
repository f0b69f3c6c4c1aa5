package main

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/handoff-oss/handoff/shared/answer"
	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/link"
)

// What becomes of a request beside what becomes of its answer.
const (
	stateStranger answer.State = "not_the_holder" // somebody else pressed a button that was made for the rep
	stateExpired  answer.State = "link_expired"   //
	stateForged   answer.State = "link_invalid"   //
	stateMethod   answer.State = "method"         //
	stateIgnored  answer.State = "ignored"        // Slack told of something that is no answer
)

// result is what became of a request.
type result struct {
	answer.Result
	steps []answer.Step // what the rep can do next, with their links
}

// resultOf is a result of which nothing more is known.
func resultOf(s answer.State, err error) result {
	return result{Result: answer.Result{State: s, Err: err}}
}

// desk receives the answers, by links and by buttons.
type desk struct {
	answer.Desk
	keys func(ctx context.Context, now time.Time) (keys []string, err error) // of links
}

// answer checks the link and, on POST, acts on it once.
func (d desk) answer(ctx context.Context, r request, now time.Time) result {
	post := r.method == http.MethodPost
	if !post && r.method != http.MethodGet && r.method != http.MethodHead {
		return resultOf(stateMethod, nil)
	}
	keys, err := d.signers(ctx, now)
	if err != nil {
		return resultOf(answer.Unavailable, err)
	}
	claims, err := link.Verify(keys, r.token, now)
	if err != nil {
		out := resultOf(stateForged, nil)
		if errors.Is(err, link.ErrExpired) {
			out.State, out.Claims = stateExpired, claims
		}
		return out
	}
	res := d.Look(ctx, claims, now)
	if r.slack && !res.Terms.IsRep(r.user) {
		return stranger(res)
	}
	if post && res.State == answer.Unavailable {
		res.State = answer.Open // the link is genuine; an answer must not wait for the table
	}
	if post && res.State == answer.Open {
		res = d.act(ctx, res, r, now)
	}
	out := result{Result: res}
	if res.Answered() {
		steps, err := nextSteps(keys[0], res, now)
		out.steps, out.Err = steps, errors.Join(res.Err, err)
	}
	return out
}

// act stores what the request answers.
func (d desk) act(ctx context.Context, res answer.Result, r request, now time.Time) answer.Result {
	f, err := answer.ParseForm(r.media, r.body)
	if err != nil {
		res.State, res.Problem, res.Err = answer.Invalid, answer.Problem{Text: "What was sent cannot be read."}, err
		return res
	}
	return d.Act(ctx, res, f, now)
}

// stranger is the result for a button that somebody else pressed, or of whom
// nobody can say now whether they may.
func stranger(res answer.Result) result {
	out := resultOf(stateStranger, res.Err)
	out.Claims = res.Claims
	if !res.Terms.Known() {
		out.State = answer.Unavailable
	}
	return out
}

func (d desk) signers(ctx context.Context, now time.Time) ([]string, error) {
	ctx, cancel := context.WithTimeout(ctx, d.Limits.Read)
	defer cancel()
	keys, err := d.keys(ctx, now)
	if err == nil && len(keys) == 0 {
		err = fault.New(fault.Unavailable, "there is no key for links")
	}
	return keys, err
}

// nextLink is how long the link to a next step works at least.
const nextLink = 7 * 24 * time.Hour

// nextSteps makes the links by which a rep goes on after an answer. The first
// is what the customer waits for.
func nextSteps(key string, res answer.Result, now time.Time) ([]answer.Step, error) {
	var steps []answer.Step
	var failures []error
	for _, s := range res.Steps() {
		c := res.Claims
		c.Purpose, c.Nth = s.Purpose, s.Nth
		if until := now.Add(nextLink); c.Expires.Before(until) {
			c.Expires = until
		}
		token, err := link.Sign(key, c)
		if err != nil {
			failures = append(failures, err)
			continue
		}
		s.URL = "/r/" + token
		steps = append(steps, s)
	}
	return steps, errors.Join(failures...)
}
