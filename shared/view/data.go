package view

import (
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/policy/rules"
)

// Missing is what a lead lacks at each stage, in words, as in JSON.
type Missing struct {
	Known     []string `json:"known"`
	Qualified []string `json:"qualified"`
	HandedOff []string `json:"handed_off"`
}

// MissingOf says what a lead lacks by the policy.
func MissingOf(l *lead.Lead, c *rules.Compiled) Missing {
	n := l.Facts.Needs(c)
	return Missing{
		Known: Words(l.Facts.Lacking(n.Known)), Qualified: Words(l.Facts.Lacking(n.Qualified)), HandedOff: Words(l.Facts.Lacking(n.HandedOff)),
	}
}

// Words names needs, each in words; never nil.
func Words(needs []policy.Need) []string {
	words := make([]string, len(needs))
	for i, n := range needs {
		words[i] = n.Words()
	}
	return words
}
