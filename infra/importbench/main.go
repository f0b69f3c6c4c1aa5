// Command importbench measures an import against plain bulk writes of items of
// the same size, with the same requests in flight, in one run against the same
// DynamoDB Local, and how much memory an import takes by how many rows it has.
// Run it by make import-bench.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"runtime/metrics"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"golang.org/x/sync/errgroup"

	"github.com/handoff-oss/handoff/infra/cfn"
	"github.com/handoff-oss/handoff/infra/dynamodb/engine"
	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/imports"
	"github.com/handoff-oss/handoff/shared/signal"
	"github.com/handoff-oss/handoff/shared/table"
	"github.com/handoff-oss/handoff/shared/tabular"
)

func main() {
	rows := flag.Int("rows", 100_000, "rows of the large import")
	flag.Parse()
	if err := run(context.Background(), *rows, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "importbench:", err)
		os.Exit(1)
	}
}

// bench is where it is measured.
type bench struct {
	client *dynamodb.Client
	shape  cfn.Table
	dir    string
	tables int
}

// rounds is how often imports and plain writes take turns.
const rounds = 10

// figures are what one run took.
type figures struct {
	rows int
	took time.Duration
	heap uint64 // the most bytes of objects that were there at once
}

func (f figures) rate() float64 { return float64(f.rows) / f.took.Seconds() }

func (f figures) String() string {
	return fmt.Sprintf("%d rows in %s, %.0f rows/s, at most %.1f MB of heap", f.rows, f.took.Round(10*time.Millisecond), f.rate(), float64(f.heap)/(1<<20))
}

func run(ctx context.Context, rows int, out io.Writer) error {
	b, err := newBench()
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(b.dir) }()
	if _, err := b.plain(ctx, rows/20); err != nil { // the engine gets warm
		return err
	}
	small, err := b.imports(ctx, rows/rounds, nil)
	if err != nil {
		return err
	}
	t := &turns{bench: b, out: out, every: rows / rounds, next: rows / rounds}
	whole, err := b.imports(ctx, rows, t)
	if err != nil || t.failed != nil {
		return errors.Join(err, t.failed)
	}
	whole.took -= t.away
	_, err = fmt.Fprintf(out, "\nplain bulk writes:  %s\nimport:             %s\nimport of a tenth:  %s\nratio: an import has %.2f of the rate of plain writes\nheap: ten times the rows take %.2f times the memory\n",
		t.plain, whole, small, whole.rate()/t.plain.rate(), float64(whole.heap)/float64(small.heap))
	return fault.Wrap(fault.Unavailable, "print", err)
}

// turns makes plain writes in the middle of an import, as many as were imported
// since the last ones, so that whatever else the machine does concerns both.
type turns struct {
	*bench
	out         io.Writer
	every, next int
	began       time.Time
	away        time.Duration // how long the import has stood still
	plain       figures
	failed      error
	gate        sync.RWMutex // open while the import has its turn
}

// take lets plain writes have their turn.
func (t *turns) take(ctx context.Context, s imports.State) {
	if s.Stored < t.next || t.failed != nil {
		return
	}
	t.next += t.every
	t.gate.Lock() // what is on its way arrives in the import's time
	defer t.gate.Unlock()
	here := time.Now()
	t.failed = t.plain.add(t.bench.plain(ctx, t.every))
	imported := figures{rows: s.Stored, took: here.Sub(t.began) - t.away}
	t.away += time.Since(here)
	if _, err := fmt.Fprintf(t.out, "%d rows: import %.0f rows/s, plain %.0f rows/s, ratio %.2f\n", s.Stored, imported.rate(), t.plain.rate(), imported.rate()/t.plain.rate()); t.failed == nil {
		t.failed = err
	}
}

func (f *figures) add(g figures, err error) error {
	f.rows, f.took, f.heap = f.rows+g.rows, f.took+g.took, max(f.heap, g.heap)
	return err
}

func newBench() (*bench, error) {
	endpoint := os.Getenv("AWS_ENDPOINT_URL_DYNAMODB")
	if endpoint == "" {
		return nil, fault.New(fault.Invalid, "DynamoDB Local is not running: use make import-bench")
	}
	root, err := cfn.Root(".")
	if err != nil {
		return nil, err
	}
	stack, err := cfn.Load(filepath.Join(root, "template.yaml"), cfn.Options{Placeholder: "unset"})
	if err != nil {
		return nil, err
	}
	b := &bench{client: dynamodb.NewFromConfig(engine.Config(endpoint))}
	if b.shape, err = stack.Table("Table"); err != nil {
		return nil, err
	}
	b.shape.StreamView = "" // the local engine takes the longer for a write the more records its stream has, DynamoDB does not
	b.dir, err = os.MkdirTemp("", "importbench")
	return b, fault.Wrap(fault.Internal, "make a folder", err)
}

// empty makes a table, and removes it afterwards.
func (b *bench) empty(ctx context.Context, use func(name string) error) error {
	b.tables++
	name := fmt.Sprintf("importbench-%d-%d", os.Getpid(), b.tables)
	if err := engine.EnsureTable(ctx, b.client, b.shape, name); err != nil {
		return err
	}
	err := use(name)
	if _, gone := b.client.DeleteTable(ctx, &dynamodb.DeleteTableInput{TableName: &name}); err == nil {
		err = fault.Wrap(fault.Unavailable, "delete the table", gone)
	}
	return err
}

const header = "Email,First Name,Last Name,Company,Job Title,Phone,Country,Create Date\n"

func line(i int) string {
	return fmt.Sprintf("person%d@company%d.example,First%d,Last%d,\"Company %d, Inc.\",Head of Things,+49 30 %07d,Germany,2024-03-%02d\n", i, i, i, i, i, i, i%28+1)
}

// imports measures an import of a new file, from the look at it to the end.
func (b *bench) imports(ctx context.Context, rows int, t *turns) (figures, error) {
	name := filepath.Join(b.dir, "contacts.csv")
	if err := writeFile(name, rows); err != nil {
		return figures{}, err
	}
	var f figures
	err := b.empty(ctx, func(on string) (err error) {
		f, err = measured(rows, func() error { return importFile(ctx, table.New(b.client, on), name, rows, t) })
		return err
	})
	return f, err
}

func writeFile(name string, rows int) error {
	file, err := os.Create(name) //nolint:gosec // In a folder of its own.
	if err != nil {
		return fault.Wrap(fault.Internal, "write the file", err)
	}
	_, err = file.WriteString(header)
	for i := 0; i < rows && err == nil; i++ {
		_, err = file.WriteString(line(i))
	}
	if closed := file.Close(); err == nil {
		err = closed
	}
	return fault.Wrap(fault.Internal, "write the file", err)
}

// importFile does what handoffctl import does, but for the preview.
func importFile(ctx context.Context, on *table.Table, name string, rows int, t *turns) error {
	file, err := os.Open(name) //nolint:gosec // In a folder of its own.
	if err != nil {
		return fault.Wrap(fault.Internal, "read the file", err)
	}
	defer func() { _ = file.Close() }()
	plan, err := imports.Open("contacts.csv", file)
	if err != nil {
		return err
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return fault.Wrap(fault.Internal, "read the file", err)
	}
	reader := tabular.NewReader(file, plan.Format)
	if _, err := reader.Header(); err != nil {
		return err
	}
	id, err := plan.ID()
	if err != nil {
		return err
	}
	s := imports.Start(plan, reader.Place(), "bench", time.Now())
	if err := on.NewImport(ctx, id, s); err != nil {
		return err
	}
	runner := &imports.Runner{
		Put: on.PutSignals,
		Save: func(ctx context.Context, s imports.State, before int64) error {
			return on.PutImport(ctx, id, s, before)
		},
	}
	if t != nil {
		t.began = time.Now()
		runner.Put = func(ctx context.Context, signals []signal.Signal) error {
			t.gate.RLock()
			defer t.gate.RUnlock()
			return on.PutSignals(ctx, signals)
		}
		runner.Progress = func(s imports.State) { t.take(ctx, s) }
	}
	s, err = runner.Run(ctx, s, reader, true)
	if err == nil && (s.Stored != rows || !s.Done) {
		err = fault.New(fault.Internal, "%d of %d rows were stored", s.Stored, rows)
	}
	return err
}

// plain measures bulk writes of items that are as long, without a file.
func (b *bench) plain(ctx context.Context, rows int) (figures, error) {
	doc, err := document()
	if err != nil {
		return figures{}, err
	}
	var f figures
	err = b.empty(ctx, func(on string) (err error) {
		f, err = measured(rows, func() error {
			g, ctx := errgroup.WithContext(ctx)
			g.SetLimit(imports.InFlight)
			for from := 0; from < rows; from += imports.Batch {
				g.Go(func() error { return b.put(ctx, on, doc, from, min(from+imports.Batch, rows)) })
			}
			return g.Wait()
		})
		return err
	})
	return f, err
}

// document is what an import stores of a row.
func document() (string, error) {
	file := header + line(12345)
	plan, err := imports.Open("contacts.csv", strings.NewReader(file))
	if err != nil {
		return "", err
	}
	rows := tabular.NewReader(strings.NewReader(file), plan.Format)
	if _, err := rows.Header(); err != nil {
		return "", err
	}
	look, err := imports.Look(plan, time.Now(), rows, 1, true)
	if err == nil && look.Good != 1 {
		err = fault.New(fault.Internal, "the row of the benchmark is rejected: %v", look.Problems)
	}
	if err != nil {
		return "", err
	}
	text, err := json.Marshal(look.First[0])
	return string(text), fault.Wrap(fault.Internal, "write a signal", err)
}

// put writes items of some numbers.
func (b *bench) put(ctx context.Context, on, doc string, from, to int) error {
	requests := make([]types.WriteRequest, 0, to-from)
	for i := from; i < to; i++ {
		k, err := signal.KeyOfEmail(fmt.Sprintf("person%d@company%d.example", i, i))
		if err != nil {
			return err
		}
		requests = append(requests, types.WriteRequest{PutRequest: &types.PutRequest{Item: map[string]types.AttributeValue{
			"pk": &types.AttributeValueMemberS{Value: "LEAD#" + string(k)}, "sk": &types.AttributeValueMemberS{Value: fmt.Sprintf("SIG#import#import.abcdefghijklmnop.%d", i)},
			"doc": &types.AttributeValueMemberS{Value: doc},
		}}})
	}
	for len(requests) > 0 {
		out, err := b.client.BatchWriteItem(ctx, &dynamodb.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{on: requests}})
		if err != nil {
			return fault.Wrap(fault.Unavailable, "write", err)
		}
		requests = out.UnprocessedItems[on]
	}
	return nil
}

// measured runs something, and looks at the heap all the while.
func measured(rows int, do func() error) (figures, error) {
	runtime.GC()
	stop, peak := make(chan struct{}), make(chan uint64)
	go func() {
		look := time.NewTicker(5 * time.Millisecond)
		defer look.Stop()
		sample, most := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}, uint64(0)
		for {
			select {
			case <-stop:
				peak <- most
				return
			case <-look.C:
				metrics.Read(sample)
				most = max(most, sample[0].Value.Uint64())
			}
		}
	}()
	began := time.Now()
	err := do()
	took := time.Since(began)
	close(stop)
	return figures{rows: rows, took: took, heap: <-peak}, err
}
