// Package privacy answers for what is held of a person: it knows every place
// that may hold something, gathers it, and proves that after an erasure nothing
// is left. It carries no erasure out, which is package decision's to do, and does
// not know who asks.
package privacy

import (
	"strings"
	"time"
)

// Kind is one kind of item in the table.
type Kind struct {
	PK string // how its partition key begins
	SK string // how its sort key begins; "" for any
	// What it holds of a person: Data, Reference, or Nothing.
	What Holding
	// Note says what it is, and what an erasure does with it.
	Note string
}

// Holding is what an item may hold of a person who is a lead.
type Holding string

// What items may hold.
const (
	Data      Holding = "data"      // names, addresses, what they did: an erasure removes it
	Reference Holding = "reference" // the lead's key alone, a hash that means nothing without the address
	Nothing   Holding = "nothing"
)

// Kinds lists every kind of item, those with more of their keys given first.
func Kinds() []Kind {
	return []Kind{
		{"LEAD#", "SIG#", Data, "signals as they came; removed, and those that come later are thrown away"},
		{"LEAD#", "LOG#", Data, "what was decided, and of a merge the lead as it was; removed"},
		{"LEAD#", "MSG#", Data, "where messages about the lead are in Slack; removed"},
		{"LEAD#", "DUP#", Data, "what is thought of two leads that may be one person; removed from both"},
		{"LEAD#", "LEAD", Data, "the lead, or a pointer to it; a tombstone takes its place, with keys, time, reason, and who ordered it"},
		{"ACCOUNT#", "", Data, "a company: its telephone number is removed when it is the person's; the key of the last lead stays until the next one"},
		{"ACCOUNTNAME#", "", Nothing, "names of companies; one that is called as the person, and that nobody else is of, is removed"},
		{"COMPANY#", "", Nothing, "names of companies by their beginnings; the same is removed"},
		{"FILED#", "", Reference, "under which number or name a lead is found, both hashed; removed"},
		{"IMPORT", "", Nothing, "how far an import has come: its rows are signals"},
		{"SENT#", "", Reference, "what was sent to whom of us, and what a channel said of a failure; removed with the events that it is of"},
		{"OUTCOME#", "", Reference, "what became of leads in a rollout, by key; forgotten after 30 days"},
		{"UNIT#", "", Reference, "what was counted of the leads of a rollout, by key; the person's outcomes are taken out within the hour"},
		{"COUNTED", "", Nothing, "sums of a rollout"},
		{"ROLLOUT", "", Nothing, "where the rollout stands"},
		{"POOL#", "", Reference, "how many leads whom of us has"},
		{"ROSTER", "", Nothing, "our own people"},
		{"POLICY", "", Nothing, "the policy"},
		{"SWEEP", "", Nothing, "when clocks were last looked at"},
		{"RETENTION", "", Reference, "how far the policy's retention came, by the key of a lead; forgotten when a run comes to the end of the leads"},
		{"COHORT", "", Nothing, "the day of the first lead"},
		{"SOURCE#", "", Nothing, "counts of webhooks, and the names of their fields"},
		{"NONCE#", "", Nothing, "hashes of values that a sender made once; forgotten within hours"},
		{"SESSION#", "", Nothing, "who of us is signed in"},
		{"LOGIN#", "", Nothing, "sign-ins under way"},
		{"VIEW#", "", Nothing, "lists that one of us saved, with what they filter by; the proof looks into them"},
	}
}

// KindOf returns the kind of an item; false for one that is on no list.
func KindOf(pk, sk string) (Kind, bool) {
	for _, k := range Kinds() {
		if strings.HasPrefix(pk, k.PK) && strings.HasPrefix(sk, k.SK) {
			return k, true
		}
	}
	return Kind{}, false
}

// Elsewhere is a place outside the table.
type Elsewhere struct {
	Place string
	Note  string
	Days  int // until it is forgotten by itself; 0: it is not, or it is not ours
}

// How long places keep what they have, as template.yaml says.
const (
	backupDays     = 35 // point-in-time recovery of DynamoDB
	queueDays      = 14
	deadLetterDays = 30 // StreamDeadLetters, unless DeadLetterDays says otherwise
	streamDays     = 1
)

// Places lists what is kept outside the table, and until when.
func Places() []Elsewhere {
	return []Elsewhere{
		{"backups of the table (point-in-time recovery)", "cannot be changed; a table restored from them must be erased from again", backupDays},
		{"the table's stream", "what is on its way finds the tombstone, and is thrown away", streamDays},
		{"queues and their dead letters", "what is sent back from there finds the tombstone, and is thrown away", queueDays},
		{"records of the stream that could not be worked off (S3)", "what is sent back from there finds the tombstone, and is thrown away; DeadLetterDays may say another time", deadLetterDays},
		{"logs", "hold no personal data: leads are named by their keys", 0},
		{"messages in Slack, Teams, e-mail, and what the signed webhook has received", "cannot be called back: the event lead.erased asks whoever keeps data under the lead's key to forget them", 0},
	}
}

// Until says in words until when a place keeps what it has at the time of an
// erasure; "" for one that forgets nothing by itself.
func (e Elsewhere) Until(at time.Time) string {
	if e.Days == 0 {
		return ""
	}
	return at.UTC().AddDate(0, 0, e.Days).Format(time.DateOnly)
}
