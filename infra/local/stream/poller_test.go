package stream_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/handoff-oss/handoff/infra/cfn"
	"github.com/handoff-oss/handoff/infra/local/activity"
	"github.com/handoff-oss/handoff/infra/local/hosttest"
	"github.com/handoff-oss/handoff/infra/local/stream"
)

// tape is a stream: shards with records, in order. A shard with a child has
// ended.
type tape struct {
	mu      sync.Mutex
	shards  []stream.Shard
	records map[string][]stream.Record
	broken  bool
}

func (t *tape) Shards(context.Context) ([]stream.Shard, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.broken {
		return nil, errors.New("the stream is away")
	}
	return slices.Clone(t.shards), nil
}

func (t *tape) Read(_ context.Context, shard, after string) (stream.Page, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	list := t.records[shard]
	at := slices.IndexFunc(list, func(r stream.Record) bool { return r.Sequence == after }) + 1
	ended := slices.ContainsFunc(t.shards, func(s stream.Shard) bool { return s.Parent == shard })
	return stream.Page{Records: list[at:], Closed: ended}, nil
}

func (t *tape) add(shard, name string, sequences ...int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, n := range sequences {
		event := fmt.Sprintf(`{"eventName":%q,"n":%d}`, name, n)
		t.records[shard] = append(t.records[shard], stream.Record{Sequence: fmt.Sprint(n), At: time.Now(), Event: []byte(event)})
	}
}

func (t *tape) setBroken(broken bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.broken = broken
}

// run polls a tape until stop is called.
func run(t *testing.T, file string, reader stream.Reader, fn *hosttest.Function) (p *stream.Poller, stop func()) {
	t.Helper()
	db := hosttest.DB(t, file)
	p, err := stream.NewPoller(stream.Config{
		Name: "decide", Function: fn, Reader: reader, DB: db, Now: time.Now, Activity: &activity.Tracker{}, Log: hosttest.Log(),
		Source: cfn.StreamSource{Event: "Signals", Retries: 1, MaxAge: -1, Batch: cfn.Batching{Size: 2, Filters: []string{`{"eventName":["INSERT"]}`}}},
		Dead:   func(string, stream.Discarded) error { return nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { p.Run(ctx); close(ended) }()
	stop = sync.OnceFunc(func() { cancel(); <-ended })
	t.Cleanup(stop)
	return p, stop
}

func drained(t *testing.T, p *stream.Poller) {
	t.Helper()
	select {
	case <-p.Drained():
	case <-time.After(20 * time.Second):
		t.Fatal("the stream was not read to its end")
	}
}

func calls(fn *hosttest.Function) string {
	var list []string
	for _, payload := range fn.Calls() {
		list = append(list, string(payload))
	}
	return strings.Join(list, "\n")
}

func call(events ...int) string {
	var list []string
	for _, n := range events {
		list = append(list, fmt.Sprintf(`{"eventName":"INSERT","n":%d}`, n))
	}
	return `{"Records":[` + strings.Join(list, ",") + `]}`
}

func TestAPollerFiltersBatchesAndReadsParentsFirst(t *testing.T) {
	reader := &tape{
		shards:  []stream.Shard{{ID: "child", Parent: "parent"}, {ID: "parent", Parent: "long gone"}},
		records: map[string][]stream.Record{},
	}
	reader.add("parent", "INSERT", 1, 2)
	reader.add("parent", "MODIFY", 3)
	reader.add("parent", "INSERT", 4)
	reader.add("child", "INSERT", 5)
	fn := &hosttest.Function{}
	p, _ := run(t, "", reader, fn)
	drained(t, p)
	if got, want := calls(fn), call(1, 2)+"\n"+call(4)+"\n"+call(5); got != want {
		t.Errorf("called with\n%s\nwant\n%s", got, want)
	}
}

func TestASecondStartGoesOnWhereTheFirstEnded(t *testing.T) {
	file := filepath.Join(t.TempDir(), "host.db")
	reader := &tape{shards: []stream.Shard{{ID: "only"}}, records: map[string][]stream.Record{}}
	reader.add("only", "INSERT", 1)
	t.Run("first", func(t *testing.T) {
		fn := &hosttest.Function{}
		p, stop := run(t, file, reader, fn)
		drained(t, p)
		stop()
		if calls(fn) != call(1) {
			t.Errorf("called with %s", calls(fn))
		}
	})
	reader.add("only", "INSERT", 2)
	t.Run("second", func(t *testing.T) {
		fn := &hosttest.Function{}
		p, stop := run(t, file, reader, fn)
		drained(t, p)
		stop()
		if calls(fn) != call(2) {
			t.Errorf("called with %s", calls(fn))
		}
	})
}

func TestAStreamThatIsAwayIsNotDrained(t *testing.T) {
	reader := &tape{shards: []stream.Shard{{ID: "only"}}, records: map[string][]stream.Record{}}
	reader.setBroken(true)
	reader.add("only", "INSERT", 1)
	fn := &hosttest.Function{}
	p, _ := run(t, "", reader, fn)
	done := p.Drained()
	select {
	case <-done:
		t.Fatal("a stream that cannot be read counts as read to its end")
	case <-time.After(100 * time.Millisecond):
	}
	reader.setBroken(false)
	drained(t, p)
	<-done
	if calls(fn) != call(1) {
		t.Errorf("called with %s", calls(fn))
	}
}
