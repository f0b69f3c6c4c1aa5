package privacy

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/handoff-oss/handoff/shared/account"
	"github.com/handoff-oss/handoff/shared/contract"
	"github.com/handoff-oss/handoff/shared/duplicate"
	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/policy/rules"
	"github.com/handoff-oss/handoff/shared/scoring"
	"github.com/handoff-oss/handoff/shared/signal"
	"github.com/handoff-oss/handoff/shared/table"
)

// Dossier is all that is held of a person, for whoever has a right to know it.
type Dossier struct {
	Key        signal.LeadKey             `json:"key"`
	At         time.Time                  `json:"at"`
	Names      []signal.LeadKey           `json:"names"` // keys of all names that they are known by, hashes
	Profile    map[string]scoring.Field   `json:"profile"`
	Consent    map[string]scoring.Consent `json:"consent"`
	Scores     *Scores                    `json:"scores,omitempty"` // none of somebody whom nothing was decided about
	Journey    *lead.Journey              `json:"journey,omitempty"`
	Signals    []signal.Signal            `json:"signals"`    // as they came, oldest first, what our reps said and wrote among them
	Decisions  []lead.LogItem             `json:"decisions"`  // oldest first
	Deliveries []Delivery                 `json:"deliveries"` // messages to our own people about the lead
	Pairs      []duplicate.Pair           `json:"pairs"`      // leads that may be the same person, and what our people said of that
	Company    *account.Account           `json:"company,omitempty"`
	Others     []Item                     `json:"others"`    // what else is stored under their names
	Elsewhere  []Elsewhere                `json:"elsewhere"` // what is not in the table
	NotHeld    []string                   `json:"not_held"`
}

// Scores are what the policy makes of the person at the time, with reasons.
type Scores struct {
	PolicyVersion string          `json:"policy_version"`
	Grade         string          `json:"fit_grade"`
	Fit           []contract.Part `json:"fit"`
	Engagement    []contract.Part `json:"engagement"`
	Qualification string          `json:"qualification"`
}

// Delivery is a message about the lead to one of our own people.
type Delivery struct {
	Event   string    `json:"event"`
	Type    string    `json:"type"`
	Channel string    `json:"channel"`
	Whom    string    `json:"whom"`
	State   string    `json:"state"`
	At      time.Time `json:"at"`
}

// Item is something else, as it is stored.
type Item struct {
	Name string          `json:"name"`
	Doc  json.RawMessage `json:"doc,omitempty"`
}

// notHeld says what nobody need look for.
func notHeld() []string {
	return []string{
		"what was said by telephone, in e-mail or in chat, unless it is among the signals",
		"what the tools that sent the signals keep themselves: each signal names its own",
	}
}

// Gather reads all that is held of a person under every name, under the policy
// in force. Kind: NotFound when nothing is.
func Gather(ctx context.Context, t *table.Table, c *rules.Compiled, k signal.LeadKey, now time.Time) (Dossier, error) {
	d := Dossier{
		Key: k, At: now.UTC(), Names: []signal.LeadKey{k}, Profile: map[string]scoring.Field{}, Consent: map[string]scoring.Consent{},
		Signals: []signal.Signal{}, Decisions: []lead.LogItem{}, Deliveries: []Delivery{}, Pairs: []duplicate.Pair{}, Others: []Item{}, Elsewhere: Places(), NotHeld: notHeld(),
	}
	l, err := t.Lead(ctx, k)
	if err != nil && fault.KindOf(err) != fault.NotFound {
		return d, err
	}
	if l != nil {
		if err := d.about(ctx, t, c, l); err != nil {
			return d, err
		}
	}
	for _, name := range d.Names {
		if err := d.under(ctx, t, name); err != nil {
			return d, err
		}
	}
	if l == nil && len(d.Signals) == 0 {
		return d, fault.New(fault.NotFound, "nothing is held under %s", k)
	}
	slices.SortFunc(d.Signals, func(a, b signal.Signal) int { return a.OccurredAt.Compare(b.OccurredAt) })
	slices.SortFunc(d.Decisions, func(a, b lead.LogItem) int { return a.At.Compare(b.At) })
	return d, d.sent(ctx, t)
}

// about reads what was made of the person.
func (d *Dossier) about(ctx context.Context, t *table.Table, c *rules.Compiled, l *lead.Lead) error {
	d.Key, d.Names, d.Journey = l.Key, l.Keys(), &l.Journey
	d.Profile, d.Consent = l.Facts.Profile, l.Facts.Consent
	result, _ := scoring.Evaluate(c, l.Facts, d.At) // an expression that fails counts as no match
	d.Scores = &Scores{
		PolicyVersion: string(c.Version), Grade: result.Fit.Grade, Fit: result.Fit.Parts, Engagement: result.Engagement.Parts,
		Qualification: result.Qualification.Reason,
	}
	core, err := lead.NewCore(c)
	if err != nil {
		return err
	}
	key := core.CompanyOf(l).Key()
	if key == "" {
		return nil
	}
	company, err := t.Account(ctx, key)
	if company.Known() {
		d.Company = &company
	}
	return err
}

// under reads what is stored under one name.
func (d *Dossier) under(ctx context.Context, t *table.Table, name signal.LeadKey) error {
	all, err := t.Under(ctx, name)
	if err != nil {
		return err
	}
	for _, s := range all {
		kind, _, _ := strings.Cut(s.SK, "#")
		var err error
		switch kind {
		case "LEAD": // read above
		case "DUP": // stands with one of the two leads; read below
		case "SIG":
			var one signal.Signal
			err = json.Unmarshal([]byte(s.Doc), &one)
			d.Signals = append(d.Signals, one)
		case "LOG":
			var one lead.LogItem
			err = json.Unmarshal([]byte(s.Doc), &one)
			d.Decisions = append(d.Decisions, one)
		default:
			d.Others = append(d.Others, Item{Name: s.SK, Doc: json.RawMessage(s.Doc)})
		}
		if err != nil {
			return fault.Wrap(fault.Internal, "read "+s.PK+" "+s.SK, err)
		}
	}
	pairs, err := t.DuplicatesOf(ctx, name)
	for _, p := range pairs {
		if !slices.ContainsFunc(d.Pairs, func(known duplicate.Pair) bool { return known.Names == p.Names }) {
			d.Pairs = append(d.Pairs, p)
		}
	}
	return err
}

// sent reads what was sent about the lead.
func (d *Dossier) sent(ctx context.Context, t *table.Table) error {
	for _, item := range d.Decisions {
		for _, e := range item.Entries {
			all, err := t.DeliveriesOf(ctx, e.ID)
			if err != nil {
				return err
			}
			for _, s := range all {
				d.Deliveries = append(d.Deliveries, Delivery{Event: s.Event, Type: s.Type, Channel: s.Channel, Whom: s.Whom, State: string(s.State), At: s.At})
			}
		}
	}
	return nil
}

// Counts says how much there is, by kind, in words.
func (d Dossier) Counts() map[string]int {
	return map[string]int{
		"names": len(d.Names), "signals": len(d.Signals), "decisions": len(d.Decisions), "deliveries": len(d.Deliveries), "pairs": len(d.Pairs), "others": len(d.Others),
	}
}
