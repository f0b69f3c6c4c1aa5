package table

import (
	"context"

	"github.com/handoff-oss/handoff/shared/account"
)

// AccountsLike is being written.
func (t *Table) AccountsLike(context.Context, account.Facts) ([]account.Account, error) {
	return nil, nil
}

// NameAccount is being written.
func (t *Table) NameAccount(context.Context, account.Account) error { return nil }
