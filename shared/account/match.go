package account

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/standard"
)

// How companies are told to be the same, in policy.AccountOwner.Match.
const (
	ByDomain    = "domain"
	ByName      = "name"
	ByCloseName = "close_name"
)

// The tie-breakers of policy.AccountOwner.TieBreakers.
const (
	TieLatest = "latest" // the owner who received a lead of the company last
	TieOpen   = "open"   // an owner who holds leads of the company
	TieSize   = "size"   // the company of the most handoffs
)

// Found is the company that a lead belongs to.
type Found struct {
	// Account is where a handoff of the lead is recorded, whether its owner has
	// a claim or not: the company that was found, else a new one at Facts.Key.
	// Its key is "" when the lead names no company.
	Account Account
	By      string   // ByDomain, ByName, or ByCloseName and its proof: "close_name+phone"; "" when none was found
	Why     string   // in plain words; without the lead's number or postal code
	Passed  []string // of the other companies, which and why not; bounded
	// Parent is the account above it whose owner has a claim to the lead, because nobody has one to Account and the
	// policy gives it to the parent's; nil for none.
	Parent *Account
}

// Match finds the company among candidates that a lead belongs to, by the ways
// of the policy in their order, and tells whether its owner has a claim to the
// lead. A company whose owner has one comes first, even if another without
// matches more strongly; of those that match in the same way the tie-breakers
// decide in their order, finally the smaller key.
//
// A domain that is a company's own is a proof, and so is the same normalized
// name. A close name needs one more: the same domain apart from its public
// suffix, the same telephone number by its last eight digits, or the same
// postal code. An owner whose last handoff of the company is older than
// MaxAgeDays has no claim. When nobody has one, and the policy says so, the owner
// of a company above has it: see Found.Parent. Those companies are no candidates
// by themselves, however close their names.
func Match(f Facts, candidates []Account, p policy.AccountOwner, now time.Time) (Found, bool) {
	m := matching{facts: f, policy: p, now: now}
	for _, a := range candidates {
		if !slices.Contains(f.Parents, a.Key) { // the policy keeps them apart
			m.add(a)
		}
	}
	slices.SortFunc(m.entries, m.order)
	if len(m.entries) == 0 || m.entries[0].rank < 0 {
		own := Found{Account: Account{Key: f.Key()}, Passed: m.passed(m.entries)}
		return m.inherit(m.keep(own), candidates), false
	}
	best := m.entries[0]
	found := Found{Account: best.account, By: best.by, Why: best.why, Passed: m.passed(m.entries[1:])}
	if best.claimless != "" {
		found.Why += "; " + best.claimless
		return m.inherit(found, candidates), false
	}
	return found, true
}

// inherit adds the nearest account above whose owner has a claim, and why those
// between have none.
func (m *matching) inherit(f Found, candidates []Account) Found {
	if !m.policy.Parent {
		return f
	}
	for _, k := range m.facts.Parents {
		i := slices.IndexFunc(candidates, func(a Account) bool { return a.Key == k })
		if i < 0 {
			continue
		}
		why := m.claimless(candidates[i].Owner)
		if why == "" {
			f.Parent = &candidates[i]
			return f
		}
		f.Passed = append(f.Passed, string(k)+": the parent company; "+why)
	}
	return f
}

// keep returns the lead's own account as it is stored, when it is among those
// that the policy has no way to match.
func (m *matching) keep(f Found) Found {
	for _, e := range m.entries {
		if e.account.Key == f.Account.Key {
			f.Account = e.account
		}
	}
	return f
}

type matching struct {
	facts   Facts
	policy  policy.AccountOwner
	now     time.Time
	entries []entry
}

// entry is one candidate.
type entry struct {
	account   Account
	rank      int    // place in the policy's order of the strongest way that it matches; -1 when none does
	by, why   string // of that way, or why there is none
	claimless string // why its owner has no claim; "" when they have one
}

func (m *matching) add(a Account) {
	e := entry{account: a, rank: -1, claimless: m.claimless(a.Owner)}
	for i, way := range m.policy.Match {
		if by, why, ok := same(m.facts, a, way); ok {
			e.rank, e.by, e.why = i, by, why
			break
		}
	}
	if e.rank < 0 {
		e.why = m.whyNot(a)
	}
	m.entries = append(m.entries, e)
}

// claimless returns why an owner has no claim to another lead.
func (m *matching) claimless(o *Owner) string {
	const day = 24 * time.Hour
	if o == nil {
		return "it has no owner"
	}
	age, most := m.now.Sub(o.Since), time.Duration(m.policy.MaxAgeDays)*day
	if most > 0 && age > most {
		return fmt.Sprintf("its owner's last handoff was %d days ago, more than %d", age/day, m.policy.MaxAgeDays)
	}
	return ""
}

// order puts first what matches, with a claim, most strongly.
func (m *matching) order(a, b entry) int {
	c := cmp.Or(
		first(a.rank >= 0, b.rank >= 0),
		first(a.claimless == "", b.claimless == ""),
		cmp.Compare(a.rank, b.rank),
	)
	for _, tie := range m.policy.TieBreakers {
		if c != 0 {
			return c
		}
		c = compare(tie, a.account, b.account)
	}
	return cmp.Or(c, cmp.Compare(a.account.Key, b.account.Key))
}

// first orders what has something before what does not.
func first(a, b bool) int {
	switch {
	case a && !b:
		return -1
	case b && !a:
		return 1
	}
	return 0
}

// compare orders two accounts by one tie-breaker.
func compare(tie string, a, b Account) int {
	var x, y Owner
	if a.Owner != nil {
		x = *a.Owner
	}
	if b.Owner != nil {
		y = *b.Owner
	}
	switch tie {
	case TieLatest:
		return y.Since.Compare(x.Since)
	case TieOpen:
		return first(x.Open > 0, y.Open > 0)
	case TieSize:
		return cmp.Compare(b.Handoffs, a.Handoffs)
	}
	return 0
}

// same tells whether a lead's company is an account by one way, how and why.
func same(f Facts, a Account, way string) (by, why string, ok bool) {
	switch way {
	case ByDomain:
		return ByDomain, "same domain, " + a.Domain, f.Domain != "" && f.Domain == a.Domain
	case ByName:
		return ByName, "same company name, " + a.Normal, f.Normal != "" && f.Normal == a.Normal
	case ByCloseName:
		proof, words := proofOf(f, a)
		if proof == "" {
			return "", "", false
		}
		like := Likeness(f.Normal, a.Normal)
		return ByCloseName + "+" + proof, like + ", and " + words, like != ""
	}
	return "", "", false
}

// proofOf returns what a lead and an account have in common besides a name.
func proofOf(f Facts, a Account) (proof, words string) {
	switch {
	case f.Label != "" && f.Label == standard.Label(a.Domain) && !isGeneric(f.Label):
		return "domain", "the domains " + f.Domain + " and " + a.Domain
	case f.Phone != "" && f.Phone == a.Phone:
		return "phone", "the same telephone number"
	case f.Postal != "" && f.Postal == a.Postal:
		return "postal_code", "the same postal code"
	}
	return "", ""
}

// whyNot says why a candidate does not match.
func (m *matching) whyNot(a Account) string {
	if len(m.policy.Match) == 0 {
		return "the policy asks for no owner"
	}
	if like := Likeness(m.facts.Normal, a.Normal); like != "" {
		return like + ", but neither domain, telephone number nor postal code is the same"
	}
	return "another company"
}

// passed says of each entry which company it is and why it is not the one.
func (m *matching) passed(entries []entry) []string {
	const most = 5 // what is said is stored with the decision
	var out []string
	for i, e := range entries {
		if i == most {
			return append(out, fmt.Sprintf("and %d more", len(entries)-most))
		}
		var reasons []string
		switch {
		case e.rank < 0:
			reasons = []string{e.why}
		case e.claimless != "":
			reasons = []string{e.why, e.claimless}
		default:
			reasons = []string{e.why, m.lost(e)}
		}
		out = append(out, string(e.account.Key)+": "+strings.Join(reasons, "; "))
	}
	return out
}

// lost says by what a company with a claim comes after the one that was found.
func (m *matching) lost(e entry) string {
	best := m.entries[0]
	if best.rank < e.rank {
		return "but " + best.by + " comes first"
	}
	for _, tie := range m.policy.TieBreakers {
		if compare(tie, best.account, e.account) == 0 {
			continue
		}
		switch tie {
		case TieLatest:
			return "but its owner's last handoff was earlier"
		case TieOpen:
			return "but its owner holds none of its leads"
		case TieSize:
			return "but it had fewer handoffs"
		}
	}
	return "equal, and its key is later"
}
