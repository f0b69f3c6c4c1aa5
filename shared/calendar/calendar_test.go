package calendar_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/handoff-oss/handoff/shared/calendar"
	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/worktime"
)

var now = time.Date(2026, 5, 18, 8, 0, 0, 0, time.UTC)

func zone(tb testing.TB, name string) *time.Location {
	tb.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		tb.Fatal(err)
	}
	return z
}

func reading(tb testing.TB, name string) calendar.Reading {
	tb.Helper()
	return calendar.Reading{Zone: zone(tb, name), From: now, To: now.AddDate(1, 0, 0)}
}

// lines are leaves as text.
func lines(all []policy.Leave) []string {
	out := []string{}
	for _, l := range all {
		out = append(out, l.From+" "+l.To+" "+l.Reason)
	}
	return out
}

func TestCalendarsAsTheyArePublished(t *testing.T) {
	for name, c := range map[string]struct {
		zone string
		want []string
	}{
		"google.ics": {"Europe/Berlin", []string{
			"2026-05-20T12:00Z 2026-05-20T16:00Z out of office",
			"2026-05-22T11:00Z 2026-05-22T15:00Z PTO",
			"2026-06-04T11:00Z 2026-06-04T15:00Z PTO", // moved from the Friday
			"2026-06-12T11:00Z 2026-06-12T15:00Z PTO",
			"2026-07-13 2026-07-24 vacation",
		}},
		"outlook.ics": {"Europe/Berlin", []string{
			"2026-08-03 2026-08-07 leave",
			"2026-09-02T06:00Z 2026-09-02T10:00Z vacation",
			"2026-10-12T06:00Z 2026-10-12T10:00Z out of office",
			"2026-10-26T07:00Z 2026-10-26T11:00Z out of office", // winter time begins on the 25th
			"2026-11-02T07:00Z 2026-11-02T11:00Z out of office",
		}},
		"apple.ics": {"Asia/Tokyo", []string{
			"2026-06-05T00:30Z 2026-06-05T02:00Z leave", // floats: by the clock of whoever reads it
			"2026-06-08T00:30Z 2026-06-08T02:00Z leave",
			"2026-10-30T13:00Z 2026-10-30T21:00Z sick",
			"2026-10-31T13:00Z 2026-10-31T21:00Z sick",
			"2026-11-01T14:00Z 2026-11-01T22:00Z sick",
			"2026-11-02T14:00Z 2026-11-02T22:00Z sick",
			"2026-12-24 2026-12-26 holiday",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			text, err := os.ReadFile(filepath.Join("testdata", name))
			if err != nil {
				t.Fatal(err)
			}
			got, err := calendar.Leave(text, reading(t, c.zone))
			if diff := cmp.Diff(c.want, lines(got)); err != nil || diff != "" {
				t.Errorf("%v %s", err, diff)
			}
			for _, l := range got {
				if _, err := worktime.Leave(l, time.UTC); err != nil {
					t.Errorf("%+v is no leave that the rules can read: %v", l, err)
				}
			}
		})
	}
}

// event is a calendar with one event, of these lines.
func event(more ...string) []byte {
	return []byte("BEGIN:VCALENDAR\nVERSION:2.0\nBEGIN:VEVENT\nUID:1\n" + strings.Join(more, "\n") + "\nEND:VEVENT\nEND:VCALENDAR\n")
}

func TestWhichEventsAreLeave(t *testing.T) {
	day := "DTSTART;VALUE=DATE:20260701"
	for name, c := range map[string]struct {
		lines []string
		words []string
		want  string
	}{
		"a word":                     {[]string{day, "SUMMARY:VACATION!"}, nil, "vacation"},
		"several words in a row":     {[]string{day, "SUMMARY:I am out-of  office"}, nil, "out of office"},
		"a word in a word":           {[]string{day, "SUMMARY:Vacationing laptops"}, nil, ""},
		"no word":                    {[]string{day, "SUMMARY:Standup"}, nil, ""},
		"no title":                   {[]string{day}, nil, ""},
		"a category":                 {[]string{day, "SUMMARY:x", "CATEGORIES:Red,Sick"}, nil, "sick"},
		"words of one's own":         {[]string{day, "SUMMARY:Urlaub auf Rügen"}, []string{"urlaub"}, "urlaub"},
		"then not the usual ones":    {[]string{day, "SUMMARY:Vacation"}, []string{"urlaub"}, ""},
		"letters of other alphabets": {[]string{day, "SUMMARY:В отпуске до июля"}, []string{"отпуске"}, "отпуске"},
		"canceled":                   {[]string{day, "SUMMARY:Sick", "STATUS:CANCELLED"}, nil, ""},
		"tentative":                  {[]string{day, "SUMMARY:Sick", "STATUS:TENTATIVE"}, nil, "sick"},
		"free":                       {[]string{day, "SUMMARY:Sick", "TRANSP:TRANSPARENT"}, nil, ""},
		"out of office by Outlook":   {[]string{day, "SUMMARY:x", "X-MICROSOFT-CDO-BUSYSTATUS:OOF"}, nil, "out of office"},
		"free by Outlook":            {[]string{day, "SUMMARY:Sick", "X-MICROSOFT-CDO-BUSYSTATUS:FREE"}, nil, ""},
		"working elsewhere":          {[]string{day, "SUMMARY:x", "X-MICROSOFT-CDO-BUSYSTATUS:WORKINGELSEWHERE"}, nil, ""},
		"no beginning":               {[]string{"SUMMARY:Sick"}, nil, ""},
		"a broken beginning":         {[]string{"DTSTART:soon", "SUMMARY:Sick"}, nil, ""},
		"no length":                  {[]string{"DTSTART:20260701T080000Z", "SUMMARY:Sick"}, nil, ""},
		"an end before it begins":    {[]string{"DTSTART:20260701T080000Z", "DTEND:20260701T070000Z", "SUMMARY:Sick"}, nil, ""},
		"a broken length":            {[]string{"DTSTART:20260701T080000Z", "DURATION:P1X", "SUMMARY:Sick"}, nil, ""},
		"over already":               {[]string{"DTSTART:20260501T080000Z", "DTEND:20260501T090000Z", "SUMMARY:Sick"}, nil, ""},
		"too far ahead":              {[]string{"DTSTART;VALUE=DATE:20290701", "SUMMARY:Sick"}, nil, ""},
		"small letters, other space": {[]string{"dtstart;value=date:20260701", "summary: sick "}, nil, "sick"},
		"what is broken elsewhere":   {[]string{day, "ATTENDEE;CN=\"half:mailto:x", "SUMMARY:Sick", "nonsense"}, nil, "sick"},
	} {
		t.Run(name, func(t *testing.T) {
			r := reading(t, "Europe/Berlin")
			r.Words = c.words
			got, err := calendar.Leave(event(c.lines...), r)
			reason := ""
			if len(got) > 0 {
				reason = got[0].Reason
			}
			if err != nil || reason != c.want || len(got) > 1 {
				t.Errorf("%+v, %v; want %q", got, err, c.want)
			}
		})
	}
}

func TestWhenLeaveIs(t *testing.T) {
	sick := "SUMMARY:Sick"
	for name, c := range map[string]struct {
		lines []string
		want  []string
	}{
		"a day":                   {[]string{"DTSTART;VALUE=DATE:20260701", sick}, []string{"2026-07-01 2026-07-01 sick"}},
		"a day that ends at once": {[]string{"DTSTART;VALUE=DATE:20260701", "DTEND;VALUE=DATE:20260701", sick}, []string{"2026-07-01 2026-07-01 sick"}},
		"today":                   {[]string{"DTSTART;VALUE=DATE:20260518", sick}, []string{"2026-05-18 2026-05-18 sick"}},
		"days in a row":           {[]string{"DTSTART;VALUE=DATE:20260701", "RRULE:FREQ=DAILY;COUNT=3", sick}, []string{"2026-07-01 2026-07-03 sick"}},
		"until a day":             {[]string{"DTSTART;VALUE=DATE:20260701", "RRULE:FREQ=DAILY;INTERVAL=2;UNTIL=20260705", sick}, []string{"2026-07-01 2026-07-01 sick", "2026-07-03 2026-07-03 sick", "2026-07-05 2026-07-05 sick"}},
		"without one":             {[]string{"DTSTART;VALUE=DATE:20260701", "RRULE:FREQ=DAILY;INTERVAL=2;COUNT=3", "EXDATE;VALUE=DATE:20260703", sick}, []string{"2026-07-01 2026-07-01 sick", "2026-07-05 2026-07-05 sick"}},
		"in UTC":                  {[]string{"DTSTART:20260701T080000Z", "DTEND:20260701T083015Z", sick}, []string{"2026-07-01T08:00Z 2026-07-01T08:31Z sick"}},
		"zone with a prefix":      {[]string{"DTSTART;TZID=/example.org/2020a/America/New_York:20260701T080000", "DURATION:PT1H", sick}, []string{"2026-07-01T12:00Z 2026-07-01T13:00Z sick"}},
		"a zone nobody knows":     {[]string{"DTSTART;TZID=Mars:20260701T080000", "DURATION:PT1H", sick}, []string{"2026-07-01T06:00Z 2026-07-01T07:00Z sick"}},
		"a quoted zone":           {[]string{`DTSTART;TZID="America/New_York":20260701T080000`, "DURATION:P0DT1H", sick}, []string{"2026-07-01T12:00Z 2026-07-01T13:00Z sick"}},
		"an instant ends it":      {[]string{"DTSTART;TZID=America/New_York:20260701T220000", "DURATION:PT1H", "RRULE:FREQ=DAILY;UNTIL=20260703T020000Z", sick}, []string{"2026-07-02T02:00Z 2026-07-02T03:00Z sick", "2026-07-03T02:00Z 2026-07-03T03:00Z sick"}},
		"a rule nobody knows":     {[]string{"DTSTART;VALUE=DATE:20260701", "RRULE:FREQ=FORTNIGHTLY", sick}, []string{"2026-07-01 2026-07-01 sick"}},
		"every second":            {[]string{"DTSTART:20260701T080000Z", "DURATION:PT1H", "RRULE:FREQ=SECONDLY", sick}, []string{"2026-07-01T08:00Z 2026-07-01T09:00Z sick"}},
		"a day that never is":     {[]string{"DTSTART;VALUE=DATE:20260701", "RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", sick}, []string{"2026-07-01 2026-07-01 sick"}},
		"a leap of ages":          {[]string{"DTSTART;VALUE=DATE:20260701", "RRULE:FREQ=DAILY;INTERVAL=4611686018427387904", sick}, []string{"2026-07-01 2026-07-01 sick"}},
		"from long ago":           {[]string{"DTSTART;VALUE=DATE:20010701", "RRULE:FREQ=YEARLY", sick}, []string{"2026-07-01 2026-07-01 sick"}},
		"from before all that":    {[]string{"DTSTART;VALUE=DATE:00010701", "RRULE:FREQ=DAILY", sick}, []string{}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := calendar.Leave(event(c.lines...), reading(t, "Europe/Berlin"))
			if diff := cmp.Diff(c.want, lines(got)); err != nil || diff != "" {
				t.Errorf("%v %s", err, diff)
			}
		})
	}
}

func TestWhatOverlapsIsOneLeave(t *testing.T) {
	one := func(id, from, to, title string) string {
		return fmt.Sprintf("BEGIN:VEVENT\nUID:%s\nDTSTART;VALUE=DATE:%s\nDTEND;VALUE=DATE:%s\nSUMMARY:%s\nEND:VEVENT\n", id, from, to, title)
	}
	text := "BEGIN:VCALENDAR\n" + one("1", "20260701", "20260704", "vacation") + one("2", "20260703", "20260706", "vacation") +
		one("3", "20260706", "20260707", "vacation") + one("4", "20260702", "20260703", "sick") + "END:VCALENDAR\n"
	got, err := calendar.Leave([]byte(text), reading(t, "UTC"))
	if diff := cmp.Diff([]string{"2026-07-01 2026-07-06 vacation", "2026-07-02 2026-07-02 sick"}, lines(got)); err != nil || diff != "" {
		t.Errorf("%v %s", err, diff)
	}
	var many strings.Builder
	for i := range 200 {
		day := now.AddDate(0, 0, 1+2*i)
		if i < 100 {
			many.WriteString(one(fmt.Sprint(i), day.Format("20060102"), day.AddDate(0, 0, 1).Format("20060102"), "leave"))
		}
	}
	got, err = calendar.Leave([]byte("BEGIN:VCALENDAR\n"+many.String()+"END:VCALENDAR\n"), reading(t, "UTC"))
	if err != nil || len(got) != calendar.Most || got[0].From != "2026-05-19" {
		t.Errorf("%d leaves, %v", len(got), err)
	}
}

func TestWhatIsNoCalendar(t *testing.T) {
	var repeated strings.Builder
	for i := range 300 {
		fmt.Fprintf(&repeated, "BEGIN:VEVENT\nUID:%d\nDTSTART;VALUE=DATE:20260701\nRRULE:FREQ=DAILY\nSUMMARY:Sick\nEND:VEVENT\n", i)
	}
	for name, text := range map[string]string{
		"nothing":           "",
		"a page":            "<!doctype html><title>Sign in</title>",
		"cut off":           "BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:Sick\n",
		"two ends":          "BEGIN:VCALENDAR\nEND:VEVENT\n",
		"nested for ever":   "BEGIN:VCALENDAR\n" + strings.Repeat("BEGIN:VEVENT\n", 100_000),
		"repeated for ever": "BEGIN:VCALENDAR\n" + repeated.String() + "END:VCALENDAR\n",
		"events for ever":   "BEGIN:VCALENDAR\n" + strings.Repeat("BEGIN:VEVENT\nEND:VEVENT\n", 100_000),
	} {
		t.Run(name, func(t *testing.T) {
			if got, err := calendar.Leave([]byte(text), reading(t, "UTC")); fault.KindOf(err) != fault.Invalid {
				t.Errorf("%v, %v; want what is invalid", got, err)
			}
		})
	}
	long := event("DTSTART;VALUE=DATE:20260701", "DESCRIPTION:"+strings.Repeat("a;b=c,", 1_000_000), "SUMMARY:Sick")
	if got, err := calendar.Leave(long, reading(t, "UTC")); err != nil || len(got) != 1 {
		t.Errorf("%v, %v", got, err)
	}
}

// A zone that a calendar describes is the one of the database, where both are
// the same zone.
func TestADescribedZoneIsTheRealOne(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("testdata", "outlook.ics"))
	if err != nil {
		t.Fatal(err)
	}
	head, _, _ := strings.Cut(string(text), "BEGIN:VEVENT")
	berlin := zone(t, "Europe/Berlin")
	rapid.Check(t, func(r *rapid.T) {
		at := now.Add(time.Duration(rapid.IntRange(60, 360*24*60).Draw(r, "minutes")) * time.Minute)
		local := at.In(berlin)
		if again := time.Date(local.Year(), local.Month(), local.Day(), local.Hour(), local.Minute(), 0, 0, berlin); !again.Equal(at) {
			r.Skip() // an hour that the clock shows twice
		}
		body := head + "BEGIN:VEVENT\r\nUID:1\r\nSUMMARY:sick\r\nDTSTART;TZID=W. Europe Standard Time:" + local.Format("20060102T150405") + "\r\nDURATION:PT1M\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
		got, err := calendar.Leave([]byte(body), calendar.Reading{Zone: time.UTC, From: now, To: now.AddDate(1, 0, 0)})
		if err != nil || len(got) != 1 || got[0].From != at.UTC().Format(worktime.Instant) {
			r.Fatalf("%s is read as %v, %v", at, got, err)
		}
	})
}

func FuzzLeave(f *testing.F) {
	for _, name := range []string{"google.ics", "outlook.ics", "apple.ics"} {
		text, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		got, err := calendar.Leave(text, reading(t, "America/New_York"))
		if err != nil && fault.KindOf(err) != fault.Invalid {
			t.Error(err)
		}
		for _, l := range got {
			if _, err := worktime.Leave(l, time.UTC); err != nil {
				t.Errorf("%+v: %v", l, err)
			}
		}
	})
}

func ExampleLeave() {
	text := "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:7\r\nSUMMARY:Vacation in Crete\r\n" +
		"DTSTART;VALUE=DATE:20260713\r\nDTEND;VALUE=DATE:20260725\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
	today := time.Date(2026, 5, 18, 0, 0, 0, 0, time.UTC)
	leave, err := calendar.Leave([]byte(text), calendar.Reading{Zone: time.UTC, From: today, To: today.AddDate(1, 0, 0)})
	fmt.Println(leave, err)
	// Output: [{2026-07-13 2026-07-24 vacation}] <nil>
}
