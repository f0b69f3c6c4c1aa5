package table

import (
	"context"
	"slices"

	"github.com/handoff-oss/handoff/shared/account"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/signal"
)

// ForgetNamesakes removes the companies that are called as a person is, by the
// signals about them, and that no other lead is of. A company may have got the
// name of a person who gave it as their company's, and said only later that they
// are called so.
func (t *Table) ForgetNamesakes(ctx context.Context, person []signal.LeadKey, signals []signal.Signal) error {
	for _, name := range namesOf(signals) {
		called, err := t.CompaniesCalled(ctx, name)
		if err != nil {
			return err
		}
		for _, c := range called {
			if err := t.forgetNamesake(ctx, name, c.Key, person); err != nil {
				return err
			}
		}
	}
	return nil
}

// forgetNamesake removes one of them.
func (t *Table) forgetNamesake(ctx context.Context, name string, k account.Key, person []signal.LeadKey) error {
	filed, err := t.Filed(ctx, lead.Filing{Kind: lead.FiledAccount, Value: string(k)}, int32(min(len(person), mostAccounts))+1)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(filed, func(k signal.LeadKey) bool { return !slices.Contains(person, k) }) {
		return nil // it is a company
	}
	doomed := []key{companyKey(name, k)}
	if k.Normal() == name {
		doomed = append(doomed, accountKey(k))
		for _, word := range (account.Account{Normal: name}).Filed() {
			doomed = append(doomed, accountNameKey(word, name, k))
		}
	}
	return t.deleteAll(ctx, doomed)
}

// namesOf returns the names of a person, whichever part is first, as those of
// companies are normalized.
func namesOf(signals []signal.Signal) (names []string) {
	for _, s := range signals {
		first, last := s.Lead[signal.FieldFirstName], s.Lead[signal.FieldLastName]
		for _, name := range []string{account.Normal(first + " " + last), account.Normal(last + " " + first)} {
			if name != "" && !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	return names
}
