package table

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"slices"
	"sort"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"golang.org/x/sync/errgroup"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/signal"
)

const (
	leadsLimit = 50 // a page of leads, unless a query says less
	daysAPage  = 31 // how many empty days one page looks through at the most

	mostInBatch = 100 // keys that DynamoDB takes in one BatchGetItem
)

// LeadsQuery asks for a page of leads, the most recently known day first.
type LeadsQuery struct {
	Stage  lead.Stage // "" is every stage
	Cursor string     // Next of the page before
	Limit  int        // 1 to 50; 0 is 50
	Now    time.Time
}

// LeadsPage is one page. Next is "" on the last one; a page may be empty and
// still have a next one.
type LeadsPage struct {
	Leads []*lead.Lead
	Next  string
}

// listCursor is a place in a listing: a day, and the place within that day.
type listCursor struct {
	Day    string `json:"d"`
	Offset int    `json:"o,omitempty"`
}

// Leads lists leads by the day they became known, newest day first, within a
// day by the last change of stage. Kind: Invalid for a cursor that is none of
// ours.
func (t *Table) Leads(ctx context.Context, q LeadsQuery) (LeadsPage, error) {
	limit := q.Limit
	if limit < 1 || limit > leadsLimit {
		limit = leadsLimit
	}
	day, offset, err := q.start()
	if err != nil {
		return LeadsPage{}, err
	}
	oldest, err := t.firstDay(ctx)
	if fault.KindOf(err) == fault.NotFound {
		return LeadsPage{}, nil
	}
	if err != nil {
		return LeadsPage{}, err
	}
	var keys []signal.LeadKey
	next := ""
	for days := 0; ; days++ {
		if day.Format(time.DateOnly) < oldest {
			break
		}
		if len(keys) == limit || days == daysAPage {
			next = encodeCursor(listCursor{Day: day.Format(time.DateOnly), Offset: offset})
			break
		}
		found, err := t.cohortDay(ctx, day, q.Stage)
		if err != nil {
			return LeadsPage{}, err
		}
		take := min(limit-len(keys), max(len(found)-offset, 0))
		keys = append(keys, found[min(offset, len(found)):][:take]...)
		if offset+take < len(found) {
			offset += take
			continue
		}
		day, offset = day.AddDate(0, 0, -1), 0
	}
	leads, err := t.leadsByKey(ctx, keys)
	return LeadsPage{Leads: leads, Next: next}, err
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

func (q LeadsQuery) start() (time.Time, int, error) {
	if q.Cursor == "" {
		return q.Now.UTC(), 0, nil
	}
	var c listCursor
	b, err := base64.RawURLEncoding.DecodeString(q.Cursor)
	if err == nil {
		err = json.Unmarshal(b, &c)
	}
	day, parseErr := time.Parse(time.DateOnly, c.Day)
	if err != nil || parseErr != nil || c.Offset < 0 {
		return time.Time{}, 0, fault.New(fault.Invalid, "the cursor is not one of this list")
	}
	return day, c.Offset, nil
}

func encodeCursor(c listCursor) string {
	b, err := json.Marshal(c)
	if err != nil {
		return ""
	}
	return base64.RawURLEncoding.EncodeToString(b)
}

// cohortDay reads the keys of all leads that became known on a day.
func (t *Table) cohortDay(ctx context.Context, day time.Time, stage lead.Stage) ([]signal.LeadKey, error) {
	shards := make([][]cohortEntry, cohortShards)
	g, ctx := errgroup.WithContext(ctx)
	for n := range cohortShards {
		g.Go(func() error {
			var err error
			shards[n], err = t.cohortShard(ctx, cohortPartition(day, n), stage)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	var all []cohortEntry
	for _, s := range shards {
		all = append(all, s...)
	}
	sort.Slice(all, func(i, j int) bool {
		if all[i].sort != all[j].sort {
			return all[i].sort > all[j].sort
		}
		return all[i].key < all[j].key
	})
	keys := make([]signal.LeadKey, len(all))
	for i, e := range all {
		keys[i] = e.key
	}
	return keys, nil
}

type cohortEntry struct {
	key  signal.LeadKey
	sort string
}

func (t *Table) cohortShard(ctx context.Context, partition string, stage lead.Stage) ([]cohortEntry, error) {
	in := &dynamodb.QueryInput{
		IndexName: aws.String(indexCohort), KeyConditionExpression: aws.String("cohort = :cohort"),
		ExpressionAttributeValues: item{":cohort": text(partition)},
	}
	if stage != "" {
		in.FilterExpression = aws.String("stage = :stage")
		in.ExpressionAttributeValues[":stage"] = text(string(stage))
	}
	var out []cohortEntry
	err := t.query(ctx, in, func(it item) error {
		if k, ok := leadKeyOf(textOf(it, attrPK)); ok {
			out = append(out, cohortEntry{k, textOf(it, attrCohortSort)})
		}
		return nil
	})
	return out, err
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
		leads = append(leads, found...)
	}
	return leads, nil
}

// leadsByKey reads at most mostInBatch leads in the order of keys.
func (t *Table) leadsByKey(ctx context.Context, keys []signal.LeadKey) ([]*lead.Lead, error) {
	if len(keys) == 0 {
		return nil, nil
	}
	wanted := types.KeysAndAttributes{}
	for _, k := range keys {
		wanted.Keys = append(wanted.Keys, leadItemKey(k).item())
	}
	found := make(map[signal.LeadKey]*lead.Lead, len(keys))
	for len(wanted.Keys) > 0 {
		out, err := t.client.BatchGetItem(ctx, &dynamodb.BatchGetItemInput{
			RequestItems: map[string]types.KeysAndAttributes{t.name: wanted},
		})
		if err != nil {
			return nil, translate("get leads", err)
		}
		for _, it := range out.Responses[t.name] {
			var l lead.Lead
			if err := decode(it, &l); err != nil {
				return nil, err
			}
			found[l.Key] = &l
		}
		wanted = out.UnprocessedKeys[t.name]
	}
	leads := make([]*lead.Lead, 0, len(keys))
	for _, k := range keys {
		if l := found[k]; l != nil {
			leads = append(leads, l)
		}
	}
	return leads, nil
}

func formatCursor(version int64) string { return strconv.FormatInt(version, 36) }

func parseCursor(cursor string) (int64, error) {
	v, err := strconv.ParseInt(cursor, 36, 64)
	if err != nil || v < 1 {
		return 0, fault.New(fault.Invalid, "the cursor is not one of this list")
	}
	return v, nil
}
