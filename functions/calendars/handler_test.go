package main

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/handoff-oss/handoff/infra/dynamodb/dynamotest"
	"github.com/handoff-oss/handoff/shared/clock"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/policy/rules"
	"github.com/handoff-oss/handoff/shared/remote"
	"github.com/handoff-oss/handoff/shared/routing"
	"github.com/handoff-oss/handoff/shared/table"
)

var monday = time.Date(2026, 5, 18, 14, 0, 0, 0, time.UTC)

const address = "https://calendar.example/secret-17/basic.ics"

// vacation is a calendar with one event, of a day of July.
func vacation(day int) string {
	return fmt.Sprintf("BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTAMP:%d\r\nSUMMARY:Vacation\r\nDTSTART;VALUE=DATE:202607%02d\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n", time.Now().UnixNano(), day)
}

// office is a table, and a server that publishes calendars under a public name.
type office struct {
	*table.Table
	handler handler
	log     *bytes.Buffer

	mu     sync.Mutex
	answer http.HandlerFunc
	before func() // happens before each answer
	asked  []*http.Request
}

func open(t *testing.T) *office {
	t.Helper()
	client, name := dynamotest.CreateTable(t)
	o := &office{Table: table.New(client, name), log: &bytes.Buffer{}, before: func() {}}
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		o.mu.Lock()
		defer o.mu.Unlock()
		o.asked = append(o.asked, r)
		o.before()
		o.answer(w, r)
	}))
	t.Cleanup(server.Close)
	public := remote.NewPublicClient(2*time.Second, func(string, string, syscall.RawConn) error { return nil })
	own, ok := public.Transport.(*http.Transport)
	theirs, alsoOk := server.Client().Transport.(*http.Transport)
	if !ok || !alsoOk {
		t.Fatal("no transport")
	}
	own.TLSClientConfig = theirs.TLSClientConfig.Clone()
	own.TLSClientConfig.ServerName = "example.com" // whom the test's certificate is for
	own.DialContext = func(ctx context.Context, network, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, network, server.Listener.Addr().String())
	}
	o.handler = handler{store: o.Table, policy: rules.NewLoader(o.Policy), http: public, now: clock.Fixed(monday), log: slog.New(slog.NewJSONHandler(o.log, nil))}
	return o
}

// publishes lets the server answer with a text.
func (o *office) publishes(text string) {
	o.answer = func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(text)) }
}

func (o *office) says(t *testing.T, rep string, e routing.Entry) {
	t.Helper()
	r, err := o.Roster(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := o.PutRoster(t.Context(), r.With(rep, e)); err != nil {
		t.Fatal(err)
	}
}

// reads lets the function run at a time, and returns the feed of a rep and the
// version of the roster then.
func (o *office) reads(t *testing.T, at time.Time, rep string) (routing.Feed, int64) {
	t.Helper()
	o.handler.now = clock.Fixed(at)
	if err := o.handler.handle(t.Context()); err != nil {
		t.Fatal(err)
	}
	r, err := o.Roster(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return *r.Reps[rep].Feed, r.Version
}

func july(day int) []policy.Leave {
	date := fmt.Sprintf("2026-07-%02d", day)
	return []policy.Leave{{From: date, To: date, Reason: "vacation"}}
}

func TestLeaveIsReadAndReplaced(t *testing.T) {
	o := open(t)
	typed := policy.Leave{From: "2026-06-01", To: "2026-06-02"}
	o.says(t, "alex", routing.Entry{Feed: &routing.Feed{URL: address}, Leave: []policy.Leave{typed}})
	o.publishes(vacation(6))
	feed, version := o.reads(t, monday, "alex")
	if diff := cmp.Diff(july(6), feed.Leave); diff != "" || version != 2 || !feed.ReadAt.Equal(monday) {
		t.Errorf("version %d at %s: %s", version, feed.ReadAt, diff)
	}
	o.publishes(vacation(6)) // another stamp in it, and the same leave
	if _, again := o.reads(t, monday.Add(time.Hour), "alex"); again != version {
		t.Errorf("an unchanged calendar makes version %d", again)
	}
	o.publishes(vacation(9))
	feed, version = o.reads(t, monday.Add(2*time.Hour), "alex")
	if diff := cmp.Diff(july(9), feed.Leave); diff != "" || version != 3 {
		t.Errorf("version %d: %s", version, diff)
	}
	r, err := o.Roster(t.Context())
	if e := r.Reps["alex"]; err != nil || len(e.Leave) != 1 || e.Leave[0] != typed {
		t.Errorf("what was typed is now %v, %v", e.Leave, err)
	}
	changes, _, err := o.RosterChanges(t.Context(), "alex", 0, 1)
	if err != nil || changes[0].By != "calendar feed" || changes[0].What[0].String() != "leave from the feed: 2026-07-06 (vacation) → 2026-07-09 (vacation)" {
		t.Errorf("the history says %+v, %v", changes, err)
	}
	if strings.Contains(o.log.String(), "secret-17") || strings.Contains(fmt.Sprintf("%+v", changes), "secret-17") {
		t.Error("the address of the feed is told")
	}
}

func TestAnUnchangedCalendarIsNotReadAgain(t *testing.T) {
	o := open(t)
	o.says(t, "alex", routing.Entry{Feed: &routing.Feed{URL: address}})
	o.answer = func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Etag", `"v1"`)
		w.Header().Set("Last-Modified", "Mon, 18 May 2026 08:00:00 GMT")
		if r.Header.Get("If-None-Match") == `"v1"` {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		_, _ = w.Write([]byte(vacation(6)))
	}
	_, first := o.reads(t, monday, "alex")
	_, second := o.reads(t, monday.Add(time.Hour), "alex")
	if first != 2 || second != first || o.asked[1].Header.Get("If-Modified-Since") == "" {
		t.Errorf("versions %d and %d", first, second)
	}
	feed, _ := o.reads(t, monday.AddDate(0, 0, 31), "alex") // what lies ahead is other leave by then
	if o.asked[2].Header.Get("If-None-Match") != "" || len(feed.Leave) != 1 {
		t.Errorf("asked only whether it has changed after a month: %v", feed.Leave)
	}
}

func TestAFailingCalendarKeepsTheLeave(t *testing.T) {
	o := open(t)
	o.says(t, "alex", routing.Entry{Feed: &routing.Feed{URL: address}})
	o.publishes(vacation(6))
	o.reads(t, monday, "alex")
	for i, c := range []struct {
		answer http.HandlerFunc
		wrong  string
	}{
		{func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotFound) }, "the server answers 404"},
		{func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<html>Sign in</html>")) }, "it is no calendar in iCalendar format"},
		{func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write(bytes.Repeat([]byte("X-A:b\r\n"), largest/7+10))
		}, "the calendar is larger than 8 MB"},
		{func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "1000")
			_, _ = w.Write([]byte("BEGIN:VCALENDAR"))
		}, "the server broke off"},
		{func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", "http://calendar.example/")
			w.WriteHeader(http.StatusFound)
		}, "the address leads to no public host, or to one without https"},
		{func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", address)
			w.WriteHeader(http.StatusFound)
		}, "the address sends on to others too often"},
	} {
		at := monday.Add(time.Duration(10*i+10) * time.Hour)
		o.answer = c.answer
		feed, version := o.reads(t, at, "alex")
		if feed.Error != c.wrong || len(feed.Leave) != 1 || !feed.Since.Equal(monday.Add(10*time.Hour)) {
			t.Errorf("%+v, want %q", feed, c.wrong)
		}
		if _, again := o.reads(t, at.Add(time.Hour), "alex"); again != version {
			t.Errorf("%s: the same failure makes another version", c.wrong)
		}
	}
	o.publishes(vacation(6))
	if feed, _ := o.reads(t, monday.Add(100*time.Hour), "alex"); feed.Error != "" || !feed.Since.IsZero() || !feed.ReadAt.Equal(monday) {
		t.Errorf("after it works again: %+v", feed)
	}
}

// The client of the deployed function connects to nothing but public hosts,
// whatever stands in the table.
func TestTheDeployedClientRefusesPrivateHosts(t *testing.T) {
	o := open(t)
	o.handler.http = remote.NewPublicClient(2*time.Second, remote.Public)
	server := httptest.NewTLSServer(http.NotFoundHandler())
	defer server.Close()
	for _, url := range []string{server.URL, strings.Replace(server.URL, "127.0.0.1", "localhost", 1), "https://169.254.169.254/", "https://[::1]/", "https://10.0.0.8/"} {
		out := o.handler.fetch(t.Context(), routing.Feed{URL: url}, time.UTC, monday)
		if out.wrong != "the address leads to no public host, or to one without https" {
			t.Errorf("%s: %+v", url, out)
		}
	}
	for _, url := range []string{"http://calendar.example/", "file:///etc/passwd", "://"} {
		if out := o.handler.fetch(t.Context(), routing.Feed{URL: url}, time.UTC, monday); out.wrong != "the address is not one that can be read" {
			t.Errorf("%s: %+v", url, out)
		}
	}
}

// Somebody who changes the feed while it is read is not overruled.
func TestAFeedThatChangedMeanwhileIsLeftAlone(t *testing.T) {
	o := open(t)
	o.says(t, "alex", routing.Entry{Feed: &routing.Feed{URL: address}})
	other := &routing.Feed{URL: "https://calendar.example/other"}
	o.publishes(vacation(6))
	o.before = func() { o.says(t, "alex", routing.Entry{Feed: other}) }
	if feed, _ := o.reads(t, monday, "alex"); len(feed.Leave) != 0 || feed.URL != other.URL {
		t.Errorf("%+v", feed)
	}
	o.before = func() {}
	o.says(t, "alex", routing.Entry{})
	o.says(t, "bo", routing.Entry{Feed: &routing.Feed{URL: address}})
	o.before = func() { o.says(t, "casey", routing.Entry{Switch: routing.Off}) } // of somebody else
	if feed, _ := o.reads(t, monday, "bo"); len(feed.Leave) != 1 {
		t.Errorf("a change of somebody else is in the way: %+v", feed)
	}
}

func TestWhoHasGoneIsNotReadAndTimeIsKept(t *testing.T) {
	o := open(t)
	o.says(t, "alex", routing.Entry{Card: routing.Card{Gone: true}, Feed: &routing.Feed{URL: address}})
	o.publishes(vacation(6))
	o.reads(t, monday, "alex")
	o.says(t, "bo", routing.Entry{Feed: &routing.Feed{URL: address}})
	ctx, cancel := context.WithTimeout(t.Context(), reserve-time.Second)
	defer cancel()
	if err := o.handler.handle(ctx); err != nil || len(o.asked) != 0 {
		t.Errorf("%d calendars were read without time for them: %v", len(o.asked), err)
	}
	if _, version := o.reads(t, monday, "bo"); version != 3 || len(o.asked) != 1 {
		t.Errorf("version %d, %d read", version, len(o.asked))
	}
}
