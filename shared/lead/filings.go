package lead

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"
	"strings"

	"github.com/handoff-oss/handoff/shared/account"
	"github.com/handoff-oss/handoff/shared/signal"
)

// FilingKind is what a lead is filed under, so that others that have the same
// are found in one read.
type FilingKind string

// What leads are filed under. None of it makes two leads one.
const (
	FiledAccount FilingKind = "account" // the company that the lead itself names
	FiledPhone   FilingKind = "phone"   // a number in full, with its country
	FiledName    FilingKind = "name"    // a name at a company
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
	company := c.CompanyOf(l).Key()
	add(FiledAccount, string(company))
	add(FiledPhone, hashed(phoneOf(l)))
	if name := account.Normal(l.Facts.Profile[signal.FieldFirstName].Value + " " + l.Facts.Profile[signal.FieldLastName].Value); name != "" && company != "" {
		add(FiledName, hashed(name+"@"+string(company)))
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

// phoneOf is the number of a lead in full, "" when it does not say its country.
func phoneOf(l *Lead) string {
	text := l.Facts.Profile[signal.FieldPhone].Value
	digits := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, text)
	if !strings.HasPrefix(strings.TrimSpace(text), "+") || len(digits) < 8 {
		return ""
	}
	return "+" + digits
}

func hashed(value string) string {
	if value == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(value))
	return hex.EncodeToString(sum[:12])
}
