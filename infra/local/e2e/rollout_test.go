package e2e

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	diff "github.com/google/go-cmp/cmp"
	"golang.org/x/sync/errgroup"

	"github.com/handoff-oss/handoff/infra/stack"
	"github.com/handoff-oss/handoff/shared/contract"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/rollout"
	"github.com/handoff-oss/handoff/shared/steering"
)

// What testdata/rollout.yaml says.
const (
	rolloutSeed = "rollout-19"
	tenth       = 0.10
	quarter     = 0.25
)

// trial is a rollout on a running stack.
type trial struct {
	world
	arms  map[string]contract.EnrolmentRef // of every lead, as it was enrolled, by its key
	again map[string]bool                  // leads that have qualified twice
}

// A phase at 10 % is promoted to 25 % by its numbers, is rolled back when
// acceptance falls, and is resumed by a person. Nobody changes arm on the way,
// and whoever was handed off stays with their rep.
func TestARolloutThereAndBack(t *testing.T) {
	file, err := filepath.Abs("testdata/rollout.yaml")
	if err != nil {
		t.Fatal(err)
	}
	tr := trial{startWith(t, file), map[string]contract.EnrolmentRef{}, map[string]bool{}}

	monday := tr.monday(10, 5)
	first := tr.come(rollout.Running, tenth, companies(0, 160)...)
	tr.accept(treated(first)[1:]...)

	tr.later(monday, 1, 10, 5)
	v := tr.stands("tenth", rollout.Running, 1, rollout.ActBegin)
	if missing := strings.Join(v.Ruling.Verdict.Missing, " "); v.Ruling.Action != rollout.Hold || !strings.Contains(missing, "acceptance") {
		t.Errorf("before the leads are a day old: %s, missing %q", v.Ruling.Action, missing)
	}

	tr.later(monday, 2, 10, 5)
	tr.stands("quarter", rollout.Running, 2, rollout.ActPromote)
	tr.asksAgain(first)
	second := tr.come(rollout.Running, quarter, append(companies(160, 256), colleagues()...)...)
	tr.accept(treated(second)[:2]...)
	had := tr.handedOff()

	tr.later(monday, 4, 10, 5)
	tr.stands("quarter", rollout.RolledBack, 2, rollout.ActRollBack)
	third := tr.come(rollout.RolledBack, quarter, companies(256, 268)...)
	if now := tr.handedOff(); !diff.Equal(had, now) {
		t.Errorf("who was handed off is not as before (-before +after):\n%s", diff.Diff(had, now))
	}
	tr.accept(treated(second)[2])

	tr.resumes()
	tr.asksAgain(third)
	fourth := tr.come(rollout.Running, quarter, companies(268, 280)...)
	if len(treated(fourth)) == 0 {
		t.Error("nobody new is in after it was resumed")
	}
	tr.later(monday, 4, 12, 5)
	tr.stands("quarter", rollout.Running, 3, rollout.ActResume)

	tr.tells()
	tr.remembers(first, second, fourth)
	tr.nobodyMoved()
}

// companies are people of companies with these numbers, one of each.
func companies(from, to int) []stack.Person {
	var all []stack.Person
	for n := from; n < to; n++ {
		all = append(all, buyerAt(domain(n)))
	}
	return all
}

// buyerAt is who comes first of the company with a domain.
func buyerAt(domain string) stack.Person {
	return stack.Person{Email: "buyer@" + domain, FirstName: "Robin", LastName: "Buyer", Title: "CTO"}
}

func domain(n int) string { return fmt.Sprintf("rollout-%d.example", n) }

// bucket is that of a company, which its share of a phase is held against.
func bucket(domain string) int { return rollout.Bucket(rolloutSeed, "d:"+domain) }

// colleagues are second leads of companies that came in the tenth: of one that
// was in, one that is in a quarter, and one that is not. A colleague is drawn by
// the phase that is in force when they come.
func colleagues() []stack.Person {
	var all []stack.Person
	low := 0.0
	for _, high := range []float64{tenth, quarter, 1} {
		n := 0
		for rollout.In(bucket(domain(n)), low) || !rollout.In(bucket(domain(n)), high) {
			n++
		}
		p := buyerAt(domain(n))
		p.Email = "colleague@" + domain(n)
		all, low = append(all, p), high
	}
	return all
}

// enrolled is a lead with how it was drawn.
type enrolled struct {
	lead string
	contract.EnrolmentRef
}

func (e enrolled) domain() string { return strings.TrimPrefix(e.UnitID, "d:") }

// treated are those that the process applies to, in the order of their buckets.
func treated(all []enrolled) []enrolled {
	in := slices.DeleteFunc(slices.Clone(all), func(e enrolled) bool { return e.Arm != string(lead.Treatment) })
	slices.SortFunc(in, func(a, b enrolled) int { return cmp.Or(a.Bucket-b.Bucket, strings.Compare(a.lead, b.lead)) })
	return in
}

// asks lets people ask for a demo, several at a time, and waits until all is
// worked off.
func (tr trial) asks(people ...stack.Person) {
	tr.t.Helper()
	now, err := tr.Now(tr.t.Context())
	tr.must(err)
	g, ctx := errgroup.WithContext(tr.t.Context())
	const atOnce = 8
	g.SetLimit(atOnce)
	for _, p := range people {
		g.Go(func() error {
			return tr.deliver(ctx, stack.Standard(p, "Request a demo", fmt.Sprintf("msg_%s_%d", p.Email, now.UnixMilli()), now))
		})
	}
	tr.must(g.Wait())
	tr.idle()
}

// come lets new people ask for a demo, and holds how each was enrolled against
// the bucket of the company and what the rollout does. It returns them.
func (tr trial) come(status rollout.Status, share float64, people ...stack.Person) []enrolled {
	tr.t.Helper()
	tr.asks(people...)
	var all []enrolled
	for _, e := range tr.events() {
		if _, known := tr.arms[e.Lead]; e.Type != "lead.enrolled" || known {
			continue
		}
		all = append(all, enrolled{e.Lead, *e.Detail.Enrolment})
		tr.arms[e.Lead] = *e.Detail.Enrolment
	}
	if len(all) != len(people) {
		tr.t.Fatalf("%d leads were enrolled, want %d", len(all), len(people))
	}
	for _, e := range all {
		want, drawn := lead.Control, status == rollout.Running
		if drawn && rollout.In(bucket(e.domain()), share) {
			want = lead.Treatment
		}
		if e.Bucket != bucket(e.domain()) || e.Arm != string(want) || e.Drawn != drawn || e.Share != share {
			tr.t.Errorf("%s, of bucket %d, is %+v", e.UnitID, bucket(e.domain()), e.EnrolmentRef)
		}
	}
	return all
}

// asksAgain puts three in control back to nurture whose buckets are in a quarter,
// and lets them ask once more: they qualify anew, and stay in control.
func (tr trial) asksAgain(all []enrolled) {
	tr.t.Helper()
	const few = 3
	now, err := tr.Now(tr.t.Context())
	tr.must(err)
	var some []stack.Person
	for _, e := range all {
		if e.Arm != string(lead.Control) || !rollout.In(e.Bucket, quarter) || len(some) == few {
			continue
		}
		some = append(some, buyerAt(e.domain()))
		tr.again[e.lead] = true
		tr.post("/api/leads/"+e.lead+"/orders", "application/json", fmt.Sprintf(`{"order":"recycle","reason":"Too early","until":%q,"handoff":0}`, now.AddDate(0, 1, 0).Format(time.RFC3339)))
	}
	if len(some) < few {
		tr.t.Fatalf("only %d in control are in a quarter", len(some))
	}
	tr.idle()
	for _, p := range some {
		if l := tr.find(p.Email); l.Stage != "recycled" {
			tr.t.Errorf("%s is %s, want recycled", p.Email, l.Stage)
		}
	}
	tr.asks(some...)
	for _, p := range some {
		if l := tr.find(p.Email); l.Stage != "qualified" || l.Handoff != nil {
			tr.t.Errorf("%s asks again and is %s, handed off: %+v", p.Email, l.Stage, l.Handoff)
		}
	}
}

// accept lets the reps take leads by the links that they were sent.
func (tr trial) accept(some ...enrolled) {
	tr.t.Helper()
	for _, e := range some {
		l := tr.lead(e.lead)
		a, err := tr.Press(tr.t.Context(), http.MethodPost, tr.link(l, holder(l), "Accept"), nil)
		tr.must(err)
		if a.Status != http.StatusOK || a.Title != "The lead is yours" {
			tr.t.Errorf("accepting %s: %d %q %s", e.UnitID, a.Status, a.Title, a.Detail)
		}
	}
	tr.idle()
	for _, e := range some {
		if l := tr.lead(e.lead); l.Stage != "accepted" {
			tr.t.Errorf("%s is %s after it was accepted", e.UnitID, l.Stage)
		}
	}
}

func (tr trial) lead(key string) (l stack.Lead) {
	tr.t.Helper()
	tr.must(tr.JSON(tr.t.Context(), "/api/leads/"+key, &l))
	return l
}

// handedOff are all leads in the process as they are.
func (tr trial) handedOff() map[string]stack.Lead {
	tr.t.Helper()
	all := map[string]stack.Lead{}
	for key, e := range tr.arms {
		if e.Arm != string(lead.Treatment) {
			continue
		}
		l := tr.lead(key)
		if _, runs := l.Running("first_contact"); holder(l) == "" || !runs {
			tr.t.Errorf("%s is with %q, clocks %+v", e.UnitID, holder(l), l.Clocks)
		}
		l.Engagement.Score, l.Engagement.Parts = 0, nil // which fade
		all[key] = l
	}
	return all
}

// stands checks where the rollout stands, as its API says.
func (tr trial) stands(phase string, status rollout.Status, round int, act rollout.Act) (v steering.View) {
	tr.t.Helper()
	tr.must(tr.JSON(tr.t.Context(), "/api/rollout", &v))
	s := v.State
	if s.Phase != phase || s.Status != status || s.Round != round || s.Act != act {
		tr.t.Fatalf("the rollout is %+v, ruled %s %q; want %s %s in round %d by %s", s, v.Ruling.Action, v.Ruling.Why, phase, status, round, act)
	}
	return v
}

// resumes lets an operator resume the rollout: not blindly, and with a reason.
func (tr trial) resumes() {
	tr.t.Helper()
	seen := tr.stands("quarter", rollout.RolledBack, 2, rollout.ActRollBack).State.Version
	for _, c := range []struct {
		version int64
		reason  string
		want    int
	}{
		{seen - 1, "Reps were at a fair", http.StatusConflict},
		{seen, "", http.StatusBadRequest},
		{seen, "Reps were at a fair", http.StatusOK},
	} {
		body, err := json.Marshal(map[string]any{"version": c.version, "reason": c.reason})
		tr.must(err)
		r, err := tr.Do(tr.t.Context(), http.MethodPost, "/api/rollout/resume", map[string]string{"Content-Type": "application/json"}, body)
		tr.must(err)
		if r.Status != c.want {
			tr.t.Fatalf("resuming version %d for %q: %d %s, want %d", c.version, c.reason, r.Status, r.Body, c.want)
		}
	}
	if s := tr.stands("quarter", rollout.Running, 3, rollout.ActResume).State; s.Why != "Reps were at a fair" || s.Started != s.At {
		tr.t.Errorf("resumed: %+v", s)
	}
}

// events are all events of the bus, each once.
func (tr trial) events() []stack.Event {
	tr.t.Helper()
	var all struct{ Events []stack.Event }
	tr.must(tr.JSON(tr.t.Context(), "/_local/events", &all))
	seen := map[string]bool{}
	return slices.DeleteFunc(all.Events, func(e stack.Event) bool {
		again := seen[e.ID]
		seen[e.ID] = true
		return again
	})
}

// tells checks what the bus said of the rollout, and that the operator got it by
// e-mail, each once.
func (tr trial) tells() {
	tr.t.Helper()
	var got []string
	for _, e := range tr.events() {
		if r := e.Detail.Rollout; r != nil {
			got = append(got, fmt.Sprintf("%s %s %d %s by %q: %t", e.Type, r.Phase, r.Round, r.Status, e.Detail.By, strings.Contains(strings.Join(r.Reasons, " "), "acceptance")))
		}
	}
	tr.expect("the bus", got,
		`rollout.promoted quarter 2 running by "": true`,
		`rollout.rolled_back quarter 2 rolled_back by "": true`,
		`rollout.resumed quarter 3 running by "Local operator": false`)
	all, err := tr.Outbox(tr.t.Context(), "")
	tr.must(err)
	var mails []string
	for _, m := range all {
		mails = append(mails, m.Event.Type+" "+m.To)
	}
	tr.expect("the operator's mail", mails,
		"rollout.promoted riley.chen@our-company.example", "rollout.rolled_back riley.chen@our-company.example", "rollout.resumed riley.chen@our-company.example")
}

// remembers checks the journal: how many were in each round, by the last verdict
// that was kept of it, and when it ended.
func (tr trial) remembers(rounds ...[]enrolled) {
	tr.t.Helper()
	var j steering.Journal
	tr.must(tr.JSON(tr.t.Context(), "/api/rollout/journal", &j))
	if len(j.Chapters) != len(rounds) {
		tr.t.Fatalf("the journal has %d chapters, want %d", len(j.Chapters), len(rounds))
	}
	for i, c := range j.Chapters {
		in := len(treated(rounds[i]))
		want := rollout.Enrolled{Treated: in, Control: len(rounds[i]) - in}
		if c.Last == nil || c.Last.Case.Evidence.Enrolled != want || c.Ended.IsZero() != (i == len(rounds)-1) {
			tr.t.Errorf("chapter %d ended %s, its last verdict is %+v; want %+v", i, c.Ended.Format(time.RFC3339), c.Last, want)
		}
	}
}

// nobodyMoved checks that every lead was enrolled once, as it was found then, and
// was handed off just when it is in the process.
func (tr trial) nobodyMoved() {
	tr.t.Helper()
	times := map[string]map[string]int{}
	for _, e := range tr.events() {
		if times[e.Lead] == nil {
			times[e.Lead] = map[string]int{}
		}
		times[e.Lead][e.Type]++
		if e.Detail.Enrolment != nil && *e.Detail.Enrolment != tr.arms[e.Lead] {
			tr.t.Errorf("%s says of %s %+v, and was %+v", e.Type, e.Lead, e.Detail.Enrolment, tr.arms[e.Lead])
		}
	}
	for key, e := range tr.arms {
		n := times[key]
		in, out := 0, 1
		switch {
		case e.Arm == string(lead.Treatment):
			in, out = 1, 0
		case tr.again[key]:
			out = 2
		}
		if n["lead.enrolled"] != 1 || n["lead.handed_off"] != in || n["lead.control_routed"] != out {
			tr.t.Errorf("%s, in %s, has had %v", e.UnitID, e.Arm, n)
		}
	}
}
