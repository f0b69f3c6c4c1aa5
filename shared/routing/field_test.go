package routing_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/routing"
)

// What users of other products complain about, one test each.

func TestNobodyIsFloodedOnReturnFromVacation(t *testing.T) {
	r := team(1, 1, 1)
	order(&r, 10)
	r.Candidates[0].Leave = leave(0, 14)
	if got := order(&r, 100); strings.Contains(got, "a") {
		t.Errorf("during the vacation: %s", got)
	}
	r.Now = monday().AddDate(0, 0, 14)
	got := order(&r, 9)
	if n := strings.Count(got, "a"); n < 2 || n > 4 || strings.Contains(got, "aa") {
		t.Errorf("back from vacation: %s", got)
	}
}

func TestAddingAMemberResetsNothing(t *testing.T) {
	r := team(3, 2, 1)
	order(&r, 1001)
	before := r.State
	r.Candidates = append(r.Candidates, team(1, 1, 1, 1).Candidates[3])
	c, _ := routing.Choose(r)
	for id, s := range before.Reps {
		moved := c.State.Reps[id].Balance - c.Shares[id]
		if id == c.Rep.ID {
			moved += routing.Lead
		}
		if moved != s.Balance || c.State.Reps[id].Received < s.Received {
			t.Errorf("%s: %+v became %+v", id, s, c.State.Reps[id])
		}
	}
	if got := order(&r, 14); strings.Count(got, "d") < 1 || strings.Count(got, "d") > 3 || strings.Contains(got, "dd") {
		t.Errorf("with a newcomer: %s", got)
	}
}

func TestOutOfOfficeStopsLeads(t *testing.T) {
	r := team(1, 1)
	r.Candidates[0].Leave = leave(-1, 1)
	if got := order(&r, 20); got != strings.Repeat("b", 20) {
		t.Errorf("given %s", got)
	}
	r.Only = "a" // not even leads of their own accounts
	if got := give(&r); got != "-" {
		t.Errorf("an owner who is away receives")
	}
}

func TestTiesAreNotBrokenBySeniority(t *testing.T) {
	r := team(1, 1)
	counts := map[string]int{}
	for range 30 { // test leads, each closed before the next
		c, _ := routing.Choose(r)
		counts[c.Rep.ID]++
		r.State = c.State.Release(c.Rep.ID, c.Counted)
	}
	if d := cmp.Diff(map[string]int{"a": 15, "b": 15}, counts); d != "" {
		t.Error(d)
	}
}

func TestACapacityOf14AMonthIs14(t *testing.T) {
	hours := office(t, "Europe/Berlin", 9, 17)
	for month := time.January; month <= time.December; month++ {
		r := team(1)
		r.Calendar, r.Candidates[0].Hours = hours, hours
		r.Policy.Caps = []policy.Cap{{Most: 14, Per: policy.CapMonth, Spread: true}}
		first := time.Date(2026, month, 1, 10, 0, 0, 0, time.UTC)
		days := first.AddDate(0, 1, -1).Day()
		total, most := 0, 0
		for _, n := range served(t, r, first, days) {
			total, most = total+n, max(most, n)
		}
		if total != 14 || most != 1 {
			t.Errorf("%s: %d leads, up to %d a day", month, total, most)
		}
	}
}

func TestInactiveUsersReceiveNothing(t *testing.T) {
	r := team(1, 5)
	r.Policy.Absence = policy.AbsenceAccrue
	r.Candidates[1].Off = "left the company"
	if got := order(&r, 20); got != strings.Repeat("a", 20) {
		t.Errorf("given %s", got)
	}
}

func TestABatchIsShared(t *testing.T) {
	r := team(1, 1, 1, 1, 1)
	got := order(&r, 100) // at one instant
	for _, c := range r.Candidates {
		if n := strings.Count(got, c.ID); n != 20 {
			t.Errorf("%s received %d of 100", c.ID, n)
		}
	}
}

func TestAHeldLeadIsOfferedAgain(t *testing.T) {
	hours := office(t, "Europe/Berlin", 9, 17)
	r := team(1, 1)
	r.Policy = policy.Pool{OutsideHours: policy.OutsideHold, Caps: []policy.Cap{{Most: 1, Per: policy.CapDay}}}
	r.Calendar = hours
	for i := range r.Candidates {
		r.Candidates[i].Hours = hours
	}
	order(&r, 2)
	for tries := 0; ; tries++ { // asked again whenever it says so, and no more
		c, ok := routing.Choose(r)
		if ok {
			break
		}
		if tries == 3 || !c.Reopens.After(r.Now) || !c.Closed {
			t.Fatalf("at %s: %+v", r.Now, c)
		}
		r.Now = c.Reopens
	}
	if want := berlin(12, 9, 0); !r.Now.Equal(want) {
		t.Errorf("received at %s, want %s", r.Now, want)
	}
}

func TestEverybodyCanSayWhy(t *testing.T) {
	r := team(1, 1, 1, 1, 1, 1, 1, 1)
	now := berlin(12, 16, 50)
	r.Now = now
	r.Policy = policy.Pool{LastMinutes: policy.Duration(15 * time.Minute), Taper: policy.Taper{LeaveDays: 5, StopDays: 2}}
	c := r.Candidates
	c[0].Off = "in training"
	c[1].Leave = away(berlin(11, 0, 0), berlin(14, 0, 0))
	c[2].Leave = away(berlin(14, 0, 0), berlin(24, 0, 0))
	c[3].Caps = []policy.Cap{{Per: policy.CapDay, Tag: "enterprise"}}
	c[4].Had = 1
	c[5].Hours = office(t, "Europe/Berlin", 9, 17)
	c[6].Hours = office(t, "Asia/Tokyo", 9, 17)
	r.Concerns = func(policy.Cap) bool { return true }
	want := []string{
		"off: in training",
		"on leave until 13 May 22:00", // who has no hours has the clock of UTC
		"leave from 13 May 22:00: tapering",
		"takes no leads (enterprise)",
		"had this lead before, and others have not",
		"shift ends at 17:00, nothing new in the last 15 minutes",
		"not on duty until Wed 09:00, and others are",
		"the only one who can receive it",
	}
	if d := cmp.Diff(want, whys(r)); d != "" {
		t.Error(d)
	}
}

func TestWeightsAreServedExactly(t *testing.T) {
	r := team(2, 1, 0.5)
	for cycle := 1; cycle <= 100; cycle++ {
		order(&r, 7)
		got := fmt.Sprint(r.State.Reps["a"].Received, r.State.Reps["b"].Received, r.State.Reps["c"].Received)
		if want := fmt.Sprint(4*cycle, 2*cycle, cycle); got != want {
			t.Fatalf("after %d cycles %s, want %s", cycle, got, want)
		}
	}
}

// A rep of a tenth of the others' weight who is on duty two hours a day gets
// their share of what came in those two hours, fractions carried over.
func TestAFractionIsCarriedOver(t *testing.T) {
	r := team(1, 0.1)
	r.Candidates[1].Hours = office(t, "Europe/Berlin", 10, 12)
	for day := range 55 { // of which 40 are working days
		for hour := 8; hour < 18; hour++ {
			if d := berlin(11+day, hour, 0); d.Weekday() != time.Saturday && d.Weekday() != time.Sunday {
				r.Now = d
				give(&r)
			}
		}
	}
	// 2 leads a day at 1/11 on 39 days.
	if n := r.State.Reps["b"].Received; n < 6 || n > 8 {
		t.Errorf("received %d, entitled to about 7", n)
	}
}

func TestAtMost50OpenWhere(t *testing.T) {
	r := team(1, 1)
	r.Policy.Caps = []policy.Cap{{Most: 50, Per: policy.CapOpen, When: "lead.country == 'DE'"}}
	r.Concerns = func(policy.Cap) bool { return true }
	if got := order(&r, 101); strings.Count(got, "a") != 50 || !strings.HasSuffix(got, "-") {
		t.Errorf("given %s", got)
	}
	if got := whys(r)[0]; got != "full: 50 open leads of 50 (lead.country == 'DE')" {
		t.Error(got)
	}
	r.Concerns = nil
	if got := give(&r); got == "-" {
		t.Error("leads of another kind are held, too")
	}
}

func TestARejectedLeadIsReplaced(t *testing.T) {
	r := team(1, 1, 1)
	c, _ := routing.Choose(r)
	r.State = c.State.Replace(c.Rep.ID, c.Counted, r.Now, c.Shares).Release(c.Rep.ID, c.Counted)
	r.Candidates[0].Had = 1
	// Their turn is where it was: of three leads that count each gets one.
	if got := give(&r); got != "b" {
		t.Errorf("it goes to %s", got)
	}
	r.Candidates[0].Had = 0
	if got := order(&r, 2); got != "ca" {
		t.Errorf("the next leads are given %s", got)
	}
}
