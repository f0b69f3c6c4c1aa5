// Package secret reads secrets from AWS Secrets Manager and keeps them for a
// minute, so that a rotation takes effect without a deploy and a busy function
// does not pay for a call each time. Secrets stand in no environment variable
// and no log.
package secret

import (
	"context"
	"encoding/json"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"github.com/handoff-oss/handoff/shared/fault"
)

// maxAge is how long a value is used before it is read again.
const maxAge = time.Minute

// Reader reads one secret, whose value is a JSON document.
type Reader struct {
	client *secretsmanager.Client
	id     string

	mu    sync.Mutex
	value []byte
	read  time.Time
}

// New returns a reader of the secret with that name or ARN.
func New(client *secretsmanager.Client, id string) *Reader {
	return &Reader{client: client, id: id}
}

// JSON decodes the secret into v. When Secrets Manager does not answer, the
// last value known is used. Kinds: Unavailable, Invalid.
func (r *Reader) JSON(ctx context.Context, now time.Time, v any) error {
	value, err := r.get(ctx, now)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(value, v); err != nil {
		// The decoder's own message may quote the value: leave it out.
		return fault.New(fault.Invalid, "the secret %s is not the JSON that is expected here", r.id)
	}
	return nil
}

// As returns what reads a secret that has the form of a T. Kinds: as of JSON.
func As[T any](r *Reader) func(context.Context, time.Time) (T, error) {
	return func(ctx context.Context, now time.Time) (v T, err error) {
		err = r.JSON(ctx, now, &v)
		return v, err
	}
}

// Sources decodes the secret that holds the keys of all sources, by their
// names in the policy. Kinds: Unavailable, Invalid.
func (r *Reader) Sources(ctx context.Context, now time.Time) (map[string]Keys, error) {
	var all map[string]Keys
	err := r.JSON(ctx, now, &all)
	return all, err
}

func (r *Reader) get(ctx context.Context, now time.Time) ([]byte, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.value != nil && now.Sub(r.read) < maxAge && !now.Before(r.read) {
		return r.value, nil
	}
	out, err := r.client.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: aws.String(r.id)})
	if err != nil {
		if r.value != nil {
			return r.value, nil
		}
		return nil, fault.Wrap(fault.Unavailable, "read secret "+r.id, err)
	}
	r.value, r.read = []byte(aws.ToString(out.SecretString)), now
	return r.value, nil
}

// Keys are the active keys of one source, several during a rotation. In JSON
// they are a string, a list of strings, or {"public_key": "…"} where the
// sender signs with a private key.
type Keys []string

// UnmarshalJSON accepts the three forms.
func (k *Keys) UnmarshalJSON(b []byte) error {
	var one string
	if json.Unmarshal(b, &one) == nil {
		*k = Keys{one}
		return nil
	}
	var public struct {
		PublicKey string `json:"public_key"`
	}
	if json.Unmarshal(b, &public) == nil && public.PublicKey != "" {
		*k = Keys{public.PublicKey}
		return nil
	}
	var many []Keys
	if err := json.Unmarshal(b, &many); err != nil || len(many) == 0 {
		return fault.New(fault.Invalid, "a source's secret is a string, a list of them, or {public_key}")
	}
	*k = nil
	for _, m := range many {
		*k = append(*k, m...)
	}
	return nil
}
