// Package routing chooses who of a pool receives a lead.
package routing

// Lead is how many parts of a balance make one lead.
const Lead int64 = 1_000_000_000

// Choose picks who of the pool receives the lead.
func Choose(Request) (Choice, bool) { return Choice{}, false }

// Release says that a lead that the rep held is open no more.
func (p Pool) Release(string, []string) Pool { return p }
