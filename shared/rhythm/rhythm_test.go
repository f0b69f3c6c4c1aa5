package rhythm

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// sunday is the start of all histories.
var sunday = time.Date(2026, 1, 4, 0, 0, 0, 0, time.UTC)

// rate is how many events an hour of the history has on the average.
type rate func(hour int) float64

func flat(perHour float64) rate { return func(int) float64 { return perHour } }

// office is a stream of working hours, with one in fifty at other times.
func office(perHour float64) rate {
	return func(hour int) float64 {
		if weekday := hour / 24 % 7; weekday == 0 || weekday == 6 || hour%24 < 8 || hour%24 >= 18 {
			return perHour / 50
		}
		return perHour
	}
}

func poisson(r *rand.Rand, mean float64) int {
	if mean > 30 {
		return max(0, int(math.Round(mean+math.Sqrt(mean)*r.NormFloat64())))
	}
	limit, k, p := math.Exp(-mean), 0, 1.0
	for {
		if p *= r.Float64(); p <= limit {
			return k
		}
		k++
	}
}

// stream is a source that sends in bunches, on days of which each is more or
// less busy by a log-normal factor.
type stream struct {
	name  string
	rate  rate
	bunch int
	days  float64 // standard deviation of the factor's logarithm
}

// history lives through hours of the stream and shows each that has events.
func (s stream) history(r *rand.Rand, hours int, look func(hour int, h *History)) History {
	var h History
	factor := 1.0
	for i := range hours {
		if i%24 == 0 {
			factor = math.Exp(s.days*r.NormFloat64() - s.days*s.days/2)
		}
		if look != nil {
			look(i, &h)
		}
		if n := poisson(r, s.rate(i)*factor) * s.bunch; n > 0 {
			h.add(i, n)
		}
	}
	return h
}

func (h *History) add(hour, events int) {
	at := sunday.Add(time.Duration(hour) * time.Hour)
	h.Last = at.Add(30 * time.Minute)
	if h.First.IsZero() {
		h.First = h.Last
	}
	h.Hours = append(h.Hours, Hour{Start: at, Events: events})
	h.Hours = h.Hours[max(0, len(h.Hours)-900):]
}

// regular is a history of whole weeks without chance.
func regular(weeks int, r rate) History {
	var h History
	for i := range weeks * hoursOfWeek {
		if n := int(math.Round(r(i))); n > 0 {
			h.add(i, n)
		}
	}
	return h
}

// falseAlarms counts how often the stream is called silent after its fourth
// week, while it goes on.
func (s stream) falseAlarms(r *rand.Rand, weeks int) int {
	var m model
	var learnt time.Time
	alarms, told := 0, false
	s.history(r, weeks*hoursOfWeek, func(hour int, h *History) {
		now := sunday.Add(time.Duration(hour) * time.Hour)
		if hour < 4*hoursOfWeek || now.Sub(h.Last) < time.Hour {
			return
		}
		if !h.Last.Equal(learnt) {
			learnt, told = h.Last, false
			m = learn(*h, Calendar{}, nil, now)
		}
		if _, silent := m.silent(h.Last, now); silent && !told {
			told = true
			alarms++
		}
	})
	return alarms
}

// The promise is less than one false alarm in a hundred weeks of a source. With
// twenty sources, which is 520 weeks of each stream, the steady ones had 4 at
// the most, and those that come in bunches or vary by the day had none; fewer
// are lived through here, to be quick.
func TestStreamsThatGoOnAreNotCalledSilent(t *testing.T) {
	const sources, weeks = 4, 30
	for _, s := range []stream{
		{"eight a week", flat(0.05), 1, 0},
		{"five a day", flat(0.2), 1, 0},
		{"one an hour", flat(1), 1, 0},
		{"twelve an hour", flat(12), 1, 0},
		{"some in working hours", office(0.5), 1, 0},
		{"many in working hours", office(20), 1, 0},
		{"in bunches", flat(0.5), 20, 0},
		{"busy and quiet days", office(5), 1, 0.7},
		{"newsletters", flat(1), 1, 1},
	} {
		t.Run(s.name, func(t *testing.T) {
			r := rand.New(rand.NewPCG(1, 2))
			alarms := 0
			for range sources {
				alarms += s.falseAlarms(r, weeks)
			}
			t.Logf("%d false alarms in %d weeks", alarms, sources*(weeks-4))
			if alarms > 3 { // of one that is expected, 4 come in one of fifty runs
				t.Errorf("%d false alarms in %d weeks, want about one in a hundred", alarms, sources*(weeks-4))
			}
		})
	}
}

// found tells after how many hours a source that has gone silent is told of.
func found(h History, c Calendar, s State) (hours int, reason string) {
	for hours = 1; hours < 60*24; hours++ {
		var changes []Change
		if s, changes = Judge(h, c, s, h.Last.Add(time.Duration(hours)*time.Hour)); len(changes) > 0 {
			return hours, changes[0].Reason
		}
	}
	return hours, ""
}

func TestSilenceIsFoundInTime(t *testing.T) {
	for _, tc := range []struct {
		name   string
		stream stream
		within int // hours
	}{
		{"a hundred an hour", stream{"", flat(100), 1, 0}, 3},
		{"twelve an hour", stream{"", flat(12), 1, 0}, 3},
		{"one an hour", stream{"", flat(1), 1, 0}, 20},
		{"five a day", stream{"", flat(0.2), 1, 0}, 4 * 24},
		{"eight a week", stream{"", flat(0.05), 1, 0}, 10 * 24},
		{"working hours", stream{"", office(20), 1, 0}, 24}, // Saturday's last comes early
		{"bunches", stream{"", flat(0.5), 20, 0}, 48},
	} {
		t.Run(tc.name, func(t *testing.T) {
			for seed := range uint64(5) {
				h := tc.stream.history(rand.New(rand.NewPCG(seed, 1)), 5*hoursOfWeek+3*24, nil)
				if hours, reason := found(h, Calendar{}, State{}); hours > tc.within {
					t.Errorf("found after %d h, want %d: %s", hours, tc.within, reason)
				}
			}
		})
	}
}

// weekdays is twelve events in each of these hours from Monday to Friday.
func weekdays(hours ...int) rate {
	return func(hour int) float64 {
		if weekday := hour / 24 % 7; weekday == 0 || weekday == 6 || !slices.Contains(hours, hour%24) {
			return 0
		}
		return 12
	}
}

func working() rate { return weekdays(8, 9, 10, 11, 12, 13, 14, 15, 16, 17) }

// everyThirdDay sends two or three events a week.
func everyThirdDay(hour int) float64 {
	if hour%(3*24) == 9 {
		return 1
	}
	return 0
}

// faded is four usual weeks and one with few events.
func faded() History {
	h := regular(4, working())
	for i := range hoursOfWeek {
		if working()(i) > 0 && i%3 == 0 {
			h.add(4*hoursOfWeek+i, 1)
		}
	}
	return h
}

// sixtyOne is a job that runs every 61 minutes.
func sixtyOne() History {
	h := History{}
	for at := 0; at < 5*hoursOfWeek*60; at += 61 {
		h.add(at/60, 40)
	}
	return h
}

func TestSilence(t *testing.T) {
	newYork, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	imported := regular(5, working())
	imported.Hours[100].Events = 50_000
	for _, tc := range []struct {
		name     string
		history  History
		calendar Calendar
		state    State
		from, to int // hours after the last event between which it is told
		reason   string
	}{
		{"a weekend is no silence, a Monday morning is", regular(5, working()), Calendar{}, State{}, 64, 66, "Usually 8 an hour on Monday mornings, none for 65 h."},
		{"known for two weeks only", regular(2, working()), Calendar{}, State{}, 60 * 24, 0, ""},
		{"Monday is a holiday", regular(5, working()), Calendar{Closed: []string{"2026-02-09"}}, State{}, 88, 90, "Usually 8 an hour on Tuesday mornings, none for 3 days."},
		{"less than five a week", regular(5, everyThirdDay), Calendar{}, State{}, 60 * 24, 0, ""},
		{"one import does not make a rhythm", imported, Calendar{}, State{}, 64, 66, ""},
		{"a quieter week is believed", faded(), Calendar{}, State{}, 5 * 24, 14 * 24, "Usually"},
		{"a job of every day", regular(5, weekdays(9)), Calendar{}, State{}, 4 * 24, 8 * 24, "Usually 12 on a Tuesday, none for 4 days."},
		{"a job of every 61 minutes", sixtyOne(), Calendar{}, State{}, 3, 8, ""},
		{"hours of the team's week", regular(5, working()), Calendar{Zone: newYork}, State{}, 64, 66, "Usually 6 an hour on Monday nights, none for 65 h."},
	} {
		t.Run(tc.name, func(t *testing.T) {
			hours, reason := found(tc.history, tc.calendar, tc.state)
			if hours < tc.from || (tc.to > 0 && hours > tc.to) || !strings.HasPrefix(reason, tc.reason) {
				t.Errorf("found after %d h (%s), want %d to %d: %q, want %q", hours, tc.history.Last.Add(time.Duration(hours)*time.Hour).Format("Mon 15:04"), tc.from, tc.to, reason, tc.reason)
			}
		})
	}
}

// A silence is told once, is over with the next event, and is not learned.
func TestASilenceIsToldOnceAndIsOver(t *testing.T) {
	h := regular(5, flat(12))
	fell := h.Last
	var s State
	var told []Change
	look := func(now time.Time) {
		var c []Change
		s, c = Judge(h, Calendar{}, s, now)
		told = append(told, c...)
	}
	for minutes := 0; minutes < 3*24*60; minutes += 5 {
		look(fell.Add(time.Duration(minutes) * time.Minute))
	}
	if len(told) != 1 || told[0].Kind != Silent || told[0].Over || !told[0].Since.Equal(fell) || told[0].At.Sub(fell) > 150*time.Minute {
		t.Fatalf("%+v", told)
	}
	back := 5*hoursOfWeek + 3*24
	h.add(back, 12)
	look(h.Last.Add(time.Minute))
	look(h.Last.Add(6 * time.Minute))
	if len(told) != 2 || !told[1].Over || told[1].Reason != "An event came after 3 days without one." || len(s.Open) != 0 || len(s.Past) != 1 {
		t.Fatalf("%+v %+v", told, s)
	}
	for i := range 24 {
		h.add(back+1+i, 12)
	}
	if hours, _ := found(h, Calendar{}, s); hours > 3 {
		t.Errorf("found after %d h: the silence before passes for usual", hours)
	}
}

func failing(causes map[string]int, events int) History {
	h := regular(5, flat(2))
	h.add(5*hoursOfWeek, events)
	h.Hours[len(h.Hours)-1].Failed = causes
	return h
}

func TestFailures(t *testing.T) {
	for _, tc := range []struct {
		name    string
		history History
		reason  string // "" is none
	}{
		{"every one", failing(map[string]int{"bad_signature": 12}, 0), "In the last hour 12 of 14 failed, usually less than 1 %: 12 bad signature."},
		{"many", failing(map[string]int{"bad_signature": 5, "malformed": 7}, 20), "In the last hour 12 of 34 failed, usually less than 1 %: 7 malformed, 5 bad signature."},
		{"few", failing(map[string]int{"bad_signature": 4}, 0), ""},
		{"a small share", failing(map[string]int{"bad_signature": 10}, 60), ""},
		{"none", failing(nil, 10), ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			h := tc.history
			now := sunday.Add(5*week + 20*time.Minute)
			h.Last = now.Add(-5 * time.Minute)
			s, changes := Judge(h, Calendar{}, State{}, now)
			reason := ""
			if len(changes) > 0 {
				reason = changes[0].Reason
			}
			if reason != tc.reason {
				t.Fatalf("%q, want %q", reason, tc.reason)
			}
			if _, again := Judge(h, Calendar{}, s, now.Add(5*time.Minute)); len(again) > 0 {
				t.Errorf("told again: %+v", again)
			}
		})
	}
}

func TestFailuresAreNoSilenceAndAreOver(t *testing.T) {
	h := regular(5, flat(12))
	var s State
	var told []string
	for hour := range 8 {
		h.Hours = append(h.Hours, Hour{Start: sunday.Add(5*week + time.Duration(hour)*time.Hour), Failed: map[string]int{"bad_signature": 12}})
		var c []Change
		s, c = Judge(h, Calendar{}, s, sunday.Add(5*week+time.Duration(hour)*time.Hour+50*time.Minute))
		for _, x := range c {
			told = append(told, string(x.Kind))
		}
	}
	for hour := 8; hour < 12; hour++ {
		h.add(5*hoursOfWeek+hour, 12)
		var c []Change
		s, c = Judge(h, Calendar{}, s, sunday.Add(5*week+time.Duration(hour)*time.Hour+50*time.Minute))
		for _, x := range c {
			told = append(told, "over: "+x.Reason)
		}
	}
	if diff := cmp.Diff([]string{"failing", "over: Events are accepted again: none of 24 failed."}, told); diff != "" {
		t.Error(diff)
	}
}

// A source that always fails a little is not failing.
func TestUsualFailuresAreUsual(t *testing.T) {
	h := regular(5, flat(10))
	for i := range h.Hours {
		h.Hours[i].Failed = map[string]int{"malformed": 5 + i%5}
	}
	if _, c := Judge(h, Calendar{}, State{}, h.Last); len(c) > 0 {
		t.Errorf("%+v", c)
	}
}

// shaped is a history whose events have fields; from the hour gone on, company
// and attributes.form are missing.
func shaped(hours, gone int, change func(i int, h *Hour)) History {
	var h History
	for i := range hours {
		h.add(i, 2)
		x := &h.Hours[len(h.Hours)-1]
		x.Shaped, x.Fields = 4, map[string]int{"lead.email": 4, "lead.phone": 2, "lead.company": 4, "attributes.form": 4}
		if i >= gone {
			delete(x.Fields, "lead.company")
			delete(x.Fields, "attributes.form")
		}
		if change != nil {
			change(i, x)
		}
	}
	return h
}

// only changes one hour.
func only(hour int, change func(*Hour)) func(int, *Hour) {
	return func(i int, h *Hour) {
		if i == hour {
			change(h)
		}
	}
}

// before changes all hours before one.
func before(hour int, change func(*Hour)) func(int, *Hour) {
	return func(i int, h *Hour) {
		if i < hour {
			change(h)
		}
	}
}

func TestDrift(t *testing.T) {
	const gone = 2 * hoursOfWeek
	form := []string{"attributes.form"}
	for _, tc := range []struct {
		name   string
		hours  int
		change func(i int, h *Hour)
		want   []string
	}{
		{"sixteen events without it", gone + 4, nil, nil},
		{"twenty", gone + 5, nil, []string{"attributes.form", "lead.company"}},
		{"all of them in one hour", gone + 1, only(gone, func(h *Hour) { h.Shaped = 40 }), nil},
		{"one of them has it", gone + 9, only(gone+8, func(h *Hour) { h.Fields["lead.company"] = 1 }), form},
		{"known for six days", gone + 9, before(gone-6*24, func(h *Hour) { h.Shaped, h.Fields = 0, nil }), nil},
		{"in five of six", gone + 9, func(i int, h *Hour) { h.Fields["lead.company"] *= min(1, i%6) }, form},
		{"a busy hour without it before", gone + 9, only(100, func(h *Hour) { h.Shaped, h.Fields = 30, map[string]int{"attributes.form": 30} }), form},
		{"more fields than are counted", gone + 9, func(i int, h *Hour) { h.Cut = i > gone }, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			h := shaped(tc.hours, gone, tc.change)
			_, changes := Judge(h, Calendar{}, State{}, h.Last)
			var got []string
			if len(changes) > 0 {
				got = changes[0].Fields
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("%s\n%+v", diff, changes)
			}
		})
	}
}

func TestADriftIsToldOnceAndIsOver(t *testing.T) {
	const gone, back = 2 * hoursOfWeek, 2*hoursOfWeek + 50
	var s State
	var told []string
	for hours := gone - 5; hours < back+20; hours++ {
		h := shaped(hours, gone, func(i int, x *Hour) {
			if i >= back {
				x.Fields["lead.company"], x.Fields["attributes.form"] = 1, 4
			}
		})
		var c []Change
		s, c = Judge(h, Calendar{}, s, h.Last)
		for _, x := range c {
			told = append(told, x.Reason)
		}
	}
	want := []string{
		"attributes.form and lead.company are gone: in 100 % of 1344 events before, in none of the last 20.",
		"attributes.form and lead.company are there again.",
	}
	if diff := cmp.Diff(want, told); diff != "" {
		t.Error(diff)
	}
}

// What stays away is the new shape: it is forgotten, and not told again.
func TestADriftThatStaysIsForgotten(t *testing.T) {
	const gone = 3 * hoursOfWeek
	var s State
	told := 0
	for hours := gone; hours < gone+5*hoursOfWeek; hours += 6 {
		h := shaped(hours, gone, nil)
		var c []Change
		s, c = Judge(h, Calendar{}, s, h.Last)
		told += len(c)
	}
	if told != 1 || len(s.Open) != 0 {
		t.Errorf("told %d times, %+v", told, s)
	}
}

func TestNothingIsSaidOfASourceThatNeverSent(t *testing.T) {
	h := History{Hours: []Hour{{Start: sunday, Failed: map[string]int{"bad_signature": 100}}}}
	if s, c := Judge(h, Calendar{}, State{}, sunday.Add(time.Hour)); len(c) > 0 || len(s.Open) > 0 {
		t.Errorf("%+v %+v", s, c)
	}
}

// stretch adds hours of one kind.
func (h *History) stretch(first, length, events, failed int, company bool) {
	for at := first; at < first+length && events+failed > 0; at++ {
		x := Hour{
			Start: sunday.Add(time.Duration(at) * time.Hour), Events: events, Failed: map[string]int{"malformed": failed},
			Shaped: events, Fields: map[string]int{"lead.email": events},
		}
		if company {
			x.Fields["lead.company"] = events
		}
		if events > 0 {
			h.add(at, events)
			h.Hours = h.Hours[:len(h.Hours)-1]
		}
		h.Hours = append(h.Hours, x)
	}
}

// Whatever comes, alerts begin and end in turns, the same look tells nothing
// twice, and the order of the hours says nothing.
func TestAlertsTakeTurns(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var h History
		var s State
		open := map[Kind]bool{}
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "order"), 1))
		hour := 0
		for range rapid.IntRange(1, 15).Draw(t, "stretches") {
			length := rapid.IntRange(1, 300).Draw(t, "hours")
			h.stretch(hour, length, rapid.IntRange(0, 30).Draw(t, "events"), rapid.SampledFrom([]int{0, 0, 0, 3, 20}).Draw(t, "failed"), rapid.Bool().Draw(t, "company"))
			hour += length
			now := sunday.Add(time.Duration(hour)*time.Hour + 5*time.Minute)
			shuffled := h
			shuffled.Hours = slices.Clone(h.Hours)
			r.Shuffle(len(h.Hours), func(i, j int) {
				shuffled.Hours[i], shuffled.Hours[j] = shuffled.Hours[j], shuffled.Hours[i]
			})
			before := s
			var changes []Change
			s, changes = Judge(h, Calendar{}, before, now)
			other, same := Judge(shuffled, Calendar{}, before, now)
			if diff := cmp.Diff([]any{s, changes}, []any{other, same}); diff != "" {
				t.Fatalf("another order: %s", diff)
			}
			if _, again := Judge(h, Calendar{}, s, now); len(again) > 0 {
				t.Fatalf("told again: %+v", again)
			}
			inTurn(t, open, changes)
		}
	})
}

func inTurn(t *rapid.T, open map[Kind]bool, changes []Change) {
	for _, c := range changes {
		if c.Reason == "" || (c.Kind != Drifted && open[c.Kind] == !c.Over) {
			t.Fatalf("%+v while open is %v", c, open)
		}
		open[c.Kind] = !c.Over
	}
}
