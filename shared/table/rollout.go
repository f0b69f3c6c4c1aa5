package table

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/handoff-oss/handoff/shared/rollout"
)

// Rollout reads where the rollout stands, consistently. Before anything was
// stored it is the zero state.
func (t *Table) Rollout(ctx context.Context) (rollout.State, error) {
	var s rollout.State
	err := t.getInto(ctx, rolloutKey(), &s)
	return s, err
}

// PutRollout writes the next version of the state, and keeps it in the history.
// Kind: Conflict when somebody else made that version meanwhile.
func (t *Table) PutRollout(ctx context.Context, s rollout.State) error {
	current, err := t.versioned(rolloutKey(), s, s.Version)
	if err != nil {
		return err
	}
	kept, err := t.versioned(rolloutStateKey(s.Version), s, 1)
	if err != nil {
		return err
	}
	_, err = t.client.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{
		TransactItems: []types.TransactWriteItem{{Put: current}, {Put: kept}},
	})
	return translate("put rollout", err)
}

// RolloutAt reads one version of the state. Kind: NotFound.
func (t *Table) RolloutAt(ctx context.Context, version int64) (rollout.State, error) {
	var s rollout.State
	it, err := t.get(ctx, rolloutStateKey(version))
	if err != nil {
		return s, err
	}
	return s, decode(it, &s)
}

// RolloutHistory reads every version of the state, oldest first.
func (t *Table) RolloutHistory(ctx context.Context) ([]rollout.State, error) {
	return collect[rollout.State](ctx, t, &dynamodb.QueryInput{
		KeyConditionExpression:    aws.String("pk = :pk AND begins_with(sk, :state)"),
		ExpressionAttributeValues: item{":pk": text(rolloutPK), ":state": text(statePrefix)}, ConsistentRead: aws.Bool(true),
	})
}

// Suggested reads the leads that wait for a manager of a pool to confirm whom
// they go to, oldest first. The index is eventually consistent: the lead itself
// decides.
func (t *Table) Suggested(ctx context.Context, pool string) ([]Waiting, error) {
	return t.waiting(ctx, suggestedOwner(pool), pool)
}
