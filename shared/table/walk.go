package table

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"golang.org/x/sync/errgroup"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/find"
	"github.com/handoff-oss/handoff/shared/signal"
)

// index is one of the table's indexes that holds leads.
type index struct{ name, partition, sort string }

func ownerIndex() index  { return index{indexOwner, attrOwner, attrOwnerSort} }
func cohortIndex() index { return index{indexCohort, attrCohort, attrCohortSort} }

// walk goes through some partitions of an index as if they were one, in the
// order of their sort keys, and can go on later from where it was.
type walk struct {
	table  *Table
	index  index
	parts  []string
	desc   bool
	upTo   string       // the last sort key; "" is no bound
	filter *indexFilter // nil: none
	chunk  int          // entries of one query; 0 is entriesAQuery
	left   int          // entries that may be looked at yet
	looked int
	lanes  []lane
	// A walk by days goes on to the day before, down to the last one, through so many days.
	day, last time.Time
	days      int
}

// lane is one partition. What was read ahead waits in ahead.
type lane struct {
	part   string
	at     string // behind the last entry that was taken: its sort key and lead; "" at the beginning, laneEnd at the end
	ahead  []laneEntry
	beyond string // behind what was read ahead
}

const laneEnd = "-"

type laneEntry struct {
	sort string
	key  signal.LeadKey
}

func (e laneEntry) place() string { return e.sort + "|" + string(e.key) }

// step is a lead that the walk came by, and the place behind it.
type step struct {
	key  signal.LeadKey
	then listCursor
}

// listCursor is a place in a list, for the address of the next page.
type listCursor struct {
	Day     string   `json:"d,omitempty"`
	Lanes   []string `json:"l,omitempty"` // by partition, as in lane.at
	First   string   `json:"f,omitempty"` // the day that the first page began with
	Matched int      `json:"n,omitempty"` // on the pages before
}

func (c listCursor) day() time.Time {
	t, err := time.Parse(time.DateOnly, c.Day)
	if err != nil {
		return time.Time{} // no list by days
	}
	return t
}

func encodeCursor(c listCursor) string {
	b, err := json.Marshal(c)
	if err != nil {
		return ""
	}
	return base64.RawURLEncoding.EncodeToString(b)
}

func strangeCursor() error { return fault.New(fault.Invalid, "the cursor is not one of this list") }

func parseListCursor(s string) (listCursor, error) {
	var c listCursor
	if s == "" {
		return c, nil
	}
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil || json.Unmarshal(b, &c) != nil || c.Matched < 0 {
		return c, strangeCursor()
	}
	return c, nil
}

func (w *walk) byDay() bool { return !w.day.IsZero() }

// start puts the walk at a place; nil is the beginning. Kind: Invalid.
func (w *walk) start(lanes []string) error {
	if lanes != nil && len(lanes) != len(w.parts) {
		return strangeCursor()
	}
	w.lanes = make([]lane, len(w.parts))
	for i, part := range w.parts {
		w.lanes[i].part = part
		if lanes == nil {
			continue
		}
		if _, ok := w.lanes[i].startKey(w.index, lanes[i]); !ok && lanes[i] != "" && lanes[i] != laneEnd {
			return strangeCursor()
		}
		w.lanes[i].at = lanes[i]
	}
	return nil
}

// startKey is the key of the entry that a place is behind.
func (l lane) startKey(x index, place string) (item, bool) {
	sort, key, _ := strings.Cut(place, "|")
	k, ok := signal.ParseKey(key)
	if _, err := time.Parse(timeKey, sort); err != nil || !ok {
		return nil, false
	}
	it := leadItemKey(k).item()
	it[x.partition], it[x.sort] = text(l.part), text(sort)
	return it, true
}

// place is where the walk is now.
func (w *walk) place() listCursor {
	c := listCursor{Lanes: make([]string, len(w.lanes))}
	if w.byDay() {
		c.Day = w.day.Format(time.DateOnly)
	}
	for i, l := range w.lanes {
		c.Lanes[i] = l.at
	}
	return c
}

// ended tells whether nothing is left to come by.
func (w *walk) ended() bool { return w.dayEnded() && (!w.byDay() || !w.day.After(w.last)) }

func (w *walk) dayEnded() bool {
	return !slices.ContainsFunc(w.lanes, func(l lane) bool { return l.at != laneEnd })
}

// take goes on by up to n leads. It comes by fewer at the end, or when as much
// was looked through as may be.
func (w *walk) take(ctx context.Context, n int) ([]step, error) {
	var some []step
	for len(some) < n {
		ready, err := w.lookAhead(ctx)
		if err != nil || !ready {
			return some, err
		}
		l := w.nearest()
		k := l.ahead[0].key
		l.pop()
		some = append(some, step{k, w.place()})
	}
	return some, nil
}

// lookAhead reads on until each lane has an entry ahead or is at its end, and
// one has. It is false when there is none, or enough was looked through.
func (w *walk) lookAhead(ctx context.Context) (bool, error) {
	for {
		empty, some := w.empty()
		switch {
		case len(empty) == 0 && some:
			return true, nil
		case len(empty) == 0:
			if !w.dayBefore() {
				return false, nil
			}
		case w.left <= 0:
			return false, nil
		default:
			if err := w.read(ctx, empty); err != nil {
				return false, err
			}
		}
	}
}

// empty returns the lanes that must be read on, and whether another one has an
// entry ahead.
func (w *walk) empty() (lanes []*lane, some bool) {
	for i := range w.lanes {
		if l := &w.lanes[i]; len(l.ahead) > 0 {
			some = true
		} else if l.at != laneEnd {
			lanes = append(lanes, l)
		}
	}
	return lanes, some
}

// dayBefore goes on to the day before. It is false when there is none to go to.
func (w *walk) dayBefore() bool {
	if w.ended() || w.days <= 1 {
		return false
	}
	w.days--
	w.day = w.day.AddDate(0, 0, -1)
	w.parts = cohortParts(w.day)
	return w.start(nil) == nil
}

// nearest is the lane whose entry comes next.
func (w *walk) nearest() *lane {
	var best *lane
	for i := range w.lanes {
		l := &w.lanes[i]
		if len(l.ahead) == 0 {
			continue
		}
		if best == nil || w.desc && l.ahead[0].sort > best.ahead[0].sort || !w.desc && l.ahead[0].sort < best.ahead[0].sort {
			best = l
		}
	}
	return best
}

func (l *lane) pop() {
	l.at, l.ahead = l.ahead[0].place(), l.ahead[1:]
	if len(l.ahead) == 0 {
		l.at = l.beyond
	}
}

// read looks ahead in some lanes at once.
func (w *walk) read(ctx context.Context, lanes []*lane) error {
	chunk := w.chunk
	if chunk == 0 {
		chunk = entriesAQuery
	}
	chunk = max(min(chunk, w.left/len(lanes)), 1)
	looked := make([]int, len(lanes))
	g, ctx := errgroup.WithContext(ctx)
	for i, l := range lanes {
		g.Go(func() error {
			var err error
			looked[i], err = w.readLane(ctx, l, chunk)
			return err
		})
	}
	err := g.Wait()
	for _, n := range looked {
		w.looked += n
		w.left -= n
	}
	return err
}

func (w *walk) readLane(ctx context.Context, l *lane, chunk int) (looked int, err error) {
	in := &dynamodb.QueryInput{
		TableName: &w.table.name, IndexName: &w.index.name, Limit: aws.Int32(int32(min(max(chunk, 1), MostLeads))), ScanIndexForward: aws.Bool(!w.desc),
		KeyConditionExpression:    aws.String("#part = :part"),
		ExpressionAttributeNames:  map[string]string{"#part": w.index.partition},
		ExpressionAttributeValues: item{":part": text(l.part)},
	}
	if w.upTo != "" {
		in.KeyConditionExpression = aws.String("#part = :part AND #sort <= :up_to")
		in.ExpressionAttributeNames["#sort"], in.ExpressionAttributeValues[":up_to"] = w.index.sort, text(w.upTo)
	}
	w.filter.into(in)
	if l.at != "" {
		in.ExclusiveStartKey, _ = l.startKey(w.index, l.at)
	}
	out, err := w.table.client.Query(ctx, in)
	if err != nil {
		return 0, translate("query "+w.index.name, err)
	}
	l.beyond = laneEnd
	if last := out.LastEvaluatedKey; last != nil {
		if k, ok := leadKeyOf(textOf(last, attrPK)); ok {
			l.beyond = laneEntry{textOf(last, w.index.sort), k}.place()
		}
	}
	for _, it := range out.Items {
		if k, ok := leadKeyOf(textOf(it, attrPK)); ok {
			l.ahead = append(l.ahead, laneEntry{textOf(it, w.index.sort), k})
		}
	}
	if len(l.ahead) == 0 {
		l.at = l.beyond
	}
	return int(out.ScannedCount), nil
}

// indexFilter is a condition on what the cohort index holds beside its keys.
type indexFilter struct {
	expression string
	names      map[string]string
	values     item
}

// indexFilter says of a filter and the pools what the cohort index can tell;
// nil when that is nothing.
func (q LeadsQuery) indexFilter() *indexFilter {
	f := &indexFilter{names: map[string]string{}, values: item{}}
	var all []string
	add := func(name, value, condition string) {
		if value != "" {
			f.names["#"+name], f.values[":"+name] = name, text(value)
			all = append(all, condition)
		}
	}
	add(attrStage, string(q.Filter.Stage), "#stage = :stage")
	add(attrSource, find.Term(q.Filter.Source), "#source = :source")
	add(attrForm, find.Term(q.Filter.Form), "contains(#form, :form)")
	add(attrCampaign, find.Term(q.Filter.Campaign), "contains(#campaign, :campaign)")
	if q.Pools != nil {
		f.names["#pool"] = attrPool
		theirs := "attribute_not_exists(#pool)"
		for i, pool := range q.Pools {
			name := ":pool" + strconv.Itoa(i)
			f.values[name] = text(pool)
			theirs += " OR #pool = " + name
		}
		all = append(all, "("+theirs+")")
	}
	if len(all) == 0 {
		return nil
	}
	f.expression = strings.Join(all, " AND ")
	return f
}

func (f *indexFilter) into(in *dynamodb.QueryInput) {
	if f == nil {
		return
	}
	in.FilterExpression = &f.expression
	for name, value := range f.names {
		in.ExpressionAttributeNames[name] = value
	}
	for name, value := range f.values {
		in.ExpressionAttributeValues[name] = value
	}
}
