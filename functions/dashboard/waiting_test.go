package main

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/handoff-oss/handoff/shared/access"
	"github.com/handoff-oss/handoff/shared/contract"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/rollout"
	"github.com/handoff-oss/handoff/shared/routing"
	"github.com/handoff-oss/handoff/shared/signal"
	"github.com/handoff-oss/handoff/shared/table"
	"github.com/handoff-oss/handoff/shared/view"
	"github.com/handoff-oss/handoff/shared/web/webtest"
)

// nobodyIsThere switches every rep of the pool sales off.
func (b bench) nobodyIsThere(t *testing.T) {
	t.Helper()
	var roster routing.Roster
	for _, rep := range []string{"alex", "bo"} {
		next := roster.With(rep, routing.Entry{Switch: routing.Off, Reason: "at a fair", By: "ops"})
		if roster.Version == 1 {
			next.Version = 1
		}
		roster = next
	}
	if err := b.leads.PutRoster(t.Context(), roster); err != nil {
		t.Fatal(err)
	}
}

// waits is a lead that nobody could receive, for so long.
func waits(t *testing.T, name string, since time.Duration) *lead.Lead {
	t.Helper()
	l := known(t, now.Add(-since), map[string]string{
		"email": strings.ToLower(name) + "@" + strings.ToLower(name) + "-works.example", "first_name": name, "company": name + " Works",
	}, "Request a demo")
	l.Journey.Stage = lead.Qualified
	l.Journey.StageAt[lead.Qualified] = l.CreatedAt
	l.Journey.Held = &lead.Handoff{Number: 1, Pool: "sales", Reason: "Asked for a demo", Waits: l.CreatedAt, Source: "typeform", Request: "demo"}
	return l
}

// hold stores leads that wait, and the pool that they wait for.
func (b bench) hold(t *testing.T, leads ...*lead.Lead) {
	t.Helper()
	b.nobodyIsThere(t)
	b.store(t, leads...)
	state := routing.Pool{
		Name: "sales", Version: 1, Held: int64(len(leads)), Reopens: now.Add(7 * time.Minute), Under: policyVersionUnder(1),
	}
	if err := b.leads.PutPool(t.Context(), state); err != nil {
		t.Fatal(err)
	}
}

func policyVersionUnder(roster int64) string {
	return lead.Under(policyVersion, routing.Roster{Version: roster})
}

func (b bench) answer(t *testing.T, l *lead.Lead) leadAnswer {
	t.Helper()
	var got leadAnswer
	if err := json.Unmarshal([]byte(b.get(t, "/api/leads/"+string(l.Key)).Body), &got); err != nil {
		t.Fatal(err)
	}
	return got
}

func TestAHeldLeadSaysWhyAndUntilWhen(t *testing.T) {
	b := newBench(t)
	hana, otto := waits(t, "Hana", 20*time.Minute), waits(t, "Otto", 50*time.Hour)
	b.hold(t, hana, otto)
	got := b.answer(t, hana)
	want := &held{Pool: "sales", Since: hana.CreatedAt, NextOffer: now.Add(7 * time.Minute)}
	if diff := cmp.Diff(want, got.Held); diff != "" {
		t.Errorf("held (-want +got):\n%s", diff)
	}
	why := []blocker{{
		Rule:   "pool",
		Reason: "it is qualified, but nobody can receive it now: Alex Rivera (off: at a fair); Bo Lindqvist (off: at a fair); Casey Okafor (on leave until 28 Nov)",
		Fix:    "a rep who is on duty, present and has room; it is offered again by itself, oldest first, at the latest on Mon 23 Nov 2026, 15:07 UTC",
	}}
	if diff := cmp.Diff(why, got.WhyNot); diff != "" {
		t.Errorf("why not (-want +got):\n%s", diff)
	}
	golden(t, "route_held.json", b.get(t, "/api/leads/"+string(hana.Key)+"/route").Body)
	for target, words := range map[string][]string{
		"/leads/" + string(hana.Key): {"held", "waits for the pool sales since Mon 23 Nov 2026, 14:40 UTC", "offered next in 7 min", "Why nobody can take it now", "at a fair"},
		"/":                          {"2 leads wait for the pool sales", "in 7 min at the latest", "Otto Works", "2 d ago"},
	} {
		seen := text(b.get(t, target).Body)
		for _, w := range words {
			if !strings.Contains(seen, w) {
				t.Errorf("%s does not say %q:\n%s", target, w, seen)
			}
		}
	}
	overview := b.get(t, "/").Body
	queue := overview[strings.Index(overview, "wait for the pool sales"):strings.Index(overview, `id="h-recent"`)]
	if o, h := strings.Index(queue, "/leads/"+string(otto.Key)), strings.Index(queue, "/leads/"+string(hana.Key)); o < 0 || h < o {
		t.Errorf("the overview does not link the oldest first: %d, %d", o, h)
	}
}

// What has changed since the last offer is acted on by the next sweep.
func TestAHeldLeadIsOfferedAtOnceWhenThePeopleHaveChanged(t *testing.T) {
	b := newBench(t)
	hana := waits(t, "Hana", 20*time.Minute)
	b.hold(t, hana)
	roster, err := b.leads.Roster(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := b.leads.PutRoster(t.Context(), roster.With("bo", routing.Entry{Switch: routing.On})); err != nil {
		t.Fatal(err)
	}
	got := b.answer(t, hana)
	if !got.Held.NextOffer.Equal(now) {
		t.Errorf("offered next at %s, want now", got.Held.NextOffer)
	}
	if why := got.WhyNot[0]; !strings.Contains(why.Reason, "Bo Lindqvist could receive it now") || !strings.Contains(why.Fix, "within a minute") {
		t.Errorf("%+v", why)
	}
}

func TestLookingWritesNothing(t *testing.T) {
	b := newBench(t)
	hana, gus := waits(t, "Hana", 20*time.Minute), gus(t)
	b.hold(t, hana, gus)
	stored := func() (all []any) {
		for _, l := range []*lead.Lead{hana, gus} {
			found, err := b.leads.Lead(t.Context(), l.Key)
			if err != nil {
				t.Fatal(err)
			}
			items, _, err := b.leads.Timeline(t.Context(), l.Key, "", 10)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, found, items)
		}
		for _, name := range []string{"sales", "enterprise"} {
			state, err := b.leads.Pool(t.Context(), name)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, state)
		}
		return all
	}
	before := stored()
	for _, l := range []*lead.Lead{hana, gus} {
		b.get(t, "/leads/"+string(l.Key))
		b.get(t, "/api/leads/"+string(l.Key)+"/route")
	}
	b.get(t, "/")
	if diff := cmp.Diff(before, stored()); diff != "" {
		t.Errorf("looking has changed what is stored:\n%s", diff)
	}
}

// back is ada after alex has given her back.
func back(t *testing.T, change func(*lead.Journey)) *lead.Lead {
	t.Helper()
	l := ada(t)
	l.Journey.Stage = lead.Qualified
	l.Journey.Handoff.Answer, l.Journey.Handoff.AnsweredAt = lead.AnswerRejected, now.Add(-time.Minute)
	if change != nil {
		change(&l.Journey)
	}
	return l
}

func TestWhyNotIsTrue(t *testing.T) {
	until := now.AddDate(0, 0, 8)
	outside := func(e *lead.Enrolment, s *lead.Suggestion) *lead.Lead {
		return back(t, func(j *lead.Journey) { j.Handoff, j.Clocks, j.Enrolment, j.Suggested = nil, nil, e, s })
	}
	recycled := func(until time.Time) func(*lead.Journey) {
		return func(j *lead.Journey) { j.Stage, j.RecycledUntil = lead.Recycled, until }
	}
	for _, c := range []struct {
		name  string
		given *lead.Lead
		want  blocker
	}{
		{"rejected, the manager decides", back(t, nil), blocker{
			"rejected", "Alex Rivera has rejected it, and the manager decides what becomes of it",
			"an order by handoffctl lead give, or a new owner in the CRM, who then gets it",
		}},
		{"as many had it as may", back(t, func(j *lead.Journey) { j.Handoff.HadBy = []string{"casey", "bo", "alex"} }), blocker{
			"max_reps", "as many reps had it as may, and the manager decides what becomes of it",
			"an order by handoffctl lead give, or a new owner in the CRM, who then gets it",
		}},
		{"disqualified", back(t, func(j *lead.Journey) { j.Stage = lead.Disqualified }), blocker{
			"disqualified", "Alex Rivera has said that it is no lead for us", "nothing by itself: no signal makes it qualify again",
		}},
		{"disqualified by order", back(t, func(j *lead.Journey) {
			j.Stage, j.Orders.Last = lead.Disqualified, &lead.Carried{Type: signal.OrderDisqualify, By: "Morgan Hale", Handoff: j.About()}
		}), blocker{
			"disqualified", "Morgan Hale has said that it is no lead for us", "nothing by itself: no signal makes it qualify again",
		}},
		{"recycled by order", back(t, func(j *lead.Journey) {
			recycled(until)(j)
			j.Orders.Last = &lead.Carried{Type: signal.OrderRecycle, By: "Morgan Hale", Handoff: j.About()}
		}), blocker{
			"recycled", "Morgan Hale has sent it back to nurture until 1 December 2026",
			"an explicit request such as a demo form, at once; any other signal that makes it qualify, after that day",
		}},
		{"recycled", back(t, recycled(until)), blocker{
			"recycled", "Alex Rivera has said that it is too early: it is back in nurture until 1 December 2026",
			"an explicit request such as a demo form, at once; any other signal that makes it qualify, after that day",
		}},
		{"recycled before", back(t, recycled(now.AddDate(0, 0, -1))), blocker{
			"recycled", "it went back to nurture until 22 November 2026, and nothing new has made it qualify since", "any new signal",
		}},
		{"in control", outside(&lead.Enrolment{Arm: lead.Control, Mode: rollout.Auto, Why: "The lead is in bucket 6,438 of 10,000; the phase takes buckets below 5,000."}, nil), blocker{
			"rollout", "it follows the existing process: The lead is in bucket 6,438 of 10,000; the phase takes buckets below 5,000", "an order to hand it off",
		}},
		{"in shadow", outside(&lead.Enrolment{Arm: lead.Treatment, Mode: rollout.Shadow, Phase: "watch"}, nil), blocker{
			"rollout", "the phase watch of the rollout only watches, so that nobody got it", "an order to hand it off",
		}},
		{"declined", outside(&lead.Enrolment{Arm: lead.Treatment, Mode: rollout.Suggest, Lapse: lead.Declined}, nil), blocker{
			"rollout", "it follows the existing process, since a manager has declined the handoff", "an order to hand it off",
		}},
		{"never confirmed", outside(&lead.Enrolment{Arm: lead.Treatment, Mode: rollout.Suggest, Lapse: lead.Unconfirmed}, nil), blocker{
			"rollout", "it follows the existing process, since no manager has confirmed the handoff in time", "an order to hand it off",
		}},
		{"ready while nobody was let in", outside(&lead.Enrolment{Arm: lead.Treatment, Mode: rollout.Auto}, nil), blocker{
			"rollout", "it follows the existing process, since the rollout let nobody in when it was ready", "an order to hand it off",
		}},
		{"to be confirmed", outside(&lead.Enrolment{Arm: lead.Treatment, Mode: rollout.Suggest}, &lead.Suggestion{
			Handoff: lead.Handoff{Number: 1, Pool: "sales", Rep: "alex", RepName: "Alex Rivera"}, LapsesAt: until,
		}), blocker{
			"suggested", "it waits for the manager of the pool sales to confirm the handoff to Alex Rivera",
			"the manager's word, on the page of handoffs to confirm; without it, it follows the existing process after Tue 1 Dec 2026, 15:00 UTC",
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(t)
			b.store(t, c.given)
			got := b.answer(t, c.given)
			if diff := cmp.Diff([]blocker{c.want}, got.WhyNot); diff != "" {
				t.Errorf("why not (-want +got):\n%s", diff)
			}
			if got.Handoff != nil || got.Contact != nil {
				t.Errorf("nobody holds it, but %+v %+v", got.Handoff, got.Contact)
			}
			stage := got.Stage
			if seen := text(b.get(t, "/leads/"+got.Key).Body); !strings.Contains(seen, "Who would get it now") || !strings.Contains(seen, "Nobody holds this lead") {
				t.Errorf("the page says %s", seen)
			}
			if out := b.get(t, "/api/leads?stage="+stage).Body; !strings.Contains(out, got.Key) {
				t.Errorf("the list of %s leads says %s", stage, out)
			}
		})
	}
}

func TestALeadThatIsToBeConfirmedLeadsThere(t *testing.T) {
	b := newBench(t)
	l := back(t, func(j *lead.Journey) {
		j.Handoff, j.Clocks = nil, nil
		j.Suggested = &lead.Suggestion{Handoff: lead.Handoff{Number: 1, Pool: "sales"}}
	})
	b.store(t, l)
	if page := b.get(t, "/leads/"+string(l.Key)).Body; !strings.Contains(page, `href="/rollout/suggestions"`) {
		t.Errorf("the page says %s", text(page))
	}
}

func TestALeadThatIsHeldBackSaysByWhom(t *testing.T) {
	b := newBench(t)
	until := now.AddDate(0, 0, 8)
	l := back(t, func(j *lead.Journey) {
		j.Held = &lead.Handoff{Number: 2, Pool: "sales", Until: until}
		j.Orders.Last = &lead.Carried{Type: signal.OrderHold, By: "Morgan Hale", Handoff: j.About()}
	})
	b.store(t, l)
	want := blocker{
		"held_back", "Morgan Hale holds it back until Tue 1 Dec 2026, 15:00 UTC",
		"that time, at which it is offered by itself, or an order to give it to somebody",
	}
	if diff := cmp.Diff([]blocker{want}, b.answer(t, l).WhyNot); diff != "" {
		t.Errorf("why not (-want +got):\n%s", diff)
	}
}

func TestARecycledLeadSaysUntilWhen(t *testing.T) {
	b := newBench(t)
	until := now.AddDate(0, 0, 8)
	l := back(t, func(j *lead.Journey) { j.Stage, j.RecycledUntil = lead.Recycled, until })
	b.store(t, l)
	if got := b.answer(t, l); got.RecycledUntil == nil || !got.RecycledUntil.Equal(until) {
		t.Errorf("recycled until %v", got.RecycledUntil)
	}
	body := b.get(t, "/leads/"+string(l.Key)).Body
	if seen := text(body); !strings.Contains(seen, "In nurture until Tue 1 Dec 2026, 15:00 UTC") || !strings.Contains(seen, "Recycled") || strings.Contains(body, "<b>Won</b>") {
		t.Errorf("the page says %s", seen)
	}
}

func TestContactSaysOnWhoseWord(t *testing.T) {
	for word, label := range map[contract.ActRef]string{
		{How: "call", At: now.Add(-time.Minute), Word: "rep"}:                     "attested by the rep",
		{How: "email", At: now.Add(-time.Minute), Word: "crm", Source: "hubspot"}: "logged by hubspot",
	} {
		b := newBench(t)
		l := ada(t)
		l.Journey.Handoff.Contact = &word
		b.store(t, l)
		want := &contact{How: word.How, At: word.At, Word: word.Word, Source: word.Source, Label: label}
		if diff := cmp.Diff(want, b.answer(t, l).Contact); diff != "" {
			t.Errorf("contact (-want +got):\n%s", diff)
		}
		if seen := text(b.get(t, "/leads/"+string(l.Key)).Body); !strings.Contains(seen, "on Mon 23 Nov 2026, 14:59 UTC "+label) {
			t.Errorf("the page says %s", seen)
		}
	}
}

func TestClocksSayAttemptPauseAndLateness(t *testing.T) {
	b := newBench(t)
	l := ada(t)
	l.Journey.Clocks = append(l.Journey.Clocks,
		lead.Clock{
			Kind: lead.FollowUpClock, Scope: lead.HolderScope, N: 2, State: lead.Paused, Handoff: 2, Hours: policy.HoursHolder, Within: 8 * time.Hour,
			StartedAt: now.Add(-time.Hour), DueAt: now.Add(time.Hour), ResumeAt: now.AddDate(0, 0, 2), Paused: "customer_asked",
		},
		lead.Clock{
			Kind: lead.FeedbackClock, Scope: lead.HolderScope, State: lead.Breached, Handoff: 2, Hours: policy.HoursWall, Within: 40 * time.Hour,
			StartedAt: now.Add(-50 * time.Hour), DueAt: now.Add(-10 * time.Hour), EndedAt: now.Add(-10 * time.Hour),
			ActedAt: now.Add(-time.Hour), Late: 9 * time.Hour,
		})
	b.store(t, l)
	clocks := b.answer(t, l).Clocks
	paused, late := clocks[3], clocks[4]
	if paused.N != 2 || !paused.Paused || !paused.ResumeAt.Equal(now.AddDate(0, 0, 2)) || paused.Reason != "The customer asked to talk later" {
		t.Errorf("%+v", paused)
	}
	if late.Late != "9h" || late.Hours != "wall" || !late.ActedAt.Equal(now.Add(-time.Hour)) {
		t.Errorf("%+v", late)
	}
	seen := text(b.get(t, "/leads/"+string(l.Key)).Body)
	for _, w := range []string{
		"Follow-up 2 paused", "Paused: The customer asked to talk later", "Goes on Wed 25 Nov 2026, 15:00 UTC",
		"Feedback breached", "40h, day and night", "9h of the clock's hours late", "Of earlier handoffs",
	} {
		if !strings.Contains(seen, w) {
			t.Errorf("the page does not say %q:\n%s", w, seen)
		}
	}
}

// The next reminder is told, and no other step in its place.
func TestWarnAtIsAReminder(t *testing.T) {
	read, err := policy.Decode(policyText(t))
	if err != nil {
		t.Fatal(err)
	}
	step := now.Add(time.Hour)
	running := lead.Clock{Kind: lead.AcceptClock, Scope: lead.HolderScope, State: lead.Running, Within: 90 * time.Minute, StepAt: step, DueAt: step.Add(10 * time.Minute)}
	warned := running
	warned.Did, warned.StepAt = []string{"-10m remind"}, warned.DueAt
	ended := running
	ended.State, ended.StepAt = lead.Met, time.Time{}
	customer := running
	customer.Kind, customer.Scope, customer.StepAt = lead.FirstContactClock, lead.CustomerScope, customer.DueAt
	for name, c := range map[string]struct {
		clock lead.Clock
		want  time.Time
	}{
		"a reminder is next": {running, step}, "the manager is next": {warned, time.Time{}},
		"nothing is left": {ended, time.Time{}}, "a clock without reminders": {customer, time.Time{}},
	} {
		if got := view.WarnAt(c.clock, read); !got.Equal(c.want) {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

// A handoff by order names nobody who was considered.
func TestAHandoffByOrder(t *testing.T) {
	b := newBench(t)
	l := ada(t)
	l.Journey.Handoff.By = "by order"
	log := logOf(l)
	log.Route = []lead.RouteStep{{By: "by order", Pool: "sales", Why: "knows the customer"}}
	if err := b.leads.Commit(t.Context(), table.Change{Lead: l, Log: log}); err != nil {
		t.Fatal(err)
	}
	got := b.answer(t, l).Handoff
	if got.By != "by order" || len(got.Considered) != 0 || len(got.Route) != 1 {
		t.Errorf("%+v", got)
	}
	if seen := text(b.get(t, "/leads/"+string(l.Key)).Body); !strings.Contains(seen, "Found by: by order") || !strings.Contains(seen, "Knows the customer.") {
		t.Errorf("the page says %s", seen)
	}
}

// The overview is for those who see all leads. Everybody else goes to their own
// page, and sees nothing of who waits on the way.
func TestTheOverviewIsForWhoSeesAllLeads(t *testing.T) {
	b := newBench(t)
	b.hold(t, waits(t, "Hana", 20*time.Minute))
	of := func(role access.Role, pools ...string) access.Person {
		who := webtest.Somebody(role)
		who.Pools, who.Rep = pools, "alex"
		return who
	}
	for name, tt := range map[string]struct {
		who  access.Person
		home string // where they are sent; "" for nowhere
	}{
		"an operator":               {of(access.Operator), ""},
		"a marketer":                {of(access.Marketer), ""},
		"its manager":               {of(access.Manager, "sales"), "/board"},
		"a manager of another pool": {of(access.Manager, "field"), "/board"},
		"a rep":                     {of(access.Rep), "/my"},
	} {
		out := b.send(t, webtest.Event(t, http.MethodGet, "/", tt.who))
		if out.Headers["Location"] != tt.home || strings.Contains(out.Body, "Hana") != (tt.home == "") {
			t.Errorf("%s: %d %s", name, out.StatusCode, text(out.Body))
		}
	}
}
