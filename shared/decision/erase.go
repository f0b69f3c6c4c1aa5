package decision

import (
	"context"
	"slices"
	"time"

	"github.com/handoff-oss/handoff/shared/account"
	"github.com/handoff-oss/handoff/shared/evidence"
	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/funnel"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/signal"
	"github.com/handoff-oss/handoff/shared/table"
)

// Erased is what an erasure did.
type Erased struct {
	Tomb    table.Tombstone
	Removed int // items, of this call
}

// EraseID begins the ids of orders to erase.
const EraseID = "erase."

// EraseOrder is the signal by which somebody in charge orders that a lead be
// erased, to be stored with table.PutSignalFor; decide carries it out. Kind:
// Invalid for a reason that is none.
func EraseOrder(e lead.Erasure, at time.Time) (signal.Signal, error) {
	if !slices.Contains(lead.Reasons(), e.Reason) {
		return signal.Signal{}, fault.New(fault.Invalid, "say why: request, objection, retention or mistake")
	}
	if e.By == "" {
		return signal.Signal{}, fault.New(fault.Invalid, "say who you are: it is kept that somebody ordered it")
	}
	return signal.Signal{
		Source: Operator, ID: EraseID + at.UTC().Format(time.RFC3339Nano), Type: signal.OrderErase, OccurredAt: at, ReceivedAt: at,
		Attributes: map[string]string{signal.AttrReason: string(e.Reason), signal.AttrBy: clip(e.By)},
	}, nil
}

func clip(by string) string {
	if r := []rune(by); len(r) > mostBy {
		return string(r[:mostBy])
	}
	return by
}

// eraseOrder returns the signal that orders an erasure, nil when none does, and
// those that do not. An order that is stored no more was carried out before: the
// person may be here again, by their own wish.
func (m *Maker) eraseOrder(ctx context.Context, k signal.LeadKey, signals []signal.Signal) (order *signal.Signal, others []signal.Signal, err error) {
	for i, s := range signals {
		if s.Source != Operator || s.Type != signal.OrderErase {
			others = append(others, s)
			continue
		}
		_, err := m.table.Signal(ctx, k, s.Source, s.ID)
		if err == nil {
			return &signals[i], others, nil
		}
		if fault.KindOf(err) != fault.NotFound {
			return nil, nil, err
		}
	}
	return nil, others, nil
}

// Erase makes everything forgotten that is known of the person with a name. First
// their lead, and all that points to it, becomes a tombstone, in one transaction
// with what it leaves free; from then on what arrives about the person is thrown
// away. Then all else is removed. It may be called again, and goes on where it
// was. Kinds: NotFound when nothing is known under the name, Conflict,
// Unavailable, Invalid.
func (m *Maker) Erase(ctx context.Context, k signal.LeadKey, e lead.Erasure, now time.Time) (Erased, error) {
	return m.erase(ctx, burial{key: k, erasure: e, at: now})
}

// burial is what is to be done about a person who is to be forgotten.
type burial struct {
	key     signal.LeadKey
	erasure lead.Erasure
	at      time.Time
	// only lets nobody be forgotten but whose lead it is true of when it goes; nil
	// is everybody, and who has no lead yet.
	only func(*lead.Lead) bool
}

func (m *Maker) erase(ctx context.Context, b burial) (Erased, error) {
	tomb, err := m.entomb(ctx, b)
	if err != nil {
		return Erased{}, err
	}
	removed, err := m.clear(ctx, tomb, b.at)
	return Erased{Tomb: tomb, Removed: removed}, err
}

// clear removes everything that is stored about a person who was erased. Their
// companies come first: the signals alone lead to them.
func (m *Maker) clear(ctx context.Context, tomb table.Tombstone, now time.Time) (removed int, err error) {
	core, err := m.current(ctx, now)
	if err != nil {
		return 0, err
	}
	var signals []signal.Signal
	for _, k := range tomb.Keys {
		some, err := m.table.Signals(ctx, k)
		if err != nil {
			return 0, err
		}
		signals = append(signals, some...)
	}
	numbers, companies := core.Traces(signals)
	for _, f := range companies {
		accounts, err := m.table.AccountsLike(ctx, f)
		if err != nil {
			return 0, err
		}
		for _, a := range accounts {
			if err := m.forgetNumber(ctx, a, numbers); err != nil {
				return 0, err
			}
		}
	}
	if err := m.table.ForgetNamesakes(ctx, tomb.Keys, signals); err != nil {
		return 0, err
	}
	return m.table.Clear(ctx, tomb, now)
}

// forgetNumber takes the telephone number of a person from a company that has it.
func (m *Maker) forgetNumber(ctx context.Context, a account.Account, numbers map[string]bool) error {
	for try := range maxTries {
		if !numbers[a.Phone] {
			return nil
		}
		a.Phone = ""
		a.Version++
		err := m.table.PutAccount(ctx, a)
		if fault.KindOf(err) != fault.Conflict || err == nil {
			return err
		}
		if err := wait(ctx, try+1); err != nil {
			return err
		}
		if a, err = m.table.Account(ctx, a.Key); err != nil {
			return err
		}
	}
	return fault.New(fault.Conflict, "company %s changed under each of %d tries", a.Key, maxTries)
}

// entomb puts the tombstone, or finds the one that is there.
func (m *Maker) entomb(ctx context.Context, b burial) (table.Tombstone, error) {
	core, err := m.current(ctx, b.at)
	if err != nil {
		return table.Tombstone{}, err
	}
	for try := range maxTries {
		if err := wait(ctx, try); err != nil {
			return table.Tombstone{}, err
		}
		tomb, err := m.bury(ctx, core, b)
		if fault.KindOf(err) == fault.Conflict && err != nil {
			continue
		}
		return tomb, err
	}
	return table.Tombstone{}, fault.New(fault.Conflict, "lead %s changed under each of %d tries", b.key, maxTries)
}

func (m *Maker) bury(ctx context.Context, core *lead.Core, b burial) (table.Tombstone, error) {
	st, err := m.table.Standing(ctx, b.key)
	switch {
	case err != nil:
		return table.Tombstone{}, err
	case st.Erased:
		return m.table.Tombstone(ctx, b.key)
	case b.only != nil && (st.Lead == nil || !b.only(st.Lead)):
		return table.Tombstone{}, fault.New(fault.NotFound, "lead %s is to be kept by now", b.key)
	case st.Lead == nil:
		return m.buryName(ctx, core, b.key, b.erasure, b.at)
	}
	w := lead.World{Key: st.Lead.Key, Lead: st.Lead}
	for range maxLoads {
		d := core.Erase(w, b.erasure, b.at)
		if d.Needs.Any() {
			if err := m.load(ctx, &w, d.Needs); err != nil {
				return table.Tombstone{}, err
			}
			continue
		}
		tomb := tombOf(core, st.Lead.Key, st.Lead.Keys(), d.Lead.Version, b.erasure, d.Lead.UpdatedAt)
		tomb.Filed = core.Filings(st.Lead)
		c := table.Change{Lead: d.Lead, Tomb: &tomb, Log: d.Log, Pools: d.Pools, Roster: d.Roster, Account: d.Account, Outcomes: forgotten(core, st.Lead)}
		return tomb, m.table.Commit(ctx, c)
	}
	return table.Tombstone{}, fault.New(fault.Internal, "the core kept asking for more to erase lead %s", b.key)
}

// buryName is for a name of which signals may be stored, or under way, and no
// lead was made yet.
func (m *Maker) buryName(ctx context.Context, core *lead.Core, k signal.LeadKey, e lead.Erasure, now time.Time) (table.Tombstone, error) {
	stored, err := m.table.Signals(ctx, k)
	if err != nil {
		return table.Tombstone{}, err
	}
	if len(stored) == 0 {
		return table.Tombstone{}, fault.New(fault.NotFound, "nothing is known under %s", k)
	}
	tomb := tombOf(core, k, []signal.LeadKey{k}, 1, e, now)
	return tomb, m.table.Bury(ctx, tomb)
}

func tombOf(core *lead.Core, root signal.LeadKey, keys []signal.LeadKey, version int64, e lead.Erasure, at time.Time) table.Tombstone {
	t := table.Tombstone{Root: root, Keys: keys, At: at.UTC(), Reason: e.Reason, By: clip(e.By), Version: version}
	if days := core.Retention().TombstonesDays; days > 0 {
		t.Forget = t.At.AddDate(0, 0, days)
	}
	if e.Reason == lead.OverTime {
		t.Forget = t.At.AddDate(0, 0, daysToLift) // nobody wants to keep them away; see Retain
	}
	return t
}

// forgotten takes a lead out of what is counted, with all that was known of its
// way.
func forgotten(core *lead.Core, l *lead.Lead) []evidence.Change {
	changes := gone(core, l)
	for i := range changes {
		changes[i].Record = funnel.Record{Enrolment: changes[i].Record.Enrolment}
	}
	return changes
}

// bar throws away what arrived about people who were erased, and goes on with an
// erasure that something has interrupted.
func (m *Maker) bar(ctx context.Context, home signal.LeadKey, now time.Time, out *Outcome) error {
	if len(out.barred) == 0 {
		return nil
	}
	if err := m.table.DropSignals(ctx, home, out.barred); err != nil {
		return err
	}
	out.Dropped += len(out.barred)
	out.barred = nil
	tomb, err := m.table.Tombstone(ctx, home)
	if fault.KindOf(err) == fault.NotFound {
		err, tomb.Cleared = nil, now // it is another name of the signals that was erased
	}
	if err != nil || !tomb.Cleared.IsZero() {
		return err
	}
	_, err = m.clear(ctx, tomb, now)
	return err
}

// erased carries out the order that a person be erased.
func (m *Maker) erased(ctx context.Context, k signal.LeadKey, order signal.Signal, now time.Time) (Outcome, error) {
	done, err := m.Erase(ctx, k, lead.Erasure{Reason: lead.Reason(order.Attributes[signal.AttrReason]), By: order.Attributes[signal.AttrBy]}, now)
	return Outcome{Decisions: 1, Events: 1, Tries: 1, Dropped: done.Removed}, err
}
