package routing_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/routing"
	"github.com/handoff-oss/handoff/shared/worktime"
)

// berlin is a time in May 2026 by the clock of Berlin; the 11th is a Monday.
func berlin(day, hour, minute int) time.Time {
	return time.Date(2026, 5, day, hour-2, minute, 0, 0, time.UTC)
}

// twoShifts is a rep who works from 9 to 17 in Berlin, and one in New York.
func twoShifts(t *testing.T, outside string, now time.Time) routing.Request {
	t.Helper()
	r := team(1, 1)
	r.Now = now
	r.Policy = policy.Pool{OutsideHours: outside, LastMinutes: policy.Duration(15 * time.Minute)}
	r.Candidates[0].Hours, r.Candidates[1].Hours = office(t, "Europe/Berlin", 9, 17), office(t, "America/New_York", 9, 17)
	return r
}

func TestHours(t *testing.T) {
	const hold, assign = policy.OutsideHold, policy.OutsideAssign
	lastMinutes := "shift ends at 17:00, nothing new in the last 15 minutes"
	for name, c := range map[string]struct {
		outside string
		now     time.Time
		only    string
		want    string
		from    time.Time // zero: nobody
		reopens time.Time
		whys    []string
	}{
		"one on duty": {
			assign, berlin(11, 10, 0), "", "a", berlin(11, 10, 0),
			time.Time{},
			[]string{"the only one who can receive it", "not on duty until 09:00, and others are"},
		},
		"both on duty": {
			hold, berlin(11, 16, 0), "", "a", berlin(11, 16, 0),
			time.Time{},
			[]string{"owed most: 0.50 leads, first of 2 who are owed the same", "owed as much as A, who comes first in the policy"},
		},
		"the last minutes of one": {
			assign, berlin(11, 16, 45), "", "b", berlin(11, 16, 45),
			time.Time{},
			[]string{lastMinutes, "the only one who can receive it"},
		},
		"a minute before the last minutes": {
			assign, berlin(11, 16, 44), "", "a", berlin(11, 16, 44),
			time.Time{},
			[]string{"owed most: 0.50 leads, first of 2 who are owed the same", "owed as much as A, who comes first in the policy"},
		},
		"nobody on duty is held": {
			hold, berlin(15, 23, 30), "", "-",
			time.Time{},
			berlin(18, 9, 0),
			[]string{"not on duty until Mon 09:00", "not on duty until Mon 09:00"},
		},
		"last minutes are held": {
			hold, berlin(11, 22, 50), "", "-",
			time.Time{},
			berlin(12, 9, 0),
			[]string{"not on duty until Tue 09:00", lastMinutes},
		},
		"nobody on duty is assigned": {
			assign, berlin(15, 23, 30), "", "a", berlin(18, 9, 0),
			time.Time{},
			[]string{"owed most: 0.50 leads, first of 2 who are owed the same, from Mon 09:00", "owed as much as A, who comes first in the policy"},
		},
		"the owner is not on duty": {
			assign, berlin(11, 10, 0), "b", "b", berlin(11, 15, 0),
			time.Time{},
			[]string{"not the owner of the account", "owner of the account, from 09:00"},
		},
		"the owner is in the last minutes": {
			assign, berlin(11, 16, 50), "a", "a", berlin(12, 9, 0),
			time.Time{},
			[]string{"owner of the account, from Tue 09:00", "not the owner of the account"},
		},
		"the lead waits for the owner": {
			hold, berlin(11, 10, 0), "b", "-",
			time.Time{},
			berlin(11, 15, 0),
			[]string{"not the owner of the account", "not on duty until 09:00"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := twoShifts(t, c.outside, c.now)
			r.Only = c.only
			choice, ok := routing.Choose(r)
			if ok != (c.want != "-") || (ok && choice.Rep.ID != c.want) || !choice.From.Equal(c.from) || !choice.Reopens.Equal(c.reopens) {
				t.Errorf("to %q from %s, reopens %s", choice.Rep.ID, choice.From, choice.Reopens)
			}
			if d := cmp.Diff(c.whys, whys(r)); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestLunchEndsNoShift(t *testing.T) {
	hours := worktime.Hours{time.Monday: {{Open: 9 * time.Hour, Close: 12 * time.Hour}, {Open: 13 * time.Hour, Close: 17 * time.Hour}}}
	cal, err := worktime.New(location(t, "Europe/Berlin"), hours, nil)
	if err != nil {
		t.Fatal(err)
	}
	r := team(1)
	r.Policy = policy.Pool{OutsideHours: policy.OutsideHold, LastMinutes: policy.Duration(15 * time.Minute)}
	r.Candidates[0].Hours = cal
	for minute, want := range map[int]string{0: "a", 55: "a", 60: "-", 120: "a", 344: "a", 345: "-", 360: "-"} {
		if r.Now = berlin(11, 11, 0).Add(time.Duration(minute) * time.Minute); give(&r) != want {
			t.Errorf("%d minutes after 11:00: want %s", minute, want)
		}
	}
}

func TestWhoIsNeverOnDuty(t *testing.T) {
	r := team(1, 1)
	morning, evening := office(t, "UTC", 6, 9), office(t, "UTC", 18, 21)
	r.Candidates[0].Hours = morning.And(evening)
	r.Candidates[1].Had = 1 // and a is nobody to wait for
	if got := give(&r); got != "b" || whys(r)[0] != "never on duty" {
		t.Errorf("to %s: %v", got, whys(r))
	}
	r.Candidates = r.Candidates[:1]
	if c, ok := routing.Choose(r); ok || !c.Closed || !c.Reopens.IsZero() {
		t.Errorf("%+v", c)
	}
}

func TestLeave(t *testing.T) {
	day := func(d int) time.Time { return berlin(d, 0, 0) }
	for name, c := range map[string]struct {
		now   time.Time
		leave []routing.Away
		why   string
		until time.Time
	}{
		"whole days":              {berlin(12, 10, 0), away(day(12), day(14)), "on leave until 14 May", day(14)},
		"its first instant":       {day(12), away(day(12), day(14)), "on leave until 14 May", day(14)},
		"its end is no part":      {berlin(13, 15, 0), away(day(12), berlin(13, 15, 0)), "", time.Time{}},
		"a part of the day":       {berlin(12, 14, 0), away(berlin(12, 13, 0), berlin(12, 15, 0)), "on leave until 12 May 15:00", berlin(12, 15, 0)},
		"into another year":       {berlin(12, 14, 0), away(day(12), day(1).AddDate(1, 0, 0)), "on leave until 1 May 2027", day(1).AddDate(1, 0, 0)},
		"one after another":       {berlin(12, 10, 0), append(away(day(13), day(20)), away(day(11), day(13))...), "on leave until 20 May", day(20)},
		"from their next shift":   {berlin(11, 20, 0), away(day(12), day(13)), "on leave until 13 May", day(13)},
		"not yet":                 {berlin(11, 10, 0), away(day(12), day(13)), "", time.Time{}},
		"before the weekend":      {berlin(15, 20, 0), away(day(18), day(19)), "on leave until 19 May", day(19)},
		"over when they are back": {berlin(15, 20, 0), away(day(16), day(18)), "", time.Time{}},
		"from the last minutes":   {berlin(11, 16, 50), away(day(12), day(13)), "on leave until 13 May", day(13)},
		"long past":               {berlin(12, 10, 0), away(day(1), day(4)), "", time.Time{}},
	} {
		t.Run(name, func(t *testing.T) {
			r := twoShifts(t, policy.OutsideAssign, c.now)
			r.Candidates, r.Candidates[0].Leave = r.Candidates[:1], c.leave
			choice, ok := routing.Choose(r)
			if ok != (c.why == "") || !choice.Reopens.Equal(c.until) || choice.Closed == ok {
				t.Errorf("%t, reopens %s, want %s", ok, choice.Reopens, c.until)
			}
			if !ok && choice.Considered[0].Why != c.why {
				t.Errorf("said %q, want %q", choice.Considered[0].Why, c.why)
			}
		})
	}
}

func TestTaper(t *testing.T) {
	day := func(d int) time.Time { return berlin(d, 0, 0) }
	long := away(day(20), day(27)) // Wednesday, seven days
	for name, c := range map[string]struct {
		now   time.Time
		leave []routing.Away
		out   bool
	}{
		"three working days before": {berlin(15, 10, 0), long, false},
		"two working days before":   {berlin(18, 10, 0), long, true},
		"the day before":            {berlin(19, 10, 0), long, true},
		"the weekend before":        {berlin(16, 10, 0), long, true},
		"after Friday's shift":      {berlin(15, 20, 0), long, true},
		"after Thursday's shift":    {berlin(14, 20, 0), long, false},
		"a leave of five days":      {berlin(19, 10, 0), away(day(20), day(25)), false},
		"of five and a half":        {berlin(19, 10, 0), away(berlin(20, 13, 0), day(26)), true},
		"in two entries":            {berlin(19, 10, 0), append(away(day(23), day(27)), away(day(20), day(23))...), true},
		"from noon of today":        {berlin(20, 10, 0), away(berlin(20, 13, 0), day(27)), true},
		"no leave":                  {berlin(19, 10, 0), nil, false},
		"a leave that is no time":   {berlin(19, 10, 0), away(day(27), day(20)), false},
		"a short one before a long": {berlin(20, 10, 0), append(away(day(19), day(20)), away(day(21), day(28))...), true},
	} {
		t.Run(name, func(t *testing.T) {
			r := twoShifts(t, policy.OutsideAssign, c.now)
			r.Policy.Taper = policy.Taper{LeaveDays: 5, StopDays: 2}
			r.Candidates, r.Candidates[0].Leave = r.Candidates[:1], c.leave
			if choice, ok := routing.Choose(r); ok == c.out {
				t.Errorf("received: %t; %v", ok, choice.Considered)
			}
			r.Policy.Taper.StopDays = 0
			if _, ok := routing.Choose(r); !ok {
				t.Error("kept away without a taper")
			}
		})
	}
	r := twoShifts(t, policy.OutsideAssign, berlin(19, 10, 0))
	r.Policy.Taper = policy.Taper{LeaveDays: 5, StopDays: 2}
	r.Candidates, r.Candidates[0].Leave = r.Candidates[:1], long
	choice, _ := routing.Choose(r)
	if choice.Considered[0].Why != "leave from 20 May: tapering" || !choice.Reopens.Equal(day(27)) || !choice.Closed {
		t.Errorf("%+v", choice)
	}
}

// What a rep receives of the leads after a leave in which 12 leads came, by
// what the policy says of absence. Each of three is entitled to 4 of the 12.
func TestAbsence(t *testing.T) {
	for policyName, c := range map[string]struct {
		owed   string // on return
		during string
		after  string
	}{
		policy.AbsenceForgive: {"0.00 leads", "abababababab", "cabcab"},
		"":                    {"0.00 leads", "abababababab", "cabcab"},
		policy.AbsenceKeep:    {"1.00 lead", "abababababab", "ccabcab"},
		policy.AbsenceAccrue:  {"4.00 leads", "abababababab", "ccccccabca"},
	} {
		t.Run(policyName, func(t *testing.T) {
			r := team(1, 1, 1)
			r.Policy.Absence = policyName
			r.Candidates[2].Leave = leave(0, 7)
			if got := order(&r, 12); got != c.during {
				t.Errorf("during the leave %s, want %s", got, c.during)
			}
			if got := r.State.Reps["c"].Balance; routing.Leads(got) != c.owed {
				t.Errorf("owed %s on return", routing.Leads(got))
			}
			r.Candidates[2].Leave = nil
			if got := order(&r, len(c.after)); got != c.after {
				t.Errorf("afterwards %s, want %s", got, c.after)
			}
			if n := r.State.Reps["c"].Accrued; n != 0 || sum(r.State) != 0 {
				t.Errorf("%d parts accrued while there; the balances add up to %d", n, sum(r.State))
			}
		})
	}
}

func TestOffAccruesNothing(t *testing.T) {
	r := team(1, 1)
	r.Policy.Absence = policy.AbsenceAccrue
	r.Candidates[1].Off, r.Candidates[1].Leave = "switched off", leave(0, 7)
	order(&r, 10)
	if got := r.State.Reps["b"].Balance; got != 0 {
		t.Errorf("owed %s", routing.Leads(got))
	}
}

// Who is away accrues only what they could have received if they were there.
func TestAccruesAsIfThere(t *testing.T) {
	r := twoShifts(t, policy.OutsideAssign, berlin(11, 10, 0))
	r.Policy.Absence = policy.AbsenceAccrue
	r.Candidates[1].Leave = leave(-1, 7)
	order(&r, 4)
	if got := r.State.Reps["b"].Balance; got != 0 {
		t.Errorf("owed %s of leads outside their hours", routing.Leads(got))
	}
	r.Now = berlin(11, 16, 0)
	order(&r, 4)
	if got := r.State.Reps["b"].Balance; got != 2*routing.Lead {
		t.Errorf("owed %s of four leads", routing.Leads(got))
	}
}
