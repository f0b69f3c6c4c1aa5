package routing_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/routing"
)

// company has two pools: ada and ben in sales, ben and cleo in field.
func company() *policy.Policy {
	office := policy.Calendar{Zone: "Europe/Berlin", Hours: map[string][]string{"mon": {"09:00-17:00"}}}
	return &policy.Policy{
		SLA:       policy.SLA{Calendar: "office"},
		Calendars: map[string]policy.Calendar{"office": office, "late": office},
		Holidays:  map[string][]string{"de": {"2026-12-25"}},
		Routing: policy.Routing{Pools: map[string]policy.Pool{
			"sales": {Reps: []policy.Rep{
				{
					ID: "ada", Person: policy.Person{Name: "Ada", Email: "ada@us.example", Slack: "U1"}, Weight: 1, OwnerIDs: []string{"crm:1"},
					Caps: []policy.Cap{{Most: 5, Per: policy.CapDay}}, Leave: []policy.Leave{{From: "2026-07-01", To: "2026-07-02"}},
				},
				{ID: "ben", Person: policy.Person{Name: "Ben", Email: "ben@us.example"}, Weight: 1, Off: "in training"},
			}},
			"field": {Reps: []policy.Rep{
				{ID: "ben", Person: policy.Person{Name: "Ben", Email: "ben@us.example"}, Weight: 3, Off: "in training"},
				{ID: "cleo", Person: policy.Person{Name: "Cleo", Email: "cleo@us.example"}, Weight: 1},
			}},
		}},
	}
}

func of[T any](v T) *T { return &v }

func TestTheRosterGoesBeforeThePolicy(t *testing.T) {
	july := policy.Leave{From: "2026-07-01", To: "2026-07-02"}
	sick := policy.Leave{From: "2026-05-18", To: "2026-05-18", Reason: "sick"}
	read := policy.Leave{From: "2026-08-03T07:00Z", To: "2026-08-03T15:00Z", Reason: "Vacation"}
	for name, c := range map[string]struct {
		rep  string
		says routing.Entry
		want func(*policy.Rep)
	}{
		"name":            {"ada", routing.Entry{Card: routing.Card{Name: of("Ada King")}}, func(r *policy.Rep) { r.Name = "Ada King" }},
		"email":           {"ada", routing.Entry{Card: routing.Card{Email: of("king@us.example")}}, func(r *policy.Rep) { r.Email = "king@us.example" }},
		"slack":           {"ada", routing.Entry{Card: routing.Card{Slack: of("U9")}}, func(r *policy.Rep) { r.Slack = "U9" }},
		"no slack":        {"ada", routing.Entry{Card: routing.Card{Slack: of("")}}, func(r *policy.Rep) { r.Slack = "" }},
		"owner ids":       {"ada", routing.Entry{Card: routing.Card{OwnerIDs: &[]string{"crm:7"}}}, func(r *policy.Rep) { r.OwnerIDs = []string{"crm:7"} }},
		"weight":          {"ada", routing.Entry{Card: routing.Card{Weight: of(0.5)}}, func(r *policy.Rep) { r.Weight = 0.5 }},
		"caps":            {"ada", routing.Entry{Card: routing.Card{Caps: &[]policy.Cap{{Most: 1, Per: "open"}}}}, func(r *policy.Rep) { r.Caps = []policy.Cap{{Most: 1, Per: "open"}} }},
		"the pool's caps": {"ada", routing.Entry{Card: routing.Card{Caps: &[]policy.Cap{}}}, func(r *policy.Rep) { r.Caps = []policy.Cap{} }},
		"calendar":        {"ada", routing.Entry{Card: routing.Card{Calendar: of("late")}}, func(r *policy.Rep) { r.Calendar = "late" }},
		"a lost calendar": {"ada", routing.Entry{Card: routing.Card{Calendar: of("lost")}}, func(*policy.Rep) {}},
		"own hours":       {"ada", routing.Entry{Card: routing.Card{Hours: &policy.Calendar{Zone: "Asia/Tokyo"}}}, func(r *policy.Rep) { r.Calendar = "rep:ada" }},
		"off":             {"ada", routing.Entry{Switch: routing.Off, Reason: "at a fair"}, func(r *policy.Rep) { r.Off = "at a fair" }},
		"on again":        {"ben", routing.Entry{Switch: routing.On}, func(r *policy.Rep) { r.Off = "" }},
		"leave":           {"ada", routing.Entry{Leave: []policy.Leave{sick}}, func(r *policy.Rep) { r.Leave = []policy.Leave{july, sick} }},
		"the same leave":  {"ada", routing.Entry{Leave: []policy.Leave{july}}, func(*policy.Rep) {}},
		"canceled leave":  {"ada", routing.Entry{Canceled: []policy.Leave{july}}, func(r *policy.Rep) { r.Leave = nil }},
		"leave that is read": {"ada", routing.Entry{Leave: []policy.Leave{sick}, Feed: &routing.Feed{Leave: []policy.Leave{read}}}, func(r *policy.Rep) {
			r.Leave = []policy.Leave{july, sick, read}
		}},
	} {
		t.Run(name, func(t *testing.T) {
			p := company()
			want, _, _ := routing.Find(p, c.rep)
			c.want(&want)
			got, _, ok := routing.Find(routing.Roster{}.With(c.rep, c.says).Over(p), c.rep)
			if diff := cmp.Diff(want, got); !ok || diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(company(), p); diff != "" {
				t.Errorf("the policy itself was changed: %s", diff)
			}
		})
	}
}

func TestWhoIsInWhichPool(t *testing.T) {
	added := routing.Card{Name: of("Dov"), Email: of("dov@us.example")}
	in := func(c routing.Card, pools ...string) routing.Entry { c.Pools = &pools; return routing.Entry{Card: c} }
	for name, c := range map[string]struct {
		rep  string
		says routing.Entry
		want string // the pools, and who is in them, in order
	}{
		"nothing said":             {"ada", routing.Entry{}, "field: ben cleo; sales: ada ben"},
		"moved":                    {"ada", in(routing.Card{}, "field"), "field: ben cleo ada; sales: ben"},
		"in both":                  {"cleo", in(routing.Card{}, "sales", "field"), "field: ben cleo; sales: ada ben cleo"},
		"out of one of two":        {"ben", in(routing.Card{}, "field"), "field: ben cleo; sales: ada"},
		"a pool that is not there": {"ada", in(routing.Card{}, "lost"), "field: ben cleo; sales: ada ben"},
		"added":                    {"dov", in(added, "sales"), "field: ben cleo; sales: ada ben dov"},
		"added to a lost pool":     {"dov", in(added, "lost"), "field: ben cleo; sales: ada ben"},
		"said of nobody":           {"dov", routing.Entry{Switch: routing.Off}, "field: ben cleo; sales: ada ben"},
		"removed":                  {"ben", routing.Entry{Card: routing.Card{Gone: true}}, "field: cleo; sales: ada"},
		"removed from a pool":      {"ben", routing.Entry{Card: routing.Card{Gone: true, Pools: &[]string{"field"}}}, "field: cleo; sales: ada"},
	} {
		t.Run(name, func(t *testing.T) {
			p := routing.Roster{}.With(c.rep, c.says).Over(company())
			var got []string
			for _, pool := range []string{"field", "sales"} {
				ids := pool + ":"
				for _, r := range p.Routing.Pools[pool].Reps {
					ids += " " + r.ID
				}
				got = append(got, ids)
			}
			if text := strings.Join(got, "; "); text != c.want {
				t.Errorf("%s, want %s", text, c.want)
			}
		})
	}
	p := routing.Roster{}.With("dov", in(added, "sales")).With("ada", in(routing.Card{}, "field")).Over(company())
	if dov, pools, _ := routing.Find(p, "dov"); dov.Weight != 1 || dov.Email != "dov@us.example" || !slices.Equal(pools, []string{"sales"}) {
		t.Errorf("who was added is %+v in %s", dov, pools)
	}
	if ada, _, _ := routing.Find(p, "ada"); len(ada.Caps) != 1 {
		t.Errorf("who was moved has lost their caps: %+v", ada)
	}
}

func TestOwnHoursAreACalendarOfThePolicy(t *testing.T) {
	own := policy.Calendar{Zone: "Asia/Tokyo", Hours: map[string][]string{"tue": {"10:00-12:00"}}, Regions: []string{"de", "atlantis"}}
	p := company()
	over := routing.Roster{}.With("ada", routing.Entry{Card: routing.Card{Hours: &own}}).Over(p)
	got := over.Calendars["rep:ada"]
	if got.Zone != "Asia/Tokyo" || !slices.Equal(got.Regions, []string{"de"}) {
		t.Errorf("%+v", got)
	}
	if _, leaked := p.Calendars["rep:ada"]; leaked {
		t.Error("the policy itself was changed")
	}
	if words := routing.HoursWords(over, "rep:ada"); words != "Asia/Tokyo, tue 10:00-12:00, closed on de" {
		t.Error(words)
	}
}

// entries draws what a roster may say of anybody.
func entries(t *rapid.T) routing.Roster {
	r := routing.Roster{}
	for i := range rapid.IntRange(0, 5).Draw(t, "changes") {
		e := routing.Entry{
			Switch: rapid.SampledFrom([]routing.Switch{routing.Unset, routing.On, routing.Off}).Draw(t, "switch"),
			Leave:  rapid.SliceOfN(rapid.SampledFrom([]policy.Leave{{From: "2026-07-01", To: "2026-07-02"}, {From: "2026-07-05", To: "2026-07-06"}}), 0, 2).Draw(t, "leave"),
		}
		if pools := rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"sales", "field", "lost"}), 0, 2, rapid.ID).Draw(t, "pools"); len(pools) > 0 {
			e.Pools = &pools
		}
		if rapid.Bool().Draw(t, "hours") {
			e.Hours = &policy.Calendar{Zone: "UTC", Regions: []string{"de", "lost"}}
		}
		e.Weight = rapid.Ptr(rapid.Float64Range(0.1, 9), true).Draw(t, "weight")
		e.Gone = rapid.Bool().Draw(t, "gone")
		r = r.Record(company(), rapid.SampledFrom([]string{"ada", "ben", "cleo", "dov"}).Draw(t, fmt.Sprint("rep ", i)), e, "because")
	}
	return r
}

func TestLayingOverTwiceChangesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, r := company(), entries(t)
		once := r.Over(p)
		if diff := cmp.Diff(once, r.Over(once)); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff(company(), p); diff != "" {
			t.Errorf("the policy itself was changed: %s", diff)
		}
	})
	p := company()
	if (routing.Roster{Version: 3}).Over(p) != p {
		t.Error("an empty roster makes another policy")
	}
}

func TestAHistoryMakesTheRosterAgain(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r, history := routing.Roster{}, []routing.Change{}
		for range rapid.IntRange(1, 6).Draw(t, "changes") {
			e := routing.Entry{Reason: rapid.StringMatching("[a-z]{3}").Draw(t, "reason"), Switch: routing.Off}
			r = r.With(rapid.SampledFrom([]string{"ada", "ben"}).Draw(t, "rep"), e)
			c, ok := r.History()
			if !ok {
				t.Fatal("a change has no history")
			}
			history = append(history, c)
		}
		got := routing.At(history, r.Version)
		got.Last = r.Last
		if diff := cmp.Diff(r, got); diff != "" {
			t.Error(diff)
		}
	})
}

func TestAChangeSaysWhatItMakesOfARep(t *testing.T) {
	before := routing.Roster{}.With("ada", routing.Entry{Feed: &routing.Feed{URL: "https://calendar.example/secret-1"}, Leave: []policy.Leave{{From: "2026-05-18", To: "2026-05-18", Reason: "sick"}}})
	e := before.Reps["ada"]
	e.Weight, e.Pools, e.Switch, e.Reason = of(2.0), &[]string{"field"}, routing.Off, "at a fair"
	e.Caps = &[]policy.Cap{{Most: 3, Per: policy.CapOpen}, {Most: 2, Per: "24h", Tag: "big"}}
	e.Calendar = of("late")
	e.Leave = []policy.Leave{{From: "2026-06-01", To: "2026-06-05"}}
	e.Canceled = []policy.Leave{{From: "2026-07-01", To: "2026-07-02"}}
	e.Feed = &routing.Feed{URL: "https://calendar.example/secret-2", Error: "the server answers 404"}
	e.By = "kim"
	next := before.Record(company(), "ada", e, "she helps out")
	c, _ := next.History()
	var got []string
	for _, d := range c.What {
		got = append(got, d.String())
	}
	if diff := cmp.Diff([]string{
		"pools: sales → field",
		"calendar feed: https://calendar.example/… → https://calendar.example/… (another address)",
		"weight: 1 → 2",
		"caps: 5 per day → 3 open, 2 per 24h (big)",
		"hours: the pool's → late",
		"receives leads: yes → no: at a fair",
		"leave taken back: 2026-07-01 to 2026-07-02",
		"leave taken back: 2026-05-18 (sick)",
		"leave: 2026-06-01 to 2026-06-05",
		"error of the feed: the server answers 404",
	}, got); diff != "" {
		t.Error(diff)
	}
	if c.Why != "she helps out" || c.By != "kim" || c.Version != 2 || c.Rep != "ada" {
		t.Errorf("%+v", c)
	}
	if strings.Contains(fmt.Sprintf("%+v %+v", c, *c.Entry.Feed), "secret") {
		t.Error("the history tells the address of the feed")
	}
	gone := next.Record(company(), "ada", routing.Entry{Card: routing.Card{Gone: true}}, "")
	if len(gone.Last.What) == 0 || gone.Last.What[0].String() != "pools taken back: field" {
		t.Errorf("%v", gone.Last.What)
	}
}
