package lead_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/rollout"
	"github.com/handoff-oss/handoff/shared/routing"
	"github.com/handoff-oss/handoff/shared/signal"
)

// In one phase a company is in one arm, and a wider phase moves nobody out.
func TestWideningMovesNobodyOut(t *testing.T) {
	arm := func(s *story, company string) lead.Arm {
		s.lead, s.stored, s.log, s.known = nil, nil, nil, nil
		g := demo("1", monday)
		g.Identity.Email = "ada@" + company + ".example"
		s.hear(monday, g)
		return s.lead.Journey.Enrolment.Arm
	}
	cores := map[float64]*story{}
	for _, share := range []float64{1, 10, 25, 50, 75, 99} {
		cores[share] = phased(t, rollout.Shadow, share)
	}
	rapid.Check(t, func(rt *rapid.T) {
		company := rapid.StringMatching(`[a-z]{3,12}`).Draw(rt, "company")
		was := lead.Control
		for _, share := range []float64{1, 10, 25, 50, 75, 99} {
			now := arm(cores[share], company)
			if was == lead.Treatment && now == lead.Control {
				rt.Fatalf("%s is out at %v %%", company, share)
			}
			if again := arm(cores[share], company); again != now {
				rt.Fatalf("%s is in %s and in %s", company, now, again)
			}
			was = now
		}
	})
}

// Whatever happens to a lead that is not in the process, nobody holds it, no
// clock runs and no pool counts it.
func TestControlIsLeftAlone(t *testing.T) {
	for _, tc := range []struct {
		mode  rollout.Mode
		share float64
	}{{rollout.Auto, out}, {rollout.Suggest, out}, {rollout.Shadow, in}, {rollout.Shadow, out}} {
		base := phased(t, tc.mode, tc.share)
		rapid.Check(t, func(rt *rapid.T) {
			s := &story{t: t, core: base.core, pools: map[string]routing.Pool{}}
			s.hear(monday, demo("1", monday))
			was := *s.lead.Journey.Enrolment
			at := 0
			for i := range rapid.IntRange(1, 12).Draw(rt, "n") {
				at += rapid.IntRange(1, 600).Draw(rt, "pause")
				switch rapid.IntRange(0, 6).Draw(rt, "kind") {
				case 0:
					s.hear(minutes(at), demo(fmt.Sprint("d", i), minutes(at)))
				case 1:
					s.hear(minutes(at), logged(fmt.Sprint("call", i), minutes(at)))
				case 2:
					s.hear(minutes(at), said(at, signal.MeetingBooked, "meeting", "m"))
				case 3:
					s.hear(minutes(at), said(at, signal.DealWon, "deal", "d"))
				case 4:
					s.hear(minutes(at), said(at, signal.DealDeleted, "deal", "d"))
				case 5:
					s.hear(minutes(at), word(s.lead, signal.OrderConfirm, "bo", minutes(at)))
				default:
					s.decide(minutes(at))
				}
			}
			if got := s.what(); got != "" {
				rt.Fatalf("the lead is %q", got)
			}
			now := *s.lead.Journey.Enrolment
			if now != was {
				rt.Fatalf("the enrolment was %+v and is %+v", was, now)
			}
		})
	}
}

// Merging keeps the earlier enrolment, in whatever order.
func TestEarlierEnrolment(t *testing.T) {
	draw := rapid.Custom(func(rt *rapid.T) *lead.Enrolment {
		if rapid.IntRange(0, 4).Draw(rt, "none") == 0 {
			return nil
		}
		return &lead.Enrolment{
			Phase: rapid.SampledFrom([]string{"a", "b"}).Draw(rt, "phase"), UnitID: rapid.SampledFrom([]string{"d:x", "d:y"}).Draw(rt, "unit"),
			Arm: rapid.SampledFrom([]lead.Arm{lead.Treatment, lead.Control}).Draw(rt, "arm"), At: minutes(rapid.IntRange(0, 3).Draw(rt, "at")),
		}
	})
	rapid.Check(t, func(rt *rapid.T) {
		a, b, c := draw.Draw(rt, "a"), draw.Draw(rt, "b"), draw.Draw(rt, "c")
		ab := lead.EarlierEnrolment(a, b)
		if diff := cmp.Diff(ab, lead.EarlierEnrolment(b, a)); diff != "" {
			rt.Fatalf("the order matters:\n%s", diff)
		}
		if diff := cmp.Diff(lead.EarlierEnrolment(ab, c), lead.EarlierEnrolment(a, lead.EarlierEnrolment(b, c))); diff != "" {
			rt.Fatalf("the order of merges matters:\n%s", diff)
		}
		if a == nil || b == nil {
			return
		}
		if ab.At.After(a.At) || ab.At.After(b.At) || !ab.Merged || ab.Crossed != (a.Arm != b.Arm) {
			rt.Fatalf("%+v of %+v and %+v", ab, a, b)
		}
	})
}
