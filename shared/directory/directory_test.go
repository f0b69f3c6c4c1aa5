package directory_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/handoff-oss/handoff/shared/directory"
	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/policy/rules"
	"github.com/handoff-oss/handoff/shared/routing"
)

// monday is a Monday, 10:00 in New York, where the default policy's office is.
var monday = time.Date(2026, 5, 18, 14, 0, 0, 0, time.UTC)

func standard(tb testing.TB) *policy.Policy {
	tb.Helper()
	p, err := policy.Decode(policy.Default())
	if err != nil {
		tb.Fatal(err)
	}
	pool := p.Routing.Pools["sales"]
	pool.Reps[1].Off = "in training"
	pool.Reps[2].Leave = []policy.Leave{{From: "2026-07-01", To: "2026-07-03"}}
	p.Routing.Pools["other"] = policy.Pool{Reps: []policy.Rep{{ID: "dana", Person: policy.Person{Name: "Dana", Email: "dana@us.example"}, OwnerIDs: []string{"crm:9"}, Weight: 1}}}
	return p
}

func edit(tb testing.TB, text string) directory.Edit {
	tb.Helper()
	e, err := directory.ParseEdit([]byte(text))
	if err != nil {
		tb.Fatal(err)
	}
	return e
}

func order(tb testing.TB, rep, text string) directory.Order {
	tb.Helper()
	return directory.Order{Rep: rep, By: "kim", Why: "because", At: monday, Edit: edit(tb, text)}
}

func TestEachFieldCanBeChangedAndGivenBack(t *testing.T) {
	for name, c := range map[string]struct {
		rep, edit, back string
		want            func(*policy.Rep)
	}{
		"name":      {"alex", `{"name":"Al"}`, `{"name":null}`, func(r *policy.Rep) { r.Name = "Al" }},
		"email":     {"alex", `{"email":"al@us.example"}`, `{"email":null}`, func(r *policy.Rep) { r.Email = "al@us.example" }},
		"slack":     {"alex", `{"slack":""}`, `{"slack":null}`, func(r *policy.Rep) { r.Slack = "" }},
		"owner ids": {"alex", `{"owner_ids":["crm:1"]}`, `{"owner_ids":null}`, func(r *policy.Rep) { r.OwnerIDs = []string{"crm:1"} }},
		"weight":    {"alex", `{"weight":0.5}`, `{"weight":null}`, func(r *policy.Rep) { r.Weight = 0.5 }},
		"caps":      {"alex", `{"caps":[{"most":2,"per":"24h","when":"fit.grade == \"A\""}]}`, `{"caps":null}`, func(r *policy.Rep) { r.Caps = []policy.Cap{{Most: 2, Per: "24h", When: `fit.grade == "A"`}} }},
		"calendar":  {"alex", `{"calendar":"new-york"}`, `{"calendar":null}`, func(r *policy.Rep) { r.Calendar = "new-york" }},
		"hours":     {"alex", `{"hours":{"zone":"America/New_York","hours":{"mon":["10:00-12:00"]}}}`, `{"hours":null}`, func(r *policy.Rep) { r.Calendar = "rep:alex" }},
		"off":       {"alex", `{"off":"at a fair"}`, `{"off":null}`, func(r *policy.Rep) { r.Off = "at a fair" }},
		"on":        {"bo", `{"off":null}`, `{"off":"in training"}`, func(r *policy.Rep) { r.Off = "" }},
		"leave": {"alex", `{"add_leave":[{"from":"2026-05-18","to":"2026-05-18","reason":"sick"}]}`, `{"remove_leave":[{"from":"2026-05-18","to":"2026-05-18","reason":"sick"}]}`, func(r *policy.Rep) {
			r.Leave = []policy.Leave{{From: "2026-05-18", To: "2026-05-18", Reason: "sick"}}
		}},
		"leave of the policy": {"casey", `{"remove_leave":[{"from":"2026-07-01","to":"2026-07-03"}]}`, `{"add_leave":[{"from":"2026-07-01","to":"2026-07-03"}]}`, func(r *policy.Rep) { r.Leave = nil }},
	} {
		t.Run(name, func(t *testing.T) {
			there := func(p *policy.Policy, r routing.Roster) policy.Rep {
				rep, _, _ := routing.Find(r.Over(p), c.rep)
				return rep
			}
			p := standard(t)
			p.Calendars["new-york"] = p.Calendars[p.SLA.Calendar]
			before := there(p, routing.Roster{})
			want := before
			c.want(&want)
			r := applied(t, p, routing.Roster{}, order(t, c.rep, c.edit))
			if diff := cmp.Diff(want, there(p, r), cmpopts.EquateEmpty()); diff != "" {
				t.Error(diff)
			}
			if r.Last.By != "kim" || r.Last.Why != "because" || len(r.Last.What) != 1 || !r.Last.At.Equal(monday) {
				t.Errorf("the history says %+v", r.Last)
			}
			r = applied(t, p, r, order(t, c.rep, c.back))
			if diff := cmp.Diff(before, there(p, r), cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("given back: %s", diff)
			}
		})
	}
}

func coreOf(tb testing.TB, p *policy.Policy) *lead.Core {
	tb.Helper()
	base, err := rules.Compile(p, "test")
	if err != nil {
		tb.Fatal(err)
	}
	core, err := lead.NewCore(base)
	if err != nil {
		tb.Fatal(err)
	}
	return core
}

// applied carries out an order that nothing is wrong with.
func applied(tb testing.TB, p *policy.Policy, r routing.Roster, o directory.Order) routing.Roster {
	tb.Helper()
	next, err := directory.Apply(p, r, o)
	if err != nil {
		tb.Fatal(err)
	}
	return next
}

// problems are the fields that are wrong, in order.
func problems(err error) []string {
	var all directory.Problems
	fields := []string{}
	if errors.As(err, &all) {
		for _, p := range all {
			fields = append(fields, p.Field)
		}
	}
	return fields
}

func TestWhatIsWrongIsSaidAndChangesNothing(t *testing.T) {
	for name, c := range map[string]struct {
		edit   string
		fields []string
		says   string
	}{
		"no name":             {`{"name":" "}`, []string{"name"}, "give a name"},
		"no address":          {`{"email":"alex"}`, []string{"email"}, "not an e-mail address"},
		"another's address":   {`{"email":"DANA@us.example"}`, []string{"email"}, "Dana (dana) has this address already"},
		"slack":               {`{"slack":"@alex"}`, []string{"slack"}, "U0123ABCD"},
		"an id without":       {`{"owner_ids":["77"]}`, []string{"owner_ids"}, "hubspot:12345678"},
		"another's id":        {`{"owner_ids":["crm:9"]}`, []string{"owner_ids"}, "Dana"},
		"an id twice":         {`{"owner_ids":["crm:1","crm:1"]}`, []string{"owner_ids"}, "twice"},
		"an unknown pool":     {`{"pools":["sale"]}`, []string{"pools"}, "did you mean sales?"},
		"no pool":             {`{"pools":[]}`, []string{"pools"}, "at least one"},
		"a pool twice":        {`{"pools":["sales","sales"]}`, []string{"pools"}, "twice"},
		"no weight":           {`{"weight":0}`, []string{"weight"}, "more than 0"},
		"a negative weight":   {`{"weight":-1}`, []string{"weight"}, "more than 0"},
		"too much weight":     {`{"weight":1001}`, []string{"weight"}, "at most 1000"},
		"a cap of nothing":    {`{"caps":[{"most":0,"per":"day"}]}`, []string{"caps[0].most"}, "at least 1"},
		"a cap of no time":    {`{"caps":[{"most":1,"per":"dya"}]}`, []string{"caps[0].per"}, "did you mean day?"},
		"a cap of long":       {`{"caps":[{"most":1,"per":"800h"}]}`, []string{"caps[0].per"}, "at most 744h"},
		"a cap spread":        {`{"caps":[{"most":1,"per":"day","spread":true}]}`, []string{"caps[0].spread"}, "a week or a month"},
		"an unknown tag":      {`{"caps":[{"most":1,"per":"day","tag":"lost"}]}`, []string{"caps[0].tag"}, "no tag"},
		"a wrong condition":   {`{"caps":[{"most":1,"per":"day","when":"fit.grad == \"A\""}]}`, []string{"caps[0].when"}, "column"},
		"the same cap":        {`{"caps":[{"most":1,"per":"24h"},{"most":2,"per":"1440m"}]}`, []string{"caps[1]"}, "the smaller one"},
		"an unknown calendar": {`{"calendar":"lost"}`, []string{"calendar"}, "no calendar"},
		"no zone":             {`{"hours":{"zone":"Berlin","hours":{"mon":["09:00-10:00"]}}}`, []string{"hours.zone"}, "IANA"},
		"hours of no day":     {`{"hours":{"zone":"UTC","hours":{"monday":["09:00-10:00"]}}}`, []string{"hours.monday"}, "mon, tue"},
		"hours that are none": {`{"hours":{"zone":"UTC","hours":{"mon":["9-17"]}}}`, []string{"hours.mon[0]"}, "interval"},
		"never open":          {`{"hours":{"zone":"UTC","hours":{}}}`, []string{"hours"}, "never opens"},
		"never with the team": {`{"hours":{"zone":"America/New_York","hours":{"mon":["02:00-03:00"]}}}`, []string{"hours"}, "never open at the same time"},
		"off without why":     {`{"off":""}`, []string{"off"}, "say why"},
		"leave of no day":     {`{"add_leave":[{"from":"tomorrow","to":"2026-07-01"}]}`, []string{"leave"}, "such as 2027-07-01"},
		"an instant":          {`{"add_leave":[{"from":"2026-07-01T08:00Z","to":"2026-07-01T09:00Z"}]}`, []string{"leave"}, "such as 2027-07-01"},
		"leave backwards":     {`{"add_leave":[{"from":"2026-07-02","to":"2026-07-01"}]}`, []string{"leave"}, "before it begins"},
		"leave of the past":   {`{"add_leave":[{"from":"2026-05-01","to":"2026-05-02"}]}`, []string{"leave"}, "over already"},
		"no such leave":       {`{"remove_leave":[{"from":"2026-05-01","to":"2026-05-02"}]}`, []string{"leave"}, "there is no leave"},
		"a feed that is none": {`{"feed":{"url":"soon"}}`, []string{"feed.url"}, "no address"},
		"a feed in the clear": {`{"feed":{"url":"http://calendar.example/x"}}`, []string{"feed.url"}, "https://"},
		"a webcal feed":       {`{"feed":{"url":"webcal://calendar.example/x"}}`, []string{"feed.url"}, "webcal"},
		"a feed next door":    {`{"feed":{"url":"https://169.254.169.254/latest"}}`, []string{"feed.url"}, "public host"},
		"a feed at home":      {`{"feed":{"url":"https://localhost/x"}}`, []string{"feed.url"}, "public host"},
		"a feed with a name":  {`{"feed":{"url":"https://me:pw@calendar.example/x"}}`, []string{"feed.url"}, "user name"},
		"several at once":     {`{"name":"","weight":-1,"off":"x"}`, []string{"name", "weight"}, "give a name"},
	} {
		t.Run(name, func(t *testing.T) {
			p, r := standard(t), routing.Roster{Version: 4}
			next, err := directory.Apply(p, r, order(t, "alex", c.edit))
			if fault.KindOf(err) != fault.Invalid || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%v, want %q", err, c.says)
			}
			if diff := cmp.Diff(c.fields, problems(err)); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(r, next); diff != "" {
				t.Errorf("something was changed: %s", diff)
			}
		})
	}
	for _, text := range []string{`{"nam":"x"}`, `{"weight":"2"}`, `[]`, `{"hours":{"zones":"UTC"}}`} {
		if _, err := directory.ParseEdit([]byte(text)); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s is read: %v", text, err)
		}
	}
}

func TestRepsComeAndGo(t *testing.T) {
	p := standard(t)
	hire := order(t, "eve", `{"name":"Eve","email":"eve@us.example","pools":["sales"],"weight":2}`)
	hire.New = true
	r, err := directory.Apply(p, routing.Roster{}, hire)
	if err != nil {
		t.Fatal(err)
	}
	if rep, pools, ok := routing.Find(r.Over(p), "eve"); !ok || rep.Weight != 2 || !slices.Equal(pools, []string{"sales"}) {
		t.Errorf("%+v in %s", rep, pools)
	}
	if _, err := directory.Apply(p, r, hire); fault.KindOf(err) != fault.Conflict {
		t.Errorf("hired twice: %v", err)
	}
	r, err = directory.Apply(p, r, order(t, "eve", `{"gone":true}`))
	if _, _, there := routing.Find(r.Over(p), "eve"); err != nil || there {
		t.Errorf("still there after leaving: %v", err)
	}
	hire.Edit = edit(t, `{"name":"Eve","email":"eve@us.example","pools":["other"]}`)
	r, err = directory.Apply(p, r, hire)
	if _, pools, _ := routing.Find(r.Over(p), "eve"); err != nil || !slices.Equal(pools, []string{"other"}) {
		t.Errorf("back in %s, %v", pools, err)
	}
	for name, o := range map[string]directory.Order{
		"without a name":          {Rep: "fay", New: true, At: monday, Edit: edit(t, `{"email":"fay@us.example","pools":["sales"]}`)},
		"without a pool":          {Rep: "fay", New: true, At: monday, Edit: edit(t, `{"email":"fay@us.example","name":"Fay"}`)},
		"with the name of a page": {Rep: "me", New: true, At: monday, Edit: edit(t, `{"email":"fay@us.example","name":"Fay","pools":["sales"]}`)},
		"with another's name":     {Rep: "new", New: true, At: monday, Edit: edit(t, `{"email":"fay@us.example","name":"Fay","pools":["sales"]}`)},
		"with a bad id":           {Rep: "Fay!", New: true, At: monday, Edit: edit(t, `{"email":"fay@us.example","name":"Fay","pools":["sales"]}`)},
	} {
		if _, err := directory.Apply(p, r, o); len(problems(err)) != 1 {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := directory.Apply(p, r, order(t, "alexx", `{"weight":2}`)); fault.KindOf(err) != fault.NotFound || !strings.Contains(err.Error(), "did you mean alex?") {
		t.Errorf("%v", err)
	}
}

// What somebody else has by now cannot be had back: an address says who a
// person is, and an id at a source whose a lead is.
func TestWhatAnotherHasIsNotGivenBack(t *testing.T) {
	for name, c := range map[string]struct{ rep, away, taken, back string }{
		"an address of the policy":          {"dana", `{"email":"d@us.example"}`, `{"email":"Dana@us.example"}`, `{"email":null}`},
		"the address of who was removed":    {"dana", `{"gone":true}`, `{"email":"dana@us.example"}`, `{"gone":false}`},
		"an id at a source":                 {"dana", `{"owner_ids":[]}`, `{"owner_ids":["crm:9"]}`, `{"owner_ids":null}`},
		"an id at a source, of the removed": {"dana", `{"gone":true}`, `{"owner_ids":["crm:9"]}`, `{"gone":false}`},
	} {
		t.Run(name, func(t *testing.T) {
			p, r := standard(t), routing.Roster{}
			for _, o := range []directory.Order{order(t, c.rep, c.away), order(t, "bo", c.taken)} {
				var err error
				if r, err = directory.Apply(p, r, o); err != nil {
					t.Fatal(err)
				}
			}
			if _, err := directory.Apply(p, r, order(t, c.rep, c.back)); len(problems(err)) != 1 {
				t.Errorf("given back: %v", err)
			}
			if _, err := directory.Apply(p, routing.Roster{}.With(c.rep, r.Reps[c.rep]), order(t, c.rep, c.back)); err != nil {
				t.Errorf("what nobody has is not given back: %v", err)
			}
		})
	}
}

func TestTheSecondOfTwoManagersIsTold(t *testing.T) {
	p := standard(t)
	first, second := order(t, "alex", `{"weight":2}`), order(t, "alex", `{"weight":3}`)
	first.Seen, second.Seen = new(int64), new(int64)
	r, err := directory.Apply(p, routing.Roster{}, first)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := directory.Apply(p, r, second); fault.KindOf(err) != fault.Conflict {
		t.Errorf("%v, want a conflict", err)
	}
	other := order(t, "bo", `{"weight":3}`)
	other.Seen = new(int64)
	if _, err := directory.Apply(p, r, other); err != nil {
		t.Errorf("a change of somebody else is in the way: %v", err)
	}
	if _, err := directory.Apply(p, r, order(t, "alex", `{"weight":2}`)); fault.KindOf(err) != fault.Invalid || len(problems(err)) != 0 {
		t.Errorf("what changes nothing: %v", err)
	}
}

func TestAFeedKeepsWhatWasReadUntilTheNextIs(t *testing.T) {
	p := standard(t)
	read := policy.Leave{From: "2026-06-01", To: "2026-06-02", Reason: "vacation"}
	r := routing.Roster{}.With("alex", routing.Entry{Feed: &routing.Feed{URL: "https://calendar.example/secret", Leave: []policy.Leave{read}, ETag: "1", Error: "broken"}})
	r, err := directory.Apply(p, r, order(t, "alex", `{"feed":{"url":"","words":["urlaub"," "]}}`))
	feed := r.Reps["alex"].Feed
	if err != nil || feed.URL != "https://calendar.example/secret" || feed.ETag != "" || feed.Error != "" || len(feed.Leave) != 1 || !slices.Equal(feed.Words, []string{"urlaub"}) {
		t.Fatalf("%+v, %v", feed, err)
	}
	if _, err := directory.Apply(p, r, order(t, "alex", `{"remove_leave":[{"from":"2026-06-01","to":"2026-06-02","reason":"vacation"}]}`)); err == nil || !strings.Contains(err.Error(), "remove it in that calendar") {
		t.Errorf("%v", err)
	}
	r, err = directory.Apply(p, r, order(t, "alex", `{"feed":null}`))
	if rep, _, _ := routing.Find(r.Over(p), "alex"); err != nil || len(rep.Leave) != 0 {
		t.Errorf("without the feed: %v, %v", rep.Leave, err)
	}
	bad := order(t, "alex", `{"feed":{"url":"http://secret.example/token-77"}}`)
	if _, err := directory.Apply(p, r, bad); err == nil || strings.Contains(err.Error(), "token-77") {
		t.Errorf("the error quotes the secret: %v", err)
	}
}

func TestAnEditIsWrittenAsItIsRead(t *testing.T) {
	text := `{"name":null,"weight":2,"hours":{"zone":"UTC","hours":{"mon":["09:00-10:00"]}},"add_leave":[{"from":"a","to":"b"}]}`
	e := edit(t, text)
	again, err := json.Marshal(e)
	if diff := cmp.Diff(text, string(again)); err != nil || diff != "" {
		t.Errorf("%v %s", err, diff)
	}
	if e.OwnLeaveOnly() || !edit(t, `{"off":"x","add_leave":[],"feed":null}`).OwnLeaveOnly() {
		t.Error("what reps may say of themselves is told wrongly")
	}
	if v, ok := directory.Reset[string]().Value(); ok || v != "" || !directory.Reset[string]().Touched() {
		t.Error("a field that is given back has a value")
	}
	if v, ok := directory.Set(3).Value(); !ok || v != 3 {
		t.Error("a field that was set has no value")
	}
}

// Whatever is accepted makes a policy that the core can decide under, in which
// every rep of a pool has hours.
func TestWhatIsAcceptedCanBeUsed(t *testing.T) {
	p := standard(t)
	core := coreOf(t, p)
	rapid.Check(t, func(t *rapid.T) {
		r := routing.Roster{}
		for range rapid.IntRange(1, 4).Draw(t, "orders") {
			if next, err := directory.Apply(p, r, drawn(t)); err == nil {
				r = next
			}
		}
		for _, pool := range []string{"sales", "other"} {
			for _, person := range directory.People(core, r, routing.Pool{Name: pool}, monday) {
				if person.Weight <= 0 || person.Weight > 1000 || !person.Hours.Opens(monday) {
					t.Fatalf("%+v", person)
				}
			}
		}
	})
}

// drawn is an order of which anything may be wrong.
func drawn(t *rapid.T) directory.Order {
	o := directory.Order{Rep: rapid.SampledFrom([]string{"alex", "bo", "casey", "dana"}).Draw(t, "rep"), By: "kim", At: monday}
	if rapid.Bool().Draw(t, "weight") {
		o.Edit.Weight = directory.Set(rapid.Float64Range(-1, 1100).Draw(t, "w"))
	}
	if rapid.Bool().Draw(t, "hours") {
		hours := fmt.Sprintf("%02d:00-%02d:00", rapid.IntRange(0, 25).Draw(t, "from"), rapid.IntRange(0, 24).Draw(t, "to"))
		o.Edit.Hours = directory.Set(policy.Calendar{Zone: "America/New_York", Hours: map[string][]string{"wed": {hours}}})
	}
	if rapid.Bool().Draw(t, "pools") {
		o.Edit.Pools = directory.Set(rapid.SliceOfN(rapid.SampledFrom([]string{"sales", "other", "lost"}), 0, 2).Draw(t, "p"))
	}
	return o
}

func TestHowPeopleStand(t *testing.T) {
	p := standard(t)
	core := coreOf(t, p)
	r, err := directory.Apply(p, routing.Roster{}, order(t, "alex", `{"hours":{"zone":"Europe/London","hours":{"mon":["14:00-15:10","16:00-18:00"],"tue":["14:00-18:00"]}},"caps":[{"most":5,"per":"day"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	r, err = directory.Apply(p, r, order(t, "casey", `{"add_leave":[{"from":"2026-05-18","to":"2026-05-18","reason":"sick"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	state := routing.Pool{Name: "sales", Reps: map[string]routing.RepState{"alex": {Balance: routing.Lead / 2, Received: 7, Open: map[string]int64{"": 3}}}}
	at := monday.Add(20 * time.Minute) // 15:20 in London
	all := directory.People(core, r, state, at)
	alex, bo, casey := all[0], all[1], all[2]
	if alex.State != directory.Away || !alex.Next.Equal(monday.Add(time.Hour)) || alex.Zone.String() != "Europe/London" {
		t.Errorf("alex is %s until %s in %s", alex.State, alex.Next, alex.Zone)
	}
	if diff := cmp.Diff([]string{"14:00-15:10", "16:00-18:00"}, alex.Today); diff != "" {
		t.Error(diff)
	}
	if alex.Open != 3 || alex.Received != 7 || alex.Owed != 0.5 || len(alex.Uses) != 1 || alex.Entry.By != "kim" {
		t.Errorf("%+v", alex)
	}
	if bo.State != directory.IsOff || bo.Off != "in training" || len(bo.Today) == 0 {
		t.Errorf("bo is %s: %s, %v", bo.State, bo.Off, bo.Today)
	}
	if casey.State != directory.OnLeave || len(casey.Today) != 0 || len(casey.Coming) != 2 || casey.Coming[0].Reason != "sick" || casey.Next.IsZero() {
		t.Errorf("casey is %s, today %v, leave %v", casey.State, casey.Today, casey.Coming)
	}
}

func ExampleApply() {
	p, _ := policy.Decode(policy.Default())
	weight := directory.Edit{Weight: directory.Set(2.0)}
	r, err := directory.Apply(p, routing.Roster{}, directory.Order{Rep: "alex", By: "Kim Sato", Why: "she knows the region", Edit: weight})
	fmt.Println(r.Last.By, r.Last.What, r.Last.Why, err)
	// Output: Kim Sato [weight: 1 → 2] she knows the region <nil>
}
