package office_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/handoff-oss/handoff/infra/sim/office"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/routing"
	"github.com/handoff-oss/handoff/shared/signal"
)

// monday is a Monday, 10:00 in New York, where the default policy's office is.
var monday = time.Date(2026, 5, 18, 14, 0, 0, 0, time.UTC)

// open opens an office under the default policy with a change.
func open(t *testing.T, change func(*policy.Policy)) *office.Office {
	t.Helper()
	p, err := policy.Decode(policy.Default())
	if err != nil {
		t.Fatal(err)
	}
	if change != nil {
		change(p)
	}
	o, err := office.New(p, monday.Add(-time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// demo is a person's request for a demo. Each is from a company of their own.
func demo(person string, at time.Time) (signal.LeadKey, signal.Signal) {
	s := signal.Signal{
		Source: "typeform", ID: "1", Type: signal.FormSubmitted, OccurredAt: at, ReceivedAt: at,
		Identity:   signal.Identity{Email: person + "@" + person + ".example"},
		Lead:       map[string]string{"company": person + " industries", "employees": "100"},
		Attributes: map[string]string{"form": "Request a demo"},
	}
	k, _ := s.LeadKey()
	return k, s
}

// asks has a person ask for a demo.
func asks(t *testing.T, o *office.Office, person string, at time.Time) signal.LeadKey {
	t.Helper()
	k, s := demo(person, at)
	must(t, o.Hear(at, s))
	return k
}

// answer is the holder's answer to the current handoff.
func answer(o *office.Office, k signal.LeadKey, kind signal.Type, reason string, at time.Time) signal.Signal {
	h := o.Lead(k).Journey.Handoff
	return signal.Signal{
		Source: "respond", ID: fmt.Sprintf("%d.%s", h.Number, kind), Type: kind, OccurredAt: at, ReceivedAt: at,
		Attributes: map[string]string{"handoff": fmt.Sprint(h.Number), "rep": h.Rep, "reason": reason},
	}
}

// story lists what was told of a lead, each with the minutes since monday and
// clocks with their kind.
func story(o *office.Office, k signal.LeadKey) string {
	var out []string
	for _, item := range o.Log(k) {
		for _, e := range item.Entries {
			line := fmt.Sprintf("%.0f %s", e.Time.Sub(monday).Minutes(), e.Type)
			if c := e.Detail.Clock; c != nil {
				line += " " + c.Kind
			}
			if strings.HasPrefix(line, "0 ") || strings.Contains(line, "clock.stopped") || strings.Contains(line, "clock.started") {
				continue
			}
			out = append(out, line)
		}
	}
	return strings.Join(out, "\n")
}

func holder(o *office.Office, k signal.LeadKey) string {
	if h := o.Lead(k).Journey.Holder(); h != nil {
		return h.Rep
	}
	return ""
}

func TestSilenceGoesThroughEveryStep(t *testing.T) {
	o := open(t, func(p *policy.Policy) { p.Escalation.OfflineAfter = 3 })
	k := asks(t, o, "ada", monday)
	must(t, o.Advance(monday.AddDate(0, 0, 1)))
	want := `20 clock.warned accept
31 clock.breached accept
31 lead.escalated accept
60 lead.reassigned
80 clock.warned accept
91 clock.breached accept
91 lead.escalated accept
120 lead.reassigned
140 clock.warned accept
151 clock.breached accept
151 lead.escalated accept
180 lead.escalated accept
241 clock.breached first_contact
241 lead.escalated first_contact`
	if got := story(o, k); !strings.HasPrefix(got, want) {
		t.Errorf("told:\n%s\nwant first:\n%s", got, want)
	}
	if had := o.Lead(k).Journey.Handoff.HadBy; len(had) != 3 {
		t.Errorf("had by %v, want each of the three once", had)
	}
}

// capped lets every rep hold one lead at a time.
func capped(p *policy.Policy) {
	pool := p.Routing.Pools["sales"]
	pool.Caps = []policy.Cap{{Most: 1, Per: policy.CapOpen}}
	p.Routing.Pools["sales"] = pool
}

func TestHeldLeadsAreOfferedOldestFirst(t *testing.T) {
	o := open(t, capped)
	var keys []signal.LeadKey
	for i, person := range []string{"ada", "bob", "cyd", "dee", "eli", "flo"} {
		keys = append(keys, asks(t, o, person, monday.Add(time.Duration(i)*time.Second)))
	}
	if got := o.Queue("sales"); len(got) != 3 || got[0] != keys[3] || got[2] != keys[5] {
		t.Fatalf("%v wait, want the last three in order", got)
	}
	at := monday.Add(5 * time.Minute)
	for i := range 2 {
		must(t, o.HearOf(at, keys[i], answer(o, keys[i], signal.RepRejected, "not_a_fit", at)))
	}
	late := asks(t, o, "gus", at.Add(10*time.Second))
	must(t, o.Advance(at.Add(time.Minute)))
	if holder(o, keys[3]) == "" || holder(o, keys[4]) == "" || holder(o, keys[5]) != "" || holder(o, late) != "" {
		t.Errorf("held by %q, %q, %q, %q: want the two oldest of those who wait", holder(o, keys[3]), holder(o, keys[4]), holder(o, keys[5]), holder(o, late))
	}
	if p := o.Pool("sales"); p.Held != 2 {
		t.Errorf("the pool counts %d, want 2", p.Held)
	}
}

func TestALeaveThatIsEnteredMovesTheClocksThatRun(t *testing.T) {
	o := open(t, nil)
	k := asks(t, o, "ada", monday)
	must(t, o.SetRoster(monday.Add(10*time.Minute), holder(o, k), routing.Entry{
		Leave: []policy.Leave{{From: "2026-05-18T10:05", To: "2026-05-18T14:00", Reason: "sick"}},
	}))
	must(t, o.Advance(monday.Add(11*time.Minute)))
	want := monday.Add(4*time.Hour + 25*time.Minute) // five minutes had gone by
	if c := o.Lead(k).Journey.Clocks[0]; c.Kind != lead.AcceptClock || !c.DueAt.Equal(want) {
		t.Errorf("%s is due at %s, want %s", c.Kind, c.DueAt, want)
	}
	must(t, o.Advance(monday.Add(3*time.Hour)))
	if got := story(o, k); !strings.Contains(got, "11 clock.moved accept") || strings.Contains(got, "breached accept") {
		t.Errorf("told:\n%s", got)
	}
	if to := holder(o, asks(t, o, "bob", monday.Add(3*time.Hour))); to == "alex" {
		t.Error("somebody on leave received a lead")
	}
}

// twoPools sends big companies to a pool of one, who takes one lead a day.
func twoPools(p *policy.Policy) {
	p.Routing.Rules = []policy.RoutingRule{{Name: "big", When: "lead.employees > 1000", Pool: "big"}}
	p.Routing.Pools["big"] = policy.Pool{
		Caps: []policy.Cap{{Most: 1, Per: policy.CapDay}},
		Reps: []policy.Rep{{ID: "gil", Person: policy.Person{Name: "Gil"}, Weight: 1}},
	}
}

func TestWhatOnePoolCannotTakeGoesToTheFallback(t *testing.T) {
	o := open(t, twoPools)
	big := func(person string, at time.Time) signal.LeadKey {
		k, s := demo(person, at)
		s.Lead["employees"] = "5000"
		must(t, o.Hear(at, s))
		return k
	}
	first, second := big("ada", monday), big("bob", monday.Add(time.Minute))
	small := asks(t, o, "cyd", monday.Add(2*time.Minute))
	if holder(o, first) != "gil" || holder(o, second) != "alex" || holder(o, small) != "bo" {
		t.Errorf("held by %q, %q, %q, want gil, alex and bo", holder(o, first), holder(o, second), holder(o, small))
	}
	if next := big("dee", monday.AddDate(0, 0, 1)); holder(o, next) != "gil" {
		t.Errorf("on the next day it went to %q, want gil", holder(o, next))
	}
}

func TestTheSameStoryGoesTheSameWay(t *testing.T) {
	tell := func() string {
		o := open(t, capped)
		for i := range 12 {
			asks(t, o, fmt.Sprintf("p%02d", i), monday.Add(time.Duration(i)*7*time.Minute))
		}
		must(t, o.Advance(monday.AddDate(0, 0, 3)))
		var all []string
		for _, k := range o.Leads() {
			all = append(all, string(k)+" "+holder(o, k)+" "+story(o, k))
		}
		return strings.Join(all, "\n")
	}
	if a, b := tell(), tell(); a != b {
		t.Errorf("told once:\n%s\nand again:\n%s", a, b)
	}
}

func TestTimeDoesNotGoBack(t *testing.T) {
	o := open(t, nil)
	must(t, o.Advance(monday))
	if err := o.Advance(monday.Add(-time.Second)); err == nil {
		t.Error("the office went back in time")
	}
}

func TestAnotherPolicyIsReviewed(t *testing.T) {
	o := open(t, nil)
	k := asks(t, o, "ada", monday)
	p, err := policy.Decode(policy.Default())
	must(t, err)
	hours := p.Calendars["office"].Hours
	hours["mon"] = []string{"09:00-10:10", "12:00-17:00"}
	must(t, o.Apply(p, "second"))
	must(t, o.Advance(monday.Add(time.Minute)))
	if got, want := o.Lead(k).Journey.Clocks[0].DueAt, monday.Add(140*time.Minute); !got.Equal(want) {
		t.Errorf("due at %s, want %s", got, want)
	}
}
