// Package routing chooses who of a pool receives a lead, so that at every moment
// each rep has received what they were entitled to, give or take a bound, and
// says of everybody why it was or was not them.
//
// Each lead is shared out, by weight, among those who can receive it at that
// moment: that is what they are entitled to. The one who receives it is charged
// the whole lead. A rep's balance is what they were entitled to less what they
// received; whoever has the largest, with this lead's shares added, receives.
// A rep who cannot receive a lead neither gains nor pays, so their balance waits
// for them: nobody is flooded on return, and a weight of 0.5 is every second
// cycle. Balances are whole parts of a lead and add up to zero. The rounding of
// one lead moves a rep by less than one part, so a million leads by less than a
// thousandth of one.
//
// # The bound
//
// Let n reps be in the pool, and let any of them be able to receive each lead,
// whoever chose the sets: hours, caps, leave, batches, an adversary. Weights may
// change from lead to lead. Then every balance stays within n−1 leads of zero.
//
// Proof. Let S(T) be the sum of the balances in a set T of j reps. Claim: S(T) is
// never more than B(j) = j(n−j). It holds at the start, where all are zero. Let
// reps with balances x be entitled to shares s of a lead, which add up to 1, and
// let c receive it, having the largest x+s of those who can.
//   - c is in T: S(T) grows by T's shares and falls by 1, so it does not grow.
//   - Nobody in T can receive it: S(T) stays.
//   - Else somebody i in T could, c is not in T, and x(i)+s(i) ≤ x(c)+s(c). Before,
//     2·S(T) = S(T and c) + S(T less i) + x(i) − x(c)
//     ≤ B(j+1) + B(j−1) + s(c) − s(i) = 2·B(j) − 2 + s(c) − s(i).
//     T's shares add at most 1 − s(c). So after, S(T) ≤ B(j) − (s(c)+s(i))/2.
//
// With j = 1 nobody is owed more than n−1; with j = n−1, and all balances adding
// up to zero, nobody has had more than n−1 in advance. What the last line leaves
// over pays for taking balances as equal that differ by no more than c's share.
//
// A set that does not change is bounded more tightly: nobody has received a whole
// lead more than their share, since c, the largest of n that add up to 1, is not
// below zero before the charge; and nobody is owed more than 1/2 + 1/3 + … + 1/n
// (0.84 leads with three reps, 1.93 with ten). For with A(j) = j(1/(j+1) + … + 1/n)
// and c not in T, S(T) with the shares is at most j/(j+1) of S(T and c) with them,
// and that at most A(j+1) + 1; which makes A(j). (Taking balances as equal adds a
// thousandth to that.)
//
// Who joins starts at zero and changes nothing for the others; the bound grows
// with n. When somebody leaves, their balance is spread evenly over the others,
// which multiplies the bound of the m who stay by 1+2/m at most: S(T) becomes
// S(T) + j/m of the leaver's balance, which lies between B(j) and B(j+1) of the
// old pool. A rep who keeps their turn or accrues while away (policy.AbsenceKeep, policy.AbsenceAccrue)
// is entitled without being able to receive, which widens it by what they
// accrued. A lead that is replaced widens it by one.
//
// The problem is the carpool problem of Fagin and Williams (A Fair Carpool
// Scheduling Algorithm, 1983), studied for any order of sets by Ajtai and others
// (Fairness in Scheduling, Journal of Algorithms 29, 1998). When everybody can
// receive everything, the order is that of nginx's smooth weighted round robin.
//
// The package does not know what a lead is, how a condition is evaluated, nor
// where the state is kept.
package routing

import (
	"cmp"
	"maps"
	"math"
	"math/bits"
	"slices"

	"github.com/handoff-oss/handoff/shared/policy"
)

// Lead is how many parts of a balance make one lead.
const Lead int64 = 1_000_000_000

// noise is a difference between balances that is none: a thousandth of a lead,
// which rounding takes a million leads to make.
const noise = Lead / 1000

// Choose picks who of the pool receives the lead: of those who can receive it
// now, the one who is owed most once the lead is shared out; then whoever has
// received fewer leads; then whoever comes first in the policy. ok is false
// when nobody can; then the state is as before, and Reopens and Closed say when
// to ask again. The maps of the request's state are never written to.
//
// A rep is out, in this order: when off; on leave, or on leave when their next
// shift begins; tapering; full; having had the lead before while somebody who
// is there has not; and outside their hours, while the pool holds leads for
// that or somebody else is on duty.
func Choose(r Request) (choice Choice, ok bool) {
	all := standings(r)
	able := admit(r, all)
	choice = Choice{State: r.State}
	if len(able) == 0 {
		choice.Considered, choice.Reopens, choice.Closed = explain(r, all, able, nil), reopens(r, all), closed(all)
		return choice, false
	}
	settle(all)
	choice.Shares = share(r, all, able)
	best := first(able)
	choice.Considered = explain(r, all, able, best)
	best.balance -= Lead
	choice.Rep, choice.From = best.cand.Rep, best.start
	choice.State.Reps = record(r.State.Reps, all)
	choice.Counted = count(choice.State.Reps, best, r)
	return choice, true
}

// settle makes the balances add up to zero: what those who left the policy were
// owed, or had in advance, is spread evenly over those who were there before.
func settle(all []standing) {
	var rest int64
	var known []*standing
	for i := range all {
		if s := &all[i]; s.known {
			known = append(known, s)
			rest -= s.balance
		}
	}
	if rest == 0 {
		return // always so when nobody is known
	}
	n := int64(len(known))
	even, odd := rest/n, rest%n
	for i, s := range known {
		s.balance += even
		switch {
		case int64(i) < odd:
			s.balance++
		case int64(i) < -odd:
			s.balance--
		}
	}
}

// share adds to each balance what the rep is entitled to of one lead, and
// returns that. Besides the able those share who are away and, by the policy,
// keep their turn or accrue. Nothing moves when one rep alone shares: what they
// are entitled to is what they are charged.
func share(r Request, all []standing, able []*standing) map[string]int64 {
	sharing := able
	if r.Policy.Absence == policy.AbsenceAccrue || r.Policy.Absence == policy.AbsenceKeep {
		sharing = nil
		for i := range all {
			if all[i].able || all[i].accrues {
				sharing = append(sharing, &all[i])
			}
		}
	}
	amount := Lead
	for {
		divide(amount, sharing)
		over := slices.IndexFunc(sharing, func(s *standing) bool { return s.accrues && s.share > s.room })
		if over < 0 {
			break
		}
		sharing[over].share = sharing[over].room
		amount -= sharing[over].room
		sharing = slices.Delete(sharing, over, over+1) // a slice of our own: nobody of the able accrues
	}
	return credit(all)
}

// credit adds the shares to the balances and lists them.
func credit(all []standing) map[string]int64 {
	shares := map[string]int64{}
	for i := range all {
		s := &all[i]
		s.balance += s.share
		if s.accrues {
			s.state.Accrued += s.share
		}
		if s.share != 0 {
			shares[s.cand.ID] = s.share
		}
	}
	if len(shares) == 1 {
		return nil
	}
	return shares
}

// divide splits an amount by weight in whole parts that add up to it.
func divide(amount int64, sharing []*standing) {
	var total, before, given int64
	for _, s := range sharing {
		total += s.weight
	}
	for _, s := range sharing {
		before += s.weight
		upTo := portion(amount, before, total)
		s.share, given = upTo-given, upTo
	}
}

// portion returns amount × of ÷ whole, rounded down. The product may exceed 64
// bits, the result must not.
func portion(amount, of, whole int64) int64 {
	hi, lo := bits.Mul64(uint64(amount), uint64(of)) //nolint:gosec // Neither is negative.
	q, _ := bits.Div64(hi, lo, uint64(whole))        //nolint:gosec // Whole is positive, and at least of.
	return int64(q)                                  //nolint:gosec // At most amount.
}

// millionths returns a weight as a whole number. No weight is a weight of 1,
// and a share never rounds to nothing.
func millionths(weight float64) int64 {
	const most = 1e6 // keeps sums far from overflow
	if math.IsNaN(weight) || weight <= 0 {
		weight = 1
	}
	return int64(max(1, math.Round(1e6*min(weight, most))))
}

// first returns who is owed most, and marks who is owed the same: but for noise
// that the rep's own share covers, for which the bound leaves room.
func first(able []*standing) *standing {
	most := slices.MaxFunc(able, func(a, b *standing) int { return cmp.Compare(a.balance, b.balance) }).balance
	var best *standing
	for _, s := range able {
		if s.tied = most-s.balance <= min(noise, s.share); !s.tied {
			continue
		}
		if best == nil || s.state.Received < best.state.Received {
			best = s
		}
	}
	return best
}

// record returns the states of the reps after the choice. Of those who left the
// policy all is kept but the balance: their leads are still to be released.
func record(before map[string]RepState, all []standing) map[string]RepState {
	after := make(map[string]RepState, len(before)+len(all))
	maps.Copy(after, before)
	members := make(map[string]bool, len(all))
	for i := range all {
		s := &all[i]
		members[s.cand.ID] = true
		if !s.known && s.share == 0 && s.balance == 0 {
			continue
		}
		s.state.Balance = s.balance
		if !s.away && s.cand.Off == "" {
			s.state.Accrued = 0
		}
		after[s.cand.ID] = s.state
	}
	for id, state := range after {
		if !members[id] && state.Balance != 0 {
			state.Balance = 0
			after[id] = state
		}
	}
	return after
}
