package main

import (
	"slices"
	"testing"
)

// A policy that changes may ask for less data: who waits for some is looked at
// again, though none of their clocks runs any more. A change of the roster asks
// for no less.
func TestALeadThatWaitsForDataIsReviewed(t *testing.T) {
	c := newCrowd(20)
	c.wanting = "1wanting"
	c.walk(t, 100)
	if !slices.Contains(c.reviewed, c.wanting) || c.missed() > 0 {
		t.Errorf("reviewed %v", c.reviewed)
	}
	c.reviewed, c.roster.Version = nil, c.roster.Version+1
	c.walk(t, 100)
	if slices.Contains(c.reviewed, c.wanting) {
		t.Errorf("after a change of the roster alone: %v", c.reviewed)
	}
}
