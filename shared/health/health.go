// Package health counts what becomes of webhooks, by source and UTC hour, so
// that somebody can see whether a source is alive: the page of sources reads
// it, and who watches for silence.
//
// Counting must cost a webhook next to nothing. So a process counts in memory
// and writes when the answer is ready: at once as long as little happens, and
// on the average every ten seconds when much does; what is left is written ten
// seconds later, or when the process wakes up again. A write is one UpdateItem
// (one write unit) for each source that the process saw, and holds the answer
// up for a quarter of a second at the most. A process that ends takes what it
// counted in its last seconds with it, and a write whose answer is lost may be
// made twice: these are indications and no accounts.
//
// It also counts in how many events each field was, by its name and nothing of
// its value, for who watches for fields that go away; and which of the fields that
// every source has were together in a profile, for who wants complete data.
//
// Only sources of the policy are counted: what strangers write into an address
// makes no items.
package health

import (
	"context"
	"sync"
	"time"

	"github.com/handoff-oss/handoff/shared/inbound"
	"github.com/handoff-oss/handoff/shared/inbox"
	"github.com/handoff-oss/handoff/shared/table"
)

const (
	every       = 10 * time.Second
	atOnce      = 5 // writes that may follow each other closely
	writeLimit  = 250 * time.Millisecond
	lateLimit   = 2 * time.Second
	mostPending = 200 // hours of sources that are kept while the table is away
	mostFields  = 64  // names of fields that a process counts of a source
	maxError    = 200 // bytes
)

// Outcomes of reading a provider's API, beside those of webhooks.
const (
	Fetched     = "fetched"
	FetchFailed = "fetch_failed"
)

// Meter counts for one process. It is safe for concurrent use.
type Meter struct {
	add func(ctx context.Context, h table.SourceHour) error

	mu      sync.Mutex
	pending map[hourOf]*table.SourceHour
	fields  map[string]map[string]bool // the names of fields that are counted, by source
	writes  float64                    // how many are allowed now
	since   time.Time                  // when that was so
	timer   *time.Timer
}

type hourOf struct {
	source string
	hour   time.Time
}

// New returns a meter that writes by add.
func New(add func(ctx context.Context, h table.SourceHour) error) *Meter {
	return &Meter{add: add, pending: map[hourOf]*table.SourceHour{}, fields: map[string]map[string]bool{}, writes: atOnce}
}

// Webhook counts a webhook after its answer is ready.
func (m *Meter) Webhook(ctx context.Context, req inbound.Request, rep inbox.Report) {
	if rep.Provider == "" {
		return
	}
	e := event{source: req.Source, at: req.ReceivedAt, outcome: string(rep.Result.Outcome), signals: int64(rep.Result.Stored + rep.Result.Parked), shape: rep.Shape}
	switch rep.Result.Outcome {
	case inbound.Accepted, inbound.Duplicate, inbound.Parked, inbound.Ignored:
		e.times = []table.SourceTime{table.LastEvent, table.LastVerified}
	case inbound.Malformed:
		e.times = []table.SourceTime{table.LastError, table.LastVerified}
	case inbound.BadSignature:
		e.times = []table.SourceTime{table.LastError, table.LastForged}
	case inbound.TooLarge, inbound.WrongPath, inbound.BadMethod, inbound.UnknownSource, inbound.Unavailable:
		e.times = []table.SourceTime{table.LastError}
	case inbound.Probe, inbound.Challenged:
	}
	if e.failed() {
		e.why = rep.Result.Detail
		if rep.Err != nil { // for the operator, and more to the point
			e.why = rep.Err.Error()
		}
	}
	m.count(ctx, e)
}

// Record counts a try to read a record of a source from its provider's API, and
// the shape of what was read.
func (m *Meter) Record(ctx context.Context, source string, at time.Time, shape inbox.Shape, err error) {
	e := event{source: source, at: at, outcome: Fetched, shape: shape}
	if err != nil {
		e.outcome, e.times, e.why = FetchFailed, []table.SourceTime{table.LastError}, err.Error()
	}
	m.count(ctx, e)
}

// event is one thing to count.
type event struct {
	source, outcome string
	at              time.Time
	signals         int64
	shape           inbox.Shape
	times           []table.SourceTime
	why             string
}

func (e event) failed() bool {
	for _, t := range e.times {
		if t == table.LastError {
			return true
		}
	}
	return false
}

func (m *Meter) count(ctx context.Context, e event) {
	m.mu.Lock()
	m.note(e)
	write := m.allowed(e.at)
	var now []table.SourceHour
	if write {
		now = m.take()
	} else if m.timer == nil {
		m.timer = time.AfterFunc(every, m.late)
	}
	m.mu.Unlock()
	m.write(ctx, now, writeLimit)
}

// note adds the event to what is pending.
func (m *Meter) note(e event) {
	k := hourOf{e.source, e.at.UTC().Truncate(time.Hour)}
	h := m.pending[k]
	if h == nil {
		if len(m.pending) >= mostPending {
			return
		}
		h = &table.SourceHour{Source: k.source, Hour: k.hour, Outcomes: map[string]int64{}, Times: map[table.SourceTime]time.Time{}}
		m.pending[k] = h
	}
	h.Outcomes[e.outcome]++
	h.Signals += e.signals
	m.shape(h, e.shape)
	for _, t := range e.times {
		h.Times[t] = e.at
	}
	if e.failed() {
		h.Error = cut(e.outcome + ": " + e.why)
	}
}

// allowed is a bucket of atOnce writes that gets one more every ten seconds.
func (m *Meter) allowed(now time.Time) bool {
	if !m.since.IsZero() && now.After(m.since) {
		m.writes = min(m.writes+now.Sub(m.since).Seconds()/every.Seconds(), atOnce)
	}
	if m.since.IsZero() || now.After(m.since) {
		m.since = now
	}
	if m.writes < 1 {
		return false
	}
	m.writes--
	return true
}

// take empties what is pending. The caller holds the lock.
func (m *Meter) take() []table.SourceHour {
	hours := make([]table.SourceHour, 0, len(m.pending))
	for k, h := range m.pending {
		hours = append(hours, *h)
		delete(m.pending, k)
	}
	if m.timer != nil {
		m.timer.Stop()
		m.timer = nil
	}
	return hours
}

// late writes what was left.
func (m *Meter) late() {
	m.mu.Lock()
	m.timer = nil
	hours := m.take()
	m.mu.Unlock()
	m.write(context.Background(), hours, lateLimit)
}

// write adds the hours to the table, side by side; what fails is pending again.
func (m *Meter) write(ctx context.Context, hours []table.SourceHour, limit time.Duration) {
	if len(hours) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	var all sync.WaitGroup
	for _, h := range hours {
		all.Go(func() {
			if err := m.add(ctx, h); err != nil {
				m.back(h)
			}
		})
	}
	all.Wait()
}

// back takes an hour that could not be written in again. What happened since is newer.
func (m *Meter) back(h table.SourceHour) {
	m.mu.Lock()
	defer m.mu.Unlock()
	k := hourOf{h.Source, h.Hour}
	newer := m.pending[k]
	if newer == nil {
		if len(m.pending) < mostPending {
			m.pending[k] = &h
		}
		return
	}
	for outcome, n := range h.Outcomes {
		newer.Outcomes[outcome] += n
	}
	newer.Signals += h.Signals
	newer.Shaped += h.Shaped
	newer.Cut = newer.Cut || h.Cut
	for set, n := range h.Profiles {
		m.addProfiles(newer, set, n)
	}
	for field, n := range h.Fields {
		addField(newer, field, n)
	}
	for which, at := range h.Times {
		if at.After(newer.Times[which]) {
			newer.Times[which] = at
		}
	}
	if newer.Error == "" {
		newer.Error = h.Error
	}
}

// cut shortens a text to what is kept, at the start of a character.
func cut(s string) string {
	if len(s) <= maxError {
		return s
	}
	n := maxError
	for n > 0 && s[n]&0xC0 == 0x80 {
		n--
	}
	return s[:n]
}
