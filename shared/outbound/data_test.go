package outbound

import (
	"strings"
	"testing"

	"github.com/handoff-oss/handoff/shared/contract"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/policy"
)

// A message about a lead that waits for data says what lacks and what to do, and
// once that is over, that nothing is to be done.
func TestAMessageAboutMissingData(t *testing.T) {
	l := known()
	l.Journey = lead.Journey{Stage: lead.Qualified, Incomplete: &lead.Incomplete{
		Handoff: lead.Handoff{Number: 1, Pool: "inbound", Waits: at}, Missing: []policy.Need{"phone", "website or industry"},
	}}
	e := happened(contract.LeadIncomplete, contract.Detail{Reason: "Asked for a demo", Parts: parts(), Missing: []string{"phone", "website or industry"}})
	in := Input{Event: e, Lead: l, Policy: team(), To: []Recipient{toNoor()}, Links: answers()[3:]}
	got := said(in)
	for _, want := range []string{"Data is missing (phone; website or industry)", "the phone and the website or industry are not known", "hand the lead off as it is", "Asked for a demo"} {
		if !strings.Contains(got, want) {
			t.Errorf("the message does not say %q:\n%s", want, got)
		}
	}
	over := known()
	in.Lead = over
	if got := said(in); !strings.Contains(got, "No longer waiting for data") || !strings.Contains(got, "It is with Maya Lind now.") {
		t.Errorf("afterwards:\n%s", got)
	}
}

// A rep hears that a person is forgotten, and why where that matters to them.
func TestAMessageAboutAnErasedLead(t *testing.T) {
	for reason, want := range map[lead.Reason]string{
		lead.OnRequest:   "is erased at the person's wish. Everything",
		lead.OnObjection: "is erased, because the person objects to the use of their data. Everything",
		lead.OverTime:    "is erased. Everything",
		lead.ByMistake:   "is erased. Everything",
	} {
		e := happened(contract.LeadErased, contract.Detail{Handoff: &contract.HandoffRef{Number: 1, Pool: "inbound", Rep: "maya"}, Reason: string(reason)})
		in := Input{Event: e, Lead: &lead.Lead{Key: key}, Policy: team(), To: []Recipient{toMaya()}}
		if got := said(in); !strings.Contains(got, "Maya Lind, a lead that was yours "+want) {
			t.Errorf("the message about %s does not say %q:\n%s", reason, want, got)
		}
	}
}

// Of a lead that nobody had only systems hear.
func TestAMessageAboutAnErasedLeadOfNobody(t *testing.T) {
	in := Input{Event: happened(contract.LeadErased, contract.Detail{Reason: string(lead.OnRequest)}), Lead: &lead.Lead{Key: key}, Policy: team()}
	if got := said(in); strings.Contains(got, "yours") || !strings.Contains(got, "A lead is erased at the person's wish. Everything about the person is forgotten here.") {
		t.Errorf("the message says\n%s", got)
	}
}

// said is what a reader reads first of a message.
func said(in Input) string {
	m := New(in)
	return strings.Join([]string{m.Subject, m.Intro, m.Why}, "\n")
}
