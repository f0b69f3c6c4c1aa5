package deadletter

// Advice is what an operator is told of a place.
type Advice struct {
	Title string
	Holds string // what lies there
	Todo  string // what to do about it
}

// Retryable tells whether letters of the place can be sent back.
func (p Place) Retryable() bool { return p != Schedule }

// Advice returns what an operator is told of the place.
func (p Place) Advice() Advice {
	switch p {
	case Park:
		return Advice{"Signals not stored", "Verified signals that could not be put into the table.", "Retry once the table answers. What was stored before is stored no second time."}
	case Fetch:
		return Advice{"Records not fetched", "Requests for what a webhook only names.", "Look at the reason: mostly an access token has expired. Renew it in the secret of the APIs, then retry."}
	case Stream:
		return Advice{
			"Stream records given up", "Signals and log entries whose function died or ran out of time again and again, whole.",
			"Look at the function's log, repair what it says, then retry: signals are decided about once, and events keep their ids.",
		}
	case Retry:
		return Advice{"Signals not decided", "Signals whose lead could not be decided about.", "Look at the reason, repair the policy or the code, then retry. A signal that was counted before counts no second time."}
	case Rule:
		return Advice{"Events not handed on", "Events that the bus could not put on the queue of notify.", "Repair what the reason says, then retry: they go to that queue."}
	case Notify:
		return Advice{"Events not told", "Events of which a channel did not take a message.", "Repair the channel, then retry. Channels that took the message get it no second time."}
	case Schedule:
		return Advice{"Runs missed", "Runs of a schedule that failed or were never made.", "Nothing to retry: the next run does what this one did not. Discard them when the function runs again."}
	}
	return Advice{}
}
