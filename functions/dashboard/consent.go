package main

import (
	"maps"
	"slices"
	"strings"

	"github.com/handoff-oss/handoff/shared/scoring"
)

// consentsOf lists what a person said last of each purpose, by name.
func consentsOf(f scoring.Facts) []consent {
	var all []consent
	for _, purpose := range slices.Sorted(maps.Keys(f.Consent)) {
		c := f.Consent[purpose]
		said, by := c.Latest()
		source, _, _ := strings.Cut(said.Event, "#")
		all = append(all, consent{
			Purpose: purpose, State: c.State(), By: string(by), At: said.At.UTC(), Source: source,
			TextVersion: said.Text, LawfulBasis: said.Basis,
		})
	}
	return all
}
