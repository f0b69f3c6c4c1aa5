// Package routing chooses who of a pool receives a lead: weighted round robin,
// smooth as in nginx, so that weights of 5, 1 and 1 give a a b a c a a rather
// than five leads in a row. Each choice says of every candidate why it was or
// was not them.
//
// The state is a balance for each rep: what they are owed, counted in parts of
// one lead. Each choice shares one lead out among those who can receive it, by
// weight, and charges the whole of it to the one who does: the one who is owed
// most. Balances are whole numbers and add up to zero, so nothing is lost to
// rounding.
//
// The bound: with n reps who can all receive, nobody has ever received a whole
// lead more than their share, and nobody is ever owed more than
// 1/2 + 1/3 + … + 1/n leads (0.84 with three reps, 1.93 with ten).
//
// The package does not know leads, hours or caps, nor where the state is kept.
package routing

import (
	"cmp"
	"fmt"
	"math"
	"math/bits"
	"slices"

	"github.com/handoff-oss/handoff/shared/policy"
)

// Pool is the state of a pool between choices. The zero value with a name is a
// pool that nobody was chosen from yet.
type Pool struct {
	Name    string `json:"name"`
	Version int64  `json:"version"` // for whoever stores it; a choice leaves it alone
	// Unit is what one lead counts in Balance: the sum of the weights in
	// thousandths, over everybody who was on duty at the last choice.
	Unit int64 `json:"unit,omitempty"`
	// Balance is what each rep on duty is owed, in parts of a lead; below zero, what they had in advance.
	Balance  map[string]int64 `json:"balance,omitempty"`
	Received map[string]int64 `json:"received,omitempty"` // leads ever assigned, by rep
}

// Considered is one candidate of a choice.
type Considered struct {
	Rep    string `json:"rep"`
	Chosen bool   `json:"chosen"`
	Why    string `json:"why"`
}

// Choice is who receives the lead, the state after it, and why.
type Choice struct {
	Rep        policy.Rep
	State      Pool
	Considered []Considered // every rep of the pool, in the policy's order
}

// candidate is a rep in the course of one choice. Amounts are in parts of a
// lead, of which unit make one.
type candidate struct {
	policy.Rep
	weight  int64
	had     bool  // had this lead before
	balance int64 // before the choice, then with the share of this lead
}

func (c candidate) onDuty() bool   { return c.Off == "" }
func (c candidate) eligible() bool { return c.onDuty() && !c.had }

// Choose picks the rep of p who is owed most, leaving out those who are off and
// those in exclude, who had the lead before. Ties go to whoever received less
// so far, then to the order in the policy. ok is false when nobody can receive
// the lead; then the state is unchanged and only Considered is set.
//
// Who joins or comes back starts even with the others' mean: neither owed what
// they missed nor charged for it, and nobody else's balance changes relative to
// the others'. Who is left out of one choice is neither owed nor charged for
// that lead.
func Choose(p policy.Pool, state Pool, exclude []string) (choice Choice, ok bool) {
	all := make([]candidate, len(p.Reps))
	var duty []*candidate
	for i, r := range p.Reps {
		all[i] = candidate{Rep: r, weight: thousandths(r.Weight), had: slices.Contains(exclude, r.ID)}
		if all[i].onDuty() {
			duty = append(duty, &all[i])
		}
	}
	unit := sum(duty, func(c *candidate) int64 { return c.weight })
	settle(duty, state, unit)
	able := slices.DeleteFunc(slices.Clone(duty), func(c *candidate) bool { return !c.eligible() })
	for i, part := range shares(unit, able) {
		able[i].balance += part
	}
	best := first(able, state.Received)
	choice = Choice{State: state, Considered: explain(all, able, best, unit, state.Received)}
	if best == nil {
		return choice, false
	}
	best.balance -= unit
	choice.Rep = best.Rep
	choice.State.Unit = unit
	choice.State.Balance = make(map[string]int64, len(duty))
	for _, c := range duty {
		choice.State.Balance[c.ID] = c.balance
	}
	choice.State.Received = make(map[string]int64, len(state.Received)+1)
	for id, n := range state.Received {
		choice.State.Received[id] = n
	}
	choice.State.Received[best.ID]++
	return choice, true
}

// thousandths returns a weight as a whole number. No weight is a weight of 1,
// and a share never rounds to nothing.
func thousandths(weight float64) int64 {
	const most = 1e6 // keeps sums far from overflow
	if math.IsNaN(weight) || weight <= 0 {
		weight = 1
	}
	return int64(max(1, math.Round(1000*min(weight, most))))
}

// portion returns amount × of ÷ whole, rounded toward zero. The product may
// exceed 64 bits, the result must not.
func portion(amount, of, whole int64) int64 {
	if amount < 0 {
		return -portion(-amount, of, whole)
	}
	hi, lo := bits.Mul64(uint64(amount), uint64(of)) //nolint:gosec // Neither is negative.
	q, _ := bits.Div64(hi, lo, uint64(whole))        //nolint:gosec // Whole is positive.
	return int64(q)                                  //nolint:gosec // By the callers' bounds.
}

// settle carries the balances of those on duty into this choice: in its unit,
// and adding up to zero without those who left.
func settle(duty []*candidate, state Pool, unit int64) {
	var known []*candidate
	for _, c := range duty {
		balance, before := state.Balance[c.ID]
		if !before || state.Unit <= 0 {
			continue
		}
		most := int64(len(duty)) * state.Unit // far beyond the bound: only a damaged state is there
		c.balance = portion(min(max(balance, -most), most), unit, state.Unit)
		known = append(known, c)
	}
	if len(known) == 0 {
		return
	}
	rest := -sum(known, func(c *candidate) int64 { return c.balance })
	even, odd := rest/int64(len(known)), rest%int64(len(known))
	for i, c := range known {
		c.balance += even
		switch {
		case int64(i) < odd:
			c.balance++
		case int64(i) < -odd:
			c.balance--
		}
	}
}

// shares divides one lead among the able by weight, in whole parts that add up
// to unit. With everybody on duty able, the parts are the weights themselves.
func shares(unit int64, able []*candidate) []int64 {
	parts := make([]int64, len(able))
	total := sum(able, func(c *candidate) int64 { return c.weight })
	var given, before int64
	for i, c := range able {
		before += c.weight
		upTo := portion(unit, before, total)
		parts[i], given = upTo-given, upTo
	}
	return parts
}

// first returns who is owed most, or nil when nobody is able.
func first(able []*candidate, received map[string]int64) *candidate {
	var best *candidate
	for _, c := range able {
		if best == nil || c.balance > best.balance || (c.balance == best.balance && received[c.ID] < received[best.ID]) {
			best = c
		}
	}
	return best
}

// explain says of every rep of the pool why it was or was not them.
func explain(all []candidate, able []*candidate, best *candidate, unit int64, received map[string]int64) []Considered {
	out := make([]Considered, len(all))
	for i := range all {
		c := &all[i]
		out[i] = Considered{Rep: c.ID, Chosen: c == best}
		switch {
		case !c.onDuty():
			out[i].Why = "off: " + c.Off
		case c.had:
			out[i].Why = "had this lead before"
		case c == best && len(able) == 1:
			out[i].Why = "the only one who can receive it"
		case c == best:
			out[i].Why = "owed most: " + leads(c.balance, unit) + tied(able, best)
		case c.balance < best.balance:
			out[i].Why = fmt.Sprintf("owed %s, less than %s", leads(c.balance, unit), name(best.Rep))
		case received[c.ID] > received[best.ID]:
			out[i].Why = fmt.Sprintf("owed as much as %s, who has received fewer leads", name(best.Rep))
		default:
			out[i].Why = fmt.Sprintf("owed as much as %s, who comes first in the policy", name(best.Rep))
		}
	}
	return out
}

func name(r policy.Rep) string { return cmp.Or(r.Name, r.ID) }

// tied adds how a tie was broken.
func tied(able []*candidate, best *candidate) string {
	n := 0
	for _, c := range able {
		if c.balance == best.balance {
			n++
		}
	}
	if n == 1 {
		return ""
	}
	return fmt.Sprintf(", first of %d who are owed the same", n)
}

// leads writes an amount in leads, rounded to hundredths.
func leads(amount, unit int64) string {
	text := fmt.Sprintf("%.2f", float64(amount)/float64(unit))
	if text == "-0.00" {
		text = "0.00"
	}
	if text == "1.00" {
		return "1.00 lead"
	}
	return text + " leads"
}

func sum(cs []*candidate, of func(*candidate) int64) int64 {
	var n int64
	for _, c := range cs {
		n += of(c)
	}
	return n
}
