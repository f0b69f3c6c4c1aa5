package decision_test

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"golang.org/x/sync/errgroup"

	"github.com/handoff-oss/handoff/infra/dynamodb/dynamotest"
	"github.com/handoff-oss/handoff/shared/decision"
	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/policy/rules"
	"github.com/handoff-oss/handoff/shared/scoring"
	"github.com/handoff-oss/handoff/shared/signal"
	"github.com/handoff-oss/handoff/shared/table"
)

// crowd are the names that the signals of one history have: few, so that many
// signals share one.
type crowd struct {
	random *rand.Rand
	name   string // makes the names of one history differ from those of others
	count  int
}

// one is a signal with some of the names.
func (c *crowd) one() signal.Signal {
	c.count++
	at := monday.Add(time.Duration(c.random.IntN(30)) * time.Minute)
	s := signal.Signal{
		ID: fmt.Sprintf("%s-%02d", c.name, c.count), Type: signal.PageViewed, OccurredAt: at, ReceivedAt: monday.Add(time.Hour),
		Lead: map[string]string{"first_name": fmt.Sprintf("Name %d", c.count)}, Attributes: map[string]string{"url": "https://x.example/pricing"},
	}
	s.Source = []string{"crm", "app"}[c.random.IntN(2)]
	named := func(kind string, of int) string {
		return fmt.Sprintf("%s-%s%d@x.example", kind, c.name, c.random.IntN(of))
	}
	for s.Identity == (signal.Identity{}) {
		if c.random.IntN(5) < 2 {
			s.Identity.Email = named("mail", 4)
		}
		if c.random.IntN(5) < 1 {
			s.Identity.ContactID = named("contact", 3)
		}
		if c.random.IntN(5) < 1 {
			s.Identity.UserID = named("user", 3)
		}
		if c.random.IntN(5) < 3 {
			s.Identity.AnonymousID = named("browser", 4)
		}
	}
	return s
}

// people is a plain union-find over the names in signals: every name is joined
// with the one that its signal is stored under, but not through an anonymous id
// that has several people as neighbors. What was done under such an id goes to
// the earliest of them.
type people struct {
	parent map[signal.LeadKey]signal.LeadKey
}

func (p people) find(k signal.LeadKey) signal.LeadKey {
	up, ok := p.parent[k]
	if !ok || up == k {
		return k
	}
	return p.find(up)
}

func (p people) union(a, b signal.LeadKey) { p.parent[p.find(a)] = p.find(b) }

func union(signals []signal.Signal) people {
	p := people{map[signal.LeadKey]signal.LeadKey{}}
	first := map[signal.LeadKey]signal.Signal{} // with a person's name, of each anonymous id
	for _, s := range signals {
		names := s.Names()
		for _, n := range names[1:] {
			if n.Kind != signal.ByAnonymous {
				p.union(names[0].Key, n.Key)
				continue
			}
			if old, ok := first[n.Key]; !ok || cmp.Or(s.OccurredAt.Compare(old.OccurredAt), cmp.Compare(s.ID, old.ID)) < 0 {
				first[n.Key] = s
			}
		}
	}
	for anonymous, s := range first {
		p.union(anonymous, s.Names()[0].Key)
	}
	return p
}

// Whatever names come in whatever order, again and again, to functions that race:
// in the end there are the leads that a union-find over the signals makes, and
// each has the facts that its signals say.
func TestLeadsAreThoseOfAUnionFindOverTheSignals(t *testing.T) {
	tbl, compiled, makers := identityPlace(t)
	for seed := range uint64(25) {
		random := rand.New(rand.NewPCG(seed, 8))
		c := &crowd{random: random, name: fmt.Sprint(seed)}
		var signals []signal.Signal
		for range 4 + random.IntN(14) {
			signals = append(signals, c.one())
		}
		deliver(t, tbl, makers, signals, random)
		agree(t, tbl, compiled, signals, union(signals))
		if t.Failed() {
			t.Fatalf("seed %d: %d signals", seed, len(signals))
		}
	}
}

func identityPlace(t *testing.T) (*table.Table, *rules.Compiled, []*decision.Maker) {
	t.Helper()
	client, name := dynamotest.CreateTable(t)
	tbl := table.New(client, name)
	p, err := policy.Decode(policy.Default())
	if err != nil {
		t.Fatal(err)
	}
	compiled, err := rules.Compile(p, "p-identity")
	if err != nil {
		t.Fatal(err)
	}
	makers := make([]*decision.Maker, 3)
	for i := range makers {
		makers[i] = decision.New(tbl, rules.NewLoader(tbl.Policy))
	}
	return tbl, compiled, makers
}

// deliver stores signals and lets functions hear of them side by side, each in
// an order of its own and some of them twice.
func deliver(t *testing.T, tbl *table.Table, makers []*decision.Maker, signals []signal.Signal, random *rand.Rand) {
	t.Helper()
	turns := make([][]signal.Signal, len(makers))
	for i := range signals {
		some := random.Perm(len(makers))[:1+random.IntN(min(2, len(makers)))]
		for _, m := range some {
			turns[m] = append(turns[m], signals[i])
		}
	}
	var g errgroup.Group
	for i, m := range makers {
		random.Shuffle(len(turns[i]), func(a, b int) { turns[i][a], turns[i][b] = turns[i][b], turns[i][a] })
		g.Go(func() error { return takeTurns(t.Context(), tbl, m, turns[i]) })
	}
	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}
}

func takeTurns(ctx context.Context, tbl *table.Table, m *decision.Maker, signals []signal.Signal) error {
	for _, s := range signals {
		if _, err := tbl.PutSignal(ctx, s); err != nil {
			return err
		}
		if err := hears(ctx, m, s); err != nil {
			return err
		}
	}
	return nil
}

// hears has a function decide about a signal, and try again as the stream does.
func hears(ctx context.Context, m *decision.Maker, s signal.Signal) error {
	k, err := s.LeadKey()
	if err != nil {
		return err
	}
	for range 5 {
		if _, err = m.Apply(ctx, k, []signal.Signal{s}, monday.Add(2*time.Hour)); fault.KindOf(err) != fault.Conflict || err == nil {
			return err
		}
	}
	return err
}

// agree compares what is stored with what the union-find says.
func agree(t *testing.T, tbl *table.Table, compiled *rules.Compiled, signals []signal.Signal, p people) {
	t.Helper()
	roots, of := map[signal.LeadKey]*lead.Lead{}, map[signal.LeadKey][]signal.Signal{}
	for _, s := range signals {
		home := s.Names()[0].Key
		of[p.find(home)] = append(of[p.find(home)], s)
		for _, n := range s.Names() {
			l, err := tbl.Lead(t.Context(), n.Key)
			if err != nil {
				t.Errorf("%s %s of %s: %v", n.Kind, n.Key, s.ID, err)
				return
			}
			if old := roots[p.find(n.Key)]; old != nil && old.Key != l.Key {
				t.Errorf("%s of %s is of the lead %s, and not of %s", n.Kind, s.ID, l.Key, old.Key)
			}
			roots[p.find(n.Key)] = l
		}
	}
	factsAgree(t, tbl, compiled, roots, of)
}

// factsAgree compares the facts of leads with what their signals say.
func factsAgree(t *testing.T, tbl *table.Table, compiled *rules.Compiled, roots map[signal.LeadKey]*lead.Lead, of map[signal.LeadKey][]signal.Signal) {
	t.Helper()
	if different := slices.Compact(slices.Sorted(maps.Values(mapped(roots)))); len(different) != len(roots) {
		t.Errorf("%d leads, and not %d", len(different), len(roots))
	}
	for root, l := range roots {
		of[root] = append(of[root], orderedAbout(t, tbl, l)...)
		want, err := scoring.Of(compiled, of[root], l.UpdatedAt)
		if err != nil {
			t.Fatal(err)
		}
		if diff := gocmp.Diff(want, l.Facts); diff != "" {
			t.Errorf("the facts of %s (-signals +stored):\n%s", l.Key, diff)
		}
	}
}

// orderedAbout are the orders that are stored under a lead's names.
func orderedAbout(t *testing.T, tbl *table.Table, l *lead.Lead) (all []signal.Signal) {
	t.Helper()
	for _, k := range l.Keys() {
		some, err := tbl.Signals(t.Context(), k)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, slices.DeleteFunc(some, func(s signal.Signal) bool { return s.Source != decision.Operator })...)
	}
	return all
}

func mapped(leads map[signal.LeadKey]*lead.Lead) map[signal.LeadKey]signal.LeadKey {
	keys := map[signal.LeadKey]signal.LeadKey{}
	for k, l := range leads {
		keys[k] = l.Key
	}
	return keys
}

// person makes signals of somebody who has an address, a contact id and a
// browser of their own, and now and then asks for a demo.
func (c *crowd) person(i int) signal.Signal {
	s := c.one()
	name := fmt.Sprintf("%s-%d", c.name, i)
	s.Source, s.Identity = "crm", signal.Identity{Email: name + "@" + name + ".example", ContactID: name, AnonymousID: name}
	switch c.random.IntN(3) {
	case 0:
		s.Identity.Email = ""
	case 1:
		s.Identity = signal.Identity{Email: s.Identity.Email}
	}
	s.ReceivedAt = s.OccurredAt
	if c.random.IntN(4) == 0 {
		s.Type, s.Attributes = signal.FormSubmitted, map[string]string{"form": "Request a demo"}
	}
	return s
}

// introduce makes the first signal of each of so many people, with all their names.
func (c *crowd) introduce(persons int) (keys []signal.LeadKey, all []signal.Signal) {
	for i := range persons {
		s := c.person(i)
		name := fmt.Sprintf("%s-%d", c.name, i)
		s.Identity = signal.Identity{Email: name + "@" + name + ".example", ContactID: name, AnonymousID: name}
		keys, all = append(keys, s.Names()[0].Key), append(all, s)
	}
	return keys, all
}

// tells makes further signals of so many people.
func (c *crowd) tells(persons int) (all []signal.Signal) {
	for i := range persons {
		for range c.random.IntN(3) {
			all = append(all, c.person(i))
		}
	}
	return all
}

// Whatever people are said to be one, and said not to be in whatever order: in the
// end each has the facts that their signals say, a lead has one holder at most,
// and the pool counts exactly the leads that somebody has.
func TestAMergeThatIsTakenBackGivesTheFactsBack(t *testing.T) {
	tbl, compiled, makers := identityPlace(t)
	var everybody []signal.LeadKey
	for seed := range uint64(12) {
		random := rand.New(rand.NewPCG(seed, 9))
		c := &crowd{random: random, name: fmt.Sprint("p", seed)}
		keys, signals := c.introduce(3)
		deliver(t, tbl, makers[:1], signals, random)
		for range 7 {
			more := c.tells(len(keys))
			signals = append(signals, more...)
			deliver(t, tbl, makers[:2], more, random)
			shuffleOrders(t, tbl, makers[0], keys, random)
		}
		separate(t, tbl, makers[0], keys)
		agree(t, tbl, compiled, signals, union(signals))
		everybody = append(everybody, keys...)
		openLeadsAgree(t, tbl, everybody)
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}

// shuffleOrders has somebody say that two people are one, or take it back.
func shuffleOrders(t *testing.T, tbl *table.Table, m *decision.Maker, keys []signal.LeadKey, random *rand.Rand) {
	t.Helper()
	two := random.Perm(len(keys))
	a, b := leadOf(t, tbl, keys[two[0]]), leadOf(t, tbl, keys[two[1]])
	o := decision.Order{Type: signal.OrderMerge, With: b.Key, Reason: "the same person", By: "Morgan Hale"}
	switch {
	case a.Key != b.Key:
	case len(a.Merges) > 0:
		o.Type, o.With = signal.OrderSplit, a.Merges[random.IntN(len(a.Merges))].From
	default:
		return
	}
	orders(t, tbl, m, a, o)
}

// separate takes all merges back that somebody ordered.
func separate(t *testing.T, tbl *table.Table, m *decision.Maker, keys []signal.LeadKey) {
	t.Helper()
	for range 20 {
		again := false
		for _, k := range keys {
			l := leadOf(t, tbl, k)
			if i := slices.IndexFunc(l.Merges, func(m lead.Merge) bool { return m.By == "order" }); i >= 0 {
				again = true
				orders(t, tbl, m, l, decision.Order{Type: signal.OrderSplit, With: l.Merges[i].From, Reason: "two people", By: "Morgan Hale"})
			}
		}
		if !again {
			return
		}
	}
	t.Fatal("merges are left that cannot be taken back")
}

func orders(t *testing.T, tbl *table.Table, m *decision.Maker, l *lead.Lead, o decision.Order) {
	t.Helper()
	at := l.UpdatedAt.Add(time.Second)
	s, err := decision.OrderFor(l, o, at)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tbl.PutSignalFor(t.Context(), l.Key, s); err != nil {
		t.Fatal(err)
	}
	for range 2 { // an order that is heard twice orders nothing more
		if _, err := m.Apply(t.Context(), l.Key, []signal.Signal{s}, at); err != nil {
			t.Fatal(err)
		}
	}
	after := leadOf(t, tbl, l.Key)
	if one := after.Has(o.With); one != (o.Type == signal.OrderMerge) {
		t.Fatalf("after %s of %s with %s they are one: %t", o.Type, l.Key, o.With, one)
	}
}

func leadOf(t *testing.T, tbl *table.Table, k signal.LeadKey) *lead.Lead {
	t.Helper()
	l, err := tbl.Lead(t.Context(), k)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// openLeadsAgree compares what the pool counts with who has what.
func openLeadsAgree(t *testing.T, tbl *table.Table, keys []signal.LeadKey) {
	t.Helper()
	has := map[string]int64{}
	seen := map[signal.LeadKey]bool{}
	held := 0
	for _, k := range keys {
		l := leadOf(t, tbl, k)
		if seen[l.Key] {
			continue
		}
		seen[l.Key] = true
		if h := l.Journey.Holder(); h != nil && len(h.Counted) > 0 {
			has[h.Rep]++
		}
		if l.Journey.Held != nil {
			held++
		}
	}
	pool, err := tbl.Pool(t.Context(), "sales")
	if err != nil {
		t.Fatal(err)
	}
	for id, r := range pool.Reps {
		if r.Open[""] != has[id] {
			t.Errorf("the pool counts %d open leads of %s, who has %d", r.Open[""], id, has[id])
		}
	}
	if int(pool.Held) != held {
		t.Errorf("the pool counts %d held leads of %d", pool.Held, held)
	}
}
