package main

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/handoff-oss/handoff/infra/cfn"
	"github.com/handoff-oss/handoff/infra/local/front"
	"github.com/handoff-oss/handoff/infra/local/identity"
	"github.com/handoff-oss/handoff/infra/local/lambda"
	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/policy"
)

// issuer is the local identity provider. It stands on the loopback address
// also when PUBLIC_URL is a tunnel: strangers get no way in.
func (h *host) issuer() string { return "http://127.0.0.1:" + h.settings.port + identity.Path }

// openIdentity opens the identity provider, whose key is kept, so that sessions
// and tokens outlive a restart.
func (h *host) openIdentity() error {
	der, err := kept(h.db, "identity key", identity.NewKey)
	if err != nil {
		return err
	}
	key, err := identity.ParseKey(der)
	h.identity = &identity.Provider{
		Issuer: h.issuer(), PublicURL: h.settings.publicURL, Secret: h.secrets.client, Key: key, People: h.people, Now: h.clock.Now, Own: front.FromHere,
	}
	return err
}

// people are those of the policy in force; while it cannot be read, the
// operator alone.
func (h *host) people() []identity.Person {
	select {
	case <-h.ready:
	default:
		return []identity.Person{identity.Operator()}
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	p, err := h.currentPolicy(ctx)
	if err != nil {
		logged(ctx, h.log, "read the people of the policy", err)
		return []identity.Person{identity.Operator()}
	}
	return identity.People(p)
}

func (h *host) currentPolicy(ctx context.Context) (*policy.Policy, error) {
	t, err := h.table()
	if err != nil {
		return nil, err
	}
	_, text, err := t.Policy(ctx)
	if err != nil && fault.KindOf(err) == fault.NotFound {
		text, err = policy.Default(), nil
	}
	if err != nil {
		return nil, err
	}
	return policy.Decode(text)
}

// tokenKept is how long one token of the operator serves: a part of its life.
const tokenKept = 5 * time.Minute

// operatorToken makes tokens of whoever sits at this machine.
func (h *host) operatorToken() func() (string, error) {
	var mu sync.Mutex
	var token string
	var made time.Time
	return func() (string, error) {
		mu.Lock()
		defer mu.Unlock()
		now := h.clock.Now()
		if token != "" && now.Sub(made) < tokenKept {
			return token, nil
		}
		var err error
		token, err = h.identity.Token(identity.Operator(), identity.CLI, "")
		made = now
		return token, err
	}
}

// authorizes tells whether the API asks the function who may pass.
func (h *host) authorizes(f cfn.Function) bool {
	return slices.ContainsFunc(h.stack.Authorizers, func(a cfn.Authorizer) bool { return a.FunctionARN == f.ARN })
}

// connectAuthorizers puts the functions in front of the routes that name them.
func (h *host) connectAuthorizers(byARN map[string]*lambda.Pool) error {
	functions := map[string]*lambda.Pool{}
	for _, a := range h.stack.Authorizers {
		if !a.Simple || a.Format != "2.0" || a.Identity || a.Reuse != 0 {
			return fault.New(fault.Invalid, "the authorizer %s: this host knows payload format 2.0 with simple answers, without identity source and cache", a.Name)
		}
		functions[a.Name] = byARN[a.FunctionARN]
	}
	for i, r := range h.front.Routes {
		if r.Authorizer == "" {
			continue
		}
		pool := functions[r.Authorizer]
		if pool == nil {
			return fault.New(fault.Invalid, "route %s: there is no function behind the authorizer %s", r.Key(), r.Authorizer)
		}
		h.front.Routes[i].Asks = pool
	}
	return nil
}
