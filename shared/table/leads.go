package table

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"golang.org/x/sync/errgroup"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/find"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/signal"
)

const (
	leadsLimit = 50 // a page of leads, unless a query says otherwise
	daysAPage  = 31 // how many days one page looks through at the most

	// MostLeads is how many leads one page has at most.
	MostLeads = 500

	// MostEntries is how many entries of an index one page of leads looks
	// through before it says how far it came, give or take one for each partition.
	MostEntries = 2_000
	// MostRead is how many leads it reads at the most.
	MostRead = 1_000
	// entriesAQuery is how many entries of one partition are asked for at once.
	entriesAQuery = 250

	batches = 4 // of leads that are asked for at once
)

// LeadsQuery asks for a page of leads.
type LeadsQuery struct {
	// Filter names the list and what it is narrowed to. The index leaves out what
	// it can; Match decides.
	Filter find.Filter
	// Pools are the only ones that leads are shown of, beside those that are in
	// none yet; nil is every pool.
	Pools  []string
	Queues []string              // the pools whose queues find.Waiting and find.Incomplete read
	Match  func(*lead.Lead) bool // nil: what the filter says without scores
	Cursor string                // Next of the page before
	Limit  int                   // 1 to 500; 0 is 50
	Now    time.Time
}

// LeadsPage is one page, and how it was found. Next is "" on the last one; a
// page may be empty and still have a next one, when what one page may look
// through was too little.
type LeadsPage struct {
	Leads   []*lead.Lead
	Next    string
	Matched int       // leads that matched, those of the pages before included
	From    time.Time // of a list by days: the UTC days looked through, from the first page on; zero when none was
	To      time.Time
	Entries int // of the index, that this page looked at
	Read    int // leads, that this page read
}

// Leads lists leads. All leads come by the time at which they became known,
// the newest first; those that wait or may come again come in the order in
// which they do, and the nearly qualified ones the latest first. What it reads
// is bounded by MostEntries and MostRead, however many leads there are. The
// indexes are eventually consistent; the leads that are returned match. Leads
// that were written last before their origin was kept have none until they
// change. Kind: Invalid for a cursor that is none of ours.
func (t *Table) Leads(ctx context.Context, q LeadsQuery) (LeadsPage, error) {
	if q.Limit < 1 {
		q.Limit = leadsLimit
	}
	q.Limit = min(q.Limit, MostLeads)
	if q.Match == nil {
		q.Match = func(l *lead.Lead) bool { return q.Filter.Match(l, q.Now) }
	}
	c, err := parseListCursor(q.Cursor)
	if err != nil {
		return LeadsPage{}, err
	}
	w := &walk{table: t, desc: true, left: MostEntries}
	switch q.Filter.List {
	case find.Waiting:
		w.index, w.desc = ownerIndex(), false
		for _, pool := range slices.Sorted(slices.Values(q.Queues)) { // the cursor tells them by their order alone
			w.parts = append(w.parts, queueOwner(pool))
		}
	case find.Incomplete:
		w.index, w.desc = ownerIndex(), false
		for _, pool := range slices.Sorted(slices.Values(q.Queues)) {
			w.parts = append(w.parts, incompleteOwner(pool))
		}
	case find.Again:
		w.index, w.desc, w.upTo = ownerIndex(), false, formatTime(q.Now)
		w.parts = asideOwners(againOwner)
	case find.Nearly:
		w.index, w.parts = ownerIndex(), asideOwners(nearOwner)
	case find.All:
		if q.Filter.Holder != "" {
			w.index, w.desc, w.parts = ownerIndex(), false, []string{q.Filter.Holder}
			break
		}
		return t.leadsByDay(ctx, q, w, c)
	}
	if err := w.start(c.Lanes); err != nil {
		return LeadsPage{}, err
	}
	return t.fill(ctx, q, w, c)
}

func asideOwners(of func(int) string) []string {
	all := make([]string, asideShards)
	for n := range all {
		all[n] = of(n)
	}
	return all
}

// leadsByDay walks through the cohorts, the newest day first.
func (t *Table) leadsByDay(ctx context.Context, q LeadsQuery, w *walk, c listCursor) (LeadsPage, error) {
	oldest, err := t.firstDay(ctx)
	if fault.KindOf(err) == fault.NotFound {
		return LeadsPage{}, nil
	}
	if err != nil {
		return LeadsPage{}, err
	}
	first, err := time.Parse(time.DateOnly, oldest)
	if err != nil {
		return LeadsPage{}, fault.Wrap(fault.Internal, "read the first day", err)
	}
	from, to := q.Filter.Window(q.Now)
	if today := q.Now.UTC().Truncate(24 * time.Hour); to.IsZero() || to.After(today) {
		to = today
	}
	if from.Before(first) {
		from = first
	}
	w.index, w.day, w.last, w.days = cohortIndex(), to, from, daysAPage
	if c.Day != "" {
		if w.day, err = time.Parse(time.DateOnly, c.Day); err != nil {
			return LeadsPage{}, strangeCursor()
		}
	} else {
		c.First = to.Format(time.DateOnly)
	}
	if w.day.Before(from) {
		return LeadsPage{}, nil
	}
	w.parts, w.filter = cohortParts(w.day), q.indexFilter()
	if err := w.start(c.Lanes); err != nil {
		return LeadsPage{}, err
	}
	page, err := t.fill(ctx, q, w, c)
	page.To = to
	if first, broken := time.Parse(time.DateOnly, c.First); broken == nil {
		page.To = first
	}
	return page, err
}

func cohortParts(day time.Time) []string {
	parts := make([]string, cohortShards)
	for n := range parts {
		parts[n] = cohortPartition(day, n)
	}
	return parts
}

// fill reads the leads that the walk comes by until the page is full, the walk
// is at its end, or enough was read. A walk by days goes from the newest day on
// to the one that the page ends with.
func (t *Table) fill(ctx context.Context, q LeadsQuery, w *walk, c listCursor) (LeadsPage, error) {
	page := LeadsPage{}
	if w.filter == nil && q.told(w) {
		w.chunk = min(q.Limit, entriesAQuery)
	}
	place, end := w.place(), false
	for len(page.Leads) < q.Limit {
		some, err := w.take(ctx, q.want(page, w))
		if err != nil {
			return page, err
		}
		place, end = w.place(), w.ended()
		if len(some) == 0 {
			break
		}
		leads, err := t.leadMap(ctx, some)
		if err != nil {
			return page, err
		}
		page.Read += len(some)
		if used := page.add(q, some, leads); used < len(some) {
			place, end = some[used-1].then, false
		}
	}
	page.Entries, page.Matched = w.looked, c.Matched+len(page.Leads)
	if page.From = w.last; !end {
		page.From = place.day()
		place.Matched, place.First = page.Matched, c.First
		page.Next = encodeCursor(place)
	}
	return page, nil
}

// add puts the leads that match on the page until it is full, and returns how
// many steps of the walk it has used for that.
func (p *LeadsPage) add(q LeadsQuery, some []step, leads map[signal.LeadKey]*lead.Lead) (used int) {
	for i, s := range some {
		if l := leads[s.key]; l != nil && q.Match(l) {
			p.Leads = append(p.Leads, l)
		}
		if len(p.Leads) == q.Limit {
			return i + 1
		}
	}
	return len(some)
}

// told tells whether the index tells which leads match: those that it holds
// beside its keys, or all of the list.
func (q LeadsQuery) told(w *walk) bool {
	return !q.Filter.Loose() && (w.byDay() || len(q.Filter.Query()) == 1)
}

// want is how many leads to read next: no more than the page takes, where the
// index tells which ones match.
func (q LeadsQuery) want(p LeadsPage, w *walk) int {
	n := min(batches*mostInBatch, MostRead-p.Read)
	if q.told(w) {
		n = min(n, q.Limit-len(p.Leads))
	}
	return n
}

// markFirstDay stores the day of the first lead ever, where listings end. A
// process tries once; what is stored stays.
func (t *Table) markFirstDay(ctx context.Context, day time.Time) error {
	if t.started.Load() {
		return nil
	}
	it := firstDayKey().item()
	it["day"] = text(day.UTC().Format(time.DateOnly))
	_, err := t.client.PutItem(ctx, &dynamodb.PutItemInput{
		TableName: &t.name, Item: it, ConditionExpression: aws.String("attribute_not_exists(pk)"),
	})
	err = translate("mark first day", err)
	if err != nil && fault.KindOf(err) != fault.Conflict {
		return err
	}
	t.started.Store(true)
	return nil
}

// firstDay returns the day of the first lead ever. Kind: NotFound when there is none.
func (t *Table) firstDay(ctx context.Context) (string, error) {
	it, err := t.get(ctx, firstDayKey())
	return textOf(it, "day"), err
}

// LeadsOf reads leads in the order of keys, eventually consistently. A key
// that no lead has is left out.
func (t *Table) LeadsOf(ctx context.Context, keys []signal.LeadKey) ([]*lead.Lead, error) {
	leads := make([]*lead.Lead, 0, len(keys))
	for some := range slices.Chunk(keys, mostInBatch) {
		found, err := t.leadsByKey(ctx, some)
		if err != nil {
			return nil, err
		}
		for _, k := range some {
			if l := found[k]; l != nil {
				leads = append(leads, l)
			}
		}
	}
	return leads, nil
}

// leadsByKey reads at most mostInBatch leads.
func (t *Table) leadsByKey(ctx context.Context, keys []signal.LeadKey) (map[signal.LeadKey]*lead.Lead, error) {
	found := make(map[signal.LeadKey]*lead.Lead, len(keys))
	return found, t.getAll(ctx, "get leads", types.KeysAndAttributes{Keys: itemKeys(keys, leadItemKey)}, func(it item) error {
		if !isLead(it) {
			return nil // it has become part of another one since the index was read
		}
		l, err := leadOf(it)
		if err == nil {
			found[l.Key] = l
		}
		return err
	})
}

// leadMap reads the leads that a walk came by, a few batches at once.
func (t *Table) leadMap(ctx context.Context, some []step) (map[signal.LeadKey]*lead.Lead, error) {
	keys := make([]signal.LeadKey, len(some))
	for i, s := range some {
		keys[i] = s.key
	}
	parts := slices.Collect(slices.Chunk(keys, mostInBatch))
	found := make([]map[signal.LeadKey]*lead.Lead, len(parts))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(batches)
	for i, part := range parts {
		g.Go(func() error {
			var err error
			found[i], err = t.leadsByKey(ctx, part)
			return err
		})
	}
	err := g.Wait()
	all := make(map[signal.LeadKey]*lead.Lead, len(keys))
	for _, f := range found {
		maps.Copy(all, f)
	}
	return all, err
}

func formatCursor(version int64) string { return strconv.FormatInt(version, 36) }

func parseCursor(cursor string) (int64, error) {
	v, err := strconv.ParseInt(cursor, 36, 64)
	if err != nil || v < 1 {
		return 0, strangeCursor()
	}
	return v, nil
}
