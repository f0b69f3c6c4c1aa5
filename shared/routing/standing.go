package routing

import (
	"fmt"
	"math"
	"time"

	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/worktime"
)

// standing is a rep in the course of one choice.
type standing struct {
	cand  *Candidate
	hours *worktime.Calendar
	state RepState
	known bool // has been in the pool before

	start    time.Time // when their time would begin: now, or the next shift; zero: never
	shiftEnd time.Time // of who is in the last minutes of a shift, else zero
	duty     bool      // on duty, and not in the last minutes

	out    block // the first reason why not; none when they can receive the lead
	away   bool  // on leave or tapering, and not off
	shut   bool  // could receive no lead whatever
	never  bool  // takes no leads of this kind at all
	passes bool  // nothing but absence and hours is in the way

	able    bool
	accrues bool // shares without being there
	room    int64
	weight  int64
	balance int64 // in parts of a lead
	share   int64
	tied    bool
}

// block is a reason why a rep cannot receive the lead, and when it ends. Until
// is zero when no time will tell.
type block struct {
	why   string
	until time.Time
}

func (b block) none() bool { return b.why == "" }

// standings judges every candidate by all but the others' hours.
func standings(r Request) []standing {
	all := make([]standing, len(r.Candidates))
	for i := range all {
		s := &all[i]
		s.cand = &r.Candidates[i]
		s.weight = millionths(s.cand.Weight)
		s.state, s.known = r.State.Reps[s.cand.ID]
		s.balance = s.state.Balance
		if s.hours = s.cand.Hours; s.hours == nil {
			s.hours = worktime.Always()
		}
		s.clockIn(r)
		s.judge(r)
	}
	judgeHad(r, all)
	return all
}

// clockIn finds out when the rep's time would begin.
func (s *standing) clockIn(r Request) {
	s.start = s.hours.NextOpen(r.Now)
	last := time.Duration(r.Policy.LastMinutes)
	if s.duty = s.start.Equal(r.Now); !s.duty || last <= 0 {
		return
	}
	end := s.hours.ShiftEnd(r.Now)
	if !end.After(r.Now) || r.Now.Before(end.Add(-last)) {
		return
	}
	s.duty, s.shiftEnd, s.start = false, end, s.hours.NextOpen(end)
}

// judge finds the first reason against the rep that concerns them alone. The
// later ones still count for what would be if they were not away, and for
// whether they could receive any other lead.
func (s *standing) judge(r Request) {
	absence := s.absence(r)
	full, shut := s.full(r)
	s.never = shut.never || s.start.IsZero()
	s.passes = full.none()
	s.shut = s.cand.Off != "" || !absence.none() || shut.any || s.start.IsZero() || (r.Policy.OutsideHours == policy.OutsideHold && !s.duty)
	switch {
	case s.cand.Off != "":
		s.out = block{why: "off: " + s.cand.Off}
	case s.cand.Barred != "":
		s.out, s.passes = block{why: s.cand.Barred}, false
	case !absence.none():
		s.out, s.away = absence, true
	case !full.none():
		s.out = full
	}
}

// absence tells whether the rep is on leave or about to be.
func (s *standing) absence(r Request) block {
	if len(s.cand.Leave) == 0 {
		return block{}
	}
	until, away := s.cand.awayUntil(r.Now)
	if !away && !s.start.IsZero() {
		until, away = s.cand.awayUntil(s.start)
	}
	if away {
		return block{"on leave until " + s.day(until, r.Now), until}
	}
	return s.taper(r)
}

// awayUntil returns when the leave ends that t lies in, with all that follow
// without a gap.
func (c *Candidate) awayUntil(t time.Time) (until time.Time, away bool) {
	until = t
	for again := true; again; {
		again = false
		for _, l := range c.Leave {
			if !l.From.After(until) && l.To.After(until) {
				until, away, again = l.To, true, true
			}
		}
	}
	return until, away
}

// taper tells whether the rep's time would begin within the last working days
// before a long leave.
func (s *standing) taper(r Request) block {
	t := r.Policy.Taper
	var first, until time.Time
	for _, l := range s.cand.Leave {
		if t.StopDays <= 0 || s.start.IsZero() || !l.From.After(s.start) || !l.To.After(l.From) {
			continue
		}
		end, _ := s.cand.awayUntil(l.From)
		if dates(l.From, end, s.hours.Zone()) <= t.LeaveDays || !s.within(t.StopDays, l.From) {
			continue
		}
		if first.IsZero() || l.From.Before(first) {
			first, until = l.From, end
		}
	}
	if first.IsZero() {
		return block{}
	}
	return block{"leave from " + s.day(first, r.Now) + ": tapering", until}
}

// within tells whether the working days from the rep's start to an instant are
// at most so many.
func (s *standing) within(days int, end time.Time) bool {
	t := s.start
	for n := 0; !t.IsZero() && t.Before(end); n++ {
		if n == days {
			return false
		}
		t = s.hours.NextOpen(nextDay(t, s.hours.Zone()))
	}
	return true
}

// judgeHad keeps the lead from those who had it more often than somebody who is
// there, and, where one rep has a claim to it, from the others.
func judgeHad(r Request, all []standing) {
	least := -1
	for i := range all {
		s := &all[i]
		if s.cand.Off == "" && s.cand.Barred == "" && !s.away && !s.never && (least < 0 || s.cand.Had < least) {
			least = s.cand.Had
		}
	}
	for i := range all {
		s := &all[i]
		var b block
		switch {
		case r.Only != "" && s.cand.ID != r.Only:
			s.out, s.passes = block{why: "not " + r.claim()}, false
			continue
		case least >= 0 && s.cand.Had > least && least == 0:
			b.why = "had this lead before, and others have not"
		case least >= 0 && s.cand.Had > least:
			b.why = "had this lead more often than others"
		default:
			continue
		}
		s.passes = false
		if s.out.none() {
			s.out = b
		}
	}
}

// closedNow is the reason against a rep whom only their hours keep from the lead.
func (s *standing) closedNow(r Request, others bool) block {
	switch {
	case s.start.IsZero():
		return block{why: "never on duty"}
	case !s.shiftEnd.IsZero():
		last := int64(time.Duration(r.Policy.LastMinutes) / time.Minute)
		return block{fmt.Sprintf("shift ends at %s, nothing new in the last %d minutes", s.clock(s.shiftEnd, r.Now), last), s.start}
	case others:
		return block{"not on duty until " + s.clock(s.start, r.Now) + ", and others are", s.start}
	}
	return block{"not on duty until " + s.clock(s.start, r.Now), s.start}
}

// admit returns who can receive the lead now: those on duty; when none of them
// can, and the policy does not hold leads for that, everybody else. It gives
// the others their reason, and sets who accrues.
func admit(r Request, all []standing) []*standing {
	hold := r.Policy.OutsideHours == policy.OutsideHold
	var ready, later []*standing
	for i := range all {
		switch s := &all[i]; {
		case s.out.none() && s.duty:
			ready = append(ready, s)
		case s.out.none() && !hold && !s.start.IsZero():
			later = append(later, s)
		}
	}
	able := ready
	if len(ready) == 0 {
		able = later
	}
	for _, s := range able {
		s.able = true
	}
	for i := range all {
		s := &all[i]
		if s.out.none() && !s.able {
			s.out = s.closedNow(r, len(ready) > 0)
		}
		s.accrue(r, len(ready) > 0)
	}
	return able
}

// accrue lets a rep who is away share in the lead, as far as the policy goes,
// if they could receive it were they there.
func (s *standing) accrue(r Request, ready bool) {
	if !s.away || !s.passes || s.start.IsZero() || (!s.duty && (ready || r.Policy.OutsideHours == policy.OutsideHold)) {
		return
	}
	switch r.Policy.Absence {
	case policy.AbsenceAccrue:
		s.room, s.accrues = math.MaxInt64, true
	case policy.AbsenceKeep:
		s.room = max(0, Lead-s.state.Accrued)
		s.accrues = s.room > 0
	}
}

// reopens returns when the first reason ends that keeps somebody from the lead.
func reopens(r Request, all []standing) time.Time {
	var at time.Time
	for i := range all {
		until := all[i].out.until
		if until.After(r.Now) && (at.IsZero() || until.Before(at)) {
			at = until
		}
	}
	return at
}

// closed tells whether nobody could receive any lead whatever.
func closed(all []standing) bool {
	for i := range all {
		if !all[i].shut {
			return false
		}
	}
	return true
}
