package lead

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"

	"github.com/handoff-oss/handoff/shared/account"
	"github.com/handoff-oss/handoff/shared/duplicate"
	"github.com/handoff-oss/handoff/shared/match"
)

// FilingKind is what a lead is filed under, so that others that have the same
// are found in one read.
type FilingKind string

// What leads are filed under. None of it makes two leads one.
const (
	FiledAccount FilingKind = "account" // the company that the lead itself names, whatever groups the policy has
	FiledPhone   FilingKind = "phone"   // a number in full, with its country
	FiledName    FilingKind = "name"    // what most ways to write a name have in common, with a word of the company's name or domain
)

// Filing is one thing that a lead is filed under: a company by its key, all else
// by a hash.
type Filing struct {
	Kind  FilingKind
	Value string
}

// Filings says what a lead is to be filed under.
func (c *Core) Filings(l *Lead) []Filing {
	if l == nil {
		return nil
	}
	var all []Filing
	add := func(kind FilingKind, value string) {
		if value != "" {
			all = append(all, Filing{kind, value})
		}
	}
	p := duplicate.PersonOf(c.policy, l.Facts.Values())
	add(FiledAccount, string(CompanySaid(c.policy, l).Key()))
	add(FiledPhone, hashed(p.Phone))
	if name := match.NameKey(p.Given, p.Family); name != "" {
		for _, word := range match.CompanyWords(p) {
			add(FiledName, hashed(name+"@"+word))
		}
	}
	return all
}

// Refile says what changes in where a lead is filed: what it is to be filed
// under anew, and what no more. Most decisions change nothing.
func (c *Core) Refile(before, after *Lead) (file, unfile []Filing) {
	if before != nil && after != nil && maps.Equal(before.Facts.Profile, after.Facts.Profile) {
		return nil, nil
	}
	old, now := c.Filings(before), c.Filings(after)
	return slices.DeleteFunc(slices.Clone(now), func(f Filing) bool { return slices.Contains(old, f) }),
		slices.DeleteFunc(old, func(f Filing) bool { return slices.Contains(now, f) })
}

// Listing returns what a lead says about its company when it names one, or calls
// it by a name, that it did not before: that is to be findable from then on.
func (c *Core) Listing(before, after *Lead) (said account.Facts, anew bool) {
	if after == nil || before != nil && maps.Equal(before.Facts.Profile, after.Facts.Profile) {
		return account.Facts{}, false
	}
	said = CompanySaid(c.policy, after)
	if before == nil {
		return said, said.Known()
	}
	was := CompanySaid(c.policy, before)
	return said, said.Known() && (said.Key() != was.Key() || said.Normal != was.Normal)
}

func hashed(value string) string {
	if value == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(value))
	return hex.EncodeToString(sum[:12])
}
