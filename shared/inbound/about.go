package inbound

import "time"

// About is what a person needs to know to connect a tool. The command line
// prints it, and the page of sources (sources.md) is generated from it.
type About struct {
	Title   string        // the tool, as it calls itself
	Paste   string        // where in the tool the webhook's address goes
	Key     string        // which secret goes where, in a sentence or two
	Choose  Choice        // who makes the secret up
	Signs   string        // what proves that the tool sent it
	Window  time.Duration // how old, or how far ahead, the time that it states may be; 0 when it states none
	EventID string        // what makes a redelivery known again
	Test    string        // what its test event is, and what becomes of it
	Retries string        // what it sends again, and for how long
	Fetches string        // what is got from the tool's API afterwards; "" when the payload says it all
	Sample  Sample        // a payload to try the address with
}

// Choice says who makes up a source's secret.
type Choice string

// Who makes up a secret.
const (
	TheyChoose    Choice = ""      // the tool shows it
	WeChoose      Choice = "token" // any random text
	WeChooseWhsec Choice = "whsec" // whsec_ and 24 to 64 random bytes in base64, as Standard Webhooks has it
)

// Sample is a payload that verifies and parses, and leaves nothing behind: its
// signals are tests, or are about nobody.
type Sample struct {
	Kind        Kind // the first of Kinds when empty
	ContentType string
	Body        string // empty when the tool's proof cannot be made by us
	Why         string // why there is none
}
