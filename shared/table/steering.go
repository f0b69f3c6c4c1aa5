package table

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/handoff-oss/handoff/shared/contract"
	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/policy"
)

// RolloutNote is what a person wants to be remembered of a rollout.
type RolloutNote struct {
	At    time.Time `json:"at"`
	By    string    `json:"by"`
	Text  string    `json:"text"`
	Phase string    `json:"phase"` // that was in force, and its round
	Round int       `json:"round"`
}

// notePrefix begins the sort keys of notes. They are by time.
const notePrefix = "NOTE#"

// AddRolloutNote keeps a note. Kind: Conflict when another one of that
// millisecond is kept.
func (t *Table) AddRolloutNote(ctx context.Context, n RolloutNote) error {
	put, err := t.versioned(key{rolloutPK, notePrefix + formatTime(n.At)}, n, 1)
	if err != nil {
		return err
	}
	return t.put(ctx, "add rollout note", put)
}

// RolloutNotes reads all notes, oldest first.
func (t *Table) RolloutNotes(ctx context.Context) ([]RolloutNote, error) {
	return collect[RolloutNote](ctx, t, &dynamodb.QueryInput{
		KeyConditionExpression:    aws.String("pk = :pk AND begins_with(sk, :note)"),
		ExpressionAttributeValues: item{":pk": text(rolloutPK), ":note": text(notePrefix)}, ConsistentRead: aws.Bool(true),
	})
}

// RolloutTold is what is known to have been told of a rollout.
type RolloutTold struct {
	Version int64 `json:"version"` // 0 when nothing is stored
	// State is the version of the rollout's state up to which everything is told.
	State int64 `json:"state"`
	// Notice names the last ruling that was told and changed nothing.
	Notice string           `json:"notice,omitempty"`
	Untold []contract.Event `json:"untold,omitempty"` // decided, and not known to be on the bus
}

func rolloutToldKey() key { return key{rolloutPK, "TOLD"} }

// RolloutTold reads consistently what was told of the rollout.
func (t *Table) RolloutTold(ctx context.Context) (RolloutTold, error) {
	var w RolloutTold
	err := t.getInto(ctx, rolloutToldKey(), &w)
	return w, err
}

// PutRolloutTold stores it as the version after the one that it was read at, and
// returns it. Kind: Conflict when somebody stored another meanwhile.
func (t *Table) PutRolloutTold(ctx context.Context, w RolloutTold) (RolloutTold, error) {
	next := w
	next.Version++
	put, err := t.versioned(rolloutToldKey(), next, next.Version)
	if err != nil {
		return w, err
	}
	if err := t.put(ctx, "put rollout told", put); err != nil {
		return w, err
	}
	return next, nil
}

// PolicyTimes reads which policies were ever applied, and each version's last
// time, in no order and without their texts.
func (t *Table) PolicyTimes(ctx context.Context) ([]Applied, error) {
	var all []Applied
	err := t.query(ctx, &dynamodb.QueryInput{
		KeyConditionExpression: aws.String("pk = :pk AND begins_with(sk, :version)"), ConsistentRead: aws.Bool(true),
		ExpressionAttributeValues: item{":pk": text(currentPolicyKey().pk), ":version": text(policyKey("").sk)},
		ProjectionExpression:      aws.String(fmt.Sprintf("#v, %s", attrApplied)), ExpressionAttributeNames: map[string]string{"#v": attrVersion},
	}, func(it item) error {
		at, err := time.Parse(timeKey, textOf(it, attrApplied))
		all = append(all, Applied{Version: policy.Version(textOf(it, attrVersion)), At: at})
		return fault.Wrap(fault.Internal, "read applied_at", err)
	})
	return all, err
}
