package decision_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go/middleware"

	"github.com/handoff-oss/handoff/infra/dynamodb/dynamotest"
	"github.com/handoff-oss/handoff/shared/decision"
	"github.com/handoff-oss/handoff/shared/policy/rules"
	"github.com/handoff-oss/handoff/shared/signal"
	"github.com/handoff-oss/handoff/shared/table"
)

// meter counts write units by the rules that AWS publishes ("DynamoDB read and
// write operations" and "Global secondary indexes: write throughput" in the
// DynamoDB developer guide): a put costs the larger of the item before and
// after in whole KB, twice that within a transaction; an index costs 1 for a
// new or changed entry, 2 when its key changes, 0 when it is not touched. The
// engine's own count is kept beside it for single puts; for transactions
// DynamoDB Local does not follow the rules.
type meter struct {
	plain  *dynamodb.Client // reads what is stored, without being counted
	units  float64
	engine float64 // consumed capacity that the engine reports for single puts
	single float64 // our count of the same puts
	log    []string
}

func (m *meter) stored(ctx context.Context, tableName *string, it map[string]types.AttributeValue) map[string]types.AttributeValue {
	out, err := m.plain.GetItem(ctx, &dynamodb.GetItemInput{
		TableName: tableName, ConsistentRead: aws.Bool(true),
		Key: map[string]types.AttributeValue{"pk": it["pk"], "sk": it["sk"]},
	})
	if err != nil {
		return nil
	}
	return out.Item
}

// put counts one put and returns its units.
func (m *meter) put(ctx context.Context, tableName *string, it map[string]types.AttributeValue, factor float64) float64 {
	before := m.stored(ctx, tableName, it)
	units := factor * float64(max(kilobytes(before), kilobytes(it)))
	units += indexUnits([]string{"due_shard", "due_at"}, before, it)
	units += indexUnits([]string{"owner", "owner_sort"}, before, it)
	units += indexUnits([]string{"cohort", "cohort_sort"}, before, it, "stage", "source", "form", "campaign", "pool")
	m.log = append(m.log, fmt.Sprintf("%v %v: %d bytes, %.0f units", valueOf(it["pk"]), valueOf(it["sk"]), size(it), units))
	return units
}

func indexUnits(keys []string, before, after map[string]types.AttributeValue, projects ...string) float64 {
	old, now := entry(keys, before), entry(keys, after)
	switch {
	case old == "" && now == "":
		return 0
	case old == "" || now == "":
		return 1
	case old != now:
		return 2
	case slices.ContainsFunc(projects, func(name string) bool { return valueOf(before[name]) != valueOf(after[name]) }):
		return 1
	}
	return 0
}

func entry(keys []string, it map[string]types.AttributeValue) string {
	var parts []string
	for _, k := range keys {
		if it[k] == nil {
			return ""
		}
		parts = append(parts, valueOf(it[k]))
	}
	return strings.Join(parts, "|")
}

func valueOf(v types.AttributeValue) string {
	switch v := v.(type) {
	case *types.AttributeValueMemberS:
		return v.Value
	case *types.AttributeValueMemberN:
		return v.Value
	}
	return ""
}

// size is an item's size: names and values in UTF-8, numbers a byte for two
// digits and one more.
func size(it map[string]types.AttributeValue) int {
	n := 0
	for name, v := range it {
		n += len(name)
		if number, ok := v.(*types.AttributeValueMemberN); ok {
			n += (len(number.Value)+1)/2 + 1
			continue
		}
		if binary, ok := v.(*types.AttributeValueMemberB); ok {
			n += len(binary.Value)
			continue
		}
		n += len(valueOf(v))
	}
	return n
}

func kilobytes(it map[string]types.AttributeValue) int { return (size(it) + 1023) / 1024 }

// middleware counts every write that goes to the table.
func (m *meter) middleware(stack *middleware.Stack) error {
	return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("meter", func(
		ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler,
	) (middleware.InitializeOutput, middleware.Metadata, error) {
		var single float64
		switch p := in.Parameters.(type) {
		case *dynamodb.PutItemInput:
			single = m.put(ctx, p.TableName, p.Item, 1)
			m.units += single
			p.ReturnConsumedCapacity = types.ReturnConsumedCapacityTotal
		case *dynamodb.TransactWriteItemsInput:
			for _, w := range p.TransactItems {
				m.units += m.put(ctx, w.Put.TableName, w.Put.Item, 2)
			}
		}
		out, meta, err := next.HandleInitialize(ctx, in)
		if put, ok := out.Result.(*dynamodb.PutItemOutput); ok && err == nil && put.ConsumedCapacity != nil {
			m.engine += aws.ToFloat64(put.ConsumedCapacity.CapacityUnits)
			m.single += single
		}
		return out, meta, err
	}), middleware.Before)
}

type metered struct {
	*meter
	table *table.Table
	maker *decision.Maker
}

func newMetered(tb testing.TB) metered {
	tb.Helper()
	plain, name := dynamotest.CreateTable(tb)
	m := &meter{plain: plain}
	client := dynamodb.NewFromConfig(dynamotest.Config(tb), func(o *dynamodb.Options) {
		o.APIOptions = append(o.APIOptions, m.middleware)
	})
	store := table.New(client, name)
	return metered{m, store, decision.New(store, rules.NewLoader(store.Policy))}
}

// receive stores a signal, decides about it, and returns the write units.
func (m metered) receive(tb testing.TB, s signal.Signal) float64 {
	tb.Helper()
	before := m.units
	if _, err := m.table.PutSignal(tb.Context(), s); err != nil {
		tb.Fatal(err)
	}
	k, err := s.LeadKey()
	if err != nil {
		tb.Fatal(err)
	}
	if _, err := m.maker.Apply(tb.Context(), k, []signal.Signal{s}, s.ReceivedAt); err != nil {
		tb.Fatal(err)
	}
	return m.units - before
}

var monday = time.Date(2026, 5, 18, 14, 0, 0, 0, time.UTC)

// pageView is a signal of about 1 KB when stored.
func pageView(i int) signal.Signal {
	at := monday.Add(time.Duration(i) * time.Minute)
	return signal.Signal{
		Source: "segment", ID: fmt.Sprintf("msg-%04d", i), Type: signal.EventTracked, OccurredAt: at, ReceivedAt: at,
		Identity: signal.Identity{Email: "ada@engines.example", UserID: "u-ada", AnonymousID: "a-1"},
		Lead:     map[string]string{"first_name": "Ada", "last_name": "Byron", "company": "Analytical Engines", "title": "VP Engineering"},
		Attributes: map[string]string{
			"event": "Page Viewed", "url": "https://www.example.com/docs/" + fmt.Sprint(i), "note": strings.Repeat("x", 350),
		},
	}
}

// request asks for a demo.
func request(email string) signal.Signal {
	s := pageView(41)
	s.Source, s.Type, s.Identity, s.Attributes["form"] = "typeform", signal.FormSubmitted, signal.Identity{Email: email}, "Request a demo"
	return s
}

func TestWriteUnits(t *testing.T) {
	m := newMetered(t)
	for i := range 40 {
		m.receive(t, pageView(i))
	}
	check := func(what string, got, most float64) {
		t.Helper()
		t.Logf("%s: %.0f write units", what, got)
		if got > most {
			t.Errorf("%s costs %.0f write units, more than %.0f:\n%s", what, got, most, strings.Join(m.log[len(m.log)-6:], "\n"))
		}
	}
	check("a signal that changes only the score", m.receive(t, pageView(40)), 3)
	check("a duplicate", m.receive(t, pageView(40)), 1)
	check("the first handoff of a company, whose name is filed", m.receive(t, request("ada@engines.example")), 16)
	colleague := "charles@engines.example"
	for i := range 40 {
		s := pageView(i)
		s.Identity = signal.Identity{Email: colleague}
		m.receive(t, s)
	}
	check("a handoff", m.receive(t, request(colleague)), 15)
	visit := pageView(100)
	visit.Identity = signal.Identity{AnonymousID: "a-2"}
	m.receive(t, visit)
	known := request("grace@engines.example")
	known.ID, known.Identity.AnonymousID = "identifies", "a-2"
	check("a visitor who gives an address and is handed off", m.receive(t, known), 30)
	more := pageView(101)
	more.Identity = signal.Identity{Email: "grace@engines.example", UserID: "u-grace", AnonymousID: "a-3"}
	check("a signal with two names that are new", m.receive(t, more), 9)
	more.ID = "again"
	check("another one of them", m.receive(t, more), 3)
	if m.engine != m.single {
		t.Errorf("the engine counted %.1f units for single puts, by the published rules they are %.1f", m.engine, m.single)
	}
	t.Logf("single puts: %.0f units by the rules, %.0f by the engine\n%s", m.single, m.engine, strings.Join(m.log[len(m.log)-5:], "\n"))
}

// BenchmarkFoldAndDecide measures one signal of a known lead: the reads, the
// fold, the decision and the write, against the real engine.
func BenchmarkFoldAndDecide(b *testing.B) {
	m := newMetered(b)
	m.receive(b, pageView(0))
	k, err := pageView(0).LeadKey()
	if err != nil {
		b.Fatal(err)
	}
	before, n := m.units, 0
	for b.Loop() {
		n++
		s := pageView(n)
		if _, err := m.maker.Apply(b.Context(), k, []signal.Signal{s}, s.ReceivedAt); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric((m.units-before)/float64(n), "write-units/op")
}
