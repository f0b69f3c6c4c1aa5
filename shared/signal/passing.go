package signal

// Passing tells whether the signal says nothing but that something was done at a
// time, so that nothing is lost of a person when it is forgotten after it has
// ceased to count: a visit, an event, what became of an e-mail. One that says who
// the person is, or what they agree to, is none.
func (s Signal) Passing() bool {
	switch s.Type { //nolint:exhaustive // All others say more.
	case PageViewed, EventTracked, EmailDelivered, EmailOpened, EmailClicked:
		return len(s.Lead) == 0 && len(s.Consents()) == 0
	}
	return false
}
