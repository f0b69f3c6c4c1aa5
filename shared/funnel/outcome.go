package funnel

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/rollout"
)

// Names of the outcomes whose value is no first event.
const (
	ContactHours = "time_to_first_contact"
	Workload     = "workload"
)

// rejectedFor begins the names of the outcomes that count one reason to reject.
const rejectedFor = rejectionRate + ": "

const rejectionRate = "rejection_rate"

// MostDays is the longest window that an outcome can have.
const MostDays = 400

// Outcome is something that a phase can be judged by, measured on one unit that
// was drawn: where it has several leads, on the first of them to which the event
// happens, and for hours on the first that was enrolled. Where groups of leads
// are drawn, each lead is measured, and the group has their mean.
type Outcome struct {
	Name       string            // in a policy, in evidence and on pages
	Label      string            // a few words for a heading
	Definition string            // one sentence
	Measure    rollout.Measure   // of a unit: had it or not, or a number
	In         string            // what the value is in: share, hours or units
	Direction  rollout.Direction // which way it is better
	// Days is the window: how many days after its enrolment a unit's outcome is
	// known. What happens later is not counted, and no unit counts before, whatever
	// is known of it: else quick successes would count before slow failures.
	Days int
	// Event is what must have happened to a lead of the unit within the window;
	// with Absent, what must not have.
	Event  Event
	Absent bool
	Reason string // of rejections: this one only
	// Asked is what only the process asks for, so that control has none: it can be
	// compared with a threshold, and not with control.
	Asked bool
}

// Outcomes lists all outcomes in the order of the journey. Beside them there is
// one for each reason to reject, see Find.
func Outcomes() []Outcome {
	return append(asked(), comparable()...)
}

// asked are the outcomes of what only the process asks for.
func asked() []Outcome {
	return []Outcome{
		{
			Name: "acceptance", Label: "Accepted", Direction: rollout.Higher, Measure: rollout.Share, In: "share", Days: 7, Event: Accepted, Asked: true,
			Definition: "A rep took the lead, by an answer or by contacting it, within 7 days of its enrolment.",
		},
		{
			Name: "sla_compliance", Label: "Promises kept", Direction: rollout.Higher, Measure: rollout.Share, In: "share", Days: 7, Event: Late, Absent: true, Asked: true,
			Definition: "Within 7 days of the enrolment no deadline to answer or to make the first contact passed without it, in the hours of its clock.",
		},
		{
			Name: rejectionRate, Label: "Given back", Direction: rollout.Lower, Measure: rollout.Share, In: "share", Days: 14, Event: Rejected, Asked: true,
			Definition: "A rep gave the lead back, for whatever reason, within 14 days of its enrolment.",
		},
		{
			Name: Workload, Label: "Workload per rep", Direction: rollout.Lower, Measure: rollout.Mean, In: "units", Days: 1, Event: HandedOff, Asked: true,
			Definition: "How many new units a rep was given on a day, over the days on which they were given any.",
		},
	}
}

// comparable are the outcomes that control has, too.
func comparable() []Outcome {
	return []Outcome{
		{
			Name: "contact_rate", Label: "Contacted", Direction: rollout.Higher, Measure: rollout.Share, In: "share", Days: 14, Event: Contacted,
			Definition: "A person of ours called, wrote or met the lead within 14 days of its enrolment.",
		},
		{
			Name: ContactHours, Label: "Time to first contact", Direction: rollout.Lower, Measure: rollout.Mean, In: "hours", Days: 14, Event: Contacted,
			Definition: "The company's working hours from the enrolment to the first contact; 40 for who was contacted later, or not within 14 days.",
		},
		{
			Name: "meeting_rate", Label: "Meeting", Direction: rollout.Higher, Measure: rollout.Share, In: "share", Days: 30, Event: Meeting,
			Definition: "A meeting was booked within 30 days of the enrolment, whether or not it was canceled later.",
		},
		{
			Name: "opportunity_rate", Label: "Opportunity", Direction: rollout.Higher, Measure: rollout.Share, In: "share", Days: 60, Event: Opportunity,
			Definition: "A deal was opened, won or lost within 60 days of the enrolment.",
		},
		{
			Name: "win_rate", Label: "Won", Direction: rollout.Higher, Measure: rollout.Share, In: "share", Days: 180, Event: Won,
			Definition: "A deal was won within 180 days of the enrolment.",
		},
		{
			Name: "loss_rate", Label: "Lost", Direction: rollout.Lower, Measure: rollout.Share, In: "share", Days: 180, Event: Lost,
			Definition: "A deal was lost within 180 days of the enrolment.",
		},
	}
}

// Find returns an outcome by its name, such as "meeting_rate". "rejection_rate: too_early"
// is the share that was given back for that reason, and "meeting_rate within 14 days"
// is an outcome with another window, of 1 to MostDays days. Kind: Invalid, with
// the names that there are.
func Find(name string) (Outcome, error) {
	base, window, cut := strings.Cut(name, " within ")
	o, err := find(base)
	if err != nil || !cut {
		return o, err
	}
	number, unit, _ := strings.Cut(window, " ")
	days, err := strconv.Atoi(number)
	if err != nil || (unit != "days" && unit != "day") || days < 1 || days > MostDays || o.Name == Workload {
		return Outcome{}, fault.New(fault.Invalid, "the outcome %q cannot be: write one such as \"meeting_rate within 14 days\", of 1 to %d days", name, MostDays)
	}
	return o.within(days), nil
}

func find(name string) (Outcome, error) {
	all := Outcomes()
	reason, ofReason := strings.CutPrefix(name, rejectedFor)
	if ofReason {
		name = rejectionRate
	}
	i := slices.IndexFunc(all, func(o Outcome) bool { return o.Name == name })
	if i < 0 || (ofReason && reason == "") {
		var names []string
		for _, o := range all {
			names = append(names, o.Name)
		}
		return Outcome{}, fault.New(fault.Invalid, "there is no outcome %q; there are %s and \"%sREASON\"", name, strings.Join(names, ", "), rejectedFor)
	}
	o := all[i]
	if ofReason {
		o.Name, o.Reason = rejectedFor+reason, reason
		o.Label += ": " + strings.ReplaceAll(reason, "_", " ")
		o.Definition = strings.Replace(o.Definition, "for whatever reason", "the first time for the reason "+reason, 1)
	}
	return o, nil
}

// within returns the outcome with another window, and a name that says so.
func (o Outcome) within(days int) Outcome {
	old := fmt.Sprintf("%d days", o.Days)
	now := "1 day"
	if days != 1 {
		now = fmt.Sprintf("%d days", days)
	}
	o.Definition = strings.Replace(o.Definition, old, now, 1)
	o.Name, o.Days = o.Name+" within "+now, days
	return o
}

// Window is how old a unit must be before its outcome is known.
func (o Outcome) Window() time.Duration { return time.Duration(o.Days) * 24 * time.Hour }

// Known tells whether the outcome of a unit that was enrolled at a time is known
// at now. Before, the unit is censored.
func (o Outcome) Known(enrolled, now time.Time) bool { return !now.Before(enrolled.Add(o.Window())) }

// MeasureOf returns how the outcome is measured where that unit is drawn: groups
// of leads have means of what is a share of leads.
func (o Outcome) MeasureOf(unit string) rollout.Measure {
	if (Enrolment{Unit: unit}).Grouped() {
		return rollout.Mean
	}
	return o.Measure
}
