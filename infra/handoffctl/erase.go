package main

import (
	"context"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/handoff-oss/handoff/shared/decision"
	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/policy/rules"
	"github.com/handoff-oss/handoff/shared/privacy"
	"github.com/handoff-oss/handoff/shared/signal"
	"github.com/handoff-oss/handoff/shared/table"
)

// erasing is an erasure as it was typed.
type erasing struct {
	reason            string
	yes, prove, again bool
}

func eraseCommand(t *target) *cobra.Command {
	var e erasing
	cmd := &cobra.Command{
		Use:   "erase EMAIL|KEY --reason request|objection|retention|mistake [--yes]",
		Short: "Forget a person: all that is stored, and what still arrives",
		Long: `Forget a person: all that is stored under any of their names, and what their
tools still send. Without --yes it says what would be removed, and does nothing.

First a tombstone takes the place of the lead, in one write with what it leaves
free: whoever has the lead has it no more, and no clock runs on. From then on
whatever arrives about the person is thrown away: webhooks, records under way,
parked messages, what is sent back from dead letters. Then all else is removed,
and looked for again. A command that was interrupted is typed again, and goes on.

The tombstone holds hashes, the time, the reason in a word and who ordered it.
--allow-again removes it, when the person comes back by their own wish.

With --prove the whole table is searched for the person's addresses, numbers and
ids, which costs a read of every byte. Give the address and not the key then: of
a person who was erased before, nothing else is left to search for.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return e.run(cmd, t, args[0]) },
	}
	cmd.Flags().StringVar(&e.reason, "reason", "", "request (the person asked for it), objection, retention or mistake")
	cmd.Flags().BoolVar(&e.yes, "yes", false, "do it")
	cmd.Flags().BoolVar(&e.prove, "prove", false, "search the whole table for what is left of the person")
	cmd.Flags().BoolVar(&e.again, "allow-again", false, "remove the tombstone, so that the person can be heard of again")
	return saidBy(cmd)
}

func (e *erasing) run(cmd *cobra.Command, t *target, name string) error {
	ctx, out := cmd.Context(), cmd.OutOrStdout()
	key, err := keyOf(name)
	if err != nil {
		return err
	}
	place, err := t.find(ctx)
	if err != nil {
		return err
	}
	now, err := place.now(ctx)
	if err != nil {
		return err
	}
	if e.again {
		return place.lift(ctx, out, key)
	}
	if !slices.Contains(lead.Reasons(), lead.Reason(e.reason)) {
		return fault.New(fault.Invalid, "say why: --reason request, objection, retention or mistake")
	}
	by, err := author(cmd, t)
	if err != nil {
		return err
	}
	loader := rules.NewLoader(place.table.Policy)
	ids, held, err := e.preview(ctx, out, place, loader, key, now)
	if err != nil {
		return err
	}
	ids.Add(name)
	if !e.yes {
		if held {
			put(out, "\nNothing was changed. To do it, add --yes.\n")
		}
		return nil
	}
	done, err := decision.New(place.table, loader).Erase(ctx, key, lead.Erasure{Reason: lead.Reason(e.reason), By: by}, now)
	if err != nil {
		return err
	}
	put(out, "\nErased on %s: a tombstone stands at %s; %s removed now.\n", stamp(done.Tomb.At), count(len(done.Tomb.Keys), "name"), count(done.Removed, "item"))
	forgetOutbox(ctx, out, place, done.Tomb)
	if err := e.proof(ctx, out, place, done.Tomb, ids); err != nil {
		return err
	}
	elsewhere(out, done.Tomb.At)
	return nil
}

// lift removes the tombstone of a person. Kind: NotFound when there is none.
func (p *place) lift(ctx context.Context, out io.Writer, key signal.LeadKey) error {
	if _, err := p.erased(ctx, key); err != nil {
		return err
	}
	if err := p.table.Lift(ctx, key); err != nil {
		return err
	}
	put(out, "The tombstone of %s is removed: what arrives about the person is taken again. What was erased stays erased.\n", key)
	return nil
}

// preview says what is there. Of a person who was erased before that is nothing.
func (e *erasing) preview(ctx context.Context, out io.Writer, p *place, loader *rules.Loader, key signal.LeadKey, now time.Time) (ids privacy.Identifiers, held bool, err error) {
	compiled, err := loader.Current(ctx, now)
	if err != nil {
		return ids, false, err
	}
	d, err := privacy.Gather(ctx, p.table, compiled, key, now)
	if err != nil && fault.KindOf(err) == fault.NotFound {
		tomb, err := p.erased(ctx, key)
		if err != nil {
			return ids, false, err
		}
		put(out, "%s was erased on %s.\n", key, stamp(tomb.At))
		return ids, false, nil
	}
	if err != nil {
		return ids, false, err
	}
	put(out, "%s holds of %s:\n", p.name, d.Key)
	counts := d.Counts()
	for _, kind := range slices.Sorted(maps.Keys(counts)) {
		put(out, "  %-10s %d\n", kind, counts[kind])
	}
	if d.Journey != nil {
		if h := d.Journey.Holder(); h != nil {
			put(out, "  %s has the lead, and is told that it is erased.\n", plain(h.RepName))
		}
	}
	return privacy.IdentifiersOf(d.Signals), true, nil
}

// erased reads what stands in the place of a person of whom nothing else is held.
// Kind: NotFound when nobody of the name is known, or was.
func (p *place) erased(ctx context.Context, key signal.LeadKey) (table.Tombstone, error) {
	tomb, err := p.table.Tombstone(ctx, key)
	if fault.KindOf(err) == fault.NotFound {
		err = fault.New(fault.NotFound, "%s holds nothing under %s", p.name, key)
	}
	return tomb, err
}

// forgetOutbox removes the messages about the person from the local outbox.
func forgetOutbox(ctx context.Context, out io.Writer, p *place, tomb table.Tombstone) {
	if p.local == nil {
		return
	}
	names := make([]string, len(tomb.Keys))
	for i, k := range tomb.Keys {
		names[i] = string(k)
	}
	r, err := p.local.Do(ctx, http.MethodPost, "/_local/outbox/forget?leads="+strings.Join(names, ","), nil, nil)
	if err != nil || !r.OK() {
		put(out, "The messages in the local outbox could not be removed: it shows what was sent to people.\n")
		return
	}
	put(out, "The messages about the person are removed from the local outbox.\n")
}

// proof looks for what is left. Kind: Conflict when there is anything.
func (e *erasing) proof(ctx context.Context, out io.Writer, p *place, tomb table.Tombstone, ids privacy.Identifiers) error {
	proof, err := privacy.Left(ctx, p.table, tomb)
	if err != nil {
		return err
	}
	put(out, "Left under the person's names: %s, and %d others.\n", count(proof.Items-len(proof.Found), "tombstone"), len(proof.Found))
	if e.prove {
		all, err := privacy.Search(ctx, p.table, ids)
		if err != nil {
			return err
		}
		put(out, "%d of the %s in the table have one of the %s of the person.\n", len(all.Found), count(all.Items, "item"), count(ids.Count(), "identifier"))
		proof.Found = append(proof.Found, all.Found...)
	}
	for _, f := range proof.Found {
		put(out, "  %s %s %s\n", f.PK, plain(f.SK), f.Why)
	}
	if len(proof.Found) > 0 {
		return fault.New(fault.Conflict, "something is left: type the command again, and look at what it names")
	}
	return nil
}

// elsewhere names what the command cannot reach.
func elsewhere(out io.Writer, at time.Time) {
	put(out, "\nElsewhere:\n")
	for _, e := range privacy.Places() {
		until := ""
		if day := e.Until(at); day != "" {
			until = " (until " + day + ")"
		}
		put(out, "  %s%s: %s.\n", e.Place, until, e.Note)
	}
}
