package decision

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/handoff-oss/handoff/shared/account"
	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/routing"
)

// atOnce is how many leads are read, or orders stored, at the same time.
const atOnce = 8

// Core is the decision core of the policy in force, without a roster. Kinds:
// Unavailable, Invalid when the policy cannot be used.
func (m *Maker) Core(ctx context.Context, now time.Time) (*lead.Core, error) {
	core, err := m.current(ctx, now)
	if err != nil {
		return nil, err
	}
	return core.Over(routing.Roster{}), nil
}

// HeldBy reads the open leads that a rep holds, longest held first. Kind:
// Unavailable.
func (m *Maker) HeldBy(ctx context.Context, rep string) ([]*lead.Lead, error) {
	keys, err := m.table.HeldBy(ctx, rep)
	if err != nil {
		return nil, err
	}
	all := make([]*lead.Lead, len(keys))
	var g errgroup.Group
	g.SetLimit(atOnce)
	for i, k := range keys {
		g.Go(func() error {
			l, err := m.table.Lead(ctx, k) // consistently: an order about a handoff of yesterday changes nothing
			if fault.KindOf(err) == fault.NotFound {
				return nil // erased meanwhile
			}
			all[i] = l
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	all = slices.DeleteFunc(all, func(l *lead.Lead) bool {
		return l == nil || l.Journey.Holder() == nil || l.Journey.Handoff.Rep != rep || l.Journey.Stage == lead.Won || l.Journey.Stage == lead.Lost
	})
	slices.SortStableFunc(all, func(a, b *lead.Lead) int { return a.Journey.Handoff.Since.Compare(b.Journey.Handoff.Since) })
	return all, nil
}

// RehearseUnder is Rehearse as it would be under another roster than the one
// that is stored.
func (m *Maker) RehearseUnder(ctx context.Context, r routing.Roster, leads []*lead.Lead, reason string, now time.Time) ([]Move, error) {
	return m.rehearseAll(ctx, &r, leads, reason, now)
}

// rehearseAll rehearses orders one after the other, under a roster, or the one
// that is stored for nil.
func (m *Maker) rehearseAll(ctx context.Context, roster *routing.Roster, leads []*lead.Lead, reason string, now time.Time) ([]Move, error) {
	core, err := m.current(ctx, now)
	if err != nil {
		return nil, err
	}
	after := rehearsal{pools: map[string]routing.Pool{}, accounts: map[account.Key]account.Account{}}
	moves := make([]Move, 0, len(leads))
	for _, l := range leads {
		order, err := ReassignOrder(l, "", reason, "", now)
		if err != nil {
			continue // nobody holds it any more
		}
		w := lead.World{Key: l.Key, Lead: l, Roster: roster}
		d, err := m.rehearse(ctx, core, &after, w, order, now)
		if err != nil {
			return nil, err
		}
		moves = append(moves, moveOf(l, d))
	}
	return moves, nil
}

// HandOver stores an order for each lead of a rehearsal that somebody else can
// take; decide carries it out, and the rules choose again then. It returns the
// moves that were ordered, and those whose order could not be stored, with the
// first reason.
func (m *Maker) HandOver(ctx context.Context, moves []Move, reason, by string, now time.Time) (ordered, failed []Move, err error) {
	var mu sync.Mutex
	var g errgroup.Group
	g.SetLimit(atOnce)
	for _, move := range moves {
		if move.To == "" {
			continue
		}
		g.Go(func() error {
			s, err := ReassignOrder(move.Lead, "", reason, by, now)
			if err == nil {
				_, err = m.table.PutSignalFor(ctx, move.Lead.Key, s)
			}
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				failed = append(failed, move)
				return err
			}
			ordered = append(ordered, move)
			return nil
		})
	}
	err = g.Wait()
	return ordered, failed, err
}

// Reason says why a lead would go where it goes, or stay.
func (m Move) Reason() string {
	told := map[string]bool{}
	var against []string
	for _, s := range m.Steps {
		for _, c := range s.Considered {
			if c.Chosen {
				return s.By + ", " + c.Why
			}
			if line := c.Rep + " (" + c.Why + ")"; !told[line] {
				told[line] = true
				against = append(against, line)
			}
		}
	}
	if len(against) == 0 {
		return m.Why
	}
	return m.Why + ": " + strings.Join(against, ", ")
}
