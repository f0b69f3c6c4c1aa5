package main

import (
	"cmp"
	"context"
	"maps"
	"net/http"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/handoff-oss/handoff/shared/access"
	"github.com/handoff-oss/handoff/shared/answer"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/page"
	"github.com/handoff-oss/handoff/shared/signal"
	"github.com/handoff-oss/handoff/shared/table"
	"github.com/handoff-oss/handoff/shared/view"
	"github.com/handoff-oss/handoff/shared/web"
)

// soon is how much of the hours that a clock counts is left of a promise that
// is due soon.
const soon = 2 * time.Hour

// mostRows is how many leads a part of the page shows.
const mostRows = 50

// boardAnswer is the answer of GET /api/board?pool=: the open leads of the pools
// that the person manages, by what they ask for.
type boardAnswer struct {
	AsOf    time.Time  `json:"as_of"`
	Pools   []string   `json:"pools"`     // that the person manages
	Pool    string     `json:"pool"`      // that alone is shown, "" for all
	Overdue []boardRow `json:"overdue"`   // a promise was missed and not kept since; the longest first
	Soon    []boardRow `json:"due_soon"`  // a promise is due within two hours of its clock, the next first
	Decide  []boardRow `json:"to_decide"` // to confirm, or given back and with nobody: only a person says what becomes of it
	Held    []boardRow `json:"held"`      // wait for somebody, by pool, the oldest first
	// Incomplete are ready and lack what sales needs, by pool, the oldest first.
	Incomplete []boardRow `json:"incomplete"`
	Reps       []repRow   `json:"reps"`
	OpenLeads  int        `json:"open_leads"`
}

// boardRow is an open lead.
type boardRow struct {
	Key     signal.LeadKey `json:"key"`
	Name    string         `json:"name"`
	Company string         `json:"company"`
	Stage   string         `json:"stage"`
	Pool    string         `json:"pool"`
	Holder  *view.Holder   `json:"holder"`
	Since   time.Time      `json:"since"` // since when it is where it is
	Why     string         `json:"why"`   // why it is there, or what it waits for
	Due     *due           `json:"due"`   // the promise that the row is about
	Until   *time.Time     `json:"until"` // of a lead that is held back
	Orders  []string       `json:"orders"`
	Data    bool           `json:"data,omitempty"` // it waits for data

	offers []view.Order
}

// repRow is how one rep stands.
type repRow struct {
	Rep     string     `json:"rep"`
	Name    string     `json:"name"`
	Pools   []string   `json:"pools"`
	Open    int        `json:"open"`
	Overdue int        `json:"overdue"`
	Soon    int        `json:"due_soon"`
	Oldest  *time.Time `json:"oldest"` // since when the rep has the lead that they have longest
}

// board answers GET /api/board. It reads the owner index for each rep and each
// pool that is shown, and the leads that stand there: what is open, however many
// leads there ever were.
func (h *handler) board(ctx context.Context, r *web.Request) (boardAnswer, error) {
	out := boardAnswer{
		AsOf: r.Now.UTC(), Pool: r.Query.Get("pool"), Pools: []string{},
		Overdue: []boardRow{}, Soon: []boardRow{}, Decide: []boardRow{}, Held: []boardRow{}, Incomplete: []boardRow{}, Reps: []repRow{},
	}
	book, err := h.book(ctx, r.Now)
	if err != nil {
		return out, err
	}
	for _, pool := range slices.Sorted(maps.Keys(book.Routing.Pools)) {
		if r.Who.Manages(pool) {
			out.Pools = append(out.Pools, pool)
		}
	}
	shown := out.Pools
	if out.Pool != "" {
		if !slices.Contains(out.Pools, out.Pool) {
			return out, web.Problemf(http.StatusForbidden, "forbidden", "You do not manage a pool of that name. Choose one of the board's list.")
		}
		shown = []string{out.Pool}
	}
	b := &boarding{boardAnswer: &out, who: r.Who, book: book, now: r.Now, reps: repsOf(book, shown), shown: shown}
	keys, err := h.open(ctx, b)
	if err != nil {
		return out, err
	}
	leads, err := h.table.LeadsOf(ctx, keys)
	if err != nil {
		return out, err
	}
	for _, l := range leads {
		b.add(l)
	}
	b.finish()
	return out, nil
}

// boarding fills the board.
type boarding struct {
	*boardAnswer
	who   access.Person
	book  *answer.Book
	now   time.Time
	shown []string // pools
	reps  map[string]*repRow
}

// repsOf are the reps of some pools.
func repsOf(book *answer.Book, pools []string) map[string]*repRow {
	all := map[string]*repRow{}
	for _, pool := range pools {
		for _, r := range book.Routing.Pools[pool].Reps {
			if all[r.ID] == nil {
				all[r.ID] = &repRow{Rep: r.ID, Name: r.Name}
			}
			all[r.ID].Pools = append(all[r.ID].Pools, pool)
		}
	}
	return all
}

// open reads the keys of the leads that somebody of the pools has, or that wait
// for one of the pools, each once.
func (h *handler) open(ctx context.Context, b *boarding) ([]signal.LeadKey, error) {
	var reads []func(context.Context) ([]signal.LeadKey, error)
	roster, err := h.table.Roster(ctx)
	if err != nil {
		return nil, err
	}
	ids := map[string]bool{} // also of those who are elsewhere now, and may have leads still
	for rep := range b.reps {
		ids[rep] = true
	}
	for rep, entry := range roster.Reps {
		if entry.Gone || entry.Pools != nil {
			ids[rep] = true
		}
	}
	for rep := range ids {
		reads = append(reads, func(ctx context.Context) ([]signal.LeadKey, error) { return h.table.HeldBy(ctx, rep) })
	}
	for _, pool := range b.shown {
		reads = append(reads,
			func(ctx context.Context) ([]signal.LeadKey, error) { return waiting(h.table.Queue(ctx, pool)) },
			func(ctx context.Context) ([]signal.LeadKey, error) { return waiting(h.table.Suggested(ctx, pool)) },
			func(ctx context.Context) ([]signal.LeadKey, error) { return waiting(h.table.Incomplete(ctx, pool)) },
			func(ctx context.Context) ([]signal.LeadKey, error) { return h.table.Undecided(ctx, pool) })
	}
	found := make([][]signal.LeadKey, len(reads))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(atOnce)
	for i, read := range reads {
		g.Go(func() (err error) {
			found[i], err = read(ctx)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	all := slices.Concat(found...)
	slices.Sort(all)
	return slices.Compact(all), nil
}

func waiting(all []table.Waiting, err error) ([]signal.LeadKey, error) {
	keys := make([]signal.LeadKey, len(all))
	for i, w := range all {
		keys[i] = w.Lead
	}
	return keys, err
}

// add puts a lead where it belongs, as it is by now. A lead of a rep in a pool
// that is not shown is another manager's.
func (b *boarding) add(l *lead.Lead) {
	j := l.Journey
	_, pool := j.Whose()
	if !slices.Contains(b.shown, pool) {
		return
	}
	row := b.row(l)
	h := j.Holder()
	switch {
	case j.Held != nil:
		row.Since, row.Until, row.Why = j.Held.Waits.UTC(), view.OrNil(j.Held.Until), heldWhy(j)
		b.Held = append(b.Held, row)
	case j.Incomplete != nil:
		row.Since, row.Why, row.Data = j.Incomplete.Waits.UTC(), page.Sentence(j.Incomplete.Words()), true
		b.Incomplete = append(b.Incomplete, row)
	case j.Suggested != nil:
		row.Since, row.Why = j.Suggested.Since.UTC(), suggestedWhy(j)
		b.Decide = append(b.Decide, row)
	case h == nil && j.Handoff != nil && j.Stage == lead.Qualified:
		row.Since = latest(j.Handoff.AnsweredAt, j.Handoff.TakenAt).UTC()
		row.Why = cmp.Or(j.Handoff.RepName, j.Handoff.Rep) + " gave it back, and nobody is left by the rules"
		b.Decide = append(b.Decide, row)
	case h == nil:
		return
	}
	b.OpenLeads++
	rep := b.count(j)
	missed, next := b.promises(l)
	switch {
	case missed != nil:
		row.Due = missed
		b.Overdue = append(b.Overdue, row)
		rep.Overdue++
	case next != nil:
		row.Due = next
		b.Soon = append(b.Soon, row)
		rep.Soon++
	}
}

// count counts a lead for its holder, if it has one.
func (b *boarding) count(j lead.Journey) *repRow {
	h := j.Holder()
	if h == nil {
		return &repRow{}
	}
	if b.reps[h.Rep] == nil { // who has left, or is in another pool now
		b.reps[h.Rep] = &repRow{Rep: h.Rep, Name: cmp.Or(h.RepName, h.Rep), Pools: []string{}}
	}
	row := b.reps[h.Rep]
	row.Open++
	if row.Oldest == nil || h.Since.Before(*row.Oldest) {
		row.Oldest = view.OrNil(h.Since)
	}
	return row
}

func (b *boarding) row(l *lead.Lead) boardRow {
	named := leadOf(l)
	row := boardRow{
		Key: l.Key, Name: named.Name, Company: named.Company, Stage: named.Stage, Pool: named.Pool, Orders: []string{},
		offers: view.OrdersFor(l.Journey, b.now),
	}
	for _, o := range row.offers {
		row.Orders = append(row.Orders, o.Name)
	}
	if h := l.Journey.Holder(); h != nil {
		row.Holder = &view.Holder{Rep: h.Rep, Name: cmp.Or(h.RepName, h.Rep)}
		row.Since, row.Why = h.Since.UTC(), page.Short(160, page.Sentence(h.Reason))
	}
	return row
}

// promises finds the promise that was missed longest ago and not kept since, and
// the one that is due first within two hours of its clock.
func (b *boarding) promises(l *lead.Lead) (missed, next *due) {
	j := l.Journey
	rep := ""
	if h := j.Holder(); h != nil {
		rep = h.Rep
	}
	_, pool := j.Whose()
	terms := answer.TermsOf(b.book, pool, rep)
	for _, c := range j.Clocks {
		if c.Past || c.Scope == lead.HolderScope && (rep == "" || c.Handoff != j.Handoff.Number) {
			continue
		}
		late := c.State == lead.Breached && c.ActedAt.IsZero() || c.State == lead.Running && c.DueAt.Before(b.now)
		if !late && c.State != lead.Running {
			continue // its hours need not be counted
		}
		d := &due{Kind: c.Kind, Promise: view.ClockOf(c, b.book.Policy).Promise(), At: c.DueAt.UTC(), Breached: late, countdown: countdownOf(terms, c, b.now)}
		switch {
		case late:
			missed = sooner(missed, d)
		case d.countdown.left <= soon:
			next = sooner(next, d)
		}
	}
	return missed, next
}

func sooner(a, b *due) *due {
	if a == nil || b.At.Before(a.At) {
		return b
	}
	return a
}

func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

func heldWhy(j lead.Journey) string {
	if j.Held.Until.IsZero() {
		return "Waits for somebody of the pool who is on duty and has room"
	}
	if last := j.Orders.Last; last != nil && last.Type == signal.OrderHold {
		return "Held back by " + last.By
	}
	return "Held back by order"
}

func suggestedWhy(j lead.Journey) string {
	s := j.Suggested
	if s.Rep == "" {
		return "Suggested; nobody could receive it when it was"
	}
	return "Suggested for " + cmp.Or(s.RepName, s.Rep) + ", and waits to be confirmed"
}

// finish sorts what was put, and lists the reps.
func (b *boarding) finish() {
	byDue := func(a, b boardRow) int { return cmp.Or(a.Due.At.Compare(b.Due.At), cmp.Compare(a.Key, b.Key)) }
	bySince := func(a, b boardRow) int {
		return cmp.Or(cmp.Compare(a.Pool, b.Pool), a.Since.Compare(b.Since), cmp.Compare(a.Key, b.Key))
	}
	slices.SortFunc(b.Overdue, byDue)
	slices.SortFunc(b.Soon, byDue)
	slices.SortFunc(b.Held, bySince)
	slices.SortFunc(b.Decide, bySince)
	slices.SortFunc(b.Incomplete, bySince)
	for _, id := range slices.Sorted(maps.Keys(b.reps)) {
		b.Reps = append(b.Reps, *b.reps[id])
	}
	slices.SortStableFunc(b.Reps, func(a, b repRow) int {
		return cmp.Or(cmp.Compare(b.Overdue, a.Overdue), cmp.Compare(b.Open, a.Open), cmp.Compare(a.Name, b.Name))
	})
}
